"""The numbered suite that every broker passes: TC-B01 and on, by the port alone."""

from collections import Counter

import pytest

from conformance.asking import (
    CALL,
    INDEX,
    LOWER,
    NEXT,
    PUT,
    cash,
    charged_u,
    holdings,
    rows,
    sell,
    state,
    told,
    unfilled,
)
from conformance.stage import CASH, Stage
from desk.world import day, osi, ticket
from markets import put
from underwriter.book.imports.statement import Kind
from underwriter.core.units import MICRO, to_u
from underwriter.desk.ports import RefusedError


def test_tc_b01_it_says_what_it_can_do(stage: Stage) -> None:
    can = stage.broker.capabilities
    assert can.name
    assert can.legs >= 1


def test_tc_b02_an_order_within_the_touch_fills_and_is_told_by_its_client_id(
    stage: Stage,
) -> None:
    sell(stage)
    assert state(stage, "a") == ("filled", 1)
    (fill,) = told(stage)
    assert (fill.client, fill.row.kind, fill.row.effect) == ("a", Kind.TRADE, "open")
    assert fill.row.quantity_u == -MICRO
    assert fill.row.instrument is not None
    assert fill.row.instrument.key == PUT
    assert fill.row.price_u >= to_u(1.30)  # type: ignore[operator]
    assert fill.row.net_u == fill.row.gross_u - fill.row.fee_u - fill.row.commission_u


def test_tc_b03_t06_the_same_id_twice_is_one_order(stage: Stage) -> None:
    sell(stage)
    sell(stage)
    assert holdings(stage) == {PUT: -1}
    assert len(told(stage)) == 1


def test_tc_b04_an_order_away_from_the_market_rests(stage: Stage) -> None:
    sell(stage, limit=1.50)
    assert state(stage, "a") == unfilled(stage)
    assert holdings(stage) == {}


def test_tc_b05_a_cancelled_order_ends_without_a_fill(stage: Stage) -> None:
    sell(stage, limit=1.50)
    stage.broker.cancel("a")
    stage.quote(PUT, 1.60, 1.70)
    stage.to(0, "10:01")
    assert state(stage, "a") == ("cancelled", 0)
    assert holdings(stage) == {}


def test_tc_b06_t16_a_cancel_that_comes_too_late_leaves_the_fill(stage: Stage) -> None:
    sell(stage, limit=1.50)
    stage.quote(PUT, 1.60, 1.70)
    stage.to(0, "10:01")
    stage.broker.cancel("a")
    rests = stage.broker.capabilities.rests
    assert state(stage, "a") == (("filled", 1) if rests else ("cancelled", 0))
    assert holdings(stage) == ({PUT: -1} if rests else {})


def test_tc_b07_an_order_that_never_was_is_not_found(stage: Stage) -> None:
    assert stage.broker.look_up("nobody") is None
    with pytest.raises(RefusedError):
        stage.broker.cancel("nobody")


def test_tc_b08_t12_a_debit_is_a_negative_limit(stage: Stage) -> None:
    sell(stage)
    stage.broker.submit(ticket("b", (PUT, 1, "close"), limit=-1.39, action="close"))
    assert state(stage, "b") == unfilled(stage)
    stage.broker.cancel("b")
    stage.broker.submit(ticket("c", (PUT, 1, "close"), limit=-1.40, action="close"))
    assert state(stage, "c") == ("filled", 1)
    assert holdings(stage) == {}


def test_tc_b09_t08_t17_a_limit_between_two_ticks_is_refused_and_said_to_be(stage: Stage) -> None:
    with pytest.raises(RefusedError):
        sell(stage, limit=1.305)
    found = stage.broker.look_up("a")
    assert found is None or (found.state, bool(found.why)) == ("rejected", True)
    assert holdings(stage) == {}


def test_tc_b10_t26_a_purchase_to_close_what_is_not_held_is_refused(stage: Stage) -> None:
    with pytest.raises(RefusedError):
        stage.broker.submit(ticket("a", (PUT, 1, "close"), limit=-1.50, action="close"))
    sell(stage, "b")
    with pytest.raises(RefusedError):
        stage.broker.submit(ticket("c", (PUT, 2, "close"), limit=-1.50, action="close"))
    assert holdings(stage) == {PUT: -1}


