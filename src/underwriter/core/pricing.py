"""Black-76 and its delta: the one European price of the house, for every caller.

Prices are per share in the units of the forward; years are in Act/365.  Black (1976), "The
pricing of commodity contracts", Journal of Financial Economics 3.
"""

import math

from underwriter.core.kernel import kernel

_SQRT_HALF = math.sqrt(0.5)


@kernel
def normal_cdf(x: float) -> float:
    """Standard normal distribution function, exact in both tails (through erfc)."""
    return 0.5 * math.erfc(-x * _SQRT_HALF)


@kernel
def black76(sign: int, forward: float, strike: float, deviation: float, discount: float) -> float:
    """Price per share of a European option.

    `sign` is 1 for a call and -1 for a put; `deviation` is volatility times the root of the
    years left; `discount` is the bill price of one unit at expiry.  With no deviation left,
    an unknown one, or a worthless forward, it is the discounted intrinsic value.
    """
    if not deviation > 0.0 or forward <= 0.0 or strike <= 0.0:
        return discount * max(sign * (forward - strike), 0.0)
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    return discount * sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))


@kernel
def black76_delta(sign: int, forward: float, strike: float, deviation: float) -> float:
    """Delta to the forward, undiscounted: N(d1) for a call, N(d1) - 1 for a put."""
    if not deviation > 0.0 or forward <= 0.0 or strike <= 0.0:
        return float(sign) if sign * (forward - strike) > 0.0 else 0.0
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    return sign * normal_cdf(sign * d1)
