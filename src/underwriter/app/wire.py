"""The only file that names concrete adapters: where histories, quotes and calendars come from."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.app.request import OwnHistory, Request
from underwriter.app.universe import instruments, share
from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar, load_calendar
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
from underwriter.market.model import Drivers, modelled_quotes
from underwriter.market.slab import Listing, Rates, Slab, build_slab, hold_to_sessions
from underwriter.market.sources.spx10 import RATES_CARRIED, SPX10, read_spx10

EXCHANGE = "XNYS"
QUOTES = "modelled"


class Ground(NamedTuple):
    """One underlying's history, one value a session: what quotes are modelled on."""

    instrument: Instrument
    calendar: Calendar
    bars: Bars
    ex_day: I4
    dividend: F8  # dollars a share, one an ex-day
    bill: F8  # annual, a fraction
    measure: F8  # volatility index, points
    source: str  # for people


def ground(request: Request) -> Ground:
    """The history that a request stands on, between its days."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    (instrument,) = instruments(request.policy, own=request.own is not None)
    if request.own is None:
        return _comes_along(instrument, calendar, request)
    if instrument == SPX10:  # that name is of the history that comes along, not of the user's
        instrument = share(request.own.spot.name.split(".")[0])
    return _own(instrument, calendar, request, request.own)


def rows_between(day: I4, first: date | None, last: date | None) -> slice:
    """The rows of the days from `first` to `last`, ends included; InputError for under two."""
    lo = 0 if first is None else int(np.searchsorted(day, day_number(first)))
    hi = len(day) if last is None else int(np.searchsorted(day, day_number(last), side="right"))
    if hi - lo < 2:  # noqa: PLR2004  a return needs two evenings
        raise InputError(
            f"found {max(hi - lo, 0)} sessions from {first or 'the start'} to {last or 'the end'};"
            f" expected two or more, from {day_of(int(day[0]))} to {day_of(int(day[-1]))}"
        )
    return slice(lo, hi)


def cut(bars: Bars, on: slice) -> Bars:
    """The same bars on some rows."""
    sides = (bars.open[on], bars.high[on], bars.low[on], bars.close[on])
    return Bars(bars.day[on], *sides, bars.disordered)


def _comes_along(instrument: Instrument, calendar: Calendar, request: Request) -> Ground:
    """SPX/10 of 2014 to 2018; its dividends stay known beyond the last day."""
    known = read_spx10(calendar)
    paid = known.dividend > 0.0
    on = rows_between(known.day, request.first, request.last)
    return Ground(
        instrument=instrument,
        calendar=calendar,
        bars=cut(Bars(known.day, known.open, known.high, known.low, known.close, 0), on),
        ex_day=known.day[paid],
        dividend=known.dividend[paid],
        bill=known.rate[on],
        measure=known.vix[on],
        source=f"SPX/10, one tenth of the S&P 500, quotes modelled on VIX; {RATES_CARRIED}",
    )


def _own(instrument: Instrument, calendar: Calendar, request: Request, files: OwnHistory) -> Ground:
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
    return Ground(
        instrument=instrument,
        calendar=calendar,
        bars=bars,
        ex_day=np.empty(0, np.int32),
        dividend=np.empty(0, np.float64),
        bill=bill,
        measure=measure,
        source=f"{files.spot.name} without dividends, quotes modelled on {files.vol.name}, "
        f"bills of {files.bills.name}",
    )


def slab_of(found: Ground, home: Path) -> Slab:
    """The modelled quotes of a history, as a slab; the home keeps the table they are priced by."""
    dividends = (found.ex_day, found.dividend)
    drivers = Drivers(found.bars, found.measure, found.bill, dividends)
    quotes = modelled_quotes(found.instrument, drivers, found.calendar, home / "cache")
    listing = Listing(found.instrument, found.bars, *dividends, quotes)
    return build_slab([listing], Rates(found.bill, found.measure), found.calendar)
