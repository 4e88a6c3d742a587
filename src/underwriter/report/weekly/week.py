"""A week of an exchange, by its ISO name: 2026-W05 is Monday 2026-01-26 and the six days after."""

from dataclasses import dataclass
from datetime import date, timedelta

from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar

_DAYS = 7


@dataclass(frozen=True, slots=True)
class Week:
    """A week and the sessions that the exchange has in it."""

    monday: date
    sessions: tuple[date, ...]

    @property
    def name(self) -> str:
        """As in 2026-W05."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=_DAYS - 1)

    @property
    def last(self) -> date:
        """Its last session; its Friday where it has none."""
        return self.sessions[-1] if self.sessions else self.sunday - timedelta(days=2)

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.monday <= day <= self.sunday


def week_of(calendar: Calendar, day: date) -> Week:
    """The week of a day; InputError where the calendar does not reach so far."""
    monday = day - timedelta(days=day.weekday())
    first = day_number(monday)
    days = calendar.between(max(first, calendar.first), first + _DAYS - 1)
    return Week(monday, tuple(day_of(int(each)) for each in days))


def week_after(calendar: Calendar, week: Week) -> Week | None:
    """The week that follows, where the calendar reaches so far."""
    monday = week.monday + timedelta(days=_DAYS)
    if day_number(monday) + _DAYS - 1 > calendar.last:
        return None
    return week_of(calendar, monday)


def day_named(words: str) -> date:
    """A day of the week that is named: as 2026-W05, or by any of its days."""
    try:
        if "-W" in words:
            year, number = words.split("-W")
            return date.fromisocalendar(int(year), int(number), 1)
        return date.fromisoformat(words)
    except ValueError as error:
        raise InputError(
            f"--week: found {words!r}; expected a week or a day, such as 2026-W05 or 2026-01-30"
        ) from error


def week_over(calendar: Calendar, told: date, asked: date | None) -> Week:
    """The week that is asked for, or the last that is over by the last day that was told.

    InputError for a week that is not over.
    """
    week = week_of(calendar, told if asked is None else asked)
    if asked is None and week.last > told:
        return week_of(calendar, week.monday - timedelta(days=1))
    if week.last > told:
        over = week_over(calendar, told, None)
        raise InputError(
            f"--week {week.name}: found a journal that ends on {told}, before {week.last}, its "
            f"last session; expected a week that is over, at most {over.name}"
        )
    return week
