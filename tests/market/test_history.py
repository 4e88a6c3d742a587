"""Histories: what is read, and what is refused with which line.

Expected figures are written out in the files that the tests make.  The real files of ../shared
are read where they lie beside the project; their counts are those of ../shared/data/README.md.
"""

import gzip
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.market.dates import read_days
from underwriter.market.history import (
    Bars,
    Levels,
    as_of,
    rates_from_bills,
    read_bars,
    read_levels,
    read_volatility,
)

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def written(folder: Path, text: str, name: str = "h.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def bars(folder: Path, text: str) -> Bars:
    return read_bars(written(folder, text))


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_bars(written(folder, text))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(folder / "h.csv"))
    return message.removeprefix(str(folder / "h.csv"))


def test_bars_with_open_high_low(tmp_path: Path) -> None:
    found = bars(
        tmp_path,
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        "1/4/1999,1229.22,1248.81,1219.10,1228.10,1200.5,877000000\n"
        "1/5/1999,1228.10,1246.11,1228.10,1244.78,1201.5,775000000\n",
    )
    assert found.day.tolist() == [day("1999-01-04"), day("1999-01-05")]
    assert found.day.dtype == np.int32
    assert found.open.tolist() == [1229.22, 1228.10]
    assert found.high.tolist() == [1248.81, 1246.11]
    assert found.low.tolist() == [1219.10, 1228.10]
    assert found.close.tolist() == [1228.10, 1244.78]
    assert found.disordered == 0


def test_bars_without_open_high_low(tmp_path: Path) -> None:
    found = bars(tmp_path, "DATE,SP500\n2020-01-02,3257.85\n2020-01-03,3234.85\n")
    assert found.close.tolist() == [3257.85, 3234.85]
    assert np.isnan(found.open).all()
    assert np.isnan(found.high).all()
    assert np.isnan(found.low).all()


def test_a_blank_open_is_absent_and_disorder_is_counted(tmp_path: Path) -> None:
    found = bars(
        tmp_path,
        "date,open,high,low,close\n"
        "2020-01-02,,11,9,10\n"
        "2020-01-03,10,9.5,9,9.2\n"  # a high below the open
        "2020-01-06,10,11,10.5,10.7\n",  # a low above the open
    )
    assert np.isnan(found.open).tolist() == [True, False, False]
    assert found.disordered == 2


@pytest.mark.parametrize(
    ("header", "row", "close"),
    [
        ("Date,Adj Close,Close", "2020-01-02,9,10", 10.0),
        ("date,value", "2020-01-02,10", 10.0),
        ("time,open,close", "2020-01-02,9,10", 10.0),
        ("Date,Adj Close", "2020-01-02,10", 10.0),
        ("Date,Close/Last,Volume", "2020-01-02,$10.00,77", 10.0),
        ("observation_date,SP500", "2020-01-02,10", 10.0),
        ("Date;Close", "2020-01-02;10", 10.0),
        ("\ufeffDate,Close", "2020-01-02,10", 10.0),
        ('"Date","Price"', '"Jan 02, 2020","2,506.85"', 2506.85),
        ("A title\nand a notice\nDate,Close", "2020-01-02,10", 10.0),
        ("Date,Close", "2020-01-02 16:00:00,1e1", 10.0),
    ],
)
def test_the_column_that_is_taken(tmp_path: Path, header: str, row: str, close: float) -> None:
    found = bars(tmp_path, f"{header}\n{row}\n")
    assert found.close.tolist() == [close]
    assert found.day.tolist() == [day("2020-01-02")]


def test_a_gzipped_file_reads_alike_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "h.dat"
    path.write_bytes(gzip.compress(b"date,close\r\n2020-01-02,10\r\n\r\n"))
    assert read_bars(path).close.tolist() == [10.0]


