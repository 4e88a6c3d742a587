"""Dividends, splits, indices, rates, wide closes and LEAN's stocks: what is read, what is refused.

The real dividends of SPY are ../shared's table (ex-dates and cents a share as the fund declared);
Apple's splits are 2:1 on 2000-06-21 and 2005-02-28, 7:1 on 2014-06-09, 4:1 on 2020-08-31.
"""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from underwriter.core.errors import InputError
from underwriter.market.schema import SCHEMAS
from underwriter.market.sources.cboe_series import CBOE
from underwriter.market.sources.formats import FORMATS, recognise
from underwriter.market.sources.head import head_of
from underwriter.market.sources.source import Ask
from underwriter.market.sources.splits import simplest


def read(path: Path, name: str, **ask: str) -> dict[str, pl.DataFrame]:
    """The parts of a file by kind, read by the one format that recognises it."""
    found = recognise(path)
    assert found.name == name
    parts: dict[str, list[pl.DataFrame]] = {}
    for part in found.read(path, Ask(**ask)):
        assert part.frame.schema == SCHEMAS[part.kind]
        parts.setdefault(part.kind, []).append(part.frame)
    return {kind: pl.concat(frames) for kind, frames in parts.items()}


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refusal(path: Path, name: str, **ask: str) -> str:
    with pytest.raises(InputError) as caught:
        read(path, name, **ask)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


# --- dividends -----------------------------------------------------------------------------------


POLYGON = (
    "cash_amount,currency,declaration_date,dividend_type,ex_dividend_date,pay_date,ticker\n"
    "0.51,USD,,CD,2024-06-14,2024-07-01,KO\n0.485,USD,2024-02-15,CD,2024-03-14,,KO\n"
)
NASDAQ = (
    "Ex/EFF Date,Type,Cash Amount,Declaration Date,Record Date,Payment Date\n"
    "06/14/2024,Cash,$0.51,N/A,06/14/2024,07/01/2024\n"
)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        (
            POLYGON,
            [(date(2024, 6, 14), 0.51), (date(2024, 3, 14), 0.485)],
        ),
        (NASDAQ, [(date(2024, 6, 14), 0.51)]),
        ("Date,Dividends\n2024-06-14 00:00:00-04:00,0.51\n", [(date(2024, 6, 14), 0.51)]),
        ("ex_date,amount\n2024-06-14,0.51\n2024-06-17,0\n", [(date(2024, 6, 14), 0.51)]),
    ],
)
def test_dividends_as_vendors_write_them(
    tmp_path: Path, text: str, amounts: list[tuple[date, float]]
) -> None:
    frame = read(written(tmp_path, "KO.csv", text), "dividends")["dividends"]
    assert frame.select("ex_date", "amount").rows() == amounts
    assert frame["underlying"].unique().to_list() == ["KO"]
    assert frame["line"][0] == 2


def test_a_special_dividend_beside_a_regular_one_is_one_amount(tmp_path: Path) -> None:
    text = "ex_date,type,amount\n2024-06-14,CD,0.51\n2024-06-14,SC,1.5\n"
    frame = read(written(tmp_path, "KO.csv", text), "dividends")["dividends"]
    assert frame.rows() == [("KO", date(2024, 6, 14), 2.01, 2)]


def test_yahoos_actions_are_in_shares_of_the_day(tmp_path: Path) -> None:
    text = (
        "Date,Dividends,Stock Splits\n2014-05-08 00:00:00-04:00,0.1175,0.0\n"
        "2014-06-09 00:00:00-04:00,0.0,7.0\n2020-08-31 00:00:00-04:00,0.0,4.0\n"
    )
    found = read(written(tmp_path, "AAPL.csv", text), "dividends")
    assert found["dividends"]["amount"].to_list() == [pytest.approx(3.29)]
    assert found["splits"].select("new", "old").rows() == [(7, 1), (4, 1)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ex_date,amount\n2024-06-14,ten\n", ", line 2, column amount: found 'ten'; expected a"),
        (
            "ex_date,amount\n2024-06-14,1\n2024-06-14,1\n",
            ", line 3, column amount: found the row of line 2 again; expected each dividend once",
        ),
        (
            "pay_date,record_date,amount\n2024-06-14,2024-06-14,1\n",
            ", line 2, column pay_date: found the dates pay_date, record_date; expected one of",
        ),
        ("ex_date,amount\n,1\n", ", line 2, column ex_date: found ''; expected a date such as"),
    ],
)
def test_what_is_no_dividend_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(written(tmp_path, "KO.csv", text), "dividends").startswith(said)


def test_real_dividends_of_spy(shared: Path) -> None:
    frame = read(shared / "data/etf_daily/SPY_dividends.csv", "dividends")["dividends"]
    assert frame.filter(ex_date=date(2026, 6, 18))["amount"].to_list() == [1.903516]
    assert frame["ex_date"].min() == date(2007, 3, 16)
    assert frame.height == 78


