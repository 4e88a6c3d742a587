"""Decide recorded sessions again, and compare: the same slab and book must give the same intents.

    a session      the events between its `decided` and what follows of it
    its book       the fold of the journal up to there
    its slab       recorded beside the desk, or cut anew from the history of a replay

Where they differ the likely causes are named: a slab that is not the one that was seen, another
version of the program, a policy that it reads otherwise; or none, which is a fault.
"""

from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import msgspec

from underwriter.app import wire_desk
from underwriter.app.desk_again import Again, request_of
from underwriter.app.request import Request
from underwriter.app.settings import House
from underwriter.book.event import AnyEvent, Approved, BookOpened, Decided, Refused
from underwriter.book.naming import named
from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.desk.deciding import decide, slab_hash
from underwriter.desk.ledger import Ledger, Shelf
from underwriter.market.slab import Slab
from underwriter.market.slab_store import stored_slab


class Difference(msgspec.Struct, frozen=True):
    """A session that is decided otherwise today."""

    session: date
    sequence: int  # of its `decided` event
    cause: str
    recorded: list[str]  # intents that were recorded and are not found again
    again: list[str]  # intents that are found and were not recorded


class Shadowed(msgspec.Struct, frozen=True):
    """The object of `shadow --json`."""

    journal: str
    sessions: int  # decided again
    intents: int  # that are the same
    unseen: list[date]  # sessions whose slab is not there any more
    differences: list[Difference]

    @property
    def attention(self) -> bool:
        """Whether somebody should look."""
        return bool(self.differences or self.unseen)


Slabs = Callable[[Request, int], Slab | None]


def shadowed(
    house: House, found: Again, between: tuple[date | None, date | None],
    tick: Callable[[date], None] = lambda _: None,
) -> Shadowed:  # fmt: skip
    """Decide the sessions of a desk again, from a day to another; `tick` is called before each."""
    slabs = _of_history(found) if found.kind == "replay" else _recorded(found.folder.slabs)
    ledger, opened = Ledger(Shelf(()), found.account), None
    same, count = 0, 0
    unseen: list[date] = []
    differences = []
    for at, event in enumerate(found.events):
        if isinstance(event, BookOpened):
            opened = event
        if isinstance(event, Decided) and opened is not None and _within(event.session, between):
            tick(event.session)
            request = request_of(house, opened)
            slab = slabs(request, day_number(event.session))
            if slab is None:
                unseen.append(event.session)
            else:
                count += 1
                made = _again(ledger, request, slab, event)
                recorded = [*_intents(found.events, at)]
                same += len(set(made) & set(recorded))
                altered = found.kind != "replay" and slab_hash(slab) != event.slab
                if altered or made != recorded:
                    cause = _cause(event, slab, request, opened)
                    differences.append(_difference(event, at + 1, cause, (recorded, made)))
        ledger.take(at + 1, event)
    return Shadowed(str(found.folder.journal), count, same, unseen, differences)


def _within(day: date, between: tuple[date | None, date | None]) -> bool:
    first, last = between
    return (first is None or day >= first) and (last is None or day <= last)


def _recorded(folder: Path) -> Slabs:
    """The slabs that were recorded beside a desk."""

    def slab(_: Request, day: int) -> Slab | None:
        try:
            return stored_slab(folder / str(day_of(day)))
        except (OSError, ValueError, KeyError, TypeError):  # half of it is gone, or no such file
            return None

    return slab


def _of_history(found: Again) -> Slabs:
    """The sessions of a replay, cut anew."""
    quotes: Any = wire_desk.replay_again(found.request, found.last_at)[0]

    def slab(_: Request, day: int) -> Slab | None:
        try:
            cut: Slab = quotes.slab(day)
        except InputError:
            return None
        return cut

    return slab


def _again(ledger: Ledger, request: Request, slab: Slab, event: Decided) -> list[str]:
    """What the session comes to today."""
    rules, calendar = wire_desk.rules_again(request, slab, day_number(event.session))
    made = decide(ledger.book, slab, rules, (calendar, event.at))
    return [_said(one) for one in made.events]


def _intents(events: tuple[AnyEvent, ...], at: int) -> Iterator[str]:
    """What was decided beside a `decided` event: what was said at its moment, of its session."""
    head = events[at]
    for event in events[at + 1 :]:
        same = (event.at, event.session) == (head.at, head.session)
        if not (same and isinstance(event, Approved | Refused)):
            return
        yield _said(event)


def _said(event: Approved | Refused) -> str:
    """An intent as people read it, whole."""
    verdict = "approved" if isinstance(event, Approved) else "refused"
    legs = [f"{leg.quantity:+d} {named(leg.option)}" for leg in event.legs]
    if not legs and event.option:
        legs = [named(event.option)]
    many = f" {event.quantity}" if isinstance(event, Approved) else ""
    least = f", least {event.limit_u}" if isinstance(event, Approved) and event.limit_u else ""
    shares = f" {event.shares:+d} shares" if event.shares else ""
    what = f"{event.action}{many} {', '.join(legs)}".strip()
    return f"sleeve {event.sleeve}: {verdict} {what}{shares} for {event.why}{least}"


def _cause(event: Decided, slab: Slab, request: Request, opened: BookOpened) -> str:
    """The likely causes of a difference."""
    version, found = installed("underwriter"), []
    if slab_hash(slab) != event.slab:
        found.append(f"the slab is not the one that was seen: {slab_hash(slab)} for {event.slab}")
    if version != event.version:
        found.append(f"decided by version {event.version}, this is {version}")
    found += _read_otherwise(event, request, opened)
    return "; ".join(found) or (
        f"none that is known: the same slab, version and policies ({request.name})"
    )


def _read_otherwise(event: Decided, request: Request, opened: BookOpened) -> Iterator[str]:
    """The policies that this program does not read as those of the session.

    A session of before its policies were said beside it has those of the book's last opening.
    """
    names = (one.name for one in request.policies)
    was = event.policies or dict(zip(names, opened.policies, strict=False))
    now = {one.name: one.hash for one in request.policies}
    for name, key in was.items():
        if now.get(name) != key:
            told = now.get(name, "no policy of its book")
            yield f"decided under {name} {key}, whose text this program reads as {told}"


def _difference(
    event: Decided, sequence: int, cause: str, intents: tuple[list[str], list[str]]
) -> Difference:
    recorded, made = intents
    return Difference(
        session=event.session, sequence=sequence, cause=cause,
        recorded=[one for one in recorded if one not in made],
        again=[one for one in made if one not in recorded],
    )  # fmt: skip
