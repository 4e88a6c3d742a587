"""A journal in a PostgreSQL database: a schema of its own with the events and their head.

Rows and head are written in one transaction, which is on the server's disk when it is acknowledged
(synchronous_commit).  The one writer holds an advisory lock for as long as its connection lasts;
a writer whose connection is gone writes no more.  Readers lock nobody out.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Self

import psycopg
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    NullPool,
    Table,
    Text,
    create_engine,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from underwriter.book.layout import Head, Row
from underwriter.book.migrate import journals, make, migrate, require_format, require_room
from underwriter.book.place import Url
from underwriter.book.store import Payload, Written, refused
from underwriter.core.errors import InputError, JournalError

_TABLES = MetaData()
EVENT = Table(
    "event",
    _TABLES,
    Column("sequence", BigInteger, primary_key=True),
    *(Column(name, BigInteger) for name in ("at", "received", "schema")),
    Column("kind", Text),
    *(Column(name, LargeBinary) for name in ("payload", "hash")),
)
HEAD = Table("head", _TABLES, Column("sequence", BigInteger), Column("hash", LargeBinary))
_COLUMNS = tuple(column.name for column in EVENT.columns)
_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock_all()")
_ASKED = 3  # times that a lock is tried whose holder is gone when asked for its name
_HOLDER = text(
    "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine'), "
    "date_trunc('second', a.backend_start) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (l.classid::bigint << 32 | l.objid::bigint) = :key"
)
_APPLICATION = 63  # bytes that the server keeps of an application's name


def _application() -> str:
    """What the server tells others of this process."""
    return f"underwriter, process {os.getpid()} on {socket.gethostname()}"[:_APPLICATION]


def found_by(url: Url, error: Exception) -> str:
    """What the server or its driver complains of, in one line and without a password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return url.scrubbed(said or str(cause))


def connect(url: Url) -> Connection:
    """A connection that looks into the schema of a journal; InputError where there is none."""
    try:
        address = make_url(url.connecting()).set(drivername="postgresql+psycopg")
        engine = create_engine(
            address,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "application_name": _application(),
                "connect_timeout": 10,
                "tcp_user_timeout": 30_000,  # milliseconds: a network that swallows all is gone
            },
        )
        connection = engine.connect()
        with connection.begin():
            connection.execute(text(f'SET search_path TO "{url.journal}"'))
            connection.execute(text("SET synchronous_commit TO on"))
    except (DBAPIError, ArgumentError, ValueError) as error:
        found = (
            found_by(url, error) if isinstance(error, SQLAlchemyError) else url.scrubbed(str(error))
        )
        raise InputError(
            f"journal {url}: expected a PostgreSQL server that lets this user in, found: {found}"
        ) from None  # what it was raised from may tell the password
    return connection


@contextmanager
def sound(url: Url) -> Iterator[None]:
    """Say of what the server refuses which journal it is."""
    try:
        yield
    except SQLAlchemyError as error:
        raise JournalError(
            f"journal {url}: expected the server to answer, found: {found_by(url, error)}"
        ) from None


def exists(url: Url) -> bool:
    """Whether there is a journal of this name; InputError where nobody can be asked."""
    connection = connect(url)
    try:
        with sound(url):
            return url.journal in journals(connection)
    finally:
        connection.close()


class PostgresReader:
    """Reads the journal of a URL, while it is written to or not."""

    def __init__(self, url: Url, connection: Connection) -> None:
        self.place, self.connection = url, connection

    @classmethod
    def open(cls, url: Url) -> Self:
        """Raises InputError for what is not a journal, JournalError where it cannot be read."""
        connection = connect(url)
        try:
            with sound(url), connection.begin():
                require_format(connection, url)
        except BaseException:
            connection.close()
            raise
        return cls(url, connection)

    def rows(self, after: int, limit: int) -> list[tuple[int, Row]]:
        """At most `limit` rows after a sequence."""
        query = select(EVENT).where(EVENT.c.sequence > after).order_by(EVENT.c.sequence)
        with sound(self.place), self.connection.begin():
            found = self.connection.execute(query.limit(limit)).all()
        return [row_of(each) for each in found]

    def payloads(self, after: int, limit: int) -> list[Payload]:
        """The same, of each only what an event is read from."""
        query = select(EVENT.c.sequence, EVENT.c.schema, EVENT.c.payload)
        query = query.where(EVENT.c.sequence > after).order_by(EVENT.c.sequence).limit(limit)
        with sound(self.place), self.connection.begin():
            found = self.connection.execute(query).all()
        return [(sequence, schema, payload) for sequence, schema, payload in found]

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()


