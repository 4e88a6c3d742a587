"""Modelled chains: what is listed, what is quoted, and that no quote knows the future."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.history import Bars
from underwriter.market.instrument import PENNY, SPX_TICKS, Instrument, Ticks
from underwriter.market.model import (
    SHARE_WIDTH,
    WIDTH,
    Drivers,
    Terms,
    Width,
    bid_ask,
    modelled_quotes,
    payouts,
    strike_step,
    width_of,
)
from underwriter.market.surface import SURFACE, atm_vol, shape_of, smile, surface_vol

ETF = Instrument("SPX/10", "SPX10", "american", "physical", PENNY)
INDEX = Instrument("SPX", "SPXW", "european", "cash-pm", SPX_TICKS)
MORNING = Instrument("SPX", "SPX", "european", "cash-am", SPX_TICKS)
FIRST, SESSIONS = 16436, 130  # from 2015-01-01
NO_DIVIDENDS = np.empty(0, np.int32), np.empty(0)
QUARTERLY = np.array([16513, 16605], np.int32), np.array([1.0, 1.0])  # 2015-03-19, 2015-06-19


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def calendar(home: Path) -> Calendar:
    return load_calendar("XNYS", home)


class History:
    """A made-up walk of a price, its volatility and the bill rate."""

    def __init__(self, calendar: Calendar, level: float = 205.0, count: int = SESSIONS) -> None:
        self.day = calendar.between(FIRST, FIRST + 300)[:count].astype(np.int32)
        steps = np.random.default_rng(5).normal(0.0, 0.011, 1000)[: len(self.day)]
        self.close = level * np.exp(np.cumsum(steps))
        self.vol = 16.0 + 400.0 * np.abs(steps)
        self.rate = np.full(len(self.day), 0.02)

    def quotes(
        self, instrument: Instrument, calendar: Calendar, home: Path, count: int = SESSIONS
    ) -> pl.DataFrame:
        """The quotes modelled on the first `count` sessions."""
        dividends = QUARTERLY if instrument is ETF else NO_DIVIDENDS
        on = slice(count)
        side = self.close[on]
        bars = Bars(self.day[on], side, side, side, side, 0)
        vol, rate = self.vol[on], self.rate[on]
        return modelled_quotes(
            instrument, Drivers(bars, vol, rate, dividends), calendar, home / "cache"
        )


@pytest.fixture(scope="module")
def etf(calendar: Calendar, home: Path) -> pl.DataFrame:
    return History(calendar).quotes(ETF, calendar, home)


@pytest.fixture(scope="module")
def index(calendar: Calendar, home: Path) -> pl.DataFrame:
    return History(calendar, 2050.0).quotes(INDEX, calendar, home)


@pytest.fixture(params=["etf", "index"])
def either(request: pytest.FixtureRequest) -> pl.DataFrame:
    frame: pl.DataFrame = request.getfixturevalue(request.param)
    return frame


def test_the_columns_are_the_lakes(either: pl.DataFrame) -> None:
    assert either.schema == {
        "session": pl.Int32,
        "expiry": pl.Int32,
        "right": pl.Int8,
        "strike": pl.Float64,
        "bid": pl.Float64,
        "ask": pl.Float64,
        "delta": pl.Float32,
        "iv": pl.Float32,
    }
    assert len(either) > 10_000
    assert either.null_count().sum_horizontal()[0] == 0
    assert either.select(pl.struct("session", "expiry", "right", "strike").is_unique().all()).item()


def test_bids_and_asks_are_legal_and_apart(either: pl.DataFrame) -> None:
    assert (either["bid"] >= 0.0).all()
    assert (either["bid"] < either["ask"]).all()


def test_etf_quotes_are_whole_cents(etf: pl.DataFrame) -> None:
    for name in ("bid", "ask"):
        cents = etf[name].to_numpy() * 100
        assert np.abs(cents - np.round(cents)).max() < 1e-6
    assert etf["ask"].min() >= 0.01


def test_index_quotes_are_nickels_below_three_and_dimes_above(index: pl.DataFrame) -> None:
    # Cboe's specification, DOMAIN 2.2
    for name in ("bid", "ask"):
        price = index[name].to_numpy()
        step = np.where(price < 3.0, 0.05, 0.10)
        assert np.abs(price / step - np.round(price / step)).max() < 1e-6


def test_expirations_are_listed_ones_to_seventy_days(
    either: pl.DataFrame, calendar: Calendar
) -> None:
    ahead = either["expiry"] - either["session"]
    assert ahead.min() == 0
    assert ahead.max() == 70
    days = either["expiry"].unique()
    listed = calendar.weekly_expirations(FIRST, FIRST + 400)
    assert set(days.to_list()) <= set(listed.tolist())
    good_friday = 16528  # 2015-04-03: the weekly expired on Thursday
    assert good_friday not in days
    assert good_friday - 1 in days


def test_a_contract_is_listed_by_its_delta_and_then_stays_until_it_expires(
    either: pl.DataFrame,
) -> None:
    sessions = either["session"].unique().sort().to_numpy()
    lives = either.group_by("expiry", "right", "strike").agg(
        first=pl.col("session").min(),
        last=pl.col("session").max(),
        count=pl.len(),
        delta=pl.col("delta").sort_by("session").first().abs(),
    )
    assert lives["delta"].is_between(0.0099, 0.7001).all()
    last = np.minimum(lives["expiry"].to_numpy(), sessions[-1])
    assert (lives["last"].to_numpy() == last).all()
    places = [np.searchsorted(sessions, lives[name].to_numpy()) for name in ("first", "last")]
    assert (lives["count"].to_numpy() == places[1] - places[0] + 1).all()


def test_morning_settled_options_are_quoted_until_the_session_before(
    calendar: Calendar, home: Path
) -> None:
    quotes = History(calendar, 2050.0, 30).quotes(MORNING, calendar, home)
    assert (quotes["expiry"] - quotes["session"]).min() == 1


def test_american_asks_are_never_below_what_exercise_pays(
    etf: pl.DataFrame, calendar: Calendar
) -> None:
    history = History(calendar)
    spot = etf["session"].replace_strict(
        history.day.tolist(), history.close.tolist(), return_dtype=pl.Float64
    )
    sign = etf["right"] * 2.0 - 1.0
    intrinsic = (sign * (spot - etf["strike"])).clip(0.0)
    assert (etf["ask"] >= intrinsic - 1e-9).all()


def test_european_quotes_obey_put_call_parity(index: pl.DataFrame, calendar: Calendar) -> None:
    # C - P = exp(-rT) (F - K) within the two spreads; F = S exp(rT) without dividends
    history = History(calendar, 2050.0)
    keys = ["session", "expiry", "strike"]
    calls = index.filter(pl.col("right") == 1)
    both = calls.join(index.filter(pl.col("right") == 0), on=keys, suffix="_put")
    assert len(both) > 1000
    spot = both["session"].replace_strict(
        history.day.tolist(), history.close.tolist(), return_dtype=pl.Float64
    )
    years = (both["expiry"] - both["session"]) / 365.0
    worth = spot - both["strike"] * (-0.02 * years).exp()
    assert (both["bid"] - both["ask_put"] <= worth + 1e-2).all()
    assert (both["ask"] - both["bid_put"] >= worth - 1e-2).all()


@pytest.mark.parametrize("instrument", [ETF, INDEX])
def test_history_cut_off_at_a_day_leaves_its_rows_as_they_were(
    instrument: Instrument, calendar: Calendar, home: Path
) -> None:
    history = History(calendar, 205.0 if instrument is ETF else 2050.0)
    keys = ["session", "expiry", "right", "strike"]
    whole = history.quotes(instrument, calendar, home)
    for count in (20, 77):
        cut = history.quotes(instrument, calendar, home, count)
        same = whole.filter(pl.col("session") <= int(history.day[count - 1]))
        assert cut.sort(keys).equals(same.sort(keys))


def test_prices_fall_as_strikes_leave_the_money(either: pl.DataFrame) -> None:
    mids = either.sort("session", "expiry", "right", "strike").with_columns(
        mid=(pl.col("bid") + pl.col("ask")) / 2
    )
    step = mids.select(
        pl.col("mid").diff().over("session", "expiry", "right") * (1 - 2.0 * pl.col("right"))
    ).to_series()
    assert (step.drop_nulls() >= -0.11).all()  # but for the ticks that quotes are rounded to


def test_escrowed_dividends_lower_the_forward_by_their_present_value() -> None:
    day = np.array([100, 110, 111], np.int32)
    spot, rate = np.full(3, 50.0), np.full(3, 0.05)
    found = payouts(day, spot, rate, 140, (np.array([110, 141]), np.array([0.5, 9.0])))
    present = 0.5 * math.exp(-0.05 * 10 / 365)
    assert 50.0 * np.exp(-found) == pytest.approx([50.0 - present, 50.0, 50.0])


@pytest.mark.parametrize(("spot", "step"), [(20.0, 0.5), (205.0, 1.0), (2050.0, 5.0)])
def test_strikes_stand_as_far_apart_as_on_an_exchange(spot: float, step: float) -> None:
    assert strike_step(spot) == step


@given(
    st.floats(0.0, 300.0),
    st.floats(0.0, 300.0),
    st.floats(1.0, 9000.0),
    st.sampled_from([PENNY, SPX_TICKS]),
    st.sampled_from([WIDTH, SHARE_WIDTH]),
)
def test_any_price_gets_a_legal_bid_below_a_legal_ask(
    mid: float, intrinsic: float, spot: float, ticks: Ticks, width: Width
) -> None:
    small, large = (10_000, 10_000) if ticks is PENNY else (50_000, 100_000)
    terms = Terms(0, 1.0, False, 0.0, small, large, 3_000_000)
    bid, ask = bid_ask(mid, min(intrinsic, mid), spot, terms, width)
    assert 0 <= bid < ask
    assert bid % (small if bid < 3_000_000 else large) == 0
    assert ask % (small if ask < 3_000_000 else large) == 0
    assert bid <= mid * 1e6 + 1 <= ask + 2


@given(st.floats(0.08, 0.9), st.floats(1e-4, 0.25), st.floats(-1.5, 1.5))
def test_the_surface_is_bounded_and_below_the_index_at_the_money(
    level: float, years: float, moneyness: float
) -> None:
    month = atm_vol(level, 30 / 365, SURFACE)
    assert month == pytest.approx(SURFACE.atm * level)
    assert month < level
    assert 0.5 * level <= atm_vol(level, years, SURFACE) <= 1.3 * level
    vol = surface_vol(level, 100.0, 100.0 * math.exp(moneyness), years, SURFACE)
    assert 0.4 * level < vol < 4.0 * level


@pytest.mark.parametrize("days", [0, 2, 30, 70, 400])
def test_the_smile_is_dearest_for_low_strikes_and_flat_in_both_wings(days: int) -> None:
    tilt, turn = shape_of(days / 365.0, SURFACE)
    low, below, at, above, high, far = (
        smile(z, tilt, turn, SURFACE) for z in (-20.0, -1.3, 0.0, 0.8, 3.0, 9.0)
    )
    assert at == 1.0
    assert low > below > at > above
    assert high == far > above
    assert low == smile(-8.0, tilt, turn, SURFACE)


def test_terms_beyond_those_fitted_have_the_smile_of_the_nearest() -> None:
    assert shape_of(0.0, SURFACE) == shape_of(2 / 365, SURFACE)
    assert shape_of(1.0, SURFACE) == shape_of(70 / 365, SURFACE)
    assert shape_of(30 / 365, SURFACE) == pytest.approx((SURFACE.tilt, SURFACE.turn))


@given(st.floats(0.05, 1.5), st.floats(1e-4, 0.2))
def test_short_terms_stand_above_long_ones_where_the_index_is_high(
    level: float, years: float
) -> None:
    short, long = atm_vol(level, years, SURFACE), atm_vol(level, 0.2, SURFACE)
    assert (short - long) * (level - SURFACE.mean) >= -1e-12


def test_a_stocks_options_are_quoted_wider_than_those_of_a_broad_index() -> None:
    stock = Instrument("KO", "KO", "american", "physical", PENNY)
    assert width_of(stock) is SHARE_WIDTH
    assert width_of(ETF) is width_of(INDEX) is WIDTH


@pytest.mark.parametrize(
    ("name", "value"), [("close", 0.0), ("vol", math.nan), ("rate", math.inf), ("vol", -1.0)]
)
def test_what_no_quote_can_be_made_of_is_refused_with_its_day(
    name: str, value: float, calendar: Calendar, home: Path
) -> None:
    history = History(calendar)
    getattr(history, name)[3] = value
    with pytest.raises(InputError, match=r"2015-01-07: found"):
        history.quotes(ETF, calendar, home)
