"""Realised volatility, from closes and from ranges: as-of, by session rows.

Row t uses rows up to t and is NaN until its window is full, or where the window holds an unknown
bar.  Close to close, the squared return of a session is its variance (the mean is not taken out:
over a month it is noise).  The range estimators use each session's open, high, low and close; a bar
that lacks one of them, or whose high and low do not hold the others, is unknown to them.

    close             ln(split (close + dividend) / close before)^2           the night included
    Parkinson         ln(high / low)^2 / (4 ln 2)                             the session alone
    Garman-Klass      ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2  the session alone
    Rogers-Satchell   ln(h/c) ln(h/o) + ln(l/c) ln(l/o), whatever the drift   the session alone
    Yang-Zhang        night + k session + (1 - k) Rogers-Satchell             the night included

Parkinson (1980); Garman and Klass (1980); Rogers and Satchell (1991); Yang and Zhang (2000).
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.record import F8, I4, I8
from underwriter.market.history import Bars
from underwriter.market.rolling import trailing_mean, trailing_variance

SESSIONS_A_YEAR = 252.0
_YANG_ZHANG = 0.34  # Yang and Zhang (2000): makes k the one of least variance


class Prices(NamedTuple):
    """Prices as traded, one row a session, and what makes two sessions comparable.

    `dividend` is cash a share that goes ex on the row, in shares of that day, 0 where none;
    `split` is new shares for one old from the row on, 1 where none.  NaN is an unknown price.
    """

    open: F8
    high: F8
    low: F8
    close: F8
    dividend: F8
    split: F8


class Actions(NamedTuple):
    """What happened to shares: an amount a day (int32 day numbers), in any order."""

    day: I4
    amount: F8  # cash a share, or new shares for one old


NO_ACTIONS = Actions(np.empty(0, np.int32), np.empty(0))


def prices(bars: Bars, dividends: Actions = NO_ACTIONS, splits: Actions = NO_ACTIONS) -> Prices:
    """Bars with their dividends and splits; one on no session counts on the next."""
    paid, ratio = np.zeros(len(bars.day)), np.ones(len(bars.day))
    row, amount = _on_rows(bars.day, dividends)
    np.add.at(paid, row, amount)
    row, amount = _on_rows(bars.day, splits)
    np.multiply.at(ratio, row, amount)
    return Prices(bars.open, bars.high, bars.low, bars.close, paid, ratio)


def _on_rows(day: I4, actions: Actions) -> tuple[I8, F8]:
    """The row each action falls on and its amount; those outside the rows left out."""
    row = np.searchsorted(day, actions.day).astype(np.int64)
    inside = (row < len(day)) & (actions.day >= (day[0] if len(day) else 0))
    return row[inside], actions.amount[inside]


def log_returns(of: Prices) -> F8:
    """Total log return from the close before, dividends and splits in it; the first row is NaN."""
    return _log(of.split) + _log(of.close + of.dividend) - _log(_before(of.close))


def night_returns(of: Prices) -> F8:
    """Total log return from the close before to the open; the first row is NaN."""
    return _log(of.split) + _log(of.open + of.dividend) - _log(_before(of.close))


def close_variance(of: Prices) -> F8:
    """Variance of each session, night included: the squared return."""
    return log_returns(of) ** 2


def parkinson_variance(of: Prices) -> F8:
    """Variance of each session without its night, from high and low (Parkinson 1980)."""
    bar = _whole(of)
    return (_log(bar.high) - _log(bar.low)) ** 2 / (4.0 * np.log(2.0))


def garman_klass_variance(of: Prices) -> F8:
    """Variance of each session without its night, the practical estimator of Garman and Klass."""
    bar = _whole(of)
    spread, move = _log(bar.high) - _log(bar.low), _log(bar.close) - _log(bar.open)
    return 0.5 * spread**2 - (2.0 * np.log(2.0) - 1.0) * move**2


def rogers_satchell_variance(of: Prices) -> F8:
    """Variance of each session without its night, free of drift (Rogers and Satchell 1991)."""
    opens, high, low, close = (_log(side) for side in _whole(of)[:4])
    return (high - close) * (high - opens) + (low - close) * (low - opens)


def volatility(variance: F8, window: int) -> F8:
    """Annual volatility, a fraction, of the last `window` sessions' variances."""
    return np.sqrt(SESSIONS_A_YEAR * trailing_mean(variance, window))


def yang_zhang(of: Prices, window: int) -> F8:
    """Annual volatility, a fraction, nights included and free of drift (Yang and Zhang 2000)."""
    bar = _whole(of)
    night = trailing_variance(night_returns(bar), window)
    session = trailing_variance(_log(bar.close) - _log(bar.open), window)
    free = trailing_mean(rogers_satchell_variance(bar), window)
    share = _YANG_ZHANG / (1.0 + _YANG_ZHANG + (window + 1.0) / (window - 1.0))
    return np.sqrt(SESSIONS_A_YEAR * (night + share * session + (1.0 - share) * free))


def _whole(of: Prices) -> Prices:
    """Bars that range estimators may use; each other bar unknown, but for its close.

    The close stays, since the night after it is as real as any.
    """
    top = np.maximum(of.open, of.close)
    bottom = np.minimum(of.open, of.close)
    held = (of.high >= top) & (of.low <= bottom) & (bottom > 0.0) & (of.low > 0.0)
    opens, high, low = (np.where(held, side, np.nan) for side in of[:3])
    return of._replace(open=opens, high=high, low=low)


def _before(values: F8) -> F8:
    """Each row's predecessor; NaN for the first."""
    return np.concatenate(([np.nan], values[:-1]))[: len(values)]


def _log(values: F8) -> F8:
    """The logarithm; NaN for what is no number above zero."""
    return np.log(np.where(np.isfinite(values) & (values > 0.0), values, np.nan))
