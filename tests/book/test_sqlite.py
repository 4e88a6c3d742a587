"""A journal in a file: its head, its lock, its log, and what becomes of a full disk."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from book.journals import NOON, filled, flip, killed, opening, write
from underwriter.book import head as head_module
from underwriter.book import lock
from underwriter.book import sqlite as module
from underwriter.book.journal import Journal, events
from underwriter.book.layout import GENESIS, beside
from underwriter.book.lock import hold, release
from underwriter.book.sqlite import SqliteStore
from underwriter.book.verify import verify
from underwriter.book.wal import read_log
from underwriter.core.errors import InputError, JournalError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.journal"


def store_of(journal: Journal) -> SqliteStore:
    assert isinstance(journal._store, SqliteStore)
    return journal._store


def names(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()}


def test_closing_leaves_the_journal_and_its_head_alone(path: Path) -> None:
    write(path)
    assert names(path) == {"book.journal", "book.journal.head"}


def test_t82_a_full_disk_refuses_the_batch_and_keeps_the_journal(path: Path) -> None:
    with Journal.create(path) as journal:
        journal.append(opening(), NOON)
        store_of(journal).connection.execute("PRAGMA max_page_count = 12")
        store_of(journal).connection.execute("PRAGMA cache_size = 4")
        with pytest.raises(JournalError, match=r"after event 6.*full; nothing of the batch"):
            journal.append([filled(i) for i in range(1_000)], NOON)
        assert journal.append([filled(2)], NOON).sequence == 7
        assert [sequence for sequence, _ in journal.read()] == [1, 2, 3, 4, 5, 6, 7]
    report = verify(path)
    assert report.ok
    assert report.events == 7


def test_an_interrupt_in_mid_append_leaves_nothing(path: Path) -> None:
    with Journal.create(path) as journal:
        store_of(journal).connection.set_progress_handler(_interrupt, 500)
        with pytest.raises(JournalError, match="nothing of the batch"):
            journal.append([filled(i) for i in range(1_000)], NOON)
        store_of(journal).connection.set_progress_handler(None, 0)
        with pytest.raises(KeyboardInterrupt), store_of(journal)._transaction():
            raise KeyboardInterrupt
        assert journal.append([filled(2)], NOON).sequence == 1
    assert verify(path).ok


def _interrupt() -> int:
    return 1


def test_a_head_that_cannot_be_written_is_said_and_the_events_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "book.journal.head")

    with Journal.create(path) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(module, "advance_head", full)
            with pytest.raises(JournalError, match="events to 1 are written, but not its head"):
                journal.append([filled(1)], NOON)
        assert "1 events are written after the head" in verify(path).note
        assert journal.append([filled(2)], NOON).sequence == 2
    assert verify(path).note == ""


def test_a_disk_that_is_full_when_it_is_opened_is_said_and_nothing_is_left(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    write(path)
    before = {name: (path.parent / name).read_bytes() for name in names(path)}
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(JournalError, match="expected room to write beside it") as refused:
            Journal.open(path)
    assert "No space left on device; nothing was lost" in str(refused.value)
    assert {name: (path.parent / name).read_bytes() for name in names(path)} == before
    with Journal.open(path) as journal:
        assert journal.head.sequence == 6


def test_a_reader_waits_for_a_writer_whose_disk_is_slow_to_close(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite locks everybody out while the last writer closes: that is no damage, and passes."""
    write(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as closes:
        closes.execute("PRAGMA locking_mode = EXCLUSIVE")
        closes.execute("BEGIN EXCLUSIVE")
        closes.execute("ROLLBACK")
        with monkeypatch.context() as patch:
            patch.setattr(module, "_WAITS", 0.01)
            with pytest.raises(JournalError, match="locked"):
                list(events(path))
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: len(list(events(path))))
            with pytest.raises(TimeoutError):
                reading.result(1.5)  # longer than a writer waits for anybody
            closes.close()
            assert reading.result(240) == 6


@pytest.mark.parametrize("meanwhile", ["begins", "ends"])
def test_t05_a_writer_that_just_begins_or_ends_is_told_in_a_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """It holds the lock before it says who it is, and takes what it said away with it."""
    write(path)

    def held(*_: int) -> None:
        if meanwhile == "ends":
            beside(path, ".lock").unlink()
        raise BlockingIOError

    monkeypatch.setattr(lock.fcntl, "flock", held)
    with pytest.raises(JournalError) as refused:
        Journal.open(path)
    said = "expected no other writer, found a process that has just begun or ended writing to it"
    assert said in str(refused.value)


