"""Runs over weeks as the New York exchange keeps them: holidays and half days.

The weeks are those of NYSE's notices for 2026; `tests/market/test_calendar.py` holds the calendar
to them.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from markets import START, market, put
from runs import ran, told
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar, load_calendar

THANKSGIVING = date(2026, 11, 23), date(2026, 11, 30)  # its Monday, and the Monday after


@pytest.fixture(scope="module")
def nyse() -> Calendar:
    return load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))


def after_start(day: date) -> int:
    """A day as the tests' markets count it."""
    return day_number(day) - START


def sessions(nyse: Calendar, first: date, last: date) -> list[int]:
    """The sessions of some weeks, counted likewise."""
    return [int(day) - START for day in nyse.between(day_number(first), day_number(last))]


def story(days: list[int], quotes: list[dict], closes: list[float], **rules: Any) -> list[str]:  # noqa: ANN401  of a policy
    """What happens after the first session, to the put of 95 that was sold on it; with its day."""
    quoted = market(quotes, closes=closes, days=days)
    found = ran(quoted, deposit=9_500, rules=[{"daily": [0]} | rules]).lines
    later = found[found.session > 0]
    return [
        f"{day_of(START + days[line.session])} {text.split(' ', 2)[2]}"
        for line, text in zip(later, told(later), strict=True)
    ]


def ended(nyse: Calendar, first: date, expiry: date, last: date) -> list[str]:
    """How a put of 95 ends: 94 on its last day, 99 on every other session."""
    days = sessions(nyse, first, last)
    closes = [94.0 if day == after_start(expiry) else 99.0 for day in days]
    found = story(days, [put(95, 1.3, 1.4, expiry=after_start(expiry))], closes)
    return [line for line in found if "hold" not in line]


@pytest.mark.parametrize(
    ("monday", "expiry", "next_monday"),
    [
        (date(2026, 3, 30), date(2026, 4, 2), date(2026, 4, 6)),  # Good Friday
        (date(2026, 6, 15), date(2026, 6, 18), date(2026, 6, 22)),  # Juneteenth
        (date(2026, 6, 29), date(2026, 7, 2), date(2026, 7, 6)),  # Independence Day, observed
    ],
)
def test_t35_in_a_week_without_a_friday_a_put_ends_on_thursday(
    nyse: Calendar, monday: date, expiry: date, next_monday: date
) -> None:
    lo, hi = day_number(monday), day_number(next_monday) - 1
    assert nyse.weekly_expirations(lo, hi).tolist() == [day_number(expiry)]
    expected = f"{expiry} assigned 1 P95 +100 shares -9500.00 @ 94"
    assert ended(nyse, monday, expiry, next_monday) == [expected]


def test_t36_a_put_ends_on_a_day_that_closes_early(nyse: Calendar) -> None:
    """The Friday after Thanksgiving closes at one; Monday's 99 comes too late."""
    first, last = THANKSGIVING
    friday = date(2026, 11, 27)
    assert nyse.closes_early(day_number(friday))
    expected = "2026-11-27 assigned 1 P95 +100 shares -9500.00 @ 94"
    assert ended(nyse, first, friday, last) == [expected]


def test_t40_days_to_expiry_are_calendar_days(nyse: Calendar) -> None:
    """A put of 18 December: 23 days on the Wednesday, 21 on the Friday, the day to leave.

    In sessions it would have been 17 on the Wednesday already, and 15 on the Friday.
    """
    days = sessions(nyse, THANKSGIVING[0], date(2026, 11, 27))
    due = after_start(date(2026, 12, 18))
    quotes = [put(95, 1.3, 1.4, expiry=due, session=at) for at in range(len(days))]
    found = story(days, quotes, [99.0] * len(days), exit_dte=21)
    assert found == [
        "2026-11-27 close 1 P95: approved",
        "2026-11-27 fill 1 P95 -135.00 @ 1.35",
    ]


def test_t40_a_regime_is_confirmed_by_sessions(nyse: Calendar) -> None:
    """Above 20 since Wednesday, three to confirm: Friday is the second, Monday the third.

    In calendar days Friday would have been the third.
    """
    days = sessions(nyse, *THANKSGIVING)
    rules = {"bands": 1, "edge": [20.0], "delta": [0.25, 0.0], "size_factor": [1.0, 1.0]}
    measures = [15.0, 15.0, 21.0, 21.0, 21.0]
    quoted = market(closes=[99.0] * 5, days=days, sessions={"measure": measures})
    found = ran(quoted, rules=[rules | {"confirm": 3}])
    in_force = found.curve.regimes[:, 0, 0, 1].tolist()
    told_on = [str(day_of(START + day)) for day in days]
    assert told_on == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27", "2026-11-30"]
    assert in_force == [0, 0, 0, 0, 1]
