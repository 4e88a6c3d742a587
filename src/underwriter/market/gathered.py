"""Chains of many roots made ready for the slab in one go.

Five hundred of a session, each by itself, are half a million small steps of Python.  Here each
root's days are moved to an era of its own, STRIDE days after that of the root before, and the one
long chain goes through `chains.listing_of` as any other.  Nothing there compares the days of two
sessions, so that each listing comes out as it does alone, to the last bit.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4, I8
from underwriter.market.american import Tables
from underwriter.market.chains import Held, listing_of, origin_of, usable
from underwriter.market.history import Bars
from underwriter.market.instrument import Instrument
from underwriter.market.series import FULL, Short
from underwriter.market.slab import Listing

STRIDE = 1 << 17  # days from one era to the next: all days before the year 2328 have room
_ERAS = 1 << 13  # roots of a chain, so that its last day is a day number of 32 bits


def listings_of(
    roots: Sequence[Held], rate: F8, tables: Tables | None, short: Short = FULL
) -> list[Listing]:
    """What `listing_of` makes of each root; all stand on the same sessions, a `rate` for each.

    `tables` price the early exercise of those that are American.
    """
    found: dict[int, Listing] = {}
    for alike in _groups(roots):
        of = tables if roots[alike[0]].instrument.style == "american" else None
        if len(alike) == 1:
            made = [listing_of(roots[alike[0]], rate, of, short)]
        else:
            made = _together([roots[at] for at in alike], rate, of, short)
        found.update(zip(alike, made, strict=True))
    return [found[at] for at in range(len(roots))]


def _groups(roots: Sequence[Held]) -> list[list[int]]:
    """Which roots go together: those of the same terms; alone what has days beyond an era."""
    found: dict[Instrument | int, list[int]] = {}
    for at, held in enumerate(roots):
        terms = replace(held.instrument, symbol="", root="")
        found.setdefault(terms if _last_day(held) < STRIDE else at, []).append(at)
    return [
        each[first : first + _ERAS]
        for each in found.values()
        for first in range(0, len(each), _ERAS)
    ]


def _last_day(held: Held) -> int:
    """The last day that is named of a root."""
    expiry = held.chain["expiry"].max()
    ahead = max(held.ex_day, default=0)
    return max(int(str(expiry or 0)), int(ahead), int(held.bars.day[-1]))


def _together(
    roots: Sequence[Held], rate: F8, tables: Tables | None, short: Short
) -> list[Listing]:
    """The listings of roots of the same terms."""
    one = listing_of(
        _one(roots), np.tile(rate, len(roots)), tables, _eras_of_short(short, len(roots))
    )
    era = one.quotes["session"].to_numpy() // STRIDE
    there = one.quotes.with_columns(
        session=one.quotes["session"] % STRIDE, expiry=one.quotes["expiry"] % STRIDE
    )
    ends = np.searchsorted(era, np.arange(len(roots) + 1)).tolist()
    return [
        Listing(
            held.instrument,
            held.bars,
            held.ex_day,
            held.dividend,
            there[first:end],
            origin_of(usable(held.chain)),
            held.splits,
        )
        for held, (first, end) in zip(roots, pairwise(ends), strict=True)
    ]


def _one(roots: Sequence[Held]) -> Held:
    """All roots as one, each in its era."""
    chain = pl.concat([held.chain for held in roots])
    era = np.repeat(_eras(len(roots)), [held.chain.height for held in roots])
    moved = chain.with_columns(
        (pl.col(name) + pl.Series("era", era)).cast(pl.Int32) for name in ("session", "expiry")
    )
    days = _moved([held.bars.day for held in roots])
    close = np.concatenate([held.bars.close for held in roots])
    unknown = np.full(len(days), np.nan)
    return Held(
        roots[0].instrument,
        moved,
        Bars(days, unknown, unknown, unknown, close, 0),
        _moved([held.ex_day for held in roots]),
        np.concatenate([held.dividend for held in roots]),
    )


def _eras(count: int) -> I8:
    """The day on which each era begins."""
    return np.arange(count, dtype=np.int64) * STRIDE


def _moved(days: Sequence[I4]) -> I4:
    """Days of each root, moved to its era."""
    era = np.repeat(_eras(len(days)), [len(each) for each in days])
    return (np.concatenate(days) + era).astype(np.int32)


def _eras_of_short(short: Short, count: int) -> Short:
    """The sessions that close early, in every era."""
    return Short(_moved([short.day] * count), np.tile(short.by, count))