def test_tc_b11_t21_legs_fill_together_at_one_net_price(stage: Stage) -> None:
    legs = (PUT, -1, "open"), (LOWER, 1, "open")
    stage.broker.submit(ticket("a", *legs, limit=0.75))
    assert state(stage, "a") == unfilled(stage)
    assert holdings(stage) == {}
    stage.broker.cancel("a")
    stage.broker.submit(ticket("b", *legs, limit=0.70))
    assert state(stage, "b") == ("filled", 1)
    assert holdings(stage) == {PUT: -1, LOWER: 1}
    assert sum(each.row.gross_u for each in told(stage)) >= to_u(70.0)


def test_tc_b12_t09_what_is_left_of_a_part_fill_is_what_is_not_filled(stage: Stage) -> None:
    stage.lots_of(1)
    sell(stage, quantity=3)
    assert state(stage, "a") == unfilled(stage, 1)
    stage.to(0, "10:01")
    filled = 2 if stage.broker.capabilities.rests else 1
    assert state(stage, "a") == unfilled(stage, filled)
    stage.broker.cancel("a")
    assert state(stage, "a") == ("cancelled", filled)
    assert holdings(stage) == {PUT: -filled}
    assert {each.client for each in told(stage)} == {"a"}


def test_tc_b13_an_order_ends_with_its_session(stage: Stage) -> None:
    sell(stage, limit=1.50)
    stage.to(0, "16:01")
    assert state(stage, "a")[0] in {"expired", "cancelled"}
    stage.quote(PUT, 1.60, 1.70)
    stage.to(1, "10:00")
    assert holdings(stage) == {}


def test_tc_b14_t45_an_assignment_is_told_the_next_morning_with_its_shares(stage: Stage) -> None:
    sell(stage)
    stage.close_at(4, 58.0)
    stage.to(4, "16:30")
    assert rows(stage, Kind.ASSIGNMENT) == []
    stage.to(7, "9:00")
    (gone,), (shares,) = rows(stage, Kind.ASSIGNMENT), rows(stage, Kind.DELIVERY)
    assert (gone.quantity_u, shares.quantity_u) == (MICRO, 100 * MICRO)
    assert gone.day == day(4)
    assert shares.gross_u == -to_u(6_000.0)
    assert gone.pair == shares.pair != ""
    assert holdings(stage) == {"KO": 100}
    assert [each.row.id for each in told(stage)] == [each.row.id for each in told(stage)]


def test_tc_b15_t48_what_expires_worthless_is_told_and_gone(stage: Stage) -> None:
    sell(stage)
    stage.close_at(4, 61.0)
    stage.to(7, "9:00")
    (gone,) = rows(stage, Kind.EXPIRATION)
    assert (gone.quantity_u, gone.net_u) == (MICRO, 0)
    assert holdings(stage) == {}


def test_tc_b16_facts_sum_to_the_statement(stage: Stage) -> None:
    sell(stage, quantity=2)
    stage.broker.submit(ticket("b", (PUT, 1, "close"), limit=-1.40, action="close"))
    stage.close_at(4, 58.0)
    stage.to(7, "9:00")
    facts = [each.row for each in stage.broker.events(day(0))]
    held: Counter[str] = Counter()
    for row in facts:
        if row.instrument is not None:
            held[row.instrument.key] += row.quantity_u
    assert {key: one / MICRO for key, one in held.items() if one} == holdings(stage)
    assert sum(row.net_u for row in facts) == to_u(cash(stage))


def test_tc_b17_t20_a_restart_forgets_nothing(stage: Stage) -> None:
    sell(stage)
    stage.broker.submit(ticket("b", (CALL, -1, "open"), limit=0.95))
    before = [each.row for each in told(stage)], holdings(stage), cash(stage)
    stage.restart()
    assert ([each.row for each in told(stage)], holdings(stage), cash(stage)) == before
    assert state(stage, "a") == ("filled", 1)
    assert state(stage, "b") == unfilled(stage)
    sell(stage)
    assert holdings(stage) == {PUT: -1}


def test_tc_b18_what_is_told_from_a_day_on_is_told_again_alike(stage: Stage) -> None:
    sell(stage)
    stage.to(1, "10:00")
    sell(stage, "b")
    assert [each.client for each in told(stage, since=1)] == ["b"]
    ours = [each.client for each in told(stage, since=0) if each.row.kind != Kind.FEE]
    assert ours == ["a", "b"]


def test_tc_b19_t15_a_fill_may_be_held_before_it_is_told(stage: Stage) -> None:
    stage.late_by(60)
    sell(stage)
    assert holdings(stage) == {PUT: -1}
    assert state(stage, "a") == ("filled", 1)
    assert told(stage) == []
    stage.to(0, "10:01")
    assert [each.client for each in told(stage)] == ["a"]


