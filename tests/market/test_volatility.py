"""Volatility and delta of whole chains: kept, solved, borrowed, or missing with a reason.

Prices are scipy's (European) or the table's own (American, held to QuantLib in test_american).
"""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from underwriter.market import blame
from underwriter.market.american import Tables, american
from underwriter.market.parity import Quotes, forwards
from underwriter.market.series import Series, series_of, years_left
from underwriter.market.volatility import Ground, Smile, volatilities

SPOT, FORWARD, DISCOUNT, YEARS, VOL = 100.0, 100.4, 0.99, 0.25, 0.3
STRIKES = np.array([80.0, 90.0, 100.0, 110.0, 120.0])
COUNT = len(STRIKES)
NOTHING = np.full(2 * COUNT, np.nan, np.float32)

Column = np.ndarray


def priced(vol: float = VOL) -> tuple[Column, Column]:
    """Price and delta to the spot of five puts and five calls, by scipy."""
    sign, strike = np.repeat([-1, 1], COUNT), np.tile(STRIKES, 2)
    v = vol * math.sqrt(YEARS)
    d1 = np.log(FORWARD / strike) / v + 0.5 * v
    delta = sign * DISCOUNT * FORWARD / SPOT * ndtr(sign * d1)
    return delta * SPOT - sign * DISCOUNT * strike * ndtr(sign * (d1 - v)), delta


def series() -> Series:
    right = np.repeat([0, 1], COUNT)
    return series_of(np.full(2 * COUNT, 100), right, np.full(2 * COUNT, 191))


def ground(**change: float) -> Ground:
    values = {"spot": SPOT, "forward": FORWARD, "discount": DISCOUNT, "years": YEARS} | change
    return Ground(**{name: np.array([value]) for name, value in values.items()})


def told(
    bid: Column, ask: Column, given: Column = NOTHING, tables: Tables | None = None, **change: float
) -> Smile:
    quotes = Quotes(np.tile(STRIKES, 2), bid, ask)
    return volatilities(series(), quotes, given.astype(np.float32), ground(**change), tables)


def test_what_the_source_says_is_kept_where_it_fits_the_quote() -> None:
    middle, delta = priced()
    given = np.full(2 * COUNT, 0.301)
    found = told(middle - 0.05, middle + 0.05, given)
    assert (found.reason == blame.FINE).all()
    assert (found.iv == np.float32(0.301)).all()
    assert found.delta == pytest.approx(priced(0.301)[1], abs=1e-6)
    assert found.delta == pytest.approx(delta, abs=1e-3)


@pytest.mark.parametrize("given", [0.35, 0.25, 0.0, -1.0, math.nan, math.inf])
def test_what_does_not_fit_is_solved(given: float) -> None:
    middle, delta = priced()
    found = told(middle - 0.005, middle + 0.005, np.full(2 * COUNT, given))
    assert (found.reason == blame.FINE).all()
    assert found.iv == pytest.approx(np.full(2 * COUNT, VOL), abs=1e-6)
    assert found.delta == pytest.approx(delta, abs=1e-6)


def test_the_middle_of_a_wide_quote_is_what_is_solved() -> None:
    middle, _ = priced()
    found = told(middle * 0.5, middle * 1.5)
    solved = found.reason == blame.FINE
    assert solved.sum() >= COUNT
    assert found.iv[solved] == pytest.approx(VOL, abs=1e-6)


