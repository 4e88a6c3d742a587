"""Sessions that end with something undone: their orders are ended before the next is decided."""

from contextlib import suppress
from pathlib import Path

import pytest

from desk.stand import Stand
from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from desk.world import moment, osi
from underwriter.book.event import Decided, Filled, OrderIntended, OrderTold, Refused
from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind
from underwriter.core.units import day_of, to_u
from underwriter.desk.brokers.paper import Paper, open_paper
from underwriter.desk.brokers.paper_account import Happened, note
from underwriter.desk.guard import Guards
from underwriter.desk.leftover import LOST
from underwriter.desk.ports import Capabilities, DoubtError, Found, UnreachableError
from underwriter.desk.router import Router

PUT, LOWER = osi(60.0), osi(55.0)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, history())


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return quoted(Stand(tmp_path))


def quoted(stand: Stand) -> Stand:
    stand.board.touches |= {PUT: (1.30, 1.40), LOWER: (0.50, 0.60), "KO": (59.99, 60.01)}
    return stand


def silent(*_: object) -> Found:
    raise UnreachableError("no route to the broker")


def test_t20_an_order_whose_session_ended_in_an_outage_is_ended_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold every other order of its sleeve and action back for good."""
    world = World(tmp_path, history(), half_spread=1.0)
    world.through(DAYS[:1], [MORNING])
    with monkeypatch.context() as patch:
        for name in ("look_up", "cancel"):
            patch.setattr(Paper, name, silent)
        world.through(DAYS[:1], [MOMENT])
    (order,) = world.events(OrderIntended)
    assert order.client not in {one.client for one in world.events(Filled)}
    world.through([1], [MOMENT])
    told = [one.state for one in world.events(OrderTold) if one.client == order.client]
    assert told[-1] == "expired"
    assert next(one.why for one in world.events(Refused)) == "lapsed"
    assert len(world.events(Decided)) == 2


def test_t04_nothing_is_decided_while_an_order_of_another_session_is_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.through(DAYS[:1], [MORNING])
    with monkeypatch.context() as patch:
        for name in ("look_up", "cancel"):
            patch.setattr(Paper, name, silent)
        patch.setattr(Paper, "events", lambda *_: [])
        world.through(DAYS[:1], [MOMENT])
        (report,) = world.through([1], [MOMENT])
        assert [one.duty.kind for one in report.left] == ["decide"]
        assert len(world.events(Decided)) == 1
    world.through([1], [MOMENT + 1])
    assert len(world.events(Decided)) == 2


def test_t07_what_may_be_on_its_way_is_not_told_as_ended(stand: Stand) -> None:
    """A request that timed out arrives half a minute later, when guards let nothing out."""
    stand.erring.before["submit"] = [DoubtError("timed out")]
    sequence = stand.approve("open", (PUT, -1), limit=1.39)
    until = moment(stand.calendar, 0, "15:55")
    sent = []
    submit = stand.erring.submit
    stand.erring.submit = lambda ticket: (sent.append(ticket), submit(ticket))[1]  # type: ignore[method-assign]
    stand.erring.before["look_up"] = [DoubtError("timed out")]
    stand.once(until, {})
    barred = {sequence: "kill switch"}
    stand.once(until, barred)
    assert len(stand.ledger.folding.orders.live) == 1
    stand.clock.at += 30 * 10**9
    stand.erring.broker.submit(sent[0])
    stand.once(until, barred)
    assert stand.erring.broker.account.live() == []
    assert stand.ledger.folding.orders.live == {}
    assert [one.state for one in stand.events(OrderTold)][-1] == "cancelled"


def test_what_never_came_is_told_as_ended_when_it_cannot_come_any_more(stand: Stand) -> None:
    stand.erring.before["submit"] = [DoubtError("timed out")]
    sequence = stand.approve("open", (PUT, -1))
    until = moment(stand.calendar, 0, "15:55")
    stand.erring.before["look_up"] = [DoubtError("timed out")]
    stand.once(until, {})
    stand.clock.at += LOST
    stand.once(until, {sequence: "kill switch"})
    assert [one.why for one in stand.events(OrderTold)][-1] == "the broker never had it"


def test_t70_orders_of_several_intents_are_counted_one_by_one(stand: Stand) -> None:
    """Guards are asked before every act: two intents in one pass are not both under the bound."""
    first, second = stand.approve("open", (PUT, -1)), stand.approve("buy_shares", shares=10)

    def barring() -> dict[int, str]:
        sent = len(stand.events(OrderIntended))
        return {first: "one was sent", second: "one was sent"} if sent else {}

    stand.router.settle_all(moment(stand.calendar, 0, "10:00") + 1, barring)
    assert len(stand.events(OrderIntended)) == 1


def test_an_exercise_is_one_order_of_its_option_whatever_the_broker_can(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path, Capabilities("one", 1, False, False, True)))
    stand.approve("open", (PUT, -1), (LOWER, 1))
    stand.route()
    stand.approve("exercise", (LOWER, -1), shares=-100)
    stand.route()
    orders = [one for one in stand.events(OrderIntended) if one.action == "exercise"]
    assert [(one.shares, len(one.legs)) for one in orders] == [(0, 1)]
    stand.router.take_facts()
    assert stand.ledger.held(0) == {PUT: -1}
    assert stand.breaks() == []


def test_t74_t75_shares_and_options_of_the_owners_own_stop_nothing(world: World) -> None:
    world.through(DAYS[:1], [MORNING])
    broker = open_paper(world.place, 0)
    owner_buys(broker, "XYZ")
    reports = world.through([*DAYS[:3]], [MORNING, MOMENT])
    assert all(report.breaks == () for report in reports)
    assert len(world.events(Decided)) == 3
    assert [one for one in world.events(Filled) if one.client]


def owner_buys(broker: Paper, symbol: str, count: int = 7) -> None:
    """Shares, by hand, in the broker's account."""
    day, at = broker.place.today(), broker.place.clock.now()
    note(broker.account, Happened(
        kind=Kind.TRADE, day=day_of(day), at=at, told=at, thing=Thing(symbol), quantity=count,
        price_u=to_u(20.0), gross_u=-to_u(20.0) * count, effect="open" if count > 0 else "",
    ))  # fmt: skip
    broker._keep()


