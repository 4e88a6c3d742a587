"""Gates on series: they find what is wrong with a history before anything is believed of it.

Some take a row out, others only remark on it; each has a code in `SERIES_GATES`, and nothing is
done in silence.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from underwriter.core.units import DAYS_A_YEAR, day_number, day_of
from underwriter.market.calendar import Calendar
from underwriter.market.gates.codes import Gate
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.listing import sessions_among
from underwriter.market.history import disorder
from underwriter.market.replay import real_opens, years_of
from underwriter.market.schema import Kind

Days = NDArray[np.int32]
Column = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_YIELD = 0.08  # a year: no broad index has paid more since 1950
RUN = 20  # values with no more than a long week-end between them: a month of sessions
MOST_BETWEEN = 5  # calendar days of a long week-end
SPIKE = 10.0  # of the usual daily change
_USUAL_OVER = 30  # days on each side, to say what is usual
_LEAST_LEVEL = 1.0  # points or index: what stays above it is no rate
_LEAST_USUAL = 0.005  # a change a day that is always usual
_BACK = 0.2  # of a spike may be left on the day after
_SLACK = 0.002  # of a level, for what is rounded or paid unevenly within the year
_STEPS = (10_000.0, 64.0)  # a dollar: hundredths of a cent, and fractions before 2001
_DECIMALS = day_number(date(2001, 1, 29))  # the New York Stock Exchange's first day of them
_FRACTIONS, _HALF_CENT = 32.0, 0.00501
_LEAST_EARLY = 60  # prices that tell something
_SINGLE = 2e-7  # of a price: what a number of single precision leaves
MOST_OFF = 0.5  # of the prices may lie between the steps
_BAR_NEAR, _DIVIDEND_NEAR = 10, 200  # days within which values stand around a split
_LEAST_SPLIT = 0.15  # in logarithms: a smaller one does not show


class Finding(NamedTuple):
    """What a gate found: its code, the day (a day number), and the figure that it judged by."""

    gate: str
    day: int
    value: float


class Doubt(NamedTuple):
    """A level that disagrees with its neighbours: the day, and by what part it seems off."""

    day: int
    part: float


SERIES_GATES: Mapping[str, Gate] = {
    "no_session": Gate("a bar on a day on which the exchange was closed", dropped=True),
    "scattered": Gate("a level before the first unbroken run of days", dropped=True),
    "spike": Gate("a value that leaves its neighbours and is back the next day", dropped=False),
    "disordered": Gate("a high or low that another price of the bar exceeds", dropped=False),
    "stale_open": Gate("opens that are the close before, in a year where many are", dropped=False),
    "hidden_split": Gate("a known split that the values do not show: adjusted", dropped=False),
    "off_steps": Gate("prices between all steps in which they are quoted: adjusted", dropped=False),
    "gap": Gate("sessions before the day that have no value", dropped=False),
}


def taken_out(kind: Kind, frame: pl.DataFrame, calendar: Calendar) -> pl.Series:
    """The code of the gate that takes each row out, null where the row stays.

    `frame` has the columns of `schema.SCHEMAS[kind]`, in any order of rows, of any number of
    underlyings or series; only bars and levels have rows taken out.
    """
    if kind == "bars":
        closed = pl.Series(~sessions_among(_days(frame), calendar))
        out = pl.when(closed).then(pl.lit("no_session"))
    elif kind == "levels":
        days = frame.group_by("series").agg(pl.col("date").sort())
        began = {series: _run_begins(dates) for series, dates in days.iter_rows()}
        first = pl.col("series").replace_strict(began, return_dtype=pl.Date)
        out = pl.when(pl.col("date") < first).then(pl.lit("scattered"))
    else:
        return pl.Series("gate", [None] * frame.height, pl.String)
    return frame.select(out.alias("gate"))["gate"]


def bar_findings(frame: pl.DataFrame, splits: pl.DataFrame, calendar: Calendar) -> list[Finding]:
    """Remarks on one underlying's kept bars (`schema.BARS`), given its splits (`schema.SPLITS`)."""
    if frame.is_empty():
        return []
    rows = frame.sort("date")
    day = _days(rows)
    opens, high, low, close = (
        rows[name].fill_null(np.nan).to_numpy() for name in ("open", "high", "low", "close")
    )
    wrong = np.flatnonzero(disorder(opens, high, low, close))
    off = off_steps(close)
    if Ground(calendar).terms(rows["underlying"][0]).physical:  # an index is worked out, in cents
        off = max(off, off_fractions(day, close))
    return [
        *([Finding("off_steps", int(day[0]), off)] if off > MOST_OFF else []),
        *hidden_splits(day, close, splits, _BAR_NEAR),
        *gaps(day, calendar),
        *spikes(day, close),
        *stale_opens(day, opens, close),
        *(Finding("disordered", int(day[row]), float(close[row])) for row in wrong),
    ]


