"""The numbered suite goes on: what a wire and a late broker do, TC-B27 and on, by the port alone.

A broker in this process has no wire: for it the same has to hold of an order that nothing befell.
"""

from collections import Counter
from contextlib import suppress

import pytest

from conformance.asking import (
    CALL,
    LOWER,
    NEXT,
    PUT,
    cash,
    holdings,
    rows,
    sell,
    state,
    told,
    unfilled,
)
from conformance.stage import CASH, Stage, Trouble
from desk.world import day, osi, ticket
from underwriter.book.imports.statement import Kind
from underwriter.core.units import MICRO, to_u
from underwriter.desk.ports import DoubtError, RefusedError, UnreachableError

DOUBT = suppress(DoubtError, UnreachableError)


def one_order(stage: Stage) -> None:
    """Whatever became of the first time: looked up, sent again, it is one order and one fill."""
    assert state(stage, "a") == ("filled", 1)
    sell(stage)
    assert state(stage, "a") == ("filled", 1)
    assert holdings(stage) == {PUT: -1}
    assert [each.client for each in told(stage)] == ["a"]


def test_tc_b27_t01_after_a_time_out_what_was_taken_is_found(stage: Stage) -> None:
    stage.trouble("silence", "submit")
    with DOUBT:
        sell(stage)
    one_order(stage)


def test_tc_b28_t02_a_repeated_submit_is_one_order(stage: Stage) -> None:
    stage.trouble("gateway", "submit")
    sell(stage)
    one_order(stage)


def test_tc_b29_t93_a_broker_that_is_busy_is_asked_again_later(stage: Stage) -> None:
    stage.trouble("busy", "submit")
    stage.trouble("busy", "submit")
    sell(stage)
    one_order(stage)


@pytest.mark.parametrize("what", ["hang up", "half an answer"])
def test_tc_b30_t01_a_connection_that_drops_leaves_one_order(stage: Stage, what: Trouble) -> None:
    stage.trouble(what, "submit")
    with DOUBT:
        sell(stage)
    one_order(stage)


def test_tc_b31_t01_what_was_never_taken_is_said_to_be_unknown(stage: Stage) -> None:
    stage.broker.look_up("a")
    for _time in range(3):
        stage.trouble("busy", "submit")
    with DOUBT:
        sell(stage)
    if stage.broker.look_up("a") is None:
        assert holdings(stage) == {}
        stage.to(0, "10:05")
        sell(stage)
    one_order(stage)


def test_tc_b32_t08_a_refusal_has_its_reason(stage: Stage) -> None:
    debit = to_u(CASH) / MICRO / 100 + 1
    with pytest.raises(RefusedError, match=r"cash|buying power|eligible"):
        stage.broker.submit(ticket("a", (PUT, 1, "open"), limit=-debit))
    found = stage.broker.look_up("a")
    assert found is None or (found.state, bool(found.why)) == ("rejected", True)
    assert cash(stage) == CASH


@pytest.mark.parametrize("what", ["silence", "hang up", "half an answer"])
def test_tc_b33_t18_a_look_up_without_an_answer_is_doubt_and_never_none(
    stage: Stage, what: Trouble
) -> None:
    sell(stage)
    stage.trouble(what, "look up")
    with DOUBT:
        assert stage.broker.look_up("a") is not None
    assert state(stage, "a") == ("filled", 1)


@pytest.mark.parametrize("what", ["silence", "hang up", "gateway", "busy"])
def test_tc_b34_t16_a_cancel_without_an_answer_ends_the_order_once(
    stage: Stage, what: Trouble
) -> None:
    sell(stage, limit=1.50)
    stage.trouble(what, "cancel")
    with DOUBT:
        stage.broker.cancel("a")
    stage.broker.cancel("a")
    stage.quote(PUT, 1.60, 1.70)
    stage.to(0, "10:05")
    assert state(stage, "a") == ("cancelled", 0)
    assert holdings(stage) == {}


def test_tc_b35_a_fact_that_is_told_twice_has_one_id(stage: Stage) -> None:
    stage.tell("twice")
    sell(stage, quantity=2)
    stage.close_at(4, 58.0)
    stage.to(7, "9:00")
    for kind in (Kind.TRADE, Kind.ASSIGNMENT, Kind.DELIVERY, Kind.DEPOSIT):
        ids = {each.row.id for each in stage.broker.events(day(0)) if each.row.kind == kind}
        assert len(ids) == 1, kind


