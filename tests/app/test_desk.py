"""`desk ...`: the hand on a desk that runs, and on one that does not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.desks import MONTH, PAPER, WEEK, broken, folder, journal, running, told
from command_line import Command, Told
from underwriter.book.event import Answered, Approved, Assigned, Filled, Refused, Switched
from underwriter.book.verify import verify
from underwriter.core.contract import parse_osi

Desk = Callable[..., Told]


@pytest.fixture
def desk(underwriter: Command, home: Path) -> Desk:
    """`underwriter desk` on the folder of a week's replay, where six puts are held."""
    assert underwriter(*PAPER, *WEEK).code == 0
    return lambda *words: underwriter("desk", *words, "--folder", str(folder(home)))


def test_pause_opens_nothing_until_resume(underwriter: Command, desk: Desk, home: Path) -> None:
    """What is held is managed as ever; the page says why nothing is opened."""
    done = desk("pause", "a holiday")
    assert (done.code, done.out) == (0, "the desk of main is paused: it opens nothing\n")
    assert done.err == "no desk runs: underwriter trade takes it from here\n"
    stood = underwriter(*PAPER, "--from", "2018-12-03", "--to", "2018-12-24")
    assert stood.code == 3
    assert "LOOK    the desk is paused: a holiday" in stood.out
    assert "2018-12-10  Refused open SPX10 2019-01-11 P 252: guard\n" in stood.out
    assert "Assigned 6 SPX10" in stood.out
    assert desk("resume", "it", "is", "over").code == 0
    assert underwriter(*PAPER, *MONTH).code == 0
    events = told(journal(home))
    assert [one.why for one in events if isinstance(one, Switched)] == ["a holiday", "it is over"]
    bought = [one.session.day for one in events if isinstance(one, Filled)]
    assert bought == [3, 31]
    assert [one.to for one in events if isinstance(one, Switched)] == ["paused", "on"]
    refused = [one.why for one in events if isinstance(one, Refused)]
    assert refused.count("guard") == 3
    assert sum(isinstance(one, Assigned) for one in events) == 1


def test_t72_a_halt_outlives_the_process_and_lets_what_lowers_risk_go(
    underwriter: Command, desk: Desk, home: Path
) -> None:
    assert desk("halt", "a storm").code == 0
    asked = desk("close", "--yes")
    assert asked.code == 0
    assert asked.err.splitlines()[-1] == (
        "no desk runs: underwriter trade takes it from here, until 2018-12-10 15:55 by the "
        "exchange: after that it lapses"
    )
    done = underwriter(*PAPER, *MONTH)
    assert "LOOK    the desk is halted: a storm" in done.out
    assert "Bought 6 SPX10 2019-01-04 P 272" in done.out
    assert "Held    nothing" in done.out
    opened = [one for one in told(journal(home)) if isinstance(one, Filled) and one.quantity < 0]
    assert len(opened) == 1, "the one of before the halt"


def test_t72_the_file_kill_stops_what_adds_risk_while_it_is_there(
    underwriter: Command, desk: Desk, home: Path
) -> None:
    kill = folder(home) / "KILL"
    kill.touch()
    assert desk("close", "--yes").code == 0
    until = ("--from", "2018-12-03", "--to", "2018-12-17")
    assert underwriter(*PAPER, *until).code == 0
    assert [one.quantity for one in told(journal(home)) if isinstance(one, Filled)] == [-6, 6]
    kill.unlink()
    assert underwriter(*PAPER, *MONTH).code == 0
    assert [one.quantity < 0 for one in told(journal(home)) if isinstance(one, Filled)][2:]


def test_close_shows_the_plan_and_without_a_yes_does_nothing(desk: Desk, home: Path) -> None:
    before = journal(home).read_bytes()
    done = desk("close")
    assert done.code == 2
    plan, total, no = done.err.splitlines()
    assert plan == "  sleeve 0: buy 6 SPX10 2019-01-04 P 272 to close, marked 11.06"
    assert total == "  options: 6,636.00 dollars to close at their marks"
    assert no == "underwriter: nothing was closed: expected yes typed, or --yes"
    assert journal(home).read_bytes() == before


def test_close_with_a_yes_is_done_in_the_next_session(
    underwriter: Command, desk: Desk, home: Path
) -> None:
    done = desk("close", "0", "--yes", "--json")
    assert (done.code, broken("desk", done.json)) == (0, [])
    assert done.json["lines"] == ["close of sleeve 0, wheel-index on SPX/10: approved"]
    assert done.json["running"] is False
    went = underwriter(*PAPER, *MONTH)
    assert "2018-12-10  Bought 6 SPX10 2019-01-04 P 272" in went.out
    by_hand = [one for one in told(journal(home)) if isinstance(one, Approved)][1]
    assert (by_hand.action, by_hand.why) == ("close", "hand")


