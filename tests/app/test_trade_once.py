"""`trade --paper --once` by the wall's clock, on a lake: what cron runs, what `shadow` keeps."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.desks import broken, told
from app.planning import policy
from command_line import Command, Told
from underwriter.book.event import Answered, Decided, Filled, Marked, Refused, Skipped
from underwriter.book.verify import verify
from underwriter.desk import clocks
from underwriter.desk.inbox import Answer, Inbox

NEW_YORK = ZoneInfo("America/New_York")


class Wall:
    """The time of a made-up machine, whose sleeps pass at once."""

    def __init__(self) -> None:
        self.at = 0
        self.woken: Callable[[], object] = lambda: None  # what happens while it sleeps

    def set(self, moment: str) -> None:
        """Exchange time, as 2024-02-05 15:46."""
        there = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
        self.at = int(there.timestamp()) * 10**9

    def time_ns(self) -> int:
        """Its time."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.at += int(seconds * 10**9)
        self.woken()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """That machine's clock."""
    made = Wall()
    monkeypatch.setattr(clocks, "time", made)
    return made


@pytest.fixture
def once(underwriter: Command, lake: Path, tmp_path: Path, wall: Wall) -> Callable[[str], Told]:
    """One cycle of a wheel on a made-up share, at a moment."""
    assert lake.exists()
    rule = policy(tmp_path)

    def run(moment: str) -> Told:
        wall.set(moment)
        return underwriter("trade", rule, "--paper", "--once", "--json")

    return run


def desk(home: Path) -> Path:
    return home / "desk" / "main"


MONDAY, MORNING = "2024-02-05 15:46", "2024-02-06 08:00"


def test_a_day_of_cron_decides_once_and_settles_the_morning_after(
    once: Callable[[str], Told], home: Path
) -> None:
    done = once(MONDAY)
    assert (done.code, broken("trade", done.json)) == (0, [])
    assert (done.json["kind"], done.json["sessions"]) == ("paper", 1)
    assert done.json["fills"] >= 1
    head = verify(desk(home) / "journal.db").head
    assert once("2024-02-05 15:56").json["sessions"] == 0
    assert verify(desk(home) / "journal.db").head == head, "a second run changes nothing"
    assert once(MORNING).code == 0
    events = told(desk(home) / "journal.db")
    assert [str(one.session) for one in events if isinstance(one, Marked)] == ["2024-02-05"]
    assert (desk(home) / "slabs" / "2024-02-05").is_dir()
    assert desk(home).stat().st_mode & 0o077 == 0


def test_the_run_for_half_days_finds_nothing_due_at_noon_of_a_whole_one(
    once: Callable[[str], Told], home: Path
) -> None:
    noon = once("2024-02-05 12:46")
    assert (noon.code, noon.json["sessions"], noon.json["orders"]) == (0, 0, 0)
    assert once(MONDAY).json["sessions"] == 1
    head = verify(desk(home) / "journal.db").head
    assert once("2024-02-05 15:58").json["sessions"] == 0
    assert verify(desk(home) / "journal.db").head == head


def test_it_opens_what_a_replay_of_the_day_opens(
    once: Callable[[str], Told], underwriter: Command, home: Path, tmp_path: Path
) -> None:
    once(MONDAY)
    once("2024-02-06 15:46")
    day = ("--from", "2024-02-05", "--to", "2024-02-06")
    done = underwriter("trade", str(tmp_path / "test.toml"), "--paper", *day)
    assert done.code == 0, done.err
    by_clock, over_history = (
        [
            (one.option, one.quantity, one.amount_u, one.fee_u)
            for one in told(place / "journal.db")
            if isinstance(one, Filled)
        ]
        for place in (desk(home), home / "replays" / "test")
    )
    assert by_clock == over_history
    assert by_clock


def test_a_missed_week_is_settled_and_its_decisions_are_skipped(
    once: Callable[[str], Told], home: Path
) -> None:
    once(MONDAY)
    done = once("2024-02-09 15:46")
    assert done.code == 3
    assert done.json["skipped"] == ["2024-02-06", "2024-02-07", "2024-02-08"]
    events = told(desk(home) / "journal.db")
    assert [one.session.day for one in events if isinstance(one, Marked)] == [5, 6, 7, 8]
    assert [one.session.day for one in events if isinstance(one, Decided)] == [5, 9]
    assert [one.session.day for one in events if isinstance(one, Skipped)] == [6, 7, 8]


