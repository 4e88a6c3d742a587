"""Telling: once, grouped, within a rate; a crash repeats at most one message and loses none."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.test_tidings import COMMON, NAMES, OPENED, WHOSE
from underwriter.book.event import AnyEvent, Busted, Deposited, OrderTold
from underwriter.desk.telling import (
    HELD_BACK,
    HOUR,
    MOST,
    Bucket,
    Channel,
    Message,
    Outcome,
    Rate,
    Telling,
    drawn,
    message_of,
)
from underwriter.desk.tidings import Level, Tiding

MANY = Rate(10_000, 10_000)


def fact(number: int) -> Deposited:
    """A fact that is known by its amount."""
    return Deposited(**COMMON, amount_u=number * 1_000_000)


def warning(number: int) -> Busted:
    return Busted(**COMMON, of=f"x{number}", why="it was a mistake")


def alarm(number: int) -> OrderTold:
    return OrderTold(**WHOSE, client=f"c{number}", state="rejected")


class Phone:
    """A channel that keeps what it was sent; `fails` says why each of the next fails, or raises."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.fails: list[str | BaseException] = []
        self.after: list[BaseException | None] = []

    def send(self, message: Message) -> str:
        """Take a message, or fail."""
        failure = self.fails.pop(0) if self.fails else ""
        if isinstance(failure, BaseException):
            raise failure
        if not failure:
            self.got.append(message)
        if self.after and (crash := self.after.pop(0)) is not None:
            raise crash
        return failure

    @property
    def said(self) -> str:
        """All of it."""
        return "\n".join(f"{one.title}\n{one.body}" for one in self.got)


class Bench:
    """A journal that grows in memory, phones, and a process that may be started anew."""

    def __init__(self, folder: Path, rate: Rate = MANY, **least: Level) -> None:
        self.path, self.rate = folder / "told.json", rate
        self.journal: list[tuple[int, AnyEvent]] = [(1, OPENED)]
        self.phones = {name: Phone() for name in least or {"phone": "fact"}}
        self.least: dict[str, Level] = dict(least) or {"phone": "fact"}
        self.now = 0
        self.start()

    def start(self) -> None:
        """Another process."""
        channels = [Channel(name, self.least[name], one.send) for name, one in self.phones.items()]
        self.telling = Telling(self.path, "main", channels, self.rate, self.journal[-1][0])

    def happen(self, *events: AnyEvent) -> None:
        """Write events down."""
        for event in events:
            self.journal.append((self.journal[-1][0] + 1, event))

    def read(self, after: int) -> Iterator[tuple[int, AnyEvent]]:
        """The events after a sequence."""
        return (one for one in self.journal if one[0] > after)

    def tell(self, *standing: Tiding) -> list[Outcome]:
        """Tell what is new."""
        return self.telling.tell(self.read, NAMES, standing, self.now)

    @property
    def phone(self) -> Phone:
        """The one channel there is by default."""
        return self.phones["phone"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_many_facts_of_one_cycle_are_one_message_a_level_alarms_first(bench: Bench) -> None:
    bench.happen(*(fact(n) for n in range(1, 6)), warning(1), warning(2), alarm(1))
    outcomes = bench.tell()
    assert [(one.level, one.tidings, one.why) for one in outcomes] == [
        ("alarm", 1, ""),
        ("warning", 2, ""),
        ("fact", 5, ""),
    ]
    first, second, third = bench.phone.got
    assert first.title == "Underwriter main: Order c1 was rejected"
    assert second.title == "Underwriter main: 2 warnings"
    assert third.body.split("\n") == [f"Deposited: {n}.00" for n in range(1, 6)]


def test_what_was_told_is_not_told_again_nor_by_another_process(bench: Bench) -> None:
    bench.happen(fact(1))
    bench.tell()
    assert bench.tell() == []
    bench.start()
    assert bench.tell() == []
    bench.happen(fact(2))
    bench.tell()
    assert [one.title for one in bench.phone.got] == [
        "Underwriter main: Deposited: 1.00",
        "Underwriter main: Deposited: 2.00",
    ]


def test_what_happened_before_notifications_were_set_up_is_not_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.path.unlink()
    bench.happen(fact(1))
    bench.start()
    bench.happen(fact(2))
    bench.tell()
    assert "1.00" not in bench.phone.said
    assert "2.00" in bench.phone.said


def test_a_channel_hears_from_its_own_level_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, phone="alarm", mail="fact")
    bench.happen(fact(1), warning(1), alarm(1))
    bench.tell()
    assert [one.level for one in bench.phones["phone"].got] == ["alarm"]
    assert [one.level for one in bench.phones["mail"].got] == ["alarm", "warning", "fact"]
    bench.least["phone"] = "fact"
    bench.start()
    assert bench.tell() == []  # what it did not want then is not told late


