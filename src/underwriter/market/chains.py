"""Real quotes made ready for the slab: forwards from parity, then volatility and delta of each.

A chain without bids and asks has one price a quote, the last.  It is taken as the middle, and the
model's spread is put around it; its `Listing` says so.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I4, I8
from underwriter.core.units import MICRO
from underwriter.market.american import Tables
from underwriter.market.blame import FINE
from underwriter.market.cash_parity import Known, cash_forwards
from underwriter.market.cash_volatility import NO_DIVIDENDS, Paid, paid_of
from underwriter.market.history import Bars
from underwriter.market.instrument import Instrument
from underwriter.market.model import Terms, Width, bid_ask, terms_of, width_of
from underwriter.market.parity import (
    Forwards,
    Quotes,
    american_forwards,
    forwards,
)
from underwriter.market.series import FULL, Series, Short, series_of, spread_out, years_left
from underwriter.market.slab import NO_SPLITS, Listing, Origin, Splits
from underwriter.market.spots import Stood, stood_at
from underwriter.market.volatility import Ground, volatilities

_AS_HELD = ("session", "expiry", "right", "strike", "open_interest")


class Held(NamedTuple):
    """What is known of one root over some sessions, a price of the underlying on each.

    `chain` stands in slab order (session, right, expiry, strike): session and expiry as day
    numbers, right 0 for puts and 1 for calls, strike, bid, ask, last in dollars, null where there
    is none, the source's iv (null: none), open_interest (-1: not known).
    """

    instrument: Instrument
    chain: pl.DataFrame
    bars: Bars
    ex_day: I4
    dividend: F8
    splits: Splits = NO_SPLITS


class Sides(NamedTuple):
    """Room for bids and asks, dollars a share."""

    bid: F8
    ask: F8


def listing_of(held: Held, rate: F8, tables: Tables | None, short: Short = FULL) -> Listing:
    """The quotes of a root as the slab takes them; `rate` has a bill rate a session.

    `tables` price early exercise, and are None where there is none; `short` sessions close early.
    Around last prices stands the
    modelled spread.
    """
    chain = usable(held.chain)
    quotes = _quotes(chain)
    session, expiry, right = (chain[name].to_numpy() for name in ("session", "expiry", "right"))
    series = series_of(session, right, expiry)
    ground = ground_of(held, series, quotes, rate, tables, short)
    given = chain["iv"].to_numpy().astype(np.float32)  # null is NaN there
    smile = volatilities(series, quotes, given, ground, tables)
    bid, ask = _sides(held, chain, quotes)
    forward = ground.forward[spread_out(series, chain.height)]
    frame = pl.DataFrame(
        [
            *(chain[name] for name in _AS_HELD),
            pl.Series("bid", bid),
            pl.Series("ask", ask),
            pl.Series("delta", smile.delta),
            pl.Series("iv", smile.iv),
            pl.Series("forward", forward),
        ]
    )
    paid, origin = (held.ex_day, held.dividend), origin_of(chain)
    return Listing(held.instrument, held.bars, *paid, frame, origin, held.splits)


def usable(chain: pl.DataFrame) -> pl.DataFrame:
    """The rows with quotes; of a session that has none, those with last prices.

    A last price beside quotes is of another moment than they.
    """
    quoted = pl.col("ask").is_not_null()
    if not chain["ask"].null_count():
        return chain
    return chain.filter(quoted | ~quoted.any().over("session"))


def origin_of(chain: pl.DataFrame) -> Origin:
    """Whether the rows of a chain have bids and asks, last prices, or some the one, some the other.

    A chain without rows claims nothing, and counts as quoted.
    """
    absent = chain["ask"].null_count()
    if not absent:
        return "quoted"
    return "last" if absent == chain.height else "mixed"


def _quotes(chain: pl.DataFrame) -> Quotes:
    """Bids and asks; where there is none, the last price stands for both."""
    if not chain["ask"].null_count() and not chain["bid"].null_count():
        return Quotes(*(chain[name].to_numpy() for name in ("strike", "bid", "ask")))
    last = pl.when(pl.col("ask").is_null()).then("last")
    sides = chain.select(
        pl.coalesce(last, side).fill_null(float("nan")).alias(side) for side in ("bid", "ask")
    )
    return Quotes(chain["strike"].to_numpy(), sides["bid"].to_numpy(), sides["ask"].to_numpy())


def _sides(held: Held, chain: pl.DataFrame, quotes: Quotes) -> Sides:
    """Bids and asks as quoted; around a last price as the model has them."""
    if not chain["ask"].null_count():
        return Sides(quotes.bid, quotes.ask)
    absent = chain["ask"].is_null().to_numpy()
    spot = held.bars.close[np.searchsorted(held.bars.day, chain["session"].to_numpy())]
    inside = _inside(chain["right"].to_numpy(), quotes.strike, spot)
    terms, width = terms_of(held.instrument, 0, 0.0), width_of(held.instrument)  # ticks alone
    made = spread_around(quotes.bid, inside, spot, terms, width)
    return Sides(np.where(absent, made.bid, quotes.bid), np.where(absent, made.ask, quotes.ask))


def ground_of(
    held: Held,
    series: Series,
    quotes: Quotes,
    rate: F8,
    tables: Tables | None,
    short: Short = FULL,
) -> Ground:
    """What each series stands on; where parity is silent, the forward is the close carried.

    The dividends are those with an ex-date after the session, up to the expiry: see docs/greeks.md.
    """
    at = np.searchsorted(held.bars.day, series.session)
    close = held.bars.close[at]
    settlement = held.instrument.settlement
    years = years_left(series, settlement == "cash-am", short, settlement == "coin")
    discount: F8 = np.exp(-rate[at] * np.maximum(years, 0.0))
    known = Known(close, discount, years, paid_of(series, held.ex_day, held.dividend))
    stood, implied, paid = _implied(series, quotes, known, tables)
    carried = (stood.carried - _paid(held, series, rate[at])) / discount
    forward = np.where(implied.reason == FINE, implied.forward, carried)
    return Ground(stood.exercised, forward, discount, years, paid)


def _implied(
    series: Series, quotes: Quotes, known: Known, tables: Tables | None
) -> tuple[Stood, Forwards, Paid]:
    """Where the share stood, the forwards that puts and calls agree on, and their dividends."""
    first = forwards(series, quotes, known.discount)
    if tables is None:
        return Stood(known.spot, known.spot), first, NO_DIVIDENDS
    paying = known.paid.first < known.paid.end
    stood = stood_at(series, first, known.discount, known.years, known.spot, paying)
    implied = american_forwards(series, quotes, known.discount, stood.exercised, tables)
    return stood, *cash_forwards(series, quotes, known, tables, implied)


def _paid(held: Held, series: Series, rate: F8) -> F8:
    """The present value of the known dividends that go ex after each session, up to the expiry."""
    first, end = (
        np.searchsorted(held.ex_day, day, "right") for day in (series.session, series.expiry)
    )
    count = np.maximum(end - first, 0)
    of = np.repeat(np.arange(len(first)), count)  # a row for each dividend in each life
    which = np.arange(len(of)) - np.repeat(np.cumsum(count) - count - first, count)
    ahead = held.ex_day[which] - series.session[of]
    worth = held.dividend[which] * np.exp(-rate[of] * ahead / 365.0)
    present: F8 = np.bincount(of, worth, len(first)).astype(np.float64)
    return present


def _inside(right: I8, strike: F8, spot: F8) -> F8:
    """How far each quote is in the money, dollars a share."""
    return np.maximum(np.where(right == 1, spot - strike, strike - spot), 0.0)


@kernel
def fill_sides(price: F8, inside: F8, spot: F8, terms: Terms, width: Width, to: Sides) -> None:
    """Write the modelled bid and ask around each price."""
    for n in range(price.size):
        bid_u, ask_u = bid_ask(price[n], inside[n], spot[n], terms, width)
        to.bid[n], to.ask[n] = bid_u / MICRO, ask_u / MICRO


def spread_around(price: F8, inside: F8, spot: F8, terms: Terms, width: Width) -> Sides:
    """Modelled bids and asks around prices, on tick."""
    sides = Sides(np.empty(len(price)), np.empty(len(price)))
    fill_sides(price, inside, spot, terms, width, sides)
    return sides
