"""What cannot be read is refused in one line that names the file and the row, with exit code 2.

The base is a file of our making in the layout `spx-eod`, broken in one way at a time.
"""

import gzip
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from chain_files import chain, refusal, text, zipped
from underwriter.core.errors import InputError
from underwriter.market.sources import text as text_module
from underwriter.market.sources.formats import format_named, head_of, recognise
from underwriter.market.sources.source import Ask

HEADER = (
    "quote_date,snapshot_utc,underlying,spot_quoted,expiration,right,strike,bid,ask,last,iv,delta,"
    "open_interest,volume"
)
FORMAT = "spx-eod"


def quote(at: int, /, **changed: str) -> str:
    """A row of the base file, some of its cells changed."""
    cells = {
        "quote_date": "2026-03-02",
        "snapshot_utc": "2026-03-02T21:44:38",
        "underlying": "SPX",
        "spot_quoted": "6876.5",
        "expiration": "2026-03-06",
        "right": "P",
        "strike": str(at),
        "bid": "21.4",
        "ask": "21.9",
        "last": "21.5",
        "iv": "0.14",
        "delta": "-0.28",
        "open_interest": "1204",
        "volume": "310",
    }
    return ",".join({**cells, **changed}.values())


def broken(folder: Path, *lines: str, name: str = "s.csv", header: str = HEADER) -> Path:
    """The base file: two good rows, then the lines given."""
    return text(folder, name, [header, quote(6700), quote(6710), *lines])


def test_the_base_is_fine(tmp_path: Path) -> None:
    assert chain(broken(tmp_path, quote(6720)), FORMAT)["strike"].to_list() == [6700, 6710, 6720]


ONE_ROW = {
    "another date format": ({"quote_date": "03/02/2026"}, "quote_date", "'03/02/2026'"),
    "a date that is none": ({"expiration": "2026-02-30"}, "expiration", "'2026-02-30'"),
    "a year of two digits": ({"quote_date": "26-03-02"}, "quote_date", "'26-03-02'"),
    "no date": ({"expiration": ""}, "expiration", "nothing"),
    "no strike": ({"strike": ""}, "strike", "nothing"),
    "a strike that is no number": ({"strike": "ATM"}, "strike", "'ATM'"),
    "no right": ({"right": ""}, "right", "nothing"),
    "a word that is no right": ({"right": "straddle"}, "right", "'straddle'"),
    "text in a number column": ({"bid": "n/a"}, "bid", "'n/a'"),
    "thousands separators": ({"strike": '"6,720"'}, "strike", "'6,720'"),
    "half a contract": ({"volume": "1.5"}, "volume", "1.5"),
    "a count below zero": ({"open_interest": "-4"}, "open_interest", "-4.0"),
    "a count beyond counting": ({"volume": "3000000000"}, "volume", "3000000000.0"),
    "a word that is no symbol": ({"underlying": "S&P 500 index"}, "underlying", "'S&P 500 index'"),
}


@pytest.mark.parametrize("case", ONE_ROW)
@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_one_wrong_cell_is_named(tmp_path: Path, case: str, name: str) -> None:
    changed, column, found = ONE_ROW[case]
    path = broken(tmp_path, quote(6720, **changed), quote(6730), name=name)
    said = refusal(path, FORMAT)
    assert said.startswith(f", line 4, column {column}: found {found}; expected ")


def test_thousands_separators_are_named_as_such(tmp_path: Path) -> None:
    quoted = broken(tmp_path, quote(6720, last='"1,234.50"'))
    assert "without thousands separators" in refusal(quoted, FORMAT)
    bare = broken(tmp_path, quote(6720, last="1,234.50"))
    assert ", line 4: found 15 cells; expected 14" in refusal(bare, FORMAT)
    assert "thousands separators" in refusal(bare, FORMAT)


@pytest.mark.parametrize(("row", "cells"), [("2026-03-02,SPX,1", 3), (quote(6720) + ",9", 15)])
def test_a_ragged_row_is_named(tmp_path: Path, row: str, cells: int) -> None:
    said = refusal(broken(tmp_path, row), FORMAT)
    assert f", line 4: found {cells} cells; expected 14, one for each column of line 1" in said


