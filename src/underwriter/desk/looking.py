"""What is held, how near each strike is, and what needs attention: looked at, and nothing changed.

The rules are the step's own, asked one by one: the pin, early assignment, tested deltas and
strikes, days to expiry, profit target and stop.  What they would make of it is decided once, at the
session's moment.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from underwriter.book.fold import Book
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, View, offered
from underwriter.core.contract import CALL, expiry_of, right_of, root_of, strike_of, unpack
from underwriter.core.kernel import plain
from underwriter.core.manage import (
    at_the_pin,
    closing_cost,
    endangered,
    first_dte,
    opening_credit_u,
    profit_reached,
    stop_reached,
    time_is_up,
)
from underwriter.core.marking import leg_mark_u, mark
from underwriter.core.policy import Policy
from underwriter.core.session import view_of
from underwriter.core.sleeve import (
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    SLOTS,
    Sleeve,
    is_flat,
    share_money_u,
)
from underwriter.core.units import day_of
from underwriter.desk.deciding import Rules, numbers_of, seat_book
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab

_view_of, _leg_mark_u, _is_flat = plain(view_of), plain(leg_mark_u), plain(is_flat)
_endangered, _at_the_pin = plain(endangered), plain(at_the_pin)
_first_dte, _time_is_up = plain(first_dte), plain(time_is_up)
_closing_cost, _opening_credit_u = plain(closing_cost), plain(opening_credit_u)
_profit_reached, _stop_reached = plain(profit_reached), plain(stop_reached)
_share_money_u, _offered = plain(share_money_u), plain(offered)


class Note(NamedTuple):
    """What needs attention: its kind, by which it is told, and a line."""

    kind: str  # "" is told otherwise, or by what comes of it
    text: str


class LegLook(NamedTuple):
    """An option that is held; money in millionths a share."""

    option: str
    quantity: int
    strike_u: int
    dte: int
    multiplier: int  # shares a contract
    delta: float | None  # a share; None where it is not quoted
    away: float  # how far the strike is out of the money, as a share of the spot
    mark_u: int


class SleeveLook(NamedTuple):
    """What one sleeve holds."""

    sleeve: int
    name: str
    underlying: str
    spot_u: int
    shares: int
    breakeven_u: int | None  # of the shares
    legs: tuple[LegLook, ...]
    credit_u: int  # what opening its legs brought
    close_u: int  # what closing them at their marks would cost
    notes: tuple[Note, ...]  # what needs attention

    @property
    def captured(self) -> float | None:
        """The share of the credit that closing now would keep."""
        return None if self.credit_u <= 0 else 1.0 - self.close_u / self.credit_u


def look(book: Book, slab: Slab, rules: Rules, calendar: Calendar) -> list[SleeveLook]:
    """The sleeves that hold something, on one session's quotes."""
    state, market = seat_book(book, slab, rules, calendar), slab.market
    mark(state, market, 0, rules.limits)
    found = []
    for seat, number in enumerate(numbers_of(book, slab, rules)):
        sleeve = state.sleeves[seat]
        if number is None or _is_flat(sleeve):
            continue
        policy = rules.policies[sleeve.policy]
        view = _view_of(state, seat, market, 0, policy)
        legs = [_leg(slab, sleeve, slot, view) for slot in range(SLOTS) if sleeve.quantity[slot]]
        marks_u = sum(leg.quantity * leg.mark_u for leg in legs)
        shares, credit_u = int(sleeve.shares), sum(int(one) for one in sleeve.amount_u)
        found.append(SleeveLook(
            sleeve=number, name=rules.named[sleeve.policy].name,
            underlying=slab.instruments[sleeve.underlying].symbol, spot_u=int(view.spot_u),
            shares=shares,
            breakeven_u=int(_share_money_u(sleeve)) // shares if shares > 0 else None,
            legs=tuple(legs), credit_u=credit_u, close_u=-marks_u * int(view.multiplier),
            notes=tuple(_notes(slab, sleeve, view, policy)),
        ))  # fmt: skip
    return found


