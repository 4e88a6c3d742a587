"""Corrections and busts: a book is what it would be, had it been told so from the beginning."""

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from book.told import PUT, assigned, bought, common, expired, opened, seat, shares, sold
from underwriter.book.amend import amended
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Deposited,
    DividendReceived,
    InterestPaid,
    Moved,
    Renamed,
)
from underwriter.book.fold import Book, fold
from underwriter.book.past import flow_u
from underwriter.core.units import MICRO

LATE = date(2027, 6, 1)


def busted(of: str, **more: Any) -> Busted:  # noqa: ANN401
    return Busted(**common(**more), of=of, why="by the exchange")


def corrected(of: str, quantity: int, count: int, money: str, **more: Any) -> Corrected:  # noqa: ANN401
    amount, _, fee = money.partition(" ")
    amount_u, fee_u = (round(float(each or 0) * MICRO) for each in (amount, fee))
    figures = {"price_u": 510_000, "amount_u": amount_u, "fee_u": fee_u}
    return Corrected(**common(**more), of=of, quantity=quantity, shares=count, **figures)


def same(book: Book, other: Book) -> bool:
    """Whether two books hold the same: cash, sleeves and campaigns."""
    sleeves = [each.state.sleeves.tobytes() for each in (book, other)]  # type: ignore[attr-defined]
    cash = [each.state.accounts.tobytes() for each in (book, other)]  # type: ignore[attr-defined]
    return sleeves[0] == sleeves[1] and cash[0] == cash[1] and book.tallies == other.tallies


WHEEL = [
    opened(),
    sold(3, "255 1.98", id="1"),
    bought(1, "-40 0.66", id="2"),
    assigned(1, 100, "-6000", id="3"),
    expired(1, id="4"),
    shares(-100, "6100 0.17", id="5"),
]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (corrected("1", -3, 0, "240 1.98"), {1: sold(3, "240 1.98", id="1", price="0.51")}),
        (corrected("5", 0, -100, "6099 0.18"), {5: shares(-100, "6099 0.18", id="5", price="0.51")}),  # noqa: E501
        (corrected("3", 1, 100, "-6001 9"), {3: assigned(1, 100, "-6001 9", id="3", price="0.51")}),
        (busted("5"), {5: None}),
    ],
    ids=["price after all has moved on", "fee of shares", "assignment", "bust of the last"],
)  # fmt: skip
def test_t19_a_correction_makes_the_book_what_it_would_have_been(
    change: AnyEvent, told: dict[int, AnyEvent | None]
) -> None:
    due = [told.get(i, event) for i, event in enumerate(WHEEL)]
    book, true = fold([*WHEEL, change]), fold([event for event in due if event is not None])
    assert book.strays == ()
    assert same(book, true)
    assert same(fold(amended([*WHEEL, change])), true)


def test_t19_a_correction_leaves_the_campaigns_before_it_alone() -> None:
    again = [sold(1, "90 0.66", id="6"), expired(1, id="7")]
    book = fold([*WHEEL, *again, corrected("6", -1, 0, "80 0.66")])
    true = fold([*WHEEL, sold(1, "80 0.66", id="6", price="0.51"), again[1]])
    assert book.strays == ()
    assert same(book, true)
    assert [campaign.number for campaign in book.campaigns] == [1, 2]
    first = corrected("1", -3, 0, "240 1.98")
    assert same(
        fold([first], book), fold([*WHEEL, *again, first, corrected("6", -1, 0, "80 0.66")])
    )


def test_t19_what_a_row_corrects_goes_by_the_row_s_id_from_then_on() -> None:
    """In the history as it truly was, and in the campaign that a later bust is looked for in."""
    told = [opened(), sold(1, "90 0.66", id="hand-2"), corrected("hand-2", -1, 0, "80", id="row")]
    assert [event.id for event in amended(told)[1:]] == ["row"]
    ((entry,),) = [run.entries for runs in fold(told).runs.values() for run in runs]
    assert entry[1].id == "row"
    assert fold([*told, busted("row")]).campaigns == []


def test_an_adjusted_root_is_one_however_many_sleeves_hold_it() -> None:
    odd = "KO1   260220P00060000"
    told = {"slot": 0, "was": PUT, "option": odd, "shares": 12, "cash_u": MICRO, "why": "OCC"}
    held = [opened(0), opened(1), sold(1, "50"), sold(1, "60", sleeve=1)]
    book = fold([*held, Adjusted(**seat(0), **told), Adjusted(**seat(1), **told)])
    assert (book.strays, [each.root for each in book.instruments]) == ((), ["KO", "KO1"])
    first, second = (int(sleeve.contract[0]) for sleeve in book.state.sleeves)
    assert first == second


def test_what_moves_no_money_has_no_flow() -> None:
    assert flow_u(Moved(**seat(), slot=4, option=PUT)) == 0


def test_t19_a_bust_of_what_has_moved_on_waits_until_the_rest_is_taken_back() -> None:
    before = fold(WHEEL)
    book = fold([busted("1")], before)
    assert "take it back first" in book.strays[0].text
    assert replace(book, strays=(), events=before.events) == before
    last_first = [busted(each) for each in ("5", "4", "3", "2", "1")]
    gone = fold([*WHEEL, *last_first])
    assert (gone.strays, int(gone.state.accounts[0].cash_u)) == ((), 0)
    assert (gone.campaigns, gone.state.sleeves[0].campaign) == ([], 0)
    assert [type(event).__name__ for event in amended([*WHEEL, *last_first])] == ["SleeveOpened"]