TWO = "date,close\n2020-01-02,10\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ", line 1: found an empty file; expected a header and rows"),
        ("date,close\n", ": found a header and no rows; expected a history of some days"),
        ("a,b\n1,2\n", ", line 1: found no date column in 'a,b'; expected a header"),
        ("date,a,b\n2020-01-02,1,2\n", ": found columns date, a, b; expected one named close"),
        (TWO + "later,11\n", ", line 3, column date: found 'later'; expected a date such as"),
        (TWO + ",11\n", ", line 3, column date: found ''; expected a date such as"),
        (TWO + "2020-02-30,11\n", ", line 3, column date: found '2020-02-30'; expected a date"),
        (TWO + "2020-01-02,11\n", ", line 3, column date: found '2020-01-02', the same day again"),
        (TWO + "2020-01-01,11\n", ", line 3, column date: found '2020-01-01', a day before that"),
        (TWO + "2020-01-03,NaN\n", ", line 3, column close: found 'NaN'; expected a number above"),
        (TWO + "2020-01-03,.\n", ", line 3, column close: found '.'; expected a number above"),
        (TWO + "2020-01-03,\n", ", line 3, column close: found ''; expected a number above zero"),
        (TWO + "2020-01-03\n", ", line 3, column close: found ''; expected a number above zero"),
        (TWO + "2020-01-03,ten\n", ", line 3, column close: found 'ten'; expected a number"),
        (TWO + "2020-01-03,1_0\n", ", line 3, column close: found '1_0'; expected a number"),
        (TWO + "2020-01-03,inf\n", ", line 3, column close: found 'inf'; expected a number"),
        (TWO + "2020-01-03,1e999\n", ", line 3, column close: found '1e999'; expected a number"),
        (TWO + "2020-01-03,-1\n", ", line 3, column close: found '-1'; expected a number above"),
        (TWO + "\n\n2020-01-03,0\n", ", line 5, column close: found '0'; expected a number above"),
        ("date,open,close\n2020-01-02,0,10\n", ", line 2, column open: found '0'; expected"),
        ("date,open,close\n2020-01-02,nan,10\n", ", line 2, column open: found 'nan'; expected"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    assert refusal(tmp_path, text).startswith(line)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file or directory; expected a file"):
        read_bars(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a directory; expected a file"):
        read_levels(tmp_path)
    damaged = tmp_path / "cut.csv.gz"
    damaged.write_bytes(gzip.compress(b"date,close\n2020-01-02,10\n")[:-9])
    with pytest.raises(InputError, match=r"cut\.csv\.gz: found damage .*; expected a whole"):
        read_bars(damaged)
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"date,close\n\xff\xfe")
    with pytest.raises(InputError, match="line 2: found byte 0xff, which is no UTF-8 text"):
        read_bars(binary)
    binary.write_bytes(b'date,close\n"' + b"x" * 200_000)
    with pytest.raises(InputError, match=r"line \d: found field larger than field limit"):
        read_bars(binary)


def test_levels_leave_out_and_count_missing_observations(tmp_path: Path) -> None:
    text = "Date,vix\n1/17/2014,12.44\n1/20/2014,.\n1/21/2014,12.87\n1/22/2014,\n"
    found = read_levels(written(tmp_path, text))
    assert found.day.tolist() == [day("2014-01-17"), day("2014-01-21")]
    assert found.value.tolist() == [12.44, 12.87]
    assert found.missing == 2


def test_levels_refuse_zero_unless_yields_may_be_so(tmp_path: Path) -> None:
    path = written(tmp_path, "date,value\n2020-03-25,0.00\n2020-03-26,-0.05\n")
    with pytest.raises(InputError, match=r"line 2, column value: found '0\.00'; expected"):
        read_levels(path)
    assert read_levels(path, positive=False).value.tolist() == [0.0, -0.05]


def test_levels_of_a_named_column(tmp_path: Path) -> None:
    path = written(tmp_path, "Date,BXM,PUT\n2020-01-02,1,2\n")
    assert read_levels(path, "PUT").value.tolist() == [2.0]
    with pytest.raises(InputError, match="found columns date, bxm, put; expected 'cndr'"):
        read_levels(path, "CNDR")


def test_a_series_without_any_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no value on any day; expected a history"):
        read_levels(written(tmp_path, "date,value\n2020-01-02,.\n"))


def test_the_last_value_on_or_before(tmp_path: Path) -> None:
    levels = read_levels(written(tmp_path, "date,value\n2020-01-02,5.27\n2020-01-06,4\n"))
    days = np.array([day("2020-01-02"), day("2020-01-05"), day("2020-01-06"), day("2020-02-01")])
    assert as_of(levels, days.astype(np.int32)).tolist() == [5.27, 5.27, 4.0, 4.0]
    assert rates_from_bills(levels, days.astype(np.int32)).tolist() == [0.0527, 0.0527, 0.04, 0.04]
    with pytest.raises(InputError, match="no value on or before 2020-01-01; expected days from"):
        as_of(levels, np.array([day("2020-01-01")], np.int32))


def test_bill_yields_that_are_not_percent_are_refused(tmp_path: Path) -> None:
    levels = read_levels(written(tmp_path, "date,value\n2020-01-02,527\n"))
    with pytest.raises(InputError, match="bill yield of 2020-01-02: found 527; expected percent"):
        rates_from_bills(levels, np.array([day("2020-01-02")], np.int32))


# --- dates ---------------------------------------------------------------------------------------

FORMATS = [
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%d-%b-%Y", "%d-%B-%Y", "%d %b %Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%Y-%b-%d"),
]


@given(
    st.sampled_from(FORMATS), st.dates(date(1970, 1, 1), date(2038, 12, 31)), st.integers(20, 80)
)
def test_a_column_of_consecutive_days_reads_back_in_every_format(
    form: str, start: date, count: int
) -> None:
    days = [start + timedelta(days=step) for step in range(count)]
    found = read_days([one.strftime(form) for one in days])
    assert found.bad == -1
    assert found.day.tolist() == [day_number(one) for one in days]


@given(
    st.sampled_from(["%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"]),
    st.dates(date(1970, 1, 1), date(2038, 12, 31)),
)
def test_leading_zeros_may_be_left_out(form: str, start: date) -> None:
    days = [start + timedelta(days=step) for step in range(40)]
    texts = [re.sub(r"\b0", "", one.strftime(form)) for one in days]
    assert read_days(texts).day.tolist() == [day_number(one) for one in days]


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["03/04/2015"], ["2015-03-04"]),  # both fit: month first
        (["03/04/2015", "13/04/2015"], ["2015-04-03", "2015-04-13"]),  # no month 13
        (["03/04/2015", "04/13/2015"], ["2015-03-04", "2015-04-13"]),
        (["05/01/2015", "06/01/2015", "01/02/2015"], ["2015-01-05", "2015-01-06", "2015-02-01"]),
        (["3/4/15"], ["2015-03-04"]),
        (["03.04.2015"], ["2015-04-03"]),  # dotted: day first
        (["1/4/99", "1/5/02"], ["1999-01-04", "2002-01-05"]),  # POSIX two-digit years
        (["4-Sept-2015"], ["2015-09-04"]),
        (["March 4 2015"], ["2015-03-04"]),
    ],
)
def test_the_whole_column_decides(texts: list[str], days: list[str]) -> None:
    assert read_days(texts).day.tolist() == [day(one) for one in days]


