"""Corporate actions and odd ends as statements tell them, booked; named as in FAILURES.md."""

from typing import Any

import pytest
from msgspec.structs import replace

from book.imports.rows import book_of, row, statement, thing
from book.told import opened, shares
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Assigned,
    Busted,
    CapitalReturned,
    Converted,
    DividendReceived,
    Filled,
    Renamed,
    Settled,
)
from underwriter.book.fold import fold
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.statement import Row
from underwriter.book.told import told
from underwriter.core.errors import InputError

PUT, CALL = "KO    260220P00060000", "KO    260220C00062000"


def kinds(events: tuple[AnyEvent, ...]) -> list[str]:
    return [type(each).__name__ for each in events if type(each).__name__ != "SleeveOpened"]


def held(found: Booked) -> dict[str, float]:
    return {key: amount / 1e6 for key, amount in held_u(found.book, "main").items()}


def cash(found: Booked, currency: str = "USD") -> float:
    return cash_u(found.book, "main")[currency] / 1e6


SOLD = row(1, "trade", "2026-01-05", PUT, -1, price=0.85, net=84.34, fee=0.66, effect="open")
BOUGHT = row(2, "trade", "2026-01-06", "KO", 100, price=60, net=-6_000, effect="open")
ASSIGNED = row(3, "assignment", "2026-02-20", PUT, 1)
SHARES = row(4, "delivery", "2026-02-23", "KO", 100, price=60, net=-6_000, effect="open")


def test_t57_an_assignment_whose_shares_are_not_told_moves_them_at_the_strike() -> None:
    found = book_of(SOLD, ASSIGNED)
    assert (held(found), cash(found)) == ({"KO": 100.0}, pytest.approx(-5_915.66))
    (end,) = [each for each in found.events if isinstance(each, Assigned)]
    assert (end.price_u, end.amount_u) == (60_000_000, -6_000_000_000)
    late = book_of(SOLD, ASSIGNED, SHARES, before=found.book)
    assert (late.events, len(late.known)) == ((), 3)


def test_t44_t45_shares_told_before_their_option_are_one_assignment_in_the_end() -> None:
    found = book_of(SOLD, SHARES)
    assert held(found) == {PUT: -1.0, "KO": 100.0}
    late = book_of(SOLD, ASSIGNED, SHARES, before=found.book)
    assert kinds(late.events) == ["Busted", "Assigned"]
    assert (held(late), cash(late)) == ({"KO": 100.0}, pytest.approx(-5_915.66))
    assert [one.money_u for one in late.book.campaigns] == [-5_915_660_000]
    assert book_of(SOLD, ASSIGNED, SHARES, before=late.book).events == ()


def test_t43_t44_what_was_inferred_is_confirmed_and_not_booked_again() -> None:
    first = book_of(SOLD)
    inferred = Assigned(
        at=0, session=ASSIGNED.day, account="main", sleeve=0, campaign=1, policy="by hand", slot=0,
        option=PUT, quantity=1, shares=100, price_u=60_000_000, amount_u=-6_000_000_000, fee_u=0,
        source="inferred",
    )  # fmt: skip
    before = fold([inferred], first.book)
    found = book_of(SOLD, ASSIGNED, SHARES, before=before)
    assert (held(found), cash(found)) == ({"KO": 100.0}, pytest.approx(-5_915.66))
    assert found.book.repeats != ()
    assert book_of(SOLD, ASSIGNED, SHARES, before=found.book).events == ()


def test_t46_several_assignments_share_one_row_of_shares() -> None:
    five = row(1, "trade", "2026-01-05", PUT, -5, price=0.85, net=425, effect="open")
    ends = [row(3, "assignment", "2026-02-19", PUT, 2), row(4, "assignment", "2026-02-19", PUT, 1)]
    shares = row(5, "delivery", "2026-02-19", "KO", 300, price=60, net=-18_005, fee=5)
    found = book_of(five, *ends, shares)
    ended = [each for each in found.events if isinstance(each, Assigned)]
    assert [(each.quantity, each.shares) for each in ended] == [(2, 200), (1, 100)]
    assert (held(found), cash(found)) == ({PUT: -2.0, "KO": 300.0}, 425.0 - 18_005)
    rest = row(6, "expiration", "2026-02-20", PUT, 2, sided=False)
    assert held(book_of(rest, before=found.book)) == {"KO": 300.0}


