"""Figures of tiny series, worked by hand in each test's docstring."""

import math

import numpy as np
import pytest

from underwriter.book import metrics


def column(*values: float) -> metrics.Floats:
    return np.array(values, np.float64)


def test_returns_and_growth_are_each_others_inverse() -> None:
    """1 -> 1.1 -> 0.99 is +10%, then -10%."""
    assert metrics.returns_of(column(1.0, 1.1, 0.99)) == pytest.approx([0.1, -0.1])
    assert metrics.growth_of(column(0.1, -0.1)) == pytest.approx([1.0, 1.1, 0.99])


def test_bills_accrue_by_calendar_days() -> None:
    """3.65% over a Friday to Monday is 3 * 0.0365 / 365 = 0.0003; a day is 0.0001."""
    day = np.array([4, 7, 8], np.int64)
    found = metrics.bill_returns(day, column(0.0365, 0.0365, 0.05))
    assert found == pytest.approx([0.0003, 0.0001])


def test_a_dividend_is_reinvested_at_its_ex_dates_close() -> None:
    """100 -> 99 with 1 paid is 1.00 exactly; then 99 -> 108.9 is 1.1; the first day's is not ours.

    Shares: 1 * (1 + 1 / 99) = 1.0101..., worth 1.0101... * 108.9 = 110.
    """
    found = metrics.hold_growth(column(100, 99, 108.9), column(5, 1, 0), column(1, 1, 1))
    assert found == pytest.approx([1.0, 1.0, 1.1])


def test_t88_a_share_that_splits_is_held_as_the_shares_it_became() -> None:
    """AAPL, June 2014: 645.57, then 7 of 93.70, with 0.47 paid on each of them the day after."""
    found = metrics.hold_growth(column(645.57, 93.70, 93.23), column(0, 0, 0.47), column(1, 7, 1))
    assert found == pytest.approx([1.0, 655.90 / 645.57, 655.90 / 645.57])


def test_cagr_over_two_calendar_years() -> None:
    """1.21 over 730.5 days is 10% a year; nothing is left of a growth of zero."""
    assert metrics.cagr(1.21, 731) == pytest.approx(1.21 ** (365.25 / 731) - 1)
    assert metrics.cagr(1.21**0.5, 365) == pytest.approx(0.1000717, abs=1e-6)
    assert metrics.cagr(0.0, 100) == -1.0
    assert math.isnan(metrics.cagr(1.1, 0))


def test_volatility_sharpe_and_their_error() -> None:
    """Returns 1%, -1%, 3%: mean 1%, deviations 0, -2, 2: sum of squares 8e-4, / 2 = 4e-4, sd 2%.

    Volatility 0.02 * sqrt(252) = 0.317490.  Sharpe a day 0.5, a year 0.5 * sqrt(252) = 7.937254.
    Lo: sqrt((1 + 0.25 / 2) / 3 * 252) = sqrt(94.5) = 9.721111.
    """
    returns = column(0.01, -0.01, 0.03)
    assert metrics.volatility(returns) == pytest.approx(0.3174902, abs=1e-7)
    assert metrics.sharpe(returns) == pytest.approx(7.9372539, abs=1e-6)
    assert metrics.sharpe_se(returns) == pytest.approx(9.7211110, abs=1e-6)


def test_the_error_of_a_sharpe_is_about_one_over_the_root_of_years() -> None:
    """DOMAIN 8: four years of a small daily ratio: 1 / sqrt(4) = 0.5."""
    returns = np.tile(column(0.01, -0.0098), 504)
    assert metrics.sharpe_se(returns) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("returns", [(), (0.01,), (0.02, 0.02, 0.02)])
def test_what_does_not_move_has_no_sharpe(returns: tuple[float, ...]) -> None:
    assert math.isnan(metrics.sharpe(column(*returns)))
    assert math.isnan(metrics.sharpe_se(column(*returns)))


def test_the_tail_is_the_mean_of_the_worst_fortieth() -> None:
    """Of 80 days the worst 2.5% are two: -5% and -3%, on average -4%; of few days the worst one."""
    returns = np.full(80, 0.001)
    returns[[7, 60]] = -0.05, -0.03
    assert metrics.tail_loss(returns) == pytest.approx(0.04)
    assert metrics.tail_loss(column(0.01, -0.02)) == pytest.approx(0.02)
    assert math.isnan(metrics.tail_loss(column()))


def test_the_deepest_drawdown_with_its_dates() -> None:
    """Peak 1.2 on evening 1, trough 0.9 on evening 3: 25%; recovered on evening 5."""
    found = metrics.max_drawdown(column(1.0, 1.2, 1.0, 0.9, 1.1, 1.2, 1.1))
    assert found == (pytest.approx(0.25), 1, 3, 5)


def test_a_drawdown_counts_from_the_starting_money() -> None:
    """The first evening closes at 0.99: costs of the first trade are a fall from 1."""
    assert metrics.max_drawdown(column(0.99, 0.95)) == (pytest.approx(0.05), 0, 1, None)


