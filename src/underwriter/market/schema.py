"""The columns of the lake: what every source is read into, and every gate and slab reads from.

A chain is one row a contract and day.  Prices are numbers anyone can read, in the currency of the
premium; null means that the source does not say, NaN that it says nonsense, and the two are never
mixed.  `line` is where a row stands in its file (the line of a text, the row of a parquet, both
counted from one as people count them), so that a refusal and a quarantined row can name it.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import polars as pl

Kind = Literal["chain", "bars", "dividends", "splits", "levels", "instruments"]
KINDS: tuple[Kind, ...] = get_args(Kind)

PUT, CALL = "P", "C"
RIGHT = pl.Enum([PUT, CALL])

CHAIN = pl.Schema(
    {
        "underlying": pl.String(),  # "SPX", "AAPL": upper case
        "root": pl.String(),  # of the option symbol, "SPXW"; null: the source does not say
        "date": pl.Date(),  # session of the quote, by the exchange's date
        "expiry": pl.Date(),  # last day of the contract's life
        "right": RIGHT,
        "strike": pl.Float64(),
        "bid": pl.Float64(),  # null: the source has no quotes (last prices only)
        "ask": pl.Float64(),
        "last": pl.Float64(),  # last trade, or the one price that the source has
        "iv": pl.Float32(),  # the source's own, a fraction a year
        "delta": pl.Float32(),  # the source's own, per share: puts negative
        "volume": pl.Int32(),
        "open_interest": pl.Int32(),
        "spot": pl.Float64(),  # the underlying as the source gives it beside the quote
        "line": pl.Int64(),
    }
)
BARS = pl.Schema(
    {
        "underlying": pl.String(),
        "date": pl.Date(),
        "open": pl.Float64(),  # null: none, or not a real one
        "high": pl.Float64(),
        "low": pl.Float64(),
        "close": pl.Float64(),  # as traded on the day: never adjusted for splits or dividends
        "volume": pl.Float64(),
        "line": pl.Int64(),
    }
)
DIVIDENDS = pl.Schema(
    {
        "underlying": pl.String(),
        "ex_date": pl.Date(),
        "amount": pl.Float64(),  # a share, as declared, in shares of that day
        "line": pl.Int64(),
    }
)
SPLITS = pl.Schema(
    {
        "underlying": pl.String(),
        "date": pl.Date(),  # first session at the new count
        "new": pl.Int32(),  # 7 for 1: new 7, old 1
        "old": pl.Int32(),
        "line": pl.Int64(),
    }
)
LEVELS = pl.Schema(
    {
        "series": pl.String(),  # "VIX", "VIX3M", "PUT", "IRX": upper case
        "date": pl.Date(),
        "value": pl.Float64(),  # points, percent a year, or an index: as published
        "line": pl.Int64(),
    }
)
INSTRUMENTS = pl.Schema(
    {
        "underlying": pl.String(),
        "root": pl.String(),
        "style": pl.String(),  # "american" or "european"
        "settlement": pl.String(),  # "physical", "cash-pm", "cash-am" or "coin"
        "multiplier": pl.Int32(),
        "calendar": pl.String(),  # of exchange_calendars, "XNYS"; "24/7" for coins
        "line": pl.Int64(),
    }
)
SCHEMAS: Mapping[Kind, pl.Schema] = {
    "chain": CHAIN,
    "bars": BARS,
    "dividends": DIVIDENDS,
    "splits": SPLITS,
    "levels": LEVELS,
    "instruments": INSTRUMENTS,
}


def kind_of(names: Iterable[str]) -> Kind | None:
    """The kind whose columns these are, with the line or without; None where they are no kind's."""
    found = {*names} - {"line"}
    return next((kind for kind, schema in SCHEMAS.items() if found == {*schema} - {"line"}), None)


def empty(kind: Kind) -> pl.DataFrame:
    """A frame of a kind without rows."""
    return pl.DataFrame(schema=SCHEMAS[kind])


def conform(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of a kind in their order and types; those that the frame lacks are null."""
    schema = SCHEMAS[kind]
    lacking = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
        if name not in frame.columns
    ]
    return frame.with_columns(lacking).select(schema.names()).cast(schema)
