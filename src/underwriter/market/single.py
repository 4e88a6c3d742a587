"""One option at a time, without haste: price, Greeks and volatility, whatever its terms.

European with a yield: Black-76.  American with a yield: QuantLib's QdFp, since the table that
prices chains (`market.american`) ends at two years.  Cash dividends: finite
differences (`market.american_cash`).  Greeks have the units of `core.pricing`; those of American
options are differences.  All prices are per share.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from underwriter.core.pricing import Sensitivities, black76, black76_greeks
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.american_cash import american_cash, european_cash
from underwriter.market.blame import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    FINE,
    NO_QUOTE,
    NO_TIME_VALUE,
)
from underwriter.market.cash_sweep import LEAST_VOL, MOST_VOL, Contract, Dividends
from underwriter.market.implied import european_volatility
from underwriter.market.qdfp import FINE_SCHEME, engine

NO_DIVIDENDS = Dividends(np.zeros(0), np.zeros(0))
_DUST = 1e-12  # rate times years that earn nothing
_SPOT_STEP = 0.02  # deviations
_VOL_STEP = 0.01  # of the volatility
_RATE_STEP = 1e-4
_WIDEN, _TRIES = 1.5, 100
_CLOSE = 1e-10  # of a volatility
_ULPS = 1e-12  # of the larger of spot and strike: what rounding leaves of a time value


class Terms(NamedTuple):
    """How options of one underlying are exercised, and what it pays."""

    american: bool
    rate: float  # a year, continuously compounded, not negative
    payout: float = 0.0  # a dividend yield, likewise
    dividends: Dividends = NO_DIVIDENDS  # cash, at years from now; then without a yield


class Option(NamedTuple):
    """A right: `sign` is 1 for a call and -1 for a put; `years` in Act/365 until it settles."""

    sign: int
    strike: float
    years: float


def later(terms: Terms, years: float) -> Terms:
    """The terms as they will be in some time."""
    ex, amount = terms.dividends
    return terms._replace(dividends=Dividends(ex - years, amount))


def present(terms: Terms, years: float, rate: float) -> float:
    """Value now, at a rate, of the cash dividends that go ex until then."""
    ex, amount = terms.dividends
    due = (ex > 0.0) & (ex <= years)
    return float(np.sum(amount[due] * np.exp(-rate * ex[due])))


def forward(spot: float, years: float, terms: Terms, rate: float) -> float:
    """What the share is expected to stand at where all grows at `rate`, dividends in it."""
    left = max(spot - present(terms, years, rate), 0.0)
    return left * math.exp((rate - terms.payout) * years)


def price(option: Option, spot: float, vol: float, terms: Terms) -> float:
    """The option's value per share."""
    sign, strike, years = option
    if spot <= 0.0:
        bill = 1.0 if terms.american else math.exp(-terms.rate * years)
        return strike * bill if sign < 0 else 0.0
    if years <= 0.0:
        return max(sign * (spot - strike), 0.0)
    if present(terms, years, 0.0) > 0.0:
        contract = Contract(
            sign, spot, strike, years, min(max(vol, LEAST_VOL), MOST_VOL), terms.rate
        )
        priced = american_cash if terms.american else european_cash
        return float(priced(contract, terms.dividends).price)
    discount, v = math.exp(-terms.rate * years), vol * math.sqrt(years)
    european = black76(sign, forward(spot, years, terms, terms.rate), strike, v, discount)
    if not terms.american:
        return european
    return max(european, _american(option, spot, v, terms))


def _american(option: Option, spot: float, v: float, terms: Terms) -> float:
    """The American value with a yield; what exercise pays at least."""
    sign, strike, years = option
    carry, payout = terms.rate * years, terms.payout * years
    gain, loss = (carry, payout) if sign < 0 else (payout, carry)
    inside = sign * (spot - strike)
    if gain <= _DUST or v <= 0.0:
        return max(inside, 0.0)
    time_value = _time_value()(-sign * math.log(spot / strike) / v, v, gain, loss)
    return max(inside + (strike if sign < 0 else spot) * time_value, inside, 0.0)


_time_value = cache(lambda: engine(FINE_SCHEME))  # QuantLib is made ready once


