"""What is due when, by the exchange's real calendar where days are named, else by weekdays."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desk.world import moment, weekdays
from markets import START
from underwriter.core.units import day_number
from underwriter.desk.cadence import (
    Duty,
    Past,
    due,
    last_moment,
    next_moment,
    skipped,
    week_over,
)
from underwriter.market.calendar import Calendar, load_calendar

WEEKDAYS = weekdays(early=[2], closed=[7])
FRESH = Past(START, 0, 0)


def found(day: int, clock: str, past: Past = FRESH, calendar: Calendar = WEEKDAYS) -> list:
    """What is due, sessions counted from the first."""
    duties = due(calendar, moment(calendar, day, clock), past, "15:45")
    return [(duty.kind, duty.session - START) for duty in duties]


def over(day: int, clock: str) -> int | None:
    """The last session of the last week that is over, counted from the first."""
    week = week_over(WEEKDAYS, moment(WEEKDAYS, day, clock))
    return None if week is None else week - START


def test_a_session_is_decided_once_from_its_moment_until_its_last_orders() -> None:
    assert found(0, "15:44") == []
    assert found(0, "15:45") == [("decide", 0)]
    assert found(0, "15:54") == [("decide", 0)]
    assert found(0, "15:55") == []
    assert found(0, "15:46", FRESH._replace(decided=START)) == []


def test_t36_a_half_day_is_decided_fifteen_minutes_before_its_close() -> None:
    past = Past(START, START + 1, START + 1)
    assert found(2, "12:44", past) == []
    assert found(2, "12:45", past) == [("decide", 2)]
    assert found(2, "12:55", past) == []
    assert found(2, "15:45", past) == []


def test_a_night_is_settled_the_next_morning_and_before_anything_is_decided() -> None:
    past = FRESH._replace(decided=START)
    assert found(1, "5:59", past) == []
    assert found(1, "6:00", past) == [("settle", 0)]
    assert found(1, "15:45", past) == [("settle", 0), ("decide", 1)]
    assert found(1, "15:45", past._replace(settled=START)) == [("decide", 1)]


def test_missed_nights_are_made_up_for_oldest_first_and_missed_decisions_are_not() -> None:
    past = FRESH._replace(decided=START)
    assert found(3, "15:50", past) == [("settle", 0), ("settle", 1), ("settle", 2), ("decide", 3)]
    late = moment(WEEKDAYS, 3, "15:50")
    assert [day - START for day in skipped(WEEKDAYS, late, past)] == [1, 2]
    assert skipped(WEEKDAYS, late, past._replace(decided=START + 2)) == ()


def test_a_friday_is_settled_on_saturday_and_its_week_is_over_after_its_close() -> None:
    past = Past(START, START + 3, START + 4)
    assert found(4, "16:00", past) == []
    assert over(4, "15:59") == -3
    assert over(4, "16:00") == 4
    assert found(5, "7:00", past) == [("settle", 4)]
    done = past._replace(settled=START + 4)
    assert found(5, "7:00", done) == []
    assert found(7, "15:45", done) == []  # a closed Monday
    assert found(8, "15:45", done) == [("decide", 8)]


def test_the_last_week_that_is_over_is_the_one_that_is_reviewed() -> None:
    assert over(17, "20:00") == 11
    assert over(13, "20:00") == 11, "a Sunday"
    assert over(11, "15:59") == 4


def test_nothing_is_due_before_the_desk_began() -> None:
    assert found(-3, "15:50") == []
    assert found(0, "9:00") == []


def test_the_next_moment_is_when_something_may_become_due() -> None:
    at = moment(WEEKDAYS, 0, "10:00")
    assert next_moment(WEEKDAYS, at, "15:45") == moment(WEEKDAYS, 0, "15:45")
    assert next_moment(WEEKDAYS, moment(WEEKDAYS, 0, "16:00"), "15:45") == moment(
        WEEKDAYS, 1, "6:00"
    )
    assert last_moment(WEEKDAYS, START + 2) == moment(WEEKDAYS, 2, "12:55")


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2024-03-08", "20:45"),  # the last Friday of standard time in New York
        ("2024-03-11", "19:45"),  # clocks went forward on Sunday
        ("2024-11-01", "19:45"),
        ("2024-11-04", "20:45"),
        ("2024-11-29", "17:45"),  # the day after Thanksgiving closes at 13:00
    ],
)
def test_t39_the_moment_keeps_exchange_time(day: str, utc: str) -> None:
    calendar = load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))
    session = day_number(date.fromisoformat(day))
    at = int(datetime.fromisoformat(f"{day}T{utc}").replace(tzinfo=UTC).timestamp()) * 10**9
    eve = calendar.previous_session(session)
    past = Past(session, eve, eve)
    assert due(calendar, at, past, "15:45") == (Duty("decide", session),)
    assert due(calendar, at - 1, past, "15:45") == ()


@pytest.mark.parametrize("day", ["2024-03-29", "2024-06-19", "2024-07-04", "2025-01-09"])
def test_t35_on_a_closed_day_nothing_is_decided(day: str) -> None:
    """Good Friday, Juneteenth, the Fourth of July, a day of mourning (NYSE)."""
    calendar = load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))
    number = day_number(date.fromisoformat(day))
    past = Past(number - 30, number - 1, number - 1)
    assert due(calendar, calendar.at(number, 950), past, "15:45") == ()
