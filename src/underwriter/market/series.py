"""The series of a chain: all puts and calls of one root, session and expiry, and their time left.

Columns of quotes stand in the order of the slab, (session, right, expiry, strike), so the puts of
a series are a range of rows, and so are its calls.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.record import F8, I4, I8
from underwriter.core.units import DAYS_A_YEAR

MOMENT = 15.0 / 1440.0  # days from the moment of a quote to the close
MORNING = 6.5 / 24.0  # days from a morning settlement to that day's close
COIN = 16.0 / 24.0  # days from 08:00 UTC, when options on coins settle, to the end of that day

Integers = npt.NDArray[np.integer[Any]]


class Series(NamedTuple):
    """One row a session and expiry, in that order; an absent right is an empty range of rows."""

    session: I4  # day number
    expiry: I4  # day number
    puts: I8  # first row of the puts
    puts_end: I8  # row after the last
    calls: I8
    calls_end: I8


def series_of(session: Integers, right: Integers, expiry: Integers) -> Series:
    """The series of quotes of one root, sorted by (session, right, expiry); right 0 put, 1 call.

    Sessions and expiries are day numbers, from 1970 on.
    """
    change = session[1:] != session[:-1]
    change |= right[1:] != right[:-1]
    change |= expiry[1:] != expiry[:-1]
    ends = np.concatenate([[0], np.flatnonzero(change) + 1, [len(session)]])
    first = ends[:-1] if len(session) else ends[:0]
    key = session[first].astype(np.int64) << 32 | expiry[first]
    call = right[first] == 1
    keys = np.unique(key)
    ranges = np.zeros((4, len(keys)), np.int64)
    for side, mine in ((0, ~call), (2, call)):
        at = np.searchsorted(keys, key[mine])
        ranges[side, at] = first[mine]
        ranges[side + 1, at] = ends[1:][: len(first)][mine]
    days = (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)
    return Series(*days, *ranges)


class Short(NamedTuple):
    """The sessions that close early, ascending, and by how many days (0.125: three hours)."""

    day: I4
    by: F8


FULL = Short(np.empty(0, np.int32), np.empty(0))  # none of them


def years_left(
    series: Series,
    morning: npt.ArrayLike = False,  # noqa: FBT002  a column
    short: Short = FULL,
    coin: npt.ArrayLike = False,  # noqa: FBT002  a column
) -> F8:
    """Years in Act/365 from fifteen minutes before a session's close to the settlement.

    That is the close of the expiry or, where `morning` (one value, or one a series), its open,
    which is no other on a day that closes early; and where `coin`, 08:00 UTC of the expiry, the
    sessions then being the days of UTC, each to its midnight.  Zero or less: settled.
    """
    early = np.where(morning, MORNING, np.where(coin, COIN, _earlier(short, series.expiry)))
    late = _earlier(short, series.session) + MOMENT
    days: F8 = series.expiry.astype(np.float64) - series.session - early + late
    return days / DAYS_A_YEAR


def _earlier(short: Short, day: I4) -> F8:
    """By how many days each day closes early."""
    if not len(short.day):
        return np.zeros(len(day))
    at = np.minimum(np.searchsorted(short.day, day), len(short.day) - 1)
    return np.where(short.day[at] == day, short.by[at], 0.0)


def spread_out(series: Series, rows: int) -> I8:
    """For each of so many rows the series it belongs to."""
    start = np.concatenate([series.puts, series.calls])
    end = np.concatenate([series.puts_end, series.calls_end])
    number = np.tile(np.arange(len(series.session)), 2)
    full = np.flatnonzero(end > start)
    full = full[np.argsort(start[full], kind="stable")]
    found: I8 = np.repeat(number[full], (end - start)[full])
    if len(found) != rows:
        raise ValueError(f"the series hold {len(found)} rows; expected {rows}")
    return found
