"""Orders that something stands in the way of: quotes that age, wings without a bid, a count."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desk.stand import CALL, LOWER, NEXT, PUT, Stand, quoted
from desk.world import day, moment
from underwriter.book.event import OrderIntended, OrderTold
from underwriter.core.units import to_u
from underwriter.desk.guard import Guards, Seen, barred
from underwriter.desk.ladder import MINUTE
from underwriter.desk.ports import (
    BrokerError,
    DoubtError,
    RefusedError,
    Ticket,
    UnreachableError,
)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return quoted(Stand(tmp_path))


def test_stale_quotes_hold_no_close_back(stand: Stand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.board.age = 3600 * 10**9
    sequence = stand.approve("close", (PUT, 1))
    assert stand.route()[sequence] == ""
    assert stand.ledger.held(0) == {}


def test_a_wing_that_nobody_bids_for_does_not_keep_its_short_leg_open(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route("10:30")
    stand.board.touches[LOWER] = (0.0, 0.05)
    sequence = stand.approve("close", (PUT, 1), (LOWER, -1))
    assert stand.route("11:00")[sequence] == "lapsed"
    assert stand.ledger.held(0) == {LOWER: 1}
    assert stand.breaks() == []


def test_a_wing_that_is_bid_for_again_is_sold_after_its_short_leg(stand: Stand) -> None:
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route("10:30")
    stand.board.touches[LOWER] = (0.0, 0.05)
    sequence = stand.approve("close", (PUT, 1), (LOWER, -1))
    stand.route("10:40")
    assert stand.ledger.held(0) == {LOWER: 1}
    stand.board.touches[LOWER] = (0.10, 0.15)
    assert stand.route("11:00")[sequence] == ""
    assert stand.ledger.held(0) == {}
    assert stand.breaks() == []


def test_t13_an_order_of_which_nobody_knows_stops_no_other_from_being_repriced(
    stand: Stand,
) -> None:
    stand.approve("open", (CALL, -1))
    stand.route("11:00")
    bad, good = stand.approve("open", (PUT, -1)), stand.approve("close", (CALL, 1))
    cancel, look_up = stand.erring.broker.cancel, stand.erring.broker.look_up
    silent = set[str]()

    def of_the_put(client: str) -> bool:
        order = stand.ledger.order(client)
        return order is not None and order.action == "open"

    def doubted(call: Callable[[str], object]) -> Callable[[str], object]:
        def asked(client: str) -> object:
            if of_the_put(client):
                silent.add(client)
                raise DoubtError("timed out")
            return call(client)

        return asked

    stand.erring.broker.cancel = doubted(cancel)  # type: ignore[method-assign]
    stand.erring.broker.look_up = doubted(look_up)  # type: ignore[method-assign]
    found = stand.route("12:00")
    assert (found[bad], found[good]) == ("unknown", "")
    assert len(silent) == 1
    closing = [one.limit_u for one in stand.events(OrderIntended) if one.action == "close"]
    assert closing == [-850_000, -870_000, -900_000]


def test_t70_the_last_order_of_a_session_works_to_its_end(stand: Stand) -> None:
    """No other follows it, so it stays at its price: a withdrawal would leave nothing at all."""
    guards = Guards(orders=1)
    stand.router.street = stand.router.street._replace(guards=guards)
    first, second = stand.approve("open", (PUT, -1)), stand.approve("open", (CALL, -1))

    def barring() -> dict[int, str]:
        ledger = stand.ledger
        seen = Seen(False, 0, 0, 0, 0, {day(0): ledger.sent_on(day(0))})
        return barred(ledger.intents.values(), {}, guards, seen, {}, ledger.working())

    found = stand.router.settle_all(moment(stand.calendar, 0, "15:55"), barring)
    assert found == {first: "lapsed", second: "lapsed"}
    (order,) = stand.events(OrderIntended)
    ends = [one for one in stand.events(OrderTold) if one.state == "cancelled"]
    assert [one.at for one in ends] == [moment(stand.calendar, 0, "15:55")]
    assert order.legs[0].option == PUT


def test_t31_on_a_wide_spread_nothing_is_opened_and_a_close_goes_out(stand: Stand) -> None:
    stand.approve("open", (PUT, -1))
    stand.route()
    street = stand.router.street
    stand.router.street = street._replace(guards=Guards(widest=0.05))
    opening, closing = stand.approve("open", (CALL, -1)), stand.approve("close", (PUT, 1))
    found = stand.route()
    assert (found[opening], found[closing]) == ("lapsed", "")


def test_t31_a_spread_and_a_roll_near_nothing_go_out_where_their_legs_are_quoted_well(
    stand: Stand,
) -> None:
    guards = Guards(widest=0.15, band=0.2)
    stand.router.street = stand.router.street._replace(guards=guards)
    stand.board.touches[NEXT] = (1.32, 1.42)
    opening = stand.approve("open", (PUT, -1), (LOWER, 1), mark_u=to_u(0.75))
    assert stand.route()[opening] == ""
    rolling = stand.approve("roll", (PUT, 1), (NEXT, -1), mark_u=to_u(0.05))
    assert stand.route()[rolling] == ""
    assert stand.ledger.held(0) == {NEXT: -1, LOWER: 1}


def test_a_quote_far_from_our_own_mark_opens_nothing(stand: Stand) -> None:
    stand.router.street = stand.router.street._replace(guards=Guards(band=0.2))
    sequence = stand.approve("open", (PUT, -1), mark_u=to_u(1.70))
    assert stand.route() == {sequence: "lapsed"}
    assert stand.events(OrderIntended) == []


@pytest.mark.parametrize(
    "second", [UnreachableError("no route"), RefusedError("too many"), DoubtError("timed out")]
)
def test_t01_whatever_becomes_of_the_second_the_first_may_still_come(
    tmp_path: Path, second: BrokerError
) -> None:
    """An order in doubt went out again in vain, and arrived late: no other stands beside it."""
    stand = quoted(Stand(tmp_path, half_spread=0.0))
    sequence = stand.approve("open", (PUT, -1), limit=0.10)
    submit, sent = stand.erring.broker.submit, list[Ticket]()

    def late(ticket: Ticket) -> None:
        sent.append(ticket)
        if len(sent) == 1:
            raise DoubtError("timed out")
        if len(sent) == 2:
            raise second
        if len(sent) == 3:
            submit(sent[0])  # which arrives now
        submit(ticket)

    stand.erring.broker.submit = late  # type: ignore[method-assign]
    stand.route("11:00")
    stand.clock.at += MINUTE
    stand.router.take_facts()
    assert {ticket.client for ticket in sent} == {sent[0].client}
    assert stand.ledger.held(0) == {PUT: -1} == stand.erring.broker.account.held
    assert stand.breaks() == []
    assert sequence in stand.ledger.intents
