"""The journal: events appended for good, each chained to the one before by its hash.

with Journal.open("book.journal") as journal:        # or postgresql://USER@HOST/DATABASE
    journal.append(events, received)      # all of them or none, on the disk when it returns
    for sequence, event in journal.read(after=120):
        ...

It is kept in a file (`sqlite`) or in a database by URL (`postgres`); events, rows and hashes are
the same in both.  One process writes at a time; others read with `events`.  Sequence orders,
times never do.  Nothing here repairs: a journal that does not agree with its head is refused,
and `verify` says what is wrong with it.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from types import ModuleType, TracebackType
from typing import Self

import msgspec

from underwriter.book.event import AnyEvent
from underwriter.book.layout import Head, Row, link
from underwriter.book.number import may_be_larger
from underwriter.book.place import Place, Url, place_of
from underwriter.book.sqlite import SqliteReader, SqliteStore
from underwriter.book.store import Payload, Reader, Store, Written, in_pieces, pieces, refused
from underwriter.book.stored import decode, encode
from underwriter.book.upcast import SCHEMA
from underwriter.core.errors import InputError, JournalError

Numbered = tuple[int, AnyEvent]  # an event behind its sequence


class Journal:
    """An open journal, and the one writer it has; made by `create` or `open`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.place = store.place
        try:
            store.adopt(_continued(store))
        except BaseException:
            store.let_go()
            raise

    @classmethod
    def create(cls, given: str | Place) -> Self:
        """Make a new, empty journal and open it; InputError where something is there already."""
        place = place_of(given)
        if isinstance(place, Url):
            return cls(postgres_of(place).PostgresStore.create(place))
        return cls(SqliteStore.create(place))

    @classmethod
    def open(cls, given: str | Place) -> Self:
        """Open a journal to write to.

        Raises InputError for what is not a journal; JournalError where another process writes to
        it, or where it does not agree with its head.
        """
        place = place_of(given)
        if isinstance(place, Url):
            return cls(postgres_of(place).PostgresStore.open(place))
        return cls(SqliteStore.open(place))

    @property
    def head(self) -> Head:
        """The last sequence and its hash."""
        return self._store.head

    def append(self, events: Iterable[AnyEvent], received: int) -> Head:
        """Write a batch in one transaction: all of it is on the disk on return, or none of it.

        `received` is when the batch came in, UTC nanoseconds.  Returns the new head.
        """
        rows, head = self._rows(events, received)
        if rows:
            self._store.write(rows, head)
        return self.head

    def take(self, rows: Iterable[tuple[int, Row]]) -> Head:
        """Write the rows that follow in another journal, as they are, in one transaction.

        JournalError where one does not follow from the one before it.  Returns the new head.
        """
        written: list[Written] = []
        last = self.head
        for sequence, row in rows:
            last = _next(self.place, last, sequence, row)
            kind = row.kind.decode()
            columns = row.at, row.received, row.schema, kind, row.payload, row.hash
            written.append((sequence, *columns))
        if written:
            self._store.write(written, last)
        return self.head

    def read(self, after: int = 0) -> Iterator[tuple[int, AnyEvent]]:
        """The events after a sequence, in order, with their sequences."""
        return read_on(self._store, self.place, after)

    def close(self) -> None:
        """Leave the journal in good order and let another write."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _rows(self, events: Iterable[AnyEvent], received: int) -> tuple[list[Written], Head]:
        """The rows of a batch and the head after it."""
        sequence, digest = self.head
        rows: list[Written] = []
        for event in events:
            sequence += 1
            kind = str(event.__struct_config__.tag)
            payload = self._fitting(sequence, encode(event))
            row = Row(event.at, received, SCHEMA, kind.encode(), payload)
            digest = link(digest, sequence, row)
            rows.append((sequence, event.at, received, SCHEMA, kind, row.payload, digest))
        return rows, Head(sequence, digest)

    def _fitting(self, sequence: int, payload: bytes) -> bytes:
        """An event's JSON; InputError where it could not be read again for a number in it."""
        if may_be_larger(payload):
            try:
                decode(payload)
            except msgspec.ValidationError as error:
                raise InputError(
                    f"journal {self.place}: event {sequence}: expected whole numbers of 64 bits "
                    f"({error}): {payload.decode()}"
                ) from error
        return payload


