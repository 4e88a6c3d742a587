"""Real quotes for the slab: forwards, volatilities, spreads around last prices, no look-ahead."""

from math import exp, log, sqrt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from underwriter.market.chains import Held, listing_of
from underwriter.market.history import Bars
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.slab import Listing

DAY, EXPIRY = 20_500, 20_530
SPOT, RATE, VOLATILITY = 100.0, 0.04, 0.25
YEARS = (EXPIRY - DAY + 15 / 1440) / 365
FORWARD = 101.5  # not what spot and rate alone would carry it to
INDEX = Instrument("SPX", "SPXW", "european", "cash-pm", SPX_TICKS)
STRIKES = np.arange(80.0, 121.0, 2.5)


def black(right: int, strike: float, years: float = YEARS, forward: float = FORWARD) -> float:
    """Black's formula, from the textbook."""
    deviation = VOLATILITY * sqrt(years)
    d1 = log(forward / strike) / deviation + deviation / 2
    sign = 2 * right - 1
    return (
        exp(-RATE * years)
        * sign
        * float(forward * norm.cdf(sign * d1) - strike * norm.cdf(sign * (d1 - deviation)))
    )


def chain(days: int = 1, rights: tuple[int, ...] = (0, 1), **columns: object) -> pl.DataFrame:
    """Quotes a nickel wide around Black's price, on `days` days in a row."""
    rows = [
        {"session": DAY + day, "expiry": EXPIRY, "right": right, "strike": float(strike)}
        for day in range(days)
        for right in rights
        for strike in STRIKES
    ]
    frame = pl.DataFrame(
        rows,
        {"session": pl.Int32, "expiry": pl.Int32, "right": pl.Int8, "strike": pl.Float64},
    )
    years = [(EXPIRY - row["session"] + 15 / 1440) / 365 for row in rows]
    mids = [black(row["right"], row["strike"], left) for row, left in zip(rows, years, strict=True)]
    down = [max(np.floor(mid * 20) / 20, 0.0) for mid in mids]
    return frame.with_columns(
        bid=pl.Series(down),
        ask=pl.Series([each + 0.05 for each in down]),
        last=pl.lit(None, pl.Float64),
        iv=pl.lit(None, pl.Float32),
        open_interest=pl.lit(7, pl.Int32),
    ).with_columns(**columns)


def bars(days: int = 1) -> Bars:
    """One close on every day."""
    nothing = np.full(days, np.nan)
    return Bars(
        np.arange(DAY, DAY + days, dtype=np.int32),
        nothing,
        nothing,
        nothing,
        np.full(days, SPOT),
        0,
    )


def listed(
    frame: pl.DataFrame, instrument: Instrument = INDEX, dividends: dict[int, float] | None = None
) -> Listing:
    """The listing of a chain of some days in a row."""
    days = frame["session"].n_unique()
    paid = dividends or {}
    ex_days = np.array([*paid], np.int32)
    held = Held(instrument, frame, bars(days), ex_days, np.array([*paid.values()], float))
    return listing_of(held, np.full(days, RATE), None)


def test_forward_volatility_and_delta_are_those_the_quotes_were_made_of() -> None:
    found = listed(chain()).quotes.filter(pl.col("strike").is_between(90, 110))
    assert found["forward"].to_numpy() == pytest.approx(FORWARD, abs=0.02)
    assert found["iv"].to_numpy() == pytest.approx(VOLATILITY, abs=0.008)
    puts = found.filter(right=0)
    deviation = VOLATILITY * sqrt(YEARS)
    d1 = np.log(FORWARD / puts["strike"].to_numpy()) / deviation + deviation / 2
    by_forward = -norm.cdf(-d1)
    to_spot = exp(-RATE * YEARS) * FORWARD / SPOT  # a dollar of the spot moves the forward so much
    assert puts["delta"].to_numpy() == pytest.approx(by_forward * to_spot, abs=0.01)


def test_a_source_is_believed_where_its_volatility_reprices_the_quote() -> None:
    right = listed(chain(iv=pl.lit(VOLATILITY, pl.Float32)))
    assert (right.quotes.filter(pl.col("strike") == 100.0)["iv"] == np.float32(VOLATILITY)).all()
    wrong = listed(chain(iv=pl.lit(0.60, pl.Float32)))
    assert wrong.quotes.filter(pl.col("strike") == 100.0)["iv"].to_numpy() == pytest.approx(
        VOLATILITY, abs=0.008
    )


def test_quotes_are_kept_as_quoted() -> None:
    frame = chain()
    found = listed(frame)
    assert found.origin == "quoted"
    kept = ["session", "expiry", "right", "strike", "bid", "ask", "open_interest"]
    assert found.quotes.select(kept).equals(frame.select(kept))


