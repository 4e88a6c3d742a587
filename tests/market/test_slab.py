"""Frames to chains: order, index, refusals, forwards, and no look-ahead."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, inf, nan
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets import START
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import CALL, PUT, expiry_of, right_of, root_of, strike_of
from underwriter.core.errors import InputError
from underwriter.market.calendar import Calendar
from underwriter.market.history import Bars
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.slab import Listing, Rates, Slab, Splits, build_slab

HOLIDAY = 7  # Monday 2024-01-15, days from START
DAYS = [day for day in range(12) if day % 7 < 5 and day != HOLIDAY]  # 2024-01-08 to 2024-01-19
KO = Instrument("KO", "KO", "american", "physical")
SPX = Instrument("SPX", "SPXW", "european", "cash-pm", SPX_TICKS)
XYZ = Instrument("XYZ", "XYZ", "american", "physical", multiplier=10)


def calendar() -> Calendar:
    """An exchange that opens on weekdays but one."""
    days = [day for day in range(-14, 200) if day % 7 < 5 and day != HOLIDAY]
    sessions = np.array(days, np.int32) + START
    same = np.zeros(len(days), np.int16)
    tz, first, last = "America/New_York", START - 14, START + 199
    return Calendar("XTST", tz, first, last, sessions, same > 0, same + 570, same + 960)


def bars(days: Sequence[int], closes: Sequence[float], opens: float = nan) -> Bars:
    """Bars of which only close and open matter."""
    close = np.array(closes, float)
    unknown = np.full(len(days), nan)
    return Bars(
        np.array(days, np.int32) + START, np.full(len(days), opens), unknown, unknown, close, 0
    )


def quote(session: int, expiry: int, strike: float, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """One row of a frame of quotes."""
    row = {"session": session + START, "expiry": expiry + START, "right": PUT, "strike": strike}
    return row | {"bid": 1.0, "ask": 1.1, "delta": -0.25, "iv": 0.2} | fields


SCHEMA = {"session": pl.Int32, "expiry": pl.Int32, "right": pl.Int8, "strike": pl.Float64}
SCHEMA |= {"bid": pl.Float64, "ask": pl.Float64, "delta": pl.Float64, "iv": pl.Float64}


def listing(
    quotes: Sequence[dict] = (),
    instrument: Instrument = KO,
    *,
    days: Sequence[int] = DAYS,
    closes: Sequence[float] | None = None,
    dividends: dict[int, float] | None = None,
) -> Listing:
    """A listing; `dividends` maps days from START to dollars a share."""
    paid = dividends or {}
    ex_day = np.array(sorted(paid), np.int32) + START
    amounts = np.array([paid[day] for day in sorted(paid)], float)
    schema = SCHEMA | (
        {"open_interest": pl.Int32} if quotes and "open_interest" in quotes[0] else {}
    )
    frame = pl.DataFrame(list(quotes), schema)
    return Listing(instrument, bars(days, closes or [100.0] * len(days)), ex_day, amounts, frame)


def built(*listings: Listing, rate: float = 0.0) -> Slab:
    """A slab at one bill rate, the measure counting the sessions."""
    sessions = len(listings[0].bars.day)
    rates = Rates(np.full(sessions, rate), np.arange(sessions, dtype=float))
    return build_slab(listings, rates, calendar())


# --- order and index ---

quoted = st.builds(
    quote,
    st.sampled_from(DAYS),
    st.sampled_from([25, 32]),
    st.sampled_from([90.0, 95.0]),
    right=st.sampled_from([PUT, CALL]),
)
frames = st.lists(
    quoted,
    unique_by=lambda one: tuple(one[name] for name in ("session", "expiry", "strike", "right")),
)


@given(frames, frames)
def test_quotes_stand_by_session_underlying_right_expiry_strike(one: list, other: list) -> None:
    market = built(listing(one), listing(other, XYZ)).market
    keys = [
        (row.session, root_of(row.contract), right_of(row.contract), row.expiry, row.strike_u)
        for row in market.quotes
    ]
    assert keys == sorted(keys)
    assert len(keys) == len(one) + len(other)


@given(frames, frames)
def test_bars_say_where_each_block_stands(one: list, other: list) -> None:
    market = built(listing(one), listing(other, XYZ)).market
    rows = range(len(one) + len(other))
    for session, underlying in np.ndindex(market.bars.shape):
        bar = market.bars[session, underlying]
        blocks = {PUT: range(bar.puts, bar.calls), CALL: range(bar.calls, bar.end)}
        for right, block in blocks.items():
            wanted = session, underlying + 1, right
            ours = [row for row in rows if _block(market.quotes[row]) == wanted]
            assert ours == list(block)


def _block(row: Any) -> tuple[int, int, int]:  # noqa: ANN401  a row of Quote
    return int(row.session), root_of(int(row.contract)), right_of(int(row.contract))


@given(frames)
def test_a_quote_points_to_its_contract_on_the_next_session(quotes: list) -> None:
    found = built(listing(quotes)).market.quotes
    keys = {(int(row.contract), int(row.session)): at for at, row in enumerate(found)}
    for row in found:
        assert row.next == keys.get((int(row.contract), int(row.session) + 1), NO_ROW)


def test_a_quote_is_kept_to_the_millionth() -> None:
    row = built(
        listing([quote(1, 32, 62.5, right=CALL, bid=1.07, ask=1.13, delta=0.3, open_interest=7)])
    ).market.quotes[0]
    assert (row.strike_u, row.bid_u, row.ask_u) == (62_500_000, 1_070_000, 1_130_000)
    assert (row.session, row.expiry, row.open_interest) == (1, START + 32, 7)
    assert (row.delta, row.iv) == (np.float32(0.3), np.float32(0.2))
    contract = int(row.contract)
    named = root_of(contract), expiry_of(contract), right_of(contract), strike_of(contract)
    assert named == (1, START + 32, CALL, 62_500_000)


def test_what_is_not_known_says_so() -> None:
    row = built(listing([quote(0, 32, 95, delta=None, iv=nan)])).market.quotes[0]
    assert row.open_interest == -1
    assert np.isnan(row.delta)
    assert np.isnan(row.iv)


def test_sessions_and_terms_are_taken_over() -> None:
    market = built(listing(), listing((), SPX), rate=0.05).market
    assert [int(one.day) - START for one in market.sessions] == DAYS
    assert [int(one.first_of_week) for one in market.sessions] == [1, 0, 0, 0, 0, 1, 0, 0, 0]
    assert [one.measure for one in market.sessions] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert {one.rate for one in market.sessions} == {0.05}
    terms = [tuple(one) for one in market.terms]
    assert terms == [
        (1, 1, 0, 100, 10_000, 10_000, 3_000_000, 0, 0),
        (0, 0, 0, 100, 50_000, 100_000, 3_000_000, 1, 0),
    ]


def test_an_open_that_is_not_real_is_zero() -> None:
    real, unreal = listing(), listing((), XYZ)
    real = Listing(KO, bars(DAYS, [100.0] * 9, 99.5), real.ex_day, real.dividend, real.quotes)
    market = built(real, unreal).market
    assert [int(bar.open_u) for bar in market.bars[0]] == [99_500_000, 0]


# --- dividends and forwards ---


@pytest.mark.parametrize(("ex_day", "session"), [(1, 1), (5, 5), (6, 5), (HOLIDAY, 5)], ids=str)
def test_a_dividend_counts_on_its_ex_date_or_the_next_session(ex_day: int, session: int) -> None:
    """Days 5 to 7 are a Saturday, a Sunday and a holiday; session 5 is day 8."""
    table = built(listing(dividends={ex_day: 0.485})).market.bars
    assert [int(bar.dividend_u) for bar in table[:, 0]] == [
        485_000 if at == session else 0 for at in range(9)
    ]


def test_dividends_of_one_session_add_up_and_those_outside_are_not_there() -> None:
    table = built(listing(dividends={-3: 1.0, 5: 0.25, 6: 0.25, 40: 1.0})).market.bars
    assert sum(int(bar.dividend_u) for bar in table[:, 0]) == 500_000


@pytest.mark.parametrize("ex_day", [-2, -1, 0], ids=str)
def test_a_dividend_of_the_weekend_before_a_slab_counts_on_its_first_session(ex_day: int) -> None:
    table = built(listing(dividends={ex_day: 0.485})).market.bars
    assert int(table[0, 0].dividend_u) == 485_000


# --- splits ---


def split_on(day: int, new: int, old: int) -> Listing:
    """A listing that splits."""
    days, counts = np.array([START + day], np.int32), np.array([[new], [old]])
    return replace(listing(), splits=Splits(days, *counts))


@pytest.mark.parametrize(
    ("day", "session"), [(-3, None), (-1, 0), (1, 1), (6, 5), (11, 8), (12, None)], ids=str
)
def test_a_split_stands_on_the_first_session_at_the_new_count(
    day: int, session: int | None
) -> None:
    bars = built(split_on(day, 7, 1)).market.bars[:, 0]
    assert [int(bar.split_new) for bar in bars] == [7 if at == session else 1 for at in range(9)]
    assert [int(bar.split_old) for bar in bars] == [1] * 9


def test_a_split_is_kept_in_lowest_terms() -> None:
    bar = built(split_on(1, 20, 10)).market.bars[1, 0]
    assert (int(bar.split_new), int(bar.split_old)) == (2, 1)


@pytest.mark.parametrize(("new", "old"), [(3, 2), (1, 10)])
def test_t60_an_odd_split_is_refused_where_something_may_be_held(new: int, old: int) -> None:
    """OCC: 3:2 and reverse splits change what a contract delivers."""
    with pytest.raises(InputError) as refused:
        built(split_on(1, new, old))
    assert str(refused.value) == (
        f"KO, 2024-01-09: found a split of {new}:{old}, which gives contracts a non-standard "
        "deliverable; expected whole ones, such as 2:1: end before that day or begin on it"
    )
    bar = built(split_on(0, new, old)).market.bars[0, 0]
    assert (int(bar.split_new), int(bar.split_old)) == (new, old)


def test_a_forward_is_the_close_less_dividends_to_come_carried_at_the_bill_rate() -> None:
    """On day 1, to day 32: ex-dates 2 and 32 lie ahead, 1 is past and 33 is too late."""
    paid = {1: 8.0, 2: 1.0, 32: 0.5, 33: 4.0}
    slab = built(
        listing([quote(1, 32, 95)], closes=[100.0 + at for at in range(9)], dividends=paid),
        rate=0.05,
    )
    expected = (101.0 - 1.5) * exp(0.05 * 31 / 365)
    assert slab.market.quotes[0].forward == pytest.approx(expected, rel=1e-7)


def test_underlyings_have_their_own_forwards() -> None:
    first = listing([quote(0, 32, 95)], dividends={10: 1.0})
    second = listing([quote(0, 32, 45)], XYZ, closes=[50.0] * 9)
    assert [row.forward for row in built(first, second).market.quotes] == [99.0, 50.0]


# --- refusals ---


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"bid": nan}, "found price"),
        ({"ask": inf}, "found price"),
        ({"bid": None}, "found price"),
        ({"bid": -0.01}, "found price"),
        ({"strike": -95.0}, "found price"),
        ({"bid": 1.005}, "found price off tick"),
        ({"ask": 1.1001}, "found price off tick"),
        ({"strike": 95.0005}, "found strike"),
        ({"session": START + 13}, "found a day without a bar"),
    ],
    ids=str,
)
def test_t29_a_quote_that_cannot_be_is_refused_by_name(fields: dict, found: str) -> None:
    wrong = quote(1, 32, 95) | fields
    day = "2024-01-21" if "session" in fields else "2024-01-09"
    with pytest.raises(InputError, match=rf"^XYZ, {day}, 2024-02-09 P .*{found}.*expected"):
        built(listing(), listing([quote(0, 32, 95), wrong], XYZ))


@pytest.mark.parametrize(("bid", "ask"), [(2.95, 3.05), (2.99, 3.00)])
def test_t17_a_price_off_the_tick_of_its_size_is_refused(bid: float, ask: float) -> None:
    """SPX: 0.05 under 3.00, 0.10 from there on."""
    with pytest.raises(InputError, match=r"off tick .*; expected legal ticks"):
        built(listing([quote(0, 32, 95, bid=bid, ask=ask)], SPX))


def test_a_doubled_contract_is_refused() -> None:
    twice = [quote(1, 32, 95), quote(1, 32, 95, bid=0.9)]
    with pytest.raises(InputError, match=r"^XYZ, 2024-01-09.*doubled contract.*expected one quote"):
        built(listing(), listing(twice, XYZ))


def test_t62_a_session_without_a_bar_is_refused() -> None:
    short = [day for day in DAYS if day != 2]
    expected = (
        r"^XYZ: found no bar on 1 sessions of XTST, the first 2024-01-10; expected one on each"
    )
    with pytest.raises(InputError, match=expected):
        built(listing(), listing((), XYZ, days=short))


@pytest.mark.parametrize(("extra", "day"), [(6, "2024-01-14"), (HOLIDAY, "2024-01-15")])
def test_t30_a_bar_on_a_day_that_is_no_session_is_refused(extra: int, day: str) -> None:
    found = rf"^KO: found 1 bars on days that are no session of XTST, the first {day}"
    with pytest.raises(InputError, match=found):
        built(listing(days=sorted([*DAYS, extra])))


def test_underlyings_on_different_days_are_refused() -> None:
    expected = (
        "^XYZ: found bars of 2024-01-08 to 2024-01-18; expected 2024-01-08 to 2024-01-19 as KO"
    )
    with pytest.raises(InputError, match=expected):
        built(listing(), listing((), XYZ, days=DAYS[:-1]))


def test_a_slab_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="found 0 underlyings; a slab holds 1 to 32767"):
        build_slab([], Rates(np.zeros(0), np.zeros(0)), calendar())


# --- proof 2: the past of a slab is the slab of the past ---


def cut(one: Listing, first: int, last: int) -> Listing:
    """A listing of which only some sessions are known yet, and the dividends declared."""
    inside = slice(first, last + 1)
    known = Bars(*(column[inside] for column in one.bars[:5]), 0)
    within = pl.col("session").is_between(int(known.day[0]), int(known.day[-1]))
    return Listing(one.instrument, known, one.ex_day, one.dividend, one.quotes.filter(within))


def rows_of(slab: Slab, session: int) -> dict[str, np.ndarray]:
    """What a decision may see of one session; where it stands in the slab does not matter."""
    market = slab.market
    lo, hi = int(market.bars[session, 0].puts), int(market.bars[session, -1].end)
    quotes = {n: market.quotes[n][lo:hi] for n in market.quotes.dtype.names}
    bar = {n: market.bars[n][session] for n in market.bars.dtype.names}
    for name in ("puts", "calls", "end"):
        bar[name] = bar[name] - lo
    del quotes["next"], quotes["session"]
    now = {n: market.sessions[n][session] for n in market.sessions.dtype.names}
    return quotes | bar | now


@given(frames, frames, st.integers(0, 8), st.sampled_from([{}, {4: 0.5}, {10: 0.5, 30: 0.7}]))
def test_a_slab_cut_off_at_a_day_is_that_days_rows_of_the_full_slab(
    one: list, other: list, session: int, dividends: dict
) -> None:
    """Cut off after it, and of this session alone: prices, deltas, forwards, features, the week."""
    closes = [100.0 + at * at for at in range(9)]
    full = listing(one, closes=closes, dividends=dividends), listing(other, XYZ, closes=closes)
    rates = Rates(np.linspace(0.01, 0.05, 9), np.linspace(12, 40, 9))
    expected = rows_of(build_slab(full, rates, calendar()), session)
    for first in (0, session):
        known = Rates(*(column[first : session + 1] for column in rates))
        past = build_slab([cut(each, first, session) for each in full], known, calendar())
        found = rows_of(past, session - first)
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, err_msg=name)
