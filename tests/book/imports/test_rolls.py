"""Rolls in statements: which trades are one, where its legs stand, and what takes one back."""

from typing import Any

import pytest
from msgspec.structs import replace

from book.imports.rows import book_of, row
from book.told import bought, common, opened, shares, sold
from underwriter.book.event import Adjusted, Busted, CashAdjusted, Filled, Moved
from underwriter.book.fold import Book, fold
from underwriter.book.imports.booking import Booked
from underwriter.book.imports.held import held_u
from underwriter.book.imports.statement import Row
from underwriter.core.sleeve import LONG_PUT, ROLL_SHORT, SHORT_PUT

P60, P58, P55 = "KO    260220P00060000", "KO    260320P00058000", "KO    260220P00055000"
P50, C62, C64 = "KO    260320P00050000", "KO    260220C00062000", "KO    260320C00064000"
DAY, NEXT = "2026-02-10", "2026-02-11"


def trade(number: int, option: str, quantity: int, day: str = DAY, **more: Any) -> Row:  # noqa: ANN401
    """A trade at a dollar without a fee; a purchase closes and a sale opens, unless said."""
    more = {"effect": "close" if quantity > 0 else "open", "net": -100 * quantity} | more
    return row(number, "trade", day, option, quantity, price=1, **more)


def campaigns(found: Booked) -> list[tuple[str, int, float]]:
    """Of each campaign: its underlying, how often it was rolled, its money in dollars."""
    return [(one.underlying, one.rolls, one.money_u / 1e6) for one in found.book.campaigns]


def legs(book: Book) -> list[dict[int, int]]:
    """What each sleeve holds, by slot."""
    return [
        {slot: int(count) for slot, count in enumerate(sleeve.quantity) if count}
        for sleeve in (book.state.sleeves[at] for at in range(len(book.sleeves)))
    ]


FIRST = trade(1, P60, -2, "2026-01-05")
BACK, AGAIN = trade(2, P60, 2, order="9"), trade(3, P58, -2, order="9")


