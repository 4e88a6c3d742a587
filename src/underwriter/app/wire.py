"""The only file that names concrete adapters: where histories, quotes and calendars come from."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.app.request import OwnHistory, Request
from underwriter.app.universe import instruments
from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.history import Bars, as_of, rates_from_bills, read_bars, read_levels
from underwriter.market.instrument import Instrument
from underwriter.market.model import modelled_quotes
from underwriter.market.slab import Listing, Rates, Slab, build_slab
from underwriter.market.sources.spx10 import RATES_CARRIED, read_spx10

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
        found = _comes_along(instrument, calendar)
    else:
        found = _own(request.own, instrument, calendar)
    return between(found, request.first, request.last)


def between(found: Ground, first: date | None, last: date | None) -> Ground:
    """The same history from `first` to `last`, ends included; dividends stay known beyond."""
    day = found.bars.day
    lo = 0 if first is None else int(np.searchsorted(day, day_number(first)))
    hi = len(day) if last is None else int(np.searchsorted(day, day_number(last), side="right"))
    if hi - lo < 2:  # noqa: PLR2004  a return needs two evenings
        raise InputError(
            f"found {max(hi - lo, 0)} sessions from {first or 'the start'} to {last or 'the end'};"
            f" expected two or more, from {day_of(int(day[0]))} to {day_of(int(day[-1]))}"
        )
    on = slice(lo, hi)
    bars = found.bars
    columns = (bars.day[on], bars.open[on], bars.high[on], bars.low[on], bars.close[on])
    return found._replace(
        bars=Bars(*columns, bars.disordered), bill=found.bill[on], measure=found.measure[on]
    )


def _comes_along(instrument: Instrument, calendar: Calendar) -> Ground:
    """SPX/10 of 2014 to 2018."""
    known = read_spx10(calendar)
    paid = known.dividend > 0.0
    return Ground(
        instrument=instrument,
        calendar=calendar,
        bars=Bars(known.day, known.open, known.high, known.low, known.close, 0),
        ex_day=known.day[paid],
        dividend=known.dividend[paid],
        bill=known.rate,
        measure=known.vix,
        source=f"SPX/10, one tenth of the S&P 500, quotes modelled on VIX; {RATES_CARRIED}",
    )


def _own(files: OwnHistory, instrument: Instrument, calendar: Calendar) -> Ground:
    """A history of the user's own, which pays no dividends."""
    bars = read_bars(files.spot)
    return Ground(
        instrument=instrument,
        calendar=calendar,
        bars=bars,
        ex_day=np.empty(0, np.int32),
        dividend=np.empty(0, np.float64),
        bill=rates_from_bills(read_levels(files.bills, positive=False), bars.day),
        measure=as_of(read_levels(files.vol), bars.day),
        source=f"{files.spot.name} without dividends, quotes modelled on {files.vol.name}, "
        f"bills of {files.bills.name}",
    )


def slab_of(found: Ground, home: Path) -> Slab:
    """The modelled quotes of a history, as a slab; the home keeps the table they are priced by."""
    dividends = (found.ex_day, found.dividend)
    quotes = modelled_quotes(
        found.instrument,
        found.bars,
        found.measure,
        found.bill,
        dividends,
        found.calendar,
        home / "cache",
    )
    listing = Listing(found.instrument, found.bars, *dividends, quotes)
    return build_slab([listing], Rates(found.bill, found.measure), found.calendar)
