"""Orders that begin late: they come to the touch before their session's last moment."""

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.stand import LOWER, PUT, Stand, quoted
from desk.test_cycle import MOMENT, World, history
from desk.test_hand import ask, at
from desk.world import KO, SECOND, day, moment, weekdays
from markets import START
from underwriter.book.event import Approved, Decided, Filled, Leg, OrderIntended, SleeveOpened
from underwriter.desk.brokers.paper_place import ALL_IT_CAN
from underwriter.desk.cadence import last_moment
from underwriter.desk.inbox import Close
from underwriter.desk.intent import Intent, intent_of
from underwriter.desk.ladder import MINUTE, Ladder, Net, schedule
from underwriter.desk.ports import UnreachableError
from underwriter.desk.route import Attempt, Cancel, Now, Routed, Send, Wait, next_act

FIVE = Ladder(5, MINUTE)
WHOSE = {"at": 0, "session": day(0), "account": "main", "sleeve": 0, "campaign": 1, "policy": "p"}
OPENED = SleeveOpened(**WHOSE, name="wheel", underlying="KO", root="KO", multiplier=100)
PURCHASE = Net(-1_000_000, -1_200_000)  # 80 cents bid, 1.20 offered
LAST = last_moment(weekdays(), START)


class Sent(NamedTuple):
    """One order of a routed intent: when it went out, and its limit."""

    at: int
    limit_u: int


def close(why: str = "time exit") -> Intent:
    """An intent to buy a put back."""
    event = Approved(**WHOSE, action="close", option=PUT, quantity=1, why=why)
    return intent_of(1, event, OPENED, {PUT: -1})


def worked(intent: Intent, ladder: Ladder, begun: int, last: int, late: int = 0) -> list[Sent]:
    """The orders of an intent at a broker that fills nothing and takes so long for each answer.

    Every act is found anew from what was sent, as after a restart.
    """
    attempts: list[Attempt] = []
    now = begun
    while now < last:
        one = Routed(intent, KO, ALL_IT_CAN, ladder, tuple(attempts), last)
        act = next_act(one, Now(now, last, PURCHASE))
        if isinstance(act, Send):
            ticket = act.ticket
            sent = OrderIntended(
                **{**WHOSE, "at": now}, client=ticket.client, action="close",
                legs=(Leg(PUT, 1),), shares=0, limit_u=ticket.limit_u or 0,
            )  # fmt: skip
            attempts.append(Attempt(sent, "acknowledged", {}))
            now += late
        elif isinstance(act, Cancel):
            attempts[-1] = attempts[-1]._replace(state="cancelled")
            now += late
        else:
            assert isinstance(act, Wait)
            now = act.until
    return [Sent(each.intended.at, each.intended.limit_u) for each in attempts]


