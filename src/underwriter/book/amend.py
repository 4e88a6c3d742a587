"""A history as it truly was: every event once, as it was corrected, and none that was busted.

    sold 1 KO P 60 @ 0.85, id 7       told again, id 7       corrected 7: @ 0.80
    becomes
    sold 1 KO P 60 @ 0.80, id 7

What reads legs, lots or postings event by event reads this, and knows nothing of corrections.  What
the fold could not book is not in it.
"""

from collections.abc import Iterable

from underwriter.book.event import AnyEvent, Busted, Corrected, Event
from underwriter.book.fold import Book, fold
from underwriter.book.past import as_changed


def amended(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """The events as they truly were, in their order."""
    told = list(events)
    return [event for _, event in numbered(told, fold(told))]


def numbered(events: Iterable[AnyEvent], book: Book) -> list[tuple[int, AnyEvent]]:
    """The same with the sequence of each; `book` is what the events fold to."""
    left_out = {stray.event for stray in book.strays} | set(book.repeats)
    kept: dict[int, Event] = {}
    where: dict[tuple[str, str], int] = {}
    for sequence, event in enumerate(events, 1):
        if sequence in left_out:
            continue
        if isinstance(event, Busted | Corrected):
            number = where.pop((event.account, event.of))
            true = as_changed(kept.pop(number), event)
            if true is not None:
                kept[number] = true
                where[event.account, getattr(event, "id", None) or event.of] = number
            continue
        kept[sequence] = event
        if event.id:
            where[event.account, event.id] = sequence
    return sorted(kept.items())  # type: ignore[arg-type]  # every one is of a kind
