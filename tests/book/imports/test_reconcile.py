"""Where a book is not what a statement says: each break with its cause and its mend."""

from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from book.imports import tastytrade_year
from book.imports.outline import read_text
from book.imports.rows import book_of, row, statement
from book.imports.test_actions import ASSIGNED, BOUGHT, CALL, PUT, SHARES, SOLD
from book.imports.test_years import YEARS
from book.told import opened, sold
from underwriter.book.event import Assigned, Busted, Charged, Corrected, Deposited, Expired, Filled
from underwriter.book.fold import Book, fold
from underwriter.book.imports.booking import booked
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.reconcile import Break, mends, reconciled
from underwriter.book.imports.statement import Row, Statement
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO


def told(breaks: list[Break]) -> list[tuple[str, str]]:
    return [(one.kind, one.key) for one in breaks]


def mended(book: Book, breaks: list[Break]) -> Book:
    return fold(mends(breaks), book)


@pytest.mark.parametrize("year", YEARS)
def test_a_book_that_holds_the_statement_has_no_break(tmp_path: Path, year: str) -> None:
    told_all = read_text(tmp_path, YEARS[year][0]())
    assert reconciled(booked(fold(()), told_all, "main").book, told_all, "main") == []


def test_one_row_that_is_missing_is_the_one_break_and_mending_it_leaves_none(
    tmp_path: Path,
) -> None:
    """Every row in turn; of positions that end later the book refuses the rest, by its row."""
    header, *rows = tastytrade_year.TEXT.splitlines(keepends=True)
    whole = read_text(tmp_path, tastytrade_year.TEXT)
    expected = booked(fold(()), whole, "main").book
    refused = 0
    for at in range(len(rows)):
        part = read_text(tmp_path, header + "".join(rows[:at] + rows[at + 1 :]))
        try:
            found = booked(fold(()), part, "main")
        except InputError:
            refused += 1
            continue
        if any(one.row.pair for one in found.left):  # adjusted, and not held: it stops, too
            refused += 1
            continue
        book = found.book
        breaks = reconciled(book, whole, "main")
        gone = next(each for each in whole.rows if each.line == at + 2)
        together = {each.line for each in whole.rows if gone.pair and each.pair == gone.pair}
        if not breaks:  # the shares of an assignment are in it already
            assert gone.kind == "delivery"
        else:
            assert [one.kind for one in breaks] == ["missing event"]
            assert breaks[0].row in {at + 2, *together}
        after = mended(book, breaks)
        assert reconciled(after, whole, "main") == []
        assert after.strays == ()
        assert cash_u(after, "main") == cash_u(expected, "main")
        assert held_u(after, "main") == held_u(expected, "main")
    assert refused == 7  # openings of what ends later: KO put and call, SPY twice, MSFT, XYZ, JD


def ends(*rows: Row, cash: float | None = None, held: dict[str, float] | None = None) -> Statement:
    """A statement that says its end."""
    said = None if held is None else {key: round(count * MICRO) for key, count in held.items()}
    money = None if cash is None else {"USD": round(cash * MICRO)}
    return statement(rows, cash_u=money, holdings=said, last=ASSIGNED.day)


def test_t43_an_assignment_that_nobody_announced_is_inferred_from_what_moved() -> None:
    book = book_of(SOLD).book
    said = ends(SOLD, cash=-5_915.66, held={"KO": 100})
    breaks = reconciled(book, said, "main")
    assert told(breaks) == [("missing event", PUT)]
    (event,) = breaks[0].mend
    assert isinstance(event, Assigned)
    assert (event.source, event.quantity, event.shares) == ("inferred", 1, 100)
    after = mended(book, breaks)
    assert reconciled(after, said, "main") == []
    late = book_of(SOLD, ASSIGNED, SHARES, before=after)
    assert held_u(late.book, "main") == {"KO": 100 * MICRO}
    assert cash_u(late.book, "main") == cash_u(after, "main")


def test_t43_an_exercise_and_an_assigned_call_are_inferred_too() -> None:
    long = row(5, "trade", "2026-01-07", CALL, 1, price=1, net=-100, effect="open")
    book = book_of(long).book
    said = ends(long, cash=-6_300, held={"KO": 100})
    assert "an exercise" in reconciled(book, said, "main")[0].cause
    short = row(5, "trade", "2026-01-07", CALL, -1, price=1, net=100, effect="open")
    book = book_of(BOUGHT, short).book
    said = ends(BOUGHT, short, cash=300, held={})
    assert reconciled(mended(book, reconciled(book, said, "main")), said, "main") == []