@pytest.mark.parametrize(
    ("bid", "ask", "change", "reason"),
    [
        (math.nan, 5.0, {}, blame.NO_QUOTE),
        (1.0, math.nan, {}, blame.NO_QUOTE),
        (-1.0, 5.0, {}, blame.NO_QUOTE),
        (0.0, 0.0, {}, blame.NO_QUOTE),
        (1.0, math.inf, {}, blame.NO_QUOTE),
        (5.1, 5.0, {}, blame.CROSSED),
        (5.0, 5.1, {"years": 0.0}, blame.EXPIRED),
        (5.0, 5.1, {"years": math.nan}, blame.EXPIRED),
        (5.0, 5.1, {"forward": math.nan}, blame.NO_FORWARD),
        (5.0, 5.1, {"discount": math.nan}, blame.NO_FORWARD),
        (5.0, 5.1, {"spot": math.nan}, blame.NO_FORWARD),
        (0.0, 5.1, {}, blame.ONE_SIDED),
        (150.0, 151.0, {}, blame.ABOVE_BOUND),
    ],
)
@pytest.mark.parametrize("style", ["european", "american"])
def test_a_bad_quote_has_a_reason_and_no_figure(
    tables: Tables, style: str, bid: float, ask: float, change: dict[str, float], reason: int
) -> None:
    columns = (np.full(2 * COUNT, x) for x in (bid, ask))
    found = told(*columns, tables=tables if style == "american" else None, **change)
    assert (found.reason == reason).all()
    assert np.isnan(found.iv).all()
    assert np.isnan(found.delta).all()


def test_a_quote_without_a_bid_keeps_what_the_source_says() -> None:
    middle, _ = priced()
    found = told(np.zeros(2 * COUNT), middle + 0.05, np.full(2 * COUNT, VOL))
    assert (found.reason == blame.FINE).all()
    assert (found.iv == np.float32(VOL)).all()


@pytest.mark.parametrize("style", ["european", "american"])
def test_below_intrinsic_is_told_from_no_time_value(tables: Tables, style: str) -> None:
    """A call at 80: worth 20.2 and, exercised now, 20; its twin is not quoted."""
    bid, ask = np.full((2, 2 * COUNT), np.nan)
    bid[COUNT], ask[COUNT] = 19.0, 19.9
    kept = tables if style == "american" else None
    assert told(bid, ask, tables=kept).reason[COUNT] == blame.BELOW_INTRINSIC
    ask[COUNT] = 20.3
    found = told(bid, ask, tables=kept)
    assert found.reason[COUNT] == blame.NO_TIME_VALUE
    assert np.isnan(found.iv[COUNT])


@pytest.mark.parametrize("style", ["european", "american"])
def test_in_the_money_it_borrows_from_the_other_right(tables: Tables, style: str) -> None:
    middle, delta = priced()
    bid, ask = middle - 0.01, middle + 0.01
    put = 20.0 if style == "american" else 19.6 * DISCOUNT
    for row, worth in ((COUNT, 20.4 * DISCOUNT), (COUNT - 1, put)):  # call at 80, put at 120
        bid[row], ask[row] = worth - 2.0, worth + 1.9
    found = told(bid, ask, tables=tables if style == "american" else None)
    assert (found.reason == blame.BORROWED).nonzero()[0].tolist() == [COUNT - 1, COUNT]
    assert found.iv[COUNT] == found.iv[0]
    assert found.iv[COUNT - 1] == found.iv[-1]
    assert found.delta[[COUNT - 1, COUNT]] == pytest.approx(delta[[COUNT - 1, COUNT]], abs=0.03)


def test_what_is_borrowed_fits_the_quote() -> None:
    """A call at 80 whose ask says that it has next to no time value: the put's 30% is too much."""
    middle, _ = priced()
    bid, ask = middle - 0.01, middle + 0.01
    bid[COUNT], ask[COUNT] = 19.0, 20.4 * DISCOUNT + 0.01
    found = told(bid, ask)
    assert found.reason[COUNT] == blame.NO_TIME_VALUE
    assert np.isnan(found.delta[COUNT])


def test_american_quotes_are_the_tables(tables: Tables) -> None:
    carry, payout = -math.log(DISCOUNT), -math.log(DISCOUNT) + math.log(SPOT / FORWARD)
    both = [
        american(*tables, sign, SPOT, strike, VOL * math.sqrt(YEARS), carry, payout)
        for sign in (-1, 1)
        for strike in STRIKES.tolist()
    ]
    middle, delta = np.array(both).T
    for source in (NOTHING, np.full(2 * COUNT, VOL)):
        found = told(middle - 0.001, middle + 0.001, source, tables)
        assert (found.reason == blame.FINE).all()
        assert found.iv == pytest.approx(np.full(2 * COUNT, VOL), abs=1e-5)
        assert found.delta == pytest.approx(delta, abs=1e-4)
    assert middle[COUNT - 1] > priced()[0][COUNT - 1]  # the put at 120 may be exercised


