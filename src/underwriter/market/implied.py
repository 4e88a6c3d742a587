"""Implied volatility: what a price says, European by Black-76 and American by the table.

European: the price is turned by parity into that of the right out of the money, which keeps its
digits, and divided by the root of forward times strike.  With b that price, t the most it can be
and s the deviation (volatility times the root of the years), ln(b / (t - b)) is a gently bent,
rising function of s from end to end, so Householder's step of the fourth order on it converges
from the start that Stefanica and Radoicic (2017, "An explicit implied volatility formula",
International Journal of Theoretical and Applied Finance 20) give, off by 6% at most: two steps
are usual.  The derivatives are those of Jaeckel (2015, "Let's be rational", Wilmott).
American: the deviation at which the table gives the price, by secants between bounds, down from
the European one, which is never less.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.pricing import normal_cdf
from underwriter.core.record import F8
from underwriter.market.american import Tables, american
from underwriter.market.blame import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    EXPIRED,
    FINE,
    NO_FORWARD,
    NO_QUOTE,
    NO_TIME_VALUE,
    NOT_FOUND,
)
from underwriter.market.threads import even, in_parts

I1 = NDArray[np.int8]

MOST_STEPS = 60
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
_SHARE = 2.0 / math.pi
_NEAR = 1e-4  # relative step of the fourth order after which no digit changes any more
_ULPS = 4e-15  # of the larger of forward and strike: what rounding alone leaves of a time value
_CLOSE = 1e-6  # relative step or width at which a search of the table ends


class Contracts(NamedTuple):
    """Columns of options and one price of each, per share, a row a contract.

    `right` is 0 for a put and 1 for a call; `years` in Act/365; `spot` is used where exercise is
    American, and for what moves with the spot.
    """

    right: NDArray[np.integer]
    strike: F8
    price: F8
    spot: F8
    forward: F8
    discount: F8
    years: F8


class Volatilities(NamedTuple):
    """Implied volatility, a fraction a year, NaN where there is none; and the code of why."""

    iv: F8
    reason: I1


@kernel
def first_guess(x: float, b: float) -> float:
    """The deviation within 6%, of a call on which x = ln(forward / strike) <= 0.

    `b` is its undiscounted price over the root of forward times strike.
    """
    e = math.exp(x)
    a = b * math.exp(0.5 * x)
    h, g = math.exp((1.0 - _SHARE) * x), math.exp(_SHARE * x)
    r = 2.0 * a - e + 1.0
    square = (h - 1.0 / h) ** 2
    middle = 4.0 * (g + 1.0 / g) - 2.0 / e * (h + 1.0 / h) * (e * e + 1.0 - r * r)
    last = 16.0 * a * (a + 1.0 - e) * (e - a) * (1.0 + a) / (e * e)
    beta = 2.0 * last / (middle + math.sqrt(middle * middle + 4.0 * square * last))
    gamma = -0.5 * math.pi * math.log(beta) if 0.0 < beta < 1.0 else 0.0
    turn = 0.5 * (e - 1.0 + math.sqrt(-math.expm1(2.0 * _SHARE * x)))
    near, far = math.sqrt(max(gamma + x, 0.0)), math.sqrt(max(gamma - x, 0.0))
    s = far - near if a <= turn else far + near
    return max(s, b * _ROOT_TWO_PI)  # at the money this is the least it can be


@kernel
def deviation_of(x: float, b: float, complement: float) -> float:
    """The deviation that gives a price `b` as `first_guess` takes it; NaN where none is found.

    `complement` is how far `b` lies below the most it can be, exp(x / 2).
    """
    top = math.exp(0.5 * x)
    odds = b / complement
    low, high = 0.0, math.inf
    s = first_guess(x, b)
    for _ in range(MOST_STEPS):
        u = x / s
        found = normal_cdf(u + 0.5 * s) * top - normal_cdf(u - 0.5 * s) / top
        rest = top - found
        if found > 0.0 and rest > 0.0:
            f = math.log(found / (rest * odds))
            if f > 0.0:
                high = s
            else:
                low = s
            slope = math.exp(-0.5 * (u * u + 0.25 * s * s)) / _ROOT_TWO_PI
            p, q = slope / found, slope / rest
            bend = u * u / s - 0.25 * s
            second = bend - p + q
            third = (
                second * second - (3.0 * u * u / (s * s) + 0.25) - p * (bend - p) + q * (bend + q)
            )
            newton = -f / (p + q)
            step = newton * (1.0 + 0.5 * second * newton)
            step /= 1.0 + newton * (second + third * newton / 6.0)
            if abs(step) < _NEAR * s:
                return s + step
            following = s + step
        else:  # rounding has eaten the price, or what is left to the bound
            low, high = (s, high) if found <= 0.0 else (low, s)
            following = low
        if not low < following < high:
            following = 0.5 * (low + high) if high < math.inf else 2.0 * s
        s = following
    return math.nan


@kernel
def european_volatility(
    sign: int, price: float, forward: float, strike: float, discount: float, years: float
) -> tuple[float, int]:
    """Implied volatility of a European option, or NaN, and the code of why there is none.

    `sign` is 1 for a call and -1 for a put; `price` is per share.
    """
    if not 0.0 < price < math.inf:
        return math.nan, NO_QUOTE
    if not years > 0.0:
        return math.nan, EXPIRED
    if not (0.0 < forward < math.inf and 0.0 < strike < math.inf and 0.0 < discount < math.inf):
        return math.nan, NO_FORWARD
    least = _ULPS * max(forward, strike)
    inside = sign * (forward - strike)
    time_value = price / discount - max(inside, 0.0)
    if time_value < -least:
        return math.nan, BELOW_INTRINSIC
    if time_value <= least:
        return math.nan, NO_TIME_VALUE
    rest = min(forward, strike) - time_value
    if rest <= least:
        return math.nan, ABOVE_BOUND
    scale = math.sqrt(forward * strike)
    deviation = deviation_of(-abs(math.log(forward / strike)), time_value / scale, rest / scale)
    return deviation / math.sqrt(years), (FINE if deviation > 0.0 else NOT_FOUND)


@kernel
def american_deviation(
    boundary: F8,
    premium: F8,
    sign: int,
    price: float,
    spot: float,
    strike: float,
    carry: float,
    payout: float,
    most: float,
) -> float:
    """The deviation at which the table gives `price`, at most `most`; NaN where it takes too long.

    Arguments as `american` takes them; the price lies above what exercise is worth now and at
    expiry.  Where the table steps over the price, the deviation of the step.
    """
    forward, discount = spot * math.exp(carry - payout), math.exp(-carry)
    low, high, v = 0.0, most, most
    last, last_excess = math.nan, math.nan
    for _ in range(MOST_STEPS):
        excess = american(boundary, premium, sign, spot, strike, v, carry, payout)[0] - price
        low, high = (low, v) if excess > 0.0 else (v, high)
        slope = (excess - last_excess) / (v - last)
        if not slope > 0.0:
            d1 = math.log(forward / strike) / v + 0.5 * v
            slope = discount * forward * math.exp(-0.5 * d1 * d1) / _ROOT_TWO_PI
        step = -excess / slope
        if abs(step) <= _CLOSE * v or high - low <= _CLOSE * high:
            return v + step if low <= v + step <= high else v
        last, last_excess = v, excess
        v = v + step if low < v + step < high else 0.5 * (low + high)
    return math.nan


@kernel
def american_volatility(
    boundary: F8,
    premium: F8,
    sign: int,
    price: float,
    spot: float,
    forward: float,
    strike: float,
    discount: float,
    years: float,
) -> tuple[float, int]:
    """Implied volatility of an American option, or NaN, and the code of why there is none.

    What it stands on is `carried`: the yield that leads from `spot` to `forward`, or the spot that
    the forward says.  `sign` is 1 for a call and -1 for a put.
    """
    if not (0.0 < spot < math.inf and 0.0 < forward < math.inf):
        return math.nan, NO_FORWARD
    spot, carry, payout = carried(spot, forward, discount)
    even_now = max(sign * (spot - strike), 0.0)
    least = _ULPS * max(spot, strike)
    if price < even_now - least:
        return math.nan, BELOW_INTRINSIC
    if price <= even_now + least:
        return math.nan, NO_TIME_VALUE
    forward = spot * math.exp(carry - payout)
    volatility, reason = european_volatility(sign, price, forward, strike, math.exp(-carry), years)
    if reason != FINE:
        return volatility, reason
    root = math.sqrt(years)
    deviation = american_deviation(
        boundary, premium, sign, price, spot, strike, carry, payout, volatility * root
    )
    return deviation / root, (FINE if deviation > 0.0 else NOT_FOUND)


@kernel
def carried(spot: float, forward: float, discount: float) -> tuple[float, float, float]:
    """Spot, rate times years and dividend yield times years, that together give a forward.

    Neither rate nor yield is below zero.  A forward that a yield below zero would take says where
    the spot is: puts and calls agree on the forward, and only the spot of another moment does not.
    """
    carry = max(-math.log(discount), 0.0)
    payout = carry + math.log(spot / forward)
    if payout < 0.0:
        return forward * math.exp(-carry), carry, 0.0
    return spot, carry, payout


@kernel
def european_rows(contracts: Contracts, iv: F8, reason: I1, lo: int, hi: int) -> None:
    """Fill rows `lo` to `hi` of the volatilities of European options."""
    for n in range(lo, hi):
        iv[n], reason[n] = european_volatility(
            2 * contracts.right[n] - 1,
            contracts.price[n],
            contracts.forward[n],
            contracts.strike[n],
            contracts.discount[n],
            contracts.years[n],
        )


@kernel
def american_rows(
    tables: Tables, contracts: Contracts, iv: F8, reason: I1, lo: int, hi: int
) -> None:
    """Fill rows `lo` to `hi` of the volatilities of American options."""
    for n in range(lo, hi):
        iv[n], reason[n] = american_volatility(
            tables.boundary,
            tables.premium,
            2 * contracts.right[n] - 1,
            contracts.price[n],
            contracts.spot[n],
            contracts.forward[n],
            contracts.strike[n],
            contracts.discount[n],
            contracts.years[n],
        )


def implied_volatilities(contracts: Contracts, tables: Tables | None = None) -> Volatilities:
    """The volatility that each price implies; American options where `tables` are given.

    European: within 1e-8 where the time value is above a millionth of the strike.  American: as
    exact as the table is, which is within 2e-3 of the price at a strike of 100.
    """
    rows = len(contracts.strike)
    found = Volatilities(np.empty(rows), np.empty(rows, np.int8))

    def work(lo: int, hi: int) -> None:
        if tables is None:
            european_rows(contracts, *found, lo, hi)
        else:
            american_rows(tables, contracts, *found, lo, hi)

    in_parts(work, even(rows))
    return found