def dividend_findings(frame: pl.DataFrame, splits: pl.DataFrame) -> list[Finding]:
    """Remarks on one underlying's dividends (`schema.DIVIDENDS`): splits they do not show."""
    rows = frame.sort("ex_date")
    day = rows["ex_date"].to_physical().to_numpy()
    return hidden_splits(day, rows["amount"].to_numpy(), splits, _DIVIDEND_NEAR)


def level_findings(frame: pl.DataFrame, calendar: Calendar) -> list[Finding]:
    """Remarks on one series' kept levels (`schema.LEVELS`).

    Gaps are told of daily series, spikes of those that stay above 1: rates near zero double daily.
    """
    if frame.is_empty():
        return []
    rows = frame.sort("date")
    day = _days(rows)
    value = rows["value"].to_numpy()
    daily = len(day) > 1 and float(np.median(np.diff(day))) <= MOST_BETWEEN
    far_from_zero = float(value.min()) >= _LEAST_LEVEL
    return [
        *(gaps(day, calendar) if daily else []),
        *(spikes(day, value) if far_from_zero else []),
    ]


def run_begins(day: Days) -> int:
    """The first of ascending days that begins an unbroken run of `RUN` steps; without one, day 0.

    Cboe's PUT has six scattered points before its daily run: taken for months of returns, they
    gave a published study a growth that never was.
    """
    close_by = np.diff(day) <= MOST_BETWEEN
    if len(close_by) < RUN:
        return int(day[0])
    whole = np.flatnonzero(np.convolve(close_by, np.ones(RUN, np.int64), "valid") == RUN)
    return int(day[whole[0]] if len(whole) else day[0])


def gaps(day: Days, calendar: Calendar) -> list[Finding]:
    """Sessions between ascending days that have no value, told on the first day after them."""
    lo, hi = max(int(day[0]), calendar.first), min(int(day[-1]), calendar.last)
    if lo > hi:
        return []
    missing = np.setdiff1d(calendar.between(lo, hi), day)
    after, count = np.unique(np.searchsorted(day, missing), return_counts=True)
    return [Finding("gap", int(day[row]), float(n)) for row, n in zip(after, count, strict=True)]