def test_a_part_that_was_bought_back_keeps_its_share_of_a_corrected_opening() -> None:
    """255 becomes 240: of three one is gone, so two thirds of 238.02 stay."""
    book = fold([*WHEEL[:3], corrected("1", -3, 0, "240 1.98")])
    assert book.state.sleeves[0].amount_u[0] == 238_020_000 * 2 // 3


def test_t45_what_is_told_twice_is_booked_once() -> None:
    book = fold([*WHEEL, *WHEEL[1:]])
    assert same(book, fold(WHEEL))
    assert (book.strays, book.repeats) == ((), (7, 8, 9, 10, 11))
    other = fold([*WHEEL, msgspec.structs.replace(WHEEL[1], account="ira")])  # type: ignore[type-var]
    assert "of account 'ira'" in other.strays[0].text, "an id is one account's"


def test_a_correction_of_a_correction_goes_by_its_new_id() -> None:
    first = corrected("1", -3, 0, "240 1.98", id="1.02")
    second = corrected("1.02", -3, 0, "270 1.98", id="1.03")
    book = fold([*WHEEL, first, second])
    assert (
        int(book.state.accounts[0].cash_u) == int(fold(WHEEL).state.accounts[0].cash_u) + 15 * MICRO
    )
    assert "expected" in fold([*WHEEL, first, corrected("1", -3, 0, "1")]).strays[0].text
    assert fold([*WHEEL, first, WHEEL[1]]).repeats == (8,), "the old id is not told anew"


def test_a_stray_may_be_told_again_when_it_fits() -> None:
    early = fold([opened(), expired(1, id="4"), sold(1, "85", id="1"), expired(1, id="4")])
    assert (len(early.strays), early.repeats, early.state.sleeves[0].legs) == (1, (), 0)


PAID: list[AnyEvent] = [
    Deposited(**common(id="a"), amount_u=100),
    InterestPaid(**common(id="b"), amount_u=-7),
    Charged(**common(id="c"), amount_u=-5, what="fee"),
    CashAdjusted(**common(id="d"), amount_u=3, why="rounding"),
    Converted(**common(id="e"), amount_u=-50, into="EUR", into_u=46, fee_u=1),
]


@pytest.mark.parametrize("of", ["a", "b", "c", "d"])
def test_money_of_an_account_is_corrected_and_busted(of: str) -> None:
    due = {"a": 100, "b": -7, "c": -5, "d": 3}
    book = fold(
        [*PAID, Corrected(**common(), of=of, quantity=0, shares=0, price_u=0, amount_u=11, fee_u=0)]
    )
    assert book.balance_u("main", "USD") == sum(due.values()) - due[of] + 11 - 51
    gone = fold([*PAID, busted(of)])
    assert gone.balance_u("main", "USD") == sum(due.values()) - due[of] - 51
    assert "expected an event of a campaign" in fold([busted(of)], gone).strays[0].text


def test_a_conversion_is_busted_whole_and_never_corrected() -> None:
    gone = fold([*PAID, busted("e")])
    assert (gone.balance_u("main", "USD"), gone.balance_u("main", "EUR")) == (91, 0)
    assert "bust it and tell it anew" in fold([*PAID, corrected("e", 0, 0, "1")]).strays[0].text


def test_dividends_and_capital_are_corrected() -> None:
    events: list[AnyEvent] = [
        opened(),
        shares(100, "-6000", id="1"),
        DividendReceived(**seat(id="2"), shares=100, per_share_u=1, amount_u=100),
        CapitalReturned(**seat(id="3"), shares=100, amount_u=50),
    ]
    book = fold([*events, corrected("2", 0, 100, "51"), corrected("3", 0, 100, "4")])
    assert int(book.state.accounts[0].cash_u) == (-6000 + 55) * MICRO
    assert book.campaigns[0].dividends_u == 51 * MICRO
    true = [
        e
        for e in amended([*events, corrected("2", 0, 100, "51")])
        if isinstance(e, DividendReceived)
    ]
    assert (true[0].per_share_u, true[0].amount_u) == (510_000, 51 * MICRO)


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([busted("9")], "expected the id of an event that was booked"),
        ([sold(1, "85"), expired(1, id="4"), busted("4")], "expected an event of a campaign"),
        ([*WHEEL[1:], sold(1, "9", id="8", day=LATE), busted("5")], "ended at most 400 days ago"),
    ],
    ids=["never told", "a campaign without ids", "long ago"],
)
def test_what_cannot_be_taken_back_is_a_stray(events: list[AnyEvent], text: str) -> None:
    book = fold([opened(), *events])
    assert [text in stray.text for stray in book.strays] == [True]


def test_a_past_with_another_symbol_in_it_happens_again() -> None:
    renamed = Renamed(**seat(id="2"), underlying="KOX", root="KOX")
    named = "KOX   260220P00060000"
    events = [opened(), sold(1, "85", id="1"), renamed, expired(1, option=named, id="3")]
    book = fold([*events, corrected("1", -1, 0, "80")])
    assert (book.strays, int(book.state.accounts[0].cash_u)) == ((), 80 * MICRO)
    assert book.sleeves[0].underlying == "KOX"
    back = fold([*events[:3], busted("2")])
    assert (back.strays, back.sleeves[0].underlying) == ((), "KO")
    stuck = fold([*events, busted("2")])
    assert (len(stuck.strays), stuck.sleeves[0].underlying) == (1, "KOX")