def test_a_short_row_and_a_long_one_do_not_make_up_for_each_other(tmp_path: Path) -> None:
    short = ",".join(quote(6720).split(",")[:-1])
    assert ", line 4: found 13 cells" in refusal(
        broken(tmp_path, short, quote(6730) + ",9"), FORMAT
    )


def test_a_second_header_is_named(tmp_path: Path) -> None:
    said = refusal(broken(tmp_path, HEADER, quote(6720)), FORMAT)
    assert said == ", line 4: found the header again; expected one, at the top of the file"


@pytest.mark.parametrize("lost", ["bid", "strike", "iv", "spot_quoted"])
def test_a_missing_column_is_named(tmp_path: Path, lost: str) -> None:
    names = HEADER.split(",")
    at = names.index(lost)
    lines = [",".join(x for i, x in enumerate(q.split(",")) if i != at) for q in (quote(1), HEADER)]
    said = refusal(text(tmp_path, "s.csv", reversed(lines)), FORMAT)
    assert said.startswith(f", line 1: found no column {lost} in quote_date,")


def test_a_renamed_column_is_named(tmp_path: Path) -> None:
    path = broken(tmp_path, header=HEADER.replace("ask", "offer"))
    assert recognise(path).name == FORMAT
    assert ", line 1: found no column ask in " in refusal(path)


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = broken(tmp_path, header=HEADER.replace("last", "bid"))
    assert ", line 1: found column bid twice" in refusal(path, FORMAT)


def test_a_truncated_gzip_names_the_last_line(tmp_path: Path) -> None:
    path = broken(tmp_path, *(quote(strike) for strike in range(1, 5_000)), name="s.csv.gz")
    path.write_bytes(path.read_bytes()[:-500])
    said = refusal(path, FORMAT)
    found = re.fullmatch(r", line (\d+): found damage \(the gzip breaks off\); expected .*", said)
    assert found
    assert 100 < int(found[1]) < 5_002


def test_a_gzip_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = broken(tmp_path, *(quote(strike) for strike in range(1, 5_000)), name="s.csv.gz")
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    assert ": found damage (" in refusal(path, FORMAT)


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, "s.zip", {"s.csv": "\n".join([HEADER, *map(quote, range(1, 5_000))])})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "found a damaged zip" in refusal(path, FORMAT)
    at = whole.index(b"s.csv") + 200
    path.write_bytes(whole[:at] + bytes(50) + whole[at + 50 :])
    assert re.search(r"/s\.csv, line \d+: found damage", refusal(path, FORMAT))


def test_a_zip_without_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("readme.pdf", "%PDF")
    assert "found a zip without a csv or txt in it" in refusal(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.touch()
    assert refusal(path) == ", line 1: found an empty file; expected a header and rows"
    assert refusal(path, FORMAT) == ", line 1: found an empty file; expected a header and rows"
    path.write_text("\n\n")
    assert ", line 1: found no " in refusal(path)
    assert ", line 1: found no " in refusal(path, FORMAT)


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_header_alone_is_refused(tmp_path: Path, end: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(HEADER + end)
    assert ", line 1: found a header and no rows" in refusal(path, FORMAT)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert ": no such file or directory; expected" in refusal(tmp_path / "none.csv", FORMAT)
    with pytest.raises(InputError, match="expected a file of market data"):
        head_of(tmp_path)


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(256)) * 90])
def test_binary_rubbish_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(body)
    for said in (refusal(path), refusal(path, FORMAT)):
        assert re.match(r", line [12]: found (a zero byte|byte 0x[0-9a-f]+, which is)", said)


def test_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = broken(tmp_path)
    path.write_bytes(path.read_bytes() + quote(6720, underlying="SPÖ").encode("latin-1"))
    assert refusal(path, FORMAT).startswith(", line 4: found byte 0xd6, which is no UTF-8 text")


