"""The odds of a trade at its first expiry: probability of profit, and expected value.

The share is lognormal about its forward.  Probability of profit is risk-neutral, and each breakeven
has the volatility that the legs' own prices give there: from delta it would be too high, since
N(d1) > N(d2).  Expected value is in the world as one believes it to be: at a volatility and a drift
of one's own.  Where they are the price's own, no European trade is worth anything, whatever its
probability of profit.
"""

import math

import numpy as np

from underwriter.core.pricing import black76, normal_cdf
from underwriter.core.record import F8
from underwriter.market import single
from underwriter.market.single import Option
from underwriter.sim.payoff import nothing
from underwriter.sim.position import Leg, Position, profit

_NODES, _REACH = 121, 7.5  # of the integral over the spot, in deviations
_APART = 1e-9  # of ln(strike): two strikes that are one


def smile(position: Position, spot: float) -> float:
    """The volatility at a level of the spot: between those of the legs that expire first.

    Linear in the logarithm of the strike, flat beyond the outermost; of one strike, the mean.
    """
    points: dict[float, list[float]] = {}
    for leg in position.ending:
        points.setdefault(round(math.log(leg.option.strike) / _APART) * _APART, []).append(leg.vol)
    at = sorted(points)
    vols = [sum(points[each]) / len(points[each]) for each in at]
    return float(np.interp(math.log(spot), at, vols))


def below(position: Position, spot: float) -> float:
    """The risk-neutral probability that the share ends below a spot."""
    years = position.years
    level = single.forward(position.spot, years, position.terms, position.terms.rate)
    deviation = smile(position, spot) * math.sqrt(years)
    return normal_cdf(math.log(spot / level) / deviation + 0.5 * deviation)


def probability_of_profit(position: Position, breakevens: tuple[float, ...]) -> float:
    """The risk-neutral probability that the trade ends with a profit."""
    edges = (0.0, *breakevens, math.inf)
    chance = [0.0, *(below(position, spot) for spot in breakevens), 1.0]
    total = 0.0
    for n in range(len(edges) - 1):
        low, high = edges[n], edges[n + 1]
        inside = 0.5 * (low + high) if high < math.inf else 2.0 * low + position.spot
        if profit(position, np.array([inside]))[0] > nothing(position):
            total += max(chance[n + 1] - chance[n], 0.0)
    return min(total, 1.0)


def worthless(position: Position, leg: Leg) -> float:
    """The risk-neutral probability that a leg expires out of the money, at its own volatility."""
    sign, strike, years = leg.option
    level = single.forward(position.spot, years, position.terms, position.terms.rate)
    return ends_outside(sign, level, strike, leg.vol * math.sqrt(years))


def ends_outside(sign: int, forward: float, strike: float, deviation: float) -> float:
    """The risk-neutral probability that an option ends out of the money."""
    return normal_cdf(-sign * (math.log(forward / strike) / deviation - 0.5 * deviation))


def expected_value(position: Position, vol: float | None, drift: float) -> float:
    """What the trade is expected to be worth at the first expiry, held until then.

    The share returns `drift` a year, its dividends in it, and moves by `vol`, or as each leg's own
    volatility says.  From now on the credit earns the rate and what was paid costs it, the shares'
    price too.
    """
    years, terms = position.years, position.terms
    earned = position.credit * math.exp(terms.rate * years)
    level = single.forward(position.spot, years, terms, drift)
    for leg in position.legs:
        deviation = (vol or leg.vol) * math.sqrt(years)
        value = _expected(position, leg, level, deviation)
        earned += position.multiplier * leg.quantity * value
    grown = position.spot * math.exp(drift * years) - position.share * math.exp(terms.rate * years)
    return earned + position.shares * grown


def _expected(position: Position, leg: Leg, level: float, deviation: float) -> float:
    """A leg's expected value a share at the first expiry, about a forward."""
    sign, strike, years = leg.option
    left = years - position.years
    if left <= 0.0:
        return black76(sign, level, strike, deviation, 1.0)
    option, terms = Option(sign, strike, left), single.later(position.terms, position.years)
    x: F8 = np.linspace(-_REACH, _REACH, _NODES)
    weight = np.exp(-0.5 * x * x)
    spots = level * np.exp(deviation * x - 0.5 * deviation * deviation)
    values = np.array([single.price(option, float(spot), leg.vol, terms) for spot in spots])
    return float(np.sum(weight * values) / np.sum(weight))
