"""Forwards, volatilities and Greeks in bulk: a million and a half contracts, and whole chains.

python bench/greeks.py [FOLDER]     FOLDER holds the generated five-year chain (options.parquet,
underlying.parquet); without one a chain of the same size is made here, at Black's prices.
"""

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np
import polars as pl

from told import seconds, tell
from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.core.record import F8, I4
from underwriter.market.american import LONG, load_tables
from underwriter.market.greeks import greeks_of
from underwriter.market.implied import Contracts, implied_volatilities
from underwriter.market.parity import Quotes, forwards
from underwriter.market.series import Series, series_of, years_left
from underwriter.market.volatility import F4, Ground, volatilities

COUNT, AMERICAN = 1_500_000, 300_000
SESSIONS, EXPIRIES, STRIKES = 1_260, 15, 65  # twice that many quotes
RATE, PAID = 0.03, 0.013
TIMES = 9


class Chain(NamedTuple):
    """A chain in the order of the slab, with the source's volatility and the spot a session."""

    session: I4
    right: I4
    expiry: I4
    quotes: Quotes
    given: F4
    day: I4
    spot: F8


@kernel
def fill_prices(right: I4, forward: F8, strike: F8, v: F8, discount: F8, price: F8) -> None:
    """Black's price of every row."""
    for n in range(price.size):
        price[n] = black76(2 * right[n] - 1, forward[n], strike[n], v[n], discount[n])


def drawn(count: int, longest: int) -> Contracts:
    """Contracts on a spot of 100, a day to `longest` days, 5% to 100%, within two deviations."""
    rng = np.random.default_rng(1)
    years, vol = rng.integers(1, longest + 1, count) / 365, rng.uniform(0.05, 1.0, count)
    v, right = vol * np.sqrt(years), rng.integers(0, 2, count).astype(np.int32)
    forward, discount = 100.0 * np.exp((RATE - PAID) * years), np.exp(-RATE * years)
    strike, price = forward * np.exp(rng.uniform(-2.0, 2.0, count) * v), np.empty(count)
    fill_prices(right, forward, strike, v, discount, price)
    price = np.maximum(price, 100.0 * (2 * right - 1) * (1.0 - strike / 100.0) + 0.01)
    return Contracts(right, strike, price, np.full(count, 100.0), forward, discount, years)


def made() -> Chain:
    """Fifteen expiries a session, 65 strikes each, at 20% with quotes two cents wide or more."""
    session, right, expiry, step = (
        column.ravel().astype(np.int32)
        for column in np.meshgrid(
            np.arange(SESSIONS),
            [0, 1],
            7 * np.arange(1, EXPIRIES + 1),
            np.arange(STRIKES),
            indexing="ij",
        )
    )
    expiry += session
    day, spot = np.arange(SESSIONS, dtype=np.int32), 250.0 + 0.1 * np.arange(SESSIONS)
    years = (expiry - session) / 365.0
    forward, price = spot[session] * np.exp((RATE - PAID) * years), np.empty(len(session))
    strike = np.floor(spot[session] * 0.8) + 2.5 * step
    fill_prices(right, forward, strike, 0.2 * np.sqrt(years), np.exp(-RATE * years), price)
    half = np.maximum(0.01, 0.01 * price)
    quotes = Quotes(strike, np.maximum(np.round(price - half, 2), 0.0), np.round(price + half, 2))
    return Chain(session, right, expiry, quotes, np.full(len(price), 0.2, np.float32), day, spot)


def read(folder: Path) -> Chain:
    """The generated chain of a folder."""
    frame = pl.read_parquet(folder / "options.parquet").select(
        session=pl.col("date").cast(pl.Date).to_physical(),
        right=(pl.col("type") == "call").cast(pl.Int32),
        expiry=pl.col("expiration").cast(pl.Date).to_physical(),
        strike=pl.col("strike").cast(pl.Float64),
        bid=pl.col("bid").cast(pl.Float64),
        ask=pl.col("ask").cast(pl.Float64),
        given=pl.col("implied_volatility").cast(pl.Float32),
    )
    frame = frame.sort("session", "right", "expiry", "strike")
    session, right, expiry, *quotes, given = (frame[name].to_numpy() for name in frame.columns)
    bars = pl.read_parquet(folder / "underlying.parquet")
    day = bars["date"].cast(pl.Date).to_physical().to_numpy()
    return Chain(session, right, expiry, Quotes(*quotes), given, day, bars["close"].to_numpy())


def measure_contracts() -> None:
    """Contracts one by one: European, then American."""
    european, american, lasting = drawn(COUNT, 730), drawn(AMERICAN, 70), drawn(AMERICAN, 730)
    kept = Path(mkdtemp())
    tables, long = load_tables(kept), load_tables(kept, LONG)
    for what, budget, work in (
        (f"implied volatility and five Greeks, {COUNT:,} contracts", "1.0 s", greeks_of),
        (f"implied volatility alone, {COUNT:,} contracts", "none", implied_volatilities),
    ):
        work(european)
        tell(what, budget, seconds(lambda work=work: work(european), TIMES), "s")
    for what, work in (
        (f"American implied volatility and five Greeks, {AMERICAN:,} contracts", greeks_of),
        (f"American implied volatility alone, {AMERICAN:,} contracts", implied_volatilities),
    ):
        work(american, tables)
        tell(what, "20 s", seconds(lambda work=work: work(american, tables), TIMES), "s")
    what = f"American implied volatility and five Greeks, {AMERICAN:,} contracts to two years"
    tell(what, "20 s", seconds(lambda: greeks_of(lasting, long), TIMES), "s")


def measure_chain(chain: Chain) -> None:
    """A chain as the slab takes it: its series, forwards, volatilities and deltas."""
    rows = f"{len(chain.session):,} quotes"

    def of() -> Series:
        return series_of(chain.session, chain.right, chain.expiry)

    series = of()
    years = years_left(series)
    discount, spot = np.exp(-RATE * years), chain.spot[np.searchsorted(chain.day, series.session)]
    found = forwards(series, chain.quotes, discount)
    carried = spot * np.exp((RATE - PAID) * years)
    ground = Ground(spot, np.where(found.reason == 0, found.forward, carried), discount, years)
    tell(f"series of {rows}", "none", seconds(of, TIMES), "s")
    taken = seconds(lambda: forwards(series, chain.quotes, discount), TIMES)
    tell(f"forwards of {rows}, {len(years):,} series", "0.1 s", taken, "s")
    for what, budget, given in (
        ("the source's volatility tried first", "0.25 s", chain.given),
        ("all solved", "none", np.full_like(chain.given, np.nan)),
    ):
        volatilities(series, chain.quotes, given, ground)
        taken = seconds(
            lambda given=given: volatilities(series, chain.quotes, given, ground), TIMES
        )
        tell(f"volatility and delta of {rows}, {what}", budget, taken, "s")


def main() -> None:
    """Print the figures."""
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    measure_contracts()
    measure_chain(read(folders[0]) if folders else made())


if __name__ == "__main__":
    main()
