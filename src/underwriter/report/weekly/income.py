"""The month's income so far against its target, as `book income` counts it."""

from datetime import date, timedelta

from underwriter.core.units import day_number
from underwriter.report.tables import Month
from underwriter.report.views import months as months_of
from underwriter.report.weekly.results import dollars
from underwriter.report.weekly.rows import Income, MonthIncome
from underwriter.report.weekly.told import Told, target_of

_YEAR = 12


def income(told: Told) -> Income:
    """The month of the week's last session, to the week's end."""
    last = told.week.last
    found = months_of((one for _, one in told.events), {told.account}, told.currency)
    name = f"{last:%Y-%m}"
    mine, earlier = found.get(name, Month()), [found[each] for each in found if each < name]
    over, all_of = _sessions(told, last)
    so_far, target = dollars(mine.income_u), target_of(told.opened)
    before = earlier[-_YEAR:]
    return Income(
        month=name,
        so_far=so_far,
        target=target,
        of_target=so_far / target if target else None,
        sessions=over,
        of_sessions=all_of,
        pace=round(so_far / over * all_of, 2) if over else None,
        average=dollars(sum(each.income_u for each in before) // len(before)) if before else None,
        months=[
            _month(each, month) for each, month in {**found, name: mine}.items() if each <= name
        ][-_YEAR - 1 :],
    )


def _sessions(told: Told, last: date) -> tuple[int, int]:
    """Sessions of the month to a day, and all of them."""
    first = last.replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    low, high = (
        max(day_number(first), told.calendar.first),
        min(day_number(end), told.calendar.last),
    )
    days = told.calendar.between(low, high)
    return int((days <= day_number(last)).sum()), len(days)


def _month(name: str, month: Month) -> MonthIncome:
    return MonthIncome(
        month=name,
        income=dollars(month.income_u),
        options=dollars(month.options_u),
        dividends=dollars(month.dividends_u),
        interest=dollars(month.interest_u),
        charges=dollars(month.charges_u),
    )
