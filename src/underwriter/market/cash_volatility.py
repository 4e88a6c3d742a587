"""Volatility and delta of American options on a share that goes ex within their life.

They are priced by the known cash dividends (`market.escrowed`), on the spot that the forward of
parity and these dividends imply together, so that puts and calls agree: docs/greeks.md.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.american import Tables
from underwriter.market.blame import BELOW_INTRINSIC, FINE, NO_TIME_VALUE, NOT_FOUND
from underwriter.market.cash_sweep import LEAST_VOL, MOST_VOL, Contract, Dividends
from underwriter.market.escrowed import american_escrowed
from underwriter.market.implied import european_volatility
from underwriter.market.series import MOMENT, MORNING, Series

_MOST_STEPS = 40
_CLOSE = 1e-4  # relative step of a secant after which volatility and delta stand
_ULPS = 4e-15  # of the larger of spot and strike: what rounding alone leaves of a time value
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


class Paid(NamedTuple):
    """The dividends of a share, by ex-day, and for each series which of them are in its life."""

    first: I8  # a value a series
    end: I8
    day: I8  # a value an ex-day, ascending
    amount: F8


_NONE = np.zeros(0, np.int64)
NO_DIVIDENDS = Paid(_NONE, _NONE, _NONE, np.zeros(0))


class Cash(NamedTuple):
    """One series as the dividends have it."""

    spot: float  # that forward and dividends imply
    forward: float
    years: float
    rate: float
    bill: float  # the discount of that rate
    present: float  # value of the dividends
    shift: float  # of forward and strike, with which Black-76 gives the European price
    dividends: Dividends


def paid_of(series: Series, ex_day: I4, dividend: F8) -> Paid:
    """Which dividends go ex after the session of each series and not after its expiry.

    Those of one day count as one.
    """
    day, which = np.unique(np.asarray(ex_day, np.int64), return_inverse=True)
    amount = np.bincount(which, dividend, len(day)).astype(np.float64)
    first, end = (np.searchsorted(day, x, "right") for x in (series.session, series.expiry))
    return Paid(first.astype(np.int64), end.astype(np.int64), day, amount)


@kernel
def pays(paid: Paid, n: int) -> bool:
    """Whether there are dividends in the life of a series."""
    return n < paid.first.size and paid.first[n] < paid.end[n]


@kernel
def cash_of(
    paid: Paid, n: int, session: int, forward: float, discount: float, years: float
) -> Cash:
    """A series that `pays`, with years to live, by its dividends.

    One goes ex at the open of its day: whoever held the share the evening before has it.
    """
    first, end = paid.first[n], paid.end[n]
    ex = (paid.day[first:end].astype(np.float64) - session - MORNING + MOMENT) / DAYS_A_YEAR
    dividends = Dividends(ex, paid.amount[first:end])
    rate = max(-math.log(discount), 0.0) / years
    bill = math.exp(-rate * years)
    present, far = 0.0, 0.0
    for k in range(ex.size):
        owed = dividends.amount[k] * math.exp(-rate * ex[k])
        present += owed
        far += owed * ex[k] / years
    spot = forward * bill + present
    return Cash(spot, forward, years, rate, bill, present, far / bill, dividends)


@kernel
def cash_price(
    tables: Tables, sign: int, strike: float, volatility: float, cash: Cash
) -> tuple[float, float]:
    """Price and delta to the spot; NaN of a volatility outside LEAST_VOL to MOST_VOL."""
    contract = Contract(sign, cash.spot, strike, cash.years, volatility, cash.rate)
    return american_escrowed(tables, contract, cash.dividends)


@kernel
def cash_volatility(
    tables: Tables, sign: int, price: float, strike: float, cash: Cash
) -> tuple[float, float, int]:
    """Implied volatility and delta of an American option, or NaN, and the code of why not.

    By secants between bounds, down from the European volatility, which is never less.
    """
    least = _ULPS * max(cash.spot, strike)
    even_now = max(sign * (cash.spot - strike), 0.0)
    if price <= even_now + least:
        reason = BELOW_INTRINSIC if price < even_now - least else NO_TIME_VALUE
        return math.nan, math.nan, reason
    forward, level = cash.forward + cash.shift, strike + cash.shift
    root = math.sqrt(cash.years)
    high, reason = european_volatility(sign, price, forward, level, cash.bill, cash.years)
    if reason != FINE:
        return math.nan, math.nan, reason
    if high > MOST_VOL:
        return math.nan, math.nan, NOT_FOUND
    low, vol = LEAST_VOL, high
    last, last_excess = math.nan, math.nan
    for _ in range(_MOST_STEPS):
        if vol <= LEAST_VOL * (1.0 + _CLOSE):
            return math.nan, math.nan, NO_TIME_VALUE
        found, delta = cash_price(tables, sign, strike, vol, cash)
        excess = found - price
        low, high = (low, vol) if excess > 0.0 else (vol, high)
        slope = (excess - last_excess) / (vol - last)
        if not slope > 0.0:
            d1 = math.log(forward / level) / (vol * root) + 0.5 * vol * root
            slope = cash.bill * forward * root * math.exp(-0.5 * d1 * d1) / _ROOT_TWO_PI
        step = -excess / slope
        if abs(step) <= _CLOSE * vol or high - low <= _CLOSE * high:
            return (vol + step if low <= vol + step <= high else vol), delta, FINE
        last, last_excess = vol, excess
        vol = vol + step if low < vol + step < high else 0.5 * (low + high)
    return math.nan, math.nan, NOT_FOUND
