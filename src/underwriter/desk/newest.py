"""The newest quotes there are: today's where they are known by now, else the session before's."""

from underwriter.core.errors import InputError
from underwriter.desk.cadence import quoted
from underwriter.desk.ports import Quotes
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab


def newest(quotes: Quotes, calendar: Calendar, now: int) -> Slab:
    """A session's slab; InputError where neither session has one."""
    day = quoted(calendar, now)
    try:
        return quotes.slab(day)
    except InputError:
        return quotes.slab(calendar.previous_session(day))
