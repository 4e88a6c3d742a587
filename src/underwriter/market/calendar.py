"""The exchange's own calendar: sessions, early closes, expirations, the weekly agenda.

exchange_calendars knows the sessions; importing it costs two seconds, so what it says is kept in
a small file under the home, named by exchange, library version and range.  Everything else here
is arithmetic on sorted day numbers (`core.units.day_number`).

    monthly expiration     the third Friday, else the session before it
    weekly expiration      every Friday, else the session before it
    AM-settled last trade  the session before the expiration

Weeks are ISO weeks, Monday to Sunday.  A question about a day that the calendar does not know is
an InputError, never a guess.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.market.series import Short
from underwriter.market.sessions import Sessions, read_sessions

Days = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

EARLY_MARGIN = 15  # minutes before an early close at which a session is decided
MINUTES_A_DAY = 1440.0
_FRIDAY = 1  # 1970-01-02 was a Friday: fridays are the day numbers that leave 1 modulo 7
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the cadence does on one session; on a day without a session, nothing.

    `scan` and `enter` fall on the first session of the week, `monitor` on every session, `settle`
    on expirations, `review` on the last session of the week.
    """

    scan: bool
    enter: bool
    monitor: bool
    settle: bool
    review: bool


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """One exchange's sessions between two dates, and what follows from them.

    `sessions` are sorted day numbers (int32); `early` marks those that close early; `opens` and
    `closes` are minutes after local midnight (int16); `tz` names the exchange's time zone; `first`
    and `last` bound the days the calendar can speak of, ends included.
    """

    name: str
    tz: str
    first: int
    last: int
    sessions: Days
    early: Mask
    opens: npt.NDArray[np.int16]
    closes: npt.NDArray[np.int16]
    _days: list[int] = field(init=False, repr=False)  # the sessions, as Python searches fastest

    def __post_init__(self) -> None:
        object.__setattr__(self, "_days", self.sessions.tolist())

    def is_session(self, day: int) -> bool:
        """Whether the exchange opens on `day`."""
        row = self._after(day) - 1
        return row >= 0 and self._days[row] == day

    def on_or_before(self, day: int) -> int:
        """The last session that is not after `day`."""
        row = self._after(day) - 1
        return self._days[row] if row >= 0 else self._unknown(day)

    def previous_session(self, day: int) -> int:
        """The last session before `day`."""
        return self.on_or_before(day - 1)

    def next_session(self, day: int) -> int:
        """The first session after `day`."""
        row = self._after(day)
        return self._days[row] if row < len(self._days) else self._unknown(day + 1)

    def between(self, lo: int, hi: int) -> Days:
        """The sessions from `lo` to `hi`, ends included."""
        return self.sessions[self._after(lo - 1) if lo > self.first else 0 : self._after(hi)]

    def weekly_expirations(self, lo: int, hi: int) -> Days:
        """Fridays from `lo` to `hi`, each moved to the session before where it is a holiday."""
        start = lo + (_FRIDAY - lo) % 7
        return self._shifted(np.arange(start, hi + 7, 7), lo, hi)

    def monthly_expirations(self, lo: int, hi: int) -> Days:
        """Third Fridays from `lo` to `hi`, each moved to the session before if a holiday."""
        return self._shifted(third_fridays(lo, hi + 7), lo, hi)

    def am_last_trade(self, expiry: int) -> int:
        """The last day on which an option settled in the morning of `expiry` trades."""
        return self.previous_session(expiry)

    def first_of_week(self, days: Days) -> Mask:
        """Which of `days` are the first session of their week."""
        week = _week(self.sessions)
        return np.isin(days, self.sessions[np.append(True, week[1:] != week[:-1])])

    def last_of_week(self, days: Days) -> Mask:
        """Which of `days` are the last session of their week."""
        week = _week(self.sessions)
        return np.isin(days, self.sessions[np.append(week[1:] != week[:-1], True)])

    def closes_early(self, day: int) -> bool:
        """Whether `day` is a session that closes early."""
        return self.is_session(day) and bool(self.early[self._after(day) - 1])

    def short(self) -> Short:
        """The sessions that close early, and by how much."""
        minutes = self.closes.max(initial=0) - self.closes[self.early]
        return Short(self.sessions[self.early], minutes / MINUTES_A_DAY)

    def decide_at(self, day: int, clock: str) -> int:
        """When the session `day` is decided, in UTC nanoseconds since 1970.

        `clock` is exchange time, "15:45"; on an early close the moment is 15 minutes before the
        close where that is earlier.  InputError if `day` is no session, or `clock` is not a time
        of day within the regular session.
        """
        row = self._session_row(day)
        regular = int(self.closes[row] if not self.early[row] else self.closes.max())
        minute = _minute(clock, int(self.opens[row]), regular)
        if self.early[row]:
            minute = min(minute, int(self.closes[row]) - EARLY_MARGIN)
        return _utc_ns(day, minute, self.tz)

    def closes_at(self, day: int) -> int:
        """When the session `day` closes, in UTC nanoseconds since 1970."""
        return _utc_ns(day, int(self.closes[self._session_row(day)]), self.tz)

    def opens_at(self, day: int) -> int:
        """When the session `day` opens, in UTC nanoseconds since 1970."""
        return _utc_ns(day, int(self.opens[self._session_row(day)]), self.tz)

    def at(self, day: int, minute: int) -> int:
        """A minute of any day by the exchange's clock, in UTC nanoseconds since 1970."""
        return _utc_ns(day, minute, self.tz)

    def day_at(self, at: int) -> int:
        """The day number that the exchange's clock shows at a moment in UTC nanoseconds."""
        return _local_day(at // _NS, self.tz)

    def agenda(self, day: int) -> Agenda:
        """What the week's cadence holds for `day`."""
        one = np.array([day], np.int32)
        first, last = bool(self.first_of_week(one)[0]), bool(self.last_of_week(one)[0])
        settle = len(self.weekly_expirations(day, day)) > 0
        return Agenda(first, first, self.is_session(day), settle, last)

    def _after(self, day: int) -> int:
        """How many sessions are not after `day`; InputError where the calendar cannot know."""
        if not self.first <= day <= self.last:
            self._unknown(day)
        return bisect_right(self._days, day)

    def _session_row(self, day: int) -> int:
        """The row of session `day`, or InputError."""
        row = self._after(day) - 1
        if row < 0 or self._days[row] != day:
            raise InputError(f"{self.name} has no session on {day_of(day)}")
        return row

    def _shifted(self, days: npt.NDArray[np.int64], lo: int, hi: int) -> Days:
        """The sessions on or before each of `days`, those from `lo` to `hi` kept."""
        rows = np.searchsorted(self.sessions, days[days <= self.last], side="right") - 1
        within = self.between(lo, hi)
        return within[np.isin(within, self.sessions[rows[rows >= 0]])]

    def _unknown(self, day: int) -> NoReturn:
        raise InputError(
            f"calendar {self.name} knows {day_of(self.first)} to {day_of(self.last)}, "
            f"not {day_of(day)}"
        )


def load_calendar(name: str, home: Path) -> Calendar:
    """The calendar of the exchange `name` ("XNYS"), from the cache under `home` or made anew.

    Raises InputError for an exchange that exchange_calendars does not know, and for a home that
    cannot be written.
    """
    return calendar_of(read_sessions(name, home))


def calendar_of(known: Sessions) -> Calendar:
    """The calendar that stands on what is known of an exchange's sessions."""
    return Calendar(**known._asdict())


def third_fridays(lo: int, hi: int) -> npt.NDArray[np.int64]:
    """The third Fridays of the months of `lo` to `hi`, holiday or not, as day numbers."""
    ends = np.array([lo, hi], "datetime64[D]").astype("datetime64[M]")
    months = np.arange(ends[0], ends[1] + 1)
    return np.busday_offset(
        months.astype("datetime64[D]"), 2, roll="forward", weekmask="Fri"
    ).astype(np.int64)


def _week(days: Days) -> Days:
    """A number for the ISO week of each day: Monday 1969-12-29 begins week 0."""
    return (days + 3) // 7


def _minute(clock: str, opens: int, closes: int) -> int:
    """Minutes after midnight of "15:45", which must lie within the session."""
    found = _CLOCK.fullmatch(clock)
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not opens < minute <= closes:
        raise InputError(
            f"decide_at is {clock!r}; expected HH:MM exchange time, after {_clock(opens)} "
            f"and not after {_clock(closes)}"
        )
    return minute


def _clock(minute: int) -> str:
    """A minute of the day as people write it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


@lru_cache(64)  # a desk asks for the same few again and again
def _local_day(at: int, tz: str) -> int:
    """The day number in a zone at a moment in UTC seconds."""
    return day_number(datetime.fromtimestamp(at, ZoneInfo(tz)).date())


@lru_cache(4096)  # likewise
def _utc_ns(day: int, minute: int, tz: str) -> int:
    """UTC nanoseconds of a local minute of a day; daylight saving is the zone's own."""
    midnight = datetime.combine(day_of(day), time(0), ZoneInfo(tz))
    local = midnight + timedelta(minutes=minute)  # wall-clock time: the zone counts afterwards
    return int(local.timestamp()) * _NS
