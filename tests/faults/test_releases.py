"""A journal of the first release opens, folds and goes on; one of a later release is refused."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from book.engines import change, stored
from book.journals import NOON, filled
from first_release import chained, first_release_statements, write_first_release
from postgres import Server
from underwriter.book import migrate
from underwriter.book.event import Approved, Refused
from underwriter.book.fold import fold
from underwriter.book.journal import Journal, events
from underwriter.book.place import Place, Url
from underwriter.book.upcast import SCHEMA
from underwriter.book.verify import verify
from underwriter.core.errors import JournalError, UnderwriterError

STEP = """
from alembic import op
revision, down_revision = "2", "1"
def upgrade():
    op.execute("ALTER TABLE event ADD COLUMN remark text")
    op.execute("{then}")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_first_release(tmp_path / "book.journal")


@pytest.fixture
def database(server: Server) -> Url:
    url = server.url()
    server.run(*first_release_statements(url.journal))
    return url


@pytest.fixture(params=["path", "database"])
def first(request: pytest.FixtureRequest) -> Place:
    """A journal as the first release wrote it, on each engine."""
    found: Place = request.getfixturevalue(request.param)
    return found


def test_a_journal_of_the_first_release_verifies_and_folds(first: Place) -> None:
    assert verify(first).ok
    told = [event for _, event in events(first)]
    orders = [event.action for event in told if isinstance(event, Approved | Refused)]
    assert orders == ["open", "close", "open", "hold", "sell_shares"]
    book = fold(told)
    assert not book.strays
    assert int(book.state.accounts[0].cash_u) == 20_000_000_000 + 85_000_000 - 660_000
    assert stored(first) == chained()


def test_reading_a_file_of_the_first_release_changes_no_byte(path: Path) -> None:
    before = path.read_bytes()
    verify(path)
    assert fold(event for _, event in events(path)).events == 10
    assert path.read_bytes() == before


def test_a_journal_of_the_first_release_goes_on_and_what_it_stored_stays(first: Place) -> None:
    with Journal.open(first) as journal:
        assert journal.head == (10, chained()[-1][-1])
        journal.append([filled(1)], NOON)
    report = verify(first)
    assert report.ok, report.findings
    assert report.events == 11
    *before, (_, _, _, schema, *_) = stored(first)
    assert (before, schema) == (chained(), SCHEMA)


def refused_to_all(place: Place, expected: str) -> None:
    """Writers and readers are told in a line."""
    for read in (Journal.open, lambda place: list(events(place))):
        with pytest.raises(JournalError) as refused:
            read(place)
        said = str(refused.value)
        assert expected in said
        assert "open it with the version of Underwriter that wrote it" in said
        assert "\n" not in said


def test_an_event_of_a_later_schema_is_refused_to_readers_and_writers(first: Place) -> None:
    change(first, ("UPDATE event SET schema = ? WHERE sequence = 10", (SCHEMA + 1,)))
    refused_to_all(first, f"event 10: expected schema 1 to {SCHEMA}, found {SCHEMA + 1}")


def test_a_file_of_a_later_format_is_refused_to_readers_and_writers(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    refused_to_all(path, "expected format 1, found 2")
    assert not verify(path).ok


def test_a_database_of_a_later_format_is_refused_to_readers_and_writers(database: Url) -> None:
    change(database, "UPDATE alembic_version SET version_num = '2'")
    refused_to_all(database, "expected format 1, found 2")
    assert stored(database) == chained()


@pytest.fixture
def next_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The steps of a release to come, with one more that is yet to be written."""
    steps = tmp_path / "migrations"
    shutil.copytree(migrate._STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "_STEPS", steps)
    monkeypatch.setattr(migrate, "FORMAT", "2")
    return steps / "versions" / "format_2.py"


def test_a_database_of_the_first_release_is_migrated_by_its_next_writer(
    database: Url, next_format: Path
) -> None:
    next_format.write_text(STEP.format(then="SELECT 1"))
    with pytest.raises(JournalError, match="expected format 2, found 1"):
        verify(database)
    with Journal.open(database) as journal:
        assert journal.append([filled(1)], NOON).sequence == 11
    report = verify(database)
    assert report.ok, report.findings
    assert [row[:7] for row in stored(database)][:10] == chained()


def test_a_step_that_fails_leaves_the_database_as_it_was(
    database: Url, next_format: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_format.write_text(STEP.format(then="SELECT 1 / 0"))
    with pytest.raises(UnderwriterError) as refused:
        Journal.open(database)
    assert "division by zero" in str(refused.value)
    assert "\n" not in str(refused.value)
    monkeypatch.setattr(migrate, "FORMAT", "1")
    assert stored(database) == chained()
    assert verify(database).ok
