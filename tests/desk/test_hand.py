"""What a hand asks of a desk: events, obeyed once, and never in the way of what lowers risk."""

from pathlib import Path

import pytest

from desk.test_cycle import GATES, MOMENT, MORNING, World, history
from desk.test_strategies import RULES, month
from desk.world import osi
from markets import policies
from underwriter.book.event import (
    Answered,
    Approved,
    BookOpened,
    Decided,
    Filled,
    OrderIntended,
    OrderTold,
    Refused,
    SleeveOpened,
    Switched,
)
from underwriter.book.journal import Journal
from underwriter.core.errors import InputError
from underwriter.core.policy import CASH_SECURED_PUT, PUT_SPREAD
from underwriter.core.units import to_u
from underwriter.desk.guard import Guards, Setting
from underwriter.desk.inbox import Answer, AnyWish, Close, Roll, Said, Switch
from underwriter.desk.ledger import Ledger
from underwriter.desk.rolling import Candidate, Rolling


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, history())


def ask(world: World, wish: AnyWish) -> str:
    """Leave a wish."""
    return world.beside.inbox.put(wish, world.clock.at)


def said(world: World, name: str) -> Said:
    """What was said of it."""
    found = world.beside.inbox.said(name)
    assert found is not None
    return found


def at(world: World, day: int, minute: int) -> None:
    """One cycle at a minute of a day."""
    world.through([day], [minute])


def ledger(world: World) -> Ledger:
    with Journal.open(world.folder / "journal.db") as journal:
        return Ledger(journal, "main")


def number_of(world: World, event: Approved) -> int:
    """The sequence of an event."""
    with Journal.open(world.folder / "journal.db") as journal:
        return next(sequence for sequence, one in journal.read() if one == event)


DAILY = RULES | {"strategy": CASH_SECURED_PUT, "daily": [1]}
HALT = Switch(to="halted", why="I do not like the look of it")


@pytest.mark.parametrize("to", ["paused", "halted"])
def test_t72_a_switch_stops_entries_across_restarts_until_it_is_let_on(
    tmp_path: Path, to: Setting
) -> None:
    world = World(tmp_path, month())
    world.rules = world.rules._replace(policies=policies(DAILY))
    name = ask(world, Switch(to=to, why="a holiday"))
    at(world, 0, MOMENT)
    assert said(world, name).done
    assert [one.why for one in world.events(Refused)] == ["guard"]
    at(world, 1, MOMENT)
    assert world.events(Filled) == []
    ask(world, Switch(to="on", why=""))
    at(world, 2, MOMENT)
    assert len(world.events(Filled)) == 1
    assert [one.to for one in world.events(Switched)] == [to, "on"]


def falling(folder: Path, guards: Guards) -> World:
    """A desk whose put is worth three times its credit on the fourth day."""
    world = World(folder, history())
    world.rules = world.rules._replace(policies=policies(GATES | {"daily": [1]}))
    world.guards = guards
    world.through([0, 1, 2, 3, 4], [MORNING, MOMENT])
    return world


def test_t72_a_daily_loss_halts_by_an_event_that_stands_when_equity_recovers(
    tmp_path: Path,
) -> None:
    world = falling(tmp_path, Guards(daily_loss=0.005))
    (halt,) = world.events(Switched)
    assert (halt.to, halt.by) == ("halted", "guard")
    assert "under the last evening's" in halt.why
    world.through([5, 7], [MORNING, MOMENT])
    assert [one.why for one in world.events(Refused)][-1] == "guard"
    before = len(world.events(Filled))
    ask(world, Switch(to="on", why="looked at"))
    world.through([8], [MORNING, MOMENT])
    assert len(world.events(Filled)) == before + 1


