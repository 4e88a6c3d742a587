"""Splits that a chain shows: between two days, and between its strikes and its quoted spot.

After a split of seven for one, spot and strikes are a seventh and counts seven times as many.  A
price history that was adjusted for it disagrees with the strikes of the years before, by seven.
"""

import numpy as np
import polars as pl

from underwriter.core.record import F8, I8
from underwriter.market.gates.codes import BELOW_INTRINSIC
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs

RATIOS = np.array([2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 1.5])  # new shares for one old
_NEAR = 0.12  # of a ratio: what a share may move between two sessions
_EXACT = 0.03  # of a ratio: between a spot and parity on one day
_SCALED = 0.5  # of the strikes of the day before, that are found scaled
_CONTRACT = ["expiry", "right", "strike"]
_IMPOSSIBLE = 0.5  # of the spot: what exercise cannot bring over a price, however old that is
_CENT = 0.006  # strikes are rounded to a cent when scaled


def whole_ratio(ratio: F8, near: float = _EXACT) -> F8:
    """The split that a ratio of prices is near, 7 or 1/7; NaN where it is near none."""
    both = np.concatenate([RATIOS, 1.0 / RATIOS])
    away = np.abs(ratio[:, np.newaxis] / both - 1.0)
    nearest = np.argmin(np.where(np.isnan(away), np.inf, away), axis=1)
    found = away[np.arange(len(ratio)), nearest] <= near
    return np.where(found, both[nearest], np.nan)


def splits_between(columns: Columns, runs: Runs, spot: F8) -> F8:
    """New shares for one old at each day against the day before it, NaN where there was no split.

    Believed where spot and strikes agree: the spot fell to about one of `RATIOS`, and most
    strikes of the day before stand at that part of themselves, to the cent.
    """
    ratio = np.full(len(spot), np.nan)
    ratio[1:] = whole_ratio(spot[:-1] / spot[1:], _NEAR)
    for day in map(int, np.flatnonzero(~np.isnan(ratio))):
        before, after = (_strikes(columns, runs, one) for one in (day - 1, day))
        if _scaled(before, after, ratio[day]) < _SCALED:
            ratio[day] = np.nan
    return ratio


def left_behind(chain: pl.DataFrame, splits: pl.DataFrame) -> Mask:
    """Which rows are of contracts that a split into no whole number of shares left behind.

    A reverse split, or three for two, changes what a contract delivers; its strikes may stay.  So
    what was quoted on the day before and still is under the same key is not a standard contract.
    """
    found = np.zeros(chain.height, np.bool_)
    rows = chain.lazy().select("date", "expiry", "right", "strike").with_row_index()
    for day in splits.filter(pl.col("new") % pl.col("old") != 0)["date"]:
        before = rows.filter(pl.col("date") < day)
        last = before.filter(pl.col("date") == pl.col("date").max())
        later = rows.filter(pl.col("date") >= day).join(last, on=_CONTRACT, how="semi")
        found[later.collect()["index"].to_numpy()] = True
    return found


def of_old_strikes(
    chain: pl.DataFrame, columns: Columns, runs: Runs, spot: F8, code: Codes
) -> Mask:
    """Which rows share a strike whose other right is worth half a spot more than its price.

    No share halves or doubles between a price and its day, so the strike is of before a split, and
    its right out of the money, which no bound finds, is no more alive than the other.  `chain`
    holds the rows of `columns`, `spot` the one of each day, `code` what was found so far.
    """
    impossible = _impossible(columns, runs, spot, np.flatnonzero(code == BELOW_INTRINSIC))
    if not len(impossible):
        return np.zeros(chain.height, np.bool_)
    rows = chain.lazy().select("date", "root", "expiry", "strike").with_row_index()
    strikes = rows.filter(pl.col("index").is_in(impossible)).drop("index")
    found = rows.join(
        strikes, on=["date", "root", "expiry", "strike"], how="semi", nulls_equal=True
    )
    return np.isin(np.arange(chain.height), found.collect()["index"].to_numpy())


def _impossible(columns: Columns, runs: Runs, spot: F8, rows: I8) -> I8:
    """Those of some rows whose exercise brings more than their price by half a spot."""
    run = np.searchsorted(runs.start, rows, side="right") - 1
    level, call = spot[runs.day[run]], runs.right[run] == 1
    worth = np.where(call, level - columns.strike[rows], columns.strike[rows] - level)
    price = np.where(np.isnan(columns.ask[rows]), columns.last[rows], columns.ask[rows])
    return rows[worth - price > _IMPOSSIBLE * level]


def _strikes(columns: Columns, runs: Runs, day: int) -> F8:
    """The strikes of a day."""
    mine = np.flatnonzero(runs.day == day)
    return np.unique(columns.strike[runs.start[mine[0]] : runs.start[mine[-1] + 1]])


def _scaled(before: F8, after: F8, ratio: float) -> float:
    """The share of the strikes before that stand after, divided by a ratio."""
    wanted = before / ratio
    near = np.searchsorted(after, wanted - _CENT)
    found = after[np.minimum(near, len(after) - 1)]
    return float((np.abs(found - wanted) <= _CENT).mean())