def test_t48_an_expiry_without_a_side_ends_a_long_option_as_well() -> None:
    long = row(1, "trade", "2026-01-05", CALL, 3, price=1, net=-300, effect="open")
    gone = row(2, "expiration", "2026-02-20", CALL, 3, sided=False)
    assert held(book_of(long, gone)) == {}


@pytest.mark.parametrize(("option", "price"), [(PUT, 55.0), (CALL, 67.0)])
def test_cash_settlement_has_the_price_that_its_cash_makes(option: str, price: float) -> None:
    sold = row(1, "trade", "2026-01-05", option, -2, price=1, net=200, effect="open")
    end = row(2, "settlement", "2026-02-20", option, 2, net=-1_000)
    found = book_of(sold, end)
    (settled,) = [each for each in found.events if isinstance(each, Settled)]
    assert (settled.price_u, cash(found), held(found)) == (price * 1e6, -800.0, {})


def test_t58_a_special_dividend_lowers_the_strike_and_keeps_the_money() -> None:
    new = "JD    260918P00060760"
    sold = row(1, "trade", "2026-05-04", "JD    260918P00062000", -1, price=11.77, net=1_177)
    out = row(2, "adjustment", "2026-05-19", "JD    260918P00062000", 1, net=-1_177, effect="close")
    into = row(3, "adjustment", "2026-05-19", new, -1, net=1_177, effect="open")
    found = book_of(sold, out, into)
    assert (held(found), cash(found)) == ({new: -1.0}, 1_177.0)
    (event,) = [each for each in found.events if isinstance(each, Adjusted)]
    assert (event.option, event.shares, len(found.book.campaigns)) == (new, 100, 1)
    alone = book_of(sold, into)
    assert [why for _, why in alone.left] == ["a contract of which what it becomes is not told"]
    both = book_of(sold, out, into, before=alone.book)
    assert (held(both), cash(both)) == ({new: -1.0}, 1_177.0)


def test_t60_t61_a_split_of_shares_and_contracts_keeps_their_money() -> None:
    sold = row(1, "trade", "2026-01-05", CALL, -1, price=1, net=100, effect="open")
    new = "KO    260220C00031000"
    rows = [
        row(3, "split", "2026-02-02", "KO", -100, effect="close"),
        row(4, "split", "2026-02-02", "KO", 200, effect="open"),
        row(5, "split", "2026-02-02", CALL, 1, effect="close"),
        row(6, "split", "2026-02-02", new, -2, effect="open"),
    ]
    found = book_of(sold, BOUGHT, *rows)
    assert (held(found), cash(found)) == ({new: -2.0, "KO": 200.0}, -5_900.0)
    assert kinds(found.events)[-2:] == ["Split", "Split"]
    added = row(3, "split", "2026-02-02", "KO", 100)
    assert held(book_of(BOUGHT, added)) == {"KO": 200.0}


def test_t60_after_a_reverse_split_a_contract_delivers_what_the_shares_became() -> None:
    sold = row(1, "trade", "2026-01-05", CALL, -1, price=1, net=100, effect="open")
    new = "KO1   260220C00062000"
    rows = [
        row(3, "reverse_split", "2026-02-02", "KO", -100, effect="close"),
        row(4, "reverse_split", "2026-02-02", "KO", 5, effect="open"),
        row(5, "reverse_split", "2026-02-02", CALL, 1, effect="close"),
        row(6, "reverse_split", "2026-02-02", new, -1, effect="open"),
        row(7, "adjustment", "2026-02-03", "KO", net=12.5),
    ]
    found = book_of(sold, BOUGHT, *rows)
    assert held(found) == {"KO": 5.0, new: -1.0}
    assert found.book.delivered[new].shares == 5
    assert [each.amount_u for each in found.events if isinstance(each, CapitalReturned)] == [
        12_500_000
    ]
    away = row(8, "assignment", "2026-02-20", new, 1)
    assert "the shares are not told" in book_of(sold, BOUGHT, *rows, away).left[0].why
    gone = row(9, "delivery", "2026-02-20", "KO", -5, price=1_240, net=6_200, effect="close")
    assert held(book_of(sold, BOUGHT, *rows, away, gone)) == {}


