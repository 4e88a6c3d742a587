"""The desk over a replayed history decides what the engine decides, and twice changes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.world import FRIDAY, HandClock, path_of, weekdays
from markets import START, call, limits, market, owns, policies, put
from runs import setup_of, slab_of
from sim.test_trace import traced
from underwriter.book.event import (
    Approved,
    Assigned,
    Decided,
    Expired,
    Filled,
    InterestPaid,
    Marked,
    Refused,
    Skipped,
)
from underwriter.book.imports.reconcile import reconciled
from underwriter.book.imports.statement import Kind, Row
from underwriter.book.journal import Journal
from underwriter.core.units import day_number, day_of, to_u
from underwriter.desk.account import AccountCheck
from underwriter.desk.brokers.paper import Paper, open_paper
from underwriter.desk.brokers.paper_place import Manners, Place
from underwriter.desk.cycle import Desk, Report
from underwriter.desk.deciding import Named, Rules
from underwriter.desk.guard import Guards
from underwriter.desk.inbox import Inbox
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Told, UnreachableError
from underwriter.desk.replay import Replay
from underwriter.desk.router import Street
from underwriter.desk.watching import Beside
from underwriter.market.fees import fee_schedule
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup, run

DAYS = (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)
CLOSES = (100.0, 100.0, 99.0, 97.0, 94.0, 95.0, 96.0, 97.0, 99.0, 101.0)
CASH = 100_000.0
GATES: dict[str, Any] = {"dte_max": 7, "daily": [0], "max_spread": 0.5, "take_profit": 0.0}
KINDS = (Approved, Refused, Filled, Expired, Assigned, InterestPaid)


def history() -> Slab:
    """Two weeks: a put is sold and assigned, a call is sold and called away."""
    first = [
        put(97.0, max(1.0, 97.0 - close), max(1.1, 97.2 - close), session=n, expiry=FRIDAY)
        for n, close in enumerate(CLOSES[:5])
    ]
    second = [
        call(98.0, max(0.8, close - 98.0), max(0.9, close - 97.8), session=n, expiry=11)
        for n, close in enumerate(CLOSES[5:], 5)
    ]
    made = market([*first, *second], closes=CLOSES, days=DAYS, sessions={
        "tomorrow": [START + day for day in (*DAYS[1:], 14)], "rate": [0.04] * len(DAYS),
    })  # fmt: skip
    return slab_of(made)


class World:
    """A desk on paper over the history, run at every moment of every day."""

    def __init__(self, folder: Path, slab: Slab, **manners: Any) -> None:  # noqa: ANN401
        self.folder, self.calendar = folder, weekdays()
        self.clock = HandClock(self.calendar.opens_at(START))
        self.quotes = Replay(slab, self.clock, self.calendar)
        given: dict[str, Any] = {"half_spread": 0.0, "commission": 0.65} | manners
        self.place = Place(
            path_of(folder), self.clock, self.quotes, self.calendar, slab.instruments,
            Manners(**given),
        )  # fmt: skip
        self.rules = Rules(
            "main", ((0, 0),), policies(GATES), owns(), limits(),
            (Named("wheel", "p", "text"),), "15:45", "1", "modelled", "history", {},
        )  # fmt: skip
        self.kill = folder / "kill"
        self.guards = Guards()
        self.account: AccountCheck | None = None
        self.beside = Beside(self.kill, Inbox(folder / "hand"))
        Journal.create(folder / "journal.db").close()

    def cycle(self) -> Report:
        """One cycle of a process of its own."""
        with Journal.open(self.folder / "journal.db") as journal:
            street = Street(
                open_paper(self.place, to_u(CASH)), self.clock, self.quotes, self.calendar,
                {one.symbol: one for one in self.place.instruments}, guards=self.guards,
                account=self.account,
            )  # fmt: skip
            return Desk(Ledger(journal, "main"), street, self.rules, self.beside).run()

    def through(self, days: Sequence[int], clocks: Sequence[int]) -> list[Report]:
        """Cycles at minutes of days."""
        reports = []
        for day in days:
            for minute in clocks:
                self.clock.at = max(self.clock.at, self.calendar.at(START + day, minute))
                reports.append(self.cycle())
        return reports

    def events(self, *kinds: Any) -> list[Any]:  # noqa: ANN401  classes of events
        """Events of some kinds, in the order of the journal."""
        with Journal.open(self.folder / "journal.db") as journal:
            return [event for _, event in journal.read() if isinstance(event, kinds)]


def costed(setup: Setup, slab: Slab) -> Setup:
    """A setup with the fees that paper charges."""
    days = np.array([int(one.day) for one in slab.market.sessions], np.int32)
    return replace(setup, fees=fee_schedule(days, commission_u=to_u(0.65)))


MORNING, MOMENT = 6 * 60, 15 * 60 + 45


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, history())


def plain(event: Any) -> tuple:  # noqa: ANN401  an event
    """What happened, without times, ids and prices of settlement."""
    if isinstance(event, Approved | Refused):
        legs = tuple((leg.option, leg.quantity) for leg in event.legs)
        return event.session, type(event).__name__, event.action, event.why, event.option, legs
    if isinstance(event, InterestPaid):
        return event.session, "Interest", event.amount_u
    moved = event.quantity, event.shares, event.amount_u, event.fee_u
    return event.session, type(event).__name__, event.option, event.slot, *moved


def test_t90_the_desk_decides_and_earns_what_the_backtest_does(world: World) -> None:
    slab = history()
    setup = costed(setup_of(len(DAYS), rules=[GATES], deposit=CASH), slab)
    wanted = [one for one in traced(run(slab, setup), slab, setup) if isinstance(one, KINDS)]
    world.through([*DAYS, 12], [MORNING, MOMENT])
    found = world.events(*KINDS)

    def decisions(events: Sequence[Any]) -> list[tuple]:
        return [plain(one) for one in events if isinstance(one, Approved | Refused)]

    assert decisions(found) == decisions(wanted)
    assert {type(one) for one in wanted} >= {Approved, Filled, Assigned, InterestPaid}

    def moved(events: Sequence[Any]) -> list[tuple]:
        facts = [one for one in events if not isinstance(one, Approved | Refused | InterestPaid)]
        return [plain(one) for one in facts]

    assert moved(found) == moved(wanted)


def test_a_cycle_twice_changes_nothing(world: World) -> None:
    world.through(DAYS[:5], [MORNING, MOMENT])
    with Journal.open(world.folder / "journal.db") as journal:
        before = journal.head
    for _ in range(3):
        world.cycle()
    with Journal.open(world.folder / "journal.db") as journal:
        assert journal.head == before


def test_t04_every_session_is_decided_once_however_often_it_runs(world: World) -> None:
    world.through(DAYS[:5], [MORNING, 9 * 60 + 45, MOMENT, MOMENT + 1, MOMENT + 5, 960, 1_200])
    sessions = [one.session for one in world.events(Decided)]
    assert len(sessions) == len(set(sessions)) == 5
    evenings = [one.session for one in world.events(Marked)]
    assert len(evenings) == len(set(evenings)) == 4  # Friday's is settled on Saturday
    assert all(one.slab and one.version == "1" for one in world.events(Decided))


def test_missed_days_are_settled_and_their_decisions_skipped(world: World) -> None:
    world.through(DAYS[:1], [MORNING, MOMENT])
    (report,) = world.through([3], [MOMENT])
    assert [day - START for day in report.skipped] == [1, 2]
    assert [duty.kind for duty in report.done] == ["settle", "settle", "settle", "decide"]
    assert report.attention
    assert len(world.events(Marked)) == 3
    assert [day_number(one.session) - START for one in world.events(Skipped)] == [1, 2]
    (again,) = world.through([3], [MOMENT + 1])
    assert (again.skipped, again.done) == ((), ())


def test_t72_the_kill_switch_stops_an_entry_and_says_so(world: World) -> None:
    world.kill.touch()
    reports = world.through(DAYS[:1], [MORNING, MOMENT])
    assert world.events(Filled) == []
    assert [one.why for one in world.events(Refused)] == ["guard"]
    assert [*reports[-1].held_back.values()] == ["the kill switch is set"]


def test_a_break_with_the_broker_stops_entries_and_is_told(world: World) -> None:
    world.through(DAYS[:1], [600])
    broker = open_paper(world.place, 0)
    broker.account.held["XYZ"] = 100
    broker._keep()
    (report,) = world.through(DAYS[:1], [MOMENT])
    assert [one.key for one in report.breaks] == ["XYZ"]
    assert world.events(Filled) == []
    assert report.attention


@pytest.mark.parametrize("silent", ["events", "statement"])
def test_while_the_broker_says_nothing_nothing_is_settled_or_decided(
    world: World, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    world.through(DAYS[:1], [MORNING, MOMENT])

    def outage(*_: object) -> None:
        raise UnreachableError("no route to the broker")

    with monkeypatch.context() as patch:
        patch.setattr(Paper, silent, outage)
        reports = world.through([1], [MORNING, MOMENT])
    assert [one.blind for one in reports] == ["no route to the broker"] * 2
    assert [one.duty.kind for one in reports[1].left] == ["settle", "decide"]
    assert world.events(Marked) == []
    world.through([1], [MOMENT + 1])
    assert len(world.events(Marked)) == 1
    assert len(world.events(Decided)) == 2


def test_a_broker_that_falls_silent_while_orders_work_is_told_of_that_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is the day's last must not end as if it had heard all."""
    world.through(DAYS[:1], [MORNING])
    answers = iter([True])
    heard = Paper.events

    def outage(self: Paper, since: date) -> object:
        if next(answers, False):
            return heard(self, since)
        raise UnreachableError("no route to the broker")

    with monkeypatch.context() as patch:
        patch.setattr(Paper, "events", outage)
        (report,) = world.through(DAYS[:1], [MOMENT])
    assert [one.kind for one in report.done] == ["decide"]
    assert report.blind == "no route to the broker"
    assert report.attention
    (after,) = world.through(DAYS[:1], [MOMENT + 15])
    assert (after.blind, after.odd) == ("", ())


def test_what_is_told_while_orders_work_and_fits_nothing_is_told_of_that_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.through(DAYS[:1], [MORNING])
    heard = Paper.events
    row = Row(line=1, kind=Kind.UNKNOWN, day=day_of(START), id="odd")
    calls: list[date] = []

    def more(self: Paper, since: date) -> list[Told]:
        calls.append(since)
        late = [Told(row, unread="not understood: row 1")] if len(calls) > 1 else []
        return [*late, *heard(self, since)]

    monkeypatch.setattr(Paper, "events", more)
    (report,) = world.through(DAYS[:1], [MOMENT])
    assert len(calls) > 1
    assert report.odd == ("not understood: row 1",)
    assert len(world.events(Filled)) == 1, "the others were booked"


def test_the_book_is_the_brokers_through_it_all(world: World) -> None:
    for report in world.through([*DAYS, 12], [MORNING, 600, MOMENT]):
        assert report.breaks == ()
        assert report.odd == ()
    with Journal.open(world.folder / "journal.db") as journal:
        book = Ledger(journal, "main").book
    assert reconciled(book, open_paper(world.place, 0).statement(), "main") == []
    assert book.strays == ()
