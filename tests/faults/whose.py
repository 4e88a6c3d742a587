"""Which approval an order, or a refusal, is of: a session may have several of a sleeve and action.

An order's id is of the sequence of its approval; a refusal is of the oldest that it fits.
"""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from underwriter.book.event import AnyEvent, Approved, Filled, OrderIntended, Refused
from underwriter.desk.ladder import Ladder
from underwriter.desk.route import client_id

Key = tuple[Any, int, str]  # session, sleeve, action


def key_of(event: Approved | OrderIntended | Refused | Filled) -> Key:
    """What an approval and its orders have in common."""
    return event.session, event.sleeve, getattr(event, "action", "")


def approvals(events: Sequence[AnyEvent]) -> Iterator[tuple[int, Approved]]:
    """The approvals of a journal with their sequences, the newest first."""
    for sequence in range(len(events), 0, -1):
        event = events[sequence - 1]
        if isinstance(event, Approved):
            yield sequence, event


def approval_of(events: Sequence[AnyEvent], order: OrderIntended) -> int:
    """The sequence of the approval that an order is of: by its id, else the last of its kind."""
    last = 0
    for sequence, one in approvals(events):
        if key_of(one) == key_of(order):
            if order.client in _ids(sequence, one):
                return sequence
            last = last or sequence
    return last


def _ids(sequence: int, one: Approved) -> set[str]:
    """The ids that orders of an approval may have."""
    intent: Any = SimpleNamespace(event=one, sequence=sequence)
    return {client_id(intent, attempt) for attempt in range(Ladder().attempts + 1)}


def refusals(events: Sequence[AnyEvent]) -> dict[int, Refused]:
    """The refusals of approvals that came to nothing, by the sequences of the approvals."""
    waiting: list[tuple[int, Approved]] = []
    found: dict[int, Refused] = {}
    for sequence, event in enumerate(events, 1):
        if isinstance(event, Approved):
            waiting.append((sequence, event))
        elif isinstance(event, Refused):
            same = next((one for one in waiting if _fits(event, one[1])), None)
            if same is not None:
                found[same[0]] = event
                waiting.remove(same)
    return found


def _fits(refused: Refused, approved: Approved) -> bool:
    names = ("session", "sleeve", "action", "option", "legs", "shares")
    return all(getattr(refused, name) == getattr(approved, name) for name in names)
