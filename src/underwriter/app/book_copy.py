"""`underwriter book copy`: a journal as it is, in another place."""

import msgspec

from underwriter.app.books import named
from underwriter.book.copy import copy
from underwriter.book.place import Place


class Copied(msgspec.Struct, frozen=True):
    """What `book copy --json` prints."""

    journal: str  # the copy
    source: str
    events: int
    hash: str  # of the last event, the same in both


def copied(source: Place, target: str) -> Copied:
    """Bring a copy to where a journal is; it is made where there is none.

    Raises InputError for what is no journal, JournalError for a target that holds anything else.
    """
    place = named(target)
    head = copy(source, place)
    return Copied(str(place), str(source), head.sequence, head.hash.hex())


def page(said: Copied) -> str:
    """The same for people."""
    return f"{said.journal}: {said.events} events of {said.source}, head {said.hash[:16]}"
