"""`trade --live` whole: from the typed yes to the week's review in one run, over HTTP to a server.

What is traded, and at what price, is the world's of `conformance.live`: a sale brings the bid in
the end, a purchase costs the offer.  Whatever goes wrong in between, the books end the same.
"""

import json
import sys
from collections.abc import Callable
from functools import partial

import pytest

from app.trading import Office
from conformance.alpaca_server import Fault
from conformance.live import (
    ASSIGNED,
    HELD,
    LAST,
    TRADES,
    WING,
    LiveStage,
    interrupted,
    traded,
)
from conformance.live_run import SWITCHED, Terminal, run, statuses, told, trades
from desk.world import moment
from markets import START
from underwriter.app import wire_desk
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    Decided,
    Marked,
    OrderIntended,
    Refused,
    SleeveOpened,
)
from underwriter.book.verify import verify
from underwriter.core.units import MICRO, day_number
from underwriter.desk.brokers.alpaca_terms import Terms
from underwriter.desk.cycle import Desk
from underwriter.desk.inbox import Close, Inbox
from underwriter.desk.ladder import MINUTE

ORDERS, ONE_ORDER, BY_ID = "/v2/orders", "/v2/orders/*", "/v2/orders:by_client_order_id"
BUSY = 0, 2, 3, 8  # days on which something is traded
ACTIVITIES, POSITIONS = "/v2/account/activities", "/v2/positions"


def assigned(live: Office) -> list[tuple[int, str, str, int, int]]:
    """What was assigned."""
    happened = told(live)
    names = {one.sleeve: one.name for one in happened if isinstance(one, SleeveOpened)}
    return [
        (day_number(one.session) - START, names[one.sleeve], one.option, one.quantity, one.shares)
        for one in happened
        if isinstance(one, Assigned)
    ]


def of_kind(live: Office, kind: type[AnyEvent]) -> list[int]:
    """The days of the events of a kind."""
    return [day_number(one.session) - START for one in told(live) if isinstance(one, kind)]


