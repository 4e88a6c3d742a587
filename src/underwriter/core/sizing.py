"""How many: the contracts whose worst stress loss fits the risk budget."""

import math

from underwriter.core.chain import Market, Quote, Session, mid_u
from underwriter.core.contract import CALL, right_of
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.pricing import black76
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u

NO_BOUND = 1 << 40  # contracts: more than any cap admits


@kernel
def shocked_u(quote: Quote, now: Session, floor: float, spot: float, vol: float) -> int:
    """A quote's value per share if spot moved by `spot` (relative) and volatility by a factor.

    Revalued in full with Black-76 on the shocked forward; `floor` (dollars) is what exercise
    would be worth after the shock, where it may be exercised.
    """
    years = (quote.expiry - now.day) / DAYS_A_YEAR
    sign = 1 if right_of(quote.contract) == CALL else -1
    deviation = float(quote.iv) * vol * math.sqrt(max(years, 0.0))
    discount = math.exp(-now.rate * years)
    forward, strike = float(quote.forward) * (1.0 + spot), quote.strike_u / MICRO
    value = max(black76(sign, forward, strike, deviation, discount), floor)
    return round_u(value * MICRO)


@kernel
def stress_loss_u(market: Market, row: int, underlying: int, policy: Policy) -> int:
    """Worst loss of one short contract over the policy's scenarios, against its mid."""
    quote, terms = market.quotes[row], market.terms[underlying]
    sign = 1 if right_of(quote.contract) == CALL else -1
    spot = market.bars[quote.session, underlying].close_u / MICRO
    worst_u = 0
    for k in range(policy.stresses):
        move = policy.stress_spot[k]
        inside = sign * (spot * (1.0 + move) - quote.strike_u / MICRO)
        floor = max(inside, 0.0) if terms.american else 0.0
        now = market.sessions[quote.session]
        value_u = shocked_u(quote, now, floor, move, policy.stress_vol[k])
        worst_u = max(worst_u, value_u - mid_u(quote))
    return worst_u * terms.multiplier


@kernel
def budget_u(equity_u: int, policy: Policy, column: int) -> int:
    """The most that one position may lose under stress."""
    return math.floor(policy.risk_per_position * policy.size_factor[column] * equity_u)


@kernel
def fits(limit_u: int, used_u: int, unit_u: int) -> int:
    """How many units fit under a limit that is partly used."""
    if unit_u <= 0:
        return NO_BOUND
    return max((limit_u - used_u) // unit_u, 0)
