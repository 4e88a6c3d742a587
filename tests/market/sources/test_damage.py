"""Whatever happens to a file, it is read or refused in one line: nothing else is ever raised."""

import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underwriter.core.errors import InputError
from underwriter.market.sources.formats import format_named, recognise
from underwriter.market.sources.source import Ask

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
ASK = Ask(underlying=None)

edits = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 30),
        st.one_of(
            st.sampled_from(
                [b"", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b";", b"1e999", b"-"]
            ),
            st.binary(max_size=6),
        ),
    ),
    min_size=1,
    max_size=4,
)
often = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def edited(body: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """A body with some stretches replaced."""
    for at, length, put in changes:
        start = at % (len(body) + 1)
        body = body[:start] + put + body[start + length :]
    return body


def survives(path: Path, name: str) -> None:
    """Read a file; what is said against it is one line."""
    for known in (lambda: recognise(path), lambda: format_named(name)):
        try:
            for part in known().read(path, ASK):
                assert isinstance(part.frame, pl.DataFrame)
        except InputError as problem:
            assert "\n" not in str(problem)  # noqa: PT017  it need not be refused
            assert "expected" in str(problem)  # noqa: PT017


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


@pytest.mark.parametrize("entry", ["d.csv", "aapl_quote_american_call_6500000_20140621.csv"])
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
