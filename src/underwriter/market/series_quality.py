"""Gates on a series: they find what is wrong with a history before anything is believed of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.units import DAYS_A_YEAR

Days = NDArray[np.int32]
Column = NDArray[np.float64]

MOST_YIELD = 0.08  # a year: no broad index has paid more since 1950
_SLACK = 0.002  # of a level, for what is rounded or paid unevenly within the year


class Doubt(NamedTuple):
    """A level that disagrees with its neighbours: the day, and by what part it seems off."""

    day: int
    part: float


def total_return_doubts(
    day: Days, price: Column, total: Column, most_yield: float = MOST_YIELD
) -> tuple[Doubt, ...]:
    """Days on which a total-return index does not fit its price index.

    Between two days the total return exceeds the price return by the dividends, which are never
    negative and at most `most_yield` a year; where it does not, the total return, or the price,
    of one of the two days is wrong.  A level that departs and comes back is told once, on the day
    that it is off, as the part by which it is: -0.025 is 2.5% too low.
    """
    ratio = total / price
    excess = ratio[1:] / ratio[:-1] - 1.0
    most = most_yield * np.diff(day) / DAYS_A_YEAR + _SLACK
    odd = np.flatnonzero((excess < -_SLACK) | (excess > most))
    back = {n + 1 for n in odd if n + 1 in odd and excess[n] * excess[n + 1] < 0.0}
    return tuple(Doubt(int(day[n + 1]), float(excess[n])) for n in odd if n not in back)
