"""What an underlying's prices say of its strength, on each session and as-of it.

Total returns throughout: dividends and splits are in them.  `index` is what it is held against.  A
window that is not full has no value, but for an unknown tenth of it.

    shares, turnover  mean of 63 sessions: shares a day (of today's count), dollars a day
    history           years since the first bar
    beta              of 252 sessions, shrunk: 2/3 of the sample's + 1/3
    downside_beta     the same on sessions on which the index fell, not shrunk
    correlation       sample of 252 sessions
    drawdown          worst fall over the index's worst, in the windows in which the index fell by a
                      fifth or more, each from its high to its recovery; the worst of them
    recovery          months from the index's recovery until the name regained its own high of such
                      a window, or until now; 0 where it was first; the longest
    dividends         whole calendar years in a row, the last one back, without a lower sum

Windows begin in the twenty years before a session, and a name counts in one it was listed through.
Sources: DOMAIN 5.3 and 7.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8
from underwriter.market.joined import Past, on_days
from underwriter.market.realised import log_returns, prices

QUARTER, YEAR = 63, 252  # sessions
FALL = 0.20  # of the index, from its high: a bear market
LOOKBACK = 7305  # calendar days: twenty years
DAYS_A_MONTH, DAYS_IN_YEAR = 365.25 / 12.0, 365.25
_KNOWN = 0.9  # least share of a window that must be known
_CUT = 0.999  # of the year before: less is a cut, the rest is rounding


class Betas(NamedTuple):
    """How a name moves with the index, a value a row; NaN unknown."""

    beta: F8
    downside: F8
    correlation: F8


class Resilience(NamedTuple):
    """How a name came through the index's falls, a value a row; NaN where there was none."""

    drawdown: F8  # a multiple of the index's
    recovery: F8  # months


class Strength(NamedTuple):
    """Every measure, a value a session."""

    price: F8  # dollars
    shares: F8  # a day
    turnover: F8  # dollars a day
    history: F8  # years
    beta: F8
    downside_beta: F8
    correlation: F8
    drawdown: F8  # a multiple of the index's
    recovery: F8  # months
    dividends: F8  # years


def strength(day: I4, past: Past, volume: F8, index: Past) -> Strength:
    """Every measure on the sessions `day`; `volume` in shares, a value a bar of `past`."""
    of, grid = prices(past.bars, past.dividends, past.splits), past.bars.day
    count = np.cumprod(of.split)
    returns = log_returns(of)
    market = prices(index.bars, index.dividends, index.splits)
    against = on_days(grid, index.bars.day, _level(log_returns(market), market.close))
    moves = np.concatenate([[np.nan], np.diff(np.log(against))])[: len(grid)]
    betas = trailing_betas(returns, moves, YEAR)
    asked = np.searchsorted(grid, np.intersect1d(grid, day))
    fallen = resilience(grid, _level(returns, of.close), against, asked)
    rows = (
        past.bars.close,
        count * mean_of_known(volume / count, QUARTER),
        mean_of_known(volume * past.bars.close, QUARTER),
        (grid - grid[:1]) / DAYS_IN_YEAR,
        2.0 / 3.0 * betas.beta + 1.0 / 3.0,
        betas.downside,
        betas.correlation,
        fallen.drawdown,
        fallen.recovery,
        uncut_years(grid, of.dividend * count),
    )
    return Strength(*(on_days(day, grid, row) for row in rows))


@kernel
def mean_of_known(values: F8, window: int) -> F8:
    """The mean of each row's last `window` values, where nine tenths of them are known."""
    means = np.full(len(values), np.nan)
    for row in range(window - 1, len(values)):
        total, count = 0.0, 0
        for at in range(row - window + 1, row + 1):
            if math.isfinite(values[at]):
                total, count = total + values[at], count + 1
        if count >= _KNOWN * window:
            means[row] = total / count
    return means


@kernel
def trailing_betas(name: F8, index: F8, window: int) -> Betas:
    """Beta, downside beta and correlation of the last `window` pairs of returns."""
    beta, downside, correlation = np.full((3, len(name)), np.nan)
    for row in range(window - 1, len(name)):
        lo = row - window + 1
        count, both, of_index, of_name = moments(name, index, lo, row + 1, math.inf)
        if count < _KNOWN * window or of_index * of_name <= 0.0:
            continue
        beta[row] = both / of_index
        correlation[row] = both / math.sqrt(of_index * of_name)
        _, both, of_index, _ = moments(name, index, lo, row + 1, 0.0)
        downside[row] = both / of_index if of_index > 0.0 else math.nan
    return Betas(beta, downside, correlation)


