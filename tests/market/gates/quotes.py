"""Small chains of European options, priced by Black's formula of 1976, for the gates to judge."""

import math
import os
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.gates.ground import Ground
from underwriter.market.instrument import Instrument
from underwriter.market.quality import judge
from underwriter.market.schema import conform

ORDER = ["date", "root", "right", "expiry", "strike"]
RATE, VOLATILITY = 0.03, 0.2
STRIKES = tuple(range(80, 121, 2))
MONDAY, TUESDAY, WEDNESDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
FRIDAY, WEEK_AFTER = date(2025, 3, 7), date(2025, 3, 14)
TERMS = {"SYN": Instrument("SYN", "SYN", "european", "cash-pm")}


@cache
def nyse() -> Calendar:
    """The sessions of the New York Stock Exchange."""
    return load_calendar("XNYS", Path(os.environ["UNDERWRITER_HOME"]))


@cache
def always() -> Calendar:
    """The days of a venue that never closes."""
    return load_calendar("24/7", Path(os.environ["UNDERWRITER_HOME"]))


def ground(**known: object) -> Ground:
    """The ground for options on SYN: European, settled at the close, New York's sessions."""
    return Ground(**{"calendar": nyse(), "instruments": TERMS, "rate": RATE, **known})  # type: ignore[arg-type]


def black(sign: int, forward: float, strike: float, years: float) -> float:
    """The price of a call (1) or put (-1) by Black (1976), discounted."""
    if years <= 0.0:
        return max(sign * (forward - strike), 0.0)
    deviation = VOLATILITY * math.sqrt(years)
    up = math.log(forward / strike) / deviation + deviation / 2.0
    n1, n2 = (0.5 * math.erfc(-sign * x / math.sqrt(2.0)) for x in (up, up - deviation))
    return math.exp(-RATE * years) * sign * (forward * n1 - strike * n2)


def quotes(
    days: Iterable[date],
    expiries: Iterable[date] = (FRIDAY, WEEK_AFTER),
    spots: Iterable[float] = (100.0, 101.0, 99.5, 100.5, 102.0),
    *,
    underlying: str = "SYN",
    strikes: Iterable[float] = STRIKES,
) -> pl.DataFrame:
    """A chain with quotes five cents on each side of the price; spot and counts move each day."""
    rows = [
        {"underlying": underlying, "expiry": expiry, "right": right, "strike": float(strike)}
        | _quote(1 if right == "C" else -1, float(strike), spot, (expiry - day).days)
        | {"date": day, "volume": 10 + n + int(strike) % 7, "open_interest": 100 + 3 * n}
        for n, (day, spot) in enumerate(zip(days, spots, strict=False))
        for right in "PC"
        for expiry in expiries
        for strike in strikes
    ]
    frame = conform("chain", pl.DataFrame(rows))
    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("line")).sort(ORDER)


def _quote(sign: int, strike: float, spot: float, days: int) -> dict[str, float]:
    """What is quoted of one option, in cents."""
    years = days / 365.0
    price = round(black(sign, spot * math.exp(RATE * years), strike, years), 2)
    bid, ask = round(max(price - 0.05, 0.01), 2), round(price + 0.06, 2)
    return {"bid": bid, "ask": ask, "last": max(price, 0.01), "spot": spot}


def last_prices(frame: pl.DataFrame) -> pl.DataFrame:
    """The same chain from a source that has last prices only."""
    none = pl.lit(None, pl.Float64())
    return frame.with_columns(none.alias("bid"), none.alias("ask"))


def with_row(frame: pl.DataFrame, line: int, **values: object) -> pl.DataFrame:
    """The chain with other values in one row."""
    hit = pl.col("line") == line
    new = [
        pl.when(hit).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    ]
    return frame.with_columns(new).sort(ORDER)


def line_of(frame: pl.DataFrame, **key: object) -> int:
    """The line of the one row with this key."""
    return int(frame.filter(**key)["line"].item())  # type: ignore[arg-type]


def gates(frame: pl.DataFrame, on: Ground | None = None) -> dict[str, int]:
    """How many rows each gate found."""
    found = judge(frame, on or ground()).chain["gate"].drop_nulls().value_counts()
    return {str(gate): count for gate, count in found.iter_rows()}


def gate_of(frame: pl.DataFrame, line: int, on: Ground | None = None) -> str | None:
    """What the gates say of one row."""
    row = judge(frame, on or ground()).chain.filter(pl.col("line") == line)
    return row["gate"].cast(pl.String).item()  # type: ignore[no-any-return]
