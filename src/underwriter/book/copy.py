"""A journal as it is, in another place: the same rows, the same hashes, whatever the engines.

A copy that was cut short is the beginning of a copy, and goes on when it is asked for again; so a
copy is also what follows a journal that grows.
"""

from contextlib import closing
from itertools import islice

from underwriter.book.journal import Journal, exists, reader_of
from underwriter.book.layout import Head
from underwriter.book.place import Place, place_of
from underwriter.book.store import CHUNK, Reader, in_pieces
from underwriter.core.errors import InputError, JournalError


def copy(source: str | Place, target: str | Place) -> Head:
    """Bring a journal to where another is; it is made where there is none.  Returns its head.

    Every row must follow from the one before it.  Raises InputError for a source that is no
    journal, JournalError where the target holds anything that the source does not, or where the
    source is not as it was written.
    """
    start, end = place_of(source), place_of(target)
    if start == end:
        raise InputError(f"journal {end}: found it as source and target; expected another place")
    with closing(reader_of(start)) as reader, _opened(end) as journal:
        if not _begins(reader, journal.head):
            raise JournalError(
                f"journal {end}: expected the beginning of {start}, found other events to "
                f"{journal.head.sequence}; give another place to copy to"
            )
        rows = in_pieces(reader.rows, journal.head.sequence)
        while piece := list(islice(rows, CHUNK)):
            journal.take(piece)
        return journal.head


def _opened(place: Place) -> Journal:
    """The journal at a place, an empty one where there is none yet."""
    return Journal.open(place) if exists(place) else Journal.create(place)


def _begins(reader: Reader, head: Head) -> bool:
    """Whether a journal goes through a head: then it holds all that came before it, too."""
    found = reader.rows(head.sequence - 1, 1) if head.sequence else []
    return [Head(sequence, row.hash) for sequence, row in found] == [head][: head.sequence]