def test_t48_of_what_two_sleeves_hold_the_first_is_taken_to_have_ended() -> None:
    """One of two contracts is gone: it is one sleeve's, and the other keeps its own."""
    book = fold([opened(0), opened(1), sold(1, "50"), sold(1, "60", sleeve=1)])
    said = ends(cash=110.0, held={PUT: -1})
    (event,) = reconciled(book, said, "main")[0].mend
    assert isinstance(event, Expired)
    assert (event.sleeve, event.quantity) == (0, 1)


def test_t48_an_option_that_is_gone_after_its_expiry_has_expired() -> None:
    book = book_of(SOLD).book
    said = ends(SOLD, cash=84.34, held={})
    breaks = reconciled(book, said, "main")
    assert told(breaks) == [("missing event", PUT)]
    assert isinstance(breaks[0].mend[0], Expired)
    assert reconciled(mended(book, breaks), said, "main") == []


def test_t59_t60_an_adjusted_root_is_named_and_not_guessed() -> None:
    book = book_of(SOLD).book
    said = ends(SOLD, cash=84.34, held={"KO1   260220P00060000": -1})
    breaks = reconciled(book, said, "main")
    assert told(breaks) == [("quantity", PUT), ("unknown position", "KO1   260220P00060000")]
    assert all("adjusted root" in one.cause for one in breaks)
    assert mends(breaks) == []


def by_hand(price: float, fee: float = 0.66) -> Filled:
    return Filled(
        at=0, session=SOLD.day, account="main", id="hand-9", sleeve=0, campaign=1, policy="by hand",
        slot=0, option=PUT, quantity=-1, shares=0, price_u=round(price * MICRO),
        amount_u=round(price * 100 * MICRO), fee_u=round(fee * MICRO), source="by hand",
    )  # fmt: skip


def hand_book(price: float, fee: float = 0.66) -> Book:
    opened = next(each for each in book_of(SOLD).events if not isinstance(each, Filled))
    return fold([opened, by_hand(price, fee)])


@pytest.mark.parametrize(
    ("price", "fee", "cause"),
    [
        (0.80, 0.66, "at another price"),
        (0.85, 0.0, "with another fee"),
        (0.0085, 0.66, "a hundred times too low"),
        (85.0, 0.66, "a hundred times too high"),
    ],
)
def test_t81_a_record_at_another_price_is_a_break_that_a_correction_mends(
    price: float, fee: float, cause: str
) -> None:
    book, said = hand_book(price, fee), ends(SOLD, cash=84.34, held={PUT: -1})
    breaks = reconciled(book, said, "main")
    assert (told(breaks), cause in breaks[0].cause) == ([("price", PUT)], True)
    assert isinstance(breaks[0].mend[0], Corrected)
    after = mended(book, breaks)
    assert reconciled(after, said, "main") == []
    assert book_of(SOLD, before=after).events == ()


def test_t74_what_the_user_did_by_hand_is_not_booked_again() -> None:
    book = hand_book(0.85)
    assert reconciled(book, ends(SOLD, cash=84.34, held={PUT: -1}), "main") == []
    found = book_of(SOLD, before=book)
    assert held_u(found.book, "main") == {PUT: -MICRO}
    assert cash_u(found.book, "main") == {"USD": 84_340_000}


def desk_book(price: float, quantity: int = -1) -> Book:
    """A book whose desk told a fill: by hand or on paper, so that no broker told it yet."""
    fill = replace(
        by_hand(price), id="desk-1f", client="c1", source=UNSET, quantity=quantity,
        amount_u=round(-quantity * price * 100 * MICRO),
    )  # fmt: skip
    opened = next(each for each in book_of(SOLD).events if not isinstance(each, Filled))
    return fold([opened, fill])


@pytest.mark.parametrize("price", [0.85, 0.80])
def test_t74_what_the_desk_told_is_not_booked_again_by_the_broker_s_file(price: float) -> None:
    """Of several legs a desk by hand knows the net price alone: the file has the leg's."""
    book = desk_book(price)
    found = book_of(SOLD, before=book)
    assert [type(one) for one in found.events] == [Corrected]
    assert held_u(found.book, "main") == {PUT: -MICRO}
    assert cash_u(found.book, "main") == {"USD": 84_340_000}
    assert book_of(SOLD, before=found.book).events == (), "the same file again"
    said = ends(SOLD, cash=84.34, held={PUT: -1})
    breaks = reconciled(book, said, "main")
    assert told(breaks) == ([] if price == 0.85 else [("price", PUT)])
    assert all("told by the desk at another price" in one.cause for one in breaks)
    assert reconciled(found.book, said, "main") == []


def test_t74_a_true_second_fill_beside_the_desk_s_is_booked() -> None:
    second = replace(SOLD, id="second", line=9)
    found = book_of(SOLD, second, before=desk_book(0.85))
    assert held_u(found.book, "main") == {PUT: -2 * MICRO}
    assert book_of(second, SOLD, before=found.book).events == ()


