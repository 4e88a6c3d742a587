"""The whole past of an underlying in the lake, for windows that begin before a slab does."""

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4
from underwriter.core.units import day_of
from underwriter.market.history import Bars
from underwriter.market.joined import Past
from underwriter.market.lake.read import Lake
from underwriter.market.realised import Actions

_SIDES = ("open", "high", "low", "close", "volume")


def past_of(lake: Lake, underlying: str) -> tuple[Past, F8]:
    """Every day with a price of an underlying, its dividends and splits; and the shares traded.

    On days without a bar the close is the spot that the options imply.  Volume is NaN where it is
    not known, and everything is empty where the lake has nothing.
    """
    bars = lake.bars(underlying).select("date", *_SIDES).unique("date", keep="first")
    spots = lake.days(underlying).filter(pl.col("session") == 1).select("date", spot="spot")
    days = bars.join(spots, on="date", how="full", coalesce=True).sort("date")
    days = days.with_columns(pl.coalesce("close", "spot").alias("close")).drop_nulls("close")
    columns = (days[name].fill_null(np.nan).to_numpy().astype(np.float64) for name in _SIDES)
    opens, high, low, close, volume = columns
    paid, split = lake.dividends(underlying), lake.splits(underlying)
    ratio = (split["new"] / split["old"]).to_numpy().astype(np.float64)
    past = Past(
        Bars(_days(days["date"]), opens, high, low, close, 0),
        Actions(_days(paid["ex_date"]), paid["amount"].to_numpy().astype(np.float64)),
        Actions(_days(split["date"]), ratio),
    )
    return past, volume


def class_of(lake: Lake, underlying: str, day: I4) -> pl.DataFrame:
    """The quotes of all roots of an underlying between the first and last of `day`, for `Trading`.

    Columns: session and expiry (day numbers), right, strike, bid, ask, volume, open_interest.
    """
    ends = day_of(int(day[0])), day_of(int(day[-1]))
    names = ("date", "expiry", "right", "strike", "bid", "ask", "volume", "open_interest")
    chain = lake.chain(underlying, None, *ends, columns=names)
    return chain.select(
        pl.col("date").cast(pl.Int32).alias("session"),
        pl.col("expiry").cast(pl.Int32),
        *names[2:],
    )


def _days(dates: pl.Series) -> I4:
    """The day numbers of a column of dates."""
    return dates.cast(pl.Int32).to_numpy()
