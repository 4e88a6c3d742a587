"""Statements that were damaged: each is read, or refused in one line, whatever was done to it."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book.imports import (
    alpaca_year,
    flex_year,
    ibkr_year,
    robinhood_year,
    schwab_year,
    tastytrade_year,
)
from underwriter.book.imports.ends import cash_of, differences, positions_of
from underwriter.book.imports.read import read_statement
from underwriter.core.errors import InputError

YEARS = {
    "tastytrade": tastytrade_year.TEXT,
    "tastytrade, no Total": tastytrade_year.without_total(tastytrade_year.TEXT),
    "schwab": schwab_year.TEXT,
    "robinhood": robinhood_year.TEXT,
    "alpaca": alpaca_year.TEXT,
    "ibkr csv": ibkr_year.TEXT,
    "ibkr Flex": flex_year.TEXT,
}
ODD = (
    *("", "0", "-0", "-1", "1e999", "NaN", "Infinity", "1S", "S", "--", "()", "($1.00)", "$-5"),
    *(
        "1,2,3",
        "1.2.3",
        "1e30",
        "1e-30",
        "0." + "0" * 40 + "1",
        "0.0000001",
        "9" * 30,
        "0x10",
        "½",
        "٣",
        "12/31/2026",
        "31/12/2026",
    ),
    *("02/30/2026", "2026-02-30", "0001-01-01T00:00:00+2359", "9999-12-31", "20260231"),
    *("Expired", "OEXP", "SPLIT", "Stock Split", "Reverse Split", "Cash", "USD", "EUR.USD", "A;Ex"),
    *("JD1 18SEP26 62 P", "KO 29FEB26 60 P", "KO 2/30/2026 Put $60.00", "KO 2/20/26 60 P", "BRK B"),
    *("KO    260231P00060000", "KO    260220P00000000", "/ESZ6", "BTC/USD", "a\nb", "[", '"', "<"),
)
_NUMBER = re.compile(r"[0-9][0-9.,/:-]*")
_CELL = re.compile(r'"[^"]*"|[^,"\n]+')

change = st.tuples(
    st.sampled_from(
        ("cut", "drop", "twice", "swap", "cell", "cells", "number", "bytes", "column", "turned")
    ),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.one_of(st.sampled_from(ODD), st.text(max_size=5)),
)
changes = st.lists(change, min_size=1, max_size=4)


def damaged(text: str, what: str, at: int, other: int, put: str) -> str:
    """A text with one thing done to it, somewhere."""
    rows = text.split("\n")
    one, two = at % len(rows), other % len(rows)
    if what == "cut":
        return text[: at % (len(text) + 1)]
    if what == "drop":
        del rows[one]
    elif what == "twice":
        rows.insert(two, rows[one])
    elif what == "swap":
        rows[one], rows[two] = rows[two], rows[one]
    elif what == "turned":
        rows[1:] = rows[:0:-1]
    elif what == "column":
        rows = [",".join(_without(row.split(","), at)) for row in rows]
    elif what in {"cell", "number"}:
        found = list((_CELL if what == "cell" else _NUMBER).finditer(rows[one]))
        if found:
            start, end = found[other % len(found)].span()
            rows[one] = rows[one][:start] + put + rows[one][end:]
    elif what == "cells":
        cells = rows[one].split(",")
        first, second = at % len(cells), other % len(cells)
        cells[first], cells[second] = cells[second], cells[first]
        rows[one] = ",".join(cells)
    else:
        start = at % (len(text) + 1)
        return text[:start] + put + text[start + other % 30 :]
    return "\n".join(rows)


def _without(cells: list[str], at: int) -> list[str]:
    """Cells without one of them."""
    gone = at % len(cells)
    return cells[:gone] + cells[gone + 1 :]


def survives(path: Path) -> None:
    """Read a file: a statement that adds up, or one line that names the file."""
    try:
        statement = read_statement(path)
    except InputError as refused:
        said = str(refused)
        assert "\n" not in said
        assert str(path) in said
        assert "expected" in said
        return
    assert len({row.id for row in statement.rows}) == len(statement.rows)
    for row in statement.rows:
        assert row.net_u == row.gross_u - row.commission_u - row.fee_u
        assert bool(row.why) == (row.kind == "unknown")
    assert all("\n" not in line for line in statement.told())
    assert statement.first <= statement.last
    cash_of(statement)
    positions_of(statement)
    differences(statement)


def check(folder: Path, year: str, done: list[tuple[str, int, int, str]]) -> None:
    """Damage a year and read it."""
    text = YEARS[year]
    for what, at, other, put in done:
        text = damaged(text, what, at, other, put)
    path = folder / "statement.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    survives(path)


@pytest.mark.parametrize("year", sorted(YEARS))
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(done=changes)
def test_damage_is_refused_in_a_line_or_read(
    tmp_path: Path, year: str, done: list[tuple[str, int, int, str]]
) -> None:
    check(tmp_path, year, done)


@pytest.mark.proof
@pytest.mark.parametrize("year", sorted(YEARS))
@settings(
    max_examples=2_000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(done=changes)
def test_two_thousand_damages_are_refused_in_a_line_or_read(
    tmp_path: Path, year: str, done: list[tuple[str, int, int, str]]
) -> None:
    check(tmp_path, year, done)


@pytest.mark.parametrize("year", sorted(YEARS))
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.binary(max_size=200))
def test_bytes_at_the_end_are_refused_in_a_line_or_read(
    tmp_path: Path, year: str, body: bytes
) -> None:
    path = tmp_path / "statement.csv"
    path.write_bytes(YEARS[year].encode() + body)
    survives(path)