@pytest.mark.parametrize(
    "text",
    [
        *("", "2015", "2015-03", "2015-13-01", "20151301", "2015-02-29", "31/04/2015", "0/1/2015"),
        *("4-Foo-2015", "Mar-Apr-2015", "4-5-Mar", "2015-3-4-5", "1.5", "123/4/2015", "3/4/015"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert read_days(["2015-03-04", text]).bad >= 0
    assert read_days([text]).bad == 0


# --- the real files ------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared market data lie beside the project")
@pytest.mark.parametrize(
    ("file", "first", "last"),
    [
        ("cboe_indices/VIX_History.csv", "1990-01-02", "2026-07-22"),
        ("cboe_indices/VVIX_History.csv", "2006-03-06", "2026-07-22"),
        ("cboe_indices/BXM_daily_2002-2018.csv", "2002-03-22", "2018-12-31"),
        ("rates/IRX_13week_tbill_daily.csv", "2000-01-03", "2026-08-20"),
        ("etf_daily/SPY_price_unadjusted.csv", "1993-01-29", "2026-08-20"),
        ("large_caps/sp500_index.csv.gz", "1990-01-02", "2022-12-28"),
    ],
)
def test_real_histories_are_read_whole(file: str, first: str, last: str) -> None:
    found = read_levels(SHARED / file, positive=False)
    assert (found.day[0], found.day[-1], found.missing) == (day(first), day(last), 0)


@pytest.mark.parametrize("cell", ["1000000.01", "1e300"])
def test_a_price_that_nothing_has_is_refused(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "spot.csv"
    path.write_text(f"date,close\n2015-01-02,100\n2015-01-05,{cell}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 3, column close: found .* at most 1,000,000"):
        read_bars(path)


@pytest.mark.parametrize("cell", ["0.14", "1.99", "200.01"])
def test_a_volatility_that_is_no_points_is_refused(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "vol.csv"
    path.write_text(f"date,close\n2015-01-02,14\n2015-01-05,{cell}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"2015-01-05: found .*; expected volatility in points"):
        read_volatility(path)


def test_a_value_stands_for_as_long_as_is_allowed() -> None:
    levels = Levels(np.array([10, 20], np.int32), np.array([1.0, 2.0]), 0)
    assert as_of(levels, np.array([17, 20, 27], np.int32), 7).tolist() == [1.0, 2.0, 2.0]
    with pytest.raises(InputError, match="found no value between 1970-01-11 and 1970-01-19"):
        as_of(levels, np.array([18], np.int32), 7)
