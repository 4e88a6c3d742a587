"""Orders through their whole life; and where what no policy decided belongs."""

from typing import Any

import pytest

from book.told import CALL, DAY, PUT, assigned, common, opened, seat, shares, sold
from underwriter.book.event import (
    AnyEvent,
    Busted,
    Corrected,
    Deposited,
    Leg,
    OrderIntended,
    OrderTold,
)
from underwriter.book.fold import Book, fold
from underwriter.book.past import KEPT
from underwriter.book.seating import BY_HAND, Trade, places
from underwriter.core.contract import parse_osi
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT


def intended(client: str, quantity: int = -3, **more: Any) -> OrderIntended:  # noqa: ANN401
    what: dict[str, Any] = {"action": "open", "legs": (Leg(PUT, quantity),), "shares": 0}
    return OrderIntended(**(seat() | {"client": client, "limit_u": 850_000} | what | more))


def told(client: str, state: Any, **more: str) -> OrderTold:  # noqa: ANN401
    return OrderTold(**seat(), client=client, state=state, **more)


def book_of(*events: AnyEvent) -> Book:
    return fold([opened(), *events])


ROAD = [
    told("a", "sent"),
    told("a", "unknown", why="timeout"),
    told("a", "acknowledged", order="B1"),
]


def test_t01_an_unknown_order_lives_until_it_has_been_looked_up() -> None:
    book = book_of(intended("a"), *ROAD[:2])
    order = book.orders.live["main", "a"]
    assert (order.state, order.broker) == ("unknown", "")
    assert (
        "expected no live order of sleeve 0 to open" in fold([intended("b")], book).strays[0].text
    )
    assert fold(ROAD[2:], book).orders.live["main", "a"].broker == "B1"


@pytest.mark.parametrize("end", ["filled", "cancelled", "rejected", "expired", "replaced"])
def test_t08_an_end_frees_the_sleeve_for_the_next_order(end: str) -> None:
    book = book_of(intended("a"), *ROAD, told("a", end, why="said so"))
    assert (book.orders.live, book.orders.ended) == ({}, {("main", "a"): end})
    assert fold([intended("b")], book).strays == ()
    assert "found it again" in fold([intended("a")], book).strays[0].text
    assert f"expected a live one, found {end}" in fold([told("a", "sent")], book).strays[0].text


def test_t04_another_action_of_the_sleeve_may_live_beside_it() -> None:
    book = book_of(intended("a"), intended("b", action="close"))
    assert (len(book.orders.live), book.strays) == (2, ())


def test_t09_a_replacement_is_for_what_is_left() -> None:
    part = book_of(intended("a"), *ROAD, sold(1, "85", client="a"))
    assert "expected at most the -2" in fold([intended("b", -3, replaces="a")], part).strays[0].text
    assert "expected at most the -2" in fold([intended("b", 1, replaces="a")], part).strays[0].text
    book = fold([intended("b", -2, replaces="a")], part)
    assert len(book.orders.live) == 2, "the one goes on until the broker has the other"
    done = fold([told("b", "acknowledged", order="B2")], book)
    assert (list(done.orders.live), done.orders.ended) == (
        [("main", "b")],
        {("main", "a"): "replaced"},
    )
    kept = fold([told("b", "rejected")], book)
    assert list(kept.orders.live) == [("main", "a")]


def test_t16_what_is_filled_after_its_cancel_is_booked() -> None:
    book = book_of(intended("a", -1), told("a", "cancelled"), sold(1, "85", client="a"))
    assert (book.strays, int(book.state.sleeves[0].quantity[0])) == ((), -1)


def busted(of: str) -> Busted:
    return Busted(**common(), of=of, why="erroneous")


def test_t19_a_busted_fill_goes_back_to_what_is_left_of_its_order() -> None:
    fills = [sold(1, "85", client="a", id="e1"), sold(1, "86", client="a", id="e2")]
    book = book_of(intended("a"), *ROAD, *fills)
    assert book.orders.live["main", "a"].left == {PUT: -1}
    order = fold([busted("e2")], book).orders.live["main", "a"]
    assert (order.left, order.state) == ({PUT: -2}, "acknowledged")


def test_t19_an_order_that_was_filled_by_what_was_busted_is_unknown_until_it_is_looked_up() -> None:
    """Its broker may let it work again: no other is sent beside it before that is known."""
    book = book_of(intended("a", -1), *ROAD, sold(1, "85", client="a", id="e1"))
    assert book.orders.ended == {("main", "a"): "filled"}
    again = fold([busted("e1")], book)
    order = again.orders.live["main", "a"]
    assert (order.left, order.state, order.broker) == ({PUT: -1}, "unknown", "B1")
    assert (again.orders.ended, again.strays) == ({}, ())
    assert "expected no live order" in fold([intended("b", -1)], again).strays[0].text
    gone = fold([told("a", "cancelled"), intended("b", -1)], again)
    assert (gone.strays, list(gone.orders.live)) == ((), [("main", "b")])
    assert fold([sold(1, "85", client="a", id="e3")], again).orders.live == {}


