"""Histories from csv files: daily bars of a price, and levels such as VIX or bill yields.

Any common date format, any case of column names, plain or gzipped.  What is wrong is refused
with one line that names file, line and column, what was found and what is allowed; nothing is
repaired in silence.  Two things are facts rather than mistakes, and are counted: a level that
is missing on a holiday ("." or blank, as FRED writes it), and bars whose high and low do not hold
their open and close.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.market.dates import read_days
from underwriter.market.table import Table, is_date_name, read_table

Days = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]

_NUMBER = re.compile(r"[-+]?\$?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\$?\d{1,3}(,\d{3})+(\.\d*)?")  # "2,506.85"
MISSING = frozenset({"", "."})
CLOSES = ("close", "value", "close/last", "last", "price")  # in order of preference
ADJUSTED = frozenset(
    {"adj close", "adj_close", "adj. close", "adjclose", "adjusted close", "adjusted_close"}
)
_BESIDE = frozenset({"open", "high", "low", "volume", *ADJUSTED})
DAYS = "a date such as 2015-03-04, 3/4/2015 or 4-Mar-2015"
MOST_PRICE = 1_000_000.0  # dollars or points: nothing listed trades above it
_LEAST_POINTS, _MOST_POINTS = 2.0, 200.0  # no volatility index has left them; 0.14 is no points
BILLS = ("DTB3", "IRX", "DGS3MO", "TB3MS", "DFF")  # percent a year, the first that there is
VOLATILITY_AGE, BILLS_AGE = 7, 35  # calendar days for which a last value may stand
MOST_PERCENT = 30.0  # no bill has yielded more; a higher figure is not percent a year


class Bars(NamedTuple):
    """Daily prices: `day` int32 ascending; the rest float64, NaN where there is no such column.

    `disordered` counts the bars whose high is not the highest or whose low is not the lowest.
    """

    day: Days
    open: Values
    high: Values
    low: Values
    close: Values
    disordered: int


class Levels(NamedTuple):
    """A series: `day` int32 ascending, `value` float64; `missing` counts what was left out."""

    day: Days
    value: Values
    missing: int


def read_bars(path: Path) -> Bars:
    """The daily bars of a csv file with a date and a close or value column.

    Open, high and low are read where they stand; an unadjusted close is preferred to an adjusted
    one.  Raises InputError, see the module, for what is not a history of prices above zero.
    """
    table = read_table(path)
    day = _days(table)
    close = numbers(table, value_column(table), positive=True, most=MOST_PRICE)
    opens, high, low = (_side(table, name) for name in ("open", "high", "low"))
    return Bars(day, opens, high, low, close, int(disorder(opens, high, low, close).sum()))


def read_levels(path: Path, column: str | None = None, *, positive: bool = True) -> Levels:
    """The series of a csv file with a date and a close or value column, or the `column` named.

    Cells that are blank or "." are left out and counted.  `positive` refuses zero and below: leave
    it so for volatilities, lift it for yields.  Raises InputError, see the module.
    """
    table = read_table(path)
    day = _days(table)
    value = numbers(table, value_column(table, column), positive=positive, missing=MISSING)
    there = ~np.isnan(value)
    if not there.any():
        raise InputError(f"{path}: found no value on any day; expected a history of some days")
    return Levels(day[there], value[there], int((~there).sum()))


def read_volatility(path: Path) -> Levels:
    """The volatility index of a csv file, in points; InputError for what are no points."""
    levels = read_levels(path)
    wild = (levels.value < _LEAST_POINTS) | (levels.value > _MOST_POINTS)
    if wild.any():
        where, found = day_of(int(levels.day[wild][0])), levels.value[wild][0]
        allowed = f"points from {_LEAST_POINTS:g} to {_MOST_POINTS:g}, such as 14.2"
        raise InputError(f"{path}, {where}: found {found:g}; expected volatility in {allowed}")
    return levels


@contextmanager
def naming(source: Path | str) -> Iterator[None]:
    """Name the file, or the underlying, in a refusal that speaks of its days alone."""
    try:
        yield
    except InputError as problem:
        said = str(problem)
        raise InputError(said if str(source) in said else f"{source}: {said}") from problem


def as_of(levels: Levels, days: Days, age: int | None = None) -> Values:
    """The last value on or before each of `days`.

    Raises InputError where there is none yet, or where it is more than `age` calendar days old.
    """
    row = np.searchsorted(levels.day, days, side="right") - 1
    if (row < 0).any():
        early, first = day_of(int(days[row < 0][0])), day_of(int(levels.day[0]))
        raise InputError(f"found no value on or before {early}; expected days from {first} on")
    stale = np.full(len(days), age is not None) & (days - levels.day[row] > (age or 0))
    if stale.any():
        late, last = int(days[stale][0]), int(levels.day[row[stale][0]])
        found = f"found no value between {day_of(last)} and {day_of(late)}"
        raise InputError(f"{found}; expected one every {age} days at least")
    return levels.value[row]


def rates_from_bills(levels: Levels, days: Days, age: int | None = None) -> Values:
    """Annual bill rates as fractions on `days`, as of each, from yields in percent.

    0.0527 where the file says 5.27.  Raises InputError for a yield beyond 30%, which is no
    percent figure, and for days before the first.
    """
    percent = as_of(levels, days, age)
    wild = np.abs(percent) > MOST_PERCENT
    if wild.any():
        where = f"bill yield of {day_of(int(days[wild][0]))}"
        found = f"{percent[wild][0]:g}"
        raise InputError(f"{where}: found {found}; expected percent a year, such as 5.27")
    return percent / 100.0


def _days(table: Table) -> Days:
    """The day numbers of a table, ascending, each once."""
    name = next(name for name in table.names if is_date_name(name))
    texts = table.column(name)
    dates = read_days(texts)
    if dates.bad >= 0:
        raise table.error(dates.bad, name, repr(texts[dates.bad]), DAYS)
    step = np.diff(dates.day)
    if (step <= 0).any():
        row = int(np.argmax(step <= 0)) + 1
        same = "the same day again" if step[row - 1] == 0 else "a day before that of the row above"
        raise table.error(row, name, f"{texts[row]!r}, {same}", "each day once, oldest first")
    return dates.day


def value_column(table: Table, asked: str | None = None) -> str:
    """The name of the column that holds the series."""
    if asked is not None:
        return _named(table, asked.strip().lower())
    found = next((name for name in CLOSES if name in table.names), None)
    if found is not None:
        return found
    rest = [name for name in table.names if not is_date_name(name) and name]
    for choice in ([name for name in rest if name not in _BESIDE], sorted(ADJUSTED & set(rest))):
        if len(choice) == 1:
            return choice[0]
    raise InputError(
        f"{table.path}: found columns {', '.join(table.names)}; expected one named close or value, "
        "or a single one beside the date"
    )


def _named(table: Table, name: str) -> str:
    """`name`, if the table has such a column."""
    if name in table.names:
        return name
    raise InputError(f"{table.path}: found columns {', '.join(table.names)}; expected {name!r}")


def _side(table: Table, name: str) -> Values:
    """Open, high or low: NaN where the column, or the cell, is not there."""
    if name not in table.names:
        return np.full(len(table.rows), np.nan)
    return numbers(table, name, positive=True, most=MOST_PRICE, missing=frozenset({""}))


def numbers(
    table: Table,
    name: str,
    *,
    positive: bool,
    most: float = math.inf,
    missing: frozenset[str] = frozenset(),
) -> Values:
    """A column of numbers (float64), NaN for the texts that mean a missing one.

    Raises InputError, with file, line and column, for what is no number, or none that is allowed.
    """
    cells = [cell.strip() for cell in table.column(name)]
    values = np.array([math.nan if cell in missing else _number(cell) for cell in cells])
    there = np.array([cell not in missing for cell in cells])
    bad = there & ~(np.isfinite(values) & ((values > 0.0) | (not positive)) & (values <= most))
    if bad.any():
        row = int(np.argmax(bad))
        allowed = "a number above zero" if positive else "a number"
        allowed += f" and at most {most:,.0f}" if values[row] > most else ""
        raise table.error(row, name, repr(cells[row]), allowed)
    return values


def _number(cell: str) -> float:
    """The number a cell holds, NaN where it holds none."""
    if _NUMBER.fullmatch(cell) or _GROUPED.fullmatch(cell):
        return float(cell.replace("$", "").replace(",", ""))
    return math.nan


def disorder(opens: Values, high: Values, low: Values, close: Values) -> npt.NDArray[np.bool_]:
    """Which bars have a high below, or a low above, another of their prices."""
    over = (high < opens) | (high < close) | (high < low)
    return over | (low > opens) | (low > close)
