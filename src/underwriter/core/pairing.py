"""Which put and call of one expiry to trade together: condors, strangles, collars."""

import math
from typing import NamedTuple

from underwriter.core.chain import NO_ROW, Quote, View, first_expiry, offered
from underwriter.core.kernel import kernel
from underwriter.core.policy import COLLAR, STRANGLE, Policy
from underwriter.core.record import Rows
from underwriter.core.select import (
    Bounds,
    Choice,
    find_wing,
    miss,
    nothing,
    pays,
    rewards,
    sellable,
)
from underwriter.core.strategy import has_wings


class Pair(NamedTuple):
    """A put and a call of one expiry, with their wings; NO_ROW where none was found."""

    put: Choice
    call: Choice


@kernel
def _best_short(
    quotes: Rows[Quote], lo: int, hi: int, bounds: Bounds, view: View, policy: Policy
) -> Choice:
    """The row to sell among those of one expiry and right."""
    best = nothing(False)
    target = policy.delta[view.column]
    winged = has_wings(policy.strategy)
    for row in range(lo, hi):
        quote = quotes[row]
        distance = miss(float(quote.delta), target)
        inside = bounds.least_u <= quote.strike_u <= bounds.most_u
        if not (inside and distance < best.miss and sellable(quote, view, policy)):
            continue
        wing = find_wing(quotes, lo, hi, row, policy) if winged else NO_ROW
        if wing != NO_ROW or not winged:
            best = Choice(row, wing, distance, False)
    return best


@kernel
def _best_long(quotes: Rows[Quote], lo: int, hi: int, policy: Policy) -> Choice:
    """The row to buy for protection among those of one expiry and right."""
    best = nothing(False)
    for row in range(lo, hi):
        gap = abs(abs(float(quotes[row].delta)) - policy.long_delta)
        if gap < best.miss and quotes[row].iv > 0.0 and offered(quotes[row]):
            best = Choice(row, NO_ROW, gap, False)
    return best


@kernel
def width_u(quotes: Rows[Quote], choice: Choice) -> int:
    """The distance of a short strike from its wing."""
    return abs(quotes[choice.row].strike_u - quotes[choice.wing].strike_u)


@kernel
def _worth(quotes: Rows[Quote], put: Choice, call: Choice, view: View, policy: Policy) -> bool:
    """Whether a put and a call pay together."""
    dte = quotes[call.row].expiry - view.day
    net_u = quotes[call.row].bid_u
    if policy.strategy == COLLAR:
        return pays(net_u, view.spot_u, dte, policy, view.column)
    net_u += quotes[put.row].bid_u
    if policy.strategy == STRANGLE:
        return pays(net_u, quotes[put.row].strike_u, dte, policy, view.column)
    net_u -= quotes[put.wing].ask_u + quotes[call.wing].ask_u
    basis_u = max(width_u(quotes, put), width_u(quotes, call))
    return rewards(net_u, basis_u, policy) and pays(net_u, basis_u, dte, policy, view.column)


@kernel
def select_pair(
    quotes: Rows[Quote], puts: Bounds, calls: Bounds, view: View, policy: Policy
) -> Pair:
    """Choose a put and a call of one expiry: the smallest sum of misses, then the first expiry."""
    best, best_miss = Pair(nothing(False), nothing(False)), math.inf
    lo = first_expiry(quotes, view.puts, view.calls, view.day + policy.dte_min)
    while lo < view.calls and quotes[lo].expiry <= view.day + policy.dte_max:
        expiry = int(quotes[lo].expiry)
        hi = first_expiry(quotes, lo, view.calls, expiry + 1)
        first = first_expiry(quotes, view.calls, view.end, expiry)
        last = first_expiry(quotes, first, view.end, expiry + 1)
        call = _best_short(quotes, first, last, calls, view, policy)
        if policy.strategy == COLLAR:
            put = _best_long(quotes, lo, hi, policy)
        else:
            put = _best_short(quotes, lo, hi, puts, view, policy)
        lo = hi
        if not put.miss + call.miss < best_miss:  # infinite where there is no row
            continue
        apart = quotes[put.row].strike_u < quotes[call.row].strike_u
        if apart and _worth(quotes, put, call, view, policy):
            best, best_miss = Pair(put, call), put.miss + call.miss
    return best
