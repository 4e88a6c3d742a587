"""Figures of a series, as pure functions of numpy arrays; formulas and sources in docs/metrics.md.

A *growth* is what one unit has become by each evening; *returns* are the changes between
evenings, one fewer.  What is undefined (too short a series, no movement) is NaN, which never
leaves this room: the summary says null and the pages say n/a.

    growth   1.00   1.10   0.99         returns   0.10  -0.10
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365.25  # calendar time of a compound rate
BILL_DAYS = 365.0  # bills accrue Act/365, as the engine pays them
TAIL = 0.025
NOISE = 1e-9  # a daily spread under this is rounding, not movement


def returns_of(growth: Floats) -> Floats:
    """The changes between evenings, as fractions, one fewer than `growth`; none from nothing."""
    before = np.where(growth[:-1] == 0.0, 1.0, growth[:-1])
    changes: Floats = np.where(growth[:-1] == 0.0, 0.0, growth[1:] / before - 1.0)
    return changes


def growth_of(returns: Floats) -> Floats:
    """What one unit becomes through `returns`, beginning with 1; one more than `returns`."""
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def bill_returns(day: Days, rate: Floats) -> Floats:
    """What bills return between evenings at the annual `rate` in force at the earlier one."""
    return rate[:-1] * np.diff(day) / BILL_DAYS


def hold_growth(close: Floats, dividend: Floats, split: Floats) -> Floats:
    """Growth of a share bought at the first close, each dividend reinvested at its ex-date's close.

    `dividend` is what a share pays with its ex-date on the session; the first is not received.
    `split` is how many shares became of one before the session; 1 where there was no split.
    """
    return growth_of(split[1:] * (close[1:] + dividend[1:]) / close[:-1] - 1.0)


def cagr(growth: float, days: int) -> float:
    """Compound annual rate of a growth over calendar days; -1 where all is lost."""
    if days <= 0:
        return math.nan
    return float(max(growth, 0.0) ** (DAYS_A_YEAR / days) - 1.0)


def _spread(values: Floats) -> float:
    """Standard deviation with n - 1; NaN for fewer than two."""
    return float(np.std(values, ddof=1)) if values.size > 1 else math.nan


def volatility(returns: Floats) -> float:
    """Annual standard deviation of daily returns."""
    return _spread(returns) * math.sqrt(SESSIONS_A_YEAR)


def sharpe(excess: Floats) -> float:
    """Annual Sharpe ratio of daily returns over bills; NaN where they do not move."""
    spread = _spread(excess)
    if not spread > NOISE:
        return math.nan
    return float(np.mean(excess)) / spread * math.sqrt(SESSIONS_A_YEAR)


def sharpe_se(excess: Floats) -> float:
    """Standard error of the annual Sharpe ratio for independent returns (Lo 2002, eq. 9)."""
    daily = sharpe(excess) / math.sqrt(SESSIONS_A_YEAR)
    if math.isnan(daily):
        return math.nan
    return math.sqrt((1.0 + daily**2 / 2.0) / excess.size * SESSIONS_A_YEAR)


def tail_loss(returns: Floats) -> float:
    """Mean loss of the worst 2.5% of days (at least one), positive: the 97.5% CVaR of a day."""
    if returns.size == 0:
        return math.nan
    worst = max(1, int(returns.size * TAIL))
    return max(0.0, -float(np.mean(np.sort(returns)[:worst])))


class Drawdown(NamedTuple):
    """The deepest fall: a positive fraction and the evenings of its peak, trough and recovery."""

    depth: float
    peak: int
    trough: int
    recovered: int | None


def drawdowns(growth: Floats) -> Floats:
    """How far each evening lies under the highest so far, zero or negative; the start counts."""
    return growth / np.maximum(np.maximum.accumulate(growth), 1.0) - 1.0


def max_drawdown(growth: Floats) -> Drawdown:
    """The deepest fall from a peak; `recovered` is None while the peak is not reached again."""
    under = drawdowns(growth)
    trough = int(np.argmin(under))
    before = growth[: trough + 1]
    top = float(np.max(before))
    peak = int(np.argmax(before)) if top > 1.0 else 0
    again = np.flatnonzero(growth[trough:] >= max(top, 1.0))
    recovered = trough + int(again[0]) if again.size and under[trough] < 0.0 else None
    return Drawdown(max(0.0, -float(under[trough])), peak, trough, recovered)


class Regression(NamedTuple):
    """Excess over bills explained by the market's: `alpha` a year and its standard error."""

    beta: float
    alpha: float
    alpha_se: float
    alpha_t: float


UNKNOWN = Regression(math.nan, math.nan, math.nan, math.nan)


def newey_west_lags(count: int) -> int:
    """How many lags to allow for: floor(4 (n / 100)^(2/9)) (Newey & West 1994)."""
    return int(4.0 * (count / 100.0) ** (2.0 / 9.0))


def _long_run(scores: Floats, lags: int) -> Floats:
    """Newey-West covariance sum of `scores` (n, 2) with Bartlett weights."""
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return total


def regress(excess: Floats, market: Floats) -> Regression:
    """Least squares of daily excess returns on the market's, with Newey-West standard errors.

    `alpha` is the daily intercept times 252.  All NaN for fewer than three days or where the
    market does not move.
    """
    count = excess.size
    variance = float(np.var(market, ddof=1)) if count > 2 else 0.0  # noqa: PLR2004  two coefficients
    if not variance > NOISE**2:
        return UNKNOWN
    columns = np.column_stack((np.ones(count), market))
    inverse = np.linalg.inv(columns.T @ columns)
    alpha, beta = inverse @ (columns.T @ excess)
    residual = excess - alpha - beta * market
    covariance = inverse @ _long_run(columns * residual[:, None], newey_west_lags(count)) @ inverse
    error = math.sqrt(max(float(covariance[0, 0]), 0.0))
    t = float(alpha) / error if error > 0.0 else math.nan
    year = SESSIONS_A_YEAR
    return Regression(float(beta), float(alpha) * year, error * year, t)