@given(st.integers(0, 10_000), st.booleans())
def test_a_figure_stands_where_and_only_where_the_reason_allows(seed: int, sourced: bool) -> None:  # noqa: FBT001  drawn
    rng = np.random.default_rng(seed)
    middle, _ = priced()
    bid = middle + rng.choice([0.0, -0.02, -0.3, 0.4, -50.0, np.nan], 2 * COUNT)
    ask = middle + rng.choice([0.0, 0.02, 0.3, -0.4, np.nan], 2 * COUNT)
    found = told(bid, ask, np.full(2 * COUNT, VOL) if sourced else NOTHING)
    stands = np.isin(found.reason, [blame.FINE, blame.BORROWED])
    assert (np.isfinite(found.iv) == stands).all()
    assert (np.isfinite(found.delta) == stands).all()
    assert (found.iv[stands] > 0.0).all()
    sign = np.repeat([-1, 1], COUNT)
    assert (sign[stands] * found.delta[stands] >= 0.0).all()


def test_many_series_in_parts_are_each_by_itself() -> None:
    """So many that two threads share them, with a volatility of its own in each."""
    sessions = 6_000
    expected = 0.2 + 0.0001 * np.arange(sessions)
    middle = np.array([priced(vol)[0] for vol in expected]).ravel()
    session = np.repeat(np.arange(sessions), 2 * COUNT)
    right = np.tile(np.repeat([0, 1], COUNT), sessions)
    found = volatilities(
        series_of(session, right, session + 91),
        Quotes(np.tile(STRIKES, 2 * sessions), middle - 0.001, middle + 0.001),
        np.full(len(middle), np.nan, np.float32),
        Ground(*(np.full(sessions, x) for x in (SPOT, FORWARD, DISCOUNT, YEARS))),
    )
    assert (found.reason == blame.FINE).all()
    assert found.iv == pytest.approx(np.repeat(expected, 2 * COUNT), abs=1e-5)


def test_real_quotes_of_an_index(shared: Path) -> None:
    """spx_eod_2026, June: the source took a spot of after hours, so its puts and calls differ.

    Ours agree on the same strike, and with the source's in the middle of all.
    """
    file = shared / "data/spx_eod_2026/spx_chain_2026-06.csv.gz"
    floats = dict.fromkeys(("strike", "bid", "ask", "iv"), pl.Float64)
    chain = pl.read_csv(file, schema_overrides=floats).with_columns(
        session=pl.col("quote_date").str.to_date().to_physical(),
        expiry=pl.col("expiration").str.to_date().to_physical(),
        right=(pl.col("right") == "C").cast(pl.Int8),
    )
    chain = chain.sort("session", "right", "expiry", "strike", maintain_order=True)
    columns = {name: chain[name].to_numpy() for name in chain.columns}
    of = series_of(columns["session"], columns["right"], columns["expiry"])
    quotes = Quotes(columns["strike"], columns["bid"], columns["ask"])
    years = years_left(of)
    discount = np.exp(-0.0365 * years)
    forward = forwards(of, quotes, discount).forward
    at = Ground(forward * discount, forward, discount, years)
    found = volatilities(of, quotes, np.full(chain.height, np.nan, np.float32), at)
    keys = ["session", "expiry", "strike"]
    chain = chain.select(
        *keys, "right", "dte", theirs="iv", ours=pl.Series(found.iv), delta=pl.Series(found.delta)
    ).filter(pl.col("delta").abs().is_between(0.3, 0.7), pl.col("theirs") > 0.0)
    chain = chain.filter(pl.col("dte") >= 3)
    assert (chain["ours"] / chain["theirs"]).median() == pytest.approx(1.0, abs=0.02)
    both = chain.filter(pl.col("right") == 0).join(chain.filter(pl.col("right") == 1), on=keys)
    gaps = [(both[name] - both[f"{name}_right"]).abs().quantile(0.9) for name in ("ours", "theirs")]
    assert both.height > 2_000
    assert gaps[0] < 0.003, gaps
    assert gaps[1] > 0.01, gaps
