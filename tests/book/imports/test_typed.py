"""What a desk told by hand or by the closes, and a broker's export tells as well: booked once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from book.imports.outline import dollars, read_text
from book.imports.rows import book_of, row, statement
from book.imports.test_actions import ASSIGNED, BOUGHT, CALL, PUT, SOLD, held, kinds
from book.imports.test_reconcile import by_hand, desk_book, ends, mended, told
from book.imports.test_years import YEARS
from book.told import opened, sold
from underwriter.book.event import AnyEvent, Assigned, Corrected, Expired, Settled, Split
from underwriter.book.fold import fold
from underwriter.book.imports.booking import booked
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.reconcile import reconciled
from underwriter.book.imports.statement import Row
from underwriter.book.imports.writer import UNCONFIRMED
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO


def in_parts(*fills: tuple[int, float]) -> list[Row]:
    """The rows of one order, filled in parts."""
    return [
        replace(
            row(20 + at, "trade", "2026-01-05", PUT, -count, price=price, fee=0.66 * count,
                net=count * (price * 100 - 0.66), effect="open"),
            line=20 + at,
        )
        for at, (count, price) in enumerate(fills)
    ]  # fmt: skip


def test_t74_what_the_desk_told_once_and_the_broker_in_parts_is_one_fill() -> None:
    book, rows = desk_book(0.85, quantity=-3), in_parts((2, 0.85), (1, 0.82))
    found = book_of(*rows, before=book)
    (event,) = found.events
    assert isinstance(event, Corrected)
    assert (event.quantity, event.price_u, event.fee_u) == (-3, 840_000, 1_980_000)
    assert (held_u(found.book, "main"), cash_u(found.book, "main")) == (
        {PUT: -3 * MICRO}, {"USD": 250_020_000},
    )  # fmt: skip
    assert book_of(*rows, before=found.book).events == (), "the same file again"
    said = ends(*rows, cash=250.02, held={PUT: -3})
    breaks = reconciled(book, said, "main")
    assert (told(breaks), len(breaks[0].mend)) == ([("price", PUT)], 1)
    assert reconciled(mended(book, breaks), said, "main") == []


def test_t74_parts_find_the_fill_of_their_number_among_several_of_the_day() -> None:
    book = desk_book(0.85, quantity=-3)
    more = replace(
        by_hand(0.85), id="desk-2f", client="c2", source=UNSET, quantity=-4, amount_u=340_000_000
    )
    book = fold([more], book)
    rows = in_parts((3, 0.85), (1, 0.9), (3, 0.9))
    found = book_of(*rows, before=book)
    assert [one.of for one in found.events if isinstance(one, Corrected)] == ["desk-1f", "desk-2f"]
    assert held_u(found.book, "main") == {PUT: -7 * MICRO}


def test_t43_an_expiry_that_a_desk_told_by_the_close_gives_way_to_the_broker_s_word() -> None:
    """Nobody tells a desk by hand of a late exercise: its own expiry is no broker's word."""
    first = book_of(SOLD)
    (expiry,) = book_of(row(3, "expiration", "2026-02-20", PUT, 1), before=first.book).events
    before = fold([replace(expiry, id=f"{UNCONFIRMED}9")], first.book)
    found = book_of(SOLD, ASSIGNED, before=before)
    assert kinds(found.events) == ["Busted", "Assigned"]
    assert held(found) == {"KO": 100.0}


def test_t60_a_split_that_the_desk_told_by_its_prices_is_not_booked_again() -> None:
    """However the broker tells it: what leaves and what comes, or the shares that come alone."""
    sold = row(1, "trade", "2026-01-05", CALL, -1, price=1, net=100, effect="open")
    new = "KO    260220C00031000"
    rows = [
        row(3, "split", "2026-02-02", "KO", -100, effect="close"),
        row(4, "split", "2026-02-02", "KO", 200, effect="open"),
        row(5, "split", "2026-02-02", CALL, 1, effect="close"),
        row(6, "split", "2026-02-02", new, -2, effect="open"),
    ]
    before = book_of(sold, BOUGHT)
    desk = [
        replace(each, id=f"{UNCONFIRMED}{at}")
        for at, each in enumerate(book_of(*rows, before=before.book).events)
    ]
    told_before = fold(desk, before.book)
    found = book_of(sold, BOUGHT, *rows, before=told_before)
    assert (found.events, found.left) == ((), ())
    assert held(found) == {new: -2.0, "KO": 200.0}
    alone = book_of(row(7, "split", "2026-02-02", "KO", 100), before=told_before)
    assert (alone.events, held(alone)) == ((), {new: -2.0, "KO": 200.0})
    other = book_of(row(8, "split", "2026-02-20", "KO", 200), before=told_before)
    assert held(other)["KO"] == 400.0