def test_last_prices_get_a_modelled_spread_and_say_so() -> None:
    mids = [round(black(right, strike), 2) for right in (0, 1) for strike in STRIKES]
    none = pl.lit(None, pl.Float64)
    found = listed(chain(bid=none, ask=none, last=pl.Series(mids)))
    assert found.origin == "last"
    quotes = found.quotes.with_columns(last=pl.Series(mids))
    assert (quotes["bid"] <= quotes["last"]).all()
    assert (quotes["ask"] >= quotes["last"]).all()
    assert (quotes["ask"] > quotes["bid"]).all()
    steps = quotes["ask"].to_numpy() / np.where(quotes["ask"].to_numpy() < 3.0, 0.05, 0.10)
    assert steps == pytest.approx(np.rint(steps), abs=1e-9)
    near = quotes.filter(pl.col("strike").is_between(90, 110))
    assert near["iv"].to_numpy() == pytest.approx(VOLATILITY, abs=0.008)


def test_t33_a_last_price_among_quotes_is_left_out() -> None:
    """It is of another moment than the quotes around it."""
    stale = pl.col("strike") == 100.0
    frame = chain().with_columns(
        bid=pl.when(~stale).then("bid"),
        ask=pl.when(~stale).then("ask"),
        last=pl.when(stale).then(3.0),
    )
    found = listed(frame)
    assert found.origin == "quoted"
    assert 100.0 not in found.quotes["strike"]


def test_a_day_of_last_prices_stands_beside_days_of_quotes_and_says_so() -> None:
    second = pl.col("session") == DAY + 1
    middle = ((pl.col("bid") + pl.col("ask")) / 2).round(2)
    whole = chain(2)
    frame = whole.with_columns(
        bid=pl.when(~second).then("bid"),
        ask=pl.when(~second).then("ask"),
        last=pl.when(second).then(middle),
    )
    found = listed(frame)
    assert found.origin == "mixed"
    assert found.quotes.height == whole.height
    first = found.quotes.filter(~second)
    assert first.equals(listed(whole).quotes.filter(~second), null_equal=True)
    later = found.quotes.filter(second)
    assert (later["ask"] > later["bid"]).all()


def test_without_pairs_the_forward_is_the_close_less_dividends_carried() -> None:
    found = listed(chain(rights=(0,)), dividends={DAY: 5.0, DAY + 10: 1.0, EXPIRY + 1: 5.0})
    present = 1.0 * exp(-RATE * 10 / 365)
    assert found.quotes["forward"].to_numpy() == pytest.approx(
        (SPOT - present) * exp(RATE * YEARS), rel=1e-9
    )


def test_t41_what_settles_in_the_morning_has_less_time() -> None:
    """The same prices imply more volatility where six and a half hours fewer are left."""
    morning = Instrument("SPX", "SPX", "european", "cash-am", SPX_TICKS)
    evening, early = (
        listed(chain(), each).quotes.filter(pl.col("strike") == 100.0)["iv"].mean()
        for each in (INDEX, morning)
    )
    assert early / evening == pytest.approx(sqrt(YEARS / (YEARS - 6.5 / 24 / 365)), rel=1e-3)


def test_t42_what_ends_at_eight_in_utc_has_sixteen_hours_less() -> None:
    """The terms of a coin over prices in dollars; of premiums in coin there are no slabs."""
    coin = Instrument("SPX", "SPXW", "european", "coin", SPX_TICKS)
    midnight, eight = (
        listed(chain(), each).quotes.filter(pl.col("strike") == 100.0)["iv"].mean()
        for each in (INDEX, coin)
    )
    assert eight / midnight == pytest.approx(sqrt(YEARS / (YEARS - 16 / 24 / 365)), rel=1e-3)


def test_a_quote_nobody_bids_for_has_no_volatility() -> None:
    """T29, T34: it is NaN, which passes no gate, and never zero."""
    found = listed(chain().with_columns(bid=pl.lit(0.0))).quotes
    assert found["iv"].is_nan().all()
    assert found["delta"].is_nan().all()


@given(st.integers(1, 5), st.floats(0.05, 3.0))
def test_nothing_of_a_later_day_enters_a_quote(kept: int, factor: float) -> None:
    """Proof 2 and 3: cut off, or with nonsense after it, a day stays as it was."""
    whole = chain(6)
    cut = listed(whole.filter(pl.col("session") < DAY + kept)).quotes
    later = pl.col("session") >= DAY + kept
    sides = {
        side: pl.when(later).then(pl.col(side) * factor).otherwise(side) for side in ("bid", "ask")
    }
    for other in (whole, whole.with_columns(**sides)):
        found = listed(other).quotes.filter(pl.col("session") < DAY + kept)
        assert found.equals(cut, null_equal=True)