def test_a_zero_byte_is_named(tmp_path: Path) -> None:
    path = broken(tmp_path, quote(6720, last="\0"))
    assert refusal(path, FORMAT).startswith(", line 4: found a zero byte")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a kilobyte, so that small files have many."""
    monkeypatch.setattr(text_module, "_BLOCK", 1_000)
    monkeypatch.setattr(text_module, "_READ", 100)


@pytest.mark.usefixtures("small_blocks")
def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "s.csv", ["x" * 5_000])
    assert ", line 1: found a line of more than 1,000 characters" in refusal(path, FORMAT)


def test_an_unknown_file_names_the_formats(tmp_path: Path) -> None:
    path = text(tmp_path, "s.csv", ["name,age", "Ann,7"])
    said = refusal(path)
    assert ", line 1: found columns 'name,age', which no format has" in said
    assert "datashop" in said
    assert "column-map" in said


def test_an_unknown_format_names_the_formats() -> None:
    with pytest.raises(InputError, match=r"--format: found 'datashoop'; expected one of .*orats"):
        format_named("datashoop")


def test_what_is_no_symbol_cannot_be_asked_for(tmp_path: Path) -> None:
    said = refusal(broken(tmp_path), FORMAT, underlying="S & P")
    assert said.startswith("--underlying: found 'S & P'; expected a symbol")


@pytest.mark.usefixtures("small_blocks")
def test_the_line_counts_over_blocks(tmp_path: Path) -> None:
    good = [quote(strike) for strike in range(1, 200)]
    assert chain(broken(tmp_path, *good), FORMAT)["line"].to_list() == list(range(2, 203))
    said = refusal(broken(tmp_path, *good, quote(9, right="X")), FORMAT)
    assert said.startswith(", line 203, column right: found 'X'")
    said = refusal(broken(tmp_path, *good, quote(9, quote_date="03/02/2026")), FORMAT)
    assert said.startswith(
        ", line 203, column quote_date: found '03/02/2026'; expected a date, yyyy"
    )


def test_what_is_only_unusual_is_read(tmp_path: Path) -> None:
    """A byte-order mark, line ends of Windows, blank lines, quoted cells, members of a gzip."""
    plain = chain(broken(tmp_path, quote(6720)), FORMAT)
    marked = tmp_path / "marked.csv"
    lines = [HEADER, quote(6700), quote(6710), quote(6720)]
    marked.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert chain(marked, FORMAT).equals(plain)
    quoted = text(tmp_path, "q.csv", [re.sub(r"([^,]+)", r'"\1"', line) for line in lines])
    assert chain(quoted, FORMAT).equals(plain)
    padded = text(tmp_path, "p.csv", [line.replace(",", " , ") for line in lines])
    assert chain(padded, FORMAT).equals(plain)
    semicolons = text(tmp_path, "c.csv", [line.replace(",", ";") for line in lines])
    assert chain(semicolons, FORMAT).equals(plain)
    blank = chain(text(tmp_path, "b.csv", [*lines[:2], "", *lines[2:], ""]), FORMAT)
    assert blank["line"].to_list() == [2, 4, 5]
    assert blank.drop("line").equals(plain.drop("line"))
    members = tmp_path / "m.csv.gz"
    halves = ["\n".join(lines[:2]) + "\n", "\n".join(lines[2:]) + "\n"]
    members.write_bytes(b"".join(gzip.compress(half.encode()) for half in halves) + bytes(9))
    assert chain(members, FORMAT).equals(plain)


def test_null_and_nan_stay_apart(tmp_path: Path) -> None:
    rows = [quote(6720, bid="", ask="NaN"), quote(6730, bid="NULL", iv="nan", volume="NaN")]
    frame = chain(broken(tmp_path, *rows), FORMAT)
    nonsense = chain(broken(tmp_path, quote(-1), quote(6720, strike="NaN")), FORMAT)
    assert nonsense["strike"].to_list()[2] == -1.0  # the gates' to take out
    assert nonsense["strike"].is_nan().to_list() == [False, False, False, True]
    assert frame["bid"].to_list() == [21.4, 21.4, None, None]
    assert frame["ask"].is_nan().to_list() == [False, False, True, False]
    assert frame["iv"].is_nan().to_list() == [False, False, False, True]
    assert frame["volume"].to_list() == [310, 310, 310, None]


@pytest.mark.usefixtures("small_blocks")
def test_parts_are_of_bounded_size(tmp_path: Path) -> None:
    path = broken(tmp_path, *(quote(strike) for strike in range(1, 500)))
    parts = list(format_named(FORMAT).read(path, Ask()))
    assert len(parts) > 10
    assert pl.concat(part.frame for part in parts).height == 501