def test_t74_what_may_be_a_part_of_the_desk_s_fill_is_told_and_never_guessed() -> None:
    book = desk_book(0.85, quantity=-3)
    mend = "underwriter book record correct desk-1f --never"
    with pytest.raises(InputError, match=mend):
        book_of(SOLD, before=book)
    (broken, *_) = reconciled(book, ends(SOLD, held={PUT: -3}), "main")
    assert (broken.kind, broken.book_u, broken.statement_u) == ("quantity", -3 * MICRO, -MICRO)
    assert mend in broken.cause
    assert broken.mend == ()
    back = Busted(at=1, session=SOLD.day, account="main", of="desk-1f", why="by hand")
    assert held_u(book_of(SOLD, before=fold([back], book)).book, "main") == {PUT: -MICRO}


def test_t80_cash_that_no_row_explains_is_a_break_of_its_own() -> None:
    book = book_of(SOLD).book
    said = ends(SOLD, cash=80.34, held={PUT: -1})
    breaks = reconciled(book, said, "main")
    assert (told(breaks), isinstance(breaks[0].mend[0], Charged)) == ([("cash", "USD")], True)
    assert reconciled(mended(book, breaks), said, "main") == []
    breaks = reconciled(book, ends(SOLD, cash=94.34, held={PUT: -1}), "main")
    assert breaks[0].cause == "a dividend or interest"
    paid = Deposited(at=0, session=SOLD.day, account="main", amount_u=1)
    assert reconciled(fold([paid]), ends(SOLD, cash=0.0), "main")[-1].cause == "a fee of no trade"
    assert reconciled(fold([paid]), ends(cash=5.0), "main")[-1].cause == "interest"


@pytest.mark.parametrize(
    ("held", "kind", "cause"),
    [
        ({"KO": 200}, "quantity", "a split 2 for 1"),
        ({"KO": 50}, "quantity", "a split 1 for 2"),
        ({"KO": 130}, "quantity", "a fill, which"),
        ({"KO": 100.5}, "quantity", "parts of a share"),
        ({"KO": 100, "PEP": 7}, "unknown position", "came from outside"),
        ({"KO": 100, CALL: -1}, "unknown position", "a fill, which"),
    ],
)
def test_t61_t75_other_positions_are_breaks_with_their_likely_cause(
    held: dict[str, float], kind: str, cause: str
) -> None:
    breaks = reconciled(book_of(BOUGHT).book, ends(BOUGHT, held=held), "main")
    assert ([one.kind for one in breaks], cause in breaks[0].cause) == ([kind], True)
    assert breaks[0].mend == ()


def test_a_close_of_what_was_never_opened_is_an_unknown_position() -> None:
    close = row(9, "trade", "2026-01-09", "KO", -100, price=61, net=6_100, effect="close")
    breaks = reconciled(book_of(SOLD).book, ends(SOLD, close), "main")
    assert told(breaks) == [("unknown position", "KO")]
    assert "never opened in this book" in breaks[0].cause


def test_a_row_that_no_event_can_say_is_a_break_with_its_cash() -> None:
    strange = row(9, "unknown", "2026-01-09", net=3, why="nobody knows")
    book = book_of(SOLD).book
    breaks = reconciled(book, ends(SOLD, strange, cash=87.34), "main")
    assert (told(breaks), breaks[0].cause) == ([("missing event", "USD")], "nobody knows")
    assert reconciled(mended(book, breaks), ends(SOLD, strange, cash=87.34), "main") == []


def test_an_option_that_is_gone_before_its_expiry_was_filled() -> None:
    later = row(1, "trade", "2026-01-05", "KO    260918P00060000", -1, price=0.85, net=85)
    breaks = reconciled(book_of(later).book, ends(later, cash=85, held={}), "main")
    assert (told(breaks), breaks[0].mend) == ([("quantity", "KO    260918P00060000")], ())


def test_t46_one_of_two_that_was_assigned_is_inferred_where_it_is_held() -> None:
    other = row(2, "trade", "2026-01-06", "KO    260320P00055000", -1, price=1, net=100)
    more = row(3, "trade", "2026-01-07", PUT, -2, price=0.8, net=160)
    book = book_of(other, SOLD, more).book
    said = ends(other, SOLD, more, held={"KO    260320P00055000": -1, PUT: -2, "KO": 100})
    breaks = reconciled(book, said, "main")
    assert [(one.kind, len(one.mend)) for one in breaks] == [("missing event", 1)]
    assert reconciled(mended(book, breaks), said, "main") == []