def test_a_channel_that_fails_hears_it_next_time_and_the_other_not_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path, phone="fact", mail="fact")
    bench.phones["phone"].fails = ["no route"]
    bench.happen(fact(1))
    assert [(one.channel, one.why) for one in bench.tell()] == [("phone", "no route"), ("mail", "")]
    bench.happen(fact(2))
    bench.tell()
    assert bench.phones["phone"].got[0].body == "Deposited: 1.00\nDeposited: 2.00"
    assert [one.title[-4:] for one in bench.phones["mail"].got] == ["1.00", "2.00"]


def test_a_channel_that_fails_is_asked_once_a_cycle_and_then_told_everything(
    bench: Bench,
) -> None:
    bench.phone.fails = ["no route"] * 2
    bench.happen(fact(1), warning(1), alarm(1))
    for _ in range(2):
        assert [(one.level, one.why) for one in bench.tell()] == [("alarm", "no route")]
    assert [one.level for one in bench.tell()] == ["alarm", "warning", "fact"]
    assert len(bench.phone.got) == 3


def test_a_channel_that_raises_stops_nothing_and_its_words_are_not_repeated(bench: Bench) -> None:
    bench.phone.fails = [ValueError("https://user:secret@example")]
    bench.happen(alarm(1))
    (one,) = bench.tell()
    assert one.why == "ValueError"
    bench.tell()
    assert len(bench.phone.got) == 1


def test_what_stands_is_told_once_while_it_stands_and_again_when_it_comes_back(
    bench: Bench,
) -> None:
    blind = Tiding("alarm", "blind", "The broker tells nothing")
    for standing in ([blind], [blind], [], [blind]):
        bench.tell(*standing)
        bench.start()
    assert len(bench.phone.got) == 2


def test_what_stood_while_a_channel_was_down_is_told_though_it_has_passed(bench: Bench) -> None:
    bench.phone.fails = ["no route"]
    bench.tell(Tiding("alarm", "blind", "The broker tells nothing"))
    bench.start()
    bench.tell()
    assert [one.title for one in bench.phone.got] == ["Underwriter main: The broker tells nothing"]


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("message", [0, 1, 2])
def test_a_crash_between_telling_and_noting_repeats_that_message_alone(
    bench: Bench, message: int
) -> None:
    bench.happen(fact(1), warning(1), alarm(1))
    bench.phone.after = [None] * message + [Killed()]
    with pytest.raises(Killed):
        bench.tell()
    bench.start()
    bench.tell()
    levels = [one.level for one in bench.phone.got]
    whole = ["alarm", "warning", "fact"]
    assert levels == [*whole[: message + 1], *whole[message:]]


