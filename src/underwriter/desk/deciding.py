"""The decision of a desk: the engine's own step, on the journal's fold and one session's slab."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from underwriter.book.decided import Judged, decided
from underwriter.book.event import Approved, Decided, Leg, Refused, SleeveOpened
from underwriter.book.fold import Book, Instrument
from underwriter.book.positions import Holding, holdings
from underwriter.book.seated import Names, count_back, empty_seats, take_seats
from underwriter.book.seating import BY_HAND
from underwriter.core.contract import root_of, unpack
from underwriter.core.intent import APPROVED, HOLD, OPEN, ROLL, Decision
from underwriter.core.kernel import plain
from underwriter.core.policy import COLLAR, Limits, Own, Policy
from underwriter.core.record import Rows, rows
from underwriter.core.session import step
from underwriter.core.sleeve import BookState
from underwriter.core.units import CENT_U, day_of
from underwriter.desk.price import step_u
from underwriter.market.calendar import Calendar
from underwriter.market.floor import worth_it
from underwriter.market.slab import Slab

_worth_it = plain(worth_it)


class Named(NamedTuple):
    """A policy as the journal names it."""

    name: str
    hash: str
    text: str


class Rules(NamedTuple):
    """What one account runs: seats as (underlying, policy) by number, and the rules as rows."""

    account: str
    seats: tuple[tuple[int, int], ...]
    policies: Rows[Policy]
    owns: Rows[Own]  # (policies, underlyings)
    limits: Rows[Limits]  # one row
    named: tuple[Named, ...]
    decide_at: str
    version: str
    quotes: str  # what they are, as `BookOpened` says it
    source: str
    settings: Mapping[str, str | float | int]
    brought: tuple[int, ...] = ()  # shares that each seat begins with; none where there is no one

    def names(self, slab: Slab) -> Names:
        """What the numbers of its seats stand for."""
        instruments = tuple(Instrument(one.symbol, one.root) for one in slab.instruments)
        return Names((self.account,), tuple(one.name for one in self.named), instruments)


def slab_hash(slab: Slab) -> str:
    """32 hexadecimal digits of everything that a decision may see."""
    digest = blake2b(digest_size=16)
    for one in slab.instruments:
        digest.update(f"{one.symbol} {one.root}\n".encode())
    parts: Any = slab.market
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def head_of(slab: Slab, rules: Rules, common: Mapping[str, Any]) -> Decided:
    """What a decided session says first: what it saw, by which policies and which program."""
    return Decided(
        **common, version=rules.version, slab=slab_hash(slab),
        policies={one.name: one.hash for one in rules.named},
    )  # fmt: skip


def seat_book(book: Book, slab: Slab, rules: Rules, calendar: Calendar) -> BookState:
    """The rows that a session is decided on; InputError for what has no seat."""
    seats = ((0, underlying, policy) for underlying, policy in rules.seats)
    state = empty_seats(seats, 1, len(rules.named), len(slab.instruments))
    take_seats(_seated(book, rules), state, rules.names(slab))
    count_back(state, calendar.sessions, int(slab.market.sessions[0].day))
    return state


def _seated(book: Book, rules: Rules) -> Book:
    """A book without other accounts, and without what was bought and sold by hand.

    That is nobody's to manage: it aborts nothing, and its shares and options secure nothing here.
    """
    keep = [
        at
        for at, opened in enumerate(book.sleeves)
        if opened.account == rules.account and opened.name != BY_HAND
    ]
    if len(keep) == len(book.sleeves):
        return book
    rows: Any = book.state.sleeves
    state = book.state._replace(sleeves=rows[keep].view(type(rows)))
    return replace(book, sleeves=tuple(book.sleeves[at] for at in keep), state=state)


def risks_beside(book: Book, rules: Rules) -> tuple[str, ...]:
    """What is short by hand, in words: for it this account's cash may have to stand."""
    if all(one.name != BY_HAND for one in book.sleeves):
        return ()
    return tuple(
        words
        for one in holdings(book)
        if one.opened.account == rules.account and one.opened.name == BY_HAND
        for words in _short(one)
    )


def _short(held: Holding) -> Iterator[str]:
    """What is short of a sleeve."""
    if held.shares < 0:
        yield f"{held.shares:,} {held.opened.underlying} shares"
    yield from (f"{leg.quantity:,} {leg.contract}" for leg in held.legs if leg.quantity < 0)


def unopened(
    book: Book, slab: Slab, rules: Rules, common: dict[str, Any]
) -> list[tuple[SleeveOpened, int]]:
    """The sleeves that a book has not opened yet, in the order of their seats.

    Beside each are the shares that it brings along.
    """
    numbers = numbers_of(book, slab, rules)
    free = [seat for seat, number in enumerate(numbers) if number is None]
    first = max((one.sleeve for one in book.sleeves), default=-1) + 1
    found = []
    for number, seat in enumerate(free, first):
        underlying, policy = rules.seats[seat]
        instrument, named = slab.instruments[underlying], rules.named[policy]
        opened = SleeveOpened(
            **common, sleeve=number, campaign=0, policy=named.hash, name=named.name,
            underlying=instrument.symbol, root=instrument.root, multiplier=instrument.multiplier,
        )  # fmt: skip
        found.append((opened, rules.brought[seat] if rules.brought else 0))
    return found