def test_no_drawdown_where_nothing_falls() -> None:
    assert metrics.max_drawdown(column(1.0, 1.0, 1.1)) == (0.0, 0, 0, None)


def test_a_line_without_noise_has_its_own_beta_and_alpha() -> None:
    """Of y = 0.0001 + 0.5 x exactly: alpha a year 0.0252, beta 0.5, no error."""
    market = column(0.01, -0.02, 0.03, 0.0)
    found = metrics.regress(0.0001 + 0.5 * market, market)
    assert found.beta == pytest.approx(0.5)
    assert found.alpha == pytest.approx(0.0252)
    assert found.alpha_se == pytest.approx(0.0, abs=1e-12)


def newey_west(excess: list[float], market: list[float], lags: int) -> tuple[float, float, float]:
    """Beta, alpha and its error a year, in plain sums: Newey & West 1987, equation 5.

    For the intercept the row of (X'X)^-1 X' is w_i = 1/n - mean(x) (x_i - mean(x)) / Sxx.
    """
    n = len(excess)
    mean_x, mean_y = sum(market) / n, sum(excess) / n
    sxx = sum((x - mean_x) ** 2 for x in market)
    beta = sum((x - mean_x) * (y - mean_y) for x, y in zip(market, excess, strict=True)) / sxx
    alpha = mean_y - beta * mean_x
    scored = [
        (1 / n - mean_x * (x - mean_x) / sxx) * (y - alpha - beta * x)
        for x, y in zip(market, excess, strict=True)
    ]
    variance = sum(score**2 for score in scored)
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * sum(scored[i] * scored[i - lag] for i in range(lag, n))
    return beta, alpha * 252, math.sqrt(variance) * 252


def test_the_regression_equals_plain_sums() -> None:
    make = np.random.default_rng(3)
    market = make.normal(0.0004, 0.01, 250)
    excess = 0.6 * market + make.normal(0.0001, 0.004, 250)
    found = metrics.regress(excess, market)
    lags = metrics.newey_west_lags(250)
    assert lags == 4
    expected = newey_west(excess.tolist(), market.tolist(), lags)
    assert found[:3] == pytest.approx(expected, rel=1e-9)
    assert found.alpha_t == pytest.approx(expected[1] / expected[2])


def test_no_regression_on_a_market_that_stands_still() -> None:
    assert all(map(math.isnan, metrics.regress(column(0.1, 0.2, 0.3), column(0.1, 0.1, 0.1))))
    assert all(map(math.isnan, metrics.regress(column(0.1, 0.2), column(0.1, 0.3))))


SERIES = {
    "spread": (0.01, -0.01, 0.03, 0.0),
    "still": (0.02, 0.02, 0.02, 0.02),
    "falls": (-0.5, 0.1, -0.2, 0.0),
    "lost": (0.1, -1.0, 0.0, 0.0),
}
PLURALS = {
    "volatilities": metrics.volatility,
    "sharpes": metrics.sharpe,
    "sharpe_ses": metrics.sharpe_se,
    "tail_losses": metrics.tail_loss,
}


@pytest.mark.parametrize("name", PLURALS)
def test_a_row_among_others_has_the_figure_that_it_has_alone(name: str) -> None:
    """To the last bit: what a sweep says of a configuration does not depend on its neighbours."""
    rows = np.array(list(SERIES.values()))
    found = getattr(metrics, name)(rows)
    alone = [PLURALS[name](row) for row in rows]
    assert found.tobytes() == np.array(alone).tobytes()


def test_growths_and_their_falls_row_by_row() -> None:
    """1 -> 1.1 -> 0.99 on 100 deposited, with 50 more that is no gain: 10%, then -10%."""
    equity = np.array([[100.0, 110.0, 144.0], [100.0, 0.0, 0.0]])
    deposited = column(100.0, 0.0, 50.0)
    growth = metrics.growth_of_money(equity, deposited)
    assert growth == pytest.approx(np.array([[1.0, 1.1, 0.99], [1.0, 0.0, 0.0]]))
    assert metrics.depths(growth) == pytest.approx(column(0.1, 1.0))
    assert metrics.cagrs(growth[:, -1], 731)[1] == -1.0
    assert metrics.returns_of(growth)[1] == pytest.approx([-1.0, 0.0])


def test_skewness_and_kurtosis() -> None:
    """Of 0, 0, 0, 4: mean 1, variance 3; third moment 6, fourth 21: 6 / 3^1.5 and 21 / 9."""
    skewness, kurtosis = metrics.moments(np.array([[0.0, 0.0, 0.0, 4.0], [1.0] * 4]))
    assert skewness[0] == pytest.approx(6 / 3**1.5)
    assert kurtosis[0] == pytest.approx(21 / 9)
    assert np.isnan([skewness[1], kurtosis[1]]).all()
    assert all(np.isnan(each) for each in metrics.moments(column()))
