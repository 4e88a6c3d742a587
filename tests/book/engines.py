"""What differs between engines, for tests that hold on both: changing a journal behind its back."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from underwriter.book.place import Place, Url
from underwriter.book.postgres import lock_key

_TABLES = ("event", "head")


def connected(url: Url) -> "psycopg.Connection[Any]":
    """A connection to a journal's schema that is none of the journal's own."""
    connection = psycopg.connect(url.connecting(), autocommit=True)
    connection.execute(f'SET search_path TO "{url.journal}"'.encode())
    return connection


def change(place: Place, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Change what is stored, whatever refuses it; "?" stands for a value."""
    told = [each if isinstance(each, tuple) else (each, ()) for each in statements]
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as connection, connection:
            for statement, values in told:
                connection.execute(statement, values)
        return
    with closing(connected(place)) as forced, forced.transaction():
        for table in _TABLES:
            forced.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        for statement, values in told:
            forced.execute(statement.replace("?", "%s").encode(), values)
        forced.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in _triggers(forced):
            forced.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}".encode())


def await_let_go(place: Place) -> None:
    """Wait until a journal whose writer was killed has no lock: a server has yet to notice."""
    if isinstance(place, Path):
        return  # the system let go of it before anybody could be told that its holder ended
    with closing(connected(place)) as waiting:
        for how in ("lock", "unlock"):
            waiting.execute(f"SELECT pg_advisory_{how}({lock_key(place.journal)})".encode())


def _triggers(connection: "psycopg.Connection[Any]") -> list[tuple[str, str]]:
    found = connection.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal "
        "AND tgrelid IN ('event'::regclass, 'head'::regclass)"
    )
    return found.fetchall()


def stored(place: Place) -> list[tuple[Any, ...]]:
    """Every row as the table has it."""
    query = "SELECT * FROM event ORDER BY sequence"
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as connection:
            return connection.execute(query).fetchall()
    with closing(connected(place)) as reading:
        return reading.execute(query.encode()).fetchall()