@given(
    left=st.integers(1_000, 20 * 60 * SECOND),  # from a microsecond on
    rungs=st.integers(1, 20),
    every=st.integers(5, 3600),
    why=st.sampled_from(["time exit", "hand"]),
)
def test_whenever_it_begins_it_comes_to_the_touch_with_time_left(
    left: int, rungs: int, every: int, why: str
) -> None:
    ladder = Ladder(rungs, every * SECOND)
    sent = worked(close(why), ladder, LAST - left, LAST)
    limits = [one.limit_u for one in sent]
    assert limits[0] == PURCHASE.mid_u
    assert limits == sorted(limits, reverse=True), "from the middle toward the touch"
    assert min(limits) == PURCHASE.touch_u, "and no further"
    step = min(ladder.every, left // max(rungs, 2) // (2 if why == "hand" else 1))
    assert sent[-1].at + step <= LAST


@given(left=st.integers(60, 1200), share=st.floats(0.0, 0.4))
def test_a_slow_broker_costs_no_rung(left: int, share: float) -> None:
    """Rungs are counted from the first order, so what answers take does not add up."""
    step = min(left // 5, 60) * SECOND
    sent = worked(close(), FIVE, LAST - left * SECOND, LAST, late=int(share * step))
    assert len(sent) == 5
    assert sent[-1].limit_u == PURCHASE.touch_u
    assert sent[-1].at <= LAST - step // 2


@given(begun=st.integers(0, 600), at_=st.integers(0, 600), cut=st.integers(0, 600))
def test_a_rung_is_one_whatever_cuts_a_pass_short(begun: int, at_: int, cut: int) -> None:
    """A pass until the decision and one until the last moment find one rung."""
    first, now = LAST - 600 * SECOND + begun * SECOND, LAST - 600 * SECOND + (begun + at_) * SECOND
    if now >= LAST:
        return
    order = OrderIntended(
        **{**WHOSE, "at": first}, client="x", action="close", legs=(Leg(PUT, 1),), shares=0,
        limit_u=0,
    )  # fmt: skip
    one = Routed(close(), KO, ALL_IT_CAN, FIVE, (Attempt(order, "cancelled", {}),), LAST)
    found = [next_act(one, Now(now, now + 1 + more, PURCHASE)) for more in (0, cut, LAST - now)]
    tickets = [act.ticket for act in found if isinstance(act, Send)]
    assert len(tickets) == 3
    assert len(set(tickets)) == 1


def test_with_time_enough_a_rung_takes_what_the_settings_say() -> None:
    assert schedule(FIVE, LAST - 10 * MINUTE, LAST).step == MINUTE
    assert schedule(FIVE, LAST - 5 * MINUTE, LAST).step == MINUTE
    assert schedule(FIVE, LAST - 3 * MINUTE, LAST).step == 36 * SECOND  # of the docstring
    sent = worked(close(), FIVE, LAST - 10 * MINUTE, LAST)
    assert [(LAST - one.at) // MINUTE for one in sent] == [10, 9, 8, 7, 6]


@pytest.mark.parametrize(("begins", "ended"), [("15:52", "15:54"), ("15:54", "15:54")])
def test_what_begins_late_is_filled_at_the_touch(tmp_path: Path, begins: str, ended: str) -> None:
    """A short put on its last day, bought back by an order that begins minutes before the end."""
    stand = quoted(Stand(tmp_path))
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.clock.at = moment(stand.calendar, 0, begins)
    sequence = stand.approve("close", (PUT, 1))
    assert stand.route()[sequence] == ""
    assert [cents for cents, _ in stand.orders()[-3:]] == [-135, -137, -140]
    assert stand.ledger.held(0) == {}
    assert moment(stand.calendar, 0, ended) <= stand.clock.at < moment(stand.calendar, 0, "15:55")


def test_a_restart_finds_the_rung_that_it_left(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    stand.clock.at = moment(stand.calendar, 0, "15:52")
    stand.approve("open", (PUT, -1))
    until = moment(stand.calendar, 0, "15:55")
    stand.once(until, {})
    stand.clock.at += 65 * SECOND  # of three rungs a minute each it is in the second
    stand.restart()
    stand.once(until, {})
    assert stand.orders() == [(135, "cancelled"), (133, "acknowledged")]
    stand.clock.at = moment(stand.calendar, 0, "15:54")
    stand.restart()
    stand.once(until, {})
    assert stand.orders()[2:] == [(130, "filled")]


def test_t36_on_a_half_day_it_is_the_half_days_last_moment(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    stand.calendar = weekdays(early=[0])
    stand.place = stand.place._replace(calendar=stand.calendar)
    stand.erring.broker.place = stand.place
    stand.router = stand.routing()
    stand.clock.at = moment(stand.calendar, 0, "12:53")
    sequence = stand.approve("open", (PUT, -1))
    assert stand.route("12:55") == {sequence: ""}
    begun = [one.at - moment(stand.calendar, 0, "12:53") for one in stand.events(OrderIntended)]
    assert begun == [0, 40 * SECOND, 80 * SECOND]
    assert [cents for cents, _ in stand.orders()] == [135, 133, 130]


def test_what_cannot_be_sent_is_tried_again_before_it_is_too_late(tmp_path: Path) -> None:
    """Half a minute before the end the broker is not reached once, and nothing is quoted then."""
    stand = quoted(Stand(tmp_path))
    stand.clock.at = moment(stand.calendar, 0, "15:54") + 30 * SECOND
    stand.erring.before["submit"] = [UnreachableError("no route")]
    stand.approve("open", (PUT, -1))
    stand.route()
    assert stand.ledger.held(0) == {PUT: -1}


def test_each_order_of_one_intent_has_what_is_left(tmp_path: Path) -> None:
    """A broker of single legs: the second order begins when the first has ended at its touch."""
    single = ALL_IT_CAN._replace(legs=1)
    stand = quoted(Stand(tmp_path, single))
    stand.clock.at = moment(stand.calendar, 0, "15:52")
    sequence = stand.approve("open", (PUT, -1), (LOWER, 1))
    assert stand.route() == {sequence: ""}
    assert stand.ledger.held(0) == {PUT: -1, LOWER: 1}


def test_a_hands_close_beside_a_late_decision_comes_to_the_touch(tmp_path: Path) -> None:
    """It has half of what is left, and its rungs are spread over that half."""
    world = World(tmp_path, history(), half_spread=0.0)
    at(world, 0, MOMENT)
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=1.0))
    ask(world, Close(sleeves=(0,)))
    at(world, 1, 15 * 60 + 52)
    filled = [one for one in world.events(Filled) if one.session == day(1)]
    assert [one.quantity > 0 for one in filled] == [True]
    assert filled[0].at < world.calendar.at(START + 1, 15 * 60 + 54)
    assert [one.session for one in world.events(Decided)] == [day(0), day(1)]