def test_t19_a_fill_of_fewer_than_was_told_leaves_the_rest_of_its_order() -> None:
    book = book_of(intended("a"), *ROAD, sold(3, "255", client="a", id="e1"))
    figures = {"shares": 0, "price_u": 0, "amount_u": 170_000_000, "fee_u": 0}
    fewer = Corrected(**common(), of="e1", quantity=-2, **figures)
    assert fold([fewer], book).orders.live["main", "a"].left == {PUT: -1}
    dearer = Corrected(**common(), of="e1", quantity=-3, **figures)
    assert fold([dearer], book).orders.ended == {("main", "a"): "filled"}


def test_a_fill_that_comes_after_the_word_that_its_order_is_filled_is_counted() -> None:
    late = book_of(intended("a"), *ROAD, told("a", "filled"), sold(3, "255", client="a", id="e1"))
    assert fold([busted("e1")], late).orders.live["main", "a"].left == {PUT: -3}


def test_what_was_filled_long_ago_is_kept_no_longer() -> None:
    later = DAY + KEPT + KEPT
    done = told("a", "filled")
    book = book_of(intended("a"), done, intended("b", session=later), told("b", "filled"))
    assert list(book.orders.filled) == [("main", "b")]
    assert list(book.orders.ended) == [("main", "a"), ("main", "b")]


def test_an_order_of_shares_is_filled_by_shares() -> None:
    book = book_of(intended("a", legs=(), shares=100), shares(60, "-6", client="a"))
    assert book.orders.live["main", "a"].left == {"": 40}
    assert fold([shares(40, "-4", client="a")], book).orders.live == {}


def test_an_order_of_nothing_is_none() -> None:
    assert "expected legs or shares" in book_of(intended("a", legs=())).strays[0].text


# --- seating ---

KO = parse_osi(CALL)
START: list[AnyEvent] = [Deposited(**common(), amount_u=1)]


def trade(quantity: int, contract: Any = KO, *, opens: bool = True) -> Trade:  # noqa: ANN401
    return Trade("main", "KO", contract, quantity, opens, DAY, 0)


def test_what_is_new_opens_a_sleeve_by_hand() -> None:
    (place,) = places(fold(START), trade(-1))
    assert (place.sleeve, place.slot, place.quantity) == (0, SHORT_CALL, -1)
    assert place.opened is not None
    assert (place.opened.policy, place.opened.name, place.opened.root) == (BY_HAND, BY_HAND, "KO")
    (stock,) = places(fold(START), Trade("main", "BRK.B", None, 5, opens=True, day=DAY, at=0))
    assert stock.opened is not None
    assert (stock.opened.underlying, stock.opened.root) == ("BRK.B", "BRKB")


def test_a_sleeve_of_another_account_or_underlying_is_no_place() -> None:
    others = [opened(0, "PEP"), opened(1, account="ira")]
    (place,) = places(fold([*START, *others]), trade(-1))
    assert place.sleeve == 2
    assert place.opened is not None


def test_what_ends_a_policys_leg_ends_it_there_and_the_rest_opens_by_hand() -> None:
    book = fold([*START, opened(), sold(2, "85")])
    found = places(book, trade(3, parse_osi(PUT)))
    assert [(one.sleeve, one.slot, one.quantity) for one in found] == [(0, SHORT_PUT, 2), (1, 1, 1)]
    assert [one.policy for one in found] == ["p", BY_HAND]
    only = places(book, trade(3, parse_osi(PUT), opens=False))
    assert sum(one.quantity for one in only) == 2


def test_a_rung_more_is_opened_where_the_place_is_taken() -> None:
    (first,) = places(fold(START), trade(-1))
    assert first.opened is not None
    book = fold([*START, first.opened, sold(1, "50", CALL, slot=SHORT_CALL)])
    (again,) = places(book, trade(-1))
    assert (again.sleeve, again.campaign, again.opened) == (0, 1, None)
    (other,) = places(book, trade(-1, parse_osi("KO    260320C00062000")))
    assert (other.sleeve, other.opened is None) == (1, False)
    (put,) = places(book, trade(-1, parse_osi(PUT)))
    assert (put.sleeve, put.slot) == (0, SHORT_PUT)
    (long,) = places(book, trade(1, parse_osi("KOX   260220P00060000", ["KOX"])))
    assert (long.sleeve, long.slot) == (1, 1), "of another root it has a sleeve of its own"
    flat = fold([assigned(1, -100, "62", option=CALL, slot=SHORT_CALL), shares(100, "-1")], book)
    (stock,) = places(flat, trade(-10, None))
    assert (stock.sleeve, stock.campaign) == (0, 2)
