"""Roots made ready together come out as they do alone, to the last bit, whatever is beside them."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from underwriter.market.american import LONG, Tables, load_tables
from underwriter.market.chains import Held, listing_of
from underwriter.market.gathered import STRIDE, listings_of
from underwriter.market.history import Bars
from underwriter.market.instrument import PENNY, SPX_TICKS, Instrument
from underwriter.market.series import Short
from underwriter.market.slab import Listing, Splits

DAYS = np.array([20_606, 20_607], np.int32)  # 2026-06-02 and 3
RATE = np.array([0.04, 0.041])
SHORT = Short(np.array([20_607, 20_640], np.int32), np.array([0.125, 0.125]))
SHARE = ("american", "physical", PENNY)
INDEX = ("european", "cash-pm", SPX_TICKS)
MORNING = ("european", "cash-am", SPX_TICKS)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables(Path(os.environ["UNDERWRITER_HOME"]) / "cache", LONG)  # kept between runs


@st.composite
def roots(draw: st.DrawFn, kinds: tuple[tuple[str, str, object], ...]) -> Held:
    """Quotes of one root on two sessions, or on one, or on none; dividends, and last prices."""
    style, settlement, ticks = draw(st.sampled_from(kinds))
    name = draw(st.text("ABCDEF", min_size=1, max_size=4))
    instrument = Instrument(name, name, style, settlement, ticks)  # type: ignore[arg-type]
    spot = draw(st.sampled_from([40.0, 100.0, 620.0]))
    far = draw(st.sampled_from([400, 400, STRIDE]))
    expiries = sorted(draw(st.sets(st.sampled_from([0, 3, 17, 45, far]), max_size=4)))
    last = draw(st.sampled_from([False, False, True]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [
        (int(day), int(day) + ahead, right, round(spot * (0.8 + 0.05 * step), 0))
        for day in DAYS[: draw(st.integers(0, 2))]
        for right in (0, 1)
        for ahead in expiries
        for step in range(9)
    ]
    middle = [
        max((strike - spot) * (1 - 2 * right), 0.0) + spot * 0.01 + 0.1 * np.sqrt(expiry - day)
        for day, expiry, right, strike in rows
    ]
    price = np.round(np.array(middle) * (1 + 0.05 * rng.random(len(rows))), 1)
    none = np.full(len(rows), None)
    chain = pl.DataFrame(
        rows,
        {"session": pl.Int32, "expiry": pl.Int32, "right": pl.Int8, "strike": pl.Float64},
        orient="row",
    ).with_columns(
        bid=pl.Series(none if last else price, dtype=pl.Float64),
        ask=pl.Series(none if last else price + 0.1, dtype=pl.Float64),
        last=pl.Series(price, dtype=pl.Float64),
        iv=pl.lit(None, pl.Float32),
        open_interest=pl.lit(1, pl.Int32),
    )
    unknown = np.full(2, np.nan)
    bars = Bars(DAYS, unknown, unknown, unknown, spot * (1 + 0.01 * rng.random(2)), 0)
    ahead = sorted(draw(st.sets(st.integers(-40, 200), max_size=4)))
    ex_day = (DAYS[0] + np.array(ahead)).astype(np.int32)
    splits = Splits(DAYS[1:], np.array([draw(st.integers(1, 9))]), np.array([1]))
    return Held(instrument, chain, bars, ex_day, rng.random(len(ahead)), splits)


def same(found: Listing, alone: Listing) -> None:
    """Whether two listings are the same."""
    assert_frame_equal(found.quotes, alone.quotes, check_exact=True)
    assert (found.instrument, found.origin) == (alone.instrument, alone.origin)
    for name in ("bars", "splits"):
        for one, other in zip(getattr(found, name), getattr(alone, name), strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(found.ex_day, alone.ex_day)
    np.testing.assert_array_equal(found.dividend, alone.dividend)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(held=st.lists(roots((SHARE, INDEX, MORNING)), max_size=6))
def test_together_as_alone(tables: Tables, held: list[Held]) -> None:
    found = listings_of(held, RATE, tables, SHORT)
    assert len(found) == len(held)
    for each, listing in zip(held, found, strict=True):
        american = each.instrument.style == "american"
        same(listing, listing_of(each, RATE, tables if american else None, SHORT))