@given(st.data())
def test_however_it_dies_and_fails_every_fact_is_told_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Crashes before and after sending, failures, restarts: none lost; twice only after a crash."""
    bench = Bench(tmp_path_factory.mktemp("telling"), Rate(2, 2))
    crashes = 0
    for number in range(1, data.draw(st.integers(1, 8)) + 1):
        bench.happen(fact(number), alarm(number))
        bench.now += data.draw(st.sampled_from([0, HOUR // 2, HOUR]))
        what = data.draw(st.sampled_from(["", "fails", "before", "after"]))
        if what == "fails":
            bench.phone.fails = ["down"]
        elif what == "before":
            bench.phone.fails = [Killed()]
        elif what == "after":
            bench.phone.after = [Killed()]
        try:
            bench.tell()
        except Killed:
            crashes += what == "after"
            bench.start()
        bench.phone.fails, bench.phone.after = [], []
    bench.now += 2 * HOUR
    bench.tell()
    for event in range(1, number + 1):
        for line in (f"Deposited: {event}.00", f"Order c{event} was rejected"):
            times = sum(line in f"{one.title}\n{one.body}\n" for one in bench.phone.got)
            assert 1 <= times <= 1 + crashes


def test_the_rate_holds_back_and_sums_up_and_alarms_have_a_cap_of_their_own(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, Rate(others=2, alarms=3))
    for number in range(1, 18):
        bench.happen(fact(number))
        bench.tell()
    assert len(bench.phone.got) == 2
    bench.happen(alarm(1))
    outcomes = bench.tell()
    assert [(one.level, one.why) for one in outcomes] == [("alarm", ""), ("fact", HELD_BACK)]
    bench.now = HOUR // 2
    bench.tell()
    last = bench.phone.got[-1]
    assert last.title == "Underwriter main: 15 facts"
    assert last.body.split("\n")[0] == "Deposited: 3.00"
    assert last.body.endswith("and 3 more: underwriter book journal")


def test_a_storm_of_alarms_is_capped_and_then_told_together(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Rate(others=2, alarms=3))
    for number in range(10):
        bench.happen(alarm(number))
        bench.tell()
        bench.start()  # the bucket outlives the process
    assert len(bench.phone.got) == 3
    bench.now = HOUR
    bench.tell()
    assert bench.phone.got[-1].title == "Underwriter main: 7 alarms"


@given(st.integers(1, 60), st.lists(st.integers(0, HOUR // 4), max_size=200))
def test_never_more_than_the_hourly_rate_beyond_a_full_bucket(rate: int, waits: list[int]) -> None:
    bucket, now, sent = None, 0, 0
    for wait in waits:
        now += wait
        may, bucket = drawn(bucket, rate, now)
        sent += may
    assert sent <= rate + rate * now / HOUR + 1e-6


def test_a_clock_that_is_set_back_fills_no_bucket() -> None:
    assert drawn(Bucket(0.0, HOUR), 12, 0) == (False, Bucket(0.0, 0))


def test_a_message_groups_by_what_its_lines_are_of() -> None:
    keys = ("filled 1", "expired 2", "filled 3")
    made = message_of("main", [Tiding("fact", key, key, "more") for key in keys])
    assert made.body.split("\n") == [
        "filled 1", "  more", "filled 3", "  more", "expired 2", "  more",
    ]  # fmt: skip
    (alone,) = [message_of("main", [Tiding("fact", "a", "one\nline", "more")])]
    assert (alone.title, alone.body) == ("Underwriter main: one line", "more")


def test_a_message_has_at_most_so_many_lines_and_says_how_many_more() -> None:
    made = message_of("main", [Tiding("fact", f"f {n}", f"line {n}") for n in range(MOST + 14)])
    assert len(made.body.split("\n")) == MOST + 1
    assert "and 14 more" in made.body


def test_the_notes_are_their_owners_alone_and_replaced_whole(bench: Bench) -> None:
    assert bench.path.stat().st_mode & 0o777 == 0o600
    before = bench.path.stat().st_ino
    bench.happen(fact(1))
    bench.tell()
    assert bench.path.stat().st_ino != before
    assert [one.name for one in bench.path.parent.iterdir()] == ["told.json"]


def test_where_nothing_happens_nothing_is_written(bench: Bench) -> None:
    before = bench.path.stat().st_ino
    bench.tell()
    assert bench.path.stat().st_ino == before


def unread(bench: Bench) -> str:
    bench.start()
    bench.tell()
    (one,) = bench.phone.got
    assert one.level == "alarm"
    assert one.title == "Underwriter main: What has been told is not known any more"
    return one.body


def test_notes_that_cannot_be_read_are_an_alarm_and_not_silence(bench: Bench) -> None:
    bench.happen(fact(1))
    bench.path.write_text('{"channels": {"pho', encoding="utf-8")
    assert "up to event 2 may not have been told" in unread(bench)


def test_notes_of_another_journal_and_of_missing_levels_are_too(bench: Bench) -> None:
    notes: dict[str, Any] = json.loads(bench.path.read_text(encoding="utf-8"))
    notes["channels"]["phone"]["upto"] = {"fact": 9, "warning": 9, "alarm": 9}
    bench.path.write_text(json.dumps(notes), encoding="utf-8")
    assert "tells of event 9, and the journal ends with 1" in unread(bench)
    bench.phone.got.clear()
    notes["channels"]["phone"]["upto"] = {"fact": 1}
    bench.path.write_text(json.dumps(notes), encoding="utf-8")
    assert "does not tell of every level" in unread(bench)


def test_where_no_note_can_be_made_nothing_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    bench.happen(fact(1))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        bench.tell(Tiding("alarm", "blind", "The broker tells nothing"))
    assert bench.phone.got == []
