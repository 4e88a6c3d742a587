"""The chain model against real quotes: which days were fitted, which judge, and the errors.

Used by bench/calibrate.py, which fits it and prints docs/model.md's tables, and by the tests.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from market import real_quotes
from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.market.model import SHARE_WIDTH, WIDTH, Width, half_width
from underwriter.market.surface import SURFACE, Surface, atm_vol, shape_of, smile

Column = NDArray[np.float64]

FITTED_TO = {"SPX": date(2026, 4, 30), "SPY": date(2026, 6, 30), "AAPL 2014": date(2014, 6, 6)}
SHORTEST, LONGEST_SPX = 2, 13  # days: SPY's own last prices serve from SPY_FROM on
SPY_FROM = 7
LEAST_DELTA = 0.002
POINTS = 100.0  # volatility points in one


class First(NamedTuple):
    """The surface that was shipped before this one."""

    atm: float = 0.84
    reversion: float = 4.0
    mean: float = 0.20
    slope: float = 0.18
    curve: float = 0.07
    wing: float = 3.0


class FirstWidth(NamedTuple):
    """The spread that was shipped before: assumed, not fitted."""

    ticks: float = 1.0
    price: float = 0.004
    inside: float = 0.003
    term: float = 0.5


def fitted() -> pl.Expr:
    """Whether a day is among those the model was fitted on."""
    ends = [pl.col("source") == source for source in FITTED_TO]
    return pl.any_horizontal(
        [one & (pl.col("date") <= end) for one, end in zip(ends, FITTED_TO.values(), strict=True)]
    )


def index_smiles(shared: Path) -> pl.DataFrame:
    """Quotes of SPX and SPY that the surface is fitted and judged on, with `fitted`."""
    quotes = real_quotes.smiles(shared, "SPX", "SPY")
    long_enough = pl.when(pl.col("source") == "SPY").then(SPY_FROM).otherwise(SHORTEST)
    return quotes.filter(
        pl.col("dte") >= long_enough, pl.col("delta").abs() >= LEAST_DELTA
    ).with_columns(fitted=fitted())


def spreads(shared: Path, source: str) -> pl.DataFrame:
    """Quotes with a real bid and ask: `wide` between them, `inside` the money, `tick`, `fitted`."""
    quotes = real_quotes.quotes(shared, source)
    sign = pl.when(pl.col("right") == 1).then(1.0).otherwise(-1.0)
    nickels = pl.when(pl.col("mid") < 3.0).then(0.05).otherwise(0.10)
    return quotes.with_columns(
        wide=pl.col("ask") - pl.col("bid"),
        inside=(sign * (pl.col("spot") - pl.col("strike"))).clip(0.0),
        tick=nickels if source == "SPX" else pl.lit(0.01),
        fitted=fitted(),
    ).filter(pl.col("wide") > 0.0, pl.col("mid") >= 2.0 * pl.col("tick"))


@kernel
def fill_levels(index: Column, years: Column, surface: Surface, to: Column) -> None:
    """Write the modelled volatility at the forward of each."""
    for n in range(to.size):
        to[n] = atm_vol(index[n], years[n], surface)


@kernel
def fill_ratios(z: Column, years: Column, surface: Surface, to: Column) -> None:
    """Write the modelled volatility over that at the forward of each."""
    for n in range(to.size):
        tilt, turn = shape_of(years[n], surface)
        to[n] = smile(z[n], tilt, turn, surface)


@kernel
def fill_prices(strike: Column, forward: Column, deviation: Column, to: Column) -> None:
    """Write the undiscounted price of the option out of the money at each strike."""
    for n in range(to.size):
        sign = 1 if strike[n] >= forward[n] else -1
        to[n] = black76(sign, forward[n], strike[n], deviation[n], 1.0)


@kernel
def fill_widths(
    mid: Column, inside: Column, spot: Column, tick: Column, width: Width, to: Column
) -> None:
    """Write the modelled spread of each, with the tick that rounding outward adds on average."""
    for n in range(to.size):
        to[n] = 2.0 * half_width(mid[n], inside[n], spot[n], tick[n], width) + tick[n]


def levels(quotes: pl.DataFrame, surface: Surface = SURFACE) -> Column:
    """The modelled volatility at the forward of each row (columns index and years)."""
    found = np.empty(quotes.height)
    fill_levels(*columns(quotes, "index", "years"), surface, found)
    return found


def ratios(quotes: pl.DataFrame, surface: Surface = SURFACE) -> Column:
    """The modelled volatility over that at the forward of each row (columns z and years)."""
    found = np.empty(quotes.height)
    fill_ratios(*columns(quotes, "z", "years"), surface, found)
    return found


def whole(quotes: pl.DataFrame, surface: Surface = SURFACE) -> Column:
    """The modelled volatility of each row from the index alone."""
    level = levels(quotes, surface)
    own = pl.Series(level)
    return level * ratios(quotes.with_columns(z=pl.col("z") * pl.col("atm") / own), surface)


def widths(quotes: pl.DataFrame, width: Width) -> Column:
    """The modelled spread of each row of `spreads`."""
    found = np.empty(quotes.height)
    fill_widths(*columns(quotes, "mid", "inside", "spot", "tick"), width, found)
    return found


def width_for(source: str) -> Width:
    """The set of a source."""
    return WIDTH if source == "SPX" else SHARE_WIDTH


def columns(quotes: pl.DataFrame, *names: str) -> list[Column]:
    """Some columns as float64."""
    return [quotes[name].to_numpy().astype(np.float64) for name in names]


def prices(quotes: pl.DataFrame, volatility: Column) -> Column:
    """The undiscounted price of each row at a volatility."""
    strike, forward, years = columns(quotes, "strike", "forward", "years")
    found = np.empty(quotes.height)
    fill_prices(strike, forward, volatility * np.sqrt(years), found)
    return found


def first_levels(quotes: pl.DataFrame, was: First = First()) -> Column:  # noqa: B008  immutable
    """What the surface before said of the volatility at the forward."""
    index, years = columns(quotes, "index", "years")
    month = 30.0 / 365.0

    def averaged(term: Column | float) -> Column:
        return (1.0 - np.exp(-was.reversion * term)) / (was.reversion * np.asarray(term))

    left = averaged(years) / averaged(month)
    ratio = np.sqrt(np.maximum(was.mean**2 * (1.0 - left) + index**2 * left, 0.0)) / index
    return was.atm * index * np.clip(ratio, 0.6, 1.5)


def first_ratios(quotes: pl.DataFrame, was: First = First()) -> Column:  # noqa: B008  immutable
    """What the surface before said of the volatility over that at the forward."""
    bent = was.wing * np.tanh(quotes["z"].to_numpy() / was.wing)
    return 1.0 - was.slope * bent + was.curve * bent * bent


def first_widths(quotes: pl.DataFrame, was: FirstWidth = FirstWidth()) -> Column:  # noqa: B008
    """What was assumed of the spread before."""
    mid, inside, tick, dte = columns(quotes, "mid", "inside", "tick", "dte")
    wide = was.ticks * tick + was.price * mid + was.inside * inside
    return wide * (1.0 + was.term * dte / 70.0) + tick