def test_t59_what_a_new_root_delivers_is_not_guessed() -> None:
    new = "KO1   260220P00060000"
    out = row(3, "adjustment", "2026-02-02", PUT, 1, effect="close")
    into = row(4, "adjustment", "2026-02-02", new, -1, effect="open")
    found = book_of(SOLD, out, into)
    assert {why for _, why in found.left} == {"what KO1 delivers is not told"}
    assert held(found) == {PUT: -1.0}


def test_t62_a_renamed_underlying_goes_on_with_its_campaign() -> None:
    old = "FB    260220C00062000"
    sold = row(1, "trade", "2026-01-05", old, -1, price=1, net=100, effect="open")
    bought = row(2, "trade", "2026-01-06", "FB", 100, price=60, net=-6_000, effect="open")
    rows = [
        row(3, "symbol_change", "2026-02-02", "FB", -100, effect="close"),
        row(4, "symbol_change", "2026-02-02", "META", 100, effect="open"),
        row(5, "symbol_change", "2026-02-02", old, 1, effect="close"),
        row(6, "symbol_change", "2026-02-02", "META  260220C00062000", -1, effect="open"),
    ]
    found = book_of(sold, bought, *rows)
    assert held(found) == {"META": 100.0, "META  260220C00062000": -1.0}
    assert (kinds(found.events)[-1], len(found.book.campaigns)) == ("Renamed", 1)
    assert isinstance(found.events[-1], Renamed)
    assert book_of(sold, bought, *rows, before=found.book).events == ()


def test_t62_a_merger_for_shares_and_cash_and_one_for_cash() -> None:
    rows = [
        row(3, "merger", "2026-02-02", "KO", -100, effect="close"),
        row(4, "merger", "2026-02-02", "PEP", 50, effect="open"),
        row(5, "adjustment", "2026-02-02", "PEP", net=700),
    ]
    found = book_of(BOUGHT, *rows)
    assert (held(found), cash(found)) == ({"PEP": 50.0}, -5_300.0)
    assert kinds(found.events) == ["Filled", "Renamed", "Split", "CapitalReturned"]
    out = row(3, "merger", "2026-02-02", "KO", -100, net=7_000, effect="close")
    found = book_of(BOUGHT, out)
    assert (held(found), cash(found), kinds(found.events)[-1]) == ({}, 1_000.0, "Settled")


def test_t71_a_conversion_is_one_event_of_both_currencies_and_its_fee() -> None:
    out = row(1, "conversion", "2026-01-05", net=-1_002, fee=2)
    into = row(1, "conversion", "2026-01-05", net=900, currency="EUR")
    into = replace(into, id="e" * 24)
    found = book_of(out, into)
    assert (cash(found), cash(found, "EUR")) == (-1_002.0, 900.0)
    assert isinstance(found.events[0], Converted)
    assert "other side" in book_of(out).left[0].why


def test_a_trade_that_is_taken_back_never_was() -> None:
    back = row(3, "correction", "2026-01-07", PUT, 1, price=0.85, net=-84.34, fee=-0.66)
    found = book_of(SOLD, back)
    assert (held(found), cash(found), kinds(found.events)) == ({}, 0.0, ["Filled", "Busted"])
    assert isinstance(found.events[-1], Busted)
    assert "no trade" in book_of(back).left[0].why
    less = replace(back, gross_u=-84_340_000, fee_u=0, net_u=-84_340_000)  # the fee stays
    assert cash(book_of(SOLD, replace(less, gross_u=-85_000_000, net_u=-85_000_000))) == -0.66
    assert kinds(book_of(SOLD, less).events) == ["Filled", "Busted"]


def test_t75_parts_of_shares_are_left_and_their_cash_is_booked() -> None:
    part = row(3, "trade", "2026-01-07", "KO", 0.25, price=60, net=-15)
    found = book_of(BOUGHT, part)
    assert [why for _, why in found.left] == ["parts of a share are not booked"]
    assert (held(found), cash(found)) == ({"KO": 100.0}, -6_015.0)
    assert book_of(BOUGHT, part, before=found.book).events == ()


