"""What is due: a function of the exchange's calendar, the moment, and what has been done.

    settle    from six the morning after: the night's facts, and the session's evening mark
    decide    from `decide_at` until the orders' last moment, once

A missed run is made up for or not by one rule.  Settling is always made up for, session by session,
the oldest first, and nothing is decided before it.  A decision whose session is over is skipped:
its quotes are gone.

A week is reviewed once it is over (`week_over`), by who reads the journal.
"""

from typing import Literal, NamedTuple

import numpy as np

from underwriter.market.calendar import Calendar

MORNING = 6 * 60  # minutes after midnight at which the night's facts are asked for
LAST = 5 * 60 * 10**9  # nanoseconds before the close after which no order works

Kind = Literal["settle", "decide"]


class Duty(NamedTuple):
    """Something that is due: what, and of which session (a day number)."""

    kind: Kind
    session: int


class Past(NamedTuple):
    """The last session that was settled and decided; `begun` is the desk's first session."""

    begun: int
    settled: int
    decided: int


def due(calendar: Calendar, now: int, past: Past, clock: str) -> tuple[Duty, ...]:
    """What is due at a moment, in the order in which it is to be done.

    `clock` is the policies' `decide_at`, exchange time.
    """
    today = calendar.day_at(now)
    found = [Duty("settle", day) for day in _unsettled(calendar, now, past)]
    begun = calendar.is_session(today) and today >= past.begun
    if begun and past.decided < today:
        opens, ends = calendar.decide_at(today, clock), last_moment(calendar, today)
        if opens <= now < ends:
            found.append(Duty("decide", today))
    return tuple(found)


def skipped(calendar: Calendar, now: int, past: Past) -> tuple[int, ...]:
    """The sessions whose decision was missed and will not be made up for."""
    today = calendar.day_at(now)
    first = max(past.begun, past.decided + 1)
    days = calendar.between(first, today) if first <= today else np.zeros(0, np.int32)
    return tuple(int(day) for day in days if now >= last_moment(calendar, int(day)))


def last_moment(calendar: Calendar, day: int) -> int:
    """When orders of a session are cancelled, in UTC nanoseconds: five minutes before its close."""
    return calendar.closes_at(day) - LAST


def routable(calendar: Calendar, now: int) -> int:
    """The session in which an order that is asked for now may work: today's, or the next."""
    today = calendar.day_at(now)
    if calendar.is_session(today) and now < last_moment(calendar, today):
        return today
    return calendar.next_session(today)


def quoted(calendar: Calendar, now: int) -> int:
    """The session whose quotes are the newest at a moment: today's, once it has opened."""
    day = calendar.on_or_before(calendar.day_at(now))
    return day if now >= calendar.opens_at(day) else calendar.previous_session(day)


def next_moment(calendar: Calendar, now: int, clock: str) -> int:
    """The next moment at which something may become due."""
    today = calendar.day_at(now)
    ahead = [calendar.at(today, MORNING), calendar.at(today + 1, MORNING)]
    for day in (today, calendar.next_session(today)):
        if calendar.is_session(day):
            ahead += [calendar.decide_at(day, clock), calendar.closes_at(day)]
    return min(moment for moment in ahead if moment > now)


def _unsettled(calendar: Calendar, now: int, past: Past) -> list[int]:
    """The sessions whose night is over and that are not settled."""
    first, today = max(past.begun, past.settled + 1), calendar.day_at(now)
    days = calendar.between(first, today) if first <= today else np.zeros(0, np.int32)
    return [int(day) for day in days if now >= calendar.at(int(day) + 1, MORNING)]


def week_over(calendar: Calendar, now: int) -> int | None:
    """The last session of the last week that is over, or None where the calendar begins later."""
    day = calendar.day_at(now)
    while day >= calendar.first:
        if calendar.is_session(day) and now >= calendar.closes_at(day):
            final = day == int(calendar.sessions[-1])
            if final or _week(calendar.next_session(day)) != _week(day):
                return day
        day -= 1
    return None


def _week(day: int) -> int:
    """The week of a day, from Monday on; day 0 was a Thursday."""
    return (day + 3) // 7