@pytest.mark.parametrize("rows", [(BACK, AGAIN), (AGAIN, BACK)])
@pytest.mark.parametrize("silent", [False, True])
def test_an_order_that_buys_back_and_sells_anew_goes_on_with_its_campaign(
    rows: tuple[Row, ...], silent: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """In either order, and where the broker says neither order nor opening and closing."""
    given = [replace(one, order="", effect="") if silent else one for one in rows]
    found = book_of(FIRST, *given)
    assert campaigns(found) == [("KO", 1, 200.0)]
    assert legs(found.book) == [{SHORT_PUT: -2}]
    end = book_of(trade(4, P58, 2, NEXT), before=found.book)
    assert campaigns(end) == [("KO", 1, 0.0)]
    assert end.book.campaigns[0].result_u == 0


def test_fills_of_both_legs_in_parts_are_one_roll() -> None:
    parts = [trade(2, P60, 1), trade(3, P58, -1), trade(4, P60, 1), trade(5, P58, -1)]
    found = book_of(FIRST, *parts)
    assert campaigns(found) == [("KO", 1, 200.0)]
    assert legs(found.book) == [{SHORT_PUT: -2}]


def test_a_sale_of_nothing_beside_a_roll_is_left_with_its_cash() -> None:
    """It says 275.00 and moves no contract: no event can say it, and the roll is one without it."""
    odd = trade(4, P58, 0, effect="open", net=275)
    for rows in ((BACK, AGAIN, odd), (BACK, odd, AGAIN), (odd, BACK, AGAIN)):
        found = book_of(FIRST, *rows)
        assert [left.row for left in found.left] == [odd]
        assert found.book.balance_u("main", "USD") == 475 * 1_000_000
        assert campaigns(found) == [("KO", 1, 200.0)]


NO_ROLLS: dict[str, tuple[Row, ...]] = {
    "another day": (BACK, trade(3, P58, -2, NEXT)),
    "another right": (BACK, trade(3, C62, -2)),
    "another side": (BACK, trade(3, P58, 2, effect="open")),
    "the same contract": (BACK, trade(3, P60, -2)),
    "gone by the evening": (BACK, AGAIN, trade(4, P58, 2)),
    "bought and sold, and both to open": (BACK, trade(3, P58, 4, effect="open"), AGAIN),
    "an adjusted root": (BACK, trade(3, "KO1   260320P00058000", -2)),
}


@pytest.mark.parametrize("why", NO_ROLLS)
def test_what_is_no_roll_begins_another_campaign(why: str) -> None:
    found = book_of(FIRST, *NO_ROLLS[why])
    assert [(one.rolls, one.closed is not None) for one in found.book.campaigns][:1] == [(0, True)]
    assert len(found.book.campaigns) == 2


def test_a_part_that_is_rolled_stands_in_a_rung_of_its_own() -> None:
    found = book_of(FIRST, trade(2, P60, 1), trade(3, P58, -1))
    assert campaigns(found) == [("KO", 0, 100.0), ("KO", 0, 100.0)]
    assert legs(found.book) == [{SHORT_PUT: -1}, {SHORT_PUT: -1}]


def test_contracts_of_another_size_and_parts_of_one_are_left_as_before() -> None:
    odd = replace(AGAIN, instrument=replace(AGAIN.instrument or BACK.instrument, multiplier=10))  # type: ignore[type-var]
    part = replace(AGAIN, quantity_u=-1_500_000)
    for new in (odd, part):
        found = book_of(FIRST, BACK, new)
        assert [left.row.line for left in found.left] == [3]
        assert len(found.book.campaigns) == 1


def test_a_spread_is_rolled_leg_by_leg_in_one_campaign() -> None:
    """Sold 60 and bought 55 for one, then both for others: 100 - 100 + 0 of four trades at 1."""
    spread = [FIRST, trade(4, P55, 2, "2026-01-05", effect="open")]
    new = [BACK, trade(5, P55, -2, effect="close"), AGAIN, trade(6, P50, 2, effect="open")]
    found = book_of(*spread, *new)
    assert campaigns(found) == [("KO", 1, 0.0)]
    assert legs(found.book) == [{SHORT_PUT: -2, LONG_PUT: 2}]


def test_a_call_that_is_rolled_on_shares_is_counted() -> None:
    stock = row(9, "trade", "2026-01-05", "KO", 100, price=60, net=-6_000, effect="open")
    call = trade(1, C62, -1, "2026-01-05")
    found = book_of(stock, call, trade(2, C62, 1), trade(3, C64, -1))
    assert campaigns(found) == [("KO", 1, -5_900.0)]


@pytest.mark.parametrize(
    ("anew", "expected"),
    [
        ((-2, -1), [{SHORT_PUT: -1}, {SHORT_PUT: -2}]),
        ((-4, -1), [{SHORT_PUT: -1}, {SHORT_PUT: -4}]),
        ((-1,), [{SHORT_PUT: -1}, {}]),
    ],
)
def test_what_two_sleeves_hold_is_rolled_in_each(
    anew: tuple[int, ...], expected: list[dict[int, int]]
) -> None:
    """One of a policy's and two of another sleeve: each goes on, the last with what is over."""
    one, two = sold(1, "100", option=P60), sold(2, "200", option=P60, sleeve=1)
    new = [trade(at, P58, count) for at, count in enumerate(anew, 3)]
    found = book_of(trade(2, P60, 3), *new, before=fold([opened(), opened(1), one, two]))
    assert legs(found.book) == expected
    moved = [event for event in found.events if isinstance(event, Moved)]
    assert [(event.sleeve, event.policy) for event in moved] == [
        (at, "p") for at, held in enumerate(expected) if held
    ]
    assert [one.rolls for one in found.book.campaigns] == [len(held) for held in expected]


def test_where_another_roll_waits_there_is_no_room_for_a_second() -> None:
    """A slot beside that is taken: the new leg stands in a rung of its own."""
    waiting = sold(1, "100", option=P50, slot=ROLL_SHORT)
    before = fold([opened(), sold(2, "200", option=P60), waiting])
    found = book_of(BACK, AGAIN, before=before)
    assert legs(found.book) == [{ROLL_SHORT: -1}, {SHORT_PUT: -2}]


@pytest.mark.parametrize("last", [0, 1])
def test_a_roll_of_two_statements_is_one_campaign_all_the_same(last: int) -> None:
    """The second one tells what was sold for the first one's end, of which it may tell again."""
    first = book_of(FIRST, BACK)
    found = book_of(*[FIRST, BACK][last:], AGAIN, before=first.book)
    assert campaigns(found) == [("KO", 1, 200.0)]
    assert legs(found.book) == [{SHORT_PUT: -2}]
    assert book_of(FIRST, BACK, AGAIN, before=found.book).events == ()
    assert [type(event) for event in found.events] == [Busted, Filled, Filled, Moved]


@pytest.mark.parametrize(
    "new",
    [
        (trade(3, P58, -2, NEXT),),
        (trade(3, C62, -2),),
        (trade(3, P58, 2, effect="open"),),
        (trade(3, P60, -2),),
        (AGAIN, trade(4, P58, 2)),
    ],
)
def test_what_is_no_roll_is_none_in_two_statements_either(new: tuple[Row, ...]) -> None:
    first = book_of(FIRST, BACK)
    assert len(book_of(*new, before=first.book).book.campaigns) == 2


def test_an_end_that_did_not_end_its_leg_or_has_no_id_is_not_told_anew() -> None:
    first = book_of(trade(1, P60, -3, "2026-01-05"), BACK)
    found = book_of(AGAIN, before=first.book)
    assert legs(found.book) == [{SHORT_PUT: -1}, {SHORT_PUT: -2}]
    end = bought(2, "-200", option=P60, day=BACK.day)
    nameless = fold([opened(), sold(2, "200", option=P60), end])
    assert len(book_of(AGAIN, before=nameless).book.campaigns) == 2


def test_a_sleeve_of_another_root_is_no_place_for_a_roll() -> None:
    """Of an adjusted contract in a sleeve that trades KO: its successor trades KO1."""
    other = "KO1   260220P00060000", "KO1   260320P00058000"
    change = Adjusted(**common(), sleeve=0, campaign=1, policy="p", slot=SHORT_PUT, was=P60,
                      option=other[0], shares=12, cash_u=0, why="")  # fmt: skip
    before = fold([opened(), sold(2, "200", option=P60), change])
    found = book_of(trade(2, other[0], 2), trade(3, other[1], -2), before=before)
    assert legs(found.book) == [{}, {SHORT_PUT: -2}]
    told = book_of(trade(2, other[0], 2), before=before)
    assert legs(book_of(trade(3, other[1], -2), before=told.book).book) == [{}, {SHORT_PUT: -2}]


def test_what_was_recorded_by_hand_is_no_part_of_a_roll() -> None:
    """A record that a row gives its id to is corrected where it is."""
    end = bought(2, "-200", option=P60, day=BACK.day, source="by hand", price="1", id="hand-3")
    told = [opened(), sold(2, "200", option=P60, id="hand-2"), end]
    found = book_of(BACK, AGAIN, before=fold(told))
    assert campaigns(found) == [("KO", 1, 200.0)]
    both = sold(2, "200", option=P58, day=BACK.day, source="by hand", price="1", id="hand-4",
                sleeve=1)  # fmt: skip
    found = book_of(BACK, AGAIN, before=fold([*told, opened(1), both]))
    assert campaigns(found) == [("KO", 0, 0.0), ("KO", 0, 200.0)]
    assert found.book.strays == ()


def taken_back(number: int, option: str, quantity: int) -> Row:
    """A correction of a trade at a dollar."""
    return row(number, "correction", DAY, option, quantity, price=1, net=-100 * quantity)


def test_t19_a_roll_whose_new_leg_never_was_is_an_end() -> None:
    found = book_of(FIRST, BACK, AGAIN, taken_back(4, P58, 2))
    assert (campaigns(found), legs(found.book)) == ([("KO", 0, 0.0)], [{}])


def test_t19_a_roll_whose_old_leg_was_never_bought_back_holds_both() -> None:
    found = book_of(FIRST, BACK, AGAIN, taken_back(4, P60, -2))
    assert held_u(found.book, "main") == {P60: -2_000_000, P58: -2_000_000}
    assert campaigns(found) == [("KO", 0, 400.0)]


def test_t19_a_roll_of_which_one_fill_never_was_moves_in_with_the_rest() -> None:
    halves = trade(3, P58, -1), trade(5, P58, -1)
    found = book_of(FIRST, BACK, *halves, taken_back(4, P58, 1))
    assert (campaigns(found), legs(found.book)) == ([("KO", 1, 100.0)], [{SHORT_PUT: -1}])
    assert book_of(FIRST, BACK, *halves, taken_back(4, P58, 1), before=found.book).events == ()


def test_t19_a_trade_of_no_roll_is_taken_back_beside_one() -> None:
    found = book_of(FIRST, BACK, AGAIN, trade(6, C62, -1), taken_back(7, C62, 1))
    assert (campaigns(found), legs(found.book)) == ([("KO", 1, 200.0)], [{SHORT_PUT: -2}])


def test_t19_a_trade_that_was_recorded_by_hand_is_taken_back_by_the_id_of_its_row() -> None:
    told = sold(2, "190", option=P58, day=BACK.day, source="by hand", price="1", id="hand-2")
    found = book_of(AGAIN, taken_back(4, P58, 2), before=fold([opened(), told]))
    assert (legs(found.book), found.book.campaigns) == ([{}], [])


def test_a_trade_in_another_currency_is_not_the_one_that_is_taken_back() -> None:
    """Else 200 dollars would come back as 200 euros."""
    back = row(2, "correction", DAY, P60, 2, price=1, net=-200, currency="EUR")
    found = book_of(FIRST, back)
    assert [left.why for left in found.left] == ["found no trade that it takes back"]
    assert found.book.balance_u("main", "USD") == 200 * 1_000_000
    assert found.book.balance_u("main", "EUR") == -200 * 1_000_000


def test_cash_on_shares_of_which_as_many_are_sold_short_is_money_of_the_account() -> None:
    """There is no basis in all that it could come off."""
    short = [opened(1), shares(-100, "6000", sleeve=1)]
    held = fold([opened(), shares(100, "-6000"), *short])
    found = book_of(row(1, "adjustment", DAY, "KO", net=7), before=held)
    assert [type(event) for event in found.events] == [CashAdjusted]
    assert found.book.balance_u("main", "USD") == 7 * 1_000_000
