"""Numbers (docs/session.md): whole millionths, fees to the cent, Black-76 and intrinsic value."""

import math

from reference.given import CALL, Contract

MICRO = 1_000_000
BILLION = 1_000_000_000
CENT_U = 10_000


def rounded(amount: float) -> int:
    """To the nearest whole, halves upward."""
    return math.floor(amount + 0.5)


def ceil_div(amount: int, by: int) -> int:
    return -(-amount // by)


def fee_u(contracts: int, per_contract_u: int, money_u: int, ppb: int) -> int:
    """The exact sum, rounded up once to a whole cent."""
    billionths = contracts * per_contract_u * BILLION + money_u * ppb
    return ceil_div(billionths, BILLION * CENT_U) * CENT_U


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def black76(
    right: int, forward: float, strike: float, volatility: float, years: float, discount: float
) -> float:
    """The textbook's price of a European option; the forward's intrinsic where nothing can move."""
    sign = 1 if right == CALL else -1
    deviation = volatility * math.sqrt(max(years, 0.0))
    if deviation <= 0.0:
        return discount * max(sign * (forward - strike), 0.0)
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    value = sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    return discount * value


def intrinsic_u(contract: Contract, spot_u: int) -> int:
    """What exercising is worth a share, never under zero."""
    gain_u = spot_u - contract.strike_u
    return max(gain_u if contract.right == CALL else -gain_u, 0)
