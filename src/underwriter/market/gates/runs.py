"""A chain cut into runs: stretches of rows of one day, root, right and expiry.

Most of what a gate asks is the same for a whole run, of which there are a few dozen a day where
there are thousands of rows; strings stay out of comparisons.
"""

import math
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_UNSAID = -1  # of a count


class Columns(NamedTuple):
    """What differs within a run, a value each row; NaN and -1 where the source does not say."""

    strike: F8
    bid: F8
    ask: F8
    last: F8
    volume: I4
    open_interest: I4


class Said(NamedTuple):
    """What one row says of its contract."""

    bid: float
    ask: float
    last: float
    volume: int
    open_interest: int


class Runs(NamedTuple):
    """The runs of a chain in its order, a value each; `start` has one more, the chain's height."""

    start: I8
    date: I4  # day number
    day: I8  # place of the date among the days
    root: I8  # place of the root among `roots`
    right: I8  # 0 put, 1 call
    expiry: I4  # day number
    days: I4  # the days themselves, ascending
    roots: tuple[str | None, ...]

    def to_rows(self, values: Codes) -> Codes:
        """A value each run as a value each row."""
        return np.repeat(values, np.diff(self.start))

    def by_root(self, values: list[bool]) -> Mask:
        """A truth each root as a truth each run."""
        return np.array(values, np.bool_)[self.root]


def columns_of(chain: pl.DataFrame) -> Columns:
    """The columns of a chain as kernels take them."""
    prices = (chain[name].to_numpy() for name in ("strike", "bid", "ask", "last"))
    counts = (chain[name].fill_null(_UNSAID).to_numpy() for name in ("volume", "open_interest"))
    return Columns(*prices, *counts)


def runs_of(chain: pl.DataFrame) -> Runs:
    """The runs of a chain that is sorted by date, root, right, expiry and strike."""
    root, roots = _roots(chain["root"])
    date, expiry = (chain[name].to_physical().to_numpy() for name in ("date", "expiry"))
    right = chain["right"].to_physical().to_numpy()
    change = np.ones(chain.height, np.bool_)
    change[1:] = (date[1:] != date[:-1]) | (expiry[1:] != expiry[:-1])
    change[1:] |= (right[1:] != right[:-1]) | (root[1:] != root[:-1])
    first = np.flatnonzero(change)
    days, day = np.unique(date[first], return_inverse=True)
    return Runs(
        np.append(first, chain.height),
        date[first],
        day,
        root[first].astype(np.int64),
        right[first].astype(np.int64),
        expiry[first],
        days,
        roots,
    )


@kernel
def same(one: Said, other: Said) -> bool:
    """Whether two rows say the same."""
    return (
        alike(one.bid, other.bid)
        and alike(one.ask, other.ask)
        and alike(one.last, other.last)
        and one.volume == other.volume
        and one.open_interest == other.open_interest
    )


@kernel
def alike(one: float, other: float) -> bool:
    """Whether two prices are the same, or both not said."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _roots(column: pl.Series) -> tuple[NDArray[np.generic], tuple[str | None, ...]]:
    """Each row's root as a place in the roots, null first: the order in which rows are sorted."""
    if column.null_count() == len(column):
        return np.zeros(len(column), np.uint8), (None,)
    if not column.null_count() and bool((column == column[0]).all()):
        return np.ones(len(column), np.uint8), (None, str(column[0]))
    names = column.drop_nulls().unique().sort().to_list()
    places = column.cast(pl.Enum(names)).to_physical().cast(pl.Int64) + 1
    return places.fill_null(0).to_numpy(), (None, *names)
