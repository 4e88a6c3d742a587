"""What is held, how near each strike is, and what needs attention: looked at, and nothing changed.

The rules are the step's own, asked one by one: the pin, early assignment, tested deltas and
strikes, days to expiry.  What they would make of it is decided once, at the session's moment.
"""

from collections.abc import Iterator
from typing import NamedTuple

from underwriter.book.fold import Book
from underwriter.core import reason
from underwriter.core.chain import NO_ROW, View, offered
from underwriter.core.contract import CALL, expiry_of, right_of, root_of, strike_of, unpack
from underwriter.core.kernel import plain
from underwriter.core.manage import at_the_pin, endangered, first_dte, time_is_up
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
from underwriter.desk.deciding import Rules, numbers_of, seat_book
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab

_view_of, _leg_mark_u, _is_flat = plain(view_of), plain(leg_mark_u), plain(is_flat)
_endangered, _at_the_pin = plain(endangered), plain(at_the_pin)
_first_dte, _time_is_up = plain(first_dte), plain(time_is_up)
_share_money_u = plain(share_money_u)


class LegLook(NamedTuple):
    """An option that is held; money in millionths a share."""

    option: str
    quantity: int
    strike_u: int
    dte: int
    delta: float | None  # of one contract; None where it is not quoted
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
    notes: tuple[str, ...]  # what needs attention

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
        delta=float(market.quotes[row].delta) if row != NO_ROW else None,
        away=sign * (int(strike_of(key)) - int(view.spot_u)) / int(view.spot_u),
        mark_u=int(_leg_mark_u(market.quotes, bar, now, sleeve, slot)),
    )  # fmt: skip


def _notes(slab: Slab, sleeve: Sleeve, view: View, policy: Policy) -> Iterator[str]:
    """What needs attention, a line each, the most pressing first."""
    for slot in (SHORT_PUT, SHORT_CALL):
        if sleeve.quantity[slot]:
            yield from _of_short(slab, sleeve, slot, view, policy)
    if sleeve.quantity[ROLL_SHORT]:
        yield "it is being rolled"
    if sleeve.shares < 0:
        yield "it is short of shares, which an assigned call left"
    short = sleeve.quantity[SHORT_PUT] != 0 or sleeve.quantity[SHORT_CALL] != 0
    if short and _time_is_up(_first_dte(sleeve, view.day), policy.exit_dte):
        yield reason.TEXTS[reason.TIME_EXIT]


def _of_short(slab: Slab, sleeve: Sleeve, slot: int, view: View, policy: Policy) -> Iterator[str]:
    """What needs attention of a short leg."""
    key, row, quotes = int(sleeve.contract[slot]), int(sleeve.row[slot]), slab.market.quotes
    expiry, strike_u, spot_u = int(expiry_of(key)), int(strike_of(key)), int(view.spot_u)
    if expiry <= view.day:
        yield "expires today"
        if view.physical and _at_the_pin(key, row, quotes, spot_u):
            yield reason.TEXTS[reason.PIN]
    elif expiry <= view.tomorrow:
        yield "expires on the next session"
    code = int(_endangered(key, row, quotes, view))
    if code != reason.NONE:
        yield reason.TEXTS[code]
    inside = spot_u > strike_u if right_of(key) == CALL else spot_u < strike_u
    if inside:
        yield reason.TEXTS[reason.TESTED_STRIKE]
    when = float(policy.roll_delta)
    if row != NO_ROW and when > 0.0 and abs(float(quotes[row].delta)) >= when:
        yield reason.TEXTS[reason.TESTED_DELTA]
    if row == NO_ROW or not offered(quotes[row]):
        yield "it has no offer to buy it back at"
    if view.day <= view.next_earnings <= expiry:
        yield "earnings are announced before it expires"