def spikes(day: Days, value: Column) -> list[Finding]:
    """Values that leave by `SPIKE` usual changes and are back the next day, as the part of it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.diff(np.log(np.where(value > 0.0, value, np.nan)))
    if len(change) < 2:  # noqa: PLR2004  out and back
        return []
    out, back = change[:-1], change[1:]
    far = np.abs(out) > SPIKE * _usual(np.abs(change))[:-1]
    rows = np.flatnonzero(far & (np.abs(out + back) < _BACK * np.abs(out)))
    return [Finding("spike", int(day[row + 1]), float(np.expm1(out[row]))) for row in rows]


def stale_opens(day: Days, opens: Column, close: Column) -> list[Finding]:
    """Years of ascending days whose opens are not real, with the share that is the close before."""
    year = years_of(day)
    same = np.append(False, opens[1:] == close[:-1])
    unreal = ~real_opens(day, opens, close) & ~np.isnan(opens)
    found = [(year == one) & ~np.isnan(opens) for one in np.unique(year[unreal & same])]
    return [
        Finding("stale_open", int(day[within][0]), float(same[within].mean())) for within in found
    ]


def hidden_splits(
    day: Days, value: Column, splits: pl.DataFrame, near: int = _BAR_NEAR
) -> list[Finding]:
    """Known splits that ascending values do not show, as new shares to old ones.

    Across a split a value as of the day falls by its ratio; where the change is nearer to none,
    the values before were divided by it.  `near` is how many days off the values may stand.
    """
    found = []
    for first, new, old in splits.select(pl.col("date").to_physical(), "new", "old").iter_rows():
        row = int(np.searchsorted(day, first))
        expected = -np.log(new / old)
        inside = 0 < row < len(day) and day[row] - first <= near and first - day[row - 1] <= near
        if not inside or abs(expected) < _LEAST_SPLIT:
            continue
        change = float(np.log(value[row] / value[row - 1]))
        if abs(change) < abs(change - expected):
            found.append(Finding("hidden_split", int(first), new / old))
    return found


def off_steps(price: Column) -> float:
    """The share of prices that no exchange could have quoted: in no decimals, and no fractions.

    Prices that were multiplied by an adjustment lie anywhere.
    """
    price = price[~np.isnan(price)]
    fine = np.zeros(len(price), np.bool_)
    for steps in _STEPS:
        fine |= np.abs(price - np.round(price * steps) / steps) <= _SINGLE * price
    return float(1.0 - fine.mean()) if len(price) else 0.0


def off_fractions(day: Days, price: Column) -> float:
    """The share of a stock's prices before decimals that no fraction is, to the cent.

    Until 29 January 2001 the exchanges quoted in eighths and sixteenths, some in thirty-seconds.
    Closes with dividends inside them, rounded to cents, look like prices only after that.
    """
    early = price[(day < _DECIMALS) & ~np.isnan(price)]
    if len(early) < _LEAST_EARLY:
        return 0.0
    near = np.abs(early - np.round(early * _FRACTIONS) / _FRACTIONS) <= _HALF_CENT
    return float(1.0 - near.mean())


def _days(frame: pl.DataFrame) -> Days:
    """The column of dates as day numbers."""
    days: Days = frame["date"].to_physical().to_numpy()
    return days


def _run_begins(days: list[object]) -> object:
    """The date on which the run of a list of dates begins."""
    begins: object = day_of(run_begins(np.array(days, "datetime64[D]").astype(np.int32)))
    return begins


def _usual(change: Column) -> Column:
    """The median change of the days around each."""
    padded = np.pad(change, _USUAL_OVER, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _USUAL_OVER + 1)
    with np.errstate(all="ignore"):
        usual: Column = np.nanmedian(around, axis=1)
    return np.maximum(np.nan_to_num(usual, nan=np.inf), _LEAST_USUAL)


def total_return_doubts(
    day: Days, price: Column, total: Column, most_yield: float = MOST_YIELD
) -> tuple[Doubt, ...]:
    """Days on which a total-return index does not fit its price index.

    Between two days the total return exceeds the price return by the dividends, which are never
    negative and at most `most_yield` a year; where it does not, the total return, or the price,
    of one of the two days is wrong.  A level that departs and comes back is told once, on the day
    that it is off, as the part by which it is: -0.025 is 2.5% too low.
    """
    ratio = total / price
    excess = ratio[1:] / ratio[:-1] - 1.0
    most = most_yield * np.diff(day) / DAYS_A_YEAR + _SLACK
    odd = np.flatnonzero((excess < -_SLACK) | (excess > most))
    back = {n + 1 for n in odd if n + 1 in odd and excess[n] * excess[n + 1] < 0.0}
    return tuple(Doubt(int(day[n + 1]), float(excess[n])) for n in odd if n not in back)
