"""Fundamentals: scores by hand, first filings, eighteen months, nothing of the future."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.fundamentals import (
    FIGURES,
    Filing,
    altman_rest,
    firm_of,
    measures,
    piotroski,
    sectors,
)

BEFORE = {
    "net_income": 8.0, "operating_cash_flow": 9.0, "total_assets": 100.0, "long_term_debt": 20.0,
    "current_assets": 30.0, "current_liabilities": 20.0, "gross_profit": 40.0, "sales": 90.0,
    "shares_outstanding": 10.0,
}  # fmt: skip
NOW = {
    "net_income": 10.0, "operating_cash_flow": 12.0, "total_assets": 110.0, "long_term_debt": 20.0,
    "current_assets": 36.0, "current_liabilities": 22.0, "gross_profit": 50.0, "sales": 105.0,
    "shares_outstanding": 10.0,
}  # fmt: skip


def filing(filed: int, period: int, kind: str = "", sector: str = "", **figures: float) -> Filing:
    """One row of the table."""
    return Filing("KO", filed, period, kind, sector, figures)


def days(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def test_a_better_year_passes_all_nine_of_piotroskis_tests() -> None:
    assert piotroski(NOW, BEFORE) == 9.0


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        ({"net_income": -1.0}, 7),  # the income, and the return on assets
        ({"operating_cash_flow": 9.5}, 8),  # under the income
        ({"operating_cash_flow": -1.0}, 7),
        ({"long_term_debt": 23.0}, 8),
        ({"current_liabilities": 30.0}, 8),
        ({"shares_outstanding": 10.1}, 8),
        ({"gross_profit": 46.0}, 8),  # 43.8% after 44.4%
        ({"sales": 98.0}, 8),  # 0.89 of assets after 0.90
    ],
)
def test_each_test_of_piotroski_can_fail(change: dict[str, float], passed: int) -> None:
    assert piotroski(NOW | change, BEFORE) == passed


@pytest.mark.parametrize("absent", sorted(NOW))
def test_a_figure_that_is_not_there_leaves_the_score_unknown(absent: str) -> None:
    less = {name: value for name, value in NOW.items() if name != absent}
    assert math.isnan(piotroski(less, BEFORE))


def test_altmans_z_by_hand() -> None:
    """WC 14, RE 30, EBIT 15, MVE 200, TL 50, sales 105 on TA 110: 3.95."""
    of = NOW | {"retained_earnings": 30.0, "ebit": 15.0, "total_liabilities": 50.0}
    rest = (1.2 * 14 + 1.4 * 30 + 3.3 * 15 + 105) / 110
    assert altman_rest(of) == pytest.approx(rest)
    firm = firm_of([filing(100, 50, **of)])
    found = measures(days(101), firm, np.array([20.0]))
    assert found.market_cap[0] == 200.0  # ten shares at twenty
    assert found.altman[0] == pytest.approx(rest + 0.6 * 200 / 50)


def test_the_first_filing_of_a_period_counts_from_the_day_after_it() -> None:
    """Look-ahead trap: 5 was known in the spring, whatever it was restated to."""
    firm = firm_of(
        [
            filing(200, 50, piotroski_f=9.0, altman_z=3.0),
            filing(100, 50, piotroski_f=5.0),
            filing(300, 150, piotroski_f=7.0),
        ]
    )
    found = measures(days(100, 101, 201, 301), firm, np.full(4, 1.0))
    assert np.array_equal(found.piotroski, [np.nan, 5, 5, 7], equal_nan=True)
    assert np.array_equal(found.altman, [np.nan, np.nan, 3, 3], equal_nan=True)


def test_a_filing_says_nothing_after_eighteen_months() -> None:
    firm = firm_of([filing(100, 50, piotroski_f=5.0)])
    found = measures(days(650, 651), firm, np.ones(2))
    assert np.array_equal(found.piotroski, [5, np.nan], equal_nan=True)


def test_the_year_before_is_a_year_before() -> None:
    near = [filing(20, 10, **BEFORE), filing(300, 275, **NOW)]
    year = [filing(20, 10, **BEFORE), filing(400, 375, **NOW)]
    assert np.isnan(measures(days(500), firm_of(near), np.ones(1)).piotroski[0])
    assert measures(days(500), firm_of(year), np.ones(1)).piotroski[0] == 9.0


def test_net_debt_is_debt_less_cash_over_ebitda() -> None:
    firm = firm_of([filing(1, 1, total_debt=50.0, cash=20.0, ebitda=10.0)])
    assert measures(days(2), firm, np.ones(1)).net_debt[0] == 3.0
    firm = firm_of([filing(1, 1, total_debt=50.0, cash=20.0, ebitda=-10.0)])
    assert np.isnan(measures(days(2), firm, np.ones(1)).net_debt[0])


def test_funds_and_banks_are_spared_what_says_nothing_of_them() -> None:
    fund = firm_of([filing(1, 1, "fund", "broad", market_cap=5e11)])
    found = measures(days(2), fund, np.ones(1))
    assert found.market_cap[0] == 5e11
    assert np.isinf([found.piotroski[0], found.altman[0], found.net_debt[0]]).all()
    bank = firm_of([filing(1, 1, "stock", "Financials", piotroski_f=4.0, altman_z=0.3)])
    found = measures(days(2), bank, np.ones(1))
    assert (found.piotroski[0], found.altman[0], found.net_debt[0]) == (4.0, np.inf, np.inf)
    number, names = sectors(days(1, 2), [fund, bank, firm_of([])])
    assert number.tolist() == [[0, 0, 0], [0, names.index("Financials") + 1, 0]]


def test_a_firm_nobody_filed_for_is_unknown() -> None:
    found = measures(days(1), firm_of([]), np.ones(1))
    assert all(np.isnan(column[0]) for column in found)


FILINGS = st.lists(
    st.builds(
        lambda filed, late, figures: filing(filed, filed - late, "", "Energy", **figures),
        st.integers(1, 1000),
        st.integers(1, 400),
        st.dictionaries(st.sampled_from(FIGURES), st.floats(1, 100)),
    ),
    max_size=8,
)


@given(FILINGS, st.integers(1, 1000))
def test_t83_what_is_filed_later_changes_nothing(filings: list[Filing], cut: int) -> None:
    day, close = np.arange(1, cut + 1, dtype=np.int32), np.full(cut, 3.0)
    whole = measures(day, firm_of(filings), close)
    known = measures(day, firm_of([each for each in filings if each.filed < cut]), close)
    for one, other in zip(whole, known, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
