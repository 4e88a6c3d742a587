"""A close of another moment than the quotes must not part puts from calls of one strike.

Prices are the American table's own, which test_american holds to QuantLib; the truth is what they
were made of.
"""

import math
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market import blame
from underwriter.market.american import LONG, Tables, american, load_tables
from underwriter.market.chains import Held, ground_of
from underwriter.market.history import Bars
from underwriter.market.instrument import PENNY, Instrument
from underwriter.market.parity import Quotes
from underwriter.market.series import Series, series_of
from underwriter.market.volatility import Ground, Smile, volatilities

DAY, SPOT, RATE = 20_000, 600.0, 0.04
REACH = np.linspace(-1.0, 1.0, 9)  # strikes, in deviations from the spot
COUNT = len(REACH)
AGREE = 0.0015  # by which puts and calls may differ, and each from the truth: 0.15 points
HALF = 2e-4  # of a quote: rounding of the market is none of this test's
SHARE = Instrument("SPY", "SPY", "american", "physical", PENNY)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables(Path(os.environ["UNDERWRITER_HOME"]) / "cache", LONG)  # kept between runs


class Seen(NamedTuple):
    """Columns (expiry, right, strike): puts first."""

    iv: np.ndarray
    delta: np.ndarray
    true: np.ndarray  # delta
    reason: np.ndarray


def years_of(days: int) -> float:
    """From fifteen minutes before the close: docs/greeks.md."""
    return (days + 15 / 1440) / 365


def quoted(
    tables: Tables, expiries: list[int], vol: float, paid: float
) -> tuple[Quotes, list[float]]:
    """Strike, bid and ask in the order of the slab, and the true deltas likewise."""
    strikes: list[float] = []
    prices: list[float] = []
    deltas: list[float] = []
    for sign in (-1, 1):
        for days in expiries:
            years = years_of(days)
            v = vol * math.sqrt(years)
            for strike in (SPOT * np.exp(v * REACH)).tolist():
                price, delta = american(*tables, sign, SPOT, strike, v, RATE * years, paid * years)
                strikes.append(strike)
                prices.append(price)
                deltas.append(delta)
    price = np.array(prices)
    return Quotes(np.array(strikes), price - HALF, price + HALF), deltas


