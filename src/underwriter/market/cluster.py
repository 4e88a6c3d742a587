"""Which underlyings fall together: clusters by stress correlation, and how many bets a book is.

The correlation of a calm year says little about a crash.  So two equities are taken to correlate
by 0.7 at least (`stress_correlation`), the rest as they did.  Names are joined by average linkage
on the distance sqrt((1 - rho) / 2) as long as the average distance is under that of `TOGETHER`.

Membership is as-of: it is made anew on the first session of each month, of the 252 returns up to
its close, and holds until the next.  Source: DOMAIN 5.3, after Mantegna (1999).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8
from underwriter.market.joined import Past, on_days
from underwriter.market.realised import log_returns, prices

YEAR = 252  # sessions of a sample
STRESS = 0.7  # least correlation of two equities
TOGETHER = 0.75  # stress correlation above which names are one cluster
_KNOWN = 0.9  # least share of the sample that a name must have

Mask = npt.NDArray[np.bool_]


def clusters(day: I4, pasts: Sequence[Past], equity: Sequence[bool]) -> I8:
    """The cluster of each underlying on each session, (sessions, underlyings); 0 is none.

    A cluster is called after its first underlying, counted from one, so that a name alone is its
    own.  0 where under nine tenths of the year before are known.  `equity` says which underlyings
    are shares or funds of shares.
    """
    grid, returns = aligned(day, pasts)
    months = grid.astype("datetime64[D]").astype("datetime64[M]")
    turns = np.flatnonzero(months[1:] != months[:-1]) + 1
    found = np.zeros((len(turns) + 1, len(pasts)), np.int64)
    for number, row in enumerate(turns, 1):
        sample = returns[max(row + 1 - YEAR, 0) : row + 1]
        found[number] = _joined(sample, np.array(equity))
    return found[np.searchsorted(grid[turns], day, side="right")]


def aligned(day: I4, pasts: Sequence[Past]) -> tuple[I4, F8]:
    """All days with bars up to the last of `day`, and each underlying's log return on them.

    Dividends and splits are in the returns; NaN where an underlying has no bar.
    """
    days = np.unique(np.concatenate([past.bars.day for past in pasts]))
    grid = days[days <= day[-1]]
    columns = []
    for past in pasts:
        of = prices(past.bars, past.dividends, past.splits)
        columns.append(on_days(grid, past.bars.day, log_returns(of)))
    return grid, np.column_stack(columns)


def correlation(returns: F8) -> F8:
    """Sample correlations of columns, each pair on the rows that both have; NaN where none vary."""
    there = np.isfinite(returns)
    held, known = np.where(there, returns, 0.0), there.astype(np.float64)
    count = known.T @ known
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (held.T @ known) / count  # of the row's name, on the rows of both
        covariance = held.T @ held / count - mean * mean.T
        variance = (held**2).T @ known / count - mean**2
        found: F8 = covariance / np.sqrt(variance * variance.T)
    return np.clip(found, -1.0, 1.0)


def stress_correlation(sample: F8, equity: Mask) -> F8:
    """Sample correlations, but 0.7 at least between two equities; 1 with itself."""
    both = equity[:, None] & equity[None, :]
    found = np.where(both, np.maximum(sample, STRESS), sample)
    np.fill_diagonal(found, 1.0)
    return found


def distance(rho: F8) -> F8:
    """How far apart two names are: 0 for one that moves alike, 1 for its opposite."""
    return np.sqrt(0.5 * (1.0 - rho))


@kernel
def linked(apart: F8, most: float) -> I8:
    """The group of each name by average linkage, joined while the average distance is under `most`.

    `apart` is a symmetric matrix; a group is called by the number of its first name.
    """
    names = len(apart)
    group, size = np.arange(names), np.ones(names)
    gap = apart.copy()
    for _ in range(names - 1):
        least, here, there = most, -1, -1
        for a in range(names):
            if group[a] != a:
                continue
            for b in range(a + 1, names):
                if group[b] == b and gap[a, b] < least:
                    least, here, there = gap[a, b], a, b
        if here < 0:
            break
        whole = size[here] + size[there]
        for c in range(names):
            mean = (size[here] * gap[here, c] + size[there] * gap[there, c]) / whole
            gap[here, c] = gap[c, here] = mean
        size[here] = whole
        for c in range(names):
            if group[c] == there:
                group[c] = here
    return group


def bets(weight: F8, covariance: F8) -> float:
    """The effective number of bets: 1 over the sum of squared shares in the risk; NaN without any.

    `weight` is what is held of each, in dollars, `covariance` of their returns.
    """
    share = weight * (covariance @ weight)
    total = share.sum()
    return float(1.0 / ((share / total) ** 2).sum()) if total > 0.0 else float("nan")


def _joined(sample: F8, equity: Mask) -> I8:
    """Clusters of the names that a year of returns knows."""
    found = np.zeros(sample.shape[1], np.int64)
    known = np.flatnonzero(np.isfinite(sample).sum(axis=0) >= _KNOWN * YEAR)
    if len(known):
        rho = stress_correlation(correlation(sample[:, known]), equity[known])
        apart = distance(np.nan_to_num(rho, nan=1.0))  # what does not vary is not told apart
        group = linked(apart, float(distance(np.array(TOGETHER))))
        found[known] = known[group] + 1
    return found
