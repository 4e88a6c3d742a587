"""The book that a plan is made over: an account as the settings say, or what a journal tells.

A journal is read as of the moment at which the plan's session is decided: everything of the
sessions before, and of the session itself its morning.  Where the journal ends the evening before,
the session's morning (interest, splits, dividends, what settles at the open) is still to come, and
happens here as it does in a backtest.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.setting_up import nobodys
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    Expired,
    Filled,
    Marked,
    Moved,
    Refused,
    Settled,
    SleeveOpened,
)
from underwriter.book.fold import Book, Instrument, fold
from underwriter.book.journal import events as read_journal
from underwriter.book.journal import exists
from underwriter.book.place import Place
from underwriter.book.seated import Names, count_back, take_seats
from underwriter.core.contract import NONE
from underwriter.core.errors import InputError
from underwriter.core.record import I8, rows
from underwriter.core.sleeve import (
    ACCOUNT_WIDE,
    DEPOSIT,
    DIVIDEND,
    EXPIRED,
    INTEREST,
    SETTLED,
    BookState,
    Fact,
    record,
)
from underwriter.core.units import day_number, day_of
from underwriter.market.facts import interest_u
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup, brought, seated
from underwriter.sim.engine import bring_along
from underwriter.sim.ledger import Line, Log
from underwriter.sim.world import any_morning, pay_dividends, settle_morning, split_all

_LINES = 64  # a sleeve: more than any morning or plan writes


class Before(NamedTuple):
    """A book as the step finds it, the events that led to it, and what should be said of it."""

    state: BookState
    events: tuple[AnyEvent, ...]
    remarks: tuple[str, ...]
    morning_u: int = 0  # income of the session's morning that is in no event


def log_for(setup: Setup) -> Log:
    """Room for what happens to a book in one session."""
    return Log(rows(Line, _LINES * (len(setup.seats) + 1)), np.zeros(1, np.int64))


def fresh(request: Request, slab: Slab, setup: Setup) -> Before:
    """An account that begins today: its cash, and the shares that it brings along."""
    state, log = seated(setup, len(slab.instruments)), log_for(setup)
    for account, amount_u in enumerate(setup.deposits_u.tolist()):
        record(state, Fact(DEPOSIT, 0, account, ACCOUNT_WIDE, 0, NONE, 0, 0, amount_u, 0, 0))
    bring_along(state, slab.market, brought(setup), log)
    return Before(state, (), _nobodys(request))


def told_by(journal: Place, request: Request, found: Ground, slab: Slab, setup: Setup) -> Before:
    """The book of a journal as the plan's session is decided; InputError where it is no such."""
    if not exists(journal):
        raise InputError(f"--book {journal}: found no such journal; expected a journal.db")
    day = day_of(int(found.day[0]))
    events = _decided_from([one for _, one in read_journal(journal)], day, slab)
    try:
        book = fold(events)
        state = seated(setup, len(slab.instruments))
        _require_eve(book, request, found)
        take_seats(book, state, _names(request, slab))
        count_back(state, found.calendar.sessions, int(found.day[0]))
    except InputError as problem:
        raise InputError(f"--book {journal}: {problem}") from problem
    came_u = 0
    if not any(one.session == day for one in events):
        came_u = _morning(book, state, slab, setup)
    return Before(state, tuple(events), _remarks(book, request), came_u)


def _nobodys(request: Request) -> tuple[str, ...]:
    """Shares of the settings that no policy names, and that the plan knows nothing of."""
    left = nobodys(request)
    if not left:
        return ()
    return (f"no policy names what [holdings] has of {', '.join(left)}: left out of the plan",)


def _names(request: Request, slab: Slab) -> Names:
    """What the numbers of a plan's seats stand for."""
    instruments = tuple(Instrument(one.symbol, one.root) for one in slab.instruments)
    return Names(
        (request.settings.account.name,), tuple(each.name for each in request.policies), instruments
    )


