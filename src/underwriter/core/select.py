"""Which contract to sell: the gates of an entry, and the quote nearest the target delta."""

import math
from typing import NamedTuple

from underwriter.core.chain import NO_ROW, Quote, View, first_expiry
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.record import Rows
from underwriter.core.units import DAYS_A_YEAR

REACH = 0.5  # a delta further from the target than half of it is another trade


class Choice(NamedTuple):
    """The row to sell or NO_ROW, and whether only the strike floor stood in the way."""

    row: int
    floored: bool


@kernel
def liquid(bid_u: int, ask_u: int, interest: int, policy: Policy) -> bool:
    """Whether a quote is two-sided, tight and open enough to trade; -1 interest is unknown."""
    return (
        0 < bid_u <= ask_u
        and 2.0 * (ask_u - bid_u) <= policy.max_spread * (ask_u + bid_u)
        and (interest < 0 or interest >= policy.min_open_interest)
    )


@kernel
def pays(bid_u: int, collateral_u: int, dte: int, policy: Policy, column: int) -> bool:
    """Whether the bid is worth the days: least credit, and least simple yield a year."""
    if bid_u < policy.min_credit_u:
        return False
    return bid_u * DAYS_A_YEAR >= policy.min_yield[column] * collateral_u * dte


@kernel
def miss(delta: float, target: float) -> float:
    """How far a delta lies from the target, or infinity where it is out of reach."""
    distance = abs(abs(delta) - target)
    return distance if distance <= REACH * target else math.inf


@kernel
def offered(quote: Quote, basis_u: int, view: View, policy: Policy) -> bool:
    """Whether a quote passes every gate of an entry but its delta and its strike's floor.

    One without a volatility is refused: what cannot be revalued under stress is never sold.
    """
    return (
        quote.iv > 0.0
        and liquid(quote.bid_u, quote.ask_u, quote.open_interest, policy)
        and pays(quote.bid_u, basis_u, quote.expiry - view.day, policy, view.column)
    )


@kernel
def select(
    quotes: Rows[Quote],
    lo: int,
    hi: int,
    floor_u: int,
    collateral_u: int,
    view: View,
    policy: Policy,
) -> Choice:
    """Choose among the rows of one right: nearest delta first, then first in the chain.

    `floor_u` is the lowest strike allowed; `collateral_u` a share, or zero to take the strike.
    """
    best, best_miss, floored = NO_ROW, math.inf, False
    target = policy.delta[view.column]
    last = view.day + policy.dte_max
    for row in range(first_expiry(quotes, lo, hi, view.day + policy.dte_min), hi):
        quote = quotes[row]
        if quote.expiry > last:
            break
        distance = miss(float(quote.delta), target)
        basis_u = collateral_u if collateral_u > 0 else quote.strike_u
        if distance < best_miss and offered(quote, basis_u, view, policy):
            if quote.strike_u < floor_u:
                floored = True
            else:
                best, best_miss = row, distance
    return Choice(best, floored and best == NO_ROW)
