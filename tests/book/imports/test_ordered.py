"""A statement's fill of an order that a desk was told came to nothing is of that order (T74)."""

from datetime import date
from typing import Any

import pytest

from book.imports.rows import row, statement
from book.told import CALL, DAY, PUT, bought, common, opened, seat, shares, sold
from underwriter.book.event import AnyEvent, Busted, Filled, Leg, OrderIntended, OrderTold
from underwriter.book.fold import fold
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.held import held_u
from underwriter.book.imports.ordered import unfilled
from underwriter.book.imports.reconcile import mends, reconciled
from underwriter.book.imports.statement import Row
from underwriter.book.seating import BY_HAND
from underwriter.core.units import MICRO

LOWER, OTHER = "KO    260220P00055000", "KO    260220P00050000"
ON = "2026-01-05"


def order(*legs: tuple[str, int], limit: float, client: str = "c1", **more: Any) -> OrderIntended:  # noqa: ANN401
    """An order of a desk, net a share."""
    what = {"action": more.pop("action", "open"), "shares": more.pop("shares", 0)}
    named = tuple(Leg(*leg) for leg in legs)
    return OrderIntended(
        **seat(**more), client=client, legs=named, limit_u=round(limit * MICRO), **what
    )


def ended(client: str = "c1", state: str = "cancelled", **more: Any) -> OrderTold:  # noqa: ANN401
    """What the desk was told of it."""
    return OrderTold(**seat(**more), client=client, state=state)  # type: ignore[arg-type]


def fill(number: int, quantity: int, price: float, what: str = PUT, **more: Any) -> Row:  # noqa: ANN401
    """A row of a statement: a trade, without fees."""
    size = 1 if what == "KO" else 100
    more = {"day": ON, "effect": "open"} | more
    net = -quantity * size * price
    return row(number, "trade", more.pop("day"), what, quantity, price=price, net=net, **more)


def found(told: list[AnyEvent], *rows: Row) -> Booked:
    """What rows add to a desk's book."""
    orders = unfilled(told, "main")
    return booked(fold(told), statement(rows), "main", orders=orders)


def whose(came: Booked) -> list[tuple[str | None, int, int, str | None]]:
    """The fills: of which order, in which sleeve, how many, of what."""
    return [
        (one.client or None, one.sleeve, one.quantity or one.shares, one.option)
        for one in came.events
        if isinstance(one, Filled)
    ]


ASKED: list[AnyEvent] = [opened(), order((PUT, -3), limit=0.85), ended()]


def test_t74_what_was_said_not_to_be_filled_and_was_is_of_the_order_s_sleeve() -> None:
    came = found(ASKED, fill(1, -2, 0.85), fill(2, -1, 0.90))
    assert whose(came) == [("c1", 0, -2, PUT), ("c1", 0, -1, PUT)]
    assert {one.policy for one in came.events if isinstance(one, Filled)} == {"p"}
    assert held_u(came.book, "main") == {PUT: -3 * MICRO}
    again = [*ASKED, *came.events]
    assert found(again, fill(1, -2, 0.85), fill(2, -1, 0.90)).events == (), "the same file again"
    assert unfilled(again, "main") == {}


def test_t74_a_fill_that_was_taken_back_and_is_in_the_file_is_of_its_order_again() -> None:
    told = [
        opened(), order((PUT, -3), limit=0.85), sold(3, "255", id="desk-1", client="c1"),
        Busted(**common(), of="desk-1", why="by hand"),
    ]  # fmt: skip
    live = fold(told).orders.live
    assert [one.state for one in live.values()] == ["unknown"]
    came = found(told, fill(1, -3, 0.86))
    assert whose(came) == [("c1", 0, -3, PUT)]
    assert came.book.orders.ended == {("main", "c1"): "filled"}


@pytest.mark.parametrize(
    "of",
    [
        fill(1, -3, 0.84),
        fill(1, -3, 0.90, day="2026-01-06"),
        fill(1, -4, 0.90),
        fill(1, -3, 0.90, OTHER),
        fill(1, 3, 0.80),
    ],
    ids=["worse than its limit", "another day", "more than asked", "another put", "other side"],
)
def test_t74_what_the_order_did_not_ask_for_is_by_hand(of: Row) -> None:
    came = found(ASKED, of)
    ((client, sleeve, *_),) = whose(came)
    assert (client, sleeve) == (None, 1)
    assert came.book.sleeves[1].policy == BY_HAND


def test_t74_what_is_beyond_the_order_is_by_hand_and_the_rest_the_order_s() -> None:
    came = found(ASKED, fill(1, -2, 0.90), fill(2, -2, 0.90), fill(3, -1, 0.80), fill(4, -1, 0.9))
    assert whose(came) == [
        ("c1", 0, -2, PUT), ("c1", 0, -1, PUT), (None, 1, -2, PUT), (None, 1, -1, PUT),
    ]  # fmt: skip


