"""An evening of a journal, for the commands that look at what is held."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from underwriter.app.settings import home_folder
from underwriter.book.event import AnyEvent, Marked
from underwriter.book.fold import fold
from underwriter.book.journal import events
from underwriter.book.place import Place
from underwriter.book.snapshot import Opened, opened
from underwriter.core.errors import InputError
from underwriter.sim.known import Known, known


def read(journal: Place, as_of: date | None) -> Known:
    """What a journal knows on the last evening at or before a day; InputError names the journal.

    InputError for a day before its first evening or after its last.
    """
    with naming(journal):
        return known(told(journal, as_of))


def told(journal: Place, as_of: date | None) -> list[AnyEvent]:
    """The events of a journal to a day, or all; InputError for a day outside its evenings."""
    with naming(journal):
        found = [event for _, event in events(journal)]
        _require_within(found, as_of)
    return [event for event in found if as_of is None or event.session <= as_of]


def book_of(journal: Place, as_of: date | None) -> Opened:
    """The book of a journal after a day, or of all of it; InputError for a day outside it."""
    if as_of is None:
        return opened(journal, snapshots())
    events = told(journal, as_of)
    return Opened(fold(events), max((event.session for event in events), default=None))


def snapshots() -> Path:
    """Where books are kept as they were folded: below the home that is open."""
    return home_folder(None) / "cache" / "books"


@contextmanager
def naming(journal: Place) -> Iterator[None]:
    """Say of what is refused within which journal it is about."""
    try:
        yield
    except InputError as error:
        said = str(error)
        raise InputError(said if str(journal) in said else f"{journal}: {said}") from error


def _require_within(told: Iterable[AnyEvent], as_of: date | None) -> None:
    """InputError for a day before the first evening or after the last."""
    marked = [event.session for event in told if isinstance(event, Marked)]
    if as_of is not None and marked and not min(marked) <= as_of <= max(marked):
        raise InputError(
            f"--as-of {as_of}: found no evening then; "
            f"expected a day from {min(marked)} to {max(marked)}"
        )
