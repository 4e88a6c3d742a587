"""How good the best of many tries would look by luck alone, and what is left of it.

D. Bailey and M. Lopez de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5),
2014.  A hundred worthless configurations whose annual ratios spread by sqrt(1/2) have a best one
of 1.79 a year; over five years 2.5 is then no proof (0.90), which alone it would have been.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

from underwriter.book.metrics import SESSIONS_A_YEAR

BELIEVED = 0.95  # the probability from which the best is not put down to luck
_EULER = 0.5772156649015329  # the Euler-Mascheroni constant
_NORMAL = NormalDist()


class Series(NamedTuple):
    """What is known of one series of daily returns over bills."""

    sharpe: float  # a year
    skewness: float  # 0 for a normal
    kurtosis: float  # 3 for a normal
    returns: int  # how many


def expected_maximum(trials: int, spread: float) -> float:
    """The Sharpe ratio a year that the best of some trials without any skill is expected to have.

    `spread` is the standard deviation of their annual ratios.  Nothing for a single trial.  Trials
    that resemble each other are fewer than they look: counting all of them errs on the safe side.
    """
    if trials < 2:  # noqa: PLR2004  one is no choice
        return 0.0
    first = _NORMAL.inv_cdf(1.0 - 1.0 / trials)
    second = _NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return spread * ((1.0 - _EULER) * first + _EULER * second)


def deflated(series: Series, benchmark: float) -> float:
    """The probability that the true ratio is above `benchmark` a year; NaN where undefined."""
    daily, least = (each / math.sqrt(SESSIONS_A_YEAR) for each in (series.sharpe, benchmark))
    width = 1.0 - series.skewness * daily + (series.kurtosis - 1.0) / 4.0 * daily**2
    if not (width > 0.0 and series.returns > 1):
        return math.nan
    return _NORMAL.cdf((daily - least) * math.sqrt((series.returns - 1) / width))
