"""Any table through a map of its columns; the example is the one that docs/data.md shows."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chain_files import CHAIN, chain, refusal, text
from underwriter.core.errors import InputError
from underwriter.market.sources.column_map import layout_of

DOCS = Path(__file__).parents[3] / "docs"
LONG = """
underlying = "XSP"
date-format = "%d.%m.%Y"
[columns]
date = "Day"
expiry = "Last day"
right = "Kind"
strike = "Strike (mils)"
bid = "Bid"
ask = "Ask"
iv = "Vol %"
[right]
call = "Call option"
put = ["Put option", "Put"]
[scale]
strike = 0.001
iv = 0.01
"""
LONG_FILE = (
    "Day;Last day;Kind;Strike (mils);Bid;Ask;Vol %;Note",
    "05.01.2026;16.01.2026;Put option;690500;1.2;1.3;14.2;a",
    "05.01.2026;16.01.2026;CALL OPTION;102300;0;0.05;;b",
)
WIDE = """
[columns]
date = "d"
expiry = "e"
strike = "k"
spot_bid = "ub"
spot_ask = "ua"
[call]
symbol = "cs"
bid = "cb"
ask = "ca"
[put]
symbol = "ps"
bid = "pb"
ask = "pa"
"""
WIDE_FILE = (
    "d,e,k,ub,ua,cs,cb,ca,ps,pb,pa",
    "2026-01-05,2026-01-16,690,689,690,SPXW  260116C00690000,4,4.1,SPXW260116P00690000,3,3.1",
    "2026-01-05,2026-01-16,695,689,690,SPXW260116C00695000,2,2.1,SPXW260116P00695000,,",
)


def written(folder: Path, body: str) -> Path:
    path = folder / "map.toml"
    path.write_text(body)
    return path


def test_a_long_table(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", LONG_FILE)
    frame = chain(path, "column-map", column_map=written(tmp_path, LONG))
    day, expiry = date(2026, 1, 5), date(2026, 1, 16)
    assert frame.select(CHAIN).rows() == [
        ("XSP", None, day, expiry, "P", 690.5),
        ("XSP", None, day, expiry, "C", 102.3),
    ]
    assert frame["iv"].to_list() == [pytest.approx(0.142), None]
    assert frame["bid"].to_list() == [1.2, 0.0]


DAYS = """\
date-format = ["%m/%d/%Y", "%d/%m/%Y"]
[columns]
underlying = "s"
date = "d"
expiry = "e"
right = "r"
strike = "k"
bid = "b"
"""


def test_of_two_date_formats_the_one_that_fits_is_taken(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", ["s,d,e,r,k,b", "KO,13/02/2026,20/03/2026,P,80,1"])
    frame = chain(path, "column-map", column_map=written(tmp_path, DAYS))
    assert frame.select("date", "expiry").rows() == [(date(2026, 2, 13), date(2026, 3, 20))]


def test_a_date_that_two_formats_read_as_two_days_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", ["s,d,e,r,k,b", "KO,03/02/2026,20/03/2026,P,80,1"])
    said = refusal(path, "column-map", column_map=written(tmp_path, DAYS))
    assert said == (
        ", line 2, column d: found '03/02/2026'; expected one date-format, since mm/dd/yyyy and "
        "dd/mm/yyyy both fit"
    )


def test_a_wide_table(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", WIDE_FILE)
    frame = chain(path, "column-map", column_map=written(tmp_path, WIDE)).sort("line", "right")
    assert frame.select("underlying", "root", "right", "strike", "spot").rows() == [
        ("SPX", "SPXW", "P", 690.0, 689.5),
        ("SPX", "SPXW", "C", 690.0, 689.5),
        ("SPX", "SPXW", "C", 695.0, 689.5),
    ]


def test_a_parquet(tmp_path: Path) -> None:
    rows = pl.DataFrame({"Day": [20260105], "x": ["16.01.2026"], "Kind": ["P"], "K": [7], "b": [1]})
    rows.write_parquet(tmp_path / "mine.parquet")
    said = """
    underlying = "KO"
    date-format = ["%Y%m%d", "%d.%m.%Y"]
    columns = { date = "Day", expiry = "x", right = "Kind", strike = "K", last = "b" }
    """
    frame = chain(tmp_path / "mine.parquet", "column-map", column_map=written(tmp_path, said))
    assert frame.select(CHAIN).rows() == [
        ("KO", None, date(2026, 1, 5), date(2026, 1, 16), "P", 7.0)
    ]


def test_the_example_of_the_docs(tmp_path: Path) -> None:
    page = (DOCS / "data.md").read_text("utf-8")
    said, rows = (
        re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("toml", "csv")
    )
    path = text(tmp_path, "broker.csv", rows.splitlines())
    frame = chain(path, "column-map", column_map=written(tmp_path, said))
    assert frame.select(CHAIN).rows() == [
        ("SPX", "SPXW", date(2026, 1, 5), date(2026, 1, 16), "P", 6850.0),
        ("SPX", "SPXW", date(2026, 1, 5), date(2026, 1, 16), "C", 6950.0),
    ]
    assert frame["bid"].to_list() == [21.4, 18.05]
    assert frame["iv"].to_list() == [pytest.approx(0.142), pytest.approx(0.128)]


def test_underlying_is_asked_for_where_nothing_says_it(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", LONG_FILE)
    said = written(tmp_path, LONG.replace('underlying = "XSP"', ""))
    assert "found no underlying" in refusal(path, "column-map", column_map=said)
    frame = chain(path, "column-map", column_map=said, underlying="xsp")
    assert set(frame["underlying"]) == {"XSP"}


def test_a_map_of_another_underlying_is_refused(tmp_path: Path) -> None:
    said = written(tmp_path, LONG)
    path = text(tmp_path, "mine.csv", LONG_FILE)
    with pytest.raises(InputError, match=r"key underlying: found XSP; expected KO"):
        chain(path, "column-map", column_map=said, underlying="KO")


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    path = text(tmp_path, "mine.csv", LONG_FILE)
    said = written(tmp_path, LONG.replace('"Bid"', '"Geld"'))
    assert refusal(path, "column-map", column_map=said).startswith(
        ", line 1: found no column Geld in Day,Last day,"
    )


def test_a_map_is_needed(tmp_path: Path) -> None:
    said = refusal(text(tmp_path, "mine.csv", LONG_FILE), "column-map")
    assert said == "--format column-map: found no map; expected --columns MAP.toml"


WRONG = {
    "": "key columns.date: found nothing; expected the name of a column",
    "x": "expected TOML",
    "colums = {}": "found unknown key colums; expected one of underlying, date-format, columns",
    "columns = 3": "key columns: found 3; expected a table",
    LONG.replace("strike =", "strke =", 1): "found unknown key columns.strke; expected one of ask",
    LONG.replace('"Bid"', "7"): "key columns.bid: found 7; expected the name of a column",
    LONG.replace('right = "Kind"', ""): "key columns.right: found nothing",
    LONG.replace('"%d.%m.%Y"', '"dd.mm"'): "key date-format: found 'dd.mm'; expected a pattern",
    LONG.replace('"%d.%m.%Y"', '"%Q"'): "key date-format: found '%Q'",
    LONG.replace('"%d.%m.%Y"', '"%H"'): "key date-format: found '%H'",
    LONG.replace('"%d.%m.%Y"', "[]"): "key date-format: found []",
    LONG.replace("0.001", "0"): "key scale.strike: found 0; expected a number above 0",
    LONG.replace("iv = 0.01", "right = 2"): "found unknown key scale.right",
    LONG.replace('call = "Call option"', "call = 1"): "key right.call: found 1; expected a word",
    LONG.replace('"XSP"', '"S & P"'): "key underlying: found 'S & P'; expected a symbol",
    WIDE.replace('pb"', 'x"').replace('bid = "x"', "").replace('ask = "pa"', ""): (
        "key put: found nothing; expected at least one of bid, ask and last"
    ),
    WIDE.replace('strike = "k"', 'strike = "k"\nright = "r"'): (
        "key columns.right: found 'r'; expected none beside [call] and [put]"
    ),
    WIDE.replace('symbol = "cs"', 'expiry = "x"'): "found unknown key call.expiry",
}


@pytest.mark.parametrize("body", WRONG)
def test_a_wrong_map_is_refused(tmp_path: Path, body: str) -> None:
    path = written(tmp_path, body)
    with pytest.raises(InputError) as caught:
        layout_of(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert WRONG[body] in said
    assert "\n" not in said


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or directory; expected a column map"):
        layout_of(tmp_path / "none.toml")
