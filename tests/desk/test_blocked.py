"""A broker that blocks the account (T68), quotes that are late (T32), an account in euros (T71)."""

from pathlib import Path

import msgspec
import pytest

from desk.test_account import SEEN
from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from markets import START
from underwriter.book.event import Filled, Refused
from underwriter.core.errors import InputError
from underwriter.desk.account import AccountSeen, Fault
from underwriter.desk.brokers.paper import Paper
from underwriter.desk.burdened import burdens
from underwriter.desk.ports import UnreachableError

BLOCKED = SEEN._replace(blocked="trading blocked")
LATE = SEEN._replace(feed="delayed", feed_name="indicative")


class Account:
    """An account whose answers are set; an error is raised."""

    def __init__(self, *answers: AccountSeen | Exception) -> None:
        self.answers, self.asked = [*answers], 0

    def account(self) -> AccountSeen:
        """The next answer, the last of them for good."""
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def at(folder: Path, *answers: AccountSeen | Exception) -> World:
    world = World(folder, history())
    world.account = Account(*answers)
    return world


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (BLOCKED, "account: trading blocked"),
        (SEEN._replace(active=False, status="LIQUIDATION"), "account: its status is LIQUIDATION"),
        (LATE, "feed: quotes are delayed (indicative)"),
    ],
)
def test_t68_t32_a_blocked_account_and_late_quotes_stop_an_entry_and_are_told(
    tmp_path: Path, seen: AccountSeen, why: str
) -> None:
    world = at(tmp_path, seen)
    quiet, decided = world.through(DAYS[:1], [MORNING, MOMENT])
    assert world.events(Filled) == []
    assert [one.why for one in world.events(Refused)] == ["guard"]
    assert [*decided.held_back.values()] == [f"paper: {why}"]
    for report in (quiet, decided):
        assert report.attention
        titles = [one.title for one in burdens(report.faults)]
        assert f"Nothing that adds risk goes out: {why}" in titles


def test_t68_an_account_that_is_blocked_is_an_alarm_and_a_slow_feed_in_practice_a_warning() -> None:
    blocked = Fault(True, "account", "trading blocked", "ask alpaca")
    slow = Fault(False, "feed", "quotes are delayed (indicative)", "subscribe")
    grave, said = burdens((blocked, slow))
    title = "Nothing that adds risk goes out: account: trading blocked"
    assert (grave.level, grave.title) == ("alarm", title)
    assert grave.text == "What lowers risk goes on. To mend it: ask alpaca."
    assert (said.level, said.title) == ("warning", "Feed: quotes are delayed (indicative)")
    assert said.text == "To mend it: subscribe."


def test_t68_t32_what_lowers_risk_goes_on(tmp_path: Path) -> None:
    """The put that was sold before is bought back when its time is up."""
    world = at(tmp_path, SEEN)
    world.rules.policies[0].take_profit = 0.05
    world.through(DAYS[:1], [MORNING, MOMENT])
    (sold,) = world.events(Filled)
    world.account = Account(BLOCKED._replace(feed="delayed"))
    world.rules.policies[0].exit_dte = 7
    world.through([1], [MORNING, MOMENT])
    closed = world.events(Filled)[1:]
    assert [one.quantity for one in closed] == [-sold.quantity]


def test_t32_on_late_quotes_paper_trades_and_says_so(tmp_path: Path) -> None:
    world = at(tmp_path, LATE._replace(practice=True))
    *_, report = world.through(DAYS[:1], [MORNING, MOMENT])
    assert len(world.events(Filled)) == 1
    said = [(one.level, one.title) for one in burdens(report.faults)]
    assert ("warning", "Feed: quotes are delayed (indicative)") in said


def test_t68_a_block_that_is_lifted_lets_the_entry_out_and_silence_changes_nothing(
    tmp_path: Path,
) -> None:
    """Asked once a minute while the entry waits; for one minute nobody answers."""
    world = at(tmp_path, BLOCKED, UnreachableError("no route"), SEEN)
    world.through(DAYS[:1], [MOMENT])
    assert len(world.events(Filled)) == 1
    assert world.account is not None
    assert world.events(Filled)[0].at >= world.calendar.at(START + DAYS[0], MOMENT) + 120 * 10**9


def test_t71_an_account_in_euros_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, real = World(tmp_path, history()), Paper.statement
    monkeypatch.setattr(
        Paper,
        "statement",
        lambda paper: msgspec.structs.replace(real(paper), account="DU1", currency="EUR"),
    )
    with pytest.raises(InputError, match=r"account DU1: expected one that is kept in USD, found E"):
        world.cycle()
    assert world.events(Filled) == []
