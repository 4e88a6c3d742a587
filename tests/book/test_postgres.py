"""A journal in PostgreSQL: who is let in, what is refused, what its server can tell."""

import builtins
import logging
import sys
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from book.engines import change, connected
from book.findings import codes
from book.journals import NOON, filled, opening, write
from postgres import CLERK, OWNER, PASSWORD, Server
from underwriter.book import migrate, postgres, postgres_verify
from underwriter.book.journal import Journal, events
from underwriter.book.place import Url, place_of
from underwriter.book.postgres import EVENT, PostgresStore, exists, lock_key
from underwriter.book.postgres_verify import GUARDS
from underwriter.book.verify import verify
from underwriter.core.errors import InputError, JournalError, UnderwriterError


@pytest.fixture
def url(server: Server) -> Url:
    return server.url()


def clerk(server: Server, password: str, journal: str = "kept") -> Url:
    """A user who needs a password."""
    text = f"postgresql://{CLERK}:{quote(password, safe='')}@/ledger?host={server.folder}"
    place = place_of(f"{text}&journal={journal}")
    assert isinstance(place, Url)
    return place


def store_of(journal: Journal) -> PostgresStore:
    assert isinstance(journal._store, PostgresStore)
    return journal._store


# who is let in


def test_t96_a_password_lets_in_and_is_never_told(
    server: Server, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    right, wrong = clerk(server, PASSWORD), clerk(server, "gu3ss/ed@host")
    with Journal.create(right) as journal:
        journal.append(opening(), NOON)
        said = [refusal(attempt, right) for attempt in (Journal.open, Journal.create)]
    for attempt in (Journal.open, Journal.create, verify, exists, lambda it: list(events(it))):
        said.append(refusal(attempt, wrong))
        assert "password authentication failed" in said[-1]
    assert verify(right).ok
    told = capfd.readouterr()
    for line in (*said, told.out, told.err, caplog.text, server.log(), str(right), repr(right)):
        for secret in (
            PASSWORD,
            quote(PASSWORD, safe=""),
            "gu3ss",
            quote("gu3ss/ed@host", safe=""),
        ):
            assert secret not in line


def refusal(attempt: Any, url: Url) -> str:  # noqa: ANN401  any way to open a journal
    """Everything that a program or a log could show of a refusal."""
    with pytest.raises(UnderwriterError) as refused:
        attempt(url)
    assert "\n" not in str(refused.value)
    return "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("postgresql://owner@/nowhere?host={folder}", 'database "nowhere" does not exist'),
        ("postgresql://owner@/ledger?host={folder}/none", "No such file or directory"),
        ("postgresql://owner:hidden@/ledger?host={folder}&port=x", "port"),
        ("postgresql://owner:hidden@/ledger?host={folder}&colour=red", "colour"),
        ("postgresql://owner:hidden@h:port/ledger", "port"),
    ],
)
def test_a_server_that_cannot_be_asked_is_said_in_one_line(
    server: Server, text: str, finding: str
) -> None:
    with pytest.raises(InputError) as refused:
        Journal.open(text.format(folder=server.folder))
    assert finding in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_user_without_the_right_is_refused_and_leaves_nothing(server: Server, url: Url) -> None:
    write(url)
    theirs = clerk(server, PASSWORD, url.journal)
    with pytest.raises(UnderwriterError, match="found"):
        Journal.open(theirs)
    assert verify(url).ok