def by_the_closes(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """What ends as a desk tells it by the closes: of what the broker takes for it nothing."""
    return [
        replace(each, id=f"{UNCONFIRMED}{at}", fee_u=0)
        if isinstance(each, Assigned | Expired | Settled)
        else replace(each, id=f"{UNCONFIRMED}{at}")
        if isinstance(each, Split)
        else each
        for at, each in enumerate(events)
    ]


@pytest.mark.parametrize("year", YEARS)
def test_what_ended_by_the_closes_is_as_every_broker_tells_it(tmp_path: Path, year: str) -> None:
    """Exports with the ids of executions were refused whole: nothing was left to end."""
    text, _, cash, option = YEARS[year]
    told_by_it = read_text(tmp_path, text())
    desk = by_the_closes(booked(fold([]), told_by_it, "main").events)
    ended = [each.id for each in desk if isinstance(each, Assigned | Expired | Settled)]
    found = booked(fold(desk), told_by_it, "main")
    assert found.left == ()
    assert [each.of for each in found.events if isinstance(each, Corrected)] == ended
    assert dollars(cash_u(found.book, "main").items()) == {"USD": cash}
    held_then = {option: "-1", "MSFT  260821P00395000": "-1", "XYZ": "200"}
    assert dollars(held_u(found.book, "main").items()) == held_then
    again = booked(found.book, told_by_it, "main")
    assert (again.events, len(again.known)) == ((), len(told_by_it.rows))


BOUGHT_PUT = replace(SOLD, quantity_u=MICRO, gross_u=-SOLD.gross_u, net_u=-SOLD.net_u)
ENDS = {
    "expiry": (SOLD, row(3, "expiration", "2026-02-20", PUT, 1, fee=0.1, net=-0.1)),
    "assignment": (SOLD, replace(ASSIGNED, pair="p")),
    "exercise": (BOUGHT_PUT, row(3, "exercise", "2026-02-20", PUT, -1)),
    "settlement": (SOLD, row(3, "settlement", "2026-02-20", PUT, 1, net=-200, fee=0.1)),
}
DELIVERED = row(4, "delivery", "2026-02-20", "KO", 100, price=60, net=-6_005, fee=5, pair="p")


@pytest.mark.parametrize("execution", ["", "e-1"])
@pytest.mark.parametrize("end", ENDS)
def test_an_end_by_the_closes_is_the_broker_s_with_an_id_or_without(
    end: str, execution: str
) -> None:
    first, row_of_it = ENDS[end]
    rows = [replace(row_of_it, execution=execution)]
    if end == "assignment":
        rows.append(replace(DELIVERED, execution=execution and f"{execution}-s"))
    before = book_of(first)
    truth = booked(before.book, statement(rows), "main")
    desk = fold(by_the_closes(truth.events), before.book)
    found = booked(desk, statement(rows), "main")
    assert kinds(found.events) == ["Corrected"]
    assert held(found) == held(truth)
    assert cash_u(found.book, "main") == cash_u(truth.book, "main")
    assert kinds(booked(found.book, statement(rows), "main").events) == []
    other = replace(rows[0], id=f"{UNCONFIRMED}other", execution="fact-9")
    with pytest.raises(InputError, match="expected at most the 0 of"):
        booked(desk, statement([other]), "main")  # a second fact of the desk is no broker's word


RUNGS = ("expiration", "assignment")


@pytest.mark.parametrize("kind", RUNGS)
def test_an_end_by_the_closes_of_several_rungs_is_one_row_of_the_broker(kind: str) -> None:
    """Two sleeves hold the same put: the desk's fact is dealt out to them, the broker's is one."""
    told_there = [
        event
        for at, count in enumerate((2, 1))
        for event in (opened(at), sold(count, f"{count * 85}", sleeve=at, id=f"s{at}"))
    ]
    before = fold(told_there)
    end = row(3, kind, "2026-02-20", PUT, 3, fee=0.3, net=-0.3)
    own = replace(end, id=f"{UNCONFIRMED}7", fee_u=0, gross_u=0, net_u=0)
    desk = booked(before, statement([own]), "main").book
    truth = booked(before, statement([end]), "main").book
    found = booked(desk, statement([replace(end, execution="e-1")]), "main")
    assert kinds(found.events) == ["Corrected", "Corrected"]
    assert held_u(found.book, "main") == held_u(truth, "main")
    assert cash_u(found.book, "main") == cash_u(truth, "main")
    assert booked(found.book, statement([end]), "main").events == ()
    assert told(reconciled(desk, statement([end]), "main")) == [("price", PUT)]
    same = replace(end, fee_u=0, gross_u=0, net_u=0)
    assert reconciled(desk, statement([same]), "main") == []


def test_an_end_by_hand_of_fewer_is_none_of_the_row_s() -> None:
    before = fold([opened(), sold(3, "255", id="s1")])
    one = row(3, "expiration", "2026-02-20", PUT, 1)
    (expiry,) = booked(before, statement([one]), "main").events
    by_person = fold([replace(expiry, id="hand-3", source="by hand")], before)
    found = booked(by_person, statement([row(4, "expiration", "2026-02-20", PUT, 2)]), "main")
    assert (kinds(found.events), held(found)) == (["Expired"], {})
