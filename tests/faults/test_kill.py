"""kill -9 at random moments of writing: what was acknowledged is there, nothing is half there."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest

from book.journals import NOON, given
from faults.writer import batch, numbered, opened, part
from postgres import Server
from underwriter.book.journal import events, exists, reader_of
from underwriter.book.layout import Head
from underwriter.book.place import Place, Url
from underwriter.book.verify import verify

TESTS = Path(__file__).parent.parent
MOMENTS = 20  # of each engine in `make test`; ten times as many in `make proof`


class Writer:
    """The program whose children write, one after another."""

    def __init__(self, place: Place, notes: Path) -> None:
        found = os.environ.get("PYTHONPATH")
        path = os.pathsep.join(filter(None, [str(TESTS), found]))
        engine = ["postgresql"] if isinstance(place, Url) else []
        self._place, self._notes = place, notes
        self._program = subprocess.Popen(
            [sys.executable, TESTS / "faults" / "writer.py", *engine],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, seed: int, how: str = "append") -> None:
        """Let a child write."""
        assert self._program.stdin is not None
        line = "\t".join([given(self._place), str(self._notes), str(seed), how])
        print(line, file=self._program.stdin, flush=True)
        ready, process = self._said().split()
        assert ready == "ready"
        self._child = int(process)

    def wait_until_it_wrote(self) -> None:
        """Wait for the first batch of the child that was acknowledged."""
        assert self._said() == "wrote\n"

    def killed(self, status: int = -signal.SIGKILL) -> list[tuple[Head, int]]:
        """Kill the child, or see it end otherwise; the heads it noted, and in which journal."""
        if status == -signal.SIGKILL:
            os.kill(self._child, signal.SIGKILL)
        told = self._said()
        assert int(self._said() if told == "wrote\n" else told) == status
        noted = [line.split() for line in self._whole_notes().splitlines()]
        return [(Head(int(at), bytes.fromhex(digest)), int(of)) for at, digest, of in noted]

    def _whole_notes(self) -> str:
        """The lines noted; a kill may cut a write where a page ends, and what it cut goes."""
        text = self._notes.read_text()
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self._notes.write_text(whole)
        return whole

    def _said(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.communicate()
        assert self._program.returncode == 0


def require_whole(place: Place, after: int) -> int:
    """Every batch after a sequence is there whole; the last sequence."""
    told = [(at, event.id or "") for at, event in events(place, after)]
    while told:
        first, size, _ = map(int, told[0][1].split(":"))
        due = [(first + i, f"{first}:{size}:{i}") for i in range(size)]
        assert told[:size] == due, "a batch is half there"
        told = told[size:]
        after = first + size - 1
    return after


def require_kept(place: Place, acknowledged: Head) -> None:
    """The journal is sound, and goes through a head that was acknowledged."""
    report = verify(place)
    assert report.ok, report.findings
    assert report.head.sequence >= acknowledged.sequence
    with closing(reader_of(place)) as reader:
        ((_, row),) = reader.rows(acknowledged.sequence - 1, 1)
    assert row.hash == acknowledged.hash


def survives(place: Place, folder: Path, series: int) -> None:
    """A journal whose writers are killed one after another, each going on where one was killed."""
    checked = 0
    with Writer(place, folder / "notes") as writer:
        for moment in range(MOMENTS):
            writer.start(series * MOMENTS + moment)
            if moment % 4:  # of every fourth it may be while it opens or makes the journal
                writer.wait_until_it_wrote()
            time.sleep(0.06 * part(series, moment))
            acknowledged = writer.killed()
            if acknowledged:
                require_kept(place, acknowledged[-1][0])
            if exists(place):
                checked = require_whole(place, checked)
    with opened(place) as journal:
        assert journal.head.sequence >= checked > MOMENTS
        last = journal.append(batch(journal.head.sequence, 3), NOON).sequence
    assert require_whole(place, checked) == last
    assert verify(place).ok


def test_t82_every_acknowledged_event_outlives_its_writer(place: Place, tmp_path: Path) -> None:
    survives(place, tmp_path, 0)


@pytest.mark.proof
@pytest.mark.parametrize("series", range(1, 11))
def test_t82_every_acknowledged_event_outlives_its_writer_at_length(
    place: Place, tmp_path: Path, series: int
) -> None:
    survives(place, tmp_path, series)


@pytest.mark.parametrize("moments", [4, pytest.param(40, marks=pytest.mark.proof)])
def test_t82_a_journal_that_is_being_made_or_closed_is_there_or_can_be_made(
    place: Place, tmp_path: Path, moments: int
) -> None:
    with Writer(place, tmp_path / "notes") as writer:
        for moment in range(moments):
            writer.start(moment, "create")
            time.sleep(0.1 * part(82, moment))
            acknowledged = {of: head for head, of in writer.killed()}
            first = moment * 1_000 + 1
            for of in range(first, max([first - 1, *acknowledged]) + 2):
                made = numbered(place, of)
                if of in acknowledged:
                    require_kept(made, acknowledged[of])
                with opened(made) as journal:
                    journal.append(batch(journal.head.sequence, 2), NOON)
                require_whole(made, 0)
                assert verify(made).ok


@pytest.mark.parametrize("moments", [2, pytest.param(40, marks=pytest.mark.proof)])
def test_t82_a_server_that_is_killed_keeps_what_it_acknowledged(
    server: Server, tmp_path: Path, moments: int
) -> None:
    place, checked = server.url(), 0
    with Writer(place, tmp_path / "notes") as writer:
        for moment in range(moments):
            writer.start(moment)
            writer.wait_until_it_wrote()
            time.sleep(0.1 * part(821, moment))
            server.kill()
            acknowledged = writer.killed(status=1)
            server.start()
            require_kept(place, acknowledged[-1][0])
            checked = require_whole(place, checked)
