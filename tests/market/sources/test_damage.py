"""Whatever happens to a file, it is read or refused in one line: nothing else is ever raised."""

import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given

from damage import edited, edits, often, survives

SAMPLES = Path(__file__).parent / "samples"
FILES = {
    "spy_eod_202301.txt": "optionsdx",
    "datashop.csv": "datashop",
    "orats_short.csv": "orats",
    "historicaloptiondata.csv": "historicaloptiondata",
    "dolthub.csv": "dolthub",
    "spx_eod.csv": "spx-eod",
    "KO.csv": "option-last",
    "20140602.csv": "lean-universe",
    "tickers.csv": "deribit",
    "summaries.json": "deribit",
}


@pytest.mark.parametrize("file", FILES)
@given(changes=edits)
@often
def test_text(tmp_path: Path, file: str, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / file
    path.write_bytes(edited((SAMPLES / file).read_bytes(), changes))
    survives(path, FILES[file])


@given(changes=edits)
@often
def test_gzip(tmp_path: Path, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "spx_eod.csv.gz"
    path.write_bytes(edited(gzip.compress((SAMPLES / "spx_eod.csv").read_bytes()), changes))
    survives(path, "spx-eod")


NO_NAME = [(136, 6, b"\x00\x00\x00\x00\x00\x80"), (286429, 6, b"\x00\x00\x00\x00\x00\x08")]


@pytest.mark.parametrize("entry", ["d.csv", "aapl_quote_american_call_6500000_20140621.csv"])
@example(changes=NO_NAME)  # a directory that says UTF-8, and is not
@given(changes=edits)
@often
def test_zip(tmp_path: Path, entry: str, changes: list[tuple[int, int, bytes]]) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        rows = b"20140605 00:00,1,1,1,1,1,1,1,1,1,1\n"
        packed.writestr(entry, (SAMPLES / "datashop.csv").read_bytes() if entry[0] == "d" else rows)
    path = tmp_path / "aapl_2014_quote_american.zip"
    path.write_bytes(edited(held.getvalue(), changes))
    survives(path, "datashop" if entry[0] == "d" else "lean-options")


@given(changes=edits)
@often
def test_parquet(tmp_path: Path, changes: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "options.parquet"
    pl.read_csv(SAMPLES / "dolthub.csv").write_parquet(path)
    path.write_bytes(edited(path.read_bytes(), changes))
    survives(path, "dolthub")
