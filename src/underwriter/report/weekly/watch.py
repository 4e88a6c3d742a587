"""What the next week holds: the calendar, what expires, strikes that are near, sleeves free."""

from collections.abc import Iterator
from datetime import date, timedelta

from underwriter.core.units import day_number
from underwriter.report import say
from underwriter.report.weekly.rows import Day, Free, Near, PositionOpen, Watch
from underwriter.report.weekly.told import Told
from underwriter.report.weekly.week import Week, week_after

NEAR = 0.02  # of the spot: from here on a strike is near
_WEEKDAYS = 5


def watch(told: Told, held: list[PositionOpen]) -> Watch:
    """The week after, which the calendar may not reach any more."""
    week = week_after(told.calendar, told.week)
    after = week or Week(told.week.monday + timedelta(days=7), ())
    legs = list(_legs(held))
    return Watch(
        week=after.name,
        sessions=[str(day) for day in after.sessions],
        calendar=sorted(_calendar(told, after), key=lambda one: one.day) if week else [],
        expiring=[each for each, expiry in legs if after.holds(expiry)],
        near=[
            each
            for each, _ in legs
            if each.quantity < 0 and each.distance is not None and each.distance <= NEAR
        ],
        ex_dividends=[
            Day(str(ahead.ex_day), f"{name} pays {say.money(ahead.dividend_u, 4)} a share")
            for name, ahead in told.prices.ahead.items()
            if ahead.ex_day is not None and after.holds(ahead.ex_day)
        ],
        earnings=[
            Day(str(ahead.earnings), name)
            for name, ahead in told.prices.ahead.items()
            if ahead.earnings is not None and after.holds(ahead.earnings)
        ],
        dates_known=bool(told.prices.ahead),
        free=list(_free(told, held, after)),
    )


def _legs(held: list[PositionOpen]) -> Iterator[tuple[Near, date]]:
    """Every leg with the day of its expiry."""
    for position in held:
        for leg in position.legs:
            near = Near(position.sleeve, leg.option, leg.quantity, leg.distance, leg.dte)
            yield near, date.fromisoformat(leg.expiry)


def _calendar(told: Told, week: Week) -> Iterator[Day]:
    """Holidays, early closes and monthly expirations."""
    for since in range(_WEEKDAYS):
        day = week.monday + timedelta(days=since)
        if day not in week.sessions:
            yield Day(str(day), "the exchange is closed")
    for day in week.sessions:
        number = day_number(day)
        if told.calendar.closes_early(number):
            yield Day(str(day), "the exchange closes early")
        if len(told.calendar.monthly_expirations(number, number)):
            yield Day(str(day), "monthly expiration")


def _free(told: Told, held: list[PositionOpen], week: Week) -> Iterator[Free]:
    """The account's sleeves that hold nothing, or shares and no option."""
    taken = {each.sleeve: each for each in held}
    first = str(week.sessions[0]) if week.sessions else None
    for one in told.sleeves:
        position = taken.get(told.names[one.sleeve])
        if position is None:
            yield Free(told.names[one.sleeve], "nothing", first)
        elif not position.legs:
            yield Free(position.sleeve, "shares without a call", first)
