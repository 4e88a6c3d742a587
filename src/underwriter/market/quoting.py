"""Columns of quotes to the rows of a chain: checked, packed and put in their place, in one pass.

The columns stand in slab order (session, right, expiry, strike).  `write_quotes` returns the first
row that cannot be, and why, as a code; who calls it says so in words.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.chain import NO_ROW, Quote
from underwriter.core.contract import MIL_U, pack
from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8, Rows
from underwriter.core.units import to_u

FINE, PRICE, TICK, STRIKE, DOUBLED, DAY = range(6)  # what is wrong with a row


class Columns(NamedTuple):
    """Quotes in slab order, a value each; prices in dollars."""

    session: I4  # day number
    expiry: I4
    right: npt.NDArray[np.int8]
    strike: F8
    bid: F8
    ask: F8
    delta: npt.NDArray[np.float32]
    iv: npt.NDArray[np.float32]
    forward: F8
    open_interest: I4


class Place(NamedTuple):
    """Where the quotes of one underlying go."""

    day: I4  # of the sessions
    starts: I8  # (sessions, underlyings, 2) flat: the row at which each block begins
    underlying: int
    underlyings: int
    tick_small_u: int
    tick_large_u: int
    tick_threshold_u: int


@kernel
def off_tick(price_u: int, small_u: int, large_u: int, threshold_u: int) -> bool:
    """Whether a price is no whole number of legal ticks."""
    return price_u % (small_u if price_u < threshold_u else large_u) != 0


@kernel
def priced(price: float) -> bool:
    """Whether a price can be: a number, zero or more."""
    return math.isfinite(price) and price >= 0.0


@kernel
def write_quotes(quotes: Rows[Quote], columns: Columns, place: Place) -> tuple[int, int]:
    """Write the rows of one underlying; return FINE and how many, or what is wrong and where."""
    session, blocks, block, shift, last = 0, 2 * place.underlyings, -1, 0, 0
    small_u, large_u, threshold_u = (
        place.tick_small_u,
        place.tick_large_u,
        place.tick_threshold_u,
    )
    for n in range(columns.session.size):
        while session < place.day.size and place.day[session] < columns.session[n]:
            session += 1
        if session == place.day.size or place.day[session] != columns.session[n]:
            return DAY, n
        strike, bid, ask = columns.strike[n], columns.bid[n], columns.ask[n]
        if not (priced(strike) and priced(bid) and priced(ask)):
            return PRICE, n
        strike_u, bid_u, ask_u = to_u(strike), to_u(bid), to_u(ask)
        if off_tick(bid_u, small_u, large_u, threshold_u) or off_tick(
            ask_u, small_u, large_u, threshold_u
        ):
            return TICK, n
        if strike_u % MIL_U != 0:
            return STRIKE, n
        right = int(columns.right[n])
        contract = pack(place.underlying + 1, int(columns.expiry[n]), right, strike_u)
        here = session * blocks + 2 * place.underlying + right
        if here != block:
            block, shift = here, place.starts[here] - n
        elif contract == last:
            return DOUBLED, n
        last = contract
        row = quotes[n + shift]
        row.contract = contract
        row.strike_u, row.bid_u, row.ask_u = strike_u, bid_u, ask_u
        row.session, row.expiry = session, columns.expiry[n]
        row.delta, row.iv, row.forward = columns.delta[n], columns.iv[n], columns.forward[n]
        row.open_interest = columns.open_interest[n]
    return FINE, columns.session.size


@kernel
def link(quotes: Rows[Quote], starts: I8, blocks: int) -> None:
    """Point each quote to its contract's row on the next session, or to NO_ROW.

    Two blocks of the same underlying and right, a session apart, are both sorted: one walk.
    """
    for block in range(starts.size - 1):
        lo, end = starts[block], starts[block + 1]
        after = block + blocks
        here, stop = (starts[after], starts[after + 1]) if after < starts.size - 1 else (0, 0)
        for row in range(lo, end):
            contract = quotes[row].contract
            while here < stop and quotes[here].contract < contract:
                here += 1
            found = here < stop and quotes[here].contract == contract
            quotes[row].next = here if found else NO_ROW