# --- splits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "ratio"),
    [
        *(("7:1", (7, 1)), ("7/1", (7, 1)), ("7 for 1", (7, 1)), ("7-for-1", (7, 1))),
        *(("7", (7, 1)), ("7.0", (7, 1)), ("3:2", (3, 2)), ("1.5", (3, 2)), ("1:8", (1, 8))),
        *(("0.125", (1, 8)), ("0.33333", (1, 3)), ("1.0:0.5", (2, 1))),
    ],
)
def test_ratios_are_new_shares_to_old_ones(
    tmp_path: Path, cell: str, ratio: tuple[int, int]
) -> None:
    path = written(tmp_path, "X.csv", f"date,ratio\n2014-06-09,{cell}\n")
    frame = read(path, "splits")["splits"]
    assert frame.rows() == [("X", date(2014, 6, 9), *ratio, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "execution_date,split_from,split_to,ticker\n2014-06-09,1,7,AAPL\n",
        "date,new,old\n2014-06-09,7,1\n",
        "Date,Stock Splits\n2014-06-06 00:00:00-04:00,0.0\n2014-06-09 00:00:00-04:00,7.0\n",
    ],
)
def test_splits_as_vendors_write_them(tmp_path: Path, text: str) -> None:
    frame = read(written(tmp_path, "AAPL.csv", text), "splits")["splits"]
    assert frame.drop("line").rows() == [("AAPL", date(2014, 6, 9), 7, 1)]


def test_days_without_a_split_are_none(tmp_path: Path) -> None:
    path = written(
        tmp_path, "X.csv", "date,ratio\n2014-06-06,\n2014-06-09,1\n2014-06-10,2:1\n2014-06-11,1:1\n"
    )
    frame = read(path, "splits")["splits"]
    assert frame.rows() == [("X", date(2014, 6, 10), 2, 1, 4)]


@pytest.mark.parametrize("cell", ["seven", "7:0", "0:1", "1e9", "-2", "7:1:1"])
def test_what_is_no_ratio_is_refused(tmp_path: Path, cell: str) -> None:
    path = written(tmp_path, "X.csv", f"date,ratio\n2014-06-09,{cell}\n")
    said = f", line 2, column ratio: found '{cell}'; expected new shares for old ones, such as 7:1"
    assert refusal(path, "splits") == said


def test_rounded_ratios_are_the_fractions_they_mean() -> None:
    assert simplest(10.6667 / 7.11111022) == simplest(1.5) == simplest(1.499996)
    assert float(simplest(1.0 / 0.997307)) == pytest.approx(1.0 / 0.997307, rel=1e-5)


# --- indices and rates ---------------------------------------------------------------------------


def test_an_index_is_named_by_its_file_or_by_its_column(tmp_path: Path) -> None:
    bars = "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17.24,17.24,17.24,17.24\n"
    (row,) = read(written(tmp_path, "VIX_History.csv", bars), "cboe-series")["levels"].rows()
    assert row == ("VIX", date(1990, 1, 2), 17.24, 2)
    (row,) = read(written(tmp_path, "^VIX3M.csv", bars), "cboe-series")["levels"].rows()
    assert row[0] == "VIX3M"
    column = written(tmp_path, "levels.csv", "DATE,PUT\n03/04/2007,1000.5\n")
    assert read(column, "cboe-series")["levels"].rows() == [("PUT", date(2007, 3, 4), 1000.5, 2)]


def test_the_bars_of_an_underlying_are_no_index(tmp_path: Path) -> None:
    bars = "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,353,360,352,359.69\n"
    assert (
        read(written(tmp_path, "SPX_History.csv", bars), "bars")["bars"]["underlying"][0] == "SPX"
    )


