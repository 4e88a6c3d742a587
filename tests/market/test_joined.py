"""What a slab joins: the same as the features say, worked examples, and nothing of the future."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.history import Bars, Levels
from underwriter.market.joined import (
    Announced,
    Past,
    iv30,
    iv_percentile,
    next_dividend,
    next_earnings,
    on_days,
    realised,
    slope,
    stepped,
)
from underwriter.market.maturity import Curve, constant_maturity
from underwriter.market.quoting import Columns
from underwriter.market.realised import NO_ACTIONS, Actions
from underwriter.market.smile import smiles

FIRST = 18_000
TYPES: dict[str, Any] = {
    "session": np.int32,
    "expiry": np.int32,
    "right": np.int8,
    "strike": np.float64,
    "bid": np.float64,
    "ask": np.float64,
    "delta": np.float32,
    "iv": np.float32,
    "forward": np.float64,
    "open_interest": np.int32,
}


def columns(frame: pl.DataFrame) -> Columns:
    """A frame of quotes in slab order; what it lacks is zero."""
    lacking = [pl.lit(0.0).alias(name) for name in TYPES if name not in frame.columns]
    full = frame.with_columns(lacking).sort("session", "right", "expiry", "strike")
    return Columns(*(full[name].to_numpy().astype(kind) for name, kind in TYPES.items()))


def quotes(random: np.random.Generator, sessions: int, terms: list[int]) -> pl.DataFrame:
    """Quotes of some sessions and terms, a quarter of them without a volatility."""
    grid = pl.DataFrame({"session": np.arange(FIRST, FIRST + sessions)})
    for name, values in {
        "days": terms,
        "right": [0, 1],
        "strike": [90.0, 98.0, 102.0, 110.0],
    }.items():
        grid = grid.join(pl.DataFrame({name: values}), how="cross")
    level = random.uniform(0.1, 0.4, grid.height)
    level[random.random(grid.height) < 0.25] = random.choice([0.0, np.nan, -1.0])
    kept = grid.filter(pl.Series(random.random(grid.height) < 0.9))
    return kept.with_columns(
        expiry=pl.col("session") + pl.col("days"),
        iv=pl.Series(level[: kept.height]).cast(pl.Float32),
        delta=pl.when(pl.col("right") == 1).then(0.3).otherwise(-0.3).cast(pl.Float32),
        forward=pl.lit(100.0),
    )


@given(
    st.integers(0, 2**32 - 1), st.lists(st.integers(0, 130), min_size=1, max_size=6, unique=True)
)
def test_iv30_is_what_all_expiries_together_say(seed: int, terms: list[int]) -> None:
    """Reading only what stands next to 30 days changes nothing."""
    frame = quotes(np.random.default_rng(seed), 5, terms)
    day = np.arange(FIRST, FIRST + 6, dtype=np.int32)
    read = smiles(frame)
    whole = constant_maturity(Curve(read.session, read.years, read.atm), day, 30.0)
    found = iv30(day, [columns(frame), columns(frame[:0])])
    assert np.array_equal(found[:, 0], whole.vol, equal_nan=True)
    assert np.isnan(found[:, 1]).all()


def test_iv30_is_linear_in_total_variance() -> None:
    """20% at 20 days and 30% at 40: sqrt((0.04 * 20 + 0.09 * 40) / 2 / 30) = 27.08%."""
    rows = [(FIRST, days, right, 100.0) for days in (20, 40) for right in (0, 1)]
    frame = pl.DataFrame(rows, ["session", "days", "right", "strike"], orient="row").with_columns(
        expiry=pl.col("session") + pl.col("days"),
        iv=pl.when(pl.col("days") == 20).then(0.2).otherwise(0.3),
        delta=pl.lit(0.5),
        forward=pl.lit(100.0),
    )
    found = iv30(np.array([FIRST], np.int32), [columns(frame)])
    assert found[0, 0] == pytest.approx(np.sqrt((0.04 * 20 + 0.09 * 40) / 2 / 30), abs=1e-7)


@pytest.mark.proof  # ten seconds
def test_iv30_of_real_last_prices_follows_vix(shared: Path) -> None:
    """SPY, summer 2026: about 0.84 of VIX in the middle (docs/features.md)."""
    from market.real_quotes import quotes as real  # noqa: PLC0415  slow to import

    frame = real(shared, "SPY").rename({"strike": "strike"})
    vix = frame.filter(pl.col("index").is_not_null())
    day = vix["session"].unique().sort().to_numpy().astype(np.int32)
    found = iv30(
        day,
        [columns(frame.select("session", "expiry", "right", "strike", "iv", "delta", "forward"))],
    )
    index = vix.group_by("session").agg(pl.col("index").first()).sort("session")["index"].to_numpy()
    assert np.nanmedian(found[:, 0] / index) == pytest.approx(0.84, abs=0.04)


def past(close: np.ndarray, first: int = FIRST, paid: Actions = NO_ACTIONS) -> Past:
    """Bars of closes on consecutive days."""
    day = np.arange(first, first + len(close), dtype=np.int32)
    unknown = np.full(len(close), np.nan)
    return Past(Bars(day, unknown, unknown, unknown, close, 0), paid)


def walk(seed: int, days: int) -> np.ndarray:
    """A random path of closes."""
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, days)))


def test_realised_is_what_pandas_makes_of_the_returns() -> None:
    close = walk(1, 60)
    day = np.arange(FIRST, FIRST + 60, dtype=np.int32)
    returns = np.log(pd.Series(close)).diff()
    wanted = np.sqrt((returns**2).rolling(21).mean() * 252)
    found = realised(day, [past(close), past(close[:30])])
    assert np.allclose(found[:, 0], wanted, equal_nan=True)
    assert np.isnan(found[30:, 1]).all()


def test_a_past_before_the_slab_fills_its_first_windows() -> None:
    """One session and ten years say the same of a session."""
    close = walk(2, 400)
    day = np.arange(FIRST, FIRST + 400, dtype=np.int32)
    whole = realised(day, [past(close)])
    assert realised(day[-1:], [past(close)])[0, 0] == whole[-1, 0]
    iv = np.abs(walk(3, 400) / 500)[:, None]
    shares = iv_percentile(iv)
    assert np.isnan(shares[:252]).all()
    assert np.array_equal(iv_percentile(iv[300:], iv[:300]), shares[300:])
    assert shares[399, 0] == (iv[147:399, 0] < iv[399, 0]).mean()


def test_a_split_and_a_dividend_are_no_returns() -> None:
    close = np.full(40, 100.0)
    close[20:] = 50.0
    close[30:] -= 1.0
    day = np.arange(FIRST, FIRST + 40, dtype=np.int32)
    of = past(close)._replace(
        dividends=Actions(day[[30]], np.array([1.0])), splits=Actions(day[[20]], np.array([2.0]))
    )
    assert np.allclose(realised(day, [of])[21:], 0.0)


def test_slope_divides_one_days_indices() -> None:
    near = Levels(np.array([10, 11, 13], np.int32), np.array([20.0, 22.0, 30.0]), 0)
    far = Levels(np.array([10, 12, 13], np.int32), np.array([25.0, 25.0, 24.0]), 0)
    found = slope(np.array([9, 10, 11, 12, 13, 21], np.int32), near, far)
    assert np.array_equal(found, [np.nan, 0.8, 0.8, 0.8, 1.25, np.nan], equal_nan=True)


def test_earnings_are_ahead_until_they_are_out() -> None:
    """Before the open they are over on their own day; after the close they are not."""
    told = Announced(
        np.array([200, 110], np.int32), np.array([False, True]), np.array([150, 100], np.int32)
    )
    day = np.array([99, 100, 109, 110, 149, 150, 200, 201], np.int32)
    found = next_earnings(day, [told, Announced(*(np.empty(0, kind) for kind in "ibi"))])
    assert found[:, 0].tolist() == [0, 110, 110, 0, 0, 200, 200, 0]
    assert not found[:, 1].any()


def test_an_ex_date_is_known_for_thirty_days_and_past_on_its_own() -> None:
    paid = Actions(np.array([160, 100, 160, 180], np.int32), np.array([0.25, 1.0, 0.5, 0.1]))
    day = np.array([69, 70, 99, 100, 130, 159, 160, 180], np.int32)
    found = next_dividend(day, [paid, NO_ACTIONS])
    assert found.ex[:, 0].tolist() == [0, 100, 100, 0, 160, 160, 180, 0]
    assert found.amount_u[:, 0].tolist() == [0, 10**6, 10**6, 0, 750_000, 750_000, 100_000, 0]
    assert not found.ex[:, 1].any()


def test_a_filing_counts_from_the_session_after_it() -> None:
    filed = np.array([100, 120], np.int32), np.array([3, 5])
    found = stepped(np.array([99, 100, 101, 120, 121], np.int32), [filed])
    assert found[:, 0].tolist() == [0, 0, 3, 3, 5]


def test_values_stand_on_their_own_days_alone() -> None:
    of, values = np.array([3, 5], np.int32), np.array([1.0, 2.0])
    found = on_days(np.array([2, 3, 4, 5, 6], np.int32), of, values)
    assert np.array_equal(found, [np.nan, 1.0, np.nan, 2.0, np.nan], equal_nan=True)


@given(st.integers(0, 2**32 - 1), st.integers(30, 59))
def test_t83_nothing_looks_ahead(seed: int, cut: int) -> None:
    """Nonsense after a session, or nothing at all, leaves that session as it was."""
    random = np.random.default_rng(seed)
    day = np.arange(FIRST, FIRST + 60, dtype=np.int32)
    close, iv = walk(seed, 60), random.uniform(0.1, 0.5, (60, 2))
    event = np.sort(random.choice(day, 8, replace=False)).astype(np.int32)
    paid = Actions(event, random.uniform(0.1, 1.0, 8))
    told = Announced(event, random.random(8) < 0.5, event - 20)
    frame = quotes(random, 60, [20, 45])
    spoilt = close.copy()
    spoilt[cut:] = random.choice([np.nan, -1.0, 1e9])
    there = event - 30 < day[cut]
    known = Actions(event[there], paid.amount[there])
    expected = told.known < day[cut]
    until = slice(0, cut)
    near = Levels(day, close, 0)
    whole = (
        iv30(day, [columns(frame)]),
        realised(day, [past(close, paid=paid)]),
        iv_percentile(iv),
        slope(day, near, near),
        next_earnings(day, [told]),
        *next_dividend(day, [paid]),
    )
    spoilt_iv = np.where(np.arange(60)[:, None] < cut, iv, 1e9)
    later = pl.col("session") >= int(day[cut])
    bad = frame.with_columns(iv=pl.when(later).then(9.0).otherwise("iv"))
    again = (
        iv30(day, [columns(bad)]),
        realised(
            day,
            [past(spoilt, paid=Actions(event[event < day[cut]], paid.amount[event < day[cut]]))],
        ),
        iv_percentile(spoilt_iv),
        slope(day, Levels(day, spoilt, 0), near),
        next_earnings(day, [Announced(*(column[expected] for column in told))]),
        *next_dividend(day, [known]),
    )
    for one, other in zip(whole, again, strict=True):
        assert np.array_equal(one[until], other[until], equal_nan=True)