def postgres_of(place: Url) -> ModuleType:
    """The engine of a URL; InputError where what it needs is not installed."""
    try:
        from underwriter.book import postgres  # noqa: PLC0415  installed where it is asked for
    except ModuleNotFoundError as error:
        raise InputError(
            f"journal {place}: found no {error.name} installed, which a journal in PostgreSQL "
            "needs; install it: pip install 'underwriter[postgres]'"
        ) from error
    return postgres


def exists(place: Place) -> bool:
    """Whether something is kept there; InputError for a server that cannot be asked."""
    if isinstance(place, Url):
        return bool(postgres_of(place).exists(place))
    return place.exists()


def _next(place: Place, last: Head, sequence: int, row: Row) -> Head:
    """The head after a row, which must follow from `last`."""
    if sequence != last.sequence + 1 or link(last.hash, sequence, row) != row.hash:
        raise refused(place, f"event {sequence} does not follow from the head")
    return Head(sequence, row.hash)


def _continued(store: Store) -> Head:
    """The head of what is written, where it continues the head that was acknowledged."""
    told = store.head
    last = told if told.sequence == 0 else None
    for sequence, row in in_pieces(store.rows, max(told.sequence, 1) - 1):
        if last is None and (sequence, row.hash) == told:
            last = told
        else:
            last = _next(store.place, last or told, sequence, row)
        _require_schema(store.place, sequence, row.schema)
    if last is None:
        raise refused(store.place, f"expected events to {told.sequence}, found fewer")
    return last


def reader_of(place: Place) -> Reader:
    """What reads a journal without locking anybody out.

    Raises InputError for what is not a journal, JournalError where it cannot be read.
    """
    if isinstance(place, Url):
        reader: Reader = postgres_of(place).PostgresReader.open(place)
        return reader
    return SqliteReader.open(place)


def read_on(reader: Reader, place: Place, after: int) -> Iterator[tuple[int, AnyEvent]]:
    """The events that a reader of a place has after a sequence, with their sequences."""
    for piece in pieces(reader.payloads, after):
        read, broken = _read(place, piece)
        yield from read
        if broken is not None:
            raise broken


def _require_schema(place: Place, sequence: int, schema: int) -> None:
    """Refuse an event in words that this version does not know."""
    if not 1 <= schema <= SCHEMA:
        raise JournalError(
            f"journal {place}: event {sequence}: expected schema 1 to {SCHEMA}, found {schema}; "
            "open it with the version of Underwriter that wrote it"
        )


def _read(place: Place, piece: Iterable[Payload]) -> tuple[list[Numbered], JournalError | None]:
    """The events of a piece, up to the first that cannot be read, and what is said of that one.

    A piece is read at once, since to go to and fro between what reads and what takes the events
    in costs more, an event, than either.
    """
    read: list[Numbered] = []
    sequence = 0
    try:
        for sequence, schema, payload in piece:
            if schema != SCHEMA:
                _require_schema(place, sequence, schema)
            read.append((sequence, decode(payload, schema)))
    except msgspec.DecodeError as error:
        return read, refused(place, f"event {sequence} cannot be read ({error})")
    except JournalError as error:
        return read, error
    return read, None


def events(given: str | Place, after: int = 0) -> Iterator[tuple[int, AnyEvent]]:
    """The events of a journal for whoever only reads, while it is written to or not.

    Raises InputError for what is not a journal, JournalError where it cannot be read.
    """
    place = place_of(given)
    with closing(reader_of(place)) as reader:
        yield from read_on(reader, place, after)
