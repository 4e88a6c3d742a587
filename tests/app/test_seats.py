"""A start whose policies leave out what a sleeve holds: said and refused, but never a close."""

from pathlib import Path

import pytest

from app.trading import DAYS, Office, office_of
from command_line import Command, Told
from underwriter.book.event import Decided, Filled
from underwriter.book.journal import events

FIRST, SECOND, THIRD = DAYS[1:4]
HELD = "-32 SYN 2024-02-02 P 94"


@pytest.fixture
def office(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """Puts were sold by the policy `test` on the first session."""
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.bring(DAYS[:3])
    assert made.trade(FIRST, "15:45").code == 0
    assert fills(made) == [-32]
    return made


def fills(office: Office) -> list[int]:
    found = (event for _, event in events(office.desk / "journal.db"))
    return [one.quantity for one in found if isinstance(one, Filled)]


def decided(office: Office) -> int:
    return sum(isinstance(event, Decided) for _, event in events(office.desk / "journal.db"))


def other(office: Office, **words: str) -> None:
    """Another policy instead of the one that sold the puts."""
    office.write("cash_secured_put", **({'name = "test"': 'name = "other"'} | words))


def refused(done: Told) -> str:
    """The one line of a refusal."""
    assert done.code == 2, done.out + done.err
    (line,) = [one for one in done.err.splitlines() if one.startswith("underwriter: ")]
    return line


def test_a_policy_that_is_left_out_is_named_with_what_it_holds(office: Office) -> None:
    other(office)
    before = [*events(office.desk / "journal.db")]
    for words in ((), ("--json",)):
        line = refused(office.trade(SECOND, "08:00", *words))
        assert line == (
            f"underwriter: sleeve 0 holds {HELD} under the policy test, which is not named: name "
            "it, too, beside other, or close it: underwriter desk close 0; until then no session "
            "is decided, and none settled"
        )
    assert [*events(office.desk / "journal.db")] == before, "nothing was written"
    office.write("wheel")
    assert office.trade(SECOND, "15:45").code == 0
    assert decided(office) == 2


def test_a_desk_that_runs_until_it_is_ended_is_refused_likewise(office: Office) -> None:
    other(office)
    office.to(SECOND, "08:00")
    assert "which is not named" in refused(office.underwriter("trade", office.policy, "--paper"))


def test_a_history_that_goes_on_without_a_policy_is_refused_likewise(office: Office) -> None:
    folder = ("--folder", str(office.folder / "history"))
    day = ("--from", str(DAYS[0]), "--to", str(FIRST))
    first = office.underwriter("trade", office.policy, "--paper", *day, *folder)
    assert first.code == 0, first.err
    other(office)
    days = ("--from", str(DAYS[0]), "--to", str(SECOND))
    done = office.underwriter("trade", office.policy, "--paper", *days, *folder)
    assert "under the policy test, which is not named" in refused(done)


def test_what_is_held_under_another_symbol_is_put_back_or_closed_where_it_is_quoted(
    office: Office,
) -> None:
    office.write("wheel", **{'"SYN"': '"OLD"'})
    line = refused(office.trade(SECOND, "08:00"))
    assert "under the policy test, whose universe has no SYN any more: put it back, or" in line
    assert "or close it, where the broker quotes it: underwriter desk close 0" in line
    other(office, **{'"SYN"': '"OLD"'})
    line = refused(office.trade(SECOND, "08:00"))
    assert "which is not named: name it, too, beside other, or close it, where" in line


def test_a_rung_that_is_gone_is_told(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = office_of(home, tmp_path, underwriter, monkeypatch)
    made.bring(DAYS[:3])
    rungs = {'universe = ["SYN"]': 'universe = ["SYN"]\nrungs = 2'}
    made.write("wheel", **rungs)
    assert made.trade(FIRST, "15:45").code == 0
    assert made.trade(SECOND, "15:45").code == 0
    held = fills(made)
    assert len(held) == 2, "a rung a day"
    made.write("wheel")
    line = refused(made.trade(THIRD, "08:00"))
    assert "sleeve 1 holds" in line
    assert "which has no rung for it any more: raise its rungs = 1, or close it" in line
    made.write("wheel", **rungs)
    assert made.trade(THIRD, "08:00").code == 0


def test_sleeves_that_hold_nothing_need_no_seat(office: Office) -> None:
    office.to(SECOND, "10:00")
    assert office.underwriter("desk", "close", "0", "--yes").code == 0
    assert office.trade(SECOND, "10:00").code == 0
    assert fills(office) == [-32, 32]
    other(office)
    assert office.trade(SECOND, "15:52").code == 0


@pytest.mark.parametrize("sleeves", [("0",), ()])
def test_a_close_goes_out_by_a_start_that_leaves_its_policy_out(
    office: Office, sleeves: tuple[str, ...]
) -> None:
    other(office)
    office.to(SECOND, "10:00")
    closed = office.underwriter("desk", "close", *sleeves, "--yes")
    assert (closed.code, "no desk runs" in closed.err) == (0, True)
    done = office.trade(SECOND, "10:00")
    assert "what is on its way goes on: sleeve 0 holds" in done.out
    assert fills(office) == [-32, 32]
    assert done.code == 3, "the night before is settled by the next start, which has its seats"
    after = office.trade(SECOND, "15:45")
    assert after.code == 0, after.out
    assert decided(office) == 2


def test_a_close_whose_session_is_over_lets_nothing_on(office: Office) -> None:
    office.to(SECOND, "10:00")
    assert office.underwriter("desk", "close", "0", "--yes").code == 0
    other(office)
    assert "which is not named" in refused(office.trade(SECOND, "15:56"))
    assert "which is not named" in refused(office.trade(THIRD, "10:00"))
    assert fills(office) == [-32]


def test_a_close_that_was_taken_back_lets_nothing_on(office: Office) -> None:
    office.to(SECOND, "10:00")
    assert office.underwriter("desk", "close", "0", "--yes").code == 0
    assert office.underwriter("desk", "refuse").code == 0
    other(office)
    assert "which is not named" in refused(office.trade(SECOND, "10:01"))
