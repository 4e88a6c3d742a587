"""Rolling: the next contract for a tested one, out and away, by rule."""

import math
from typing import NamedTuple

from underwriter.core.chain import NO_ROW, Quote, View, first_expiry, offered
from underwriter.core.contract import CALL, expiry_of, right_of, strike_of
from underwriter.core.entry import call_floor_u, own_bounds
from underwriter.core.intent import ROLL, Decision, add_leg, wish
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import Own, Policy
from underwriter.core.record import Rows
from underwriter.core.select import Bounds, find_wing, sellable
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, ROLL_LONG, ROLL_SHORT, SHORT_CALL, Sleeve


class Next(NamedTuple):
    """The row that a leg is rolled to, or NO_ROW, and its wing where it has one."""

    row: int
    wing: int


class Held(NamedTuple):
    """What is rolled: the short leg's key and ask, the wing's width and bid; 0 without one."""

    key: int
    ask_u: int
    width_u: int
    bid_u: int


@kernel
def away(key: int, own: Own, floor_u: int, policy: Policy) -> Bounds:
    """Strikes no nearer the money than the old one's, so that no roll has a larger notional."""
    strike_u, apart = strike_of(key), policy.roll_away
    bounds = own_bounds(right_of(key), floor_u, own)
    if right_of(key) == CALL:
        return Bounds(max(bounds.least_u, strike_u + apart), bounds.most_u)
    return Bounds(bounds.least_u, min(bounds.most_u, strike_u - apart))


@kernel
def find_roll(held: Held, bounds: Bounds, quotes: Rows[Quote], view: View, policy: Policy) -> Next:
    """The later contract nearest the target delta that the policy lets this leg roll to."""
    call = right_of(held.key) == CALL
    lo, hi = (view.calls, view.end) if call else (view.puts, view.calls)
    best, best_miss, target = Next(NO_ROW, NO_ROW), math.inf, policy.delta[view.column]
    first = max(view.day + policy.roll_dte_min, expiry_of(held.key) + 1)
    for row in range(first_expiry(quotes, lo, hi, first), hi):
        quote = quotes[row]
        if quote.expiry > view.day + policy.roll_dte_max:
            break
        distance = abs(abs(float(quote.delta)) - target)
        inside = bounds.least_u <= quote.strike_u <= bounds.most_u
        if not (inside and distance < best_miss and sellable(quote, view, policy)):
            continue
        wing, net_u = NO_ROW, quote.bid_u - held.ask_u + held.bid_u
        if held.width_u > 0:
            wing = find_wing(quotes, lo, hi, row, policy)
            if wing == NO_ROW or abs(quote.strike_u - quotes[wing].strike_u) > held.width_u:
                continue
            net_u -= quotes[wing].ask_u
        if net_u > 0 or policy.roll_for_credit == 0:
            best, best_miss = Next(row, wing), distance
    return best


@called
def wish_roll(
    decision: Decision,
    sleeve: Sleeve,
    slot: int,
    why: int,
    quotes: Rows[Quote],
    view: View,
    own: Own,
    policy: Policy,
) -> bool:
    """Wish a short leg rolled with the long one beside it; False where no roll qualifies."""
    row, quantity = sleeve.row[slot], sleeve.quantity[slot]
    if policy.delta[view.column] <= 0.0 or row < 0 or not offered(quotes[row]):
        return False
    beside = LONG_CALL if slot == SHORT_CALL else LONG_PUT
    key, width_u, bid_u, winged = sleeve.contract[slot], 0, 0, sleeve.quantity[beside] > 0
    if winged:
        if sleeve.row[beside] < 0 or quotes[sleeve.row[beside]].bid_u <= 0:
            return False
        width_u = abs(strike_of(key) - strike_of(sleeve.contract[beside]))
        bid_u = quotes[sleeve.row[beside]].bid_u
    bounds = away(key, own, call_floor_u(sleeve, own, policy), policy)
    found = find_roll(Held(key, quotes[row].ask_u, width_u, bid_u), bounds, quotes, view, policy)
    if found.row == NO_ROW:
        return False
    wish(decision, ROLL, why)
    decision.quantity = -quantity
    add_leg(decision, slot, row, key, -quantity)
    if winged:
        sold = -sleeve.quantity[beside]
        add_leg(decision, beside, sleeve.row[beside], sleeve.contract[beside], sold)
    add_leg(decision, ROLL_SHORT, found.row, quotes[found.row].contract, quantity)
    if winged:
        add_leg(decision, ROLL_LONG, found.wing, quotes[found.wing].contract, -quantity)
    return True
