"""Reading a curve between its two nearest points, for many curves at once.

A smile is read at the forward or at a delta, a term structure at a term: each time the nearest
point on either side decides, and nothing is read where a side is missing.
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I8


class Bracket(NamedTuple):
    """The nearest points below and above a target, one of each a group; NaN where there is none."""

    below: F8
    below_value: F8
    above: F8
    above_value: F8


@kernel
def bracket(group: I8, x: F8, value: F8, target: float, groups: int) -> Bracket:
    """For each of `groups` curves the points nearest to `target`; a point at it is both.

    `group` says which curve a point belongs to, 0 to `groups - 1`; points stand in any order, and
    of two at the same x the first counts.  Points whose x or value is NaN count for nothing.
    """
    below, below_value = np.full(groups, np.nan), np.full(groups, np.nan)
    above, above_value = np.full(groups, np.nan), np.full(groups, np.nan)
    for row in range(len(x)):
        on, here = group[row], x[row]
        if np.isnan(value[row]):
            continue
        if here <= target and not here <= below[on]:
            below[on], below_value[on] = here, value[row]
        if here >= target and not here >= above[on]:
            above[on], above_value[on] = here, value[row]
    return Bracket(below, below_value, above, above_value)


def between(points: Bracket, target: float) -> F8:
    """The value at `target`, linear between the two points; NaN where one is missing.

    Two points at the target itself are averaged.
    """
    span = points.above - points.below
    apart = span > 0.0
    share = np.where(apart, (target - points.below) / np.where(apart, span, 1.0), 0.5)
    return points.below_value + share * (points.above_value - points.below_value)
