"""A log that is written to: room beforehand, begun anew where it is long, followed to its end."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from book.journals import NOON, filled, opening
from underwriter.book import open_log
from underwriter.book import sqlite as module
from underwriter.book.event import AnyEvent
from underwriter.book.head import read_head
from underwriter.book.journal import Journal, events
from underwriter.book.layout import PAGE, beside
from underwriter.book.open_log import LIMIT
from underwriter.book.sqlite import SqliteStore
from underwriter.book.verify import verify
from underwriter.book.wal import read_log
from underwriter.core.errors import JournalError

FRAME = 24 + PAGE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.create(path) as made:
        yield made


def connection(journal: Journal) -> sqlite3.Connection:
    assert isinstance(journal._store, SqliteStore)
    return journal._store.connection


def test_commits_do_not_make_the_file_grow_into_room(path: Path, journal: Journal) -> None:
    for i in range(40):
        journal.append([filled(i)], NOON)
    log = beside(path, "-wal")
    sizes = set()
    for i in range(20):
        journal.append([filled(i)], NOON)
        sizes.add(log.stat().st_size)
        assert read_head(path)[1] == read_log(log).length
    assert len(sizes) <= 2
    assert (max(sizes) - 32) % FRAME == 0


def long() -> list[AnyEvent]:
    """A batch that makes a log long: of each event goes on over pages of its own."""
    return [opening()[0]] * 600


def test_a_long_log_is_begun_anew_and_every_event_is_there(path: Path, journal: Journal) -> None:
    log = beside(path, "-wal")
    begun = set()
    for _ in range(8):
        count = journal.append(long()[:200], NOON).sequence
        begun.add(log.read_bytes()[16:24])
        assert read_head(path)[1] in {0, read_log(log).length}
        assert log.stat().st_size < 2 * LIMIT
    assert len(begun) > 1
    report = verify(path)
    assert (report.ok, report.events, report.note) == (True, count, "")


def test_a_reader_makes_nobody_wait_and_the_log_goes_on(path: Path, journal: Journal) -> None:
    journal.append(opening(), NOON)
    store, log = connection(journal), beside(path, "-wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchone()
        store.execute("PRAGMA busy_timeout = 60000")  # who waits for the reader waits for good
        for _ in range(3):
            journal.append(long(), NOON)
        store.execute("PRAGMA busy_timeout = 1000")
        assert log.stat().st_size > 3 * LIMIT
        assert reader.execute("SELECT count(*) FROM event").fetchone() == (6,)
    for _ in range(3):
        journal.append(long(), NOON)
    assert log.stat().st_size < 3 * LIMIT
    assert (verify(path).ok, verify(path).events) == (True, 6 + 6 * 600)


def test_what_was_rolled_back_is_not_taken_for_a_commit(path: Path, journal: Journal) -> None:
    journal.append(opening(), NOON)
    link = connection(journal)
    link.execute("PRAGMA cache_size = 4")
    link.execute("PRAGMA max_page_count = 60")
    with pytest.raises(JournalError, match="nothing of the batch"):
        journal.append([filled(i) for i in range(1_000)], NOON)
    link.execute("PRAGMA max_page_count = 1000000")
    journal.append([filled(1)], NOON)
    assert verify(path).ok
    for i in range(3):
        journal.append([filled(i)], NOON)
        assert read_head(path)[1] == read_log(beside(path, "-wal")).length
    report = verify(path)
    assert (report.ok, report.events, report.note) == (True, 10, "")


def test_a_log_that_another_program_removed_is_said_and_loses_nothing(path: Path) -> None:
    journal = Journal.create(path)
    journal.append(opening(), NOON)
    beside(path, "-wal").unlink()
    with pytest.raises(JournalError, match="events to 7 are written, but another program removed"):
        journal.append([filled(1)], NOON)
    journal.close()
    assert verify(path).ok
    assert len([*events(path)]) == 7


def test_a_log_that_cannot_be_folded_is_left_for_the_next_writer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    journal = Journal.create(path)
    journal.append(opening(), NOON)
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_head", full)
        journal.append(long(), NOON)  # to be folded, which is put off
        with pytest.raises(JournalError, match="to 606 are written, but its log could not"):
            journal.close()
    assert verify(path).ok
    with Journal.open(path) as again:
        assert again.head.sequence == 606


def test_where_there_is_no_room_to_make_beforehand_commits_go_on(
    path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(opening(), NOON)
    before = beside(path, "-wal").stat().st_size
    write = os.pwrite

    def full(file: int, data: bytes, at: int) -> int:
        if len(data) >= FRAME:
            raise OSError(28, "No space left on device")
        return write(file, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    for i in range(20):
        journal.append([filled(i)], NOON)
    assert verify(path).ok
    assert beside(path, "-wal").stat().st_size > before


def test_no_room_is_made_on_a_disk_that_has_not_plenty(
    path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_log, "_PLENTY", 1 << 60)
    for i in range(20):
        journal.append([filled(i)], NOON)
        log = beside(path, "-wal")
        assert log.stat().st_size == read_log(log).length == read_head(path)[1]
