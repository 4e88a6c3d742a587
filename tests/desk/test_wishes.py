"""Wishes at bad moments: beside a crash, a live order, another session; found by the torture."""

from pathlib import Path
from typing import Any

import pytest

from desk.stand import CALL, PUT, Stand, quoted
from desk.test_cycle import GATES, MOMENT, MORNING, World, history
from desk.test_guard import intent
from desk.test_hand import Answering, ask, at, falling, ledger, number_of, said
from desk.world import day, moment
from markets import START, policies
from underwriter.book.event import (
    Answered,
    Approved,
    Decided,
    Filled,
    OrderIntended,
    Refused,
    Skipped,
    Switched,
)
from underwriter.book.journal import Journal
from underwriter.core.errors import InputError
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.guard import Guards, waits
from underwriter.desk.hand import Moment, act
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import Answer, Close, Inbox, Roll, Said, Switch
from underwriter.desk.ledger import Ledger
from underwriter.desk.router import Street
from underwriter.desk.watching import Watch

CLOSE = Close(sleeves=(0,))
EVENING = 20 * 60


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, history())


def obeyed(world: World) -> None:
    """A process of the hand's own, where no desk runs."""

    def none() -> Any:  # noqa: ANN401
        raise InputError("found no quotes")

    with Journal.open(world.folder / "journal.db") as journal:
        main = Ledger(journal, "main")
        hear(world.beside.inbox, main, (world.calendar, world.clock), none)


class Died(BaseException):
    """The process ends here."""


def test_t72_a_wish_that_was_refused_is_not_judged_again_after_a_crash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ask(world, CLOSE)

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "_tell", die)
        with pytest.raises(Died):
            at(world, 0, 600)
    at(world, 0, MOMENT)
    assert ledger(world).held(0)
    at(world, 1, 600)
    assert ledger(world).held(0)
    assert said(world, name) == Said(
        done=False, lines=("found no sleeve 0 in account main; there are none",)
    )
    assert not [*world.beside.inbox.folder.iterdir()]


def test_a_no_stands_and_a_yes_to_all_leaves_it_alone(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    one = stand.approve("open", (PUT, -1))
    when = Moment(stand.clock.at, stand.common()["session"], "main")
    no = act(stand.ledger, Answer(name="a", of=(one,), yes=False), when, None)
    stand.ledger.append(no.events, stand.clock.at)
    with pytest.raises(InputError, match=f"found no intent {one} to answer.*which stands"):
        act(stand.ledger, Answer(name="b", of=(one,), yes=True), when, None)
    with pytest.raises(InputError, match="found no intent to answer"):
        act(stand.ledger, Answer(name="c", of=(), yes=True), when, None)


@pytest.mark.parametrize("minute", [EVENING, MORNING, MOMENT])
def test_t72_a_desk_that_is_told_to_go_on_while_it_does_still_minds_the_days_loss(
    tmp_path: Path, minute: int
) -> None:
    world = World(tmp_path, history())
    world.rules = world.rules._replace(policies=policies(GATES | {"daily": [1]}))
    world.guards = Guards(daily_loss=0.005)
    world.through([0, 1, 2, 3], [MORNING, MOMENT])
    world.clock.at = world.calendar.at(START + (3 if minute == EVENING else 4), minute)
    ask(world, Switch(to="on", why="back"))
    obeyed(world)
    world.through([4], [MORNING, MOMENT])
    assert [one.by for one in world.events(Switched)] == ["hand", "guard"]


def test_a_close_goes_out_of_a_desk_that_runs_once_a_day(world: World) -> None:
    at(world, 0, MOMENT)
    at(world, 1, MORNING)
    world.clock.at += 3_600 * 10**9
    ask(world, CLOSE)
    obeyed(world)
    at(world, 1, MOMENT)
    assert ledger(world).held(0) == {}
    kinds = [type(one) for one in world.events(Decided, Filled)]
    assert kinds == [Decided, Filled, Filled, Decided]


def test_a_close_that_does_not_fill_holds_up_no_decision(world: World) -> None:
    at(world, 0, MOMENT)
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=2.0))
    ask(world, CLOSE)
    at(world, 1, 600)
    assert len(world.events(OrderIntended)) > 1
    assert world.events(Refused) == []
    at(world, 1, MOMENT)
    assert world.clock.at < world.calendar.at(START + 1, MOMENT + 6)
    assert len(world.events(Decided)) == 2
    assert world.events(Skipped) == []
    close = next(one for one in world.events(Refused) if one.action == "close")
    assert close.why == "lapsed"


class Closing(Answering):
    """A hand that closes the sleeve once the desk waits."""

    def wait(self, until: int) -> None:
        """Ask once, then wait."""
        if not self.name:
            self.name = ask(self.world, CLOSE)
        self.waited(until)


def test_t16_a_close_takes_back_the_entry_that_works_and_waits_for_its_end(world: World) -> None:
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=2.0))
    hand = Closing(world, yes=False)
    at(world, 0, MOMENT)
    (no,) = world.events(Answered)
    entry = world.events(Approved)[0]
    assert (no.of, no.yes) == (number_of(world, entry), False)
    assert [one.why for one in world.events(Refused)] == ["hand"]
    assert "what was on its way is taken back" in said(world, hand.name).lines[0]
    assert len(world.events(OrderIntended)) == 1


def test_t16_a_close_beside_an_order_that_fills_on_is_of_all_that_came(world: World) -> None:
    world.place = world.place._replace(manners=world.place.manners._replace(lot=3, late=90 * 10**9))
    hand = Closing(world, yes=False)
    at(world, 0, MOMENT)
    assert said(world, hand.name).done
    filled = sum(one.quantity for one in world.events(Filled))
    assert world.events(Filled)
    assert filled == 0
    assert ledger(world).held(0) == {}


