"""A journal of the first release opens, folds and goes on; one of a later release is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from book.journals import NOON, filled
from first_release import chained, write_first_release
from underwriter.book.event import Approved, Refused
from underwriter.book.fold import fold
from underwriter.book.journal import Journal, events
from underwriter.book.upcast import SCHEMA
from underwriter.book.verify import verify
from underwriter.core.errors import JournalError

STORED = "SELECT * FROM event WHERE sequence <= 10 ORDER BY sequence"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_first_release(tmp_path / "book.journal")


def test_a_journal_of_the_first_release_verifies_and_folds(path: Path) -> None:
    before = path.read_bytes()
    assert verify(path).ok
    told = [event for _, event in events(path)]
    orders = [event.action for event in told if isinstance(event, Approved | Refused)]
    assert orders == ["open", "close", "open", "hold", "sell_shares"]
    book = fold(told)
    assert not book.strays
    assert int(book.state.accounts[0].cash_u) == 20_000_000_000 + 85_000_000 - 660_000
    assert path.read_bytes() == before


def test_a_journal_of_the_first_release_goes_on_and_what_it_stored_stays(path: Path) -> None:
    with Journal.open(path) as journal:
        assert journal.head == (10, chained()[-1][-1])
        journal.append([filled(1)], NOON)
    report = verify(path)
    assert report.ok, report.findings
    assert report.events == 11
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(STORED).fetchall() == chained()
        schemas = connection.execute("SELECT schema, count(*) FROM event GROUP BY 1").fetchall()
    assert schemas == [(1, 10), (SCHEMA, 1)]


def test_an_event_of_a_later_schema_is_refused_to_readers_and_writers(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE event SET schema = ? WHERE sequence = 10", (SCHEMA + 1,))
    for read in (Journal.open, lambda path: list(events(path))):
        with pytest.raises(JournalError) as refused:
            read(path)
        said = str(refused.value)
        assert f"event 10: expected schema 1 to {SCHEMA}, found {SCHEMA + 1}" in said
        assert "open it with the version of Underwriter that wrote it" in said
        assert "\n" not in said


def test_a_file_of_a_later_format_is_refused_to_readers_and_writers(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    for read in (Journal.open, lambda path: list(events(path))):
        with pytest.raises(JournalError, match="expected format 1, found 2"):
            read(path)
    assert not verify(path).ok
