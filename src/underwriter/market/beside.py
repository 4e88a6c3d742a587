"""What stands beside the quotes of a slab, and what an account's policies see of it.

`Beside` is the same for everyone and goes into the slab; a `Lens` is what the policies of one
account see of their names: which of them their screens admit, and which of them count together.
Both make new rows: those of a stored slab are shared.
"""

from typing import Any, NamedTuple, cast

import numpy as np

from underwriter.core.chain import Bar, Market, Session, Terms
from underwriter.core.record import F8, I4, I8, Rows
from underwriter.core.units import MICRO
from underwriter.market.features import MONTH
from underwriter.market.joined import Announced, Mask
from underwriter.market.joined import next_earnings as announced_next
from underwriter.market.quoting import Columns
from underwriter.market.slab import Slab

_REACH = 3 * MONTH + 2  # calendar days to expiry: no further one says anything of 30 days
_QUARTER = 90  # calendar days after its last announcement that a firm is due again


class Beside(NamedTuple):
    """What is known of each session and underlying beside the quotes; None: nobody asked."""

    iv30: F8 | None = None
    iv_percentile: F8 | None = None
    realised: F8 | None = None
    next_earnings: I8 | None = None
    slope: F8 | None = None  # a value a session


class Lens(NamedTuple):
    """What policies see: (sessions, underlyings), and one value an underlying."""

    admitted: I8  # a bit a policy
    cluster: I8
    sector: I8


def placed(slab: Slab, beside: Beside) -> Slab:
    """The slab with these columns in place of its own."""
    columns = {name: each for name, each in beside._asdict().items() if each is not None}
    slope = columns.pop("slope", None)
    market = slab.market
    if columns:
        bars: Rows[Bar] = _changed(market.bars, columns)
        market = market._replace(bars=bars)
    if slope is not None:
        sessions: Rows[Session] = _changed(market.sessions, {"slope": slope})
        market = market._replace(sessions=sessions)
    return slab._replace(market=market)


def through(market: Market, lens: Lens | None) -> Market:
    """The market as policies see it; without a lens the market itself."""
    if lens is None:
        return market
    bars: Rows[Bar] = _changed(market.bars, {"admitted": lens.admitted, "cluster": lens.cluster})
    terms: Rows[Terms] = _changed(market.terms, {"sector": lens.sector})
    return market._replace(bars=bars, terms=terms)


def _changed(table: Any, columns: dict[str, Any]) -> Any:  # noqa: ANN401  rows of any kind
    """A copy of rows with other values in some columns."""
    made = np.array(table).view(np.recarray)
    for name, values in columns.items():
        made[name] = values
    return made


def columns_of(slab: Slab, underlying: int, reach: float = _REACH) -> Columns:
    """What a slab quotes of one underlying up to `reach` days to expiry, in its order."""
    market, day = slab.market, np.asarray(slab.market.sessions)["day"].astype(np.int32)
    bars = cast("Any", np.asarray(market.bars))[:, underlying]
    count = bars["end"] - bars["puts"]
    first = np.cumsum(count) - count
    row = np.repeat(bars["puts"] - first, count) + np.arange(count.sum())
    right = (row >= np.repeat(bars["calls"], count)).astype(np.int8)
    on = np.repeat(day, count)
    quotes = np.asarray(market.quotes)
    near = quotes["expiry"][row] - on <= reach
    row, right, on = row[near], right[near], on[near]
    taken = quotes[row]
    strike, bid, ask = (taken[name] / MICRO for name in ("strike_u", "bid_u", "ask_u"))
    return Columns(
        on,
        taken["expiry"],
        right,
        strike,
        bid,
        ask,
        taken["delta"],
        taken["iv"],
        taken["forward"].astype(np.float64),
        taken["open_interest"],
    )


class Due(NamedTuple):
    """When a firm reports next, and whether nobody knows."""

    day: I8  # day numbers; 0 is none
    silent: Mask


def earnings_due(day: I4, announced: Announced | None) -> Due:
    """The next announcement as `avoid_earnings` reads it, a value a session.

    Where nobody said when a firm reports, or what was said begins over a quarter later or ended
    over a quarter ago, it may be today: that keeps every option out.
    """
    if announced is None or not len(announced.day):
        return Due(day.astype(np.int64), np.ones(len(day), np.bool_))
    told = announced_next(day, [announced])[:, 0]
    first, last = announced.day.min(), announced.day.max()
    silent = (day < first - _QUARTER) | (day > last + _QUARTER)
    return Due(np.where(silent, day, told), silent)


def together(group: I8, others: int) -> I8:
    """Groups with all that is in none as one of their own: what is not known may fall alike."""
    return np.where(group == 0, others, group)