def test_what_can_be_closed_is_closed_beside_what_cannot(world: World) -> None:
    at(world, 0, MOMENT)
    name = ask(world, Close(sleeves=(7, 0)))
    at(world, 1, 600)
    answer = said(world, name)
    assert answer.done
    assert "close of sleeve 0" in answer.lines[0]
    assert "found no sleeve 7" in answer.lines[1]
    assert ledger(world).held(0) == {}


def test_a_roll_beside_an_order_that_works_is_refused_in_words(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    stand.approve("open", (PUT, -1))
    stand.once(moment(stand.calendar, 0, "15:55"), {})
    when = Moment(stand.clock.at, stand.common()["session"], "main")
    with pytest.raises(InputError, match="sleeve 0: an order of it works"):
        act(stand.ledger, Roll(name="r", sleeve=0, option=PUT, least_u=0), when, None)


def test_what_was_approved_for_a_session_that_is_over_goes_out_in_no_other(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    sequence = stand.approve("open", (PUT, -1))
    stand.clock.at = moment(stand.calendar, 1)
    until = moment(stand.calendar, 1, "15:55")
    assert stand.router.settle_all(until) == {sequence: "lapsed"}
    assert stand.events(OrderIntended) == []


def test_what_is_approved_for_the_next_session_waits_for_its_open(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    stand.approve("open", (PUT, -1))
    stand.clock.at = moment(stand.calendar, 0, "09:00")
    until = moment(stand.calendar, 0, "15:55")
    assert stand.router.settle_all(until) == {}
    assert stand.events(OrderIntended, Refused) == []
    through = START - 1
    stand.clock.at = moment(stand.calendar, 0)
    assert stand.router.settle_all(until, through=through) == {}
    assert stand.events(OrderIntended) == []


def test_t74_what_is_not_traded_here_stops_nothing_else(tmp_path: Path) -> None:
    stand = quoted(Stand(tmp_path))
    sequence = stand.approve("open", (PUT, -1))
    stand.router.street = stand.router.street._replace(instruments={})
    assert stand.route() == {sequence: "not traded"}


def test_t69_what_no_policy_trades_any_more_is_closed_by_hand(tmp_path: Path) -> None:
    """The journal knows what is held; only the policies that run now do not."""
    stand = quoted(Stand(tmp_path))
    stand.approve("open", (CALL, -1), shares=100)
    stand.route("11:00")
    stand.router.street = stand.router.street._replace(instruments={})
    sequence = stand.approve("close", (CALL, 1), shares=-100)
    assert stand.route()[sequence] == ""
    assert stand.ledger.held(0) == {}
    assert int(stand.ledger.row(0).shares) == 0
    assert stand.breaks() == []


def test_t70_a_hands_orders_count_for_the_session_they_go_out_in(world: World) -> None:
    """And not for the one that was decided last, whose count says nothing of today."""
    at(world, 0, MOMENT)
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=2.0))
    ask(world, CLOSE)
    at(world, 1, 600)
    sent = [one for one in world.events(OrderIntended) if one.session == day(1)]
    street = Street(
        open_paper(world.place, 0), world.clock, world.quotes, world.calendar,
        {one.symbol: one for one in world.place.instruments}, guards=Guards(orders=len(sent)),
    )  # fmt: skip
    watch = Watch(ledger(world), street, world.rules, world.beside)
    assert len(sent) > len(world.events(OrderIntended)) - len(sent)
    assert watch._seen().orders[day(1)] == len(sent)


def test_t72_what_was_lost_since_counts_for_what_a_hand_asks_before_the_decision(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(world, 0, MOMENT)
    at(world, 1, MORNING)
    world.clock.at += 3_600 * 10**9
    ask(world, CLOSE)
    obeyed(world)
    seen: list[int] = []
    looked = Watch._seen

    def look(self: Watch) -> Any:  # noqa: ANN401
        if self.ledger.sent_on(day(1)):
            seen.append(self.equity_u)
        return looked(self)

    monkeypatch.setattr(Watch, "_seen", look)
    at(world, 1, MOMENT)
    assert seen
    assert seen[0] > 0


def test_what_a_hand_asked_for_itself_waits_for_no_yes() -> None:
    one = intent("roll", (PUT, 1), put=-1)
    opens = intent("open", (PUT, -1))
    guards = Guards(approve="always")
    assert waits(opens, guards, 0)
    event = opens.event
    asked = opens._replace(event=type(event)(**{
        name: getattr(event, name) for name in event.__struct_fields__ if name != "why"
    }, why="hand"))  # fmt: skip
    assert not waits(asked, guards, 0)
    assert not waits(one, guards, 0)


def test_t72_a_halt_holds_nothing_back_of_a_falling_close(tmp_path: Path) -> None:
    world = falling(tmp_path, Guards(daily_loss=0.005))
    assert world.events(Switched)
    name = ask(world, CLOSE)
    at(world, 4, MOMENT + 2)
    assert said(world, name).done


def test_t72_a_halt_is_not_loosened_by_a_pause(tmp_path: Path) -> None:
    world = World(tmp_path, history())
    at(world, 0, MOMENT)
    ask(world, Switch(to="halted", why="a storm"))
    at(world, 0, MOMENT + 1)
    name = ask(world, Switch(to="paused", why="a holiday"))
    at(world, 0, MOMENT + 2)
    answer = said(world, name)
    assert not answer.done
    assert "is halted, which holds back more than a pause" in answer.lines[0]
    assert [one.to for one in world.events(Switched)] == ["halted"]
