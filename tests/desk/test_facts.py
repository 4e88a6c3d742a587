"""Facts as brokers tell them: late, twice, in any order, taken back; booked once all the same."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desk.stand import Stand
from desk.world import day, moment, osi
from underwriter.app.trade_rows import lines_of
from underwriter.book.event import (
    Answered,
    Approved,
    Assigned,
    BookOpened,
    CashAdjusted,
    Filled,
    InterestPaid,
    Moved,
    OrderIntended,
    SleeveOpened,
)
from underwriter.book.imports.draft import digest
from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind, Row
from underwriter.core.sleeve import SHORT_PUT
from underwriter.core.units import MICRO, to_u
from underwriter.desk.brokers.paper_account import Fact
from underwriter.desk.facts import take_facts
from underwriter.desk.hand import Moment, act
from underwriter.desk.inbox import Close
from underwriter.desk.ports import Capabilities, DoubtError, Told

PUT, NEXT, OTHER = osi(60.0), osi(60.0, expiry=11), osi(55.0, expiry=11)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return quoted(Stand(tmp_path))


def quoted(stand: Stand) -> Stand:
    stand.board.touches |= {
        PUT: (1.30, 1.40), NEXT: (2.00, 2.10), OTHER: (1.60, 1.70), "KO": (59.99, 60.01),
    }  # fmt: skip
    return stand


def sold(stand: Stand, count: int = 1) -> Stand:
    """With puts sold, told and booked."""
    stand.approve("open", (PUT, -count))
    stand.route()
    return stand


def assigned(stand: Stand) -> tuple[Told, Told]:
    """The option's row and its shares', of the night of the first Friday."""
    stand.board.day(4, closes=[(58.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    rows = {one.row.kind: one for one in stand.erring.broker.events(day(0))}
    return rows[Kind.ASSIGNMENT], rows[Kind.DELIVERY]


def hear(stand: Stand, *told: Told) -> tuple[str, ...]:
    """Book an answer of the broker; what it does not fit."""
    return take_facts(stand.ledger, told, stand.clock.at).refused


def test_t44_t45_shares_told_alone_join_the_assignment_that_a_later_answer_tells(
    stand: Stand,
) -> None:
    option, shares = assigned(sold(stand))
    assert hear(stand, shares) == ()
    assert hear(stand, option, shares) == ()
    assert stand.breaks() == []
    assert int(stand.ledger.row(0).shares) == 100


def half(told: Told, which: int) -> Told:
    """One of two facts alike that together are a fact."""
    row = told.row
    return Told(
        replace(
            row, id=f"{row.id}{which}", execution=f"{row.execution}-{which}",
            pair=f"{row.pair}-{which}", quantity_u=row.quantity_u // 2, gross_u=row.gross_u // 2,
        ),
        told.client,
    )  # fmt: skip


def test_t44_t45_shares_alike_of_two_assignments_of_a_night_are_two_facts(stand: Stand) -> None:
    """The second came alone as well, and was taken for a broker's word of the first."""
    option, shares = assigned(sold(stand, 2))
    hear(stand, half(shares, 1))
    hear(stand, half(shares, 2))
    assert sum(int(stand.ledger.row(one).shares) for one in range(2)) == 200
    assert hear(stand, *(half(one, at) for at in (1, 2) for one in (option, shares))) == ()
    assert stand.breaks() == []
    assert int(stand.ledger.row(0).shares) == 200


def test_t45_an_assignment_that_stands_twice_in_one_answer_is_one(stand: Stand) -> None:
    option, shares = assigned(sold(stand))
    assert hear(stand, shares, option, option, shares) == ()
    assert [one.shares for one in stand.events(Assigned)] == [100]
    assert stand.breaks() == []