def _decided_from(events: Sequence[AnyEvent], day: date, slab: Slab) -> list[AnyEvent]:
    """The events that a decision of a day rests on: those before it in the journal."""
    began = next((at for at, one in enumerate(events) if one.session >= day), len(events))
    today = [one for one in events[began:] if one.session == day]
    delayed = _last_delayed(today)
    roots = {one.root for one in slab.instruments if one.settlement == "cash-am"}
    whose = {one.sleeve: one.root for one in events if isinstance(one, SleeveOpened)}
    cut = next(
        (
            at
            for at, one in enumerate(today)
            if at > delayed and _follows_decision(one, whose, roots)
        ),
        len(today),
    )
    return [*events[:began], *today[:cut]]


def _last_delayed(today: Sequence[AnyEvent]) -> int:
    """Where the last order of the session before filled today; -1 where none did.

    A session's own orders fill after they are approved; those that were decided a session earlier
    have no approval of the same sleeve before them today.
    """
    last, approved = -1, set()
    for at, one in enumerate(today):
        if isinstance(one, Approved):
            approved.add(one.sleeve)
        elif isinstance(one, Filled | Moved) and one.sleeve not in approved:
            last = at
    return last


def _follows_decision(event: AnyEvent, whose: dict[int, str], morning: set[str]) -> bool:
    """Whether an event of a session comes no sooner than its decisions."""
    if isinstance(event, Expired | Assigned | Settled):
        return whose.get(event.sleeve, "") not in morning
    return isinstance(event, Approved | Refused | Marked)


def _require_eve(book: Book, request: Request, found: Ground) -> None:
    """InputError unless the account was last marked on the session before."""
    mark = book.marks.get(request.settings.account.name)
    day = int(found.day[0])
    if book.opened is None:
        raise InputError(f"found a book that begins after {day_of(day)}; expected one that stands")
    if mark is None:
        return  # it begins today, or has no such account, which is refused by its name
    before = found.calendar.sessions[found.calendar.sessions < day]
    eve = day_of(int(before[-1])) if len(before) else None
    if mark.session != eve:
        raise InputError(
            f"found a book that ends on {mark.session}; expected one that was kept up to {eve}, "
            f"the session before {day_of(day)}: run its backtest up to there, or give --as-of"
        )


def _morning(book: Book, state: BookState, slab: Slab, setup: Setup) -> int:
    """What happens before a session is decided: interest, splits, dividends, settlement; income."""
    market, log = slab.market, log_for(setup)
    now, came_u = market.sessions[0], 0
    for account, name in enumerate(book.accounts[: state.accounts.shape[0]]):
        mark, cash_u = book.marks[name], int(state.accounts[account].cash_u)
        days = int(now.day) - day_number(mark.session)
        paid_u = interest_u(cash_u, mark.rate, days)
        if paid_u > 0:
            fact = Fact(INTEREST, 0, account, ACCOUNT_WIDE, 0, NONE, 0, 0, paid_u, 0, 0)
            record(state, fact)
            came_u += paid_u
    split_all(state, market, 0, log)
    pay_dividends(state, market, 0, log)
    opened_u = np.array([one.amount_u for one in state.sleeves])
    if any_morning(market):
        settle_morning(state, market, 0, setup.fees, log)
    return came_u + _income_u([log.lines[at] for at in range(int(log.written[0]))], opened_u)


def _income_u(lines: Sequence[Line], opened_u: I8) -> int:
    """Dividends, and what legs that ended brought from their opening on."""
    paid_u = sum(int(one.amount_u) for one in lines if one.kind == DIVIDEND)
    ended = [one for one in lines if one.kind in {SETTLED, EXPIRED}]
    closed_u = sum(int(one.amount_u) - int(one.fee_u) for one in ended)
    return paid_u + closed_u + sum(int(opened_u[one.sleeve, one.slot]) for one in ended)


def _remarks(book: Book, request: Request) -> tuple[str, ...]:
    """What a reader should know of a journal beside what it holds."""
    told = []
    for policy in request.policies:
        hashes = {one.policy for one in book.sleeves if one.name == policy.name}
        if hashes and policy.hash not in hashes:
            told.append(
                f"the book was kept under {', '.join(sorted(hashes))}, {policy.name} is now "
                f"{policy.hash}: what is held is managed by the policy as it is now"
            )
    told += _nobodys(request)
    if request.settings.holdings:
        told.append("[holdings] of the settings are not read beside a book: it says what is held")
    if book.strays:
        told.append(f"{len(book.strays)} events of the book could not be booked: book verify")
    return tuple(told)
