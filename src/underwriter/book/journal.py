"""The journal: events appended for good, each chained to the one before by its hash.

with Journal.open(path) as journal:
    journal.append(events, received)      # all of them or none, on the disk when it returns
    for sequence, event in journal.read(after=120):
        ...

SQLite in write-ahead mode with full synchronisation.  One process writes at a time; others read
with `events`.  Beside the file stand its head (see `head`), and while it is open a lock, the
log and SQLite's shared memory.  Nothing here repairs: a journal that does not agree with its
head is refused, and `verify` says what is wrong with it.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from underwriter.book.event import AnyEvent, decode, encode
from underwriter.book.head import head_path, read_head, sync_folder, write_head
from underwriter.book.layout import (
    APPLICATION_ID,
    FORMAT,
    GENESIS,
    PAGE,
    TABLE,
    Head,
    Row,
    beside,
    link,
    require_journal,
)
from underwriter.book.lock import hold, release
from underwriter.book.upcast import SCHEMA
from underwriter.book.wal import log_finding, read_log
from underwriter.core.errors import InputError, JournalError

_LOG_LIMIT = 4 << 20  # bytes of log beyond which it is folded into the database
_CHUNK = 2_000
_BROKEN = (sqlite3.Error, UnicodeDecodeError)  # SQLite may quote damaged text in its complaint
_INSERT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"
_READ = "SELECT sequence, schema, payload FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"
_ROWS = (
    "SELECT sequence, at, received, schema, CAST(kind AS BLOB), payload, hash FROM event "
    "WHERE sequence > ? ORDER BY sequence"
)


def _refused(journal: Path, finding: str) -> JournalError:
    return JournalError(
        f"journal {journal}: {finding}; nothing is mended: `underwriter book verify` says more"
    )


def _connect(journal: Path, mode: str) -> sqlite3.Connection:
    uri = f"{journal.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=1.0)


def _make(journal: Path) -> None:
    """Write an empty journal and its head; the journal appears under its name when complete."""
    fresh = beside(journal, ".new")
    fresh.unlink(missing_ok=True)
    with closing(_connect(fresh, "rwc")) as connection:
        for setting in (
            f"page_size = {PAGE}",
            f"application_id = {APPLICATION_ID}",
            f"user_version = {FORMAT}",
            "synchronous = FULL",
            "journal_mode = WAL",
        ):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(TABLE)
    write_head(journal, GENESIS, 0)
    fresh.replace(journal)
    sync_folder(journal.parent)


def _require_room(journal: Path) -> None:
    """Refuse to create a journal over another, or over the head of one that is gone."""
    if journal.exists():
        raise InputError(
            f"journal {journal}: expected a new name, found a file there; "
            "open it, or give another name"
        )
    if head_path(journal).exists() and read_head(journal)[0] != GENESIS:
        raise InputError(
            f"journal {journal}: expected a new name, found the head of a journal that is gone "
            f"({head_path(journal)}); bring the journal back, or move its head away"
        )


class Journal:
    """An open journal, and the one writer it has; made by `create` or `open`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._exact = False  # whether the log's size is what its commits take
        stored, needed = read_head(path)
        self._require_log(needed)
        self._connection = _connect(path, "rw")
        try:
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._head = self._adopt(stored)
            self._fold_log()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new, empty journal and open it; InputError where something is there already."""
        return cls._held(path, fresh=True)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a journal to write to.

        Raises InputError for what is not a journal; JournalError where another process writes to
        it, or where it does not agree with its head.
        """
        require_journal(path)
        return cls._held(path, fresh=False)

    @classmethod
    def _held(cls, path: Path, *, fresh: bool) -> Self:
        lock = hold(path)
        try:
            if fresh:
                _require_room(path)
                _make(path)
            return cls(path, lock)
        except BaseException as error:
            release(path, lock)
            if not isinstance(error, _BROKEN):
                raise
            raise _refused(path, f"expected a sound file, found {error}") from error

    @property
    def head(self) -> Head:
        """The last sequence and its hash."""
        return self._head

    def append(self, events: Iterable[AnyEvent], received: int) -> Head:
        """Write a batch in one transaction: all of it is on the disk on return, or none of it.

        `received` is when the batch came in, UTC nanoseconds.  Returns the new head.
        """
        rows, head = self._rows(events, received)
        if not rows:
            return self._head
        with self._transaction():
            self._connection.executemany(_INSERT, rows)
        self._head = head
        self._publish()
        return head

    def read(self, after: int = 0) -> Iterator[tuple[int, AnyEvent]]:
        """The events after a sequence, in order, with their sequences."""
        return _read(self._connection, self.path, after)

    def close(self) -> None:
        """Fold the log into the database and let another write."""
        try:
            self._fold_log()
        finally:
            self._connection.close()
            release(self.path, self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _require_log(self, needed: int) -> None:
        finding = log_finding(read_log(beside(self.path, "-wal")), needed)
        if finding:
            raise _refused(self.path, f"write-ahead log: {finding}")

    def _adopt(self, stored: Head) -> Head:
        """The head of what is written, where it continues the head that was acknowledged."""
        last = stored._replace(sequence=max(stored.sequence, 1) - 1)
        rows = self._connection.execute(_ROWS, (last.sequence,))
        for sequence, *columns in rows:
            row = Row(*columns)
            due = link(last.hash, sequence, row) if sequence > stored.sequence else stored.hash
            if sequence != last.sequence + 1 or row.hash != due:
                raise _refused(self.path, f"event {sequence} does not follow from the head")
            _require_schema(self.path, sequence, row.schema)
            last = Head(sequence, row.hash)
        if last.sequence < stored.sequence:
            raise _refused(self.path, f"expected events to {stored.sequence}, found fewer")
        return last

    def _rows(
        self, events: Iterable[AnyEvent], received: int
    ) -> tuple[list[tuple[object, ...]], Head]:
        """The rows of a batch and the head after it."""
        sequence, digest = self._head
        rows: list[tuple[object, ...]] = []
        for event in events:
            sequence += 1
            kind = str(event.__struct_config__.tag)
            row = Row(event.at, received, SCHEMA, kind.encode(), encode(event))
            digest = link(digest, sequence, row)
            rows.append((sequence, event.at, received, SCHEMA, kind, row.payload, digest))
        return rows, Head(sequence, digest)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit what is done within, or leave the journal as it was and say why."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
                self._fold_log()
            if not isinstance(error, sqlite3.Error):
                raise
            raise JournalError(
                f"journal {self.path}: expected to append after event {self._head.sequence}, "
                f"found {error}; nothing of the batch was written"
            ) from error

    def _log_size(self) -> int:
        return beside(self.path, "-wal").stat().st_size if self._exact else 0

    def _publish(self) -> None:
        """Write the head beside the journal; fold a log that has grown long."""
        size = self._log_size()
        try:
            write_head(self.path, self._head, size)
        except OSError as error:
            raise JournalError(
                f"journal {self.path}: events to {self._head.sequence} are written, but not its "
                f"head ({error.strerror}: {error.filename}); make room and open it again"
            ) from error
        if size > _LOG_LIMIT:
            self._fold_log()

    def _fold_log(self) -> None:
        """Bring the log into the database and empty it; a reader may put that off.

        The head is told first, so that a crash in between leaves more log than it needs, never
        less.  An empty log also forgets the frames of a transaction that was rolled back.
        """
        write_head(self.path, self._head, 0)
        busy, _log, _folded = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._exact = not busy


def _read(
    connection: sqlite3.Connection, journal: Path, after: int
) -> Iterator[tuple[int, AnyEvent]]:
    """Events in pieces, so that an append in between does no harm."""
    while True:
        chunk = connection.execute(_READ, (after, _CHUNK)).fetchall()
        for sequence, schema, payload in chunk:
            yield sequence, _event(journal, sequence, schema, payload)
            after = sequence
        if len(chunk) < _CHUNK:
            return


def _require_schema(journal: Path, sequence: int, schema: int) -> None:
    """Refuse an event in words that this version does not know."""
    if not 1 <= schema <= SCHEMA:
        raise JournalError(
            f"journal {journal}: event {sequence}: expected schema 1 to {SCHEMA}, found {schema}; "
            "open it with the version of Underwriter that wrote it"
        )


def _event(journal: Path, sequence: int, schema: int, payload: bytes) -> AnyEvent:
    _require_schema(journal, sequence, schema)
    try:
        return decode(payload, schema)
    except msgspec.DecodeError as error:
        raise _refused(journal, f"event {sequence} cannot be read ({error})") from error


def events(path: Path, after: int = 0) -> Iterator[tuple[int, AnyEvent]]:
    """The events of a journal for whoever only reads, while it is written to or not.

    Raises InputError for what is not a journal, JournalError where it cannot be read.
    """
    require_journal(path)
    try:
        with closing(_connect(path, "ro")) as connection:
            yield from _read(connection, path, after)
    except _BROKEN as error:
        raise _refused(path, f"expected a sound file, found {error}") from error