def test_t44_an_assignment_told_before_its_fill_leaves_nothing_behind_and_is_booked_later(
    tmp_path: Path,
) -> None:
    """Its shares were booked as bought, and stay so until all of it can be told."""
    stand = quoted(Stand(tmp_path, late=10 * 86_400 * 10**9))
    stand.approve("open", (PUT, -1))
    stand.board.touches[PUT] = (1.35, 1.35)
    stand.once(moment(stand.calendar, 0, "15:55"), {})
    stand.clock.at += 1
    stand.erring.broker.look_up("")
    option, shares = assigned(stand)
    (fill,) = [one for one in stand.erring.broker.account.facts if one.row.kind is Kind.TRADE]
    assert hear(stand, shares) == ()
    head = stand.journal.head
    assert len(hear(stand, option, shares)) == 1
    assert stand.journal.head == head
    assert hear(stand, Told(fill.row, fill.client), option, shares) == ()
    assert stand.breaks() == []
    assert int(stand.ledger.row(0).shares) == 100


def test_a_fact_that_no_event_can_say_is_told_and_its_cash_is_a_line(stand: Stand) -> None:
    """Without cash nothing of it is booked: it is told until it is gone."""
    option, _ = assigned(sold(stand))
    thing = replace(option.row.instrument or Thing("KO"), multiplier=10)
    strange = replace(option.row, instrument=thing, id="strange", pair="", net_u=0, gross_u=0)
    for _ in range(2):
        (said,) = hear(stand, Told(strange))
        assert "contracts of 10 are not booked; nothing of it is booked" in said
    paid = replace(strange, id="paid", gross_u=5_000_000, fee_u=0, net_u=5_000_000)
    assert hear(stand, Told(paid)) == ()
    (event,) = stand.events(CashAdjusted)
    (line,) = lines_of([event], {})
    assert "contracts of 10 are not booked" in line
    assert line.rstrip().endswith("+5.00")


def test_a_fact_that_is_not_understood_is_told_and_holds_up_no_other(stand: Stand) -> None:
    option, shares = assigned(sold(stand))
    row = replace(option.row, kind=Kind.UNKNOWN, id="odd")
    odd = Told(row, unread="not understood: row 1")
    for _ in range(2):
        assert hear(stand, odd, shares, option) == ("not understood: row 1",)
        assert hear(stand, shares, option, odd) == ("not understood: row 1",)
    assert [one.shares for one in stand.events(Assigned)] == [100]
    assert stand.breaks() == []


