"""What tests of `trade`, `watch`, `desk` and `shadow` share: a desk on the demo history."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from report.json_schema import breaks
from underwriter.book.event import AnyEvent, Approved, Filled, Marked, Refused
from underwriter.book.journal import events as read_journal

COMMAND = [sys.executable, "-c", "from underwriter.app.cli.main import main; main()"]
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
PAPER = ("trade", "wheel-index", "--paper")
WEEK = ("--from", "2018-12-03", "--to", "2018-12-07")
MONTH = ("--from", "2018-12-03", "--to", "2018-12-31")


def folder(home: Path) -> Path:
    """Where a replay of the shipped policy is kept."""
    return home / "replays" / "wheel-index"


def journal(home: Path) -> Path:
    """The book of that replay."""
    return folder(home) / "journal.db"


def told(path: Path) -> list[AnyEvent]:
    """The events of a journal."""
    return [event for _, event in read_journal(path)]


def broken(name: str, value: dict[str, Any]) -> list[str]:
    """How a value breaks the schema of that name."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return breaks(value, schema, schema)


def decisions(events: list[AnyEvent]) -> list[tuple]:
    """What was approved and refused, in order."""
    return [
        (type(one).__name__, one.session, one.sleeve, one.action, one.option, one.legs, one.why)
        for one in events
        if isinstance(one, Approved | Refused)
    ]


def fills(events: list[AnyEvent]) -> list[tuple]:
    """What changed hands, to the millionth."""
    return sorted(
        (one.session, one.sleeve, one.option or "", one.quantity, one.shares, one.amount_u,
         one.fee_u)
        for one in events
        if isinstance(one, Filled)
    )  # fmt: skip


def evenings(events: list[AnyEvent]) -> list[tuple]:
    """Equity and cash, session by session."""
    return [(one.session, one.equity_u, one.cash_u) for one in events if isinstance(one, Marked)]


@contextmanager
def running(*words: str, pipesize: int = -1) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, once something has happened; what it said of it.

    With a small pipe it cannot end before it is heard, if it says more than goes into that.
    """
    with subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pipesize=pipesize,
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        try:
            yield process, first
        finally:
            process.kill()
