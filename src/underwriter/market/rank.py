"""Where today's implied volatility stands in its own past year, today left out of the year.

Both look at the `window` sessions before row t, never at row t: a new high stands above its past
(rank over 1), and does not become its own maximum.  They answer different questions: rank is where
today lies between the lowest and the highest, so one spike holds it down for a year; percentile is
the share of days below today, which hardly notices a spike.  Unknown days (no finite number) are
passed over as long as they are at most a tenth of the window.
"""

import math

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8

WINDOW = 252  # sessions: a year
_KNOWN = 0.9  # least share of the window that must be known


@kernel
def iv_rank(iv: F8, window: int = WINDOW) -> F8:
    """(iv - lowest) / (highest - lowest) of the `window` rows before: 0 lowest, 1 highest.

    Below 0 and above 1 where today lies outside its past; NaN until there are `window` rows
    before, where over a tenth of them or today is unknown, and where they are all the same.
    """
    ranks = np.full(len(iv), np.nan)
    for row in range(window, len(iv)):
        lowest, highest, known = math.inf, -math.inf, 0
        for at in range(row - window, row):
            if math.isfinite(iv[at]):
                lowest, highest, known = min(lowest, iv[at]), max(highest, iv[at]), known + 1
        if known >= _KNOWN * window and highest > lowest and math.isfinite(iv[row]):
            ranks[row] = (iv[row] - lowest) / (highest - lowest)
    return ranks


@kernel
def iv_percentile(iv: F8, window: int = WINDOW) -> F8:
    """The share of the known days among the `window` rows before that lie below today, 0 to 1.

    NaN until there are `window` rows before, and where over a tenth of them or today is unknown.
    """
    shares = np.full(len(iv), np.nan)
    for row in range(window, len(iv)):
        below, known = 0, 0
        for at in range(row - window, row):
            if math.isfinite(iv[at]):
                below, known = below + int(iv[at] < iv[row]), known + 1
        if known >= _KNOWN * window and math.isfinite(iv[row]):
            shares[row] = below / known
    return shares
