"""What `verify` says of a journal, sound or altered, and that nothing is touched by looking."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from book.engines import change, stored
from book.findings import codes, sequences
from book.journals import NOON, filled, flip, killed, opening, write
from underwriter.book import sqlite_verify as module
from underwriter.book.head import head_path
from underwriter.book.journal import Journal
from underwriter.book.layout import beside
from underwriter.book.place import Place
from underwriter.book.stored import encode
from underwriter.book.trail import Report
from underwriter.book.verify import verify
from underwriter.core.errors import JournalError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "book.journal")


State = dict[str, tuple[int, bytes]]


def state(folder: Path) -> State:
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()}


# sound journals


def test_a_sound_journal_is_said_to_be_sound(place: Place) -> None:
    write(place)
    with Journal.open(place) as journal:
        assert verify(place) == Report(6, journal.head, (), "")
    assert verify(place).ok


def test_an_empty_journal_is_sound(place: Place) -> None:
    report = verify(write(place, []))
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

STORED = encode(opening()[3])


@pytest.fixture
def written(place: Place) -> Place:
    return write(place)


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("at = at + 1", ()),
        ("received = received - 1", ()),
        ("schema = 0", ()),
        ("schema = 1", ()),
        ("schema = -1", ()),
        ("schema = 4294967298", ()),
        ("kind = 'expired'", ()),
        ("kind = CAST('filled' AS TEXT) || ' '", ()),
        ("payload = ?", (STORED + b" ",)),
        ("payload = ?", (STORED.replace(b"85000000", b"95000000"),)),
        ("hash = ?", (bytes(32),)),
        ("hash = ?", (bytes(1),)),
        ("at = 0", ()),
        ("at = 1", ()),
    ],
)
def test_an_altered_column_names_its_event(
    written: Place, setting: str, values: tuple[object, ...]
) -> None:
    change(written, (f"UPDATE event SET {setting} WHERE sequence = 4", values))  # noqa: S608
    report = verify(written)
    assert codes(report) == ["changed"]
    assert sequences(report) == {4}


def test_an_altered_last_hash_is_found_twice_over(written: Place) -> None:
    change(written, ("UPDATE event SET hash = ? WHERE sequence = 6", (bytes(32),)))
    report = verify(written)
    assert codes(report) == ["changed", "head"]
    assert sequences(report) == {6}


def test_a_chain_forged_to_its_end_does_not_fit_the_head(written: Place, tmp_path: Path) -> None:
    forged = opening()
    forged[1] = filled(5)
    rows = stored(write(tmp_path / "other", forged))
    insert = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"
    change(written, "DELETE FROM event", *((insert, row) for row in rows))
    report = verify(written)
    assert codes(report) == ["head"]
    assert sequences(report) == {6}


def test_a_removed_event_is_a_gap(written: Place) -> None:
    change(written, "DELETE FROM event WHERE sequence = 3")
    report = verify(written)
    assert codes(report) == ["missing"]
    assert sequences(report) == {3}
    assert report.events == 5


def test_a_renumbered_event_is_named_by_its_place(written: Place) -> None:
    change(written, "UPDATE event SET sequence = 9 WHERE sequence = 6")
    report = verify(written)
    assert codes(report) == ["changed"]
    assert sequences(report) == {6}


def test_events_that_changed_places_are_both_named(written: Place) -> None:
    change(
        written,
        "UPDATE event SET sequence = 100 WHERE sequence = 4",
        "UPDATE event SET sequence = 4 WHERE sequence = 5",
        "UPDATE event SET sequence = 5 WHERE sequence = 100",
    )
    report = verify(written)
    assert codes(report) == ["changed", "changed"]
    assert sequences(report) == {4, 5}


@pytest.mark.parametrize("removed", [1, 2, 6])
def test_a_removed_tail_is_found_from_its_first_event(written: Place, removed: int) -> None:
    change(written, f"DELETE FROM event WHERE sequence > {6 - removed}")  # noqa: S608
    report = verify(written)
    assert "tail" in codes(report) or "page" in codes(report)
    assert not report.ok
    if removed < 6:
        assert sequences(report) == {7 - removed}


def test_a_table_that_was_added_is_found(path: Path) -> None:
    change(path, "CREATE TABLE other (a)")
    assert "page" in codes(verify(path))


def test_reading_stops_after_many_findings(place: Place) -> None:
    write(place, [filled(i) for i in range(300)])
    change(place, "UPDATE event SET received = 0")
    report = verify(place)
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
