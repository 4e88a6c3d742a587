"""Medians of the few values that kernels have at hand, without numba's functions of arrays.

Those are made for millions: they take seconds to compile, and a part of a second to load, in every
kernel that calls one.
"""

import math

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8


@kernel
def sort(values: F8) -> None:
    """Put values in ascending order, where they are; by insertion, since they are few."""
    for n in range(1, values.size):
        value, at = values[n], n
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@kernel
def median(values: F8) -> float:
    """The median of at least one value; they are put in order by it."""
    sort(values)
    upper = values[values.size // 2]
    if values.size % 2 == 1:
        return upper
    return 0.5 * (values[values.size // 2 - 1] + upper)


@kernel
def weighted_median(values: F8, weights: F8) -> float:
    """The first value at which the weights of those not above it reach half of all.

    NaN where there are none, or a weight is no number.
    """
    order, total = np.empty(values.size, np.int64), 0.0
    for n in range(values.size):
        total += weights[n]
        at = n
        while at > 0 and values[order[at - 1]] > values[n]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = n
    so_far = 0.0
    for n in range(values.size):
        so_far += weights[order[n]]
        if so_far >= 0.5 * total:
            return values[order[n]]
    return math.nan


@kernel
def second_least(values: F8) -> float:
    """The least but one of values; of a single one itself."""
    least, second = math.inf, math.inf
    for n in range(values.size):
        if values[n] < least:
            least, second = values[n], least
        else:
            second = min(second, values[n])
    return second if values.size > 1 else least
