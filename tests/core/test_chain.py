"""Looking contracts up in a chain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets import START, call, chain, key, made, market, put
from underwriter.core.chain import (
    NO_ROW,
    Bar,
    Market,
    Quote,
    Terms,
    find,
    first_expiry,
    mid_u,
    nearest_row,
    search,
    split_times,
    tick_of,
)
from underwriter.core.contract import CALL, PUT

SESSIONS = 3
STRIKES = (90, 95, 100)
EXPIRIES = (20, 30)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """A market of three sessions in which any quote may be missing on any day."""
    quotes = [
        side(strike, 1.0, 1.1, session=session, expiry=expiry)
        for session in range(SESSIONS)
        for side in (put, call)
        for expiry in EXPIRIES
        for strike in STRIKES
    ]
    kept = draw(st.lists(st.booleans(), min_size=len(quotes), max_size=len(quotes)))
    return market([one for one, keep in zip(quotes, kept, strict=True) if keep], closes=[100.0] * 3)


contracts = st.builds(
    key,
    st.sampled_from(STRIKES),
    expiry=st.sampled_from(EXPIRIES),
    right=st.sampled_from([PUT, CALL]),
)


def plainly(quoted: Market, session: int, contract: int) -> int:
    """Where a contract is quoted on a session, by looking at every row."""
    for row in range(quoted.quotes.shape[0]):
        if quoted.quotes[row].contract == contract and quoted.quotes[row].session == session:
            return row
    return NO_ROW


def test_a_hint_of_the_day_before_leads_to_the_same_contract_today() -> None:
    quotes = [put(strike, 1.0, 1.1, session=day, expiry=20) for day in (0, 1) for strike in STRIKES]
    quoted, contract = market(quotes, closes=[100.0] * 2), key(95, expiry=20, right=PUT)
    before, today = plainly(quoted, 0, contract), plainly(quoted, 1, contract)
    assert before != today
    assert quoted.quotes[before].next == today
    assert find(quoted.quotes, quoted.bars[1, 0], 1, contract, before) == today


@given(markets(), contracts, st.integers(0, SESSIONS - 1))
def test_a_contract_is_found_whatever_the_hint(quoted: Market, contract: int, session: int) -> None:
    """Any row is a hint, and so is none."""
    bar = quoted.bars[session, 0]
    expected = plainly(quoted, session, contract)
    for hint in range(NO_ROW, quoted.quotes.shape[0]):
        assert find(quoted.quotes, bar, session, contract, hint) == expected


LADDER = chain([put(strike, 1.0, 1.1, expiry=expiry) for expiry in (20, 30) for strike in STRIKES])


@pytest.mark.parametrize(
    ("expiry", "strike", "row"),
    [(20, 90, 0), (20, 100, 2), (30, 90, 3), (30, 100, 5), (20, 91, NO_ROW), (40, 90, NO_ROW)],
)
def test_search_finds_the_row_or_says_none(expiry: int, strike: int, row: int) -> None:
    assert search(LADDER, 0, 6, key(strike, expiry=expiry)) == row


def test_search_stays_within_its_block() -> None:
    assert search(LADDER, 0, 3, key(90, expiry=30)) == NO_ROW


@pytest.mark.parametrize(("days", "row"), [(0, 0), (20, 0), (21, 3), (30, 3), (31, 6)])
def test_first_expiry_is_the_first_row_not_before_a_day(days: int, row: int) -> None:
    assert first_expiry(LADDER, 0, 6, START + days) == row


@pytest.mark.parametrize(
    ("expiry", "strike", "row"),
    [
        (24, 90, 0),  # 4 days to the one, 6 to the other
        (26, 98, 5),
        (25, 96, 1),  # 5 days either way: the first expiry; 1 dollar to 95, 4 to 100
        (20, 97.5, 1),  # half way between 95 and 100: the first strike
        (90, 10, 3),
    ],
)
def test_the_nearest_row_is_nearest_in_expiry_then_in_strike(
    expiry: int, strike: float, row: int
) -> None:
    assert nearest_row(LADDER, 0, 6, key(strike, expiry=expiry)) == row


def test_an_empty_block_has_no_nearest_row() -> None:
    assert nearest_row(LADDER, 2, 2, key(90)) == NO_ROW


def test_a_mid_is_rounded_down() -> None:
    assert mid_u(made(Quote, bid_u=10, ask_u=13)) == 11


@pytest.mark.parametrize(("price_u", "tick_u"), [(2_999_999, 50_000), (3_000_000, 100_000)])
def test_ticks_grow_from_the_threshold_on(price_u: int, tick_u: int) -> None:
    """SPX: 0.05 under 3.00, else 0.10 (DOMAIN 2.6)."""
    terms = made(Terms, tick_small_u=50_000, tick_large_u=100_000, tick_threshold_u=3_000_000)
    assert tick_of(terms, price_u) == tick_u


@pytest.mark.parametrize(
    ("new", "old", "times"), [(7, 1, 7), (20, 10, 2), (1, 1, 1), (0, 0, 1)], ids=str
)
def test_a_split_says_how_many_shares_became_of_one(new: int, old: int, times: int) -> None:
    assert split_times(made(Bar, split_new=new, split_old=old)) == times
