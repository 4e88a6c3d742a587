"""What time alone takes from an option: its value now less its value later, all else as it is."""

import math

from underwriter.core.chain import Quote, Session
from underwriter.core.contract import right_of
from underwriter.core.pricing import black76
from underwriter.core.units import DAYS_A_YEAR, MICRO


def decay(quote: Quote, now: Session, days: int) -> float:
    """Dollars a share that a quote loses in so many calendar days: all its time value at most.

    Black-76 on the quote's own forward and volatility, which stay; 0 where it has no volatility.
    """
    if not quote.iv > 0.0:
        return 0.0
    left = max(int(quote.expiry) - int(now.day), 0)
    return _value(quote, now, left) - _value(quote, now, max(left - days, 0))


def _value(quote: Quote, now: Session, days: int) -> float:
    """A quote's value a share with so many calendar days left."""
    years = days / DAYS_A_YEAR
    sign = 1 if right_of(quote.contract) else -1
    deviation = float(quote.iv) * math.sqrt(years)
    discount = math.exp(-float(now.rate) * years)
    return black76(sign, float(quote.forward), int(quote.strike_u) / MICRO, deviation, discount)
