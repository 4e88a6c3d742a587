"""Sessions of which no chain was ever collected: their options at the volatility of before.

A row that is carried has neither bid nor ask, so that nothing is traded on it.  Its volatility is
that of the last session that had one, its forward moves with the underlying: by these two
`core.marking` prices what is held.  Nothing of it is a price that anybody gave, which the slab's
`origins` say.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import numpy as np

from underwriter.core.chain import NO_ROW, Bar, Quote
from underwriter.core.record import Rows
from underwriter.market.slab import Origin, Slab


class _Block(NamedTuple):
    """The rows of one underlying, and how many of them are puts."""

    rows: Any
    puts: int


def unquoted(slab: Slab) -> list[int]:
    """The underlyings of which the one session of a slab has no rows."""
    bars = slab.market.bars
    return [at for at in range(len(slab.instruments)) if bars[0, at].puts == bars[0, at].end]


def carried(slab: Slab, before: Iterable[Slab]) -> Slab:
    """One session, its underlyings without rows at the volatilities of a session `before`.

    `before` has sessions of the same underlyings, the latest first.
    """
    missing = unquoted(slab)
    if not missing:
        return slab
    blocks = {at: _block(slab, at) for at in range(len(slab.instruments))}
    unseen = set(missing)
    for earlier in before:
        for at in unseen - set(unquoted(earlier)):
            blocks[at] = _moved(earlier, slab, at)
        unseen &= set(unquoted(earlier))
        if not unseen:
            break
    origins: list[Origin] = [
        "carried" if at in missing else each for at, each in enumerate(slab.origins)
    ]
    return _joined(slab, [*blocks.values()])._replace(origins=tuple(origins))


def _block(slab: Slab, at: int) -> _Block:
    """The rows of an underlying as they stand."""
    bar = slab.market.bars[0, at]
    rows = np.asarray(slab.market.quotes)[int(bar.puts) : int(bar.end)]
    return _Block(rows, int(bar.calls) - int(bar.puts))


def _moved(earlier: Slab, slab: Slab, at: int) -> _Block:
    """The rows of an earlier session that have not ended, moved to the close of this one."""
    was, now = earlier.market.bars[0, at], slab.market.bars[0, at]
    rows, puts = _block(earlier, at)
    left = rows["expiry"] >= slab.market.sessions[0].day
    moved = rows[left].copy()
    moved["bid_u"] = moved["ask_u"] = 0
    moved["session"], moved["next"] = 0, NO_ROW
    moved["delta"], moved["open_interest"] = np.nan, -1
    moved["forward"] *= np.float32(int(now.close_u) / int(was.close_u))
    return _Block(moved, int(left[:puts].sum()))


def _joined(slab: Slab, blocks: list[_Block]) -> Slab:
    """A session with these rows, an underlying's after another's."""
    bars: Any = np.array(slab.market.bars).view(np.recarray)
    first = 0
    for at, (rows, puts) in enumerate(blocks):
        bar = bars[0, at]
        bar.puts, bar.calls, bar.end = first, first + puts, first + len(rows)
        first += len(rows)
    quotes = np.concatenate([each.rows for each in blocks]).view(np.recarray)
    market = slab.market._replace(quotes=cast("Rows[Quote]", quotes), bars=cast("Rows[Bar]", bars))
    return slab._replace(market=market)
