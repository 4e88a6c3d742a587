"""Gates on series: what they notice, and what they let pass."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from market import cboe
from underwriter.core.units import day_number
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.schema import Kind, conform, empty
from underwriter.market.series_quality import (
    SERIES_GATES,
    Finding,
    bar_findings,
    dividend_findings,
    hidden_splits,
    level_findings,
    off_fractions,
    off_steps,
    run_begins,
    taken_out,
    total_return_doubts,
)
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask


def test_the_total_return_of_january_2016_is_noticed_and_nothing_else(shared: Path) -> None:
    # ../shared's own note: the month-end SPTR of 2016-01-29 is 2.5% too low
    total, price = cboe.strategy(shared, "SPTR"), cboe.strategy(shared, "SPX")
    days = np.array([day_number(day) for day in total], np.int32)
    found = total_return_doubts(days, np.array([*price.values()]), np.array([*total.values()]))
    assert [one.day for one in found] == [day_number(date(2016, 1, 29))]
    assert found[0].part == pytest.approx(-0.025, abs=0.003)


def monthly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days = np.arange(16436, 16436 + 30 * 24, 30, dtype=np.int32)
    price = 2000.0 + 50.0 * np.sin(np.arange(24))
    return days, price, price * 1.02 ** ((days - days[0]) / 365.0)


def test_two_percent_of_dividends_raise_no_doubt() -> None:
    assert not total_return_doubts(*monthly())


@pytest.mark.parametrize("part", [-0.02, 0.02])
def test_one_wrong_level_is_told_once(part: float) -> None:
    days, price, total = monthly()
    total[10] *= 1.0 + part
    (found,) = total_return_doubts(days, price, total)
    assert found.day == days[10]
    assert found.part == pytest.approx(part, abs=0.003)


def test_a_level_that_stays_off_is_told_on_the_day_it_departs() -> None:
    days, price, total = monthly()
    total[10:] *= 0.97
    (found,) = total_return_doubts(days, price, total)
    assert found.day == days[10]


# --- bars and levels -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))


def sessions(calendar: Calendar, first: date, count: int) -> np.ndarray:
    start = int(np.searchsorted(calendar.sessions, day_number(first)))
    return calendar.sessions[start : start + count]


def bars(day: np.ndarray, close: np.ndarray, **sides: np.ndarray) -> pl.DataFrame:
    dates = pl.Series(day, dtype=pl.Int32).cast(pl.Date)
    lines = range(len(day))
    frame = pl.DataFrame({"date": dates, "close": close, "line": lines, **sides})
    return conform("bars", frame.with_columns(underlying=pl.lit("X")))


def levels(day: np.ndarray, value: np.ndarray, series: str = "PUT") -> pl.DataFrame:
    dates = pl.Series(day, dtype=pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({"date": dates, "value": value, "line": range(len(day))})
    return conform("levels", frame.with_columns(series=pl.lit(series)))


def split(day: date, new: int, old: int) -> pl.DataFrame:
    row = {"underlying": ["X"], "date": [day], "new": [new], "old": [old]}
    return conform("splits", pl.DataFrame(row))


def wave(count: int, around: float = 100.0) -> np.ndarray:
    return np.round(around * (1.0 + 0.02 * np.sin(np.arange(count) * 0.7)), 2)


def test_a_bar_on_a_holiday_is_taken_out(calendar: Calendar) -> None:
    days = ["2026-05-22", "2026-05-25", "2026-05-26", "2026-06-19", "2026-06-20"]  # xnys: holidays
    frame = bars(np.array(days, "datetime64[D]").astype(np.int32), wave(5))
    out = taken_out("bars", frame, calendar)
    assert out.to_list() == [None, "no_session", None, "no_session", "no_session"]


def test_points_before_the_first_run_of_days_are_taken_out(calendar: Calendar) -> None:
    # Cboe's file of PUT: six points of scattered days, then every day from 2007
    early = [sessions(calendar, date(1990 + 2 * n, 6, 1), 1)[0] for n in range(6)]
    day = np.concatenate([early, sessions(calendar, date(2007, 1, 3), 40)])
    frame = pl.concat([levels(day, wave(46)), levels(day[6:], wave(40), "BXM")])
    out = taken_out("levels", frame.reverse(), calendar).reverse()
    assert out.to_list() == ["scattered"] * 6 + [None] * 80
    assert SERIES_GATES["scattered"].dropped


def test_monthly_series_have_no_run_and_lose_nothing(calendar: Calendar) -> None:
    day = np.arange(0, 3000, 30, dtype=np.int32) + 12_000
    assert taken_out("levels", levels(day, wave(100)), calendar).null_count() == 100
    assert level_findings(levels(day, wave(100)), calendar) == []
    assert run_begins(day) == day[0]
    assert run_begins(day[:3]) == day[0]


def test_other_kinds_lose_nothing(calendar: Calendar) -> None:
    assert taken_out("splits", split(date(2014, 6, 9), 7, 1), calendar).to_list() == [None]
    assert taken_out("bars", empty("bars"), calendar).to_list() == []
    assert taken_out("levels", empty("levels"), calendar).to_list() == []
    assert bar_findings(empty("bars"), empty("splits"), calendar) == []
    assert level_findings(empty("levels"), calendar) == []


def test_missing_sessions_are_told_on_the_day_after_them(calendar: Calendar) -> None:
    day = sessions(calendar, date(2020, 1, 2), 60)
    kept = np.delete(day, [10, 11, 30])
    found = bar_findings(bars(kept, wave(60)[: len(kept)]), empty("splits"), calendar)
    assert found == [Finding("gap", int(day[12]), 2.0), Finding("gap", int(day[31]), 1.0)]


def test_what_lies_outside_the_calendar_has_no_gap(calendar: Calendar) -> None:
    day = np.arange(0, 60, dtype=np.int32)  # 1970
    assert level_findings(levels(day, wave(60)), calendar) == []
    assert level_findings(levels(day[:2], wave(2)), calendar) == []


def test_a_value_that_leaves_and_is_back_is_told(calendar: Calendar) -> None:
    day, value = sessions(calendar, date(2020, 1, 2), 80), wave(80)
    value[40] *= 1.5
    (found,) = level_findings(levels(day, value), calendar)
    assert (found.gate, found.day) == ("spike", day[40])
    assert found.value == pytest.approx(0.5, abs=0.03)
    value[41:] *= 1.5  # what stays is no spike
    assert level_findings(levels(day, value), calendar) == []


def test_bars_that_do_not_hold_together_are_told(calendar: Calendar) -> None:
    day, close = sessions(calendar, date(2020, 1, 2), 30), wave(30)
    sides = {"open": close + 0.01, "high": close + 1.0, "low": close - 1.0}
    sides["high"] = np.where(np.arange(30) == 5, close - 0.5, sides["high"])
    found = bar_findings(bars(day, close, **sides), empty("splits"), calendar)
    assert found == [Finding("disordered", int(day[5]), close[5])]


def test_opens_that_are_the_close_before_are_told_by_year(calendar: Calendar) -> None:
    # free files of the S&P 500 have them on most days of the 1990s
    day = sessions(calendar, date(1999, 1, 4), 300)
    close = wave(300)
    opens = np.where(day < day_number(date(2000, 1, 1)), np.append(1.0, close[:-1]), close + 0.01)
    index = bars(day, close, open=opens).with_columns(underlying=pl.lit("SPX"))
    (found,) = bar_findings(index, empty("splits"), calendar)
    assert (found.gate, found.day) == ("stale_open", day[0])
    assert found.value > 0.95


@pytest.mark.parametrize(("new", "old"), [(7, 1), (4, 1), (3, 2), (1, 8)])
def test_a_known_split_that_closes_do_not_show_is_told(
    calendar: Calendar, new: int, old: int
) -> None:
    day, adjusted = sessions(calendar, date(2014, 5, 1), 60), wave(60, 1000.0)
    when = int(day[30])
    known = split(date.fromordinal(date(1970, 1, 1).toordinal() + when), new, old)
    assert hidden_splits(day, adjusted, known) == [Finding("hidden_split", when, new / old)]
    traded = np.where(np.arange(60) < 30, adjusted * new / old, adjusted)
    assert hidden_splits(day, traded, known) == []
    assert hidden_splits(day[31:], adjusted[31:], known) == []  # before the first value


def test_yahoos_dividends_without_its_splits_are_told() -> None:
    known = split(date(2014, 6, 9), 7, 1)
    dates = [date(2014, 2, 6), date(2014, 5, 8), date(2014, 8, 7)]
    declared = pl.DataFrame({"ex_date": dates, "amount": [3.05, 3.29, 0.47]})
    yahoos = declared.with_columns(amount=pl.Series([0.108929, 0.1175, 0.1175]))
    assert dividend_findings(declared, known) == []
    (found,) = dividend_findings(yahoos, known)
    assert found == Finding("hidden_split", day_number(date(2014, 6, 9)), 7.0)


def test_prices_that_nobody_could_quote_are_told(calendar: Calendar) -> None:
    traded = np.array([43.938, 44.34375, 100.01, 7.0, 0.0001])
    assert off_steps(traded) == 0.0
    assert off_steps(np.append(traded, np.nan)) == 0.0
    assert off_steps(np.array([])) == 0.0
    day, adjusted = sessions(calendar, date(2020, 1, 2), 60), wave(60) * 0.548911
    assert off_steps(adjusted) > 0.8
    (found,) = bar_findings(bars(day, adjusted), empty("splits"), calendar)
    assert (found.gate, found.day) == ("off_steps", day[0])


def test_prices_before_decimals_that_are_no_fractions_are_told(calendar: Calendar) -> None:
    day = sessions(calendar, date(2000, 1, 3), 60)
    traded = np.round(np.round(wave(60) * 32) / 32, 2)
    adjusted = np.round(traded * 0.8312, 2)
    assert off_fractions(day, traded) == 0.0
    assert off_fractions(day, adjusted) > 0.5
    assert off_fractions(day[1:], adjusted[1:]) == 0.0  # too few to say
    assert off_fractions(sessions(calendar, date(2001, 1, 29), 60), adjusted) == 0.0
    (found,) = bar_findings(bars(day, adjusted), empty("splits"), calendar)
    assert (found.gate, found.day) == ("off_steps", day[0])
    index = bars(day, adjusted).with_columns(underlying=pl.lit("SPX"))
    assert bar_findings(index, empty("splits"), calendar) == []


# --- the real files ------------------------------------------------------------------------------


def real(path: Path, kind: str) -> pl.DataFrame:
    parts = [part.frame for part in recognise(path).read(path, Ask()) if part.kind == kind]
    return pl.concat(parts)


def on(*days: str) -> list[int]:
    return [day_number(date.fromisoformat(day)) for day in days]


def test_the_gap_of_vvix_in_2006(shared: Path, calendar: Calendar) -> None:
    frame = real(shared / "data/cboe_indices/VVIX_History.csv", "levels")
    out = taken_out("levels", frame, calendar)
    assert frame.filter(out == "scattered")["date"].max() == date(2006, 5, 1)
    assert out.len() - out.null_count() == 10
    found = level_findings(frame.filter(out.is_null()), calendar)
    assert [each.day for each in found if each.gate == "gap"][:1] == on("2006-07-24")


@pytest.mark.parametrize("name", ["VIX", "VIX3M", "VIX9D"])
def test_whole_real_indices_lose_nothing_and_have_no_spike(
    shared: Path, calendar: Calendar, name: str
) -> None:
    frame = real(shared / f"data/cboe_indices/{name}_History.csv", "levels")
    assert taken_out("levels", frame, calendar).null_count() == frame.height
    assert {each.gate for each in level_findings(frame, calendar)} <= {"gap"}


def test_real_closes_on_holidays_are_taken_out(shared: Path, calendar: Calendar) -> None:
    # ../shared/data/README.md: 05-25, 06-19 and 07-03 are stale
    frame = real(shared / "data/us_option_last_2026/underlying_close.csv", "bars")
    stale = frame.filter(taken_out("bars", frame, calendar) == "no_session")
    days = [date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3)]
    assert stale["date"].unique().sort().to_list() == days


def test_real_closes_of_qqq_named_unadjusted_are_split_adjusted(
    shared: Path, calendar: Calendar
) -> None:
    frame = real(shared / "data/etf_daily/QQQ_price_unadjusted.csv", "bars")
    splits = real(shared / "data/lean_equity_daily/factor_files/qqq.csv", "splits")
    found = bar_findings(frame, splits, calendar)
    hidden = [each for each in found if each.gate == "hidden_split"]
    assert hidden == [Finding("hidden_split", on("2000-03-20")[0], 2.0)]


def test_real_closes_of_apple_with_dividends_inside_hide_its_splits(
    shared: Path, calendar: Calendar
) -> None:
    wide = real(shared / "data/large_caps/sp500_dataset.csv.gz", "bars")
    splits = real(shared / "data/lean_equity_daily/factor_files/aapl.csv", "splits")
    found = bar_findings(wide.filter(underlying="AAPL"), splits, calendar)
    hidden = [each.day for each in found if each.gate == "hidden_split"]
    assert hidden == on("2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31")


def test_real_closes_with_dividends_inside_lie_between_the_fractions(
    shared: Path, calendar: Calendar
) -> None:
    """large_caps: adjusted, all but AMD's, which paid no dividend in those years."""
    wide = real(shared / "data/large_caps/sp500_dataset.csv.gz", "bars")
    told = {
        name
        for (name,), rows in wide.partition_by("underlying", as_dict=True).items()
        if "off_steps" in {each.gate for each in bar_findings(rows, empty("splits"), calendar)}
    }
    assert len(told) == wide["underlying"].n_unique() - 1
    assert "AMD" not in told


