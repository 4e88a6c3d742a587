"""The real chains of ../shared/data, where they lie: rows, first rows, and the traps in them.

Rows and unknown figures are counted in the text of the files; the traps are those that
../shared/data/README.md names.
"""

import csv
import gzip
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chain_files import CHAIN, chain, read, refusal
from underwriter.market.sources.formats import recognise

NAMES = ("SPY", "QQQ", "IWM", "TLT", "XLF", "AAPL", "MSFT", "NVDA", "AMZN", "JPM", "KO", "INTC")


def lines(path: Path) -> int:
    """How many rows a csv.gz has below its header."""
    with gzip.open(path) as file:
        return sum(1 for _ in file) - 1


def cells(path: Path, *names: str) -> list[list[str]]:
    """The text of some columns of a csv.gz."""
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return [[row[name] for row in rows] for name in names]


@pytest.fixture(scope="session")
def spx(shared: Path) -> pl.DataFrame:
    """The chains of SPX."""
    files = sorted((shared / "data" / "spx_eod_2026").glob("spx_chain_*.csv.gz"))
    frames = []
    for path in files:
        assert recognise(path).name == "spx-eod"
        frames.append(chain(path))
        assert frames[-1].height == lines(path)
    return pl.concat(frames)


def test_spx_first_row(spx: pl.DataFrame) -> None:
    day = date(2026, 2, 20)
    assert spx.select(CHAIN).row(0) == ("SPX", None, day, day, "C", 200.0)
    assert spx.row(0, named=True)["last"] == 6665.91
    assert spx["date"].min() == day
    assert spx["date"].max() == date(2026, 6, 30)


def test_spx_does_not_know_a_fifth_of_its_volatilities(shared: Path, spx: pl.DataFrame) -> None:
    may = shared / "data" / "spx_eod_2026" / "spx_chain_2026-05.csv.gz"
    iv, delta = cells(may, "iv", "delta")
    found = chain(may)
    assert found["iv"].is_null().to_list() == [float(cell) == 0 for cell in iv]
    both = [float(one) == float(two) == 0 for one, two in zip(iv, delta, strict=True)]
    assert found["delta"].is_null().to_list() == both
    assert 0.18 < spx["delta"].null_count() / spx.height < 0.24


def test_spx_keeps_what_the_gates_are_for(spx: pl.DataFrame) -> None:
    """Holidays, two series under one key, the spot of after hours: read as they are."""
    holidays = [date(2026, 4, 3), date(2026, 5, 25), date(2026, 6, 19)]
    assert spx.filter(pl.col("date").is_in(holidays))["date"].n_unique() == 3
    third_friday = spx.filter(expiry=date(2026, 4, 17), date=date(2026, 4, 8))
    assert third_friday.select("right", "strike").is_duplicated().any()
    assert spx["root"].null_count() == spx.height


@pytest.mark.parametrize("name", NAMES)
def test_option_last(shared: Path, name: str) -> None:
    path = shared / "data" / "us_option_last_2026" / f"{name}.csv.gz"
    assert recognise(path).name == "option-last"
    frame = chain(path)
    assert frame.height == lines(path)
    assert frame["underlying"].unique().to_list() == [name]
    assert frame["bid"].null_count() == frame["ask"].null_count() == frame.height
    assert frame["spot"].null_count() == 0
    other = "KO" if name != "KO" else "SPY"
    assert f"found underlying {name} in the file's name" in refusal(path, underlying=other)


def test_option_last_spot_is_the_close_of_the_wide_file(shared: Path) -> None:
    folder = shared / "data" / "us_option_last_2026"
    closes = pl.read_csv(folder / "underlying_close.csv", try_parse_dates=True)
    frame = chain(folder / "KO.csv.gz").unique(["date", "spot"]).sort("date")
    both = frame.join(closes, on="date", how="inner")
    assert both.height > 50
    assert (both["spot"] - both["KO"]).abs().max() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", ["KO", "TLT"])
def test_option_last_does_not_know_every_volatility(shared: Path, name: str) -> None:
    path = shared / "data" / "us_option_last_2026" / f"{name}.csv.gz"
    iv, delta = cells(path, "iv", "delta")
    found = chain(path)
    assert found["iv"].is_null().to_list() == [float(cell) == 0 for cell in iv]
    both = [float(one) == float(two) == 0 for one, two in zip(iv, delta, strict=True)]
    assert found["delta"].is_null().to_list() == both
    assert any(both)
    assert (found["delta"] == 0).any()


def test_lean_zips(shared: Path) -> None:
    folder = shared / "data" / "lean_options_aapl_2014"
    quotes = folder / "aapl_2014_quote_american.zip"
    frame = chain(quotes, underlying="aapl")
    with zipfile.ZipFile(quotes) as packed:
        assert frame.height == len(packed.namelist()) == 4532
    assert frame["date"].unique().sort().to_list() == [date(2014, 6, 6), date(2014, 6, 9)]
    before = frame.filter(date=date(2014, 6, 6))["strike"].median()
    after = frame.filter(date=date(2014, 6, 9))["strike"].median()
    assert before / after == pytest.approx(7, abs=0.5)  # 7 for 1 over the week-end
    assert frame["volume"].null_count() == 4532 - 2322
    assert frame["last"].null_count() == 4532 - 2322
    counted = frame.filter(pl.col("open_interest").is_not_null())  # on the 9th under old strikes
    assert counted["date"].unique().to_list() == [date(2014, 6, 6)]
    for other in ("trade", "openinterest"):
        assert read(folder / f"aapl_2014_{other}_american.zip") == {}


def test_lean_first_contract(shared: Path) -> None:
    """aapl_quote_american_call_10000000_20150117.csv, as `unzip -p` prints it."""
    frame = chain(shared / "data" / "lean_options_aapl_2014" / "aapl_2014_quote_american.zip")
    row = frame.filter(strike=1000.0, right="C", expiry=date(2015, 1, 17)).row(0, named=True)
    wanted = {"bid": 1.21, "ask": 1.33, "last": 1.35, "volume": 257, "open_interest": 9325}
    assert {name: row[name] for name in wanted} == wanted


def test_lean_universes(shared: Path) -> None:
    folder = shared / "data" / "lean_options_aapl_2014" / "universes"
    for path in sorted(folder.glob("*.csv")):
        assert recognise(path).name == "lean-universe"
        frame = chain(path)
        assert frame.height == len(path.read_text().splitlines()) - 2
        assert frame["underlying"].unique().to_list() == ["AAPL"]
        assert f"{frame['date'][0]:%Y%m%d}" == path.stem


def test_deribit(shared: Path) -> None:
    tables = read(shared / "data" / "deribit" / "btc_full_chain_2020-09-12.csv")
    frame = tables["chain"]
    assert frame.height == 358
    row = frame.row(0, named=True)
    assert (row["right"], row["strike"], row["expiry"]) == ("P", 8000.0, date(2021, 3, 26))
    assert (row["bid"], row["ask"], row["spot"]) == (0.0835, 0.087, 10433.61)
    assert row["delta"] == pytest.approx(-0.20865)
    assert frame["date"].unique().to_list() == [date(2020, 9, 12)]
    assert tables["instruments"]["settlement"].to_list() == ["coin"]
