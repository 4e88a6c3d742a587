"""What keeps a journal's rows: one small interface, and an engine behind it.

    Reader    rows and payloads after a sequence, in pieces
      '-- Store    + the head that was acknowledged, and the one way to write

A store writes rows and head together or not at all.  It knows nothing of events and chains: those
are the journal's, the same over every engine.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Protocol, TypeVar

from underwriter.book.layout import Head, Row
from underwriter.book.place import Place
from underwriter.core.errors import JournalError

T = TypeVar("T", bound=tuple[Any, ...])
CHUNK = 500  # rows that are read at once, so that an append in between does no harm

Written = tuple[int, int, int, int, str, bytes, bytes]  # the columns of the table, in their order
Payload = tuple[int, int, bytes]  # sequence, schema, payload


class Reader(Protocol):
    """What reads a journal; it locks nobody out."""

    def rows(self, after: int, limit: int) -> list[tuple[int, Row]]:
        """At most `limit` rows after a sequence, in order, with their sequences."""
        ...

    def payloads(self, after: int, limit: int) -> list[Payload]:
        """The same, of each only what an event is read from."""
        ...

    def close(self) -> None:
        """Let go of it; of a store, in good order."""
        ...


class Store(Reader, Protocol):
    """What the one writer of a journal writes to."""

    head: Head  # the last that was acknowledged

    @property
    def place(self) -> Place:
        """Where the journal is kept."""
        ...

    def adopt(self, head: Head) -> None:
        """Go on from `head`, which is found to continue the one that was acknowledged."""
        ...

    def write(self, rows: Sequence[Written], head: Head) -> None:
        """Write rows and the head after them; they are on the disk on return.

        JournalError where they are not; unless it says otherwise nothing of them was written.
        """
        ...

    def let_go(self) -> None:
        """Let another write, and leave everything as it is."""
        ...


def refused(place: Place, finding: str) -> JournalError:
    """What is said of a journal that is not as it was written."""
    return JournalError(
        f"journal {place}: {finding}; nothing is mended: `underwriter book verify` says more"
    )


def pieces(read: Callable[[int, int], Sequence[T]], after: int) -> Iterator[Sequence[T]]:
    """Everything after a sequence, piece by piece; each row begins with its sequence."""
    while True:
        piece = read(after, CHUNK)
        yield piece
        if len(piece) < CHUNK:
            return
        after = piece[-1][0]


def in_pieces(read: Callable[[int, int], Sequence[T]], after: int) -> Iterator[T]:
    """The same row by row."""
    return chain.from_iterable(pieces(read, after))
