"""The exercise boundary of an American put, and from it what early exercise adds to its price.

Where exercise is due at every time left is the fixed point of an integral equation; the premium
over the European price is one integral more (Kim, 1990; Andersen, Lake and Offengenden, "High
performance American option pricing", 2016, whose variables and equation B these are).  The squared
logarithm of the boundary, over its limit at expiry, is a smooth function of the root of the time
left: it is kept at Chebyshev's nodes of that root and read between them through their weights,
which depend on nothing and are made once.

Of a put struck at 1 with one year left: `v` is volatility, `gain` the rate and `loss` the yield, a
fraction each.  Prices were within 4e-6 of a fine scheme of QuantLib's, on lives to two years.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.pricing import normal_cdf

NODES, POINTS, PRICED = 8, 20, 32  # of the boundary, of the integrals to it and to the premium
_MOST_TURNS = 100
_CLOSE = 1e-5  # deviations by which the boundary still moves

Column = NDArray[np.float64]


class Rule(NamedTuple):
    """Where the boundary is kept, and how it is read for the integrals."""

    root: Column  # (nodes) of the time left, from 1 down, without the last one, 0
    passed: Column  # (points) share of the time left that has passed
    weight: Column  # (points) of it
    read: Column  # (nodes, points, nodes) the boundary's square where it has passed
    passed_once: Column  # (priced) the same of a whole life
    weight_once: Column
    read_once: Column  # (priced, nodes)


def _between(nodes: Column, at: Column) -> Column:
    """Weights (at, nodes) of the polynomial through `nodes`, Chebyshev's of the second kind."""
    sign = np.where(np.arange(len(nodes)) % 2, -1.0, 1.0)
    sign[[0, -1]] *= 0.5
    apart = at[:, None] - nodes
    close = np.abs(apart) < 1e-14  # noqa: PLR2004  on a node
    found = sign / np.where(close, 1.0, apart)
    found = np.where(close.any(axis=1, keepdims=True), close.astype(float), found)
    return np.asarray(found / found.sum(1)[:, None])


def _legendre(points: int) -> tuple[Column, Column]:
    """Shares of the time that has passed, closest at its ends, and their weights."""
    y, weight = np.polynomial.legendre.leggauss(points)
    return (0.5 * (1.0 + y)) ** 2, weight * 0.5 * (1.0 + y)


@cache
def rule() -> Rule:
    """The one rule; made once."""
    nodes = 0.5 * (1.0 + np.cos(np.pi * np.arange(NODES + 1) / NODES))
    passed, weight = _legendre(POINTS)
    once, weight_once = _legendre(PRICED)
    left = np.sqrt(1.0 - passed)
    read = np.stack([_between(nodes, root * left)[:, :-1] for root in nodes[:-1]])
    read_once = _between(nodes, np.sqrt(1.0 - once))[:, :-1]
    return Rule(
        nodes[:-1], passed, weight, read, once, weight_once, np.ascontiguousarray(read_once)
    )


@kernel
def _read(weights: Column, square: Column) -> float:
    """The root of the weighted sum: how far the boundary is below its limit."""
    total = 0.0
    for n in range(square.size):
        total += weights[n] * square[n]
    return math.sqrt(max(total, 0.0))


@kernel
def _turned(rule: Rule, square: Column, i: int, v: float, gain: float, loss: float) -> float:
    """The boundary's logarithm at node `i` that the equation gives for the boundary as it is."""
    root = rule.root[i]
    left, deviation, below = root * root, v * root, math.sqrt(square[i])
    limit = min(math.log(gain / loss), 0.0) if loss > 0.0 else 0.0
    drift = gain - loss - 0.5 * v * v
    d = (limit - below + drift * left) / deviation
    over, under = normal_cdf(d), normal_cdf(d + deviation)
    for k in range(rule.passed.size):
        apart = left * rule.passed[k]
        wide = v * math.sqrt(apart)
        d = (_read(rule.read[i, k], square) - below + drift * apart) / wide
        w = rule.weight[k] * left
        over += gain * w * math.exp(gain * (left - apart)) * normal_cdf(d)
        if loss > 0.0:
            under += loss * w * math.exp(loss * (left - apart)) * normal_cdf(d + wide)
    return math.log(over / under) - (gain - loss) * left - limit


@kernel
def exercised_below(rule: Rule, v: float, gain: float, loss: float, square: Column) -> float:
    """Solve for the boundary from what stands in `square`; its logarithm with all the time left.

    `square` (nodes) is how far the boundary's logarithm is below its limit at expiry, squared;
    `gain` is positive.  Returns NaN where it did not settle.
    """
    limit = min(math.log(gain / loss), 0.0) if loss > 0.0 else 0.0
    for _ in range(_MOST_TURNS):
        moved = 0.0
        for i in range(square.size - 1, -1, -1):
            below = -min(_turned(rule, square, i, v, gain, loss), 0.0)
            moved = max(moved, abs(below - math.sqrt(square[i])))
            square[i] = below * below
        if moved < _CLOSE * v:
            return limit - math.sqrt(square[0])
    return math.nan


@kernel
def premium_over(
    rule: Rule, square: Column, spot: float, v: float, gain: float, loss: float
) -> float:
    """What early exercise adds to the European price at a spot over the boundary, in strikes."""
    limit = min(math.log(gain / loss), 0.0) if loss > 0.0 else 0.0
    over, drift, total = math.log(spot) - limit, gain - loss - 0.5 * v * v, 0.0
    for k in range(rule.passed_once.size):
        passed = rule.passed_once[k]
        wide = v * math.sqrt(passed)
        d = (over + _read(rule.read_once[k], square) + drift * passed) / wide
        earned = gain * math.exp(-gain * passed) * normal_cdf(-d)
        forgone = loss * spot * math.exp(-loss * passed) * normal_cdf(-d - wide)
        total += rule.weight_once[k] * (earned - forgone)
    return total