@kernel
def moments(
    name: F8, index: F8, lo: int, hi: int, under: float
) -> tuple[float, float, float, float]:
    """How many pairs have the index below `under`; their covariance and the two variances.

    The index's variance stands before the name's.
    """
    count, mean_name, mean_index = 0.0, 0.0, 0.0
    for row in range(lo, hi):
        if math.isfinite(name[row]) and index[row] < under:
            count += 1.0
            mean_name += name[row]
            mean_index += index[row]
    if count == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    mean_name, mean_index = mean_name / count, mean_index / count
    both, of_index, of_name = 0.0, 0.0, 0.0
    for row in range(lo, hi):
        if math.isfinite(name[row]) and index[row] < under:
            a, b = name[row] - mean_name, index[row] - mean_index
            both, of_index, of_name = both + a * b, of_index + b * b, of_name + a * a
    return count, both, of_index, of_name


@kernel
def resilience(day: I4, name: F8, index: F8, asked: I8) -> Resilience:
    """How a name came through the index's falls, as of each of the rows `asked`; NaN elsewhere.

    `name` and `index` are total-return levels on the days `day`.
    """
    drawdown, recovery = np.full((2, len(day)), np.nan)
    for row in asked:
        high, low = -1, -1
        for at in range(np.searchsorted(day, day[row] - LOOKBACK), row + 1):
            if math.isnan(index[at]):
                continue
            if high < 0 or index[at] >= index[high]:
                if high >= 0:
                    come_through(day, name, index, (high, low, at, row), drawdown, recovery)
                high, low = at, at
            elif index[at] < index[low]:
                low = at
        if high >= 0:
            come_through(day, name, index, (high, low, row, row), drawdown, recovery)
    return Resilience(drawdown, recovery)


@kernel
def come_through(
    day: I4, name: F8, index: F8, span: tuple[int, int, int, int], drawdown: F8, recovery: F8
) -> None:
    """Write down one fall of the index, if it was deep and the name was listed through it.

    `span` has the rows of the index's high and low, the row on which it was over, and today's.
    """
    high, low, over, row = span
    depth = 1.0 - index[low] / index[high]
    if depth < FALL or math.isnan(name[high]):
        return
    top, peak, worst, trough = name[high], name[high], 0.0, high
    for at in range(high, over + 1):
        top = max(top, name[at]) if math.isfinite(name[at]) else top
        if 1.0 - name[at] / top > worst:
            worst, trough, peak = 1.0 - name[at] / top, at, top
    regained = trough
    while regained < row and not name[regained] >= peak:
        regained += 1
    months = max(day[regained] - day[over], 0) / DAYS_A_MONTH
    drawdown[row] = max(worst / depth, 0.0 if math.isnan(drawdown[row]) else drawdown[row])
    recovery[row] = max(months, 0.0 if math.isnan(recovery[row]) else recovery[row])


def uncut_years(day: I4, paid: F8) -> F8:
    """Whole calendar years in a row, before each day's, that paid no less than the year before.

    `paid` is what went ex on each day, in shares of one and the same count.  The year of the first
    day is not whole, so the first that can count is the second after it.  NaN before the first
    dividend: a name that pays none and one whose dividends nobody brought look alike.
    """
    if not len(day):
        return np.empty(0)
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    year -= year[0]
    total = np.bincount(year, paid)
    run = np.zeros(len(total) + 1)  # by the year after
    for at in range(2, len(total)):
        uncut = total[at] > 0.0 and total[at] >= _CUT * total[at - 1]
        run[at + 1] = run[at] + 1.0 if uncut else 0.0
    return np.where(np.cumsum(paid) > 0.0, run[year], np.nan)


def _level(returns: F8, close: F8) -> F8:
    """What one dollar became, from log returns; NaN where there is no close."""
    return np.where(np.isfinite(close), np.exp(np.nancumsum(returns)), np.nan)
