"""Whatever happens to a file of series, it is read or refused in one line."""

import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given

from damage import edited, edits, often, survives
from underwriter.core.errors import InputError
from underwriter.market.schema import conform
from underwriter.market.sources.formats import format_named
from underwriter.market.sources.source import Ask

BARS = "Date,Open,High,Low,Close,Volume\n2020-01-02,1,3,0.5,2,100\n2020-01-03,2,3,1,2.5,7\n"
YAHOO = (
    "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
    "2014-06-06,23.2107,23.2596,23.0168,23.056072,20.2,349938400,0.0,0.0\n"
    "2014-06-09,23.175,23.4696,22.9375,23.424999,20.6,301660000,0.1,7.0\n"
)
LEAN = "19980102 00:00,136300,162500,135000,162500,6315000\n"
FILES = {
    "bars": BARS,
    "dividends": "ex_date,amount,ticker\n2024-06-14,0.51,KO\n2024-03-14,$0.485,KO\n",
    "splits": "date,ratio\n2014-06-09,7:1\n2020-08-31,4 for 1\n",
    "cboe-series": "Date,BXM,BXY,PUT\n1986-06-30,92.2,,89.9\n1986-07-31,88.9,100,88.1\n",
    "rates": "DATE,DTB3\n2020-01-02,1.51\n2020-01-20,.\n",
    "wide-closes": "date,KO,GME\n2026-05-25,81.48,\n2026-05-26,80.46,18.04\n",
    "lean-factors": "20140102,0.99,0.6667,1\n20140417,0.99,0.6667,100\n20501231,1,1,0\n",
}
CASES = [*FILES.items(), ("bars", YAHOO)]


def packed(name: str, text: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return kept.getvalue()


@pytest.mark.parametrize(("name", "text"), CASES)
@often
@given(changes=edits)
def test_text(tmp_path: Path, name: str, text: str, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "KO.csv"
    path.write_bytes(edited(text.encode(), changes))
    survives(path, name)


@often
@given(changes=edits)
def test_gzip(tmp_path: Path, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "KO.csv.gz"
    path.write_bytes(edited(gzip.compress(BARS.encode(), mtime=0), changes))
    survives(path, "bars")


@often
@given(changes=edits)
def test_zip(tmp_path: Path, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(edited(packed("x.csv", LEAN.encode()), changes))
    survives(path, "lean-equity")


@pytest.mark.parametrize("own", [False, True])
@often
@given(changes=edits)
def test_parquet(tmp_path: Path, changes: list[tuple[int, int, bytes]], *, own: bool) -> None:
    frame = pl.read_csv(io.StringIO(BARS)).with_columns(pl.col("Date").str.to_date())
    if own:
        frame = conform("bars", frame.rename(str.lower).with_columns(underlying=pl.lit("KO")))
    path = tmp_path / "KO.parquet"
    frame.write_parquet(path)
    path.write_bytes(edited(path.read_bytes(), changes))
    survives(path, "own" if own else "bars")


def test_a_zip_of_several_files_is_no_stock_of_leans(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", LEAN)
        archive.writestr("y.csv", LEAN)
    with pytest.raises(InputError, match="found 2 files in it; expected one"):
        list(format_named("lean-equity").read(path, Ask()))