def test_without_its_packages_a_url_says_what_to_install(
    url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = builtins.__import__

    def without(name: str, *rest: Any) -> Any:  # noqa: ANN401  of the language
        if name == "psycopg":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return load(name, *rest)

    for name in [name for name in sys.modules if name.startswith("underwriter.book.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("underwriter.book.postgres")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="found no psycopg installed") as refused:
        Journal.open(url)
    assert "pip install 'underwriter[postgres]'" in str(refused.value)


# journals in a database


def test_journals_of_one_database_are_told_apart(server: Server, url: Url) -> None:
    other = server.url()
    write(url)
    write(other, [filled(1)])
    assert (verify(url).events, verify(other).events) == (6, 1)
    with Journal.open(url), Journal.open(other):
        assert exists(url)
    with pytest.raises(InputError) as refused:
        Journal.open(server.url("nothing"))
    assert "found no journal 'nothing' in this database; expected one of:" in str(refused.value)
    assert other.journal in str(refused.value)


def test_a_schema_of_other_tables_is_not_written_into(server: Server, url: Url) -> None:
    name = f'"{url.journal}"'
    server.run(f"CREATE SCHEMA {name}")
    assert not exists(url)
    server.run(f"CREATE TABLE {name}.cats (a int)")
    with pytest.raises(InputError, match=r"found a schema .* with other tables \(cats\)"):
        Journal.create(url)
    with pytest.raises(InputError, match="found no journal"):
        Journal.open(url)
    server.run(f"DROP TABLE {name}.cats")
    write(url)
    assert verify(url).ok


def test_creation_that_fails_leaves_nothing(url: Url, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("underwriter.book.postgres._told", _broken)
        with pytest.raises(RuntimeError):
            Journal.create(url)
    assert not exists(url)
    write(url)


def _broken(*_: object) -> None:
    raise RuntimeError


# one writer


def test_a_lock_ends_before_the_server_sees_that_its_connection_was_closed(
    url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen: list[psycopg.Connection[Any]] = []
    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "close", lambda it: unseen.append(it))  # noqa: PLW0108
        with monkeypatch.context() as failing:
            failing.setattr("underwriter.book.postgres._told", _broken)
            with pytest.raises(RuntimeError):
                Journal.create(url)
        write(url)
        Journal.open(url).close()
    assert len(unseen) >= 3
    for each in unseen:
        each.close()
    assert verify(url).ok


def test_a_holder_that_ends_while_it_is_asked_for_makes_way(
    url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(url)
    ended = "SELECT pid FROM held WHERE NOT pg_terminate_backend(pid, 10000)"
    ending = f"WITH held AS MATERIALIZED ({postgres._HOLDER}) {ended}"
    with Journal.open(url):
        monkeypatch.setattr(postgres, "_HOLDER", text(ending))
        Journal.open(url).close()
    assert verify(url).ok


def test_holders_without_end_are_not_waited_for(url: Url, monkeypatch: pytest.MonkeyPatch) -> None:
    write(url)
    monkeypatch.setattr(postgres, "_HOLDER", text(f"{postgres._HOLDER} AND false"))
    with Journal.open(url), pytest.raises(JournalError, match="found 3 that had ended"):
        Journal.open(url)


# formats


def test_the_format_is_the_last_of_the_steps() -> None:
    steps = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert steps.get_current_head() == migrate.FORMAT


def test_a_journal_of_a_later_format_is_refused_to_all(url: Url) -> None:
    write(url)
    change(url, "UPDATE alembic_version SET version_num = '99'")
    for read in (Journal.open, verify, lambda url: list(events(url))):
        with pytest.raises(JournalError, match="expected format 1, found 99"):
            read(url)


def test_a_journal_of_an_earlier_format_is_brought_to_this_one_by_its_writer(
    url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(url)
    monkeypatch.setattr(migrate, "FORMAT", "2")
    with pytest.raises(JournalError, match="expected format 2, found 1"):
        verify(url)
    taken = []
    monkeypatch.setattr(migrate, "_step", lambda *_: taken.append(1))
    with Journal.open(url):
        assert taken == [1]


# what is refused


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET at = 0",
        "UPDATE event SET at = 0 WHERE sequence = 3",
        "DELETE FROM event WHERE sequence = 6",
        "TRUNCATE event",
        "TRUNCATE event CASCADE",
        "DELETE FROM head",
        "TRUNCATE head",
        "UPDATE head SET sequence = 4",
        "UPDATE head SET hash = ''",
        "INSERT INTO head VALUES (true, 9, '')",
        "INSERT INTO head VALUES (false, 9, '')",
        "INSERT INTO event SELECT * FROM event WHERE sequence = 1",
    ],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_stored_is_changed(url: Url, statement: str, role: str) -> None:
    write(url)
    with closing(connected(url)) as other:
        other.execute(f"SET session_replication_role TO {role}".encode())
        with pytest.raises(psycopg.DatabaseError):
            other.execute(statement.encode())
    report = verify(url)
    assert report.ok
    assert report.events == 6


@pytest.mark.parametrize("guard", sorted(GUARDS))
@pytest.mark.parametrize("how", ["DISABLE TRIGGER", "ENABLE TRIGGER"])
def test_a_guard_that_was_lifted_is_found(url: Url, guard: str, how: str) -> None:
    write(url)
    table = "event" if guard in {"no_row_changes", "not_emptied"} else "head"
    with closing(connected(url)) as other:
        other.execute(f"ALTER TABLE {table} {how} {guard}".encode())
    report = verify(url)
    assert codes(report) == ["guard"]
    assert guard in report.findings[0].text


# heads, rows and indices that do not agree


def test_a_head_that_is_gone_is_found_and_not_written_after(url: Url) -> None:
    write(url)
    change(url, "DELETE FROM head")
    assert codes(verify(url)) == ["head"]
    with pytest.raises(JournalError, match="expected its head, found none"):
        Journal.open(url)


def test_events_after_the_head_are_found_and_not_written_after(url: Url) -> None:
    write(url)
    change(
        url, ("UPDATE head SET sequence = 5, hash = (SELECT hash FROM event WHERE sequence=5)", ())
    )
    report = verify(url)
    assert codes(report) == ["head"]
    assert report.findings[0].sequence == 6
    with pytest.raises(JournalError, match="by its head, found more"):
        Journal.open(url)


def test_rows_that_the_index_does_not_lead_to_are_found(
    url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(url)
    whole = postgres_verify.select

    def short(what: Any) -> Any:  # noqa: ANN401  of SQLAlchemy
        return whole(what).where(what.c.sequence < 6) if what is EVENT else whole(what)

    monkeypatch.setattr(postgres_verify, "select", short)
    report = verify(url)
    assert codes(report) == ["page", "tail"]
    assert "expected the 6 events of the table in its index, found 5" in report.findings[0].text


def test_a_head_that_another_moved_is_not_moved_again(url: Url) -> None:
    with Journal.create(url) as journal:
        journal.append(opening(), NOON)
        with closing(connected(url)) as other:
            other.execute("UPDATE head SET sequence = 7")
        with pytest.raises(JournalError, match="moved by another writer; nothing of the batch"):
            journal.append([filled(1)], NOON)
    assert codes(verify(url)) == ["tail"]


def test_what_is_committed_is_on_the_disk(url: Url) -> None:
    with Journal.create(url) as journal:
        cursor = store_of(journal).connection.connection.cursor()
        for setting in ("synchronous_commit", "fsync"):
            cursor.execute(f"SHOW {setting}")
            assert cursor.fetchone() == ("on",)


def test_a_lock_of_an_owner_who_tells_no_name_is_still_told(server: Server, url: Url) -> None:
    write(url)
    key = f"SELECT pg_advisory_lock({lock_key(url.journal)})"
    with closing(psycopg.connect(server.conninfo("ledger"), autocommit=True)) as other:
        other.execute(key.encode())
        with pytest.raises(JournalError, match=r"found a program \(server process \d+, from"):
            Journal.open(url)
    assert OWNER in url.connecting()
