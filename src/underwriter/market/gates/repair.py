"""What is put right in a chain: expiries written as Saturdays, and roots that nobody wrote."""

import polars as pl

from underwriter.market.calendar import Calendar
from underwriter.market.gates.codes import FINE, FIRST_REMARK, gate_column
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.listing import moved_expiries
from underwriter.market.gates.runs import Codes
from underwriter.market.schema import CHAIN

ORDER = ["date", "root", "right", "expiry", "strike"]


def beside(before: pl.DataFrame, chain: pl.DataFrame) -> pl.DataFrame:
    """The last day of the rows kept before, then the chain: what its first day is compared with.

    Where the chain says no roots, the rows before lose theirs, which were filled in.
    """
    day = before.select(CHAIN.names()).filter(
        pl.col("date") == pl.col("date").max(), pl.col("date") < chain["date"][0]
    )
    if not day.height:
        return chain.rechunk()
    if chain["root"].null_count() == chain.height:
        day = day.with_columns(pl.lit(None, pl.String()).alias("root")).sort(ORDER)
    return pl.concat([day, chain], rechunk=True)


def without_saturdays(chain: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The chain with standard expirations on their session, sorted again; `moved` says which."""
    moved = moved_expiries(chain, calendar)
    if not moved:
        return chain.with_columns(pl.lit(value=False).alias("moved"))
    number = pl.col("expiry").to_physical()
    sessions = number.replace(list(moved), list(moved.values())).cast(pl.Date)
    return chain.with_columns(
        sessions.alias("expiry"), number.is_in(list(moved)).alias("moved")
    ).sort(ORDER, maintain_order=True)


def told(chain: pl.DataFrame, code: Codes, ground: Ground) -> pl.DataFrame:
    """The chain in the columns of `schema.CHAIN` with its gates, and the roots that they tell.

    A row that stays, without a root, of an underlying with series of the morning and of the close
    is of the close.
    """
    gate = gate_column(pl.lit(pl.Series("gate", code)))
    root = ground.closing_root(chain["underlying"][0])
    if root is None or not chain["root"].null_count():
        return chain.select(*CHAIN.names(), gate.alias("gate"))
    stays = pl.lit(pl.Series((code == FINE) | (code >= FIRST_REMARK)))
    filled = pl.when(stays).then(pl.coalesce("root", pl.lit(root))).otherwise("root")
    return chain.with_columns(filled.alias("root")).select(*CHAIN.names(), gate.alias("gate"))
