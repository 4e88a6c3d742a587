"""How many: the contracts whose worst stress loss fits the risk budget."""

import math

from underwriter.core.chain import Chain, Market
from underwriter.core.contract import CALL, right_of
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.pricing import black76
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u

NO_BOUND = 1 << 40  # contracts: more than any cap admits


@kernel
def shocked_u(
    row: int, chain: Chain, market: Market, underlying: int, spot: float, vol: float
) -> int:
    """A quote's value per share if spot moved by `spot` (relative) and volatility by a factor.

    Revalued in full with Black-76 on the shocked forward; an American option is worth at
    least its intrinsic value.
    """
    session = chain.session[row]
    years = (chain.expiry[row] - market.day[session]) / DAYS_A_YEAR
    sign = 1 if right_of(chain.contract[row]) == CALL else -1
    forward = chain.forward[row] * (1.0 + spot)
    strike = chain.strike_u[row] / MICRO
    deviation = chain.iv[row] * vol * math.sqrt(max(years, 0.0))
    discount = math.exp(-market.rate[session] * years)
    value = black76(sign, forward, strike, deviation, discount)
    if market.american[underlying]:
        now = market.close_u[session, underlying] / MICRO * (1.0 + spot)
        value = max(value, sign * (now - strike))
    return round_u(value * MICRO)


@kernel
def stress_loss_u(row: int, chain: Chain, market: Market, underlying: int, policy: Policy) -> int:
    """Worst loss of one short contract over the policy's scenarios, against its mid."""
    mid_u = (chain.bid_u[row] + chain.ask_u[row]) // 2
    worst_u = 0
    for k in range(policy.stresses):
        value_u = shocked_u(
            row, chain, market, underlying, policy.stress_spot[k], policy.stress_vol[k]
        )
        worst_u = max(worst_u, value_u - mid_u)
    return worst_u * market.multiplier[underlying]


@kernel
def budget_u(equity_u: int, policy: Policy, column: int) -> int:
    """The most that one position may lose under stress."""
    return math.floor(policy.risk_per_position * policy.size[column] * equity_u)


@kernel
def fits(limit_u: int, used_u: int, unit_u: int) -> int:
    """How many units fit under a limit that is partly used."""
    if unit_u <= 0:
        return NO_BOUND
    return max((limit_u - used_u) // unit_u, 0)
