"""The same quotes with other spreads: how a run would have gone had bid and ask stood elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from underwriter.core.chain import Quote, Terms, tick_of
from underwriter.core.contract import root_of
from underwriter.core.kernel import kernel
from underwriter.core.record import I8, Rows
from underwriter.core.units import round_u, tick_down, tick_up
from underwriter.market.slab import Slab


@contextmanager
def widened(slab: Slab, times: float) -> Iterator[None]:
    """While this lasts, every quote of a slab, real or modelled, is `times` as wide.

    Volatilities and deltas stay: they are of the middle.  The rows are changed where they stand and
    put back at the end, since the pages of a copy alone took 0.3 s of the demo's 1.6 million.
    """
    market = slab.market
    told = np.empty((market.quotes.shape[0], 2), np.int64)
    rescale(market.quotes, market.terms, times, told)
    try:
        yield
    finally:
        put_back(market.quotes, told)


@kernel
def rescale(quotes: Rows[Quote], terms: Rows[Terms], times: float, told: I8) -> None:
    """Write the bid and ask of every quote, `times` as far apart; `told` keeps what they were."""
    for row in range(told.shape[0]):
        quote = quotes[row]
        of = terms[root_of(quote.contract) - 1]
        told[row, 0], told[row, 1] = quote.bid_u, quote.ask_u
        quote.bid_u, quote.ask_u = rescaled(quote.bid_u, quote.ask_u, of, times)


@kernel
def put_back(quotes: Rows[Quote], told: I8) -> None:
    """Write the bid and ask of every quote as `rescale` found them."""
    for row in range(told.shape[0]):
        quotes[row].bid_u, quotes[row].ask_u = told[row, 0], told[row, 1]


@kernel
def rescaled(bid_u: int, ask_u: int, terms: Terms, times: float) -> tuple[int, int]:
    """Bid and ask about their middle, `times` as far apart, in millionths.

    Each goes to the nearest tick, a tie outward: what stood a tick apart stays so, and bid stays
    below ask.  A bid is never below zero, and where there was none there is none; a quote without a
    spread (locked, or crossed) stays as it is.
    """
    if ask_u <= bid_u:
        return bid_u, ask_u
    middle, half = 0.5 * (bid_u + ask_u), 0.5 * times * (ask_u - bid_u)
    low_u, high_u = max(round_u(middle - half), 0), round_u(middle + half)
    low_tick, high_tick = tick_of(terms, low_u), tick_of(terms, high_u)
    lower_u = tick_up(low_u - low_tick // 2, low_tick) if bid_u > 0 else 0
    return lower_u, tick_down(high_u + high_tick // 2, high_tick)
