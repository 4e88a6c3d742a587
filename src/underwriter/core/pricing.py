"""Black-76 and its Greeks: the one European price of the house, for every caller.

Prices are per share in the units of the forward; years are in Act/365.  Black (1976), "The
pricing of commodity contracts", Journal of Financial Economics 3.
"""

import math
from typing import NamedTuple

from underwriter.core.kernel import kernel
from underwriter.core.units import DAYS_A_YEAR

_SQRT_HALF = math.sqrt(0.5)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


class Sensitivities(NamedTuple):
    """How the price of one option moves, per share."""

    delta: float  # a dollar of the spot
    gamma: float  # of delta, a dollar of the spot
    theta: float  # until the same time tomorrow, all else equal
    vega: float  # a point of volatility
    rho: float  # a point of the interest rate


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


@kernel
def black76_greeks(
    sign: int,
    spot: float,
    forward: float,
    strike: float,
    volatility: float,
    years: float,
    discount: float,
) -> Sensitivities:
    """The Greeks of a European option, with everything above zero.

    All are derivatives at a fixed dividend yield, but theta: what a calendar day takes away with
    spot, volatility, rate and yield as they are, so all time value on the last day.
    """
    root = math.sqrt(years)
    deviation = volatility * root
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    below, exercised = normal_cdf(sign * d1), normal_cdf(sign * (d1 - deviation))
    price = discount * sign * (forward * below - strike * exercised)
    now = discount * forward  # of the spot that the holder of the option will own
    density = math.exp(-0.5 * d1 * d1) / _ROOT_TWO_PI
    left = max(1.0 - 1.0 / (DAYS_A_YEAR * years), 0.0)
    tomorrow = black76(
        sign,
        spot * (forward / spot) ** left,
        strike,
        deviation * math.sqrt(left),
        discount**left,
    )
    return Sensitivities(
        sign * now * below / spot,
        now * density / (spot * spot * deviation),
        tomorrow - price,
        0.01 * now * density * root,
        0.01 * sign * strike * years * discount * exercised,
    )