def test_a_file_of_another_format_is_refused(path: Path) -> None:
    write(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(JournalError, match="expected format 1, found 7"):
        Journal.open(path)


def test_what_is_no_journal_is_refused_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("not a journal")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE event (sequence INTEGER PRIMARY KEY)")
    for path in (tmp_path / "missing", tmp_path, text, other):
        for read in (Journal.open, verify, lambda path: list(events(path))):
            with pytest.raises(InputError) as refused:
                read(path)
            assert str(path) in str(refused.value)
            assert "\n" not in str(refused.value)
    assert names(text) == {"text", "other.db"}


def test_a_journal_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder to write in"):
        Journal.create(tmp_path / "nowhere" / "book.journal")


def test_the_head_of_a_journal_that_is_gone_is_not_written_over(path: Path) -> None:
    write(path)
    path.unlink()
    with pytest.raises(InputError, match="head of a journal that is gone"):
        Journal.create(path)


def test_creation_that_was_cut_short_can_be_repeated(path: Path) -> None:
    head_module.write_head(path, GENESIS, 0)
    path.with_name(path.name + ".new").write_bytes(b"half")
    write(path)
    assert verify(path).ok


def test_a_lock_removed_by_its_last_holder_is_taken_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = path.with_name(path.name + ".lock")
    flock = module.hold.__globals__["fcntl"].flock
    calls = []

    def late(handle: int, how: int) -> None:
        if len(calls) == 0:
            lock.unlink()
        elif len(calls) == 1:
            lock.unlink()
            lock.touch()
        calls.append(handle)
        flock(handle, how)

    monkeypatch.setattr("fcntl.flock", late)
    release(path, hold(path))
    assert len(calls) == 3
    assert not lock.exists()


def test_a_reader_that_holds_the_log_back_does_no_harm(path: Path) -> None:
    with Journal.create(path) as journal:
        journal.append(opening(), NOON)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM event").fetchone()
            store_of(journal)._fold_log()
            journal.append([filled(i) for i in range(100)], NOON)
            assert verify(path).ok
        journal.append([filled(i) for i in range(100)], NOON)
        assert verify(path).ok
    assert verify(path).ok
    assert names(path) == {"book.journal", "book.journal.head"}


def _without_tail(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM event WHERE sequence > 4")


def _without_middle(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM event WHERE sequence = 6")
        connection.execute("UPDATE event SET sequence = 6 WHERE sequence = 5")


def _without_head(path: Path) -> None:
    path.with_name(path.name + ".head").unlink()


def _with_a_torn_page(path: Path) -> None:
    flip(path, 4096)


@pytest.mark.parametrize("harm", [_without_tail, _without_middle, _without_head, _with_a_torn_page])
def test_a_journal_that_does_not_agree_with_its_head_is_not_written_to(
    path: Path, harm: Callable[[Path], None]
) -> None:
    write(path)
    harm(path)
    before = {name: (path.parent / name).read_bytes() for name in names(path)}
    with pytest.raises(JournalError) as refused:
        Journal.open(path)
    assert "\n" not in str(refused.value)
    assert {name: (path.parent / name).read_bytes() for name in names(path)} == before
    assert not verify(path).ok


def test_an_altered_log_is_refused_before_sqlite_drops_it(path: Path) -> None:
    killed(path)
    log = path.with_name(path.name + "-wal")
    flip(log, read_log(log).length - 1)
    before = log.read_bytes()
    with pytest.raises(JournalError, match="write-ahead log"):
        Journal.open(path)
    assert log.read_bytes() == before


def test_a_reader_of_a_damaged_file_is_told_so(path: Path) -> None:
    write(path)
    flip(path, 4096)
    with pytest.raises(JournalError, match="expected a sound file"):
        list(events(path))


def test_a_journal_that_is_a_database_no_more_is_refused(path: Path) -> None:
    write(path)
    with path.open("r+b") as file:
        file.truncate(100)
    with pytest.raises(JournalError, match="nothing is mended"):
        Journal.open(path)


@pytest.mark.parametrize(
    ("moment", "kept", "note"),
    [
        ("at rest", 8, ""),
        ("between commit and head", 18, "10 events are written after the head"),
        ("in mid-append", 8, "unfinished commit"),
        ("while closing", 8, ""),
    ],
)
def test_t82_a_killed_writer_loses_nothing_it_acknowledged(
    path: Path, moment: str, kept: int, note: str
) -> None:
    killed(path, moment)
    report = verify(path)
    assert report.ok, report.findings
    assert report.events == kept
    assert note in report.note
    assert bool(note) == bool(report.note)
    with Journal.open(path) as journal:
        assert journal.head.sequence == kept
        journal.append([filled(99)], NOON)
    report = verify(path)
    assert report.ok
    assert (report.events, report.note) == (kept + 1, "")
