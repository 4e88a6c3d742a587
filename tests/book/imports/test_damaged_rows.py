"""Rows that no reader would give, booked: refused in a line, left, or booked with their cash.

Whatever is done to the rows of a year, the events that come of them fold without a stray, cash is
that of the rows to the millionth, and the same rows again add nothing.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from book.imports.outline import read_text
from book.imports.test_damaged import YEARS
from book.imports.wheel_story import WHEELS
from underwriter.book.fold import EMPTY, fold
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.ends import cash_of
from underwriter.book.imports.held import cash_u
from underwriter.book.imports.pairs import ENDS, paired
from underwriter.book.imports.reconcile import mends, reconciled
from underwriter.book.imports.sides import with_sides
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.core.errors import InputError

TEXTS = {**YEARS, **{f"wheel, {name}": text() for name, text in WHEELS.items()}}
THINGS = (
    None,
    Instrument("KO"),
    Instrument("XYZ"),
    Instrument("KO", "KO    260220P00060000", "KO", 100),
    Instrument("KO", "KO    260320C00062500", "KO", 100),
    Instrument("KO", "KO1   260220P00060000", "KO1", 100),
    Instrument("XYZ", "XYZ   260717P00020000", "XYZ", 100),
    Instrument("XYZ", "XYZ   260717P00020000", "XYZ", 10),
)
COUNTS = (0, 1, -1, 2, -5, 100, -100, 1_000)


class Damage(NamedTuple):
    """One thing that is done to a row."""

    what: str
    row: int
    other: int
    value: Any


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(list(Kind)),
    "instrument": st.sampled_from(THINGS),
    "quantity_u": st.one_of(
        st.sampled_from([count * 1_000_000 for count in COUNTS]), st.sampled_from([1, -1_500_000])
    ),
    "sided": st.booleans(),
    "effect": st.sampled_from(["open", "close", ""]),
    "price_u": st.sampled_from([None, 0, 60_000_000]),
    "gross_u": st.sampled_from([0, 1, -1, 123_456_789, -(10**12)]),
    "order": st.sampled_from(["", "8", "9"]),
    "currency": st.sampled_from(["USD", "EUR", "BTC"]),
    "at": st.sampled_from([None, 0]),
    "day": st.just(None),
    "dropped": st.just(None),
    "twice": st.just(None),
    "swapped": st.just(None),
}
DAMAGES = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda what: st.builds(
            Damage, st.just(what), st.integers(0, 99), st.integers(0, 99), VALUES[what]
        )
    ),
    min_size=1,
    max_size=5,
)


@cache
def whole(name: str) -> Statement:
    with tempfile.TemporaryDirectory() as folder:
        return read_text(Path(folder), TEXTS[name])


def damaged(rows: list[Row], damage: Damage, number: int) -> list[Row]:
    """The rows with one thing done to one of them; what comes twice has an id of that number."""
    at, other = damage.row % len(rows), damage.other % len(rows)
    row = rows[at]
    match damage.what:
        case "dropped":
            return [*rows[:at], *rows[at + 1 :]] or rows
        case "twice":
            new = replace(row, id=f"{number:024}", day=rows[other].day)
            return [*rows, new]
        case "swapped":
            rows[at], rows[other] = rows[other], row
        case "day":
            rows[at] = replace(row, day=rows[other].day)
        case "gross_u":
            net_u = damage.value - row.commission_u - row.fee_u
            rows[at] = replace(row, gross_u=damage.value, net_u=net_u)
        case what:
            rows[at] = replace(row, **{what: damage.value})
    return rows


def statement_of(name: str, damages: list[Damage]) -> Statement:
    """A year of which the rows were damaged, put in order and paired as a reader does it."""
    rows = list(whole(name).rows)
    for number, damage in enumerate(damages):
        rows = damaged(rows, damage, number)
    rows = [row for row in rows if row.is_option or row.kind not in ENDS]  # readers refuse these
    rows.sort(key=lambda row: row.day)
    told = [
        replace(row, line=line, pair="", why="nobody knows" if row.kind is Kind.UNKNOWN else "")
        for line, row in enumerate(rows, 2)
    ]
    again = tuple(paired(with_sides(told), marked=True))
    return replace(whole(name), rows=again, start_u=None, cash_u=None, holdings=None)


def holds(statement: Statement, found: Booked) -> None:
    """What is true of every booking."""
    assert found.book.strays == ()
    assert fold(found.events) == found.book
    alone = [row for row in statement.rows if row.kind in ENDS and not row.pair]
    if not alone:  # without its shares an assignment moves what its contract says
        ours, theirs = cash_u(found.book, "main"), cash_of(statement)
        assert {name: cash for name, cash in ours.items() if cash} == {
            name: cash for name, cash in theirs.items() if cash
        }
    if not found.left:
        assert booked(found.book, statement, "main").events == ()
        assert reconciled(found.book, statement, "main") == []


def check(name: str, damages: list[Damage]) -> None:
    """Book a damaged year, and mend a book of half of it."""
    statement = statement_of(name, damages)
    try:
        holds(statement, booked(EMPTY, statement, "main"))
        half = replace(statement, rows=statement.rows[::2])
        before = booked(EMPTY, half, "main").book
    except InputError as refused:
        said = str(refused)
    else:
        breaks = reconciled(before, statement, "main")
        assert fold(mends(breaks), before).strays == ()
        return
    assert "\n" not in said
    assert said.startswith(f"{statement.path}, row ")


@pytest.mark.parametrize("name", sorted(TEXTS))
@given(damages=DAMAGES)
@settings(max_examples=15)
def test_damaged_rows_are_refused_left_or_booked_with_their_cash(
    name: str, damages: list[Damage]
) -> None:
    check(name, damages)


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(TEXTS))
@given(damages=DAMAGES)
@settings(max_examples=500)
def test_five_hundred_damaged_years_each_are_refused_left_or_booked_with_their_cash(
    name: str, damages: list[Damage]
) -> None:
    """Twice a broker's layout: its year and its wheel."""
    check(name, damages)
