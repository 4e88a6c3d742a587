"""Days that repeat the session before: a source that was asked on a holiday, or did not update."""

from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I8
from underwriter.market.gates.runs import Columns, Mask, Runs, Said, same

COPIED = 0.9  # of the contracts that could differ; honest days of thirteen real chains: below 0.35
FEWEST = 20  # contracts, below which a day says nothing
_NONE = -1


class Copied(NamedTuple):
    """How much of a day repeats the day before it, a value each day."""

    shared: I8  # contracts on both days that could differ
    share: F8  # of them, those that do not; NaN where there are fewer than FEWEST

    @property
    def stale(self) -> Mask:
        """Which days are copies."""
        return self.share >= COPIED


def copied(columns: Columns, runs: Runs) -> Copied:
    """How much of each day is a copy of the day before it in the chain.

    A contract is copied where bid, ask, last, volume and open interest are all as they were;
    one that nobody quotes and nobody traded cannot differ and is not counted.
    """
    shared, unchanged = np.zeros((2, len(runs.date)), np.int64)
    count_copies(columns, runs.start, _day_before(runs), shared, unchanged)
    by_day = np.bincount(runs.day, shared, len(runs.days))
    copies = np.bincount(runs.day, unchanged, len(runs.days))
    enough = by_day >= FEWEST
    share = np.full(len(by_day), np.nan)
    share[enough] = copies[enough] / by_day[enough]
    return Copied(by_day.astype(np.int64), share)


@kernel
def count_copies(columns: Columns, start: I8, before: I8, shared: I8, unchanged: I8) -> None:
    """Count for each run the contracts that the run before it has too, and those unchanged."""
    strike, bid, ask, last, volume, interest = columns
    for run in range(before.size):
        if before[run] < 0:
            continue
        old, old_end = start[before[run]], start[before[run] + 1]
        new, new_end = start[run], start[run + 1]
        while old < old_end and new < new_end:
            if strike[old] < strike[new]:
                old += 1
            elif strike[new] < strike[old]:
                new += 1
            else:
                is_ = Said(bid[new], ask[new], last[new], volume[new], interest[new])
                was = Said(bid[old], ask[old], last[old], volume[old], interest[old])
                if is_.bid > 0.0 or is_.ask > 0.0 or is_.volume > 0:
                    shared[run] += 1
                    unchanged[run] += same(is_, was)
                old += 1
                new += 1


def _day_before(runs: Runs) -> I8:
    """The run of the same series on the day before, or -1."""
    expiries, expiry = np.unique(runs.expiry, return_inverse=True)
    series = (runs.root * 2 + runs.right) * len(expiries) + expiry
    width = len(runs.roots) * 2 * len(expiries)
    key = runs.day * width + series
    place = np.searchsorted(key, key - width)  # the runs are in this very order
    found = key[np.minimum(place, len(key) - 1)] == key - width
    return np.where(found, place, _NONE)
