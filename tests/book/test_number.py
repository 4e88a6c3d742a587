"""Numbers that do not fit 64 bits, and sums that would not."""

from dataclasses import replace

import msgspec
import pytest

from book.ledger_text import book_text
from book.told import PUT, common, opened, seat, shares, sold
from underwriter.book.event import (
    AnyEvent,
    Busted,
    Converted,
    Corrected,
    Deposited,
    Filled,
    InterestPaid,
    Leg,
    Marked,
    OrderIntended,
    Quoted,
)
from underwriter.book.fold import fold
from underwriter.book.number import LEAST, MOST, ROOM
from underwriter.book.stored import decode, encode
from underwriter.core.units import MICRO


def deposit(amount_u: int, **more: str) -> Deposited:
    return Deposited(**common(**more), amount_u=amount_u)


@pytest.mark.parametrize("amount_u", [LEAST, -1, 0, MOST])
def test_a_number_of_64_bits_is_read_as_it_was_written(amount_u: int) -> None:
    assert decode(encode(deposit(amount_u))) == deposit(amount_u)


EVENING = {
    "cash_u": 0, "shares_u": 0, "rate": 0.0, "measure": None, "underlyings": {}, "regimes": {},
}  # fmt: skip
TOO_LARGE: list[tuple[AnyEvent, str]] = [
    (deposit(MOST + 1), "amount_u"),
    (deposit(LEAST - 1), "amount_u"),
    (deposit(10**40), "amount_u"),
    (sold(MOST + 2, "85"), "quantity"),
    (Deposited(**{**common(), "at": MOST + 1}, amount_u=1), "at"),
    (OrderIntended(**seat(), client="c", action="open", legs=(Leg(PUT, MOST + 1),), shares=0,
                   limit_u=0), "quantity"),
    (Marked(**common(), equity_u=MOST + 1, **EVENING), "equity_u"),  # type: ignore[arg-type]
    (Marked(**common(), equity_u=0, **EVENING | {"underlyings": {"KO": Quoted(MOST + 1)}}),  # type: ignore[arg-type]
     "close_u"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "field"), TOO_LARGE)
def test_a_larger_one_is_refused_at_its_event(event: AnyEvent, field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        decode(encode(event))


BUY: Filled = shares(100, "-6000", id="1")  # type: ignore[assignment]


@pytest.mark.parametrize(
    "event",
    [
        deposit(ROOM),
        deposit(MOST + 1),
        InterestPaid(**common(), amount_u=-ROOM),
        Converted(**common(), amount_u=-1, into="BTC", into_u=ROOM, fee_u=0),
        sold(ROOM, "85"),
        shares(-ROOM, "1"),
        msgspec.structs.replace(BUY, amount_u=-ROOM, id="2"),
        msgspec.structs.replace(BUY, fee_u=ROOM, id="2"),
        Corrected(**common(), of="1", quantity=0, shares=100, price_u=1, amount_u=-ROOM, fee_u=0),
        Corrected(**common(), of="d", quantity=0, shares=0, price_u=0, amount_u=ROOM, fee_u=0),
    ],
)
def test_a_sum_that_would_not_fit_is_refused_at_its_event_and_changes_nothing(
    event: AnyEvent,
) -> None:
    start = [deposit(20_000 * MICRO, id="d"), opened(), BUY]
    book = fold([*start, event, deposit(MICRO)])
    (stray,) = book.strays
    assert stray.event == 4
    assert f"expected at most {ROOM} together" in stray.text
    unstrayed = fold([*start, deposit(MICRO)])
    assert book_text(replace(book, strays=())) == book_text(unstrayed)
    assert fold([event, deposit(MICRO)], fold(start)) == book


def test_sums_are_counted_together_however_small_their_parts_are() -> None:
    """Eight parts of 2**58 fit, and no ninth; in a book that goes on they are counted again."""
    part = 2**58
    told = [deposit(part) for _ in range(9)]
    book = fold(told)
    assert ([stray.event for stray in book.strays], book.balance_u("main", "USD")) == ([9], ROOM)
    assert [stray.event for stray in fold(told[3:], fold(told[:3])).strays] == [9]
    assert [stray.event for stray in fold([deposit(1)], book).strays] == [9, 10]


def test_money_that_goes_to_and_fro_is_counted_anew() -> None:
    """What was added up is not what is there: a hundred times in and out again fits."""
    book = fold(deposit(sign * 2**60) for _ in range(100) for sign in (1, -1))
    assert (book.strays, book.balance_u("main", "USD")) == ((), 0)


def test_what_is_taken_back_has_to_fit_as_well() -> None:
    """A deposit is taken back whose money went out again: what went out would stand alone."""
    part = 2**60
    events = [deposit(part, id="in"), deposit(-part, id="out")]
    book = fold([*events, Busted(**common(), of="in", why="")])
    assert (book.strays, book.balance_u("main", "USD")) == ((), -part)