def test_dividends_belong_to_the_shares_or_to_who_dealt_in_them_last() -> None:
    paid = row(5, "dividend", "2026-03-16", "KO", net=53)
    found = book_of(BOUGHT, paid)
    assert [each.shares for each in found.events if isinstance(each, DividendReceived)] == [100]
    sold = row(4, "trade", "2026-03-02", "KO", -100, price=61, net=6_100, effect="close")
    found = book_of(BOUGHT, sold, paid)
    assert (cash(found), kinds(found.events)[-1]) == (153.0, "DividendReceived")
    assert told(found.events[-1], {0: "KO"}) == "Dividend on KO, of which none is held any more"
    assert kinds(book_of(paid).events) == ["CashAdjusted"]
    held_short = fold([opened(0), opened(1), shares(100, "-6000"), shares(-100, "6000", sleeve=1)])
    found = book_of(paid, before=held_short)
    assert (cash(found), kinds(found.events)) == (53.0, ["DividendReceived"])


def test_money_of_every_kind_is_cash_to_the_cent() -> None:
    rows = [
        row(1, "deposit", "2026-01-02", net=1_000),
        row(2, "withdrawal", "2026-01-03", net=-100),
        row(3, "interest", "2026-01-04", net=1.25),
        row(4, "fee", "2026-01-05", net=-0.45),
        row(5, "withholding", "2026-01-06", "KO", net=-7.95),
        row(6, "journal", "2026-01-07", net=50),
    ]
    found = book_of(*rows)
    assert cash(found) == pytest.approx(942.85)
    assert kinds(found.events) == [
        "Deposited", "Deposited", "InterestPaid", "Charged", "Charged", "Deposited",
    ]  # fmt: skip
    came = row(7, "transfer", "2026-01-08", "KO", 100)
    assert "no basis is told" in book_of(came).left[0].why


def test_legs_of_one_order_stay_in_one_sleeve() -> None:
    """A short put stands alone; the spread that comes is not torn apart by its free long slot."""
    names = ("KO    260320P00055000", "KO    260320P00050000")
    short = row(2, "trade", "2026-01-06", names[0], -1, price=1, net=100, effect="open", order="7")
    long = row(3, "trade", "2026-01-06", names[1], 1, price=0.5, net=-50, effect="open", order="7")
    found = book_of(SOLD, short, long)
    sleeves = [each.sleeve for each in found.events if isinstance(each, Filled)]
    assert sleeves == [0, 1, 1]


def test_what_ends_in_two_sleeves_is_told_in_two_parts_that_add_up() -> None:
    later = row(2, "trade", "2026-01-06", "KO    260320P00055000", -1, price=1, net=100)
    more = row(3, "trade", "2026-01-07", PUT, -2, price=0.8, net=160)
    first = book_of(later, SOLD, more)
    back = row(4, "trade", "2026-01-08", PUT, 3, price=0.1, net=-31.01, fee=1.01, effect="close")
    found = book_of(back, before=first.book)
    assert sum(each.amount_u for each in found.events if isinstance(each, Filled)) == -30_000_000
    assert cash(found) == pytest.approx(84.34 + 260 - 31.01)
    again = booked(found.book, statement([back]), "main")
    assert again.events == ()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([row(1, "trade", "2026-01-05", "KO", -5, effect="close")], "at most the 0 of KO shares"),
        ([row(1, "expiration", "2026-01-05", PUT, 1)], "at most the 0 of KO 2026-02-20 P 60"),
    ],
)
def test_an_end_of_what_is_not_held_is_refused(rows: list[Row], why: str) -> None:
    with pytest.raises(InputError, match=f"row 1: expected {why}"):
        book_of(*rows)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (row(3, "unknown", "2026-02-02", net=1, why="nobody knows"), "nobody knows"),
        (row(3, "settlement", "2026-02-02", "KO", -5, net=1), "what is no option"),
        (row(3, "split", "2026-02-02", "PEP", 5), "does not hold"),
        (row(3, "adjustment", "2026-02-02", "KO", 5), "where they come from"),
    ],
)
def test_what_no_event_can_say_is_left(given: Row, why: str) -> None:
    found = book_of(BOUGHT, given)
    assert [why in one.why for one in found.left] == [True]
    assert held(found) == {"KO": 100.0}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (("symbol_change", "PEP", -5, "PEPX", 5), "PEP is in no sleeve"),
        (("symbol_change", "KO", -5, "KO", 5), "leave and come again"),
        (("reverse_split", PUT, 2, "KO    260220P00120000", -1), "become fewer"),
        (("adjustment", "KO    260220P00070000", 1, "KO    260220P00069000", -1), "is not held"),
    ],
)
def test_actions_that_no_event_can_say_are_left(rows: tuple[Any, ...], why: str) -> None:
    kind, old, out, new, into = rows
    pair = [
        row(5, kind, "2026-02-02", old, out, effect="close"),
        row(6, kind, "2026-02-02", new, into, effect="open"),
    ]
    found = book_of(SOLD, BOUGHT, *pair)
    assert (why in found.left[0].why, len(found.left)) == (True, 2)
    assert held(found) == {PUT: -1.0, "KO": 100.0}