def _leg(slab: Slab, sleeve: Sleeve, slot: int, view: View) -> LegLook:
    """One leg."""
    key, row, market = int(sleeve.contract[slot]), int(sleeve.row[slot]), slab.market
    bar, now = market.bars[0, sleeve.underlying], market.sessions[0]
    sign = 1 if right_of(key) == CALL else -1
    return LegLook(
        option=unpack(key, slab.instruments[int(root_of(key)) - 1].root).osi(),
        quantity=int(sleeve.quantity[slot]), strike_u=int(strike_of(key)),
        dte=int(expiry_of(key)) - int(view.day),
        multiplier=int(view.multiplier),
        delta=_known(float(market.quotes[row].delta)) if row != NO_ROW else None,
        away=sign * (int(strike_of(key)) - int(view.spot_u)) / int(view.spot_u),
        mark_u=int(_leg_mark_u(market.quotes, bar, now, sleeve, slot)),
    )  # fmt: skip


def _known(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def _notes(slab: Slab, sleeve: Sleeve, view: View, policy: Policy) -> Iterator[Note]:
    """What needs attention, a line each, the most pressing first."""
    for slot in (SHORT_PUT, SHORT_CALL):
        if sleeve.quantity[slot]:
            yield from _of_short(slab, sleeve, slot, view, policy)
    if sleeve.quantity[ROLL_SHORT]:
        yield Note("", "it is being rolled")
    if sleeve.shares < 0:
        yield Note("", "it is short of shares, which an assigned call left")
    if sleeve.quantity[SHORT_PUT] == 0 and sleeve.quantity[SHORT_CALL] == 0:
        return
    dte = _first_dte(sleeve, view.day)
    if _time_is_up(dte, policy.exit_dte):
        yield Note("", reason.TEXTS[reason.TIME_EXIT])
    if dte > 0:  # on the last day neither target nor stop is asked for
        yield from _of_result(slab, sleeve, view, policy)


def _of_result(slab: Slab, sleeve: Sleeve, view: View, policy: Policy) -> Iterator[Note]:
    """Whether a position is at its profit target or its stop, at what closing costs now."""
    cost = _closing_cost(sleeve, slab.market.quotes, view.multiplier)
    credit_u = int(_opening_credit_u(sleeve))
    if not cost.known or credit_u <= 0:
        return
    kept = 1.0 - int(cost.total_u) / credit_u
    if _profit_reached(cost.total_u, credit_u, policy.take_profit):
        asked = f"its policy asks for {policy.take_profit:.0%}"
        yield Note("profit", f"closing it now keeps {kept:.0%} of its credit, {asked}")
    if _stop_reached(cost.total_u, credit_u, policy.stop):
        asked = f"its policy stops at {policy.stop:g} times"
        yield Note("stop", f"closing it now loses {-kept:.2f} times its credit, {asked}")


def _of_short(slab: Slab, sleeve: Sleeve, slot: int, view: View, policy: Policy) -> Iterator[Note]:
    """What needs attention of a short leg."""
    key, row, quotes = int(sleeve.contract[slot]), int(sleeve.row[slot]), slab.market.quotes
    expiry, strike_u, spot_u = int(expiry_of(key)), int(strike_of(key)), int(view.spot_u)
    quoted = row != NO_ROW and bool(_offered(quotes[row]))
    if expiry <= view.day:
        yield Note("expires", "expires today")
        if view.physical and _at_the_pin(key, row, quotes, spot_u):
            yield Note("pin", reason.TEXTS[reason.PIN])
    elif expiry <= view.tomorrow:
        yield Note("", "expires on the next session")
    inside = spot_u > strike_u if right_of(key) == CALL else spot_u < strike_u
    code = int(_endangered(key, row, quotes, view))
    if code != reason.NONE:
        yield Note("", reason.TEXTS[code])
    elif inside and not quoted and _goes_ex(key, view):
        yield Note("", "it goes ex-dividend before the next session, and is not quoted")
    if inside:
        yield Note("", reason.TEXTS[reason.TESTED_STRIKE])
    when = float(policy.roll_delta)
    if row != NO_ROW and when > 0.0 and abs(float(quotes[row].delta)) >= when:
        yield Note("", reason.TEXTS[reason.TESTED_DELTA])
    if not quoted:
        yield Note("", "it has no offer to buy it back at")
    if view.day <= view.next_earnings <= expiry:
        day = day_of(int(view.next_earnings))
        yield Note("earnings", f"earnings are announced on {day}, before it expires")


def _goes_ex(key: int, view: View) -> bool:
    """Whether an American call's underlying goes ex before the next session is decided."""
    soon = view.day < view.next_ex <= view.tomorrow
    return bool(view.american) and right_of(key) == CALL and soon
