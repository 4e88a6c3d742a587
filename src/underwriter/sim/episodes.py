"""Six falls of the market that a held book is revalued in: data, each number with its source.

The spot move is that of the S&P 500 between two closes, the volatility that of its 30-day index:
Cboe's VIX, for 1987 its predecessor VXO.  docs/stress.md names the source of every figure.

    february_2018.factor(30) == 37.32 / 17.31        2.156
    february_2018.factor(93)                         1.657; VIX3M went from 17.03 to 28.13: 1.652
"""

import math
from datetime import date
from typing import NamedTuple

INDEX_DAYS = 30.0  # that the volatility index looks ahead
MOST_SHORT = 2.0  # times the index's rise: what expires within a week and a half


class Episode(NamedTuple):
    """What one fall did to the index and to its volatility, from one close to another."""

    name: str
    before: date  # the close it began from
    after: date  # the close it is measured at
    spot_move: float
    vol_before: float  # points of the volatility index
    vol_after: float

    @property
    def vol_factor(self) -> float:
        """What the volatility of an option of 30 days was multiplied by."""
        return self.vol_after / self.vol_before

    def factor(self, days: float) -> float:
        """What the volatility of an option of so many days is multiplied by.

        The rise falls with the root of its life, sqrt(30 / days), and is at most twice the index's.
        """
        nearness = math.sqrt(INDEX_DAYS / days) if days > 0.0 else MOST_SHORT
        return 1.0 + (self.vol_factor - 1.0) * min(nearness, MOST_SHORT)


EPISODES = (
    Episode("October 1987", date(1987, 10, 16), date(1987, 10, 19), -0.205, 36.37, 150.19),
    Episode("October 2008", date(2008, 10, 14), date(2008, 10, 15), -0.090, 55.13, 69.25),
    Episode("February 2018", date(2018, 2, 2), date(2018, 2, 5), -0.041, 17.31, 37.32),
    Episode("March 2020", date(2020, 3, 13), date(2020, 3, 16), -0.120, 57.83, 82.69),
    Episode("August 2024", date(2024, 8, 2), date(2024, 8, 5), -0.030, 23.39, 38.57),
    Episode("April 2025", date(2025, 4, 2), date(2025, 4, 4), -0.105, 21.51, 45.31),
)