def numbers_of(book: Book, slab: Slab, rules: Rules) -> list[int | None]:
    """The number in the journal of each seat's sleeve: rungs in the order they were opened."""
    waiting: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for opened in book.sleeves:
        if opened.account == rules.account:
            waiting[opened.name, opened.underlying, opened.root].append(opened.sleeve)
    found: list[int | None] = []
    for underlying, policy in rules.seats:
        instrument = slab.instruments[underlying]
        rungs = waiting[rules.named[policy].name, instrument.symbol, instrument.root]
        found.append(rungs.pop(0) if rungs else None)
    return found


class Session(NamedTuple):
    """A session, decided."""

    events: list[Approved | Refused]
    equity_u: int  # of the account, as it was decided on


def decide(book: Book, slab: Slab, rules: Rules, when: tuple[Calendar, int]) -> Session:
    """Decide one session for a book whose sleeves are open; nothing is changed.

    `when` is the exchange's calendar and the moment, UTC nanoseconds.
    """
    calendar, at = when
    state, market = seat_book(book, slab, rules, calendar), slab.market
    made = rows(Decision, len(rules.seats) + 1)
    count = step(state, market, 0, rules.policies, rules.owns, rules.limits, made)
    numbers, day = numbers_of(book, slab, rules), day_of(int(market.sessions[0].day))
    events = []
    for one in (made[row] for row in range(count)):
        sleeve, named = state.sleeves[one.sleeve], rules.named[state.sleeves[one.sleeve].policy]
        whose = _whose(rules.account, day, at) | {
            "sleeve": numbers[one.sleeve], "campaign": int(sleeve.campaign), "policy": named.hash,
        }  # fmt: skip
        approved = one.verdict == APPROVED and one.action != HOLD
        floor_u = floor_of(one, state, slab, rules) if approved else None
        mark_u = mark_of(one, slab) if approved else None
        events.append(decided(_judged(one, slab), whose, floor_u, mark_u))
    return Session(events, int(state.accounts[0].equity_u))


def _whose(account: str, day: date, at: int) -> dict[str, Any]:
    return {"at": at, "session": day, "account": account}


def _judged(one: Decision, slab: Slab) -> Judged:
    """A decision by the names of its options."""
    legs = tuple(
        Leg(_option(int(one.contract[leg]), slab), int(one.change[leg])) for leg in range(one.legs)
    )
    numbers = (one.action, one.shares, one.why, one.verdict, one.needs_u)
    action, shares, why, verdict, needs_u = (int(each) for each in numbers)
    return Judged(action, legs, shares, why, verdict, needs_u)


def _option(key: int, slab: Slab) -> str:
    return unpack(key, slab.instruments[int(root_of(key)) - 1].root).osi()


def mark_of(one: Decision, slab: Slab) -> int | None:
    """Our own net price of an approval at the middle, a share of a unit; None without options."""
    if not one.legs or any(one.row[leg] < 0 for leg in range(one.legs)):
        return None
    total_u, units = 0, max(int(one.quantity), 1)
    for leg in range(one.legs):
        quote = slab.market.quotes[one.row[leg]]
        total_u -= int(one.change[leg]) // units * int(quote.bid_u + quote.ask_u)
    spot_u = int(slab.market.bars[0, _underlying(one)].close_u)
    return total_u // 2 - (spot_u if one.shares > 0 else 0)


def _underlying(one: Decision) -> int:
    return int(root_of(int(one.contract[0]))) - 1


def floor_of(one: Decision, state: BookState, slab: Slab, rules: Rules) -> int | None:
    """The net price a share of a unit under which an order is not to fill, or None.

    An entry's is the least credit that its policy asks for, a roll's for a credit one step.
    """
    sleeve = state.sleeves[one.sleeve]
    policy, instrument = rules.policies[sleeve.policy], slab.instruments[sleeve.underlying]
    step = step_u(instrument, int(one.legs), 0)
    if one.action == ROLL:
        return step if policy.roll_for_credit else None
    if one.action != OPEN:
        return None
    spot_u = int(slab.market.bars[0, sleeve.underlying].close_u)
    day = int(slab.market.sessions[0].day)
    column = int(state.regimes[sleeve.policy, sleeve.underlying].now)

    def enough(credit_u: int) -> bool:
        return bool(_worth_it(one, credit_u, spot_u, day, policy, column))

    least_u = _least(enough, step, spot_u)
    if policy.strategy == COLLAR:  # whose put is no part of the credit that is asked for
        bought = [int(one.row[leg]) for leg in range(one.legs) if one.change[leg] > 0]
        least_u -= sum(int(slab.market.quotes[row].ask_u) for row in bought)
    return least_u - (spot_u + CENT_U if one.shares > 0 else 0)


def _least(enough: Callable[[int], bool], step: int, most_u: int) -> int:
    """The least multiple of a step that is enough, which every larger one is, too."""
    low, high = 0, max(most_u // step, 1)
    while low < high:
        middle = (low + high) // 2
        if enough(middle * step):
            high = middle
        else:
            low = middle + 1
    return low * step
