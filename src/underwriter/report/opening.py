"""In which market each option was opened: days left, volatility index, and the delta it was at."""

import math
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from underwriter.book.legs import EndedLeg
from underwriter.core.contract import CALL, osi_root
from underwriter.core.pricing import black76_delta
from underwriter.core.units import DAYS_A_YEAR, day_number
from underwriter.market.implied import european_volatility
from underwriter.report.tables import Curve, View


class Opening(NamedTuple):
    """What an ended option was at its opening."""

    underlying: str
    days: int  # to expiry
    level: float  # of the volatility index in points; NaN is unknown
    delta: float  # a put's negative; NaN where the price had no time value, or no close is known


def openings(view: View, origins: set[str]) -> Iterator[Opening]:
    """The openings of the ended options whose quotes are of one of these origins."""
    curve, kinds = view.curve, view.opened.origins
    place = {session: at for at, session in enumerate(curve.sessions)}
    underlying = {(each.sleeve, each.number): each.underlying for each in view.campaigns}
    for leg in view.legs:
        if kinds.get(osi_root(leg.option), view.opened.quotes) not in origins:
            continue
        name, at = underlying[leg.sleeve, leg.campaign], place.get(leg.opened)
        level = math.nan if at is None else float(curve.measure[at])
        delta = math.nan if at is None else delta_at(leg, curve, name, at)
        yield Opening(name, (leg.expiry - leg.opened).days, level, delta)


def delta_at(leg: EndedLeg, curve: Curve, name: str, at: int) -> float:
    """Delta to the forward, of the volatility that the opening price implies.

    The forward is that session's close grown at its bill rate; the option is European, without
    dividends: close enough to tell a cell of `market.support` from its neighbours.
    """
    if name not in curve.close_u:
        return math.nan
    years = (leg.expiry - leg.opened).days / DAYS_A_YEAR
    spot = float(curve.close_u[name][at]) / _shares_since(leg.ended, curve, name, at)
    price = abs(leg.opened_u) / (leg.contracts * leg.multiplier)
    discount = math.exp(-float(curve.rate[at]) * years)
    forward, strike, sign = spot / discount, float(leg.strike_u), 1 if leg.right == CALL else -1
    volatility, _ = european_volatility(sign, price, forward, strike, discount, years)
    if math.isnan(volatility):
        return math.nan
    return black76_delta(sign, forward, strike, volatility * math.sqrt(years))


def _shares_since(ended: date, curve: Curve, name: str, at: int) -> float:
    """How many shares became of one by the end of a leg, whose strike and count are of that day."""
    until = int(np.searchsorted(curve.day, day_number(ended), side="right"))
    return float(np.prod(curve.split[name][at + 1 : until]))