def test_the_person_may_name_the_index(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17,17,17,17.24\n")
    (part,) = CBOE.read(path, Ask("vix"))
    assert part.frame.rows() == [("VIX", date(1990, 1, 2), 17.24, 2)]
    with pytest.raises(InputError, match="found columns high, low; expected close, or names of"):
        list(CBOE.read(written(tmp_path, "x.csv", "DATE,HIGH,LOW\n01/02/1990,17,17\n"), Ask()))
    path = written(tmp_path, "^.csv", "DATE,CLOSE\n01/02/1990,17\n")
    with pytest.raises(InputError, match="found no series in its name; expected --underlying"):
        list(CBOE.read(path, Ask()))


def test_many_indices_stand_in_one_file_with_blanks(tmp_path: Path) -> None:
    text = "Date,BXM,BXY,PUT,SPX\n1986-06-30,92.2,,89.9,250.84\n1986-07-31,88.9,100,88.1,236.12\n"
    frame = read(written(tmp_path, "wide.csv", text), "cboe-series")["levels"]
    counts = dict(frame.group_by("series").len().iter_rows())
    assert counts == {"BXM": 2, "BXY": 1, "PUT": 2, "SPX": 2}


@pytest.mark.parametrize(
    ("name", "text", "series"),
    [
        ("a.csv", "observation_date,DTB3\n2020-01-02,1.51\n2020-01-20,.\n", "DTB3"),
        ("a.csv", "DATE,DFF\n2020-01-02,1.51\n", "DFF"),
        ("a.csv", "date,tbill_13w_yield_pct\n2020-01-02,1.51\n", "IRX"),
        ("fred_DFF_daily.csv", "date,value\n2020-01-02,1.51\n", "DFF"),
        ("^IRX.csv", "Date,Open,High,Low,Close,Volume\n2020-01-02,1.5,1.5,1.5,1.51,0\n", "IRX"),
    ],
)
def test_rates_as_vendors_write_them(tmp_path: Path, name: str, text: str, series: str) -> None:
    frame = read(written(tmp_path, name, text), "rates")["levels"]
    assert frame.rows() == [(series, date(2020, 1, 2), 1.51, 2)]


def test_a_rate_that_is_no_percent_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "DATE,DTB3\n2020-01-02,151\n")
    said = ", line 2, column dtb3: found '151'; expected percent a year, such as 5.27"
    assert refusal(path, "rates") == said


@pytest.mark.parametrize(
    ("file", "series", "first", "value", "count"),
    [
        ("cboe_indices/VIX_History.csv", "VIX", date(1990, 1, 2), 17.24, 9234),
        ("cboe_indices/VIX3M_History.csv", "VIX3M", date(2009, 9, 18), 26.54, 4235),
        ("cboe_indices/VVIX_History.csv", "VVIX", date(2006, 3, 6), 71.73, 5066),
        ("cboe_indices/BXM_daily_2002-2018.csv", "BXM", date(2002, 3, 22), 584.3, 4223),
    ],
)
def test_real_indices(
    shared: Path, file: str, series: str, first: date, value: float, count: int
) -> None:
    frame = read(shared / "data" / file, "cboe-series")["levels"]
    assert frame.row(0)[:3] == (series, first, value)
    assert frame.height == count


def test_the_real_monthly_strategies(shared: Path) -> None:
    path = shared / "data/cboe_indices/strategy_indices_monthly_1986-2018.csv"
    frame = read(path, "cboe-series")["levels"]
    end = frame.filter(date=date(2018, 12, 31))
    values = dict(end.select("series", "value").iter_rows())
    assert (values["PUT"], values["BXM"], values["CNDR"]) == (1739.67, 1308.76, 710.94)
    assert frame.filter(series="BXY")["date"].min() == date(1988, 6, 30)


@pytest.mark.parametrize(
    ("file", "series", "count"),
    [("rates/IRX_13week_tbill_daily.csv", "IRX", 6682), ("rates/fred_DFF_daily.csv", "DFF", 26306)],
)
def test_real_rates(shared: Path, file: str, series: str, count: int) -> None:
    frame = read(shared / "data" / file, "rates")["levels"]
    assert frame["series"].unique().to_list() == [series]
    assert frame.height == count


# --- wide closes ---------------------------------------------------------------------------------

WIDE = "date,KO,BRK-B,GME\n2026-05-25,81.48,491.2,\n2026-05-26,80.46,492.0,18.04\n"


def test_a_column_a_symbol(tmp_path: Path) -> None:
    frame = read(written(tmp_path, "closes.csv", WIDE), "wide-closes")["bars"]
    rows = frame.select("underlying", "date", "close", "line").rows()
    assert rows[:2] == [("KO", date(2026, 5, 25), 81.48, 2), ("KO", date(2026, 5, 26), 80.46, 3)]
    assert rows[2][0] == "BRK.B"
    assert rows[4:] == [("GME", date(2026, 5, 26), 18.04, 3)]


def test_one_symbol_may_be_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "closes.csv", WIDE)
    assert read(path, "wide-closes", underlying="KO")["bars"].height == 2
    assert refusal(path, "wide-closes", underlying="F") == ": found no column F; expected it"


def test_real_closes(shared: Path) -> None:
    frame = read(shared / "data/us_option_last_2026/underlying_close.csv", "wide-closes")["bars"]
    spy = frame.filter(underlying="SPY")
    assert spy.height == 65
    assert spy.filter(date=date(2026, 8, 20))["close"].to_list() == [762.6]


def test_real_volatilities_in_the_same_layout_are_refused(shared: Path) -> None:
    path = shared / "data/large_caps/sp500_implied_vol_dataset.csv.gz"
    assert "values between all steps of price; expected closes" in refusal(path, "wide-closes")


# --- LEAN ----------------------------------------------------------------------------------------


