"""The gates together: what is taken out, what is only remarked on, and that nothing is lost.

The chains are priced by Black's formula (`market.gates.quotes`), so that what is right is known
without the code under test; each case then spoils one row, series or day.
"""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.gates.quotes import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    gate_of,
    gates,
    ground,
    last_prices,
    line_of,
    quotes,
    with_row,
)
from underwriter.market.quality import DAYS, GATES, judge
from underwriter.market.schema import CHAIN, empty

DAYS_OF_IT = (MONDAY, TUESDAY, WEDNESDAY)
CHAIN_OF_IT = quotes(DAYS_OF_IT)
PUT = {"date": TUESDAY, "expiry": FRIDAY, "right": "P", "strike": 96.0}
LINE = line_of(CHAIN_OF_IT, **PUT)
SPOILT = {  # what is written in the row of one put, 5 under a spot of 101: what is found
    "bid below zero": ({"bid": -0.01}, "nonsense"),
    "no number": ({"ask": math.nan}, "nonsense"),
    "infinite": ({"bid": math.inf}, "nonsense"),
    "no strike": ({"strike": 0.0}, "nonsense"),
    "all zero": ({"bid": 0.0, "ask": 0.0}, "no_quote"),
    "all null": ({"bid": None, "ask": None, "last": None}, "no_quote"),
    "nothing but a null": ({"bid": None, "ask": 0.0}, "no_quote"),
    "no ask": ({"ask": 0.0}, "no_ask"),
    "null ask": ({"ask": None}, "no_ask"),
    "crossed": ({"bid": 0.30, "ask": 0.25}, "crossed"),
    "half a cent": ({"ask": 0.605}, "off_tick"),
    "dear": ({"bid": 96.5, "ask": 96.6}, "above_bound"),
    "no bid": ({"bid": 0.0}, "no_bid"),
    "null bid": ({"bid": None}, "no_bid"),
}


def test_a_clean_chain_passes_untouched() -> None:
    judged = judge(CHAIN_OF_IT, ground())
    assert judged.chain.drop("gate").equals(CHAIN_OF_IT)
    assert judged.chain["gate"].null_count() == CHAIN_OF_IT.height
    assert judged.days["spot"].to_list() == [100.0, 101.0, 99.5]
    assert judged.days["spot_from"].unique().to_list() == ["quoted"]
    assert judged.days["parity_gap"].abs().max() < 0.05  # type: ignore[operator]


def test_no_rows_are_no_days() -> None:
    judged = judge(empty("chain"), ground())
    assert (judged.chain.height, judged.days.height) == (0, 0)
    assert judged.days.schema == DAYS


@pytest.mark.parametrize("name", SPOILT)
def test_t29_a_spoilt_quote_is_found_and_no_other(name: str) -> None:
    values, gate = SPOILT[name]
    spoilt = with_row(CHAIN_OF_IT, LINE, **values)
    assert gate_of(spoilt, LINE) == gate
    assert gates(spoilt) == {gate: 1}


def test_an_ask_under_exercise_by_more_than_the_spread_goes() -> None:
    call = line_of(CHAIN_OF_IT, date=TUESDAY, expiry=FRIDAY, right="C", strike=90.0)
    # 11.00 is what exercise is worth, to a cent or two of interest
    cases = {10.90: None, 10.80: "below_intrinsic", 5.00: "below_intrinsic"}
    for ask, gate in cases.items():
        spoilt = with_row(CHAIN_OF_IT, call, bid=round(ask - 0.11, 2), ask=ask)
        assert gate_of(spoilt, call) == gate, ask


def test_a_row_carries_its_first_gate_only() -> None:
    spoilt = with_row(CHAIN_OF_IT, LINE, bid=math.nan, ask=0.0)
    assert gate_of(spoilt.with_columns(root=pl.lit("SYN1")), LINE) == "adjusted"
    assert gate_of(spoilt, LINE) == "nonsense"


def test_what_can_be_held_or_bought_back_stays() -> None:
    assert {gate for gate, told in GATES.items() if not told.dropped} == {"saturday", "no_bid"}


def test_judging_what_stayed_again_changes_nothing() -> None:
    spoilt = with_row(CHAIN_OF_IT, LINE, bid=0.0)
    spoilt = with_row(spoilt, LINE + 1, bid=9.0, ask=8.0)
    judged = judge(spoilt, ground())
    dropped = [gate for gate, told in GATES.items() if told.dropped]
    kept = judged.chain.filter(~pl.col("gate").is_in(dropped).fill_null(value=False))
    again = judge(kept.drop("gate"), ground())
    assert kept.height == spoilt.height - 1
    assert again.chain.equals(kept)


def test_a_year_at_once_is_its_days_one_after_the_other() -> None:
    """What an import of today finds is what one of the whole history finds."""
    spoilt = with_row(CHAIN_OF_IT, LINE, bid=9.0, ask=8.0)
    # Wednesday repeats Tuesday
    tuesday = spoilt.filter(pl.col("date") == TUESDAY).with_columns(date=pl.lit(WEDNESDAY))
    whole = pl.concat([spoilt.filter(pl.col("date") < WEDNESDAY), tuesday])
    at_once, before = judge(whole, ground()), empty("chain")
    dropped = [gate for gate, told in GATES.items() if told.dropped]
    for day in DAYS_OF_IT:
        judged = judge(whole.filter(pl.col("date") == day), ground(before=before))
        assert judged.chain.equals(at_once.chain.filter(pl.col("date") == day))
        one = at_once.days.filter(pl.col("date") == day)
        assert judged.days.drop("copied").equals(one.drop("copied"))
        before = judged.chain.filter(~pl.col("gate").is_in(dropped).fill_null(value=False))
    assert judged.days["copied"].item() == 1.0


PRICES = st.sampled_from([None, math.nan, -1.0, 0.0, 0.01, 0.055, 5.0, 90.0, 500.0, math.inf])


@given(
    st.lists(st.tuples(st.integers(0, CHAIN_OF_IT.height - 1), PRICES, PRICES, PRICES), max_size=8),
    st.sampled_from([CHAIN_OF_IT, last_prices(CHAIN_OF_IT)]),
)
def test_no_row_is_lost_and_every_row_is_counted(
    spoils: list[tuple[int, float | None, float | None, float | None]], frame: pl.DataFrame
) -> None:
    for line, bid, ask, last in spoils:
        frame = with_row(frame, line, bid=bid, ask=ask, last=last)
    judged = judge(frame, ground())
    assert judged.chain.drop("gate").equals(frame, null_equal=True)
    assert judged.chain.schema == CHAIN | {"gate": judged.chain.schema["gate"]}
    found = judged.chain.filter(pl.col("gate").is_not_null())
    dropped = [gate for gate, told in GATES.items() if told.dropped]
    assert judged.days["rows"].sum() == frame.height
    assert judged.days["dropped"].sum() == found.filter(pl.col("gate").is_in(dropped)).height
    assert set(found["line"]) <= {line for line, *_ in spoils}
