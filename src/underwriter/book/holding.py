"""Long or short term: whether something was held for more than a year.

The holding period begins on the day after the acquisition, and the day of the sale counts
(Rev. Rul. 66-7): what was acquired on 2023-01-15 is long-term from 2024-01-16 on, and what was
acquired on 2023-02-28 from 2024-03-01 on, not on the leap day.
"""

from datetime import date, timedelta

_DAY = timedelta(days=1)


def long_term_from(since: date, years: int) -> date:
    """The first day on which a sale of what was acquired on `since` is long-term."""
    begun = since + _DAY
    try:
        return begun.replace(year=begun.year + years)
    except ValueError:  # begun on 29 February
        return date(begun.year + years, 3, 1)
