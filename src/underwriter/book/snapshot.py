"""A snapshot: the book of a journal as it was folded, kept so that opening need not fold it all.

    cache/books/9f2c...      named by the hash of the journal's first event

It is a cache and may be thrown away at any time.  It is believed only where every byte of it is as
it was written, by this very source and these libraries, and where the journal still has the event
up to which it was folded, with the hash it had: by the chain all before it is the same, too.
Otherwise it is passed over, everything is folded, and it is made anew.  It holds data alone,
decoded into the types that are declared: nothing in it can be run.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import msgspec
import numpy as np
from msgspec.structs import astuple

from underwriter.book.event import AnyEvent
from underwriter.book.fold import fold
from underwriter.book.folded import EMPTY, Book
from underwriter.book.journal import read_on, reader_of
from underwriter.book.past import Run
from underwriter.book.place import Place
from underwriter.book.store import Reader
from underwriter.core.sleeve import new_book

WORTH = 500  # events after a snapshot from which on another is made
KEPT = 32  # journals
_ROOMS = ("book", "core")  # the rooms that say what follows from an event
_DIGEST = 32


class Opened(NamedTuple):
    """The book of a journal, and the last day that an event of it tells of."""

    book: Book
    last: date | None


NOTHING = Opened(EMPTY, None)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A snapshot: how far it goes, and the book by its parts; its rows are bytes."""

    journal: bytes  # the hash of its first event
    hash: bytes  # of the last event that was folded
    last: date | None
    parts: msgspec.Raw
    rows: tuple[bytes, ...]


def opened(place: Place, folder: Path) -> Opened:
    """The book of a journal, from its snapshot in a folder where one can be believed.

    Raises InputError for what is not a journal, JournalError where it cannot be read.
    """
    with closing(reader_of(place)) as reader:
        journal = _hash(reader, 1)
        if journal is None:
            return NOTHING
        path = folder / journal.hex()
        found = _believed(path, journal, reader)
        if not reader.payloads(found.book.events, 1):
            return found
        later = _Later(read_on(reader, place, found.book.events), found)
        told = Opened(fold(later, found.book), later.last)
        if told.book.events - found.book.events >= WORTH and later.sequence == told.book.events:
            with suppress(OSError, OverflowError):  # it is a cache, of numbers of 64 bits
                _write(path, encoded(told, journal, _hash(reader, later.sequence) or b""))
        return told


class _Later:
    """The events after a book, passed on: how far they went, and the last day of all."""

    def __init__(self, events: Iterable[tuple[int, AnyEvent]], found: Opened) -> None:
        self._events = events
        self.sequence, self.last = found.book.events, found.last

    def __iter__(self) -> Iterator[AnyEvent]:
        for sequence, event in self._events:
            self.sequence = sequence
            if self.last is None or event.session > self.last:
                self.last = event.session
            yield event


def _hash(reader: Reader, sequence: int) -> bytes | None:
    """The hash of an event of a journal; None where it is not there."""
    return next((row.hash for at, row in reader.rows(sequence - 1, 1) if at == sequence), None)


def _believed(path: Path, journal: bytes, reader: Reader) -> Opened:
    """What a snapshot tells, where it can be believed; else nothing."""
    try:
        kept, found = decoded(path.read_bytes())
    except (OSError, ValueError):
        return NOTHING
    if kept.journal != journal or _hash(reader, found.book.events) != kept.hash:
        return NOTHING
    return found


def _write(path: Path, data: bytes) -> None:
    """Put a snapshot in its place, whole or not at all; those not made for longest give way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(part, "wb") as file:
        file.write(data)
    Path(name).replace(path)
    kept = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime_ns)
    for old in kept[:-KEPT]:
        old.unlink()


# the bytes of it: a digest over all that follows, what made it, how far it goes, the book

_RUN = get_type_hints(Run) | {"entries": list[tuple[int, AnyEvent]]}
_Run = msgspec.defstruct("_Run", list(_RUN.items()), array_like=True)
_HINTS = {name: hint for name, hint in get_type_hints(Book).items() if name != "state"}
_HINTS |= {"runs": dict[int, list[_Run]]}  # type: ignore[valid-type]  # made as it runs
_Parts = msgspec.defstruct("_Parts", list(_HINTS.items()), array_like=True)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)
_parts_decoder = msgspec.msgpack.Decoder(_Parts)


@cache
def made_by() -> bytes:
    """The digest of what says how events become a book and a book bytes: source and libraries."""
    package, digest = Path(__file__).parents[1], sha256()
    for path in (path for room in _ROOMS for path in sorted((package / room).glob("*.py"))):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{msgspec.__version__} {np.__version__} {sys.byteorder}".encode())
    return digest.digest()


def encoded(told: Opened, journal: bytes, last: bytes) -> bytes:
    """A snapshot's bytes: of a book of one event or more, by the hashes of the first and last."""
    found = {name: getattr(told.book, name) for name in _HINTS}
    found["runs"] = {
        at: [_Run(*(getattr(run, name) for name in _RUN)) for run in runs]
        for at, runs in told.book.runs.items()
    }
    state: Any = told.book.state
    rows = tuple(part.tobytes() for part in state)
    raw = msgspec.Raw(_encoder.encode(_Parts(**found)))
    kept = _Kept(journal, last, told.last, raw, rows)
    body = made_by() + _encoder.encode(kept)
    return sha256(body).digest() + body


def decoded(data: bytes) -> tuple[_Kept, Opened]:
    """What a snapshot's bytes say; ValueError where this source did not write them so."""
    digest, maker, body = data[:_DIGEST], data[_DIGEST : 2 * _DIGEST], data[2 * _DIGEST :]
    if maker != made_by() or sha256(maker + body).digest() != digest:
        raise ValueError("expected a snapshot that this version wrote, to the byte")
    kept = _decoder.decode(body)
    parts = _parts_decoder.decode(kept.parts)
    told = {name: getattr(parts, name) for name in _HINTS}
    told["runs"] = {at: [Run(*astuple(run)) for run in runs] for at, runs in told["runs"].items()}
    sizes = (len(told[each]) for each in ("accounts", "sleeves", "policies", "instruments"))
    state: Any = new_book(*sizes)
    for rows, stored in zip(state, kept.rows, strict=True):
        rows[...] = np.frombuffer(stored, rows.dtype).reshape(rows.shape)
    return kept, Opened(Book(state=state, **told), kept.last)
