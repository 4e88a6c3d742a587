"""Spots: what stands beside the quotes against what the quotes imply."""

from datetime import date, timedelta

import polars as pl
import pytest

from market.gates.quotes import (
    FRIDAY,
    MONDAY,
    RATE,
    STRIKES,
    TUESDAY,
    ground,
    judge,
    last_prices,
    quotes,
)
from underwriter.market.instrument import Instrument
from underwriter.market.quality import DAY_GATES
from underwriter.market.schema import conform

CHAIN = quotes([MONDAY, TUESDAY])


def days(frame: pl.DataFrame, **known: object) -> list[dict[str, object]]:
    return judge(frame, ground(**known)).days.to_dicts()


def bars(**closes: float) -> pl.DataFrame:
    dates = {"monday": MONDAY, "tuesday": TUESDAY}
    rows = [{"underlying": "SYN", "date": dates[k], "close": v} for k, v in closes.items()]
    return conform("bars", pl.DataFrame(rows))


def test_t33_a_spot_of_another_hour_gives_way_to_parity() -> None:
    frame = CHAIN.with_columns(spot=pl.col("spot") - pl.when(date=TUESDAY).then(0.8).otherwise(0))
    monday, tuesday = days(frame)
    assert (monday["spot"], monday["spot_from"], monday["spot_off"]) == (100.0, "quoted", False)
    assert tuesday["spot_quoted"] == pytest.approx(100.2)
    assert tuesday["spot"] == pytest.approx(101.0, abs=0.05)
    assert tuesday["parity_gap"] == pytest.approx(0.8, abs=0.05)
    assert (tuesday["spot_from"], tuesday["spot_off"]) == ("parity", True)


def test_a_spot_within_the_spread_is_believed() -> None:
    assert [day["spot_from"] for day in days(CHAIN.with_columns(pl.col("spot") + 0.02))] == [
        "quoted",
        "quoted",
    ]


def test_no_spot_is_parity_s_and_is_not_called_wrong() -> None:
    monday, _ = days(CHAIN.with_columns(spot=pl.lit(None, pl.Float64)))
    assert monday["spot"] == pytest.approx(100.0, abs=0.05)
    assert (monday["spot_quoted"], monday["spot_from"], monday["spot_off"]) == (
        None,
        "parity",
        False,
    )


def test_the_close_of_the_bar_stands_in_for_a_spot() -> None:
    silent = CHAIN.with_columns(spot=pl.lit(None, pl.Float64))
    monday, tuesday = days(silent, bars=bars(monday=100.01))
    assert (monday["spot"], monday["spot_from"]) == (100.01, "quoted")
    assert tuesday["spot_from"] == "parity"


def test_t88_a_history_adjusted_for_a_split_is_named() -> None:
    silent = CHAIN.with_columns(spot=pl.lit(None, pl.Float64))
    judged = judge(silent, ground(bars=bars(monday=100.0 / 7.0)))
    monday = judged.days.row(0, named=True)
    assert monday["spot"] == pytest.approx(100.0, abs=0.05)
    assert (monday["spot_scale"], monday["spot_off"]) == (7.0, True)
    assert judged.days.filter(DAY_GATES["spot_scaled"].found)["date"].to_list() == [MONDAY]
    assert judged.chain["gate"].null_count() == judged.chain.height


def test_a_dividend_explains_a_stock_s_parity_and_not_an_index_s() -> None:
    """A forward that is 0.7% low by a dividend: 100.0 is the stock's price, 99.3 parity's."""
    frame = quotes([MONDAY], spots=[99.3]).with_columns(spot=pl.lit(100.0))
    stock = {"SYN": Instrument("SYN", "SYN", "american", "physical")}
    assert days(frame, instruments=stock)[0]["spot_from"] == "quoted"
    assert days(frame)[0]["spot_from"] == "parity"


def test_last_prices_of_a_day_are_not_held_to_its_close() -> None:
    moved = last_prices(CHAIN).with_columns(pl.col("spot") * 1.015)
    assert {day["spot_from"] for day in days(moved)} == {"quoted"}
    far = last_prices(CHAIN).with_columns(pl.col("spot") * 1.10)
    assert {day["spot_from"] for day in days(far)} == {"parity"}


def test_the_last_day_of_a_series_says_nothing_of_the_spot() -> None:
    ended = quotes([FRIDAY], [FRIDAY]).with_columns(spot=pl.lit(93.0))
    assert days(ended)[0]["spot"] == 93.0


def test_nobody_who_says_is_told() -> None:
    mute = quotes([MONDAY]).filter(right="C").with_columns(spot=pl.lit(None, pl.Float64))
    judged = judge(mute, ground())
    assert judged.days["spot"].to_list() == judged.days["spot_from"].to_list() == [None]
    assert judged.days.filter(DAY_GATES["spotless"].found).height == 1


def test_premiums_in_coin_are_left_to_themselves() -> None:
    coin = {"SYN": Instrument("SYN", "SYN", "european", "coin")}
    prices = [(pl.col(name) / 10_000).alias(name) for name in ("bid", "ask", "last")]
    frame = quotes([MONDAY], strikes=STRIKES).with_columns(prices)
    judged = judge(frame, ground(instruments=coin))
    assert judged.chain["gate"].null_count() == frame.height
    assert judged.days["spot_from"].to_list() == ["quoted"]


def test_sessions_without_rows_are_counted() -> None:
    before = quotes([MONDAY])
    friday = quotes([FRIDAY], [date(2025, 3, 14)])
    assert [day["missed"] for day in days(friday, before=before)] == [3]
    found = judge(friday, ground(before=before)).days
    assert found.filter(DAY_GATES["gap"].found)["date"].to_list() == [FRIDAY]


def test_forwards_are_carried_at_the_bill_rate_as_of_the_day() -> None:
    """By a rate that the quotes were not made of, the true spot would be called wrong."""
    far = quotes([MONDAY, TUESDAY], expiries=[date(2025, 12, 19)])
    told = pl.DataFrame({"series": "DTB3", "date": [MONDAY], "value": [RATE * 100.0]})
    bills = conform("levels", told)
    wild = {"rate": RATE + 0.05}
    assert [day["spot_off"] for day in days(far, **wild)] == [True, True]
    assert [day["spot_off"] for day in days(far, bills=bills, **wild)] == [False, False]
    later = bills.with_columns(pl.lit(TUESDAY).alias("date"))
    assert [day["spot_off"] for day in days(far, bills=later, **wild)] == [True, False]
    old = bills.with_columns(pl.lit(MONDAY - timedelta(days=36)).alias("date"))
    assert [day["spot_off"] for day in days(far, bills=old, **wild)] == [True, True]
