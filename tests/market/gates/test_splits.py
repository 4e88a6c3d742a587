"""Splits, seen in strikes and spots, and what they leave behind.

OCC's way with a whole split: seven for one makes seven contracts of one, each strike a seventh,
rounded to the cent; with any other, the deliverable changes and the root gets a digit.
"""

import numpy as np
import polars as pl
import pytest

from market.gates.quotes import (
    FRIDAY,
    MONDAY,
    STRIKES,
    TUESDAY,
    WEDNESDAY,
    gates,
    ground,
    judge,
    last_prices,
    line_of,
    quotes,
    with_row,
)
from underwriter.market.gates.splits import whole_ratio
from underwriter.market.quality import DAY_GATES
from underwriter.market.schema import conform


def split(new: int, old: int) -> pl.DataFrame:
    row = {"underlying": "SYN", "date": TUESDAY, "new": new, "old": old, "line": 2}
    return conform("splits", pl.DataFrame([row]))


def after(ratio: float) -> pl.DataFrame:
    """A chain on Monday, and on Tuesday and Wednesday what a split leaves of it."""
    monday = quotes([MONDAY], spots=[700.0], strikes=range(600, 801, 10))
    strikes = [round(strike / ratio, 2) for strike in range(600, 801, 10)]
    level = 700.0 / ratio
    rest = quotes([TUESDAY, WEDNESDAY], spots=[level * 1.02, level], strikes=strikes)
    return pl.concat([monday, rest])


@pytest.mark.parametrize("ratio", [2, 4, 7, 20])
def test_t61_a_split_is_seen_in_strikes_and_spot(ratio: int) -> None:
    judged = judge(after(ratio), ground())
    assert judged.days["split_seen"].to_list() == [None, float(ratio), None]
    assert judged.days.filter(DAY_GATES["split"].found)["date"].to_list() == [TUESDAY]
    assert judged.chain["gate"].null_count() == judged.chain.height


def test_one_that_is_given_stands_beside_the_one_seen() -> None:
    judged = judge(after(7), ground(splits=split(7, 1)))
    assert judged.days.select("split_seen", "split_given").row(1) == (7.0, 7.0)
    assert judged.chain["gate"].null_count() == judged.chain.height


def test_a_crash_is_no_split() -> None:
    crash = quotes([MONDAY, TUESDAY], spots=[100.0, 66.0], strikes=range(40, 131, 2))
    assert judge(crash, ground()).days["split_seen"].to_list() == [None, None]


@pytest.mark.parametrize(("new", "old"), [(1, 8), (3, 2)])
def test_t60_contracts_that_an_odd_split_left_behind_go(new: int, old: int) -> None:
    """Old strikes stay under the same key with another deliverable; new ones are standard."""
    monday = quotes([MONDAY], spots=[100.0])
    tuesday = quotes([TUESDAY], spots=[100.0])
    listed = quotes([TUESDAY], spots=[100.0], strikes=[99, 101])
    frame = pl.concat([monday, tuesday, listed]).sort("date", "root", "right", "expiry", "strike")
    found = judge(frame, ground(splits=split(new, old))).chain
    gone = found.filter(gate="adjusted")
    assert gates(frame, ground(splits=split(new, old))) == {"adjusted": tuesday.height}
    assert set(gone["date"]) == {TUESDAY}
    assert not {99.0, 101.0} & set(gone["strike"])


def test_t61_contracts_that_are_listed_on_at_their_old_strikes_go() -> None:
    """A source may list a contract of before a split at its last price, put and call alike."""
    days, strikes = [TUESDAY], [*range(80, 121, 2)]
    live = quotes(days, spots=[100.0], strikes=strikes)
    dead = quotes(days, spots=[700.0], strikes=[7.0 * strike for strike in strikes])
    frame = pl.concat([live, dead.with_columns(spot=pl.lit(100.0))])
    frame = last_prices(frame).with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64))
    judged = judge(frame.sort("date", "root", "right", "expiry", "strike"), ground()).chain
    kept = judged.filter(pl.col("gate").is_null())
    assert kept.height == live.height
    assert kept["strike"].max() == max(strikes)
    old = judged.filter(gate="old_strike")
    assert old.height > strikes.index(102), "calls that no bound finds"
    assert set(old["right"]) == {"C"}


def test_strikes_listed_before_their_split_go_too() -> None:
    """The other way round the puts are cheap, and the calls are impossible."""
    now = quotes([TUESDAY], spots=[700.0], strikes=range(600, 801, 10))
    early = quotes([TUESDAY], spots=[101.0], strikes=range(86, 115, 2))
    frame = last_prices(pl.concat([now, early.with_columns(spot=pl.lit(700.0))]))
    judged = judge(frame.sort("date", "root", "right", "expiry", "strike"), ground()).chain
    assert judged.filter(gate="old_strike").height == early.height // 2
    assert judged.filter(pl.col("gate").is_null())["strike"].min() == 600.0


def test_a_price_of_days_before_is_no_old_strike() -> None:
    """A put that last traded when the share was two fifths higher; its call stays."""
    frame = last_prices(quotes([TUESDAY], spots=[100.0], strikes=[*STRIKES, 150]))
    line = line_of(frame, right="P", strike=150.0, expiry=FRIDAY)
    frame = with_row(frame, line, last=10.0)
    assert gates(frame) == {"below_intrinsic": 1}


def test_a_ratio_is_a_split_only_near_one() -> None:
    ratios = np.array([7.0, 1 / 7.01, 6.5, 1.0, 1.1, 2.1, 0.1, np.nan])
    expected = [7.0, 1 / 7, np.nan, np.nan, np.nan, np.nan, 0.1, np.nan]
    np.testing.assert_allclose(whole_ratio(ratios), expected)
