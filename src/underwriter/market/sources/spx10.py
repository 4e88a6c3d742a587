"""SPX/10: a modelled ETF, one tenth of the real S&P 500 of 2014 to 2018.

Nobody lists it; its history is real.  Prices are the S&P 500's divided by ten and rounded to
cents; volatility is the VIX of the day; it pays a quarter of a tenth of the index's yearly
dividends on the third Friday of March, June, September and December, as SPY does; cash earns the
one-month bill of Fama and French.  All of it lies in the package `arch`, which carries data for
its examples; its files are read by path, because importing arch costs six seconds.

Fama and French end with November 2018 there: the last rate is carried into December.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError
from underwriter.market.calendar import Calendar, third_fridays
from underwriter.market.dividends import spx_dividends, years_of
from underwriter.market.history import Levels, as_of, read_bars, read_levels
from underwriter.market.instrument import PENNY, Instrument
from underwriter.market.table import read_table

Days = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]

SPX10 = Instrument("SPX/10", "SPX10", "american", "physical", PENNY)
RATES_CARRIED = "bill rate of 2018-11 carried into 2018-12, where the source ends"
_SHARE = 10.0  # of the index
_CENTS = 100.0  # a dollar
_QUARTERS = 4
_MONTHS = 12
_FILES = {
    "bars": "sp500/sp500.csv.gz",
    "vix": "vix/vix.csv.gz",
    "bills": "frenchdata/frenchdata.csv.gz",
}


class Spx10(NamedTuple):
    """The modelled ETF's history, one value a session.

    `day` int32; `open`, `high`, `low`, `close` in dollars a share on the cent; `vix` in points;
    `rate` the annual bill rate, a fraction; `dividend` dollars a share to whoever holds over the
    night before, 0 on all but ex-dates.
    """

    day: Days
    open: Values
    high: Values
    low: Values
    close: Values
    vix: Values
    rate: Values
    dividend: Values


def read_spx10(calendar: Calendar, folder: Path | None = None) -> Spx10:
    """The history of SPX/10 from arch's data, on the sessions of 2014-01-03 to 2018-12-31.

    The first session is the first with a VIX.  `folder` overrides where arch's data lie.  Raises
    InputError where arch is not installed, or its files are not what they were.
    """
    folder = folder or arch_data()
    bars = read_bars(folder / _FILES["bars"])
    vix = read_levels(folder / _FILES["vix"])
    on = bars.day >= vix.day[0]
    day = bars.day[on]
    _same_sessions(day, calendar)
    return Spx10(
        day=day,
        open=_tenth(bars.open[on]),
        high=_tenth(bars.high[on]),
        low=_tenth(bars.low[on]),
        close=_tenth(bars.close[on]),
        vix=as_of(vix, day),
        rate=as_of(bill_rates(folder / _FILES["bills"]), day),
        dividend=dividends(day, calendar),
    )


def arch_data() -> Path:
    """The folder of arch's example data; InputError where arch is not installed."""
    found = find_spec("arch")
    if found is None or found.origin is None:
        raise InputError(
            "package arch: not found; the demo's history lies in it: pip install underwriter[demo]"
        )
    return Path(found.origin).parent / "data"


def bill_rates(path: Path) -> Levels:
    """Annual bill rates, fractions, from the first day of each month of a Fama-French file.

    The file's column RF is percent a month; twelve of them, uncompounded, are a year's.
    """
    table = read_table(path)
    months = [f"{cell[:4]}-{cell[4:]}" for cell in table.column("date")]
    percent = np.array([float(cell) for cell in table.column("rf")])
    day = np.array(months, "datetime64[D]").astype(np.int32)
    return Levels(day, percent / 100.0 * _MONTHS, 0)


def dividends(day: Days, calendar: Calendar) -> Values:
    """Dollars a share that go ex on each of `day`: a quarter of the year's on each ex-date.

    Ex-dates are the third Fridays of March, June, September and December, else the session after.
    """
    fridays = third_fridays(int(day[0]), int(day[-1]))
    quarterly = fridays[_month_of(fridays) % 3 == 0]
    ex = np.array([calendar.next_session(int(friday) - 1) for friday in quarterly])
    paid = np.zeros(len(day))
    going = np.isin(day, ex)
    yearly = spx_dividends(years_of(day[going]))
    paid[going] = yearly / _QUARTERS / _SHARE
    return paid


def _month_of(days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The month of the year, 1 to 12."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % _MONTHS + 1


def _tenth(index: Values) -> Values:
    """A tenth of index levels on the cent, halves upward as `core.units.round_u`."""
    return np.floor(index / _SHARE * _CENTS + 0.5) / _CENTS


def _same_sessions(day: Days, calendar: Calendar) -> None:
    """Refuse a history whose days are not the exchange's sessions."""
    expected = calendar.between(int(day[0]), int(day[-1]))
    if not np.array_equal(day, expected):
        odd = np.setxor1d(day, expected)[0]
        raise InputError(
            f"arch's S&P 500: {np.datetime64(int(odd), 'D')} differs from the sessions of "
            f"{calendar.name}; expected every session once"
        )