def test_tc_b36_t45_an_assignment_that_is_told_late_is_of_its_own_day(stage: Stage) -> None:
    stage.tell("late")
    sell(stage)
    stage.close_at(4, 58.0)
    stage.to(8, "10:00")
    before = [row.id for row in rows(stage, Kind.TRADE)]
    stage.tell("at last")
    (gone,), (shares,) = rows(stage, Kind.ASSIGNMENT), rows(stage, Kind.DELIVERY)
    assert (gone.day, shares.day) == (day(4), day(4))
    assert gone.pair == shares.pair != ""
    assert [row.id for row in rows(stage, Kind.TRADE)] == before


def test_tc_b37_shares_beside_options_are_one_order_where_the_broker_has_it(stage: Stage) -> None:
    both = ticket("a", (CALL, -1, "open"), limit=-59.21, shares=100, units=1)
    if not stage.broker.capabilities.beside_shares:
        with pytest.raises(RefusedError):
            stage.broker.submit(both)
        assert stage.broker.look_up("a") is None
        return
    stage.broker.submit(both)
    assert holdings(stage) == {"KO": 100, CALL: -1}


def test_tc_b38_more_legs_than_the_broker_can_are_refused(stage: Stage) -> None:
    strikes = [50.0 + at for at in range(stage.broker.capabilities.legs + 1)]
    for strike in strikes:
        stage.quote(osi(strike), 0.10, 0.20)
    legs = [(osi(strike), 1, "open") for strike in strikes]
    with pytest.raises(RefusedError):
        stage.broker.submit(ticket("a", *legs, limit=-5.0))  # type: ignore[arg-type]
    assert holdings(stage) == {}


def test_tc_b39_t22_four_legs_open_and_close_as_one(stage: Stage) -> None:
    higher = osi(70.0, right=1)
    stage.quote(higher, 0.30, 0.40)
    legs = [(PUT, -2), (LOWER, 2), (CALL, -2), (higher, 2)]
    opened = [(option, count, "open") for option, count in legs]
    stage.broker.submit(ticket("a", *opened, limit=1.10, units=2))  # type: ignore[arg-type]
    assert state(stage, "a") == ("filled", 2)
    assert holdings(stage) == dict(legs)
    closed = [(option, -count, "close") for option, count in legs]
    back = ticket("b", *closed, limit=-1.50, units=2, action="close")  # type: ignore[arg-type]
    stage.broker.submit(back)
    assert state(stage, "b") == ("filled", 2)
    assert holdings(stage) == {}
    assert Counter(each.client for each in told(stage)) == {"a": 4, "b": 4}


def test_tc_b41_t25_a_calendar_closes_again_after_its_close_was_cancelled(stage: Stage) -> None:
    stage.broker.submit(ticket("a", (PUT, -1, "open"), (NEXT, 1, "open"), limit=-0.80))
    back = (PUT, 1, "close"), (NEXT, -1, "close")
    stage.broker.submit(ticket("b", *back, limit=0.90, action="close"))
    assert state(stage, "b") == unfilled(stage)
    stage.broker.cancel("b")
    assert state(stage, "b") == ("cancelled", 0)
    stage.broker.submit(ticket("c", *back, limit=0.60, action="close"))
    assert state(stage, "c") == ("filled", 1)
    assert holdings(stage) == {}


def test_tc_b40_t26_the_fills_of_a_roll_say_which_opens_and_which_closes(stage: Stage) -> None:
    sell(stage)
    legs = (PUT, 1, "close"), (NEXT, -1, "open")
    if not stage.broker.capabilities.rolls:
        with pytest.raises(RefusedError):
            stage.broker.submit(ticket("b", *legs, limit=0.60, action="roll"))
        return
    stage.broker.submit(ticket("b", *legs, limit=0.60, action="roll"))
    said = {each.row.instrument.key: each.row.effect for each in told(stage) if each.client == "b"}  # type: ignore[union-attr]
    assert said == {PUT: "close", NEXT: "open"}
