"""Which contract to sell: the gates of an entry, and the quote nearest the target delta."""

import math
from typing import NamedTuple

from underwriter.core.chain import NO_ROW, Quote, View, first_expiry, offered
from underwriter.core.contract import CALL, right_of
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.record import Rows
from underwriter.core.strategy import has_wings
from underwriter.core.units import DAYS_A_YEAR

REACH = 0.5  # a delta further from the target than half of it is another trade
ANY_U = 1 << 62  # no bound on a strike or a width


class Bounds(NamedTuple):
    """The strikes allowed, both ends included, in millionths."""

    least_u: int
    most_u: int


class Choice(NamedTuple):
    """The row to sell or NO_ROW, its wing where it has one, how far its delta is off.

    `floored` says that only the bounds of the strike stood in the way.
    """

    row: int
    wing: int
    miss: float
    floored: bool


@kernel
def nothing(floored: bool) -> Choice:
    """No row was found."""
    return Choice(NO_ROW, NO_ROW, math.inf, floored)


@kernel
def liquid(bid_u: int, ask_u: int, interest: int, policy: Policy) -> bool:
    """Whether a quote is two-sided, tight and open enough to trade; -1 interest is unknown."""
    return (
        0 < bid_u <= ask_u
        and 2.0 * (ask_u - bid_u) <= policy.max_spread * (ask_u + bid_u)
        and (interest < 0 or interest >= policy.min_open_interest)
    )


@kernel
def pays(net_u: int, basis_u: int, dte: int, policy: Policy, column: int) -> bool:
    """Whether a credit is worth the days: least credit, least simple yield a year on its basis."""
    if net_u <= 0 or net_u < policy.min_credit_u:
        return False
    return net_u * DAYS_A_YEAR >= policy.min_yield[column] * basis_u * dte


@kernel
def rewards(net_u: int, width_u: int, policy: Policy) -> bool:
    """Whether a spread's credit is enough of its width."""
    return net_u >= policy.min_reward * width_u


@kernel
def reports_before(expiry: int, view: View, policy: Policy) -> bool:
    """Whether a policy that avoids earnings finds some known in a contract's life."""
    return policy.avoid_earnings == 1 and view.day <= view.next_earnings <= expiry


@kernel
def sellable(quote: Quote, view: View, policy: Policy) -> bool:
    """Whether a quote may be sold at all, whatever its delta, strike and credit.

    One without a volatility is refused: what cannot be revalued under stress is never sold.
    """
    return (
        quote.iv > 0.0
        and liquid(quote.bid_u, quote.ask_u, quote.open_interest, policy)
        and not reports_before(quote.expiry, view, policy)
    )


@kernel
def miss(delta: float, target: float) -> float:
    """How far a delta lies from the target, or infinity where it is out of reach."""
    distance = abs(abs(delta) - target)
    return distance if distance <= REACH * target else math.inf


@kernel
def find_wing(quotes: Rows[Quote], lo: int, hi: int, row: int, policy: Policy) -> int:
    """The long row of a short one, of the same expiry and right and further out, or NO_ROW.

    Rows from `lo` to `hi` are of one right.  By width the furthest within the policy's; else the
    delta nearest the policy's, the first in the chain on ties.
    """
    step = 1 if right_of(quotes[row].contract) == CALL else -1
    limit_u = policy.width_u if policy.width_u > 0 else ANY_U
    best, best_gap = NO_ROW, math.inf
    at = row + step
    while lo <= at < hi and quotes[at].expiry == quotes[row].expiry:
        quote = quotes[at]
        width_u = abs(quote.strike_u - quotes[row].strike_u)
        if width_u > limit_u:
            break
        gap = 0.0 if policy.width_u > 0 else abs(abs(float(quote.delta)) - policy.long_delta)
        nearer = gap <= best_gap if policy.width_u > 0 or step < 0 else gap < best_gap
        if nearer and quote.iv > 0.0 and offered(quote):
            best, best_gap = at, gap
        at += step
    return best


@kernel
def select(
    quotes: Rows[Quote], lo: int, hi: int, bounds: Bounds, basis_u: int, view: View, policy: Policy
) -> Choice:
    """Choose among the rows of one right: nearest delta first, then first in the chain.

    `basis_u` is what yields are on, a share; zero takes the strike; a spread takes its width.
    """
    best, floored = nothing(False), False
    target = policy.delta[view.column]
    winged = has_wings(policy.strategy)
    last = view.day + policy.dte_max
    for row in range(first_expiry(quotes, lo, hi, view.day + policy.dte_min), hi):
        quote = quotes[row]
        if quote.expiry > last:
            break
        distance = miss(float(quote.delta), target)
        if not (distance < best.miss and sellable(quote, view, policy)):
            continue
        wing, net_u, on_u = NO_ROW, quote.bid_u, basis_u if basis_u > 0 else quote.strike_u
        if winged:
            wing = find_wing(quotes, lo, hi, row, policy)
            if wing == NO_ROW:
                continue
            net_u -= quotes[wing].ask_u
            on_u = abs(quote.strike_u - quotes[wing].strike_u)
            if not rewards(net_u, on_u, policy):
                continue
        if not pays(net_u, on_u, quote.expiry - view.day, policy, view.column):
            continue
        if bounds.least_u <= quote.strike_u <= bounds.most_u:
            best = Choice(row, wing, distance, False)
        else:
            floored = True
    return best if best.row != NO_ROW else nothing(floored)