def test_t75_what_the_owner_sold_short_holds_entries_back_and_aborts_nothing(world: World) -> None:
    world.through(DAYS[:1], [MORNING])
    owner_buys(open_paper(world.place, 0), "XYZ", -7)
    reports = world.through([0], [MOMENT])
    assert reports[0].breaks == ()
    assert [one.why for one in world.events(Refused)] == ["guard"]
    assert [one for one in world.events(Filled) if one.client] == []


def test_what_was_decided_beside_a_break_stays_held_back_when_it_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.through(DAYS[:1], [600])
    broker = open_paper(world.place, 0)
    broker.account.held["XYZ"] = 100
    broker._keep()
    monkeypatch.setattr(Router, "settle_all", dies)
    with suppress(KeyboardInterrupt):  # which it would not come to: nothing is approved
        world.through([0], [MOMENT])
    monkeypatch.undo()
    broker = open_paper(world.place, 0)
    del broker.account.held["XYZ"]
    broker._keep()
    (report,) = world.through(DAYS[:1], [MOMENT + 2])
    assert report.breaks == ()
    assert world.events(OrderIntended) == []
    assert [one.why for one in world.events(Refused)] == ["guard"]


def test_t72_what_lapsed_while_no_process_ran_did_not_halt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last moment nothing is marked anew, and an equity of nothing is no loss."""
    world.guards = Guards(daily_loss=0.5, drawdown=0.5)
    world.through(DAYS[:5], [MORNING, MOMENT])
    dies_at(world, monkeypatch, 7)
    world.through([7], [960])
    assert [one.why for one in world.events(Refused)][-1] == "lapsed"


def dies_at(world: World, monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    """A process decides a session, and dies before an order of it goes out."""
    monkeypatch.setattr(Router, "settle_all", dies)
    with pytest.raises(KeyboardInterrupt):
        world.through([day], [MORNING, MOMENT])
    monkeypatch.undo()


def dies(router: Router, *_: object) -> None:
    """It dies once what it decided is written."""
    router.ledger.commit()
    raise KeyboardInterrupt
