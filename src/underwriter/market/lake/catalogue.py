"""The catalogue: which segments count, which file each row came from, what each gate found.

SQLite in write-ahead mode with full synchronisation: readers are never kept waiting, and what is
entered in one transaction is there as a whole or not at all.  Days are day numbers.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from underwriter.core.errors import LakeError
from underwriter.market.lake.layout import Places, sync_folder

APPLICATION_ID = 0x556E6C6B  # "Unlk", in the header of the file
FORMAT = 2  # of the tables, in the header of the file
KEPT, DROPPED = "kept", "dropped"

_TABLES = """
CREATE TABLE file (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  format TEXT NOT NULL,
  at INTEGER NOT NULL,
  rows INTEGER NOT NULL
) STRICT;
CREATE TABLE segment (
  path TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  year INTEGER NOT NULL,
  role TEXT NOT NULL,
  file INTEGER NOT NULL REFERENCES file,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE count (
  file INTEGER NOT NULL REFERENCES file,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  year INTEGER NOT NULL,
  gate TEXT NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (kind, name, year, gate, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE root (
  underlying TEXT NOT NULL,
  root TEXT NOT NULL,
  year INTEGER NOT NULL,
  file INTEGER NOT NULL REFERENCES file,
  rows INTEGER NOT NULL,
  quoted INTEGER NOT NULL,
  PRIMARY KEY (underlying, root, year, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE day (
  underlying TEXT NOT NULL,
  date INTEGER NOT NULL,
  file INTEGER NOT NULL REFERENCES file,
  kept INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  quoted INTEGER NOT NULL,
  session INTEGER NOT NULL,
  copied REAL,
  spot_quoted REAL,
  spot REAL,
  spot_from TEXT,
  parity_gap REAL,
  spot_off INTEGER,
  spot_scale REAL,
  split_seen REAL,
  split_given REAL,
  spot_least REAL,
  spot_most REAL,
  PRIMARY KEY (underlying, date, file)
) STRICT, WITHOUT ROWID;
"""
DAY_COLUMNS = (
    "kept",
    "dropped",
    "quoted",
    "session",
    "copied",
    "spot_quoted",
    "spot",
    "spot_from",
    "parity_gap",
    "spot_off",
    "spot_scale",
    "split_seen",
    "split_given",
    "spot_least",
    "spot_most",
)
_SINCE_FIRST = ("spot_least", "spot_most")  # columns of `day` that format 1 did not have


class File(NamedTuple):
    """A file that was imported; `key` stands for its bytes and for how they were read."""

    number: int
    key: str
    hash: str  # sha256 of its bytes
    path: str  # as it was given
    bytes: int
    format: str
    at: int  # UTC nanoseconds
    rows: int  # that it held


class Segment(NamedTuple):
    """A Parquet file of the lake: rows of one kind and name, of one import or merged from many."""

    path: str  # below the folder of segments
    kind: str
    name: str  # the underlying or the series
    year: int  # of chains; else 0
    role: str  # KEPT or DROPPED
    file: int  # the last that it has rows of
    rows: int
    bytes: int
    first: int
    last: int
    hash: str  # sha256 of its bytes


class Count(NamedTuple):
    """How many rows of a file a gate found; no gate: those without remark."""

    file: int
    kind: str
    name: str
    year: int
    gate: str  # "" where there was nothing to say
    rows: int


class Root(NamedTuple):
    """How many rows of a root a file brought, and how many of them have an ask."""

    underlying: str
    root: str
    year: int
    file: int
    rows: int
    quoted: int


class Entry(NamedTuple):
    """All that one file brings; `days` are rows of the table of that name."""

    file: File
    segments: tuple[Segment, ...]
    counts: tuple[Count, ...]
    roots: tuple[Root, ...]
    days: tuple[tuple[object, ...], ...]


class Catalogue:
    """An open catalogue."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def rows(self, query: str, given: Iterable[object] = ()) -> list[tuple[object, ...]]:
        """What a query finds; LakeError where the catalogue cannot be read."""
        try:
            return self._connection.execute(query, tuple(given)).fetchall()
        except sqlite3.Error as problem:
            raise _unreadable(self._path, problem) from problem

    def segments(self, where: str = "TRUE", given: Iterable[object] = ()) -> list[Segment]:
        """The segments that fit a condition, in the order of their days and their files."""
        query = f"SELECT * FROM segment WHERE {where} ORDER BY kind, name, first, file, path"  # noqa: S608  ours
        return [Segment(*row) for row in self.rows(query, given)]  # type: ignore[arg-type]

    def files(self) -> list[File]:
        """Every file that was imported, in their order."""
        return [File(*row) for row in self.rows("SELECT * FROM file ORDER BY number")]  # type: ignore[arg-type]

    def file_of(self, key: str) -> File | None:
        """The file of a key, where it was imported."""
        found = self.rows("SELECT * FROM file WHERE key = ?", (key,))
        return File(*found[0]) if found else None  # type: ignore[arg-type]

    def next_number(self) -> int:
        """The number of the next file."""
        ((last,),) = self.rows("SELECT coalesce(max(number), 0) FROM file")
        return int(str(last)) + 1

    def enter(self, entry: Entry) -> None:
        """Enter all that a file brings, or nothing."""
        with self._transaction() as run:
            _insert(run, "file", [entry.file])
            _insert(run, "segment", entry.segments)
            _insert(run, "count", entry.counts)
            _insert(run, "root", entry.roots)
            _insert(run, "day", entry.days)

    def replace(self, old: Iterable[Segment], new: Segment) -> None:
        """Let a segment stand for those that it was merged from."""
        with self._transaction() as run:
            run.executemany("DELETE FROM segment WHERE path = ?", [(one.path,) for one in old])
            _insert(run, "segment", [new])

    def bring_up(self) -> int:
        """Bring a catalogue of format 1 to this one, what it did not keep unknown; the format."""
        with self._transaction("bring it to the format of today") as run:
            ((found,),) = run.execute("PRAGMA user_version").fetchall()
            if found == 1:  # else another process was faster
                for column in _SINCE_FIRST:
                    run.execute(f"ALTER TABLE day ADD COLUMN {column} REAL")
                run.execute(f"PRAGMA user_version = {FORMAT}")
        return FORMAT

    @contextmanager
    def _transaction(self, what: str = "enter an import") -> Iterator[sqlite3.Connection]:
        """Commit what is done within, or leave the catalogue as it was and say why."""
        run = self._connection
        try:
            run.execute("BEGIN IMMEDIATE")
            yield run
            run.execute("COMMIT")
        except BaseException as error:
            if run.in_transaction:
                run.execute("ROLLBACK")
            if not isinstance(error, sqlite3.Error):
                raise
            raise LakeError(
                f"lake {self._path.parent}: expected to {what}, found {error}; nothing "
                "of it was entered"
            ) from error


@contextmanager
def reading(places: Places) -> Iterator[Catalogue | None]:
    """The catalogue for whoever only reads; None where there is no lake yet."""
    if not places.catalogue.exists():
        yield None
        return
    with _opened(places.catalogue) as catalogue:
        yield catalogue


@contextmanager
def writing(places: Places) -> Iterator[Catalogue]:
    """The catalogue for the one who holds the lock; made where there is none."""
    if not places.catalogue.exists():
        _make(places.catalogue)
    with _opened(places.catalogue) as catalogue:
        yield catalogue


@contextmanager
def _opened(path: Path) -> Iterator[Catalogue]:
    """An open catalogue of this format."""
    try:
        connection = _connect(path)
    except sqlite3.Error as problem:
        raise _unreadable(path, problem) from problem
    with closing(connection):
        catalogue = Catalogue(connection, path)
        marks = [
            catalogue.rows(f"PRAGMA {name}")[0][0] for name in ("application_id", "user_version")
        ]
        if marks == [APPLICATION_ID, 1]:
            marks[1] = catalogue.bring_up()
        if marks != [APPLICATION_ID, FORMAT]:
            raise LakeError(
                f"lake {path.parent}: expected a catalogue of format {FORMAT}, found {marks[1]}; "
                "read it with the version of Underwriter that wrote it"
            )
        catalogue.rows("PRAGMA synchronous = FULL")
        yield catalogue


def _make(path: Path) -> None:
    """Write an empty catalogue; it appears under its name when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        with closing(_connect(fresh, "rwc")) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as problem:
        fresh.unlink(missing_ok=True)
        raise _unreadable(path, problem) from problem
    fresh.replace(path)
    sync_folder(path.parent)


def _connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection without transactions of its own making."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10.0)


def _insert(run: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows of all of a table's columns."""
    given = list(rows)
    if given:
        marks = ", ".join("?" * len(given[0]))
        run.executemany(f"INSERT INTO {table} VALUES ({marks})", given)  # noqa: S608  our own names


def _unreadable(path: Path, problem: Exception) -> LakeError:
    """The refusal of a catalogue that SQLite cannot work with."""
    return LakeError(f"lake {path.parent}: expected a sound catalogue, found {problem} in {path}")