def test_t74_a_fill_that_the_desk_was_told_is_confirmed_and_the_other_order_gets_the_other() -> (
    None
):
    told = [
        opened(), opened(1), order((PUT, -1), limit=0.85), sold(1, "85", id="desk-1", client="c1"),
        order((PUT, -1), limit=0.85, client="c2", sleeve=1), ended("c2", sleeve=1),
    ]  # fmt: skip
    came = found(told, fill(1, -1, 0.85), fill(2, -1, 0.86))
    assert whose(came) == [("c2", 1, -1, PUT)]
    assert held_u(came.book, "main") == {PUT: -2 * MICRO}


def test_t74_legs_are_of_an_order_together_at_its_net_price() -> None:
    told = [opened(), order((PUT, -2), (LOWER, 2), limit=0.50), ended()]
    came = found(told, fill(1, 2, 0.40, LOWER), fill(2, -2, 0.90))
    assert whose(came) == [("c1", 0, 2, LOWER), ("c1", 0, -2, PUT)]
    worse = found(told, fill(1, 2, 0.41, LOWER), fill(2, -2, 0.90))
    assert {client for client, *_ in whose(worse)} == {None}
    alone = found(told, fill(2, -2, 0.90))
    assert {client for client, *_ in whose(alone)} == {None}
    uneven = found(told, fill(1, 1, 0.40, LOWER), fill(2, -2, 0.90))
    assert {client for client, *_ in whose(uneven)} == {None}


def test_t74_shares_and_calls_on_them_are_of_one_order() -> None:
    told = [opened(), order((CALL, -1), shares=100, limit=-58.80), ended()]
    came = found(told, fill(1, 60, 60.0, "KO"), fill(2, 40, 60.0, "KO"), fill(3, -1, 1.2, CALL))
    assert whose(came) == [("c1", 0, 60, None), ("c1", 0, 40, None), ("c1", 0, -1, CALL)]


def test_t74_shares_alone_are_bought_and_sold() -> None:
    told = [opened(), order(shares=100, limit=-60.0, action="buy_shares"), ended()]
    came = found(told, fill(1, 100, 59.9, "KO"))
    assert whose(came) == [("c1", 0, 100, None)]
    told += [*came.events, order(shares=-100, limit=61.0, action="sell_shares", client="c2")]
    gone = found(told, fill(2, -100, 61.5, "KO", effect="close"))
    assert whose(gone) == [("c2", 0, -100, None)]


def test_t74_a_purchase_ends_what_its_order_s_sleeve_holds_and_not_the_first_that_holds_it() -> (
    None
):
    told = [
        opened(), opened(1), sold(1, "85"), sold(1, "85", sleeve=1),
        order((PUT, 1), limit=-0.40, action="close", sleeve=1), ended(sleeve=1),
    ]  # fmt: skip
    came = found(told, fill(1, 1, 0.40, effect="close"))
    assert whose(came) == [("c1", 1, 1, PUT)]
    told.append(bought(1, "-30", sleeve=1))
    came = found(told, fill(1, 1, 0.40, effect="close"))
    assert whose(came) == [(None, 0, 1, PUT)], "its own leg is gone by then"


def test_t74_what_is_held_of_the_same_is_added_to_and_a_place_that_is_taken_is_not() -> None:
    told = [opened(), sold(1, "85"), *ASKED[1:]]
    assert whose(found(told, fill(1, -3, 0.90))) == [("c1", 0, -3, PUT)]
    told = [opened(), sold(1, "85", OTHER), *ASKED[1:]]
    assert whose(found(told, fill(1, -3, 0.90))) == [(None, 1, -3, PUT)]


def test_t74_orders_of_another_account_and_rolls_claim_nothing() -> None:
    other = {"account": "second"}
    told = [
        opened(), opened(1, **other), order((PUT, -3), limit=0.85, sleeve=1, **other),
        sold(1, "85", OTHER), order((OTHER, 1), (PUT, -1), limit=0.1, action="roll", client="c3"),
        shares(1, "-60"),
    ]  # fmt: skip
    assert unfilled(told, "main") == {}
    assert [one.order.client for one in unfilled(told, "second")[DAY]] == ["c1"]
    assert unfilled([opened()], "main") == {}, "nobody asked for anything"


def test_t74_reconcile_mends_with_the_order_s_fill() -> None:
    said = statement([fill(1, -3, 0.90)])
    breaks = reconciled(fold(ASKED), said, "main", unfilled(ASKED, "main"))
    (mend,) = mends(breaks)
    assert isinstance(mend, Filled)
    assert (mend.client, mend.sleeve, mend.session) == ("c1", 0, date.fromisoformat(ON))
    assert mend.session == DAY


def test_t74_of_orders_that_asked_in_turn_the_last_alone_is_for_what_was_left() -> None:
    """Each rung of a ladder is one; what the owner trades beside them is nobody's order."""
    told = [
        opened(), order((PUT, -3), limit=0.90), ended(),
        order((PUT, -3), limit=0.85, client="c2"), sold(3, "255", id="x", client="c2"),
    ]  # fmt: skip
    assert unfilled(told, "main") == {}
    came = found(told, fill(1, -3, 0.92))
    assert [one.sleeve for one in came.events if isinstance(one, Filled)] != [0]
    assert [client for client, *_ in whose(came)] == [None]
