"""Numbers (docs/session.md): whole millionths, levies and fees to the cent, Black-76."""

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


def cents_up(amount_u: int) -> int:
    """Up to a whole cent."""
    return ceil_div(amount_u, CENT_U) * CENT_U


def levy_u(money_u: int, ppb: int) -> int:
    """A levy on money, the last millionth rounded up."""
    return ceil_div(money_u * ppb, BILLION)


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


def inside_u(contract: Contract, spot_u: float) -> float:
    """How far an option is in the money; out of the money it is negative."""
    return spot_u - contract.strike_u if contract.right == CALL else contract.strike_u - spot_u


def intrinsic_u(contract: Contract, spot_u: int) -> int:
    """What exercising is worth a share, never under zero."""
    return int(max(inside_u(contract, spot_u), 0))
