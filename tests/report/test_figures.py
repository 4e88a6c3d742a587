"""The policy beside its benchmarks, by hand on a few evenings."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from report.hand_ledger import Ledger, wheel
from report.made_up import Wheel
from underwriter.report.figures import extrapolated, figures
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


def test_options_opened_beyond_what_the_model_was_fitted_on_are_counted() -> None:
    """A volatility index from 15 to 31 and 2 to 70 days are behind it (docs/model.md)."""
    view = read(Wheel(sessions=300).run())
    fitted = extrapolated(view)
    calm = replace(view, curve=replace(view.curve, measure=np.full(300, 12.0)))
    usual = replace(view, curve=replace(view.curve, measure=np.full(300, 20.0)))
    assert (extrapolated(usual), extrapolated(calm)) == (0.0, 1.0)
    assert 0.0 <= fitted <= 1.0
    real = replace(view, opened=msgspec.structs.replace(view.opened, quotes="quoted"))
    assert math.isnan(extrapolated(real))