def test_real_closes_as_traded_show_every_split(shared: Path, calendar: Calendar) -> None:
    folder = shared / "data/lean_equity_daily"
    for name in ("aapl", "ibm", "bac", "aig", "iwm", "qqq", "eem", "uso"):
        frame = real(folder / f"daily/{name}.zip", "bars")
        splits = real(folder / f"factor_files/{name}.csv", "splits")
        found = bar_findings(frame, splits, calendar)
        assert not {each.gate for each in found} & {"hidden_split", "off_steps", "disordered"}


def test_googles_false_close_of_september_2008_is_told(shared: Path, calendar: Calendar) -> None:
    # erroneous orders in the last minutes: 341.43 was printed, Nasdaq's corrected close is 400.52
    frame = real(shared / "data/lean_equity_daily/daily/goog.zip", "bars")
    found = bar_findings(frame, empty("splits"), calendar)
    assert [each.day for each in found if each.gate == "spike"] == on("2008-09-30")


@pytest.mark.parametrize("kind", ["dividends", "splits", "instruments"])
def test_the_other_kinds_lose_nothing_row_by_row(kind: Kind, calendar: Calendar) -> None:
    """A value for each row, however many there are."""
    rows = pl.concat([empty(kind), pl.DataFrame({"line": [2, 3, 4]})], how="diagonal_relaxed")
    assert taken_out(kind, rows, calendar).to_list() == [None, None, None]
