"""A journal in a file of its own: SQLite in write-ahead mode with full synchronisation.

Beside the file stand its head (see `head`), and while it is open a lock, the log and SQLite's
shared memory.  A commit puts the log on the disk; the head that follows it need not wait for the
disk, since it is only ever behind the log, and what is behind is found and adopted at the next
opening.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from underwriter.book.head import advance_head, head_path, read_head, sync_folder, write_head
from underwriter.book.layout import (
    APPLICATION_ID,
    FORMAT,
    GENESIS,
    PAGE,
    TABLE,
    Head,
    Row,
    beside,
    require_journal,
)
from underwriter.book.lock import hold, release
from underwriter.book.open_log import LIMIT, OpenLog
from underwriter.book.store import Payload, Written, refused
from underwriter.book.wal import log_finding, read_log
from underwriter.core.errors import InputError, JournalError

_BROKEN = (sqlite3.Error, UnicodeDecodeError)  # SQLite may quote damaged text in its complaint
_WAITS = 30.0  # seconds that a reader waits while the disk of a writer that closes is slow
_INSERT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"
_AFTER = "FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"
_PAYLOADS = f"SELECT sequence, schema, payload {_AFTER}"
_ROWS = f"SELECT sequence, at, received, schema, CAST(kind AS BLOB), payload, hash {_AFTER}"


def _connect(journal: Path, mode: str) -> sqlite3.Connection:
    uri = f"{journal.absolute().as_uri()}?mode={mode}"
    waits = _WAITS if mode == "ro" else 1.0  # for readers: none may look so long
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=waits)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """Say of what SQLite cannot read which journal it is."""
    try:
        yield
    except _BROKEN as error:
        raise refused(path, f"expected a sound file, found {error}") from error
    except OSError as error:
        raise JournalError(
            f"journal {path}: expected room to write beside it, found: {error.strerror}; "
            "nothing was lost: make room and open it again"
        ) from error


class SqliteReader:
    """Reads a journal's file, while it is written to or not."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection

    @classmethod
    def open(cls, path: Path) -> "SqliteReader":
        """Raises InputError for what is not a journal, JournalError where it cannot be read."""
        require_journal(path)
        with _sound(path):
            return cls(path, _connect(path, "ro"))

    def rows(self, after: int, limit: int) -> list[tuple[int, Row]]:
        """At most `limit` rows after a sequence."""
        with _sound(self.path):
            found = self.connection.execute(_ROWS, (after, limit)).fetchall()
        return [(sequence, Row(*columns)) for sequence, *columns in found]

    def payloads(self, after: int, limit: int) -> list[Payload]:
        """The same, of each only what an event is read from."""
        with _sound(self.path):
            return self.connection.execute(_PAYLOADS, (after, limit)).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


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


class SqliteStore:
    """The one writer of a journal's file; made by `create` or `open`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.place = path
        self._lock = lock
        self.head, needed = read_head(path)
        finding = log_finding(read_log(beside(path, "-wal")), needed)
        if finding:
            raise refused(path, f"write-ahead log: {finding}")
        self.connection = _connect(path, "rw")
        self._log = OpenLog(beside(path, "-wal"))
        self._head_file = -1  # open from the first fold of the log on
        reader = SqliteReader(path, self.connection)
        self.rows, self.payloads = reader.rows, reader.payloads
        try:
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA wal_autocheckpoint = 0")
            self.connection.execute(f"PRAGMA journal_size_limit = {LIMIT}")
        except BaseException:
            self.connection.close()
            raise

    @classmethod
    def create(cls, path: Path) -> "SqliteStore":
        """A new, empty journal; InputError where something is there already."""
        return cls._held(path, fresh=True)

    @classmethod
    def open(cls, path: Path) -> "SqliteStore":
        """Raises InputError for what is not a journal, JournalError where another writes to it."""
        require_journal(path)
        return cls._held(path, fresh=False)

    @classmethod
    def _held(cls, path: Path, *, fresh: bool) -> "SqliteStore":
        lock = hold(path)
        try:
            with _sound(path):
                if fresh:
                    _require_room(path)
                    _make(path)
                return cls(path, lock)
        except BaseException:
            release(path, lock)
            raise

    def adopt(self, head: Head) -> None:
        """Go on from a head, the log folded into the database."""
        self.head = head
        with _sound(self.place):
            self._fold_log()

    def write(self, rows: Sequence[Written], head: Head) -> None:
        """Commit rows, which puts them on the disk, and tell the head."""
        with self._transaction():
            self.connection.executemany(_INSERT, rows)
        self.head = head
        self._publish()

    def close(self) -> None:
        """Fold the log into the database and let another write."""
        try:
            self._fold_log()
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"journal {self.place}: events to {self.head.sequence} are written, but its log "
                f"could not be folded into it ({error}); make room and open it again"
            ) from error
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Let another write, and leave everything as it is."""
        self.connection.close()
        self._log.close()
        if self._head_file >= 0:
            os.close(self._head_file)
        release(self.place, self._lock)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit what is done within, or leave the journal as it was and say why."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            self._log.forget()
            if not isinstance(error, sqlite3.Error):
                raise
            raise JournalError(
                f"journal {self.place}: expected to append after event {self.head.sequence}, "
                f"found {error}; nothing of the batch was written"
            ) from error

    def _publish(self) -> None:
        """Write the head beside the journal; fold a log that has grown long."""
        try:
            advance_head(self._head_file, self.head, self._log.follow())
        except OSError as error:
            raise JournalError(
                f"journal {self.place}: events to {self.head.sequence} are written, but not its "
                f"head ({error.strerror}); make room and open it again"
            ) from error
        if self._log.gone:
            self._fold_log()
            raise JournalError(
                f"journal {self.place}: events to {self.head.sequence} are written, but another "
                "program removed its write-ahead log; open it again"
            )
        if self._log.long:
            with suppress(OSError, sqlite3.Error):  # what is written is: the next one tries again
                self._fold_log("PASSIVE")

    def _fold_log(self, how: str = "TRUNCATE") -> None:
        """Bring the log into the database, and empty it; a reader may put that off.

        The head is told first, and is on the disk, so that a crash in between leaves more log than
        it needs, never less.  PASSIVE waits for nobody and leaves the file as long as it is: the
        next commits are written over what was folded.
        """
        write_head(self.place, self.head, 0)
        if self._head_file >= 0:
            os.close(self._head_file)
        self._head_file = os.open(head_path(self.place), os.O_WRONLY)
        self._log.folding()
        self.connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
