"""What a desk told by the closes, and what a statement that is imported says of it."""

from datetime import date

import pytest
from msgspec.structs import replace

from book.imports.rows import book_of, row, statement
from book.imports.test_actions import ASSIGNED, BOUGHT, PUT, SOLD
from book.imports.test_typed import by_the_closes
from underwriter.app.import_desk import differing, unconfirmed
from underwriter.book.event import AnyEvent
from underwriter.book.fold import fold
from underwriter.book.imports.booking import booked
from underwriter.book.imports.statement import Row, Statement

EXPIRED = row(3, "expiration", "2026-02-20", PUT, 1)
SETTLED = row(3, "settlement", "2026-02-20", PUT, 1, net=-200)
SPLIT = row(7, "split", "2026-02-20", "KO", 100)
WAYS = {
    "expired": (SOLD, EXPIRED, "1 KO 2026-02-20 P 60"),
    "assigned": (SOLD, ASSIGNED, "100 shares"),
    "settled": (SOLD, SETTLED, "1 KO 2026-02-20 P 60"),
    "split": (BOUGHT, SPLIT, "Split 2:1, now KO"),
}


def desk(first: Row, then: Row) -> list[AnyEvent]:
    """A journal of what a statement told, and what the desk then did by the closes."""
    before = book_of(first)
    return [*before.events, *by_the_closes(booked(before.book, statement([then]), "main").events)]


def of(last: str, *rows: Row, first: str = "2026-02-01") -> Statement:
    """A statement of some days."""
    days = {"first": date.fromisoformat(first), "last": date.fromisoformat(last)}
    return statement(rows, **days)


@pytest.mark.parametrize("way", WAYS)
def test_what_happened_by_the_closes_and_is_in_no_statement_is_told(way: str) -> None:
    """Shares of it are in the book, and not at the broker: a call on them would be naked."""
    first, then, words = WAYS[way]
    told = desk(first, then)
    (one,) = unconfirmed(told, of("2026-02-28"), "main")
    assert (one.day, one.id) == (then.day, told[-1].id)
    assert words in one.what
    (line,) = differing([], [one])
    assert "told at the desk by hand or by the closes: 2026-02-20" in line
    assert f"underwriter book record correct {one.id} --never" in line
    assert unconfirmed(told, of("2026-02-19"), "main") == []
    assert unconfirmed(told, of("2026-02-28"), "other") == []


@pytest.mark.parametrize("way", WAYS)
def test_what_the_statement_has_is_not_told_whatever_day_within_five_it_is_of(way: str) -> None:
    first, then, _ = WAYS[way]
    told = desk(first, then)
    late = replace(then, day=date(2026, 2, 23), execution="e-1")
    said = of("2026-02-28", late, first="2026-02-23")
    found = booked(fold(told), said, "main")
    assert unconfirmed([*told, *found.events], said, "main") == []
    assert len(unconfirmed(told, of("2026-02-28", first="2026-02-23"), "main")) == 1
    assert unconfirmed(told, of("2026-03-28", first="2026-02-26"), "main") == []
