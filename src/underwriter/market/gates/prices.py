"""Quotes that cannot be, each by itself: not there, one-sided, crossed, off the tick."""

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.kernel import kernel
from underwriter.core.record import I8
from underwriter.core.units import to_u
from underwriter.market.gates import codes
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs
from underwriter.market.instrument import Instrument
from underwriter.market.quoting import off_tick


class Steps(NamedTuple):
    """Legal price steps, a value each run, in millionths: small below the threshold, else large."""

    small_u: I8
    large_u: I8
    threshold_u: I8


def steps_of(runs: Runs, terms: list[Instrument]) -> Steps:
    """The legal price steps of each run, by the terms of each root; premiums in coin have any."""
    table = np.array([_steps(one) for one in terms], np.int64)
    return Steps(*table[runs.root].T.copy())


def _steps(one: Instrument) -> tuple[int, int, int]:
    """Small step, large step and threshold of an instrument, in millionths."""
    if one.settlement == "coin":
        return 1, 1, 0
    return to_u(one.ticks.small), to_u(one.ticks.large), to_u(one.ticks.threshold)


def nonsense(chain: pl.DataFrame) -> Mask:
    """Which rows have a strike that is not above zero, or a price that is negative or no number.

    The last trade counts only where it is the one price that the row has.
    """
    prices = [(pl.col(name) < 0.0) | ~pl.col(name).is_finite() for name in ("bid", "ask")]
    only = pl.col("bid").is_null() & pl.col("ask").is_null()
    last = only & ((pl.col("last") < 0.0) | ~pl.col("last").is_finite())
    strike = (pl.col("strike") <= 0.0) | ~pl.col("strike").is_finite()
    found = pl.any_horizontal(*prices, last, strike).fill_null(value=False)
    return chain.select(found).to_series().to_numpy()


@kernel
def mark_prices(columns: Columns, start: I8, steps: Steps, code: Codes) -> None:
    """Mark the rows whose prices cannot be, of those without fault."""
    for run in range(start.size - 1):
        tick = steps.small_u[run], steps.large_u[run], steps.threshold_u[run]
        for row in range(start[run], start[run + 1]):
            if code[row] == codes.FINE:
                code[row] = quote_code(columns.bid[row], columns.ask[row], columns.last[row], *tick)


@kernel
def quote_code(
    bid: float, ask: float, last: float, small_u: int, large_u: int, threshold_u: int
) -> int:
    """What is wrong with one quote; NaN is not said, and a row with neither side has its last."""
    if math.isnan(bid) and math.isnan(ask):
        return codes.FINE if last > 0.0 else codes.NO_QUOTE
    if not ask > 0.0:
        return codes.NO_ASK if bid > 0.0 else codes.NO_QUOTE
    if bid > ask:
        return codes.CROSSED
    for price in (bid, ask):
        if price > 0.0 and off_tick(to_u(price), small_u, large_u, threshold_u):
            return codes.OFF_TICK
    return codes.FINE