def test_t72_after_a_halt_was_lifted_its_drawdown_is_measured_from_there(tmp_path: Path) -> None:
    world = falling(tmp_path, Guards(drawdown=0.005))
    (halt,) = world.events(Switched)
    assert "under its peak of" in halt.why
    ask(world, Switch(to="on", why=""))
    at(world, 4, MOMENT + 1)
    worth_u = world.events(Switched)[-1].equity_u
    assert 0 < worth_u == ledger(world).losses.peak_u == ledger(world).losses.evening_u
    at(world, 5, MORNING)
    evening_u = ledger(world).folding.marks["main"].equity_u
    assert ledger(world).losses.peak_u == max(evening_u, worth_u)
    assert ledger(world).losses.evening_u == evening_u
    at(world, 7, MOMENT)
    assert len(world.events(Switched)) == 2


class Answering:
    """A hand that answers the first intent once the desk waits."""

    def __init__(self, world: World, *, yes: bool) -> None:
        self.world, self.yes, self.waited = world, yes, world.clock.wait
        world.clock.wait = self.wait  # type: ignore[method-assign]
        self.name = ""

    def wait(self, until: int) -> None:
        """Answer once, then wait."""
        if not self.name:
            self.name = ask(self.world, Answer(of=(), yes=self.yes))
        self.waited(until)


def test_what_waits_goes_out_once_a_hand_says_yes(world: World) -> None:
    world.guards = Guards(approve="entries")
    hand = Answering(world, yes=True)
    at(world, 0, MOMENT)
    (yes,), (approved,) = world.events(Answered), world.events(Approved)
    assert said(world, hand.name) == Said(done=True, lines=(f"approved intent {yes.of}",))
    assert (yes.yes, yes.sleeve) == (True, approved.sleeve)
    assert number_of(world, approved) == yes.of
    assert len(world.events(Filled)) == 1


def test_what_a_hand_refuses_is_over_at_once(world: World) -> None:
    world.guards = Guards(approve="entries")
    hand = Answering(world, yes=False)
    at(world, 0, MOMENT)
    (no,) = world.events(Answered)
    assert said(world, hand.name).lines == (f"refused intent {no.of}",)
    assert [one.why for one in world.events(Refused)] == ["hand"]
    assert world.clock.at < world.calendar.at(int(world.quotes.whole.market.sessions[0].day), 950)


def test_what_nobody_answers_comes_to_nothing(world: World) -> None:
    world.guards = Guards(approve="always")
    at(world, 0, MOMENT)
    assert [one.why for one in world.events(Refused)] == ["hand"]
    assert world.events(Filled) == []


def test_an_answer_to_what_is_not_there_is_refused_in_words(world: World) -> None:
    name = ask(world, Answer(of=(99,), yes=True))
    at(world, 0, 600)
    assert said(world, name) == Said(
        done=False, lines=("found no intent 99 to answer; there are none",)
    )


def test_a_close_by_hand_goes_out_before_the_session_is_decided(world: World) -> None:
    at(world, 0, MOMENT)
    assert ledger(world).held(0) == {osi(97.0, root="A"): -10}
    name = ask(world, Close(sleeves=(0,)))
    at(world, 1, 600)
    assert said(world, name).lines == ("close of sleeve 0, wheel on Underlying 0: approved",)
    assert ledger(world).held(0) == {}
    closed = world.events(Approved)[-1]
    assert (closed.action, closed.why) == ("close", "hand")
    at(world, 1, MOMENT)
    assert len(world.events(Decided)) == 2


def test_t69_a_halted_desk_closes_by_hand(world: World) -> None:
    at(world, 0, MOMENT)
    ask(world, HALT)
    ask(world, Close(sleeves=(0,)))
    at(world, 1, 600)
    assert ledger(world).held(0) == {}


@pytest.mark.parametrize(
    ("sleeve", "why"), [(0, "sleeve 0: found nothing to close"), (7, "found no sleeve 7")]
)
def test_what_cannot_be_closed_is_refused(world: World, sleeve: int, why: str) -> None:
    world.guards = Guards(approve="always")
    at(world, 0, MOMENT)
    name = ask(world, Close(sleeves=(sleeve,)))
    at(world, 0, MOMENT + 1)
    answer = said(world, name)
    assert not answer.done
    assert why in answer.lines[0]


