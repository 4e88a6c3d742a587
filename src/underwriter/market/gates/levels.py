"""Where the underlying stood: what a source says beside its quotes, and what put-call parity says.

A spot that was taken after hours, on another day, or from a history adjusted for splits is wrong
for every option beside it; the quotes themselves say better.  The forwards of the nearest expiries
imply the spot at the moment of the quotes (`market.parity`), to within what is not known: the
carry, and dividends, which lower a forward, so that what it implies may be too low by them.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.record import F8, I8
from underwriter.market import parity
from underwriter.market.blame import EXPIRED
from underwriter.market.gates.codes import FINE
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs
from underwriter.market.instrument import Instrument
from underwriter.market.parity import Forwards, Quotes
from underwriter.market.series import Series, years_left

LEAST = 0.0005  # of the spot: a close and the quotes beside it are minutes apart
DRIFT = 0.03  # of the spot: what it moves between the last trades of one day and its close
CARRY = 0.02  # a year, by which rate and yield together may differ from what is assumed
DIVIDEND = 0.01  # of the spot: what a stock may pay within the nearest expiries
SURE = 3.0  # standard deviations


class Spots(NamedTuple):
    """The spot of each day, in dollars; NaN where it is not known."""

    quoted: F8  # as the source says, or its bars
    parity: F8  # as the quotes imply
    bound: F8  # by how much `parity` may be wrong, dividends apart
    payout: F8  # what dividends may take from `parity`

    @property
    def least(self) -> F8:
        """The lowest spot that the quotes allow."""
        return self.parity - self.bound

    @property
    def most(self) -> F8:
        """The highest."""
        return self.parity + self.bound + self.payout

    @property
    def off(self) -> Mask:
        """On which days the quoted spot cannot be, by what the quotes imply."""
        return beyond(self.quoted, self.least, self.most)

    @property
    def replaced(self) -> Mask:
        """On which days the spot to use is that of parity."""
        return self.off | (np.isnan(self.quoted) & ~np.isnan(self.parity))

    @property
    def spot(self) -> F8:
        """The spot to use of each day."""
        return np.where(self.replaced, self.parity, self.quoted)

    @property
    def unsure(self) -> F8:
        """By how much the spot to use may be wrong; NaN where only one side says it."""
        gap = np.abs(self.parity - self.quoted)
        return np.where(self.replaced, self.bound + self.payout, gap)


def beyond(spot: F8, least: F8, most: F8) -> Mask:
    """Which spots cannot be; where one of the three is NaN, nobody says so."""
    return (spot < least) | (spot > most)


class Levels(NamedTuple):
    """Forwards and spots; NaN where they are not known."""

    series: Series
    group: I8  # the series of each run
    discount: F8  # of each series
    implied: Forwards  # of each series
    spots: Spots


def levels_of(quoted: F8, runs: Runs, quotes: Quotes, terms: list[Instrument], rate: F8) -> Levels:
    """The forwards and spots of a chain, by the quotes that parity may use.

    `quoted` is the spot of each day as the source says, `terms` are those of each root,
    `rate` is the bill rate of each day.  Premiums
    in coin are left aside: parity in dollars does not hold of them.
    """
    series, group = _series(runs)
    discount = np.exp(-rate[np.searchsorted(runs.days, series.session)] * years_left(series))
    discount[group[runs.by_root([one.settlement == "coin" for one in terms])]] = np.nan
    implied = parity.forwards(series, quotes, discount)
    spot, bound = _implied_spots(series, implied, discount, runs)
    bound += spot * np.where(_only_last(runs, quotes), DRIFT, LEAST)
    payout = spot * (DIVIDEND if any(one.physical for one in terms) else 0.0)  # an index: carry
    return Levels(series, group, discount, implied, Spots(quoted, spot, bound, payout))


def quotes_of(columns: Columns, code: Codes) -> Quotes:
    """The quotes that parity may use: of rows without fault; a last price that traded is both."""
    fine, only_last = code == FINE, np.isnan(columns.ask)
    bid, ask = columns.bid, np.where(fine, columns.ask, np.nan)
    if only_last.any():
        traded = fine & only_last & np.isnan(bid) & (columns.volume != 0)
        bid, ask = (np.where(traded, columns.last, side) for side in (bid, ask))
    return Quotes(columns.strike, bid, ask)


def quoted_spots(chain: pl.DataFrame, runs: Runs, ground: Ground) -> F8:
    """The spot of each day as stands beside its quotes, else as its bar closed, else NaN."""
    spot = pl.col("spot")
    said = chain.lazy().filter(spot.is_finite() & (spot > 0.0))
    beside = said.group_by("date").agg(spot.median()).collect()
    closed = ground.bars.select("date", pl.col("close")).unique("date")
    days = pl.DataFrame({"date": runs.days}).cast({"date": pl.Date})
    both = days.join(beside, on="date", how="left").join(closed, on="date", how="left")
    return both.sort("date").select(pl.coalesce("spot", "close"))["spot"].to_numpy()


def _series(runs: Runs) -> tuple[Series, I8]:
    """The series of all roots, by day, expiry and root, and the series of each run."""
    expiries, expiry = np.unique(runs.expiry, return_inverse=True)
    key = (runs.day * len(expiries) + expiry) * len(runs.roots) + runs.root
    keys, first, group = np.unique(key, return_index=True, return_inverse=True)
    ranges = np.zeros((4, len(keys)), np.int64)
    for right in (0, 1):
        mine = runs.right == right
        ranges[2 * right, group[mine]] = runs.start[:-1][mine]
        ranges[2 * right + 1, group[mine]] = runs.start[1:][mine]
    return Series(runs.date[first], runs.expiry[first], *ranges), group.astype(np.int64)


def _implied_spots(series: Series, implied: Forwards, discount: F8, runs: Runs) -> tuple[F8, F8]:
    """The spot of each day as its forwards imply, and by how much that may be wrong.

    An expiry on its own last day is left aside: its quotes may have stopped before the others.
    """
    ends = series.expiry <= series.session
    living = implied._replace(reason=np.where(ends, EXPIRED, implied.reason).astype(np.int8))
    none = np.zeros(len(discount))
    found = parity.spot_of(series, living, discount, none, none)
    spot, bound = np.full((2, len(runs.days)), np.nan)
    day = np.searchsorted(runs.days, found.session)
    spot[day] = found.spot
    good = np.flatnonzero(living.reason == FINE)
    on, first = np.unique(series.session[good], return_index=True)
    nearest = good[first]  # of each day, and what the others say only makes it surer
    years = (series.expiry[nearest] - on) / 365.0
    bound[day] = SURE * implied.dispersion[nearest] + CARRY * years * spot[day]
    return spot, bound


def _only_last(runs: Runs, quotes: Quotes) -> Mask:
    """On which days no pair of bid and ask differs: the source has last prices only."""
    first = runs.start[:-1][np.searchsorted(runs.day, np.arange(len(runs.days)))]
    return ~np.logical_or.reduceat(quotes.ask > quotes.bid, first)
