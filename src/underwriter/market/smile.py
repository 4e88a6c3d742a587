"""Three readings of each expiry's smile: at the forward, at the 25-delta put, at the 25-delta call.

Only options out of the money are read: their prices are mostly volatility, those in the money
mostly parity.  Each reading is linear between the nearest quotes on its two sides, in ln(strike /
forward) at the forward and in delta on the wings.  Where a side is missing, or the two stand too
far apart, the reading is NaN: nothing is extrapolated.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4, I8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.bracket import Bracket, between, bracket

WING = 0.25  # absolute delta of the two wing readings
_PUT, _CALL = 0, 1
_MOST_STRIKE_GAP = 0.10  # ln(strike / strike) between the quotes around the forward
_MOST_DELTA_GAP = 0.25  # between the quotes around the wing
_COLUMNS = ("session", "expiry", "right", "strike", "iv", "delta", "forward")


class Smiles(NamedTuple):
    """Implied volatilities of each session and expiry, annual fractions, in that order.

    `session` and `expiry` are day numbers; `years` is Act/365; NaN is a reading that is not there.
    """

    session: I4
    expiry: I4
    years: F8
    atm: F8
    put: F8
    call: F8


class _Points(NamedTuple):
    """Usable quotes of one right: the smile they belong to, and where they stand on it."""

    group: I8
    moneyness: F8
    delta: F8
    iv: F8


def smiles(quotes: pl.DataFrame) -> Smiles:
    """The readings of every (session, expiry) that `quotes` hold, sorted.

    Columns: session and expiry (day numbers), right (0 put, 1 call), strike and forward (the same
    unit), iv (annual fraction), delta (per share, puts negative).  A quote counts that lives beyond
    its session, is not in the money, and whose iv and delta are known and not zero.
    """
    cells = quotes.lazy().select("session", "expiry").unique().sort("session", "expiry")
    keys = cells.with_row_index("group").collect()
    usable = _usable(quotes, keys)
    puts, calls = (_points(usable.filter(right=right)) for right in (_PUT, _CALL))
    days = keys["expiry"].to_numpy() - keys["session"].to_numpy()
    return Smiles(
        session=keys["session"].cast(pl.Int32).to_numpy(),
        expiry=keys["expiry"].cast(pl.Int32).to_numpy(),
        years=days / DAYS_A_YEAR,
        atm=_at_forward(puts, calls, len(days)),
        put=_at_delta(puts, -WING, len(days)),
        call=_at_delta(calls, WING, len(days)),
    )


def _usable(quotes: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Quotes that may be read, each with its smile and its log-moneyness."""
    numbers = [pl.col(name).cast(pl.Float64) for name in ("strike", "iv", "delta", "forward")]
    moneyness = pl.col("strike").log() - pl.col("forward").log()
    positive = [pl.col(name).is_finite() & (pl.col(name) > 0.0) for name in ("strike", "forward")]
    out = pl.when(pl.col("right") == _PUT).then(moneyness <= 0.0).otherwise(moneyness >= 0.0)
    return (
        quotes.lazy()
        .select(_COLUMNS)
        .with_columns(numbers)
        .filter(pl.col("expiry") > pl.col("session"), pl.col("iv").is_finite(), pl.col("iv") > 0.0)
        .filter(pl.col("delta").is_finite(), pl.col("delta") != 0.0, *positive)
        .filter(out)
        .join(keys.lazy(), on=["session", "expiry"], how="left", maintain_order="left")
        .select("right", pl.col("group").cast(pl.Int64), moneyness.alias("at"), "delta", "iv")
        .collect()
    )


def _points(usable: pl.DataFrame) -> _Points:
    """Columns for the kernel."""
    return _Points(*(usable[name].to_numpy() for name in ("group", "at", "delta", "iv")))


def _at_forward(puts: _Points, calls: _Points, groups: int) -> F8:
    """The volatility at the forward, between the highest put and the lowest call."""
    low = bracket(puts.group, puts.moneyness, puts.iv, 0.0, groups)
    high = bracket(calls.group, calls.moneyness, calls.iv, 0.0, groups)
    around = Bracket(low.below, low.below_value, high.above, high.above_value)
    return _near(around, 0.0, _MOST_STRIKE_GAP)


def _at_delta(points: _Points, delta: float, groups: int) -> F8:
    """The volatility at a delta, between the nearest deltas of that right."""
    return _near(
        bracket(points.group, points.delta, points.iv, delta, groups), delta, _MOST_DELTA_GAP
    )


def _near(points: Bracket, target: float, most: float) -> F8:
    """The value at `target`; NaN where the points stand further apart than `most`."""
    return np.where(points.above - points.below <= most, between(points, target), np.nan)