def chained(expiries: list[int]) -> Series:
    """The series of one session."""
    expiry = np.tile(np.repeat(np.array(expiries) + DAY, COUNT), 2)
    return series_of(np.full(len(expiry), DAY), np.repeat([0, 1], len(expiry) // 2), expiry)


def grounded(tables: Tables, expiries: list[int], quotes: Quotes, close: float) -> Ground:
    """What the series stand on, beside a close."""
    nothing, none = np.full(1, np.nan), np.empty(0)
    bars = Bars(np.array([DAY], np.int32), nothing, nothing, nothing, np.array([close]), 0)
    held = Held(SHARE, pl.DataFrame(), bars, none.astype(np.int32), none)
    return ground_of(held, chained(expiries), quotes, np.array([RATE]), tables)


def seen(tables: Tables, expiries: list[int], vol: float, off: float, paid: float = 0.0) -> Seen:
    """What is found of a chain whose close is off by a share of the spot."""
    quotes, true = quoted(tables, expiries, vol, paid)
    ground = grounded(tables, expiries, quotes, SPOT * (1.0 + off))
    untold = np.full(len(true), np.nan, np.float32)
    found: Smile = volatilities(chained(expiries), quotes, untold, ground, tables)
    shape = 2, len(expiries), COUNT
    columns = found.iv, found.delta, np.array(true), found.reason
    return Seen(*(column.reshape(shape).swapaxes(0, 1) for column in columns))


def held_to_truth(found: Seen, vol: float) -> None:
    """Volatility wherever there is time value, and delta, of puts and calls alike."""
    alive = np.abs(found.true) < 0.9  # deeper, exercise may be due now, and nothing is to be found
    assert np.isin(found.reason[alive], [blame.FINE, blame.BORROWED]).all()
    assert np.abs(found.iv[alive] - vol).max() <= AGREE
    both = alive.all(axis=1)
    puts, calls = found.iv[:, 0][both], found.iv[:, 1][both]
    assert np.abs(puts - calls).max() <= AGREE
    assert np.abs(found.delta - found.true)[alive].max() <= 0.02


@pytest.mark.parametrize("off", [-0.003, -0.001, 0.001, 0.003])
def test_a_close_that_is_off_at_a_week_parts_nothing(tables: Tables, off: float) -> None:
    """15%, seven days, 4%: calls were at 20.2, 17.7, 16.6 and puts at 13.4, 12.2 and nothing."""
    held_to_truth(seen(tables, [7], 0.15, off), 0.15)


@given(
    st.integers(3, 14),
    st.integers(15, 90),
    st.floats(0.10, 0.60),
    st.floats(-0.003, 0.003),
)
def test_nor_does_it_of_any_chain_with_a_near_expiry(
    tables: Tables, near: int, far: int, vol: float, off: float
) -> None:
    held_to_truth(seen(tables, [near, far], vol, off), vol)


@given(st.integers(3, 90), st.floats(0.10, 0.60), st.floats(-0.02, 0.0))
def test_a_close_that_is_too_low_parts_nothing_at_any_life(
    tables: Tables, days: int, vol: float, off: float
) -> None:
    """Without near expiries too: no dividend is below zero, so the forward says the spot."""
    held_to_truth(seen(tables, [days], vol, off), vol)


@given(st.integers(15, 60), st.floats(0.10, 0.60), st.floats(1.05, 2.0))
def test_what_would_be_an_absurd_yield_is_a_wrong_close(
    tables: Tables, days: int, vol: float, times: float
) -> None:
    """No index fund and no share of a quarterly dividend pays over 10% a year."""
    off = math.expm1(0.10 * times * years_of(days))
    held_to_truth(seen(tables, [days], vol, off), vol)


@pytest.mark.parametrize("expiries", [[90], [60], [3, 90], [7, 60]])
def test_a_yield_over_months_stays_one(tables: Tables, expiries: list[int]) -> None:
    """2%: a put exercised early forgoes it, which is 2 points of volatility in the money."""
    found = seen(tables, expiries, 0.25, 0.0, 0.02)
    alive = np.abs(found.true[-1]) < 0.9
    assert np.abs(found.iv[-1][alive] - 0.25).max() <= 0.004
    assert np.abs(found.delta[-1] - found.true[-1])[alive].max() <= 0.02


def test_one_series_alone_and_far_out_leaves_a_sane_yield_to_the_close(tables: Tables) -> None:
    """Nothing tells a close 0.3% too high from a yield of 1.2% a year there."""
    quotes, _ = quoted(tables, [90], 0.25, 0.0)
    ground = grounded(tables, [90], quotes, SPOT * 1.003)
    assert ground.spot[0] == SPOT * 1.003


def test_a_single_stale_pair_speaks_for_no_other_series(tables: Tables) -> None:
    """Its own forward rests on it as before; the spot of three months ahead does not."""
    quotes, _ = quoted(tables, [7, 90], 0.25, 0.0)
    strike, bid, ask = quotes
    near = np.zeros(len(strike), np.bool_)
    near[:COUNT] = near[2 * COUNT : 3 * COUNT] = True
    ask[near] = bid[near] = np.nan
    kept = COUNT // 2, 2 * COUNT + COUNT // 2
    for row, price in zip(kept, (4.0, 13.0), strict=True):
        bid[row] = ask[row] = price
    ground = grounded(tables, [7, 90], Quotes(strike, bid, ask), SPOT)
    assert ground.spot[1] == pytest.approx(SPOT, rel=2e-4)