def ended_well(live: Office, world: LiveStage, kind: str = "--live") -> None:
    """Whether a week has the world's trades, each order once, and a book that is the broker's."""
    assert sorted(trades(live)) == sorted(TRADES)
    assert assigned(live) == [ASSIGNED]
    assert of_kind(live, Decided) == [0, 1, 2, 3, 4, 8]
    assert of_kind(live, Marked) == [0, 1, 2, 3, 4]
    clients = [one.client for one in told(live) if isinstance(one, OrderIntended)]
    assert len(clients) == len({*clients})
    assert {*world.server.model.orders} <= {*clients}
    assert {one["status"] for one in map(world.server.model.order, world.server.model.orders)} == {
        "filled", "canceled",
    }  # fmt: skip
    holdings = world.server.model.paper.statement().holdings or {}
    assert {name: quantity // MICRO for name, quantity in holdings.items()} == HELD
    before = len(told(live))
    last = run(live, "--once", "--json", kind=kind)
    assert last.code == 0, last.out + last.err
    assert (last.json["breaks"], last.json["odd"], last.json["left"]) == ([], [], [])
    assert len(told(live)) == before, "nothing is left to be done"
    assert verify(live.desk / "journal.db").ok


def test_t95_nothing_is_asked_of_alpaca_before_both_switches_and_the_typed_name(
    live: Office, world: LiveStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.settings(*SWITCHED["--paper"])
    first = run(live)
    assert (first.code, first.err.count("\n")) == (2, 1)
    assert "found --live without live = true in [desk] of the settings" in first.err
    live.settings(*SWITCHED["--live"])
    monkeypatch.setattr(sys, "stdin", Terminal("Main\n"))
    second = run(live)
    assert second.code == 2
    assert "account main at alpaca, policies friday+rolled+spread." in second.err
    assert "nothing was started: expected main typed" in second.err
    assert (world.server.log, live.desk.exists()) == ([], False)


@pytest.mark.parametrize("kind", ["--live", pytest.param("--paper", marks=pytest.mark.proof)])
def test_t90_a_week_runs_by_itself_from_its_start_to_its_review(
    live: Office, world: LiveStage, kind: str
) -> None:
    live.settings(*SWITCHED[kind])
    world.plan(8, "20:00", interrupted)
    done = run(live, kind=kind)
    assert done.code == 130, done.out + done.err
    assert ("This trades with money: account main at alpaca" in done.err) is (kind == "--live")
    assert "the desk begins at 2024-01-08 15:45" in done.out
    assert "Traceback" not in done.err
    assert json.loads((live.desk / "kind.json").read_text())["kind"] == kind[2:]
    why = [(one.action, one.why) for one in told(live) if isinstance(one, Approved)]
    assert why == [
        ("open", "entry_put"), ("open", "entry_put"), ("open", "entry"),
        ("close", "take_profit"), ("roll", "tested_strike"), ("open", "entry_call"),
    ]  # fmt: skip
    reviews = {one.name for one in (live.desk / "reviews").iterdir()}
    assert reviews == {"2024-W02.html", "2024-W02.md", "2024-W02.json"}
    assert f"review of 2024-W02: {live.desk / 'reviews' / '2024-W02.html'}" in done.out
    ended_well(live, world, kind)


@pytest.mark.proof
def test_two_days_of_looking_each_minute_ask_no_more_than_alpaca_allows(
    live: Office, world: LiveStage
) -> None:
    world.clock.dozes = False
    world.plan(1, "20:00", interrupted)
    assert run(live).code == 130
    assert sorted(trades(live)) == sorted(one for one in TRADES if one.day == 0)
    assert of_kind(live, Decided) == [0, 1]
    minutes = (moment(world.calendar, 1, "20:00") - moment(world.calendar, 0, "15:45")) // MINUTE
    asked = [one for one in world.server.log if one.path.startswith("/v2/")]
    assert 0.9 * minutes < world.server.count("GET", POSITIONS) < 1.1 * minutes
    assert len(asked) < 20 * minutes, "of 200 that are allowed"


def test_t13_orders_go_from_the_middle_to_the_touch_a_minute_a_step_and_no_further(
    live: Office, world: LiveStage
) -> None:
    world.plan(0, "20:00", interrupted)
    run(live)
    posted = [one.body for one in world.server.log if (one.method, one.path) == ("POST", ORDERS)]
    steps = [one for one in posted if one.get("symbol", "").startswith("KO240119")]
    orders = world.server.model.orders
    begun = moment(world.calendar, 0, "15:45")
    assert [one["limit_price"] for one in steps] == [0.48, 0.47, 0.46]
    stamps = [orders[one["client_order_id"]].at for one in steps]
    assert [stamp[11:19] for stamp in stamps] == ["20:45:00", "20:47:00", "20:49:00"]
    assert begun < world.clock.at
    states = [world.server.model.order(one["client_order_id"])["status"] for one in steps]
    assert states == ["canceled", "canceled", "filled"]
    (spread,) = {tuple(leg["symbol"] for leg in one["legs"]) for one in posted if "legs" in one}
    assert spread == ("KO240126P00059000", "KO240126P00057000")


# --- the same week, with Alpaca misbehaving in the middle of it ---


def silent(world: LiveStage) -> None:
    """Orders are taken, and nobody answers."""
    for clock in ("15:44", "15:48"):
        world.wrong(Fault("stall"), ("POST", ORDERS), clock=clock)


def gateway(world: LiveStage) -> None:
    """504 after an order was taken, after a cancel, and until alpaca-py has had enough."""
    fault = Fault("status", status=504, body=b"<html>504 Gateway Time-out</html>")
    world.wrong(fault, ("POST", ORDERS), ("DELETE", ONE_ORDER), ("GET", BY_ID), clock="15:44")
    world.wrong(fault, ("POST", ORDERS), ("DELETE", ONE_ORDER), clock="15:46", times=3)


def hung_up(world: LiveStage) -> None:
    """Connections are dropped, at whatever is asked."""
    world.wrong(Fault("drop"), ("POST", ORDERS), ("GET", ACTIVITIES), clock="15:44", times=2)
    wheres = ("DELETE", ONE_ORDER), ("GET", BY_ID), ("GET", ACTIVITIES)
    world.wrong(Fault("drop"), *wheres, clock="15:48", times=2)


def cut(world: LiveStage) -> None:
    """Answers end in the middle."""
    world.wrong(Fault("half"), ("POST", ORDERS), ("GET", POSITIONS), clock="15:44")
    wheres = ("POST", ORDERS), ("GET", BY_ID), ("GET", ACTIVITIES)
    world.wrong(Fault("half"), *wheres, clock="15:48", times=2)


def busy(world: LiveStage) -> None:
    """429 at the door."""
    fault = Fault("status", status=429, before=True)
    wheres = ("POST", ORDERS), ("DELETE", ONE_ORDER), ("GET", BY_ID), ("GET", ACTIVITIES)
    world.wrong(fault, *wheres, clock="15:44", times=2)
    world.wrong(fault, *wheres, clock="15:48", times=4)


def twice(world: LiveStage) -> None:
    """Every activity is told twice."""
    world.server.telling.twice = True


def late(world: LiveStage) -> None:
    """The assignment is told three days late, on the next session's morning."""
    telling = world.server.telling

    def tells(*hidden: str) -> None:
        telling.hidden = {*hidden}

    world.plan(4, "16:30", partial(tells, "OPASN", "OPTRD"))
    world.plan(8, "9:00", tells)


@pytest.mark.parametrize(
    "wrong",
    [
        gateway,
        *(
            pytest.param(one, marks=pytest.mark.proof)
            for one in (silent, twice, late, hung_up, cut, busy)
        ),
    ],
)  # fmt: skip
def test_t01_t45_t93_a_week_with_trouble_in_it_ends_in_the_same_books(
    live: Office,
    world: LiveStage,
    wrong: Callable[[LiveStage], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if wrong is silent:  # half a second of real time each
        monkeypatch.setattr(wire_desk, "Terms", partial(Terms, read=0.5))
    wrong(world)
    world.plan(8, "20:00", interrupted)
    done = run(live)
    assert done.code == 130, done.out + done.err
    assert all(world.met.values()), "all of it went wrong at some time"
    ended_well(live, world)


# --- begun again in the middle ---


def crashed() -> None:
    """The end of a process that has no time to do anything."""
    raise Killed


class Killed(BaseException):
    """SIGKILL, as far as one process can play it."""


def test_t04_t20_a_desk_that_is_ended_while_orders_work_goes_on_and_doubles_nothing(
    live: Office, world: LiveStage
) -> None:
    for day in BUSY:
        world.plan(day, "15:46", interrupted)
    world.plan(8, "20:00", interrupted)
    for day in BUSY:
        assert run(live).code == 130
        assert {*statuses(world)} <= {"canceled", "filled"}, "stood down"
        assert of_kind(live, Decided)[-1] == day
    assert run(live).code == 130
    ended_well(live, world)


@pytest.mark.parametrize(
    "clock",
    [pytest.param(one, marks=pytest.mark.proof) for one in ("15:45", "15:46", "15:49")],
)
def test_t20_t82_a_desk_that_dies_while_orders_work_finds_them_again(
    live: Office, world: LiveStage, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in BUSY:
        world.plan(day, clock, crashed)
    world.plan(8, "20:00", interrupted)
    for _ in BUSY:
        with monkeypatch.context() as dying:
            dying.setattr(Desk, "stand_down", lambda _: None)
            with pytest.raises(Killed):
                run(live)
    assert run(live).code == 130
    ended_well(live, world)


def test_a_start_opens_nothing_for_a_policy_that_it_leaves_out(
    live: Office, world: LiveStage
) -> None:
    """It was approved, and taken back by Ctrl-C; a start without its policy does not go on."""
    world.plan(0, "15:46", interrupted)
    world.plan(0, "20:00", interrupted)
    assert run(live).code == 130
    done = live.underwriter("trade", str(live.folder / "friday.toml"), "--live")
    assert done.code == 130, done.out + done.err
    assert trades(live) == [one for one in TRADES if (one.day, one.policy) == (0, "friday")]
    refused = [one for one in told(live) if isinstance(one, Refused)]
    assert [(one.sleeve, one.why) for one in refused] == [(1, "hand"), (2, "hand")]
    assert {*statuses(world)} == {"canceled", "filled"}


def test_a_start_that_leaves_out_what_works_looks_it_up_and_says_so(
    live: Office, world: LiveStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process died amid a roll; the next start lacks its policy."""
    world.plan(2, "20:00", interrupted)
    assert run(live).code == 130
    world.plan(3, "15:46", crashed)
    with monkeypatch.context() as dying:
        dying.setattr(Desk, "stand_down", lambda _: None)
        with pytest.raises(Killed):
            run(live)
    assert "new" in statuses(world)
    some = [str(live.folder / f"{name}.toml") for name in ("friday", "spread")]
    done = live.underwriter("trade", *some, "--live", "--once")
    assert done.code == 0, done.out + done.err
    assert "what is on its way goes on: sleeve 1 holds -2 KO 2024-01-19 P 59 under" in done.out
    assert "new" not in statuses(world), "it is taken back"
    assert [one for one in trades(live) if one.day == 3] == []
    again = live.underwriter("trade", *some, "--live", "--once")
    assert again.code == 2
    assert "the policy rolled, which is not named: name it, too, beside friday" in again.err
    assert run(live, "--once").code == 0


def test_t82_ctrl_c_while_the_first_session_is_waited_for_begins_nothing(
    live: Office, world: LiveStage
) -> None:
    world.plan(0, "12:00", interrupted)
    world.plan(0, "20:00", interrupted)
    first = run(live)
    assert (first.code, "the desk begins at 2024-01-08 15:45" in first.out) == (130, True)
    assert (told(live), world.server.log) == ([], [])
    assert run(live).code == 130
    assert sorted(trades(live)) == sorted(one for one in TRADES if one.day == 0)


# --- the hand, while it runs ---


def test_t72_the_kill_switch_takes_orders_back_at_alpaca_until_it_is_gone(
    live: Office, world: LiveStage
) -> None:
    kill, seen = live.desk / "KILL", list[str]()
    world.plan(0, "15:46", kill.touch)
    world.plan(0, "15:48", lambda: seen.extend(statuses(world)))
    world.plan(0, "15:48", kill.unlink)
    world.plan(0, "20:00", interrupted)
    assert run(live).code == 130
    assert {*seen} == {"canceled"}
    assert sorted(trades(live)) == sorted(one for one in TRADES if one.day == 0)


def test_a_hand_closes_a_spread_at_alpaca_between_two_decisions(
    live: Office, world: LiveStage
) -> None:
    inbox = Inbox(live.desk / "hand")
    wish = Close(sleeves=(2,))
    world.plan(1, "10:00", lambda: inbox.put(wish, world.clock.now()))
    world.plan(2, "20:00", interrupted)
    assert run(live).code == 130
    closed = [one for one in trades(live) if one.day > 0]
    assert sorted(closed) == sorted([
        traded(1, "spread", LAST, 10), traded(1, "spread", WING, -10)
    ])  # fmt: skip
    assert of_kind(live, Decided) == [0, 1, 2]


# --- from cron ---


@pytest.mark.parametrize("times", [2, pytest.param(1, marks=pytest.mark.proof)])
def test_t04_a_week_of_cron_is_the_same_week_however_often_it_is_called(
    live: Office, world: LiveStage, times: int
) -> None:
    """Each weekday at eight and at 15:46, Martin Luther King's too; the first day from 15:46 on."""
    for day in (0, 1, 2, 3, 4, 7, 8):
        for clock in ("8:00", "15:46")[day == 0 :]:
            world.to(day, clock)
            for _ in range(times):
                done = run(live, "--once")
                assert done.code == 0, (day, clock, done.out + done.err)
    assert (live.desk / "reviews" / "2024-W02.html").exists()
    ended_well(live, world)