def greeks(option: Option, spot: float, vol: float, terms: Terms) -> Sensitivities:
    """The Greeks at a volatility, per share; theta is what the next calendar day takes away."""
    sign, strike, years = option
    cash = present(terms, years, 0.0) > 0.0
    if not terms.american and not cash:
        level = forward(spot, years, terms, terms.rate)
        discount = math.exp(-terms.rate * years)
        return black76_greeks(sign, spot, level, strike, vol, years, discount)
    here = price(option, spot, vol, terms)
    delta, gamma = _slopes(option, spot, vol, terms)
    day, dv = 1.0 / DAYS_A_YEAR, _VOL_STEP * vol
    tomorrow = price(option._replace(years=years - day), spot, vol, later(terms, day))
    wild, calm = (price(option, spot, vol + step, terms) for step in (dv, -dv))
    low = max(terms.rate - _RATE_STEP, 0.0)
    high = terms.rate + _RATE_STEP
    dear, cheap = (price(option, spot, vol, terms._replace(rate=rate)) for rate in (high, low))
    return Sensitivities(
        delta,
        gamma,
        tomorrow - here,
        0.01 * (wild - calm) / (2.0 * dv),
        0.01 * (dear - cheap) / (high - low),
    )


def _slopes(option: Option, spot: float, vol: float, terms: Terms) -> tuple[float, float]:
    """Delta and gamma: the sweep's own with cash dividends, else differences."""
    sign, strike, years = option
    if present(terms, years, 0.0) > 0.0:
        priced = american_cash if terms.american else european_cash
        figures = priced(Contract(sign, spot, strike, years, vol, terms.rate), terms.dividends)
        return float(figures.delta), float(figures.gamma)
    h = _SPOT_STEP * vol * math.sqrt(years) * spot
    down, here, up = (price(option, spot + step, vol, terms) for step in (-h, 0.0, h))
    return (up - down) / (2.0 * h), (up - 2.0 * here + down) / (h * h)


def bounds(option: Option, spot: float, terms: Terms) -> tuple[float, float]:
    """Between which prices an option has a volatility."""
    least, most = (price(option, spot, vol, terms) for vol in (LEAST_VOL, MOST_VOL))
    return least, most


def volatility(option: Option, spot: float, paid: float, terms: Terms) -> tuple[float, int]:
    """The volatility a year at which the option is worth `paid`; or NaN, and why (`market.blame`).

    Between LEAST_VOL and MOST_VOL but for European options with a yield.
    """
    sign, strike, years = option
    level, discount = forward(spot, years, terms, terms.rate), math.exp(-terms.rate * years)
    start, reason = european_volatility(sign, paid, level, strike, discount, years)
    if not terms.american and present(terms, years, 0.0) == 0.0:
        return start, reason
    if reason == NO_QUOTE:
        return start, reason
    even = sign * (spot - strike)
    if terms.american and paid <= even + _ULPS * max(spot, strike):
        below = paid < even - _ULPS * max(spot, strike)
        return math.nan, BELOW_INTRINSIC if below else NO_TIME_VALUE
    return _solved(option, spot, paid, terms, start if reason == FINE else 0.2)


def _solved(
    option: Option, spot: float, paid: float, terms: Terms, start: float
) -> tuple[float, int]:
    """The volatility, by false position (Illinois) between bounds that widen from a start."""

    def excess(vol: float) -> float:
        return price(option, spot, vol, terms) - paid

    low = high = min(max(start, LEAST_VOL), MOST_VOL)
    under = over = excess(low)
    while under > 0.0:
        if low <= LEAST_VOL:
            return math.nan, NO_TIME_VALUE
        high, over, low = low, under, max(low / _WIDEN, LEAST_VOL)
        under = excess(low)
    while over < 0.0:
        if high >= MOST_VOL:
            return math.nan, ABOVE_BOUND
        low, under, high = high, over, min(high * _WIDEN, MOST_VOL)
        over = excess(high)
    vol, side = low, 0
    for _ in range(_TRIES):
        if high - low <= _CLOSE or over == under:
            break
        vol = (low * over - high * under) / (over - under)
        error = excess(vol)
        if error < 0.0:
            over, low, under, side = over * (0.5 if side < 0 else 1.0), vol, error, -1
        else:
            under, high, over, side = under * (0.5 if side > 0 else 1.0), vol, error, 1
        if error == 0.0:
            break
    return vol, FINE
