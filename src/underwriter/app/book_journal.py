"""`underwriter book journal`: the events in order, a line each, as they are read."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import get_args

import msgspec

from underwriter.book.currency import decimal
from underwriter.book.event import AnyEvent, SleeveEvent, SleeveOpened
from underwriter.book.journal import events
from underwriter.book.place import Place
from underwriter.book.told import moved_u, told
from underwriter.core.errors import InputError

KINDS = tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyEvent))
_WIDEST = max(map(len, KINDS))


class EventSaid(msgspec.Struct, frozen=True):
    """One line of `book journal --json`."""

    sequence: int
    event: AnyEvent


Found = Iterator[tuple[int, AnyEvent]]


def as_json(journal: Place, after: int, limit: int | None, kinds: Collection[str]) -> Iterator[str]:
    """Events after a sequence as JSON, a line each; InputError for a kind that there is not."""
    for sequence, event in _chosen(events(journal, after), limit, kinds):
        yield msgspec.json.encode(EventSaid(sequence, event)).decode()


def as_text(journal: Place, after: int, limit: int | None, kinds: Collection[str]) -> Iterator[str]:
    """The same for people: sequence, day, kind, whose, the cash that moved, what happened."""
    roots: dict[int, str] = {}
    for sequence, event in chosen_from(journal, after, limit, kinds, roots):
        whose = f"{event.account}#{event.sleeve}" if isinstance(event, SleeveEvent) else ""
        cash_u = moved_u(event)
        cash = "" if cash_u is None else decimal(cash_u)
        kind = str(event.__struct_config__.tag)
        head = f"{sequence:>7} {event.session} {kind:<{_WIDEST}} {whose or event.account:<10}"
        yield f"{head} {cash:>14}  {told(event, roots)}"


def chosen_from(
    journal: Place, after: int, limit: int | None, kinds: Collection[str], roots: dict[int, str]
) -> Found:
    """The events that are asked for; `roots` gets those of the sleeves as they are met."""
    return _chosen(_later(events(journal), after, roots), limit, kinds)


def _later(found: Found, after: int, roots: dict[int, str]) -> Found:
    """Events after a sequence; those before tell the roots of the sleeves."""
    for sequence, event in found:
        if isinstance(event, SleeveOpened):
            roots[event.sleeve] = event.root
        if sequence > after:
            yield sequence, event


def _chosen(found: Found, limit: int | None, kinds: Collection[str]) -> Found:
    """The first of some kinds, or of all."""
    strange = next((kind for kind in kinds if kind not in KINDS), None)
    if strange is not None:
        raise InputError(f"--kind: found {strange!r}; allowed: {', '.join(KINDS)}")
    some = (
        (sequence, event)
        for sequence, event in found
        if not kinds or str(event.__struct_config__.tag) in kinds
    )
    return islice(some, limit)
