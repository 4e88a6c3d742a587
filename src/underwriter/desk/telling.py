"""Telling: each thing once a channel, grouped, and no more often than a channel can bear.

    notes = desk/told.json         what each channel has been told, replaced by rename

Of a journal a channel has been told up to a sequence, level by level.  What one cycle brings is one
message a level.  The note is made after the message is out: a crash in between repeats that one
message, and loses none.  What stands (a break, a halt) is noted as waiting before it is sent, so
that it is told even where it has passed by then.

A message that fails, or that the rate holds back, is not noted: the next one of its level has
everything since, its first lines and how many more there are.  A channel that fails is left alone
until the next cycle, so that none waits longer for it than one message may take.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from underwriter.book.event import AnyEvent
from underwriter.desk.tidings import LEVELS, Level, Names, Tiding, of_events

MOST: Final = 12  # tidings that one message spells out
HOUR: Final = 3_600 * 10**9


class Message(NamedTuple):
    """What goes out on a channel."""

    level: Level
    title: str
    body: str


class Channel(NamedTuple):
    """Where messages go: `send` says why one failed, or nothing."""

    name: str
    least: Level  # that it is told
    send: Callable[[Message], str]


class Rate(NamedTuple):
    """How many messages an hour, and at most at once: alarms by themselves."""

    others: int = 12
    alarms: int = 30

    def of(self, level: Level) -> int:
        """Of a level."""
        return self.alarms if level == "alarm" else self.others


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """A bucket of messages that may go: how full it was, and when."""

    tokens: float
    at: int


def drawn(bucket: Bucket | None, hourly: int, now: int) -> tuple[bool, Bucket]:
    """Whether one message may go, and the bucket after it; a new one is full."""
    if bucket is None:
        return hourly >= 1, Bucket(max(hourly - 1.0, 0.0), now)
    grown = max(now - bucket.at, 0) / HOUR * hourly  # a clock set back fills nothing
    tokens = min(bucket.tokens + grown, float(hourly))
    return (True, Bucket(tokens - 1.0, now)) if tokens >= 1.0 else (False, Bucket(tokens, now))


class Outcome(NamedTuple):
    """What came of one message."""

    channel: str
    level: Level
    tidings: int
    why: str  # "" sent; else why not: what failed, or that the rate holds it back


HELD_BACK: Final = "held back by the rate"


class _Told(msgspec.Struct):
    """What one channel has been told."""

    upto: dict[str, int]  # level -> sequence
    standing: list[str] = []  # keys of what stood when it was last looked
    waiting: dict[str, tuple[str, str, str]] = {}  # key -> level, title and text
    buckets: dict[str, Bucket] = {}


class _Notes(msgspec.Struct):
    """The file."""

    channels: dict[str, _Told]


def message_of(whose: str, tidings: Sequence[Tiding]) -> Message:
    """One message of tidings of one level: those of a kind together, the first of them in words."""
    level = tidings[0].level
    order: dict[str, int] = {}
    for one in tidings:
        order.setdefault(_kind(one), len(order))
    sorted_ = sorted(tidings, key=lambda one: order[_kind(one)])
    more = len(tidings) - MOST
    lines = [f"{one.title}\n  {one.text}" if one.text else one.title for one in sorted_[:MOST]]
    if more > 0:
        lines.append(f"and {more} more: underwriter book journal")
    head = tidings[0].title if len(tidings) == 1 else f"{len(tidings)} {level}s"
    body = (tidings[0].text or tidings[0].title) if len(tidings) == 1 else "\n".join(lines)
    return Message(level, " ".join(f"Underwriter {whose}: {head}".split()), body)


def _kind(one: Tiding) -> str:
    """The first word of a key: what tidings are grouped by."""
    return one.key.partition(" ")[0]


class Telling:
    """The channels of one account's desk, and the notes of what they have been told."""

    def __init__(
        self, path: Path, whose: str, channels: Sequence[Channel], rate: Rate, head: int
    ) -> None:
        """Begin before a cycle: who has been told nothing yet is told what follows `head`."""
        self.path, self.whose, self.channels, self.rate = path, whose, channels, rate
        self._kept = b""
        notes, unread = _read(path, head)
        self._told = {one.name: notes.get(one.name) or _begun(head) for one in channels}
        if unread:
            lost = Tiding(
                "alarm", "notes", "What has been told is not known any more",
                f"{unread}. What happened up to event {head} may not have been told: see "
                "underwriter book journal.",
            )  # fmt: skip
            for one in self._told.values():
                _wait(one, lost)
        self._note()

    def tell(
        self,
        read: Callable[[int], Iterable[tuple[int, AnyEvent]]],
        names: Names,
        standing: Sequence[Tiding],
        now: int,
    ) -> list[Outcome]:
        """Tell every channel what is new to it; what fails, or is too much, waits.

        `read` gives the events after a sequence.  Raises OSError where no note can be made: then
        nothing is sent, since it would be sent again and again.
        """
        for told in self._told.values():
            _stand(told, standing)
        self._note()
        news = cache(lambda since: _news(read, since, names))
        outcomes = [one for channel in self.channels for one in self._channel(channel, news, now)]
        self._note()
        return outcomes

    def _channel(
        self, channel: Channel, news: Callable[[int], tuple[int, list[Tiding]]], now: int
    ) -> Iterator[Outcome]:
        """The messages of a channel, alarms first; once one fails, the others wait with it."""
        for level in reversed(LEVELS):
            outcome = self._level(channel, level, news(self._told[channel.name].upto[level]), now)
            if outcome is not None:
                yield outcome
                if outcome.why not in {"", HELD_BACK}:
                    return

    def _level(
        self, channel: Channel, level: Level, news: tuple[int, list[Tiding]], now: int
    ) -> Outcome | None:
        """One message of a level on a channel, where there is anything to say."""
        told, (head, tidings) = self._told[channel.name], news
        waiting = [_tiding(key, one) for key, one in told.waiting.items() if one[0] == level]
        group = [*waiting, *(one for one in tidings if one.level == level)]
        wanted = LEVELS.index(level) >= LEVELS.index(channel.least)
        why = self._sent(channel, group, now) if group and wanted else ""
        if not why:
            told.upto[level] = head
            for one in waiting:
                del told.waiting[one.key]
        if not group or not wanted:
            return None
        self._note()
        return Outcome(channel.name, level, len(group), why)

    def _sent(self, channel: Channel, group: list[Tiding], now: int) -> str:
        """Why a message did not go out, or nothing."""
        told, level = self._told[channel.name], group[0].level
        which = "alarms" if level == "alarm" else "others"
        may, told.buckets[which] = drawn(told.buckets.get(which), self.rate.of(level), now)
        if not may:
            return HELD_BACK
        try:
            return channel.send(message_of(self.whose, group))
        except Exception as problem:  # noqa: BLE001  no notification ever stops a cycle
            return type(problem).__name__  # its text may hold anything

    def _note(self) -> None:
        """Replace the notes, where they have changed."""
        made = msgspec.json.encode(_Notes(self._told))
        if made != self._kept:
            _replace(self.path, made)
            self._kept = made


