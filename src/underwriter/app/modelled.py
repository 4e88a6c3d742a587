"""Histories on which quotes are modelled: the one that comes along, and the user's own files."""

from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from underwriter.app.ground import Ground, rows_between, session_at
from underwriter.app.request import OwnHistory, Request
from underwriter.market.calendar import Calendar
from underwriter.market.history import (
    BILLS_AGE,
    VOLATILITY_AGE,
    Bars,
    as_of,
    naming,
    rates_from_bills,
    read_bars,
    read_levels,
    read_volatility,
)
from underwriter.market.instrument import Instrument
from underwriter.market.model import FURTHEST, Drivers, modelled_quotes
from underwriter.market.moment import last_session
from underwriter.market.slab import Listing, Rates, Slab, build_slab, hold_to_sessions
from underwriter.market.sources.spx10 import RATES_CARRIED, Spx10, read_spx10

_SOURCE = f"SPX/10, one tenth of the S&P 500, quotes modelled on VIX; {RATES_CARRIED}"


def cut(bars: Bars, on: slice) -> Bars:
    """The same bars on some rows."""
    sides = (bars.open[on], bars.high[on], bars.low[on], bars.close[on])
    return Bars(bars.day[on], *sides, bars.disordered)


def comes_along(instrument: Instrument, calendar: Calendar, request: Request) -> Ground:
    """SPX/10 of 2014 to 2018; its dividends stay known beyond the last day."""
    known = read_spx10(calendar)
    on = rows_between(known.day, request.first, request.last)
    return _modelled(instrument, calendar, _driven(known, on), _SOURCE)


def comes_along_on(instrument: Instrument, calendar: Calendar, asked: date | None) -> Ground:
    """One session of it: the last at or before a day, or the last of all.

    A contract stays listed once it is, so the quotes are modelled from where the oldest of those
    that live on that session were listed.
    """
    known = read_spx10(calendar)
    at = session_at(known.day, asked)
    since = int(np.searchsorted(known.day, known.day[at] - FURTHEST))
    drivers = _driven(known, slice(since, at + 1))
    build = partial(_last, instrument, calendar, drivers)
    return Ground(calendar, known.day[at : at + 1], _SOURCE, "modelling the quotes", build)


def _driven(known: Spx10, on: slice) -> Drivers:
    """What quotes are modelled from on some rows; dividends stay known beyond the last."""
    paid = known.dividend > 0.0
    return Drivers(
        cut(Bars(known.day, known.open, known.high, known.low, known.close, 0), on),
        known.vix[on],
        known.rate[on],
        (known.day[paid], known.dividend[paid]),
    )


def own_history(
    instrument: Instrument, calendar: Calendar, request: Request, files: OwnHistory
) -> Ground:
    """A history of the user's own, which pays no dividends."""
    found = read_bars(files.spot)
    with naming(files.spot):
        bars = cut(found, rows_between(found.day, request.first, request.last))
        hold_to_sessions(bars.day, calendar)
    with naming(files.vol):
        measure = as_of(read_volatility(files.vol), bars.day, VOLATILITY_AGE)
    with naming(files.bills):
        yields = read_levels(files.bills, positive=False)
        bill = rates_from_bills(yields, bars.day, BILLS_AGE)
    source = (
        f"{files.spot.name} without dividends, quotes modelled on {files.vol.name}, "
        f"bills of {files.bills.name}"
    )
    none = np.empty(0, np.int32), np.empty(0, np.float64)
    return _modelled(instrument, calendar, Drivers(bars, measure, bill, none), source)


def _modelled(instrument: Instrument, calendar: Calendar, drivers: Drivers, source: str) -> Ground:
    """A history with the quotes that the model makes of it."""
    build = partial(_slab, instrument, calendar, drivers)
    return Ground(calendar, drivers.bars.day, source, "modelling the quotes", build)


def _last(instrument: Instrument, calendar: Calendar, drivers: Drivers, home: Path) -> Slab:
    """The last session of a history with its modelled quotes."""
    return last_session(_slab(instrument, calendar, drivers, home))


def _slab(instrument: Instrument, calendar: Calendar, drivers: Drivers, home: Path) -> Slab:
    """The modelled quotes of a history; the home keeps the table they are priced by."""
    quotes = modelled_quotes(instrument, drivers, calendar, home / "cache")
    listing = Listing(instrument, drivers.bars, *drivers.dividends, quotes)
    return build_slab([listing], Rates(drivers.rate, drivers.volatility), calendar)