def busted(stand: Stand) -> Told:
    """The last fill is taken back by the broker, in its row and in its account."""
    account = stand.erring.broker.account
    fact = [one for one in account.facts if one.client][-1]
    row, name = fact.row, account.name("fact")
    back: dict[str, Any] = {
        "quantity_u": -row.quantity_u, "gross_u": -row.gross_u, "fee_u": -row.fee_u,
        "net_u": -row.net_u, "execution": name, "id": digest(account.number, name),
    }  # fmt: skip
    made = Row(line=9, kind=Kind.CORRECTION, day=row.day, at=stand.clock.at, what="busted",
               instrument=row.instrument, effect=row.effect, price_u=row.price_u, order=row.order,
               **back)  # fmt: skip
    account.move(row.instrument, -row.quantity_u // MICRO, -row.net_u)
    account.facts.append(Fact(stand.clock.at, made, fact.client))
    account.orders[fact.client].filled -= abs(row.quantity_u) // MICRO
    account.orders[fact.client].state = "cancelled"
    return Told(made, fact.client)


def test_t19_a_fill_that_is_taken_back_is_no_fill_and_its_order_is_seen_to_be_over(
    stand: Stand,
) -> None:
    busted(sold(stand))
    stand.router.take_facts()
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []
    assert len(stand.ledger.folding.orders.live) == 1  # it may work again: nobody knows
    sequence = next(iter(stand.ledger.intents))
    assert stand.route() == {sequence: ""}  # it was over, and what is left was sold anew
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.ledger.folding.orders.live == {}
    assert stand.breaks() == []


def test_t19_of_two_fills_alike_the_one_of_the_order_is_taken_back(stand: Stand) -> None:
    sold(stand)
    first = stand.events(Filled)[0].client
    sold(stand)
    busted(stand)
    stand.router.take_facts()
    assert [live for _, live in stand.ledger.folding.orders.live] != [first]
    assert stand.ledger.held(0) == {PUT: -1}


def test_t19_a_fill_of_a_roll_is_taken_back_with_the_move_it_made(tmp_path: Path) -> None:
    stand = sold(quoted(Stand(tmp_path, Capabilities("plain", 4, False, False, False))))
    stand.approve("roll", (PUT, 1), (NEXT, -1), limit=0.01)
    stand.route()
    assert len(stand.events(Moved)) == 1
    busted(stand)
    assert stand.router.take_facts() == ()
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_t21_the_rest_of_a_roll_joins_what_has_moved_in(tmp_path: Path) -> None:
    """Closed first, it opens in lots: all of them are one leg, which the step sees whole."""
    stand = quoted(Stand(tmp_path, Capabilities("plain", 4, False, False, False), lot=2))
    sold(stand, 3)
    stand.approve("roll", (PUT, 3), (NEXT, -3))
    stand.route()
    assert stand.ledger.held(0) == {NEXT: -3}
    assert int(stand.ledger.row(0).quantity[SHORT_PUT]) == -3


def half_rolled(stand: Stand) -> int:
    """One of two has rolled when its order is over; the sequence of the roll."""
    sold(stand, 2)
    stand.place = stand.place._replace(manners=stand.place.manners._replace(lot=1))
    stand.erring.broker.place = stand.place
    sequence = stand.approve("roll", (PUT, 2), (NEXT, -2))
    until = moment(stand.calendar, 0, "15:55")
    while stand.ledger.held(0) != {PUT: -1, NEXT: -1}:
        stand.clock.at += 30 * 10**9
        stand.once(until, {})
        stand.router.take_facts()
    stand.erring.broker.cancel(stand.events(OrderIntended)[-1].client)
    stand.route("10:00")
    return sequence


def test_t21_a_leg_of_half_a_roll_is_closed_where_it_is_held(stand: Stand) -> None:
    roll = half_rolled(stand)
    stand.approve("close", (NEXT, 1))
    stand.route(barred={roll: "nothing more of it"})
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t44_a_desk_that_was_off_for_weeks_is_told_what_happened_first(stand: Stand) -> None:
    begun = BookOpened(
        **stand.common(), version="1", quotes="none", source="a test", policies={}, settings={}
    )
    stand.ledger.append([begun], stand.clock.at)
    sold(stand, 1)
    stand.board.day(4, closes=[(55.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 18, "9:00")
    stand.router.take_facts()
    assert stand.ledger.held(0) == {}
    assert int(stand.ledger.row(0).shares) == 100
    assert stand.breaks() == []


@pytest.mark.parametrize(("days", "kept"), [(-3, 0), (-1, 0), (0, 1), (1, 1)])
def test_a_fact_with_a_date_alone_is_of_before_where_that_is(
    stand: Stand, days: int, kept: int
) -> None:
    """As all of Alpaca's are that are no fills; what the book began with has those of before."""
    begun = BookOpened(**stand.common(), version="", quotes="", source="", policies={}, settings={})
    stand.ledger.append([begun], stand.clock.at)
    row = Row(
        line=0, kind=Kind.INTEREST, day=day(0) + timedelta(days=days), id="d", what="INT",
        net_u=46_000_000, gross_u=46_000_000,
    )  # fmt: skip
    hear(stand, Told(row))
    assert len([one for one in stand.events(InterestPaid) if one.id == "d"]) == kept


def test_t39_a_fill_of_our_order_is_of_the_book_though_the_clock_was_set_back(
    stand: Stand,
) -> None:
    later = stand.common() | {"at": stand.clock.at + 3600 * 10**9}
    begun = BookOpened(
        **later, version="1", quotes="none", source="a test", policies={}, settings={}
    )
    stand.ledger.append([begun], stand.clock.at)
    sold(stand, 1)
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t21_a_hand_closes_both_legs_of_half_a_roll(stand: Stand) -> None:
    roll = half_rolled(stand)
    when = Moment(stand.clock.at, day(0), "main")
    acted = act(stand.ledger, Close(sleeves=(0,), name="n"), when, None)
    stand.ledger.append(acted.events, stand.clock.at)
    close = max(stand.ledger.intents)
    assert stand.route(barred={roll: "refused by hand"})[close] == ""
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_t21_a_leg_of_half_a_roll_moves_in_when_the_old_one_expires(stand: Stand) -> None:
    half_rolled(stand)
    stand.board.day(4, closes=[(66.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    stand.router.take_facts()
    assert stand.ledger.held(0) == {NEXT: -1}
    assert int(stand.ledger.row(0).quantity[SHORT_PUT]) == -1
    assert stand.breaks() == []


def buy_back_by_hand(stand: Stand) -> None:
    """The owner buys a put back beside the desk."""
    account = stand.erring.broker.account
    name, thing = account.name("fact"), Thing("KO", PUT, "KO", 100)
    row = Row(line=8, kind=Kind.TRADE, day=day(0), at=stand.clock.at, instrument=thing,
              effect="close", quantity_u=MICRO, price_u=to_u(1.5), gross_u=-to_u(150.0),
              net_u=-to_u(150.0), execution=name, id=digest("paper", name))  # fmt: skip
    account.move(thing, 1, row.net_u)
    account.facts.append(Fact(stand.clock.at, row, ""))


def test_t74_what_the_owner_buys_back_by_hand_is_booked_and_breaks_nothing(stand: Stand) -> None:
    buy_back_by_hand(sold(stand))
    stand.router.take_facts()
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_t47_t74_an_order_to_close_ends_when_what_it_closes_is_gone(stand: Stand) -> None:
    """Else it would be bought back twice: once by hand, or by an assignment, and once by it."""
    sold(stand)
    sequence = stand.approve("close", (PUT, 1))
    stand.once(moment(stand.calendar, 0, "15:55"), {})
    assert len(stand.erring.broker.account.live()) == 1
    buy_back_by_hand(stand)
    found = stand.route()
    assert found[sequence] == "lapsed"
    assert stand.erring.broker.account.live() == []
    assert stand.ledger.held(0) == {}
    assert len([one for one in stand.events(OrderIntended) if one.action == "close"]) == 1
    assert stand.breaks() == []


def test_a_close_waits_for_no_order_of_another_sleeve(stand: Stand) -> None:
    sold(stand)
    whose = {"sleeve": 1, "campaign": 0, "policy": "p"}
    other = SleeveOpened(
        **stand.common(), **whose, name="wheel", underlying="KO", root="KO", multiplier=100
    )
    asked = Approved(**stand.common(), **whose, action="open", option=NEXT, quantity=1, why="entry")
    stand.ledger.append([other, asked], stand.clock.at)
    stand.erring.before["submit"] = [DoubtError("timed out")]
    stand.erring.before["look_up"] = [DoubtError("timed out")] * 9_999
    stand.once(moment(stand.calendar, 0, "15:55"), {})
    when = Moment(stand.clock.at, day(0), "main")
    for _ in range(2):  # heard again: once closed is not closed twice
        acted = act(stand.ledger, Close(sleeves=(0, 1), name="n"), when, None)
        stand.ledger.append(acted.events, stand.clock.at)
        assert acted.waits
    closes = [one for one in stand.events(Approved) if one.action == "close"]
    assert [one.sleeve for one in closes] == [0]
    assert [one.sleeve for one in stand.events(Answered)] == [1]
