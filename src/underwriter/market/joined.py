"""What a slab joins to its sessions and underlyings beside their quotes: as-of, one column each.

Each function takes columns and gives (sessions, underlyings), or (sessions,) where it belongs to no
underlying; row t is made of what was known at the close of `day[t]`.  It is the same for quotes of
a lake and for modelled ones, and for ten years and one session, as long as a `Past` reaches back:
windows that began before the first session of the slab are filled from there.

    iv30           volatility at the forward, 30 calendar days ahead, annual; NaN unknown
    iv_percentile  share of the 252 sessions before that lie below today's iv30; NaN unknown
    realised       close to close over 21 sessions, annual, dividends and splits in it; NaN unknown
    slope          VIX over VIX3M of one and the same day; NaN unknown
    next_earnings  day number of the next announcement that is known; 0 none
    next_dividend  day number and amount of the next ex-date that is known; 0 none
    stepped        a code that filings change, such as a sector; 0 before the first

Clusters are `market.cluster`'s, admission is `core.screen`'s.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from underwriter.core.record import F8, I4, I8
from underwriter.core.units import DAYS_A_YEAR, MICRO
from underwriter.market.features import MONTH
from underwriter.market.history import VOLATILITY_AGE, Bars, Levels
from underwriter.market.maturity import Curve, constant_maturity, index_slope
from underwriter.market.quoting import Columns
from underwriter.market.rank import iv_percentile as percentile_of
from underwriter.market.realised import NO_ACTIONS, Actions, close_variance, prices, volatility
from underwriter.market.series import Series, series_of
from underwriter.market.smile import smiles

DECLARED = 30  # calendar days before an ex-date from which it counts as known
EXPECTED = 90  # calendar days before an announcement: firms report once a quarter
REALISED = 21  # sessions

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.integer[Any]]


class Past(NamedTuple):
    """The daily prices of one underlying, as traded, and what makes its sessions comparable.

    Bars may begin before the first session of a slab, so that no window is empty on it; they may
    go on after its last, and nothing of that is used.
    """

    bars: Bars
    dividends: Actions = NO_ACTIONS  # by ex-date, dollars a share of that day
    splits: Actions = NO_ACTIONS  # new shares for one old


class Announced(NamedTuple):
    """Announcements of earnings of one underlying, in any order; empty where none is known."""

    day: I4
    early: Mask  # before the open: over by the close of its day
    known: I4  # the day from which each counts as known


class NextDividend(NamedTuple):
    """The next ex-date that is known, (sessions, underlyings); zeros where there is none."""

    ex: I8  # day number
    amount_u: I8  # millionths of a dollar a share


def iv30(day: I4, quotes: Sequence[Columns]) -> F8:
    """Volatility at the forward 30 calendar days ahead, annual, by the rules of `features`.

    `quotes` are one underlying each, in slab order.  Only the expiries next to 30 days are read,
    and one further out where a nearer one has no reading.
    """
    return np.column_stack([_iv30(day, each) for each in quotes])


def iv_percentile(iv: F8, before: F8 | None = None) -> F8:
    """Share of the 252 sessions before each that lie below it, 0 to 1, by column; see `rank`.

    `before` has the `iv` of the sessions that precede the first, the same columns, if there are.
    """
    whole = iv if before is None else np.concatenate([before, iv])
    shares = [percentile_of(np.ascontiguousarray(column)) for column in whole.T]
    return np.column_stack(shares)[len(whole) - len(iv) :]


def realised(day: I4, pasts: Sequence[Past], window: int = REALISED) -> F8:
    """Volatility of the last `window` sessions' closes, annual; NaN where the window is not full.

    NaN, too, on sessions that a past has no bar of.
    """
    found = []
    for past in pasts:
        of = prices(past.bars, past.dividends, past.splits)
        found.append(on_days(day, past.bars.day, volatility(close_variance(of), window)))
    return np.column_stack(found)


def slope(day: I4, near: Levels, far: Levels) -> F8:
    """Near over far index (VIX over VIX3M) as last published for one day, at most a week old."""
    return index_slope(near, far, day, VOLATILITY_AGE)


def next_earnings(day: I4, announced: Sequence[Announced]) -> I8:
    """Day number of the next announcement; 0 where none is known to come.

    One on the session itself is still to come, unless it was before the open.
    """
    found = np.zeros((len(day), len(announced)), np.int64)
    for number, each in enumerate(announced):
        until = each.day - each.early
        for at, event in _ahead(day, each.day, each.known, until):
            found[at, number] = each.day[event]
    return found


def next_dividend(day: I4, dividends: Sequence[Actions], declared: int = DECLARED) -> NextDividend:
    """The next ex-date after each session and its amount, known from `declared` days before it.

    What goes ex on the session itself is past; several amounts of one ex-date are added up.
    """
    found = np.zeros((2, len(day), len(dividends)), np.int64)
    for number, paid in enumerate(dividends):
        ex, of = np.unique(paid.day, return_inverse=True)
        amount = np.bincount(of, paid.amount, len(ex))
        for at, event in _ahead(day, ex, ex - declared, ex - 1):
            found[0, at, number] = ex[event]
            found[1, at, number] = np.floor(amount[event] * MICRO + 0.5)
    return NextDividend(found[0], found[1])


def stepped(day: I4, filed: Sequence[tuple[I4, I8]]) -> I8:
    """The code last filed before each session (sessions, underlyings); 0 before the first.

    Each underlying has the days of its filings, ascending, and their codes.  What is filed on a day
    may come after its close, so it counts from the next session on.
    """
    found = np.zeros((len(day), len(filed)), np.int64)
    for number, (since, code) in enumerate(filed):
        row = np.searchsorted(since, day, side="left") - 1
        known = row >= 0
        found[known, number] = code[row[known]]
    return found


def on_days(day: I4, of: I4, values: F8) -> F8:
    """The value of each of `day`, by the days `of` (ascending) of the values; NaN where none."""
    found = np.full(len(day), np.nan)
    if len(of):
        at = np.minimum(np.searchsorted(of, day), len(of) - 1)
        there = of[at] == day
        found[there] = values[at[there]]
    return found


def _ahead(day: I4, when: I4, known: I4, until: Numbers) -> Iterator[tuple[slice, int]]:
    """The sessions from which each event can be seen ahead, the latest event first.

    What comes first is given last, so that it overwrites what comes after it.
    """
    start = np.searchsorted(day, known, side="left")
    end = np.searchsorted(day, until, side="right")
    for event in np.argsort(when, kind="stable")[::-1]:
        if start[event] < end[event]:
            yield slice(int(start[event]), int(end[event])), int(event)


def _iv30(day: I4, quotes: Columns) -> F8:
    """The same of one underlying."""
    series = series_of(quotes.session, quotes.right, quotes.expiry)
    left = series.expiry - series.session
    vol = np.full(len(left), np.nan)
    tried = left <= 0
    asked = _nearest(series, left, vol, tried)
    while len(asked):
        vol[asked] = _at_forward(quotes, series, asked)
        tried[asked] = True
        asked = _nearest(series, left, vol, tried)
    read = np.isfinite(vol)
    curve = Curve(series.session[read], left[read] / DAYS_A_YEAR, vol[read])
    return constant_maturity(curve, day, MONTH).vol


def _nearest(series: Series, left: I4, vol: F8, tried: Mask) -> I8:
    """The series next to 30 days on each side of it, where that side has no reading yet."""
    read = np.isfinite(vol)
    chosen = []
    for side, first in ((left <= MONTH, False), (left >= MONTH, True)):
        done = np.isin(series.session, series.session[side & read])
        open_ = np.flatnonzero(side & ~tried & ~done)
        change = series.session[open_][1:] != series.session[open_][:-1]
        ends = np.concatenate([[True], change] if first else [change, [True]])
        chosen.append(open_[ends[: len(open_)]])
    return np.unique(np.concatenate(chosen)).astype(np.int64)


def _at_forward(quotes: Columns, series: Series, asked: I8) -> F8:
    """The volatility at the forward of some series, by the rules of `smile`."""
    ranges = (series.puts, series.puts_end), (series.calls, series.calls_end)
    row = np.concatenate([_rows(lo[asked], hi[asked]) for lo, hi in ranges])
    names = ("session", "expiry", "right", "strike", "iv", "delta", "forward")
    return smiles(pl.DataFrame({name: getattr(quotes, name)[row] for name in names})).atm


def _rows(lo: I8, hi: I8) -> I8:
    """All rows of some ranges, one after another."""
    count = hi - lo
    begin = np.cumsum(count) - count
    return np.repeat(lo - begin, count) + np.arange(count.sum())
