"""Which contract to sell: the gates of an entry, and the quote nearest the target delta."""

import math
from typing import NamedTuple

from underwriter.core.chain import NO_ROW, Chain, View, first_expiry
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
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
def select(
    chain: Chain, view: View, lo: int, hi: int, floor_u: int, collateral_u: int, policy: Policy
) -> Choice:
    """Choose among the rows of one right: nearest delta first, then first in the chain.

    `floor_u` is the lowest strike allowed; `collateral_u` a share, or zero to take the strike.
    """
    best, best_miss, floored = NO_ROW, math.inf, False
    target = policy.delta[view.column]
    row = first_expiry(chain, lo, hi, view.day + policy.dte_min)
    last = view.day + policy.dte_max
    while row < hi and chain.expiry[row] <= last:
        distance = miss(chain.delta[row], target)
        if distance < best_miss and liquid(
            chain.bid_u[row], chain.ask_u[row], chain.open_interest[row], policy
        ):
            basis_u = collateral_u if collateral_u > 0 else chain.strike_u[row]
            dte = chain.expiry[row] - view.day
            if pays(chain.bid_u[row], basis_u, dte, policy, view.column):
                if chain.strike_u[row] < floor_u:
                    floored = True
                else:
                    best, best_miss = row, distance
        row += 1
    return Choice(best, floored and best == NO_ROW)