def test_t62_a_renamed_underlying_may_leave_its_options_adjusted() -> None:
    rows = [
        row(5, "merger", "2026-02-02", "KO", -100, effect="close"),
        row(6, "merger", "2026-02-02", "PEP", 50, effect="open"),
        row(7, "merger", "2026-02-02", PUT, 1, effect="close"),
        row(8, "merger", "2026-02-02", "PEP1  260220P00060000", -1, effect="open"),
    ]
    found = book_of(SOLD, BOUGHT, *rows)
    assert held(found) == {"PEP": 50.0, "PEP1  260220P00060000": -1.0}
    many = replace(BOUGHT, quantity_u=300_000_000, gross_u=-18_000_000_000)
    gone = replace(rows[0], quantity_u=-300_000_000)
    come = replace(rows[1], quantity_u=100_000_000)
    left = book_of(SOLD, many, gone, come, *rows[2:]).left
    assert [(one.row.line, one.why) for one in left] == [
        (line, "what PEP1 delivers is not told") for line in (7, 8)
    ]


def test_cash_for_a_part_of_a_share_that_is_not_held_is_money_of_the_account() -> None:
    part = row(5, "adjustment", "2026-02-02", "KO", net=12.5)
    assert (cash(book_of(part)), kinds(book_of(part).events)) == (12.5, ["CashAdjusted"])


def test_contracts_of_another_size_are_left() -> None:
    small = replace(thing(PUT), multiplier=10)
    given = row(1, "trade", "2026-01-05", PUT, -1, net=8.5, instrument=small)
    assert book_of(given).left[0].why == "contracts of 10 are not booked"


def test_the_fee_of_an_assignment_that_was_inferred_is_booked() -> None:
    inferred = Assigned(
        at=0, session=ASSIGNED.day, account="main", sleeve=0, campaign=1, policy="by hand", slot=0,
        option=PUT, quantity=1, shares=100, price_u=60_000_000, amount_u=-6_000_000_000, fee_u=0,
        source="inferred",
    )  # fmt: skip
    dear = row(4, "delivery", "2026-02-23", "KO", 100, price=60, net=-6_005, fee=5, effect="open")
    found = book_of(SOLD, ASSIGNED, dear, before=fold([inferred], book_of(SOLD).book))
    assert cash(found) == pytest.approx(-5_920.66)


def test_accounts_are_kept_apart() -> None:
    found = booked(book_of(SOLD, BOUGHT).book, statement([SOLD]), "ira")
    assert held_u(found.book, "ira") == {PUT: -1_000_000}
    assert cash_u(found.book, "nobody") == {}


def test_cash_of_one_action_told_in_two_statements_is_booked_once_each() -> None:
    first, second = (row(at, "adjustment", "2026-02-02", "KO", net=at) for at in (5, 6))
    found = book_of(first, second, before=book_of(first).book)
    assert (cash(found), len(found.events)) == (11.0, 1)


def test_what_was_followed_is_not_taken_back() -> None:
    gone = row(3, "expiration", "2026-02-20", PUT, 1)
    back = row(4, "correction", "2026-02-21", PUT, 1, price=0.85, net=-84.34, fee=-0.66)
    with pytest.raises(InputError, match="row 4: what followed does not fit"):
        book_of(SOLD, gone, back)


def test_an_adjusted_root_has_a_sleeve_of_its_own() -> None:
    other = row(2, "trade", "2026-01-06", "KO1   260220P00060000", -1, price=1, net=100)
    found = book_of(SOLD, other)
    assert [each.sleeve for each in found.events if isinstance(each, Filled)] == [0, 1]
