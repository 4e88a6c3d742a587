"""Scales, day numbers, the one rounding function, legal ticks.

Fiat prices and money are int64 millionths of a unit (``_u``); a day number counts days since
1970-01-01.  int64 micro-dollars reach nine trillion dollars.
"""

import math
from datetime import date, timedelta

from underwriter.core.kernel import kernel

MICRO = 1_000_000  # units of a dollar
CENT_U = 10_000
DAYS_A_YEAR = 365.0  # option time is Act/365
_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()


@kernel
def round_u(amount: float) -> int:
    """Round to the nearest whole unit, halves upward: the one rounding function."""
    return math.floor(amount + 0.5)


@kernel
def to_u(amount: float) -> int:
    """A decimal amount of dollars in millionths."""
    return round_u(amount * MICRO)


@kernel
def tick_down(price_u: int, tick_u: int) -> int:
    """The highest legal price not above `price_u`."""
    return price_u // tick_u * tick_u


@kernel
def tick_up(price_u: int, tick_u: int) -> int:
    """The lowest legal price not below `price_u`."""
    return -(-price_u // tick_u) * tick_u


@kernel
def cents_up(amount_u: int) -> int:
    """The whole cents that cover `amount_u`: how brokers round a fee."""
    return tick_up(amount_u, CENT_U)


def day_number(day: date) -> int:
    """Days since 1970-01-01 of a calendar date."""
    return day.toordinal() - _EPOCH_ORDINAL


def day_of(number: int) -> date:
    """The calendar date of a day number."""
    return _EPOCH + timedelta(days=int(number))