def row_of(found: Sequence[Any]) -> tuple[int, Row]:
    """A row of the table as every engine gives it."""
    sequence, at, received, schema, kind, payload, digest = found
    return sequence, Row(at, received, schema, kind.encode(), payload, digest)


def head_of(connection: Connection) -> Head | None:
    """The head that the database keeps; None where it is gone."""
    found = connection.execute(select(HEAD)).first()
    return None if found is None else Head(*found)


class PostgresStore(PostgresReader):
    """The one writer of the journal of a URL; made by `create` or `open`."""

    def __init__(self, url: Url, connection: Connection, head: Head) -> None:
        super().__init__(url, connection)
        self.head = head

    @classmethod
    def create(cls, url: Url) -> Self:
        """A new, empty journal; InputError where something is there already."""
        return cls._held(url, fresh=True)

    @classmethod
    def open(cls, url: Url) -> Self:
        """Raises InputError for what is not a journal, JournalError where another writes to it."""
        return cls._held(url, fresh=False)

    @classmethod
    def _held(cls, url: Url, *, fresh: bool) -> Self:
        connection = connect(url)
        try:
            with sound(url), connection.begin():
                _hold(connection, url)
                if fresh:
                    require_room(connection, url)
                    make(connection, url)
                else:
                    migrate(connection, url)
                head = _told(connection, url)
        except BaseException:
            _let_go(connection)
            raise
        return cls(url, connection, head)

    def adopt(self, head: Head) -> None:
        """Go on from the head that the database keeps: rows and head are written as one."""
        if head != self.head:
            raise refused(
                self.place, f"expected events to {self.head.sequence} by its head, found more"
            )

    def write(self, rows: Sequence[Written], head: Head) -> None:
        """Commit rows and head in one transaction."""
        if self._lost():  # another would be made, which holds no lock
            raise JournalError(
                f"journal {self.place}: expected the connection that holds its lock, found it "
                "lost; nothing of the batch was written: open the journal again"
            )
        committing = False
        try:
            with self.connection.begin() as transaction:
                self._write(rows, head)
                committing = True
                transaction.commit()
        except SQLAlchemyError as error:
            left = "nothing of the batch was written"
            if committing and self._lost():
                left = "whether the batch was written is not known: open the journal and look"
            raise JournalError(
                f"journal {self.place}: expected to append after event {self.head.sequence}, "
                f"found {found_by(self.place, error)}; {left}"
            ) from None
        self.head = head

    def _lost(self) -> bool:
        """Whether the connection is gone, and its lock with it."""
        return self.connection.invalidated

    def _write(self, rows: Sequence[Written], head: Head) -> None:
        """Within a transaction, move the head from where it was and insert the rows."""
        moved = update(HEAD).where(HEAD.c.sequence == self.head.sequence)
        moved = moved.where(HEAD.c.hash == self.head.hash).values(head._asdict())
        if self.connection.execute(moved).rowcount != 1:
            raise JournalError(
                f"journal {self.place}: expected its head at event {self.head.sequence}, found it "
                "moved by another writer; nothing of the batch was written"
            )
        named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        self.connection.execute(insert(EVENT), named)

    def close(self) -> None:
        """Let another write, at once."""
        _let_go(self.connection)

    let_go = close


def _told(connection: Connection, url: Url) -> Head:
    """The head that a journal was told to have."""
    head = head_of(connection)
    if head is None:
        raise refused(url, "expected its head, found none")
    return head


def _hold(connection: Connection, url: Url) -> None:
    """Become the one writer of a journal; JournalError names who already is."""
    key = {"key": lock_key(url.journal)}
    for _ in range(_ASKED):
        if connection.execute(_LOCK, key).scalar():
            return
        holder = connection.execute(_HOLDER, key).first()
        if holder is not None:
            pid, application, host, since = holder
            who = f"{application or 'a program'} (server process {pid}, from {host}, since {since})"
            break
    else:
        who = f"{_ASKED} that had ended when asked who they are"
    raise JournalError(
        f"journal {url}: expected no other writer, found {who} writing to it; wait until it ends"
    )


def _let_go(connection: Connection) -> None:
    """End a connection with its locks: closing alone does not wait for the server to end them."""
    try:
        if not connection.invalidated:
            with connection.begin():
                connection.execute(_UNLOCK)
    except SQLAlchemyError:
        pass  # the connection is gone: so are its locks, once the server sees it
    finally:
        connection.close()


def lock_key(journal: str) -> int:
    """The number of a journal's advisory lock, within its database: 63 bits of its name's hash."""
    return int.from_bytes(sha256(f"underwriter {journal}".encode()).digest()[:8]) >> 1
