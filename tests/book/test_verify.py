"""What `verify` says of a journal, sound or altered, and that nothing is touched by looking."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from book.findings import codes, sequences
from book.journals import NOON, filled, flip, killed, opening, write
from underwriter.book import verify as module
from underwriter.book.head import head_path
from underwriter.book.journal import Journal
from underwriter.book.layout import beside
from underwriter.book.verify import Report, verify
from underwriter.core.errors import JournalError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "book.journal")


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


State = dict[str, tuple[int, bytes]]


def state(folder: Path) -> State:
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()}


# sound journals


def test_a_sound_journal_is_said_to_be_sound(path: Path) -> None:
    with Journal.open(path) as journal:
        assert verify(path) == Report(6, journal.head, (), "")
    assert verify(path).ok


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    report = verify(write(tmp_path / "empty", []))
    assert report.ok
    assert (report.events, report.head.sequence) == (0, 0)


def test_a_long_journal_with_interior_pages_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "book.journal"
    with Journal.create(path) as journal:
        for start in range(0, 3_000, 500):
            journal.append(opening() + [filled(i) for i in range(start, start + 500)], NOON)
        assert verify(path).ok
    report = verify(path)
    assert report.ok
    assert report.events == 3_036


@pytest.mark.parametrize("moment", ["at rest", "between commit and head", "in mid-append"])
@pytest.mark.parametrize("harm", [None, "-wal", ".head"])
def test_verifying_touches_no_file(tmp_path: Path, moment: str, harm: str | None) -> None:
    path = killed(tmp_path / "book.journal", moment)
    if harm:
        flip(beside(path, harm), 40)
    before = state(tmp_path)
    assert verify(path).ok == (harm is None)
    assert state(tmp_path) == before


def test_verifying_a_closed_journal_touches_no_file(path: Path) -> None:
    before = state(path.parent)
    assert verify(path).ok
    flip(path, 5_000)
    before = state(path.parent)
    verify(path)
    assert state(path.parent) == before


# altered events


@pytest.mark.parametrize(
    "setting",
    [
        "at = at + 1",
        "received = received - 1",
        "schema = 0",
        "schema = 1",
        "kind = 'expired'",
        "kind = CAST('filled' AS TEXT) || ' '",
        "payload = CAST(payload || x'20' AS BLOB)",
        "payload = CAST(replace(CAST(payload AS TEXT), '85000000', '95000000') AS BLOB)",
        "hash = zeroblob(32)",
        "hash = x'00'",
        "at = 0",
        "at = 1",
    ],
)
def test_an_altered_column_names_its_event(path: Path, setting: str) -> None:
    change(path, f"UPDATE event SET {setting} WHERE sequence = 4")  # noqa: S608
    report = verify(path)
    assert codes(report) == ["changed"]
    assert sequences(report) == {4}


def test_an_altered_last_hash_is_found_twice_over(path: Path) -> None:
    change(path, "UPDATE event SET hash = zeroblob(32) WHERE sequence = 6")
    report = verify(path)
    assert codes(report) == ["changed", "head"]
    assert sequences(report) == {6}


def test_a_chain_forged_to_its_end_does_not_fit_the_head(path: Path, tmp_path: Path) -> None:
    forged = opening()
    forged[1] = filled(5)
    other = write(tmp_path / "other", forged)
    shutil.copyfile(other, path)
    report = verify(path)
    assert codes(report) == ["head"]
    assert sequences(report) == {6}


def test_a_removed_event_is_a_gap(path: Path) -> None:
    change(path, "DELETE FROM event WHERE sequence = 3")
    report = verify(path)
    assert codes(report) == ["missing"]
    assert sequences(report) == {3}
    assert report.events == 5


def test_a_renumbered_event_is_named_by_its_place(path: Path) -> None:
    change(path, "UPDATE event SET sequence = 9 WHERE sequence = 6")
    report = verify(path)
    assert codes(report) == ["changed"]
    assert sequences(report) == {6}


def test_events_that_changed_places_are_both_named(path: Path) -> None:
    change(
        path,
        "UPDATE event SET sequence = 100 WHERE sequence = 4",
        "UPDATE event SET sequence = 4 WHERE sequence = 5",
        "UPDATE event SET sequence = 5 WHERE sequence = 100",
    )
    report = verify(path)
    assert codes(report) == ["changed", "changed"]
    assert sequences(report) == {4, 5}


@pytest.mark.parametrize("removed", [1, 2, 6])
def test_a_removed_tail_is_found_from_its_first_event(path: Path, removed: int) -> None:
    change(path, f"DELETE FROM event WHERE sequence > {6 - removed}")  # noqa: S608
    report = verify(path)
    assert "tail" in codes(report) or "page" in codes(report)
    assert not report.ok
    if removed < 6:
        assert sequences(report) == {7 - removed}


def test_a_table_that_was_added_is_found(path: Path) -> None:
    change(path, "CREATE TABLE other (a)")
    assert "page" in codes(verify(path))


def test_reading_stops_after_many_findings(tmp_path: Path) -> None:
    path = write(tmp_path / "book.journal", [filled(i) for i in range(300)])
    change(path, "UPDATE event SET received = 0")
    report = verify(path)
    assert len(report.findings) == 101
    assert report.findings[-1].text.endswith("stopped after 100 findings (after event 100)")


# heads that do not fit


def test_a_missing_head_is_found(path: Path) -> None:
    head_path(path).unlink()
    report = verify(path)
    assert codes(report) == ["head"]
    assert "restore it from a copy" in report.findings[0].text


def test_the_head_of_another_journal_is_found(path: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", [filled(i) for i in range(3)])
    shutil.copyfile(head_path(other), head_path(path))
    report = verify(path)
    assert codes(report) == ["head"]
    assert sequences(report) == {3}


# a writer at work


def test_a_journal_written_to_meanwhile_is_not_judged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Callable[[Path], Report] = module._verified

    def slow(path: Path) -> Report:
        report = read(path)
        with Journal.open(path) as journal:
            journal.append([filled(9)], NOON)
        return report

    monkeypatch.setattr(module, "_verified", slow)
    with pytest.raises(JournalError, match="written to while it was read"):
        verify(path)
