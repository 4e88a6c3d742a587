"""The dividend table against what the total-return index and SPY say was paid."""

import csv
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from underwriter.core.errors import InputError
from underwriter.market.dividends import spx_dividends

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared market data lie beside the project"
)


def table() -> list[dict[str, str]]:
    text = (files("underwriter.market.sources") / "spx_dividends.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_the_table_has_every_year_once_with_its_source() -> None:
    rows = table()
    assert [int(row["year"]) for row in rows] == list(range(1988, 2027))
    assert {row["sure"] for row in rows} == {"V", "M"}
    assert all(row["source"] for row in rows)


def test_dividends_of_the_demo_years() -> None:
    """S&P Dow Jones Indices: dividends per share, 2014 to 2018."""
    found = spx_dividends(np.arange(2014, 2019))
    assert found.tolist() == [39.44, 43.39, 45.70, 48.93, 53.61]


@pytest.mark.parametrize("year", [1987, 2027])
def test_a_year_outside_the_table_is_refused(year: int) -> None:
    with pytest.raises(InputError, match=f"no dividends of {year}; expected years 1988 to 2026"):
        spx_dividends(np.array([2000, year]))


@shared
def test_dividends_agree_with_total_return_less_price_return() -> None:
    """Month-end SPTR and SPX; 2016 is loose, since SPTR of 2016-01-29 is known to be wrong."""
    path = SHARED / "cboe_indices" / "strategy_indices_monthly_1986-2018.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    paid = dict.fromkeys(range(1988, 2019), 0.0)
    for before, now in pairwise(rows):
        level = float(before["SPX"])
        points = float(now["SPTR"]) / float(before["SPTR"]) * level - float(now["SPX"])
        year = int(now["Date"][:4])
        if year in paid:
            paid[year] += points
    ours = spx_dividends(np.array(list(paid)))
    off = {year: ours[row] / paid[year] - 1 for row, year in enumerate(paid) if year != 2016}
    assert max(map(abs, off.values())) < 0.03
    assert abs(np.mean(list(off.values()))) < 0.01


@shared
def test_later_dividends_keep_their_proportion_to_what_spy_paid() -> None:
    """SPY pays what the index pays less its fee of 0.09%, some months later."""
    paid = dict.fromkeys(range(2019, 2026), 0.0)
    text = (SHARED / "etf_daily" / "SPY_dividends.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        year = int(row["ex_dividend_date"][:4])
        if year in paid:
            paid[year] += 10 * float(row["cash_amount"])
    ratio = np.array(list(paid.values())) / spx_dividends(np.array(list(paid)))
    assert ((ratio > 0.91) & (ratio < 0.99)).all()