def test_a_session_that_was_not_collected_is_told_and_not_decided(
    once: Callable[[str], Told], home: Path
) -> None:
    done = once("2026-07-01 15:46")
    assert done.code == 3, done.err
    [left] = done.json["left"]
    assert left["duty"] == "decide"
    assert "found no chains of 2026-07-01 in the lake" in left["why"]
    assert "underwriter data collect SYN" in left["why"]
    assert not [one for one in told(desk(home) / "journal.db") if isinstance(one, Decided)]


@pytest.mark.parametrize("moment", ["2024-04-15 09:31", "2024-04-15 15:46", "2024-04-15 18:00"])
def test_a_desk_outlives_a_day_whose_chains_are_not_there_yet(
    once: Callable[[str], Told], home: Path, moment: str
) -> None:
    """From the opening until somebody collects, paper has no morning: it waits, and says so."""
    once("2024-04-11 15:46")
    once("2024-04-12 15:46")
    done = once(moment)
    assert done.code in {0, 3}, done.err
    assert done.json["breaks"] == []
    events = told(desk(home) / "journal.db")
    assert [one.session.day for one in events if isinstance(one, Marked)] == [11, 12]


# --- approval by hand, while orders wait ---


def waits(lake: Path) -> None:
    (lake / "underwriter.toml").write_text('[desk]\napprove = "entries"\n', encoding="utf-8")


def test_without_an_answer_by_the_last_moment_it_is_refused(
    once: Callable[[str], Told], home: Path, lake: Path
) -> None:
    waits(lake)
    done = once(MONDAY)
    assert done.json["fills"] == 0
    events = told(desk(home) / "journal.db")
    assert [one.why for one in events if isinstance(one, Refused)] == ["hand"]


@pytest.mark.parametrize("filled", [1, 0])
def test_an_answer_that_comes_while_it_waits_is_obeyed(
    once: Callable[[str], Told], home: Path, lake: Path, wall: Wall, filled: int
) -> None:
    waits(lake)
    inbox = Inbox(desk(home) / "hand")
    asked: list[str] = []

    def answer() -> None:
        if not asked:
            asked.append(inbox.put(Answer(of=(), yes=bool(filled)), wall.at))

    wall.woken = answer
    done = once(MONDAY)
    assert done.json["fills"] == filled
    said = inbox.said(asked[0])
    assert said is not None
    assert said.done
    [answered] = [one for one in told(desk(home) / "journal.db") if isinstance(one, Answered)]
    assert answered.yes is bool(filled)


# --- shadow, from what was recorded ---


def test_t90_a_recorded_session_is_decided_the_same_again(
    once: Callable[[str], Told], underwriter: Command, home: Path
) -> None:
    once(MONDAY)
    once("2024-02-06 15:46")
    done = underwriter("shadow", "--json")
    assert (done.code, done.json["sessions"], done.json["differences"]) == (0, 2, [])
    assert done.json["intents"] >= 1
    slabs = desk(home) / "slabs"
    shutil.rmtree(slabs / "2024-02-05")
    shutil.copytree(slabs / "2024-02-06", slabs / "2024-02-05")
    done = underwriter("shadow", "--json")
    assert done.code == 3
    [one] = done.json["differences"]
    assert one["session"] == "2024-02-05"
    assert one["cause"].startswith("the slab is not the one that was seen: ")
    shutil.rmtree(slabs / "2024-02-05")
    done = underwriter("shadow", "--json")
    assert (done.code, done.json["unseen"]) == (3, ["2024-02-05"])


def test_watch_sees_what_the_clock_sees(
    once: Callable[[str], Told], underwriter: Command, home: Path, wall: Wall
) -> None:
    assert home.exists()
    once(MONDAY)
    seen = underwriter("watch", "--once", "--json")
    assert (seen.json["kind"], seen.json["session"]) == ("paper", "2024-02-05")
    assert [one["underlying"] for one in seen.json["held"]] == ["SYN"]
    wall.set("2026-07-01 12:00")
    later = underwriter("watch", "--once", "--json")
    assert later.code == 3
    assert later.json["session"] == "2024-02-05"
    assert "quotes are of 2024-02-05: found no chains of 2026-07-01" in later.json["remarks"][0]
