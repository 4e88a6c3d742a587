"""The variance of the coming month, forecast from what was realised, and the premium over it.

    log V(t+1 .. t+21) = b0 + bd log V(t) + bw log V(t-4 .. t) + bm log V(t-21 .. t)
                         [+ bv log VIX^2]

V is a mean of daily variances.  The coefficients for t are fitted by least squares on all rows up
to t - 21: later months have not ended by t.  The exponential of a fitted logarithm is a median;
half the residual variance is added, which makes it the mean of a log-normal.  Corsi (2009), "A
simple approximate long-memory model of realized volatility".
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.record import F8
from underwriter.market.realised import SESSIONS_A_YEAR
from underwriter.market.rolling import trailing_mean

AHEAD = 21  # sessions: the month that is forecast
LEAST_ROWS = 504  # two years of fitted rows before the first forecast
_SPANS = (1, 5, 22)  # sessions: a day, a week, a month, as Corsi has them
_LEAST = 0.0006**2  # a session that moved less than 6 basis points counts as 6: zero has no log
_SINGULAR = 1e-12  # of the largest eigenvalue: below it a direction holds no evidence


class Forecast(NamedTuple):
    """One row a session, for the `AHEAD` sessions after it; NaN where there is none.

    `variance` is annual, `vol` its root; `log` is the forecast of the logarithm of the annual
    variance, a median; `residual` is the variance of the fit's residuals.
    """

    variance: F8
    vol: F8
    log: F8
    residual: F8


class Premium(NamedTuple):
    """What options pay above the forecast: of variance, annual, and in volatility points."""

    variance: F8
    points: F8


def har_terms(variance: F8) -> F8:
    """Logarithms of the last day's, week's and month's mean of daily variances: (sessions, 3)."""
    return np.column_stack([_log(trailing_mean(variance, span)) for span in _SPANS])


def index_terms(index: F8) -> F8:
    """The logarithm of a volatility index (an annual fraction) squared: (sessions, 1)."""
    return _log(index * index / SESSIONS_A_YEAR)[:, np.newaxis]


def expanding_forecast(terms: F8, variance: F8, least: int = LEAST_ROWS) -> Forecast:
    """Regress the coming month's log variance on `terms`, afresh on each row, as-of.

    `terms` is (sessions, any number), known at the row; `variance` holds the daily variances whose
    mean over the next 21 sessions is forecast.  Rows with an unknown are left out of the fit, and
    have no forecast.  NaN until `least` rows are fitted.
    """
    terms = np.column_stack([np.ones(len(terms)), np.where(np.isfinite(terms), terms, np.nan)])
    target = _log(trailing_mean(variance, AHEAD))  # of the month that ends on the row
    began = np.full_like(terms, np.nan)
    began[AHEAD:] = terms[:-AHEAD]  # what was known when that month began
    beta, residual = _fits(began, target, least)
    log = (terms * beta).sum(axis=1) + np.log(SESSIONS_A_YEAR)
    with np.errstate(over="ignore"):
        mean = np.exp(log + 0.5 * residual)
    mean[np.isinf(mean)] = np.nan  # of terms so wild there is no forecast
    return Forecast(mean, np.sqrt(mean), log, residual)


def variance_premium(vol: F8, forecast: Forecast) -> Premium:
    """Implied over forecast: vol^2 - variance, and 100 (vol - forecast's volatility)."""
    return Premium(vol * vol - forecast.variance, 100.0 * (vol - forecast.vol))


def _fits(known: F8, target: F8, least: int) -> tuple[F8, F8]:
    """Least squares on rows 0 to t, for every t: coefficients, and the variance of residuals.

    The normal equations are summed along the rows, so that each fit costs one small solution.
    """
    whole = np.isfinite(known).all(axis=1) & np.isfinite(target)
    x, y = np.where(whole[:, np.newaxis], known, 0.0), np.where(whole, target, 0.0)
    squares = np.cumsum(x[:, :, np.newaxis] * x[:, np.newaxis, :], axis=0)
    products, total = np.cumsum(x * y[:, np.newaxis], axis=0), np.cumsum(y * y)
    rows = np.cumsum(whole)
    beta, residual = np.full_like(x, np.nan), np.full(len(y), np.nan)
    enough = rows >= max(least, x.shape[1] + 1)
    inverse = np.linalg.pinv(squares[enough], rcond=_SINGULAR, hermitian=True)
    beta[enough] = (inverse @ products[enough][:, :, np.newaxis])[:, :, 0]
    left = total[enough] - (beta[enough] * products[enough]).sum(axis=1)
    residual[enough] = np.maximum(left, 0.0) / (rows[enough] - x.shape[1])
    return beta, residual


def _log(variance: F8) -> F8:
    """The logarithm of a daily variance, none below the least that counts."""
    return np.log(np.maximum(variance, _LEAST))