def test_a_wish_is_obeyed_once_though_the_desk_died_before_it_said_so(world: World) -> None:
    name = ask(world, HALT)
    left = world.beside.inbox.folder / f"{name}.json"
    kept = left.read_bytes()
    at(world, 0, 600)
    left.write_bytes(kept)
    at(world, 0, 601)
    assert len(world.events(Switched)) == 1
    assert said(world, name).lines == ("it was done before",)


def test_what_is_no_wish_is_answered_so_and_stops_nothing(world: World) -> None:
    world.beside.inbox.folder.mkdir()
    (world.beside.inbox.folder / "1-x.json").write_text('{"wish": "fly"}')
    at(world, 0, MOMENT)
    assert not said(world, "1-x").done
    assert len(world.events(Filled)) == 1


class Threatened:
    """A desk with one short position on the made-up month, on its third day."""

    def __init__(self, folder: Path, strategy: int) -> None:
        self.world = World(folder, month())
        rules = RULES | {
            "strategy": strategy, "roll_at_most": 0, "take_profit": 0.0, "delta": [0.4],
            "roll_for_credit": int(strategy == CASH_SECURED_PUT),
        }  # fmt: skip
        self.world.rules = self.world.rules._replace(policies=policies(rules))
        self.world.through([0], [MORNING, MOMENT])
        self.world.through([1], [MORNING, 600])

    def candidates(self) -> list[Candidate]:
        """Its rolls by now."""
        world = self.world
        slab = world.quotes.slab(world.calendar.day_at(world.clock.at))
        return Rolling(ledger(world).book, slab, world.rules, world.calendar).candidates(0)


