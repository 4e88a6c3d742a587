"""`trade --live`: two switches and a typed yes, before anything is asked of a broker (T95)."""

import io
import os
import sys
from pathlib import Path

import pytest

from app.trading import DAYS, Office, office_of
from command_line import Command, Told
from underwriter.app.live_yes import require_yes
from underwriter.app.request import Request
from underwriter.app.settings import open_house
from underwriter.app.shipped import find_policies
from underwriter.app.trade import Asked, folder_of
from underwriter.book.journal import Journal, events
from underwriter.core.errors import InputError

LIVE = ("[desk]", "live = true", 'broker = "alpaca"')


class Terminal(io.StringIO):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture
def office(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return made


def live(office: Office) -> Told:
    """One cycle with money."""
    return office.trade(DAYS[1], "15:45", kind="--live")


def yes(office: Office, typed: str | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said where so much is typed at a terminal; nothing typed off one where None."""
    sitting = io.StringIO() if typed is None else Terminal(typed)
    monkeypatch.setattr(sys, "stdin", sitting)
    house = open_house(None)
    policy, *others = find_policies([office.policy])
    request = Request(policy, house, house.settings, house.home, others=tuple(others))
    try:
        require_yes(request, folder_of(Asked(request, "live", None, None)))
    except InputError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "found --live without live = true in [desk] of the settings"),
        (("[desk]", 'broker = "alpaca"'), "found --live without live = true in [desk]"),
        (("[desk]", "live = true"), 'found --live with broker = "paper" in [desk]'),
        (LIVE, "live trading of account main by test was not agreed to"),
    ],
)
def test_t95_live_is_refused_without_both_switches_and_a_yes(
    office: Office, lines: tuple[str, ...], said: str
) -> None:
    office.settings(*lines)
    done = live(office)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err
    assert not office.desk.exists(), "nothing was begun"


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "Main\n", "main2\n"])
def test_t95_what_is_typed_wrong_starts_nothing(
    office: Office, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settings(*LIVE)
    assert yes(office, typed, monkeypatch) == "nothing was started: expected main typed"
    assert "was not agreed to" in yes(office, None, monkeypatch)


def test_t95_a_yes_is_remembered_for_just_what_it_was_given(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settings(*LIVE)
    assert yes(office, "main\n", monkeypatch) == ""
    assert yes(office, None, monkeypatch) == "", "a service may start it again"
    others = (
        (*LIVE, "[account]", "starting_cash = 5000"),
        (*LIVE, 'quotes = "alpaca"'),
        (*LIVE, "[account]", 'name = "second"'),
    )
    for lines in others:
        office.settings(*lines)
        assert "was not agreed to" in yes(office, None, monkeypatch), lines
    office.settings(*LIVE)
    assert yes(office, None, monkeypatch) == ""
    office.write("wheel", **{"delta = 0.30": "delta = 0.25"})
    assert "was not agreed to" in yes(office, None, monkeypatch)


def test_t95_a_yes_that_cannot_be_read_is_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settings(*LIVE)
    assert yes(office, "main\n", monkeypatch) == ""
    (office.desk / "live.agreed.json").write_text("[]", encoding="utf-8")
    assert "was not agreed to" in yes(office, None, monkeypatch)


class Unasked(Terminal):
    """A terminal at which nobody may be asked."""

    def readline(self, *_size: object) -> str:
        """This is too early."""
        raise AssertionError("a yes was asked for before all else was looked at")


@pytest.fixture
def unasked(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A desk with money to which nobody has agreed yet."""
    office.settings(*LIVE)
    monkeypatch.setattr(sys, "stdin", Unasked())
    return office


def practised(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk with money that has traded: of paper, as its file says no more."""
    for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.setenv(name, "x")
    office.settings()
    office.bring(DAYS[:2])
    assert office.trade(DAYS[1], "15:45").code == 0
    office.settings(*LIVE)
    (office.desk / "kind.json").write_text('{"kind": "live"}', encoding="utf-8")


def test_t95_what_is_missing_is_said_before_a_yes_is_asked_for(unasked: Office) -> None:
    unasked.bring(DAYS[:2])
    done = live(unasked)
    assert done.code == 2
    assert "APCA_API_KEY_ID" in done.err
    assert "Type the account's name" not in done.err
    assert not unasked.desk.exists(), "a start that was refused leaves no desk of money behind"


def test_t95_quotes_that_are_not_there_are_said_before_a_yes_is_asked_for(unasked: Office) -> None:
    done = live(unasked)
    assert done.code == 2
    assert "SYN" in done.err
    assert not unasked.desk.exists()


def test_t95_a_second_process_is_refused_before_a_yes_is_asked_for(
    unasked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised(unasked, monkeypatch)
    with Journal.open(unasked.desk / "journal.db"):
        done = live(unasked)
    assert done.code == 1
    assert f"found process {os.getpid()} writing to it" in done.err
    assert (unasked.desk / "kind.json").exists()


def test_t95_what_has_no_seat_is_said_before_a_yes_is_asked_for(
    unasked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised(unasked, monkeypatch)
    unasked.write("wheel", **{'name = "test"': 'name = "other"'})
    before = [*events(unasked.desk / "journal.db")]
    done = live(unasked)
    assert done.code == 2
    assert "under the policy test, which is not named" in done.err
    assert [*events(unasked.desk / "journal.db")] == before


def test_t95_a_no_at_the_last_question_leaves_the_folder_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.setenv(name, "x")
    office.settings(*LIVE)
    office.bring(DAYS[:2])
    office.desk.mkdir(parents=True)
    (office.desk / "KILL").touch()
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    done = live(office)
    assert done.code == 2
    assert "nothing was started: expected main typed" in done.err
    assert [one.name for one in office.desk.iterdir()] == ["KILL"]
    office.settings()
    assert office.trade(DAYS[1], "15:45").code == 3, "practice may begin there"


def test_t95_practice_is_never_continued_with_money(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.bring(DAYS[:2])
    assert office.trade(DAYS[1], "15:45").code == 0
    office.settings(*LIVE)
    monkeypatch.setattr(sys, "stdin", Terminal("main\n"))
    done = live(office)
    assert done.code == 2
    assert "found a desk that is of paper; expected one of live" in done.err
