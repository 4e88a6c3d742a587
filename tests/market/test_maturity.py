"""Constant terms by hand, their bounds, the slope of two indices, and SPY beside VIX."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.history import Levels, read_volatility
from underwriter.market.maturity import (
    KNOWN,
    LONG,
    NONE,
    REASONS,
    SHORT,
    WIDE,
    Constant,
    Curve,
    constant_maturity,
    index_slope,
    last_known,
)
from underwriter.market.smile import smiles

DAY = np.array([10], np.int32)


def curve(*points: tuple[float, float], session: int = 10) -> Curve:
    """A session's volatilities from (days, volatility)."""
    days, vol = np.array(points, float).reshape(-1, 2).T
    return Curve(np.full(len(days), session, np.int32), days / 365, vol)


def at_thirty(*points: tuple[float, float]) -> tuple[float, int]:
    """The volatility at 30 days and why not."""
    found = constant_maturity(curve(*points), DAY, 30)
    return float(found.vol[0]), int(found.reason[0])


def test_between_two_expiries_total_variance_is_linear() -> None:
    """20% to 20 days and 22% to 40: (0.04 * 20 + 0.0484 * 40) / 2 over 30 is 21.354% squared."""
    vol, reason = at_thirty((40, 0.22), (20, 0.20))
    assert vol == pytest.approx(math.sqrt((0.04 * 20 + 0.0484 * 40) / 2 / 30))
    assert vol == pytest.approx(0.21354, abs=5e-6)
    assert reason == KNOWN


def test_an_expiry_at_the_term_speaks_for_itself() -> None:
    assert at_thirty((9, 0.5), (30, 0.25), (44, 0.1)) == (pytest.approx(0.25), KNOWN)


@pytest.mark.parametrize("days", [23, 37])
def test_one_side_stands_alone_within_a_quarter_of_the_term(days: float) -> None:
    assert at_thirty((days, 0.3)) == (pytest.approx(0.3), KNOWN)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([], NONE),
        ([(30, math.nan), (35, 0.0), (28, -0.1), (29, math.inf)], NONE),
        ([(0, 0.2)], NONE),
        ([(4, 0.2), (22, 0.2)], SHORT),
        ([(38, 0.2), (66, 0.2)], LONG),
        ([(4, 0.2), (66, 0.2)], WIDE),
    ],
)
def test_what_cannot_be_read_says_why(points: list[tuple[float, float]], reason: int) -> None:
    vol, why = at_thirty(*points)
    assert math.isnan(vol)
    assert why == reason
    assert REASONS[why]


def test_no_session_lends_to_another() -> None:
    days = np.array([9, 10, 11], np.int32)
    found = constant_maturity(curve((20, 0.2), (40, 0.2)), days, 30)
    np.testing.assert_allclose(found.vol, [math.nan, 0.2, math.nan])
    assert found.reason.tolist() == [NONE, KNOWN, NONE]


def test_sessions_that_are_not_asked_for_are_passed_over() -> None:
    late = constant_maturity(curve((30, 0.2), session=12), DAY, 30)
    assert late.reason.tolist() == [NONE]
    early = constant_maturity(curve((30, 0.2), session=9), DAY, 30)
    assert early.reason.tolist() == [NONE]


@given(st.lists(st.integers(1, 400), max_size=6), st.floats(0.05, 2.0), st.sampled_from([30, 90]))
def test_a_flat_curve_stays_flat(days: list[int], vol: float, term: int) -> None:
    found = constant_maturity(curve(*((day, vol) for day in days)), DAY, term)
    if found.reason[0] == KNOWN:
        assert found.vol[0] == pytest.approx(vol)
    else:
        assert math.isnan(found.vol[0])


LEVELS = Levels(np.array([1, 2, 5], np.int32), np.array([20.0, 22.0, 18.0]), 0)


def test_a_level_stands_until_it_is_too_old() -> None:
    """The level of day 5 stands seven days, to day 12."""
    asked = np.array([0, 1, 4, 12, 13], np.int32)
    np.testing.assert_array_equal(
        last_known(LEVELS, asked, 7), [math.nan, 20.0, 22.0, 18.0, math.nan]
    )
    empty = Levels(np.empty(0, np.int32), np.empty(0), 0)
    assert np.isnan(last_known(empty, asked)).all()


def test_a_slope_is_of_two_levels_of_one_day() -> None:
    """The far index lacks day 5: the slope of day 2 stands, never 18 over day 2's far level."""
    far = Levels(np.array([0, 1, 2], np.int32), np.array([9.0, 25.0, 20.0]), 0)
    found = index_slope(LEVELS, far, np.array([0, 1, 2, 5, 9, 10], np.int32), 7)
    np.testing.assert_allclose(found, [math.nan, 0.8, 1.1, 1.1, 1.1, math.nan])


def test_the_vix_curve_was_inverted_when_it_is_known_to_have_been(shared: Path) -> None:
    """Cboe's closes: 2020-03-16, the highest VIX (82.69, DOMAIN 5.1); calm on 2017-11-03."""
    folder = shared / "data/cboe_indices"
    near, far = (read_volatility(folder / f"{name}_History.csv") for name in ("VIX", "VIX3M"))
    days = np.array(["2020-03-16", "2017-11-03"], "datetime64[D]").astype(np.int32)
    found = index_slope(near, far, days)
    assert near.value[near.day == days[0]] == [82.69]
    assert found[0] > 1.1
    assert found[1] < 0.85
    daily = index_slope(near, far, near.day[near.day >= far.day[0]])
    assert 0.04 < np.nanmean(daily > 1.0) < 0.12  # inverted on few days


def spy(shared: Path) -> pl.DataFrame:
    """Quotes of SPY, May to August 2026; its close stands for the forward."""
    raw = pl.read_csv(shared / "data/us_option_last_2026/SPY.csv.gz", try_parse_dates=True)
    return raw.select(
        session=pl.col("date").to_physical().cast(pl.Int32),
        expiry=pl.col("expiry").to_physical().cast(pl.Int32),
        right=(pl.col("right") == "C").cast(pl.Int8),
        strike=pl.col("strike").cast(pl.Float64),
        iv="iv",
        delta="delta",
        forward="underlying",
    )


def test_spy_at_the_money_trades_below_vix(shared: Path) -> None:
    """DOMAIN 0.2: real rolls at 0.80 and 0.71 of VIX, a put-write clone fits at 0.80 to 0.85.

    VIX pays for the whole smile.  The 25-delta put is dearer than the 25-delta call on every day.
    """
    quoted = smiles(spy(shared))
    day = np.unique(quoted.session)
    near, put, call = (
        constant_maturity(Curve(quoted.session, quoted.years, vol), day, 30)
        for vol in (quoted.atm, quoted.put, quoted.call)
    )
    assert isinstance(near, Constant)
    vix = last_known(read_volatility(shared / "data/cboe_indices/VIX_History.csv"), day, 0) / 100
    assert len(day) > 60
    assert (near.reason == KNOWN).all()
    ratio = (near.vol / vix)[~np.isnan(vix)]
    assert len(ratio) >= 40
    assert np.median(ratio) == pytest.approx(0.83, abs=0.05)
    assert (put.vol > near.vol).mean() > 0.95
    assert (put.vol > call.vol).all()