def test_tc_b20_t51_an_index_option_settles_in_cash(stage: Stage) -> None:
    stage.broker.submit(ticket("a", (INDEX, 1, "open"), limit=-4.10, symbol="XSP"))
    stage.happens(4, closes=[(60.0, 490.0)])
    stage.to(7, "9:00")
    (gone,) = rows(stage, Kind.SETTLEMENT)
    assert (gone.quantity_u, gone.gross_u) == (-MICRO, to_u(1_000.0))
    assert holdings(stage) == {}


def test_tc_b21_a_dividend_is_paid_on_shares_of_the_evening_before(stage: Stage) -> None:
    stage.broker.submit(ticket("a", limit=-60.01, shares=100, action="buy_shares"))
    stage.happens(1, dividend=0.46)
    stage.to(1, "10:00")
    due = [46.0] if stage.broker.capabilities.pays else []
    assert [row.net_u / MICRO for row in rows(stage, Kind.DIVIDEND)] == due
    assert cash(stage) == pytest.approx(CASH - 6_001 + sum(due))


def test_tc_b22_t61_a_split_changes_shares_and_contracts_and_no_money(stage: Stage) -> None:
    sell(stage)
    stage.broker.submit(ticket("b", limit=-60.01, shares=100, action="buy_shares"))
    before = cash(stage)
    stage.happens(1, split=2, closes=[(30.0, 500.0)])
    stage.to(1, "10:00")
    assert holdings(stage) == {"KO": 200, osi(30.0): -2}
    posted = sum(row.net_u for row in rows(stage, Kind.FEE)) / MICRO
    assert cash(stage) == pytest.approx(before + posted)
    assert {row.net_u for row in rows(stage, Kind.SPLIT)} == {0}


def test_tc_b23_a_roll_is_one_order_where_the_broker_has_it(stage: Stage) -> None:
    sell(stage)
    legs = (PUT, 1, "close"), (NEXT, -1, "open")
    roll = ticket("b", *legs, limit=0.60, action="roll")
    if not stage.broker.capabilities.rolls:
        with pytest.raises(RefusedError):
            stage.broker.submit(roll)
        return
    stage.broker.submit(roll)
    assert state(stage, "b") == ("filled", 1)
    assert holdings(stage) == {NEXT: -1}


def test_tc_b24_a_long_option_is_exercised_where_the_broker_takes_it(stage: Stage) -> None:
    stage.broker.submit(ticket("a", (PUT, 1, "open"), limit=-1.40))
    stage.broker.submit(ticket("b", limit=-60.01, shares=100, action="buy_shares"))
    exercise = ticket("c", (PUT, -1, "close"), limit=None, action="exercise")
    if not stage.broker.capabilities.exercises:
        with pytest.raises(RefusedError):
            stage.broker.submit(exercise)
        return
    stage.broker.submit(exercise)
    assert holdings(stage) == {}
    (gone,), (shares,) = rows(stage, Kind.EXERCISE), rows(stage, Kind.DELIVERY)
    assert (gone.pair, shares.gross_u) == (shares.pair, to_u(6_000.0))


def test_tc_b25_a_put_deep_in_the_money_is_assigned_before_it_expires(stage: Stage) -> None:
    """Interest on the strike exceeds what is left of time value: DOMAIN, early exercise.

    Who is told nothing of it by the broker guesses nothing, and waits for the statement.
    """
    sell(stage)
    deep = [put(60.0, 9.98, 10.02, expiry=4)]
    stage.happens(1, closes=[(50.0, 500.0)], quotes=deep, sessions={"rate": [0.05]})
    stage.to(2, "9:00")
    if not stage.broker.capabilities.early:
        assert rows(stage, Kind.ASSIGNMENT) == []
        assert holdings(stage) == {PUT: -1}
        return
    (gone,) = rows(stage, Kind.ASSIGNMENT)
    assert gone.day == day(1)
    assert holdings(stage) == {"KO": 100}


def test_tc_b26_t77_fees_of_part_fills_are_rounded_as_one_orders(stage: Stage) -> None:
    stage.lots_of(1 if stage.broker.capabilities.rests else 0)
    sell(stage, quantity=3)
    stage.to(0, "10:01")
    stage.to(0, "10:01")
    assert state(stage, "a")[1] == (2 if stage.broker.capabilities.rests else 3)
    stage.to(0, "10:02")
    assert state(stage, "a") == ("filled", 3)
    stage.lots_of(0)
    stage.to(1, "10:00")
    sell(stage, "b", quantity=3)
    stage.to(2, "10:00")
    assert charged_u(stage, 0) == charged_u(stage, 1) > 0