@pytest.mark.parametrize("strategy", [CASH_SECURED_PUT, PUT_SPREAD])
def test_rolls_are_out_and_away_and_add_up(tmp_path: Path, strategy: int) -> None:
    held = Threatened(tmp_path, strategy)
    quotes = held.world.quotes
    found = held.candidates()
    assert found
    for one in found:
        touches = quotes.touch([leg.option for leg in one.legs])
        paid_u = sum(
            (-touches[leg.option].ask_u if leg.quantity > 0 else touches[leg.option].bid_u)
            for leg in one.legs
        )
        assert one.touch_u == paid_u
        assert sum(leg.quantity for leg in one.legs) == 0
        assert one.stress_u >= 0
        new = next(leg for leg in one.legs if leg.option == one.option)
        assert new.quantity < 0
        if strategy == CASH_SECURED_PUT:
            assert (one.touch_u > 0) == (not one.why)
    assert {one.winged for one in found} == {int(strategy == PUT_SPREAD)}
    taken = next(one for one in found if not one.why)
    row = ledger(held.world).row(0)
    units = -int(row.quantity[0]) * 100
    assert taken.breakeven_u == taken.strike_u - (int(row.credit_u) // units + taken.touch_u)


def test_a_roll_by_hand_is_one_combo_and_one_campaign(tmp_path: Path) -> None:
    held = Threatened(tmp_path, PUT_SPREAD)
    taken = next(one for one in held.candidates() if not one.why)
    name = ask(held.world, Roll(sleeve=0, option=taken.option, least_u=taken.touch_u))
    at(held.world, 1, 601)
    assert said(held.world, name) == Said(done=True, lines=("roll of sleeve 0: approved",))
    after = ledger(held.world)
    opened = [leg for leg in taken.legs if leg.option in after.held(0)]
    assert len(opened) == 2 == len(after.held(0))
    assert int(after.row(0).campaign) == 1


def test_a_roll_that_no_check_lets_through_is_refused_with_its_reason(tmp_path: Path) -> None:
    held = Threatened(tmp_path, CASH_SECURED_PUT)
    barred = [one for one in held.candidates() if one.why]
    assert barred
    name = ask(held.world, Roll(sleeve=0, option=barred[0].option, least_u=to_u(0.01)))
    at(held.world, 1, 601)
    assert barred[0].why in said(held.world, name).lines[0]
    assert [one.action for one in held.world.events(Approved)] == ["open"]


def test_the_policies_of_a_book_are_said_anew_when_they_change(world: World) -> None:
    at(world, 0, MOMENT)
    named = world.rules.named[0]._replace(hash="q", text="other")
    world.rules = world.rules._replace(named=(named,))
    at(world, 1, MOMENT)
    at(world, 2, MOMENT)
    assert [one.policies for one in world.events(BookOpened)] == [{"p": "text"}, {"q": "other"}]
    under = [one.policies for one in world.events(Decided)]
    assert under == [{"wheel": "p"}, {"wheel": "q"}, {"wheel": "q"}]
    assert ledger(world).begun == world.events(BookOpened)[0].session


def test_what_a_hand_asks_for_is_journalled_under_the_policy_in_force(tmp_path: Path) -> None:
    """The sleeve keeps the hash it was opened under; the policy has changed since."""
    held = Threatened(tmp_path, CASH_SECURED_PUT)
    named = held.world.rules.named[0]._replace(hash="q", text="other")
    held.world.rules = held.world.rules._replace(named=(named,))
    taken = next(one for one in held.candidates() if not one.why)
    ask(held.world, Roll(sleeve=0, option=taken.option, least_u=taken.touch_u))
    at(held.world, 1, 601)
    at(held.world, 1, MOMENT)
    ask(held.world, Close(sleeves=(0,)))
    at(held.world, 1, MOMENT + 1)
    at(held.world, 2, MORNING)
    asked = [one for one in held.world.events(Approved) if one.why == "hand"]
    assert [(one.action, one.policy) for one in asked] == [("roll", "q"), ("close", "q")]
    assert held.world.events(SleeveOpened)[0].policy == "p"


def test_what_was_refused_before_the_market_opened_never_goes_out(world: World) -> None:
    at(world, 0, MOMENT)
    ask(world, Close(sleeves=(0,)))
    at(world, 1, MORNING)
    close = number_of(world, world.events(Approved)[-1])
    ask(world, Answer(of=(close,), yes=False))
    at(world, 1, 600)
    assert ledger(world).held(0)
    assert [one.action for one in world.events(OrderIntended)] == ["open"]
    assert world.events(Refused)[-1].why == "hand"


def test_a_no_while_its_order_works_ends_it_and_sends_no_other(world: World) -> None:
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=2.0))
    hand = Answering(world, yes=False)
    at(world, 0, MOMENT)
    assert said(world, hand.name).done
    (order,) = world.events(OrderIntended)
    states = [one.state for one in world.events(OrderTold) if one.client == order.client]
    assert states[-1] == "cancelled"
    assert [one.why for one in world.events(Refused)] == ["hand"]


@pytest.mark.parametrize("sleeves", [(0, 0), (0,)])
def test_a_close_that_is_asked_for_twice_goes_out_once(
    world: World, sleeves: tuple[int, ...]
) -> None:
    at(world, 0, MOMENT)
    first = ask(world, Close(sleeves=sleeves))
    at(world, 1, MORNING)
    again = ask(world, Close(sleeves=(0,)))
    at(world, 1, MORNING + 1)
    assert said(world, first).done
    assert "its close is on its way" in said(world, again).lines[0]
    at(world, 1, 600)
    assert ledger(world).held(0) == {}
    assert [one.action for one in world.events(Approved)] == ["open", "close"]


def test_a_wish_by_any_name_is_taken_off_and_one_taken_back_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = world.beside.inbox
    name = ask(world, HALT)
    (inbox.folder / f"{name}.json").rename(inbox.folder / "a.json")
    at(world, 0, 600)
    assert not inbox.any_waits()
    assert said(world, "a").done
    gone = inbox.folder / "b.json"
    monkeypatch.setattr(Path, "glob", lambda *_: [gone])
    assert [*inbox.waiting()] == []


def test_what_a_desk_is_at_cannot_be_taken_back(world: World) -> None:
    name = ask(world, HALT)
    (wish,) = world.beside.inbox.waiting()
    assert wish.name == name
    with pytest.raises(InputError, match="is at it"):
        world.beside.inbox.take_back(name)
    assert [one.name for one in world.beside.inbox.waiting()] == [name]
