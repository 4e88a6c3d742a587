"""One session of a slab as a slab of its own: what a live decision sees, cut out of a history."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from underwriter.core.chain import NO_ROW
from underwriter.market.slab import Slab


def last_session(slab: Slab) -> Slab:
    """The last session of a slab, its rows counted anew."""
    return session_of(slab, slab.market.sessions.shape[0] - 1)


def session_of(slab: Slab, row: int) -> Slab:
    """One session of a slab, its rows counted anew."""
    market = slab.market
    sessions, bars = (_rows(table)[row : row + 1] for table in (market.sessions, market.bars))
    sessions, bars = _copied(sessions), _copied(bars)
    first, end = int(bars["puts"][0, 0]), int(bars["end"][0, -1])
    quotes = _copied(_rows(market.quotes)[first:end])
    for name in ("puts", "calls", "end"):
        bars[name] -= first
    quotes["session"], quotes["next"] = 0, NO_ROW
    cut: Any = market._replace(quotes=quotes, sessions=sessions, bars=bars)
    return slab._replace(market=cut)


def _copied(table: npt.NDArray[np.void]) -> Any:  # noqa: ANN401  rows of any record
    """Rows of their own, with attributes."""
    return table.copy().view(np.recarray)


def _rows(table: Any) -> npt.NDArray[np.void]:  # noqa: ANN401  rows of any record
    """Rows as numpy indexes them."""
    return cast("npt.NDArray[np.void]", table)