@pytest.mark.parametrize("form", ["osi", "listed"])
def test_rolls_are_listed_and_one_is_taken(
    underwriter: Command, desk: Desk, home: Path, form: str
) -> None:
    """Named by its OSI symbol, or as the list and every other page name it."""
    done = desk("roll", "0", "--json")
    assert (done.code, broken("desk-roll", done.json)) == (0, [])
    rolls = done.json["rolls"]
    assert all(one["strike"] <= 272.0 for one in rolls), "no nearer the money by its strike"
    assert all(one["dte"] > 28 for one in rolls), "and out in time"
    wanted = next(one for one in rolls if not one["why_not"] and one["touch"] > 0.0)
    people = str(parse_osi(wanted["option"], ("SPX10",)))
    assert any(line.startswith(people) for line in desk("roll", "0", "--all").out.splitlines())
    taken = desk("roll", "0", wanted["option"] if form == "osi" else people)
    assert (taken.code, taken.out) == (0, "roll of sleeve 0: approved\n"), taken.err
    underwriter(*PAPER, *MONTH)
    events = told(journal(home))
    approved = [one for one in events if isinstance(one, Approved) and one.action == "roll"]
    assert [leg.option for one in approved for leg in one.legs][1] == wanted["option"]
    ended = [one for one in events if isinstance(one, Filled | Refused) and one.session.day == 10]
    assert ended, "it filled, or is refused in the journal: it does not vanish"


@pytest.mark.parametrize("width", [40, 80])
def test_the_list_of_rolls_keeps_within_the_terminal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = desk("roll", "0")
    lines = done.out.splitlines()
    assert lines[0].split()[:2] == ["Option", "Days"]
    columns = ("Delta", "Middle", "Breakeven", "A year", "Stress")
    _, _, out = " ".join(done.out.split()).partition("left out for want of room: ")
    assert [name for name in columns if name not in lines[0] and name not in out] == []
    assert "Touch" in lines[0]
    assert max(map(len, lines)) <= width
    assert len(desk("roll", "0", "--all").out.splitlines()) > 100


APPROVE = '[desk]\napprove = "entries"\n'


def test_an_entry_waits_for_a_yes_and_without_one_is_refused(
    underwriter: Command, home: Path
) -> None:
    """Nobody answers within a replay's session: that is no yes."""
    (home / "underwriter.toml").write_text(APPROVE, encoding="utf-8")
    done = underwriter(*PAPER, *WEEK)
    assert "2018-12-03  Refused open SPX10 2019-01-04 P 272: hand" in done.out
    assert not [one for one in told(journal(home)) if isinstance(one, Filled)]


def test_an_answer_to_what_does_not_wait_is_refused(desk: Desk) -> None:
    for verb in ("approve", "refuse"):
        done = desk(verb)
        assert (done.code, done.err) == (
            2,
            "underwriter: found no intent to answer; there are none\n",
        )
        named = desk(verb, "7")
        assert (named.code, named.err) == (
            2, "underwriter: found no intent 7 to answer; there are none\n",
        )  # fmt: skip


@pytest.mark.parametrize(("verb", "filled"), [("approve", 1), ("refuse", 0)])
def test_what_a_hand_wished_may_be_answered_before_it_goes_out(
    underwriter: Command, desk: Desk, home: Path, verb: str, filled: int
) -> None:
    """A close waits for the next session; a no takes it back, a yes lets it be."""
    desk("close", "0", "--yes")
    seen = underwriter("watch", "--once", "--json", "--folder", str(folder(home)))
    [intent] = [one["intent"] for one in json.loads(seen.out)["intents"]]
    done = desk(verb, str(intent))
    assert done.code == 0, done.err
    assert [one.yes for one in told(journal(home)) if isinstance(one, Answered)] == [bool(filled)]
    underwriter(*PAPER, "--from", "2018-12-03", "--to", "2018-12-14")
    closed = [one for one in told(journal(home)) if isinstance(one, Filled) and one.quantity > 0]
    assert len(closed) == filled


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("close", "9", "--yes"), "found no sleeve 9 in account main; there are 0 to 7"),
        (("close", "5", "--yes"), "sleeve 5: found nothing to close"),
        (("roll", "5"), "sleeve 5: found no short option to roll"),
        (("roll", "0", "SPX10 190104P00272000"), "found no roll of sleeve 0 into SPX10"),
        (("roll", "0", "SPX10 2019-01-04 P 272"), "found no roll of sleeve 0 into SPX10"),
        (("roll", "0", "nonsense"), "found no roll of sleeve 0 into nonsense; desk roll 0"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    desk: Desk, home: Path, words: tuple[str, ...], said: str
) -> None:
    before = journal(home).read_bytes()
    done = desk(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err.splitlines()[-1]
    assert journal(home).read_bytes() == before
    assert not [*(folder(home) / "hand").glob("*.json")], "no wish is left behind"


def test_a_desk_that_runs_takes_a_pause_from_another_process(
    underwriter: Command, home: Path
) -> None:
    days = ("--from", "2015", "--to", "2018")
    with running(*PAPER, *days) as (process, first):
        assert first.startswith("2015-01-")
        done = underwriter("desk", "pause", "--folder", str(folder(home)), "--json")
        assert done.code == 0, done.err
        assert done.json["running"] is True
        assert process.poll() is None, "it was over before it was asked"
        process.communicate(timeout=600)
    events = told(journal(home))
    [paused] = [one for one in events if isinstance(one, Switched)]
    later = [one for one in events if isinstance(one, Filled) and one.at > paused.at]
    assert all(one.quantity >= 0 for one in later if one.option and "P" in one.option[12])
    assert process.returncode == 3, "somebody should look"
    assert verify(journal(home)).ok
