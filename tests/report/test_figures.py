"""The policy beside its benchmarks, by hand on a few evenings."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from report.hand_ledger import Ledger, wheel
from underwriter.report.figures import Figures, figures
from underwriter.report.tables import View
from underwriter.report.views import read


def three_evenings() -> View:
    """Equity 999, 1,010, 1,000 from 1,000; KO 50, 52, 51 with 1.00 paid on the second."""
    book = Ledger()
    book.deposit("2026-01-02", 1_000)
    book.mark("2026-01-02", 999, close=50, rate=0.0365)
    book.mark("2026-01-05", 1_010, close=52, dividend=1, rate=0.0365)
    book.mark("2026-01-06", 1_000, close=51, rate=0.0365)
    return read(book.events)


def test_growth_counts_the_first_evenings_costs() -> None:
    found = figures(three_evenings())
    assert found.policy.growth == pytest.approx([0.999, 1.010, 1.0])
    assert found.policy.total_return == pytest.approx(0.0)
    assert found.policy.cagr == pytest.approx(0.0)
    assert found.policy.fall.depth == pytest.approx(10 / 1010)


def test_holding_reinvests_the_dividend() -> None:
    """(52 + 1) / 50 = 1.06, then 51 / 52: 1.039615."""
    found = figures(three_evenings())
    assert found.hold is not None
    assert found.hold.growth == pytest.approx([1.0, 1.06, 1.06 * 51 / 52])


def test_bills_grow_by_calendar_days() -> None:
    """Three days and one at 3.65%: 1.0003 * 1.0001."""
    found = figures(three_evenings())
    assert found.bills.total_return == pytest.approx(1.0003 * 1.0001 - 1)
    assert math.isnan(found.bills.sharpe)


def test_the_mix_is_rebalanced_daily_to_beta() -> None:
    """With two intervals the regression is undefined; the mix needs three."""
    found = figures(three_evenings())
    assert found.beta_matched is None
    view = read(wheel())
    found = figures(view)
    assert found.hold is not None
    assert found.beta_matched is not None
    hold = found.hold.growth[1:] / found.hold.growth[:-1] - 1
    beta = found.regression.beta
    excess = found.policy.growth[1:] / found.policy.growth[:-1] - 1  # bills pay nothing here
    assert beta == pytest.approx(np.cov(excess, hold)[0, 1] / np.var(hold, ddof=1))
    assert found.beta_matched.growth[-1] == pytest.approx(np.prod(1 + beta * hold))


def test_money_that_comes_in_later_is_no_gain() -> None:
    book = Ledger()
    book.deposit("2026-01-02", 1_000)
    book.mark("2026-01-02", 1_000)
    book.deposit("2026-01-05", 500)
    book.mark("2026-01-05", 1_650)
    assert figures(read(book.events)).policy.growth == pytest.approx([1.0, 1.1])


def test_capital_at_work_is_strikes_and_shares_over_equity() -> None:
    """Nothing; 6,000 / 19,999; 5,800 / 19,889.34; 5,800 / 19,900; nothing twice."""
    expected = (6_000 / 19_999 + 5_800 / 19_889.34 + 5_800 / 19_900) / 6
    assert figures(read(wheel())).deployed == pytest.approx(expected)


def test_monthly_returns_chain_to_the_total() -> None:
    found = figures(read(wheel()))
    assert list(found.month_returns) == [f"2026-{month:02d}" for month in range(1, 6)]
    assert math.prod(1 + value for value in found.month_returns.values()) == pytest.approx(
        1 + found.policy.total_return
    )


def test_a_book_that_never_traded_has_no_ratios() -> None:
    found = figures(three_evenings())
    ratios = (found.premium_capture, found.assignment_rate, found.called_away_rate)
    assert all(map(math.isnan, ratios))
    assert found.deployed == 0.0


def test_a_book_that_lost_everything_stays_at_nothing() -> None:
    book = Ledger()
    book.deposit("2026-01-02", 1_000)
    for day, equity in (("2026-01-02", 1_000), ("2026-01-05", 0), ("2026-01-06", 0)):
        book.mark(day, equity)
    found = figures(read(book.events))
    assert found.policy.total_return == found.policy.cagr == -1.0
    assert found.policy.fall.depth == 1.0


def on(kind: str, underlying: str, days: int, index: float) -> Figures:
    """Figures of a book with one option that expired, by what it was opened on."""
    book = Ledger(quotes=kind, underlying=underlying)
    book.deposit("2026-01-02", 100_000)
    expiry = date(2026, 1, 2) + timedelta(days=days)
    option = f"{underlying:<6}{expiry:%y%m%d}P00050000"
    book.campaign = 1
    book.fill("2026-01-02", option, -1, 1.00, 0.0)
    book.mark("2026-01-02", 100_100)
    book.expire(str(expiry), option, 1, 60.0)
    book.mark(str(expiry), 100_100)
    view = read(book.events)
    return figures(replace(view, curve=replace(view.curve, measure=np.full(2, index))))


@pytest.mark.parametrize(
    ("days", "index", "beyond"),
    [
        (30, 20.0, 0.0),
        (30, 30.0, 0.0),
        (70, 24.9, 0.0),
        (31, 25.0, 1.0),  # where 31 to 70 days and 25 to 31 meet there is no quote
        (31, 31.0, 1.0),
        (2, 31.0, 0.0),
        (1, 20.0, 1.0),
        (71, 20.0, 1.0),
        (30, 14.9, 1.0),
        (30, 31.1, 1.0),
        (30, math.nan, 1.0),
    ],
)
def test_options_opened_beyond_what_the_model_was_fitted_on_are_counted(
    days: int, index: float, beyond: float
) -> None:
    """By the cells of docs/model.md, days and index together; real quotes need no model."""
    found = on("modelled", "SPY", days, index)
    assert found.extrapolated == beyond
    assert math.isnan(found.extrapolated_spreads)
    real = on("quoted", "SPY", days, index)
    assert math.isnan(real.extrapolated)
    assert math.isnan(real.extrapolated_spreads)


@pytest.mark.parametrize(
    ("underlying", "days", "index", "beyond"),
    [
        ("SPY", 13, 20.0, 0.0),
        ("SPY", 14, 20.0, 1.0),  # SPX's own bids and asks end there
        ("SPY", 13, 14.0, 1.0),
        ("KO", 13, 20.0, 1.0),  # of stocks there are two days of one
    ],
)
def test_spreads_around_last_prices_are_held_to_where_real_ones_were_fitted(
    underlying: str, days: int, index: float, beyond: float
) -> None:
    found = on("last", underlying, days, index)
    assert found.extrapolated_spreads == beyond
    assert math.isnan(found.extrapolated)