def _begun(head: int) -> _Told:
    return _Told(dict.fromkeys(LEVELS, head))


def _wait(told: _Told, one: Tiding) -> None:
    told.waiting[one.key] = (one.level, one.title, one.text)


def _stand(told: _Told, standing: Sequence[Tiding]) -> None:
    """Let what stands anew wait to be told; what has passed may be told again another time."""
    before = set(told.standing)
    for one in standing:
        if one.key not in before:
            _wait(told, one)
    told.standing = [*dict.fromkeys(one.key for one in standing)]


def _tiding(key: str, one: tuple[str, str, str]) -> Tiding:
    level = next(each for each in LEVELS if each == one[0])
    return Tiding(level, key, one[1], one[2])


def _news(
    read: Callable[[int], Iterable[tuple[int, AnyEvent]]], since: int, names: Names
) -> tuple[int, list[Tiding]]:
    """The last sequence, and what the events after one tell."""
    found = [*read(since)]
    return (found[-1][0] if found else since), of_events((event for _, event in found), names)


def _read(path: Path, head: int) -> tuple[dict[str, _Told], str]:
    """The notes, and why they cannot be used where they are there and cannot."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Notes).channels
    except FileNotFoundError:
        return {}, ""
    except (OSError, msgspec.DecodeError) as problem:
        return {}, f"{path.name} cannot be read ({problem})"
    upto = [told.upto for told in found.values()]
    if any(set(one) != set(LEVELS) for one in upto):
        return {}, f"{path.name} does not tell of every level"
    if (most := max((at for one in upto for at in one.values()), default=0)) > head:
        return {}, f"{path.name} tells of event {most}, and the journal ends with {head}"
    return found, ""


def _replace(path: Path, content: bytes) -> None:
    """Put a file in its place whole, for its owner alone."""
    part = path.with_name(f".{path.name}.new")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
