"""How symbols are written: roots with a dot, a digit or a space, and the weekly roots of indices.

The weekly and PM-settled roots are those that Cboe lists on its product pages.
"""

import polars as pl
import pytest

from underwriter.core.errors import InputError
from underwriter.market.sources.symbols import asked, name_of, named, underlying_of

NAMES = {
    "spy": "SPY",
    " SPX ": "SPX",
    "^SPX": "SPX",
    "$VIX": "VIX",
    ".DJX": "DJX",
    "BRK.B": "BRK.B",
    "BRK B": "BRK.B",
    "BRK/B": "BRK.B",
    "BRKB": "BRKB",
    "XYZ1": "XYZ1",
    "2SPX": "2SPX",
    "BTC_USDC": "BTC_USDC",
    "RDS-A": "RDS-A",
}


@pytest.mark.parametrize("word", NAMES)
def test_a_symbol_is_written_one_way(word: str) -> None:
    assert name_of(word) == NAMES[word]


@pytest.mark.parametrize("word", ["", " ", "^", "S&P 500", "TOO.LONG.NAME", "A" * 12, "KO;", "Ö"])
def test_what_is_no_symbol(word: str) -> None:
    assert name_of(word) is None


@pytest.mark.parametrize(
    ("root", "underlying"),
    [
        *(("SPXW", "SPX"), ("SPX", "SPX"), ("NDXP", "NDX"), ("RUTW", "RUT"), ("VIXW", "VIX")),
        *(("XSP", "XSP"), ("KO", "KO"), ("XYZ1", "XYZ"), ("BRK.B", "BRK.B")),
    ],
)
def test_whose_a_root_is(root: str, underlying: str) -> None:
    assert underlying_of(root) == underlying


def rows(**columns: list[str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(columns, dict.fromkeys(columns, pl.String))
    return frame.with_columns(line=pl.int_range(2, 2 + frame.height, dtype=pl.Int64))


def found(
    raw: pl.DataFrame, columns: dict[str, str], wanted: str | None = None
) -> list[tuple[str, str]]:
    underlying, root = named(raw, columns, wanted, "f.csv")
    return list(zip(underlying, root, strict=True))


def test_root_and_underlying_stand_apart() -> None:
    raw = rows(u=["^SPX", "SPX", "spxw"], r=["SPXW", "SPX", "SPXW"])
    assert found(raw, {"underlying": "u", "root": "r"}) == [
        ("SPX", "SPXW"),
        ("SPX", "SPX"),
        ("SPX", "SPXW"),
    ]


def test_the_root_is_the_head_of_an_osi_symbol() -> None:
    raw = rows(s=["SPXW260116P06000000", "SPXW  260116P06000000", "XYZ1260116C00010000"])
    assert found(raw, {"symbol": "s"}) == [("SPX", "SPXW"), ("SPX", "SPXW"), ("XYZ", "XYZ1")]


@pytest.mark.parametrize(
    ("symbols", "roots"),
    [
        (["SPY260116P00600000", "SPY260116C00610000"], ["SPY", "SPY"]),
        (["SPY260116P00600000", "SPYG260116C0061000"], ["SPY", "SPY"]),  # one digit short, as long
        (["SPY260116P00600000", "SPY1260116C00610000"], ["SPY", "SPY1"]),
        (["spy260116P00600000", "SPY260116C00610000"], ["SPY", "SPY"]),
        (["SPY260116P00600000", None], ["SPY", None]),
    ],
)
def test_each_symbol_has_its_own_head(symbols: list[str | None], roots: list[str | None]) -> None:
    _, root = named(rows(s=symbols, u=["SPY"] * 2), {"underlying": "u", "symbol": "s"}, None, "f")
    assert root.to_list() == roots


def test_a_weekly_root_in_the_place_of_the_underlying_is_kept_as_root() -> None:
    assert found(rows(u=["SPXW", "KO"]), {"underlying": "u"}) == [("SPX", "SPXW"), ("KO", None)]


def test_the_root_of_a_class_has_no_dot_and_is_still_its_own() -> None:
    assert found(rows(r=["BRKB"]), {"root": "r"}, "BRK.B") == [("BRK.B", "BRKB")]


def test_the_first_row_of_another_underlying_is_named() -> None:
    with pytest.raises(InputError, match=r"^f\.csv, line 4: found underlying KO; expected SPX"):
        found(rows(u=["SPX", "SPXW", "KO", "PEP"]), {"underlying": "u"}, "SPX")
    with pytest.raises(InputError, match=r"^f\.csv, line 3: found underlying KO; expected SPX"):
        found(rows(s=["SPXW260116P06000000", "KO260116P00060000"]), {"symbol": "s"}, "SPX")


def test_a_row_without_underlying_is_refused() -> None:
    with pytest.raises(InputError, match="found no underlying"):
        found(rows(u=["SPX", None]), {"underlying": "u"})
    with pytest.raises(InputError, match="expected --underlying SYMBOL"):
        found(rows(x=["SPX"]), {})


def test_a_symbol_that_is_too_short_is_named() -> None:
    expected = r"^f\.csv, line 3, column s: found 'P06000000'; expected a symbol such as SPXW"
    with pytest.raises(InputError, match=expected):
        found(rows(s=["SPXW260116P06000000", "P06000000"]), {"symbol": "s"})


def test_what_is_asked_for() -> None:
    assert asked(None) is None
    assert asked("spxw") == "SPX"
    assert asked("brk b") == "BRK.B"
    with pytest.raises(InputError, match="--underlying: found 'S&P 500'"):
        asked("S&P 500")