def lean_zip(folder: Path, rows: str, name: str = "x") -> Path:
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{name}.csv", rows)
    return path


def test_leans_prices_are_ten_thousandths(tmp_path: Path) -> None:
    path = lean_zip(tmp_path, "19980102 00:00,136300,162500,135000,162500,6315000\n")
    (row,) = read(path, "lean-equity")["bars"].rows()
    assert row == ("X", date(1998, 1, 2), 13.63, 16.25, 13.5, 16.25, 6315000.0, 1)
    assert "found X by its name; expected Y" in refusal(path, "lean-equity", underlying="Y")


def test_leans_factors_are_dividends_and_splits(tmp_path: Path) -> None:
    # a dollar on a close of 100, then three for two: after Good Friday of 2014, and on a Monday
    rows = "20140102,0.9900000,0.66666667,1\n20140417,0.9900000,0.66666667,100\n"
    path = written(tmp_path, "x.csv", rows + "20140606,1,0.66666667,90\n20501231,1,1,0")
    found = read(path, "lean-factors")
    assert found["dividends"].rows() == [("X", date(2014, 4, 21), 1.0, 2)]
    assert found["splits"].rows() == [("X", date(2014, 6, 9), 3, 2, 3)]


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "20140102,0.99,1,1\n20140417,0.99,1\n")
    said = ", line 2: found 3 cells; expected 4: date, price factor, split factor, close"
    assert refusal(path, "lean-factors") == said


def test_real_dividends_of_spy_come_out_of_leans_factors(shared: Path) -> None:
    factors = read(shared / "data/lean_equity_daily/factor_files/spy.csv", "lean-factors")
    table = read(shared / "data/etf_daily/SPY_dividends.csv", "dividends")["dividends"]
    both = table.filter(pl.col("ex_date") < date(2021, 3, 31)).join(
        factors["dividends"], on="ex_date", how="left"
    )
    assert both.height == 57
    assert both["amount_right"].null_count() == 0
    error = (both["amount"] - both["amount_right"]).abs()
    assert error.max() < 0.01  # cents, where LEAN's source rounded: 2013 to 2018
    exact = both.filter(~pl.col("ex_date").dt.year().is_between(2013, 2018))
    assert (exact["amount"] - exact["amount_right"]).abs().max() < 5e-4
    assert factors["splits"].is_empty()


def test_real_splits_of_apple_come_out_of_leans_factors(shared: Path) -> None:
    found = read(shared / "data/lean_equity_daily/factor_files/aapl.csv", "lean-factors")
    assert found["splits"].select("date", "new", "old").rows() == [
        (date(2000, 6, 21), 2, 1),
        (date(2005, 2, 28), 2, 1),
        (date(2014, 6, 9), 7, 1),
        (date(2020, 8, 31), 4, 1),
    ]
    paid = found["dividends"].filter(ex_date=date(2014, 5, 8))["amount"].to_list()
    assert paid == [pytest.approx(3.29, abs=1e-3)]


def test_real_bars_of_apple_are_as_traded(shared: Path) -> None:
    frame = read(shared / "data/lean_equity_daily/daily/aapl.zip", "lean-equity")["bars"]
    assert frame.height == 5849
    around = frame.filter(pl.col("date").is_in([date(2014, 6, 6), date(2014, 6, 9)]))
    assert around["close"].to_list() == [645.57, 93.70]


# --- all of them ---------------------------------------------------------------------------------


def test_each_real_series_is_recognised_by_one_format(shared: Path) -> None:
    folders = ("cboe_indices", "rates", "etf_daily", "lean_equity_daily")
    files = [p for one in folders for p in (shared / "data" / one).rglob("*.*")]
    files = [path for path in files if "map_files" not in path.parts]
    assert len(files) == 42
    for path in files:
        assert len([each for each in FORMATS if each.recognises(head_of(path))]) == 1, path


def test_a_gzip_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "closes.csv.gz"
    path.write_bytes(gzip.compress(WIDE.encode()))
    assert read(path, "wide-closes")["bars"].height == 5
    path.write_bytes(gzip.compress(WIDE.encode() * 2000)[:-30])
    with pytest.raises(InputError, match="damage"):
        recognise(path).read(path, Ask()).__next__()


@pytest.mark.parametrize("name", ["dividends", "splits", "rates", "wide-closes", "cboe-series"])
def test_a_format_that_is_asked_for_says_what_it_misses(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "X.csv", "date,nothing\n2020-01-02,1.5\n")
    (found,) = [each for each in FORMATS if each.name == name]
    if name in {"cboe-series", "wide-closes"}:  # any single column may be a series, or a symbol
        assert np.sum([part.frame.height for part in found.read(path, Ask())]) == 1
        return
    with pytest.raises(InputError, match=r"found columns date, nothing; expected"):
        list(found.read(path, Ask()))
