"""Copies of the day before, and what only looks like one."""

from datetime import date

import polars as pl

from market.gates.quotes import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    gates,
    ground,
    judge,
    last_prices,
    quotes,
)

FRESH = quotes([MONDAY, TUESDAY, WEDNESDAY])


def copied_to(frame: pl.DataFrame, source: date, target: date) -> pl.DataFrame:
    """The chain with one day's rows written again under another date."""
    copy = frame.filter(pl.col("date") == source).with_columns(date=pl.lit(target))
    others = frame.filter(pl.col("date") != target)
    return pl.concat([others, copy]).sort("date", "root", "right", "expiry", "strike")


def test_t30_a_day_that_repeats_the_one_before_goes() -> None:
    stale = copied_to(FRESH, MONDAY, TUESDAY)
    assert gates(stale) == {"stale": 84}
    assert judge(stale, ground()).days["copied"].to_list() == [None, 1.0, 0.0]


def test_it_is_told_of_last_prices_too() -> None:
    assert gates(last_prices(copied_to(FRESH, MONDAY, TUESDAY))) == {"stale": 84}


def test_a_copy_on_a_holiday_is_told_as_both() -> None:
    thursday, good_friday = date(2025, 4, 17), date(2025, 4, 18)
    frame = copied_to(quotes([thursday], [date(2025, 5, 2)]), thursday, good_friday)
    judged = judge(frame, ground())
    assert set(judged.chain.filter(pl.col("date") == good_friday)["gate"]) == {"not_session"}
    assert judged.days.select("session", "copied").rows() == [(True, None), (False, 1.0)]


def test_nine_in_ten_are_a_copy_and_fewer_are_a_quiet_day() -> None:
    stale = copied_to(FRESH, MONDAY, TUESDAY)
    for alive, found in ((8, {"stale": 84}), (9, {})):
        hit = (pl.col("date") == TUESDAY) & (pl.col("line") < alive)
        moved = stale.with_columns(volume=pl.when(hit).then(999).otherwise("volume"))
        assert gates(moved.cast({"volume": pl.Int32})) == found


def test_contracts_that_nobody_quotes_do_not_make_a_copy() -> None:
    dead = quotes([MONDAY, TUESDAY]).with_columns(
        bid=pl.lit(0.0), ask=pl.lit(0.0), volume=pl.lit(0, pl.Int32)
    )
    judged = judge(dead, ground())
    assert judged.days["copied"].to_list() == [None, None]
    assert set(judged.chain["gate"]) == {"no_quote"}


def test_nineteen_contracts_say_nothing_of_a_day() -> None:
    for strikes, share in ((range(91, 100), None), (range(90, 100), 1.0)):
        few = quotes([MONDAY], [FRIDAY], strikes=strikes)
        judged = judge(copied_to(few, MONDAY, TUESDAY), ground())
        assert judged.days["copied"].to_list() == [None, share]
