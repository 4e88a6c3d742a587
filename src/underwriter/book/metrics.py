"""Figures of a series, as pure functions of numpy arrays; formulas and sources in docs/metrics.md.

A *growth* is what one unit has become by each evening; *returns* are the changes between
evenings, one fewer.  What is undefined (too short a series, no movement) is NaN, which no JSON
and no page shows: the summary says null and the pages say n/a.

    growth   1.00   1.10   0.99         returns   0.10  -0.10

Figures in the plural take one series a row, along the last axis, and give one figure a row: a
sweep has thousands of series, and the formula of each figure stands here once.
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
    first, then = growth[..., :-1], growth[..., 1:]
    before = np.where(first == 0.0, 1.0, first)
    changes: Floats = np.where(first == 0.0, 0.0, then / before - 1.0)
    return changes


def growth_of_money(equity: Floats, deposited: Floats) -> Floats:
    """Growth of the starting cash by evening; money that comes in later does not count as gain."""
    start = np.zeros((*equity.shape[:-1], 1))
    before = np.concatenate((start, equity[..., :-1]), axis=-1) + deposited
    safe = np.where(before > 0.0, before, 1.0)
    ratio: Floats = np.where(before > 0.0, equity / safe, 1.0)
    return np.multiply.accumulate(ratio, axis=-1)


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


def cagrs(growth: Floats, days: int) -> Floats:
    """Compound annual rates of growths over calendar days; -1 where all is lost."""
    if days <= 0:
        return np.full(growth.shape, math.nan)
    rates: Floats = np.maximum(growth, 0.0) ** (DAYS_A_YEAR / days) - 1.0
    return rates


def cagr(growth: float, days: int) -> float:
    """Compound annual rate of a growth over calendar days; -1 where all is lost."""
    return float(cagrs(np.array(growth), days))


def _spreads(values: Floats) -> Floats:
    """Standard deviation of each row with n - 1; NaN for fewer than two values."""
    if values.shape[-1] < 2:  # noqa: PLR2004  a spread needs two
        return np.full(values.shape[:-1], math.nan)
    found: Floats = np.asarray(np.std(values, axis=-1, ddof=1))
    return found


def volatilities(returns: Floats) -> Floats:
    """Annual standard deviation of daily returns."""
    return np.multiply(_spreads(returns), math.sqrt(SESSIONS_A_YEAR))


def volatility(returns: Floats) -> float:
    """Annual standard deviation of daily returns."""
    return float(volatilities(returns))


def sharpes(excess: Floats) -> Floats:
    """Annual Sharpe ratios of daily returns over bills; NaN where they do not move."""
    spread = _spreads(excess)
    moves = spread > NOISE
    if not moves.any():
        return np.full(spread.shape, math.nan)
    ratio: Floats = np.mean(excess, axis=-1) / np.where(moves, spread, math.nan)
    return np.multiply(ratio, math.sqrt(SESSIONS_A_YEAR))


def sharpe(excess: Floats) -> float:
    """Annual Sharpe ratio of daily returns over bills; NaN where they do not move."""
    return float(sharpes(excess))


def sharpe_ses(excess: Floats) -> Floats:
    """Standard errors of annual Sharpe ratios for independent returns (Lo 2002, eq. 9)."""
    daily = sharpes(excess) / math.sqrt(SESSIONS_A_YEAR)
    errors: Floats = np.sqrt((1.0 + daily**2 / 2.0) / max(excess.shape[-1], 1) * SESSIONS_A_YEAR)
    return errors


def sharpe_se(excess: Floats) -> float:
    """Standard error of the annual Sharpe ratio for independent returns (Lo 2002, eq. 9)."""
    return float(sharpe_ses(excess))


def moments(values: Floats) -> tuple[Floats, Floats]:
    """Skewness and kurtosis (3 for a normal) of each row; NaN where it does not move."""
    spread = np.asarray(np.std(values, axis=-1, keepdims=True)) if values.shape[-1] else values
    if not (spread > NOISE).any():
        return np.full(values.shape[:-1], math.nan), np.full(values.shape[:-1], math.nan)
    scaled = (values - np.mean(values, axis=-1, keepdims=True)) / np.where(
        spread > NOISE, spread, math.nan
    )
    square = scaled * scaled
    third: Floats = np.mean(square * scaled, axis=-1)
    fourth: Floats = np.mean(square * square, axis=-1)
    return third, fourth


def tail_losses(returns: Floats) -> Floats:
    """Mean loss of the worst 2.5% of days (at least one), positive: the 97.5% CVaR of a day."""
    days = returns.shape[-1]
    if days == 0:
        return np.full(returns.shape[:-1], math.nan)
    worst = np.sort(returns, axis=-1)[..., : max(1, int(days * TAIL))]
    losses: Floats = np.maximum(0.0, -np.mean(worst, axis=-1))
    return losses


def tail_loss(returns: Floats) -> float:
    """Mean loss of the worst 2.5% of days (at least one), positive: the 97.5% CVaR of a day."""
    return float(tail_losses(returns))


class Drawdown(NamedTuple):
    """The deepest fall: a positive fraction and the evenings of its peak, trough and recovery."""

    depth: float
    peak: int
    trough: int
    recovered: int | None


def drawdowns(growth: Floats) -> Floats:
    """How far each evening lies under the highest so far, zero or negative; the start counts."""
    return growth / np.maximum(np.maximum.accumulate(growth, axis=-1), 1.0) - 1.0


def depths(growth: Floats) -> Floats:
    """The deepest fall of each row from a peak, a positive fraction."""
    deepest: Floats = np.maximum(0.0, -np.min(drawdowns(growth), axis=-1))
    return deepest


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
