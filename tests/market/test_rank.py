"""IV rank and percentile: worked examples of practitioners, and the whole history of VIX."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.history import read_levels
from underwriter.market.rank import iv_percentile, iv_rank

YEAR = np.linspace(18.0, 45.0, 252)  # a year that went from 18 to 45


def test_one_spike_holds_the_rank_down_and_hardly_moves_the_percentile() -> None:
    """DOMAIN 4.1: 28 in 18 to 45 ranks 37; one spike to 65, and it ranks 21."""
    calm = np.append(YEAR, 28.0)
    spiked = calm.copy()
    spiked[100] = 65.0
    assert iv_rank(calm)[-1] == pytest.approx(0.37, abs=0.005)
    assert iv_rank(spiked)[-1] == pytest.approx(0.21, abs=0.005)
    assert abs(iv_percentile(spiked)[-1] - iv_percentile(calm)[-1]) <= 1 / 252


def test_today_is_no_part_of_its_year() -> None:
    """A new high stands above its past: 72 in 18 to 45 is twice the range, over all 252 days."""
    high = np.append(YEAR, 72.0)
    assert iv_rank(high)[-1] == pytest.approx(2.0)
    assert iv_percentile(high)[-1] == 1.0
    low = np.append(YEAR, 4.5)
    assert iv_rank(low)[-1] == pytest.approx(-0.5)
    assert iv_percentile(low)[-1] == 0.0


def test_there_is_none_before_a_whole_year_has_passed() -> None:
    both = iv_rank(np.append(YEAR, 28.0)), iv_percentile(np.append(YEAR, 28.0))
    for found in both:
        assert np.isnan(found[:252]).all()
        assert not np.isnan(found[252])


def test_a_day_equal_to_all_of_its_year_has_no_rank_and_is_above_none() -> None:
    flat = np.full(253, 20.0)
    assert np.isnan(iv_rank(flat)[-1])
    assert iv_percentile(flat)[-1] == 0.0


def test_unknown_days_are_passed_over_up_to_a_tenth() -> None:
    holes = np.append(YEAR, 28.0)
    holes[100:125] = math.nan  # 25 of 252: none of them lies below 28
    assert iv_rank(holes)[-1] == pytest.approx(10 / 27)
    assert iv_percentile(holes)[-1] == pytest.approx((YEAR < 28.0).sum() / 227)
    holes[125] = math.nan  # 26
    assert np.isnan(iv_rank(holes)[-1])
    assert np.isnan(iv_percentile(holes)[-1])


@pytest.mark.parametrize("today", [math.nan, math.inf, -math.inf])
def test_an_unknown_today_has_neither(today: float) -> None:
    unknown = np.append(YEAR, today)
    assert np.isnan(iv_rank(unknown)[-1])
    assert np.isnan(iv_percentile(unknown)[-1])


@given(st.lists(st.floats(5.0, 90.0), min_size=9, max_size=40))
def test_both_rise_with_today(values: list[float]) -> None:
    """The percentile is between 0 and 1; a higher today never stands lower."""
    today = np.array(values)
    higher = today.copy()
    higher[-1] += 1.0
    shares = iv_percentile(today, 8)
    assert ((shares[8:] >= 0.0) & (shares[8:] <= 1.0)).all()
    assert iv_percentile(higher, 8)[-1] >= shares[-1]
    assert not iv_rank(higher, 8)[-1] < iv_rank(today, 8)[-1]


def test_vix_since_1990(shared: Path) -> None:
    """DOMAIN 4.1, T9: correlation 0.84; percentile over 75 with rank under 50 on 36% of days."""
    vix = read_levels(shared / "data/cboe_indices/VIX_History.csv")
    iv = vix.value[vix.day.astype("datetime64[D]") < np.datetime64("2026-01-01")]
    rank, share = iv_rank(iv)[252:], iv_percentile(iv)[252:]
    assert np.corrcoef(rank, share)[0, 1] == pytest.approx(0.84, abs=0.005)
    assert (rank[share > 0.75] < 0.5).mean() == pytest.approx(0.36, abs=0.005)
