"""What the gates say of each day."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4, I8
from underwriter.market.calendar import Calendar
from underwriter.market.gates.codes import FINE, FIRST_REMARK
from underwriter.market.gates.copies import COPIED, Copied
from underwriter.market.gates.levels import Spots
from underwriter.market.gates.listing import sessions_among
from underwriter.market.gates.runs import Codes, Runs
from underwriter.market.gates.splits import whole_ratio

DAYS = pl.Schema(
    {
        "date": pl.Date(),
        "rows": pl.Int64(),
        "dropped": pl.Int64(),  # of the rows
        "session": pl.Boolean(),  # whether the exchange was open
        "copied": pl.Float64(),  # share of contracts as on the day before; null: too few to say
        "missed": pl.Int64(),  # sessions without rows since the day before
        "spot_quoted": pl.Float64(),  # beside the quotes, else the close of the day's bar
        "spot": pl.Float64(),  # the one to use; null: nobody says
        "spot_from": pl.String(),  # "quoted" or "parity"
        "parity_gap": pl.Float64(),  # spot by parity less the quoted one
        "spot_off": pl.Boolean(),  # by parity, the quoted spot cannot be
        "spot_least": pl.Float64(),  # the lowest that the quotes allow; null: they say nothing
        "spot_most": pl.Float64(),  # the highest
        "spot_scale": pl.Float64(),  # parity over quoted where that is a split: 7, or 1/7
        "split_seen": pl.Float64(),  # new shares for one old, as strikes and spot show
        "split_given": pl.Float64(),  # the same, as the splits say
    }
)


class DayGate(NamedTuple):
    """What a gate finds of a day, and the expression over `DAYS` that is true where it does."""

    means: str
    found: pl.Expr


DAY_GATES: Mapping[str, DayGate] = {
    "closed": DayGate("the exchange was closed", ~pl.col("session")),
    "copy": DayGate("the quotes are those of the day before", pl.col("copied") >= COPIED),
    "gap": DayGate("sessions before it have no rows", pl.col("missed") > 0),
    "spot_off": DayGate("the quoted spot cannot be: parity's is used", pl.col("spot_off")),
    "spot_scaled": DayGate(
        "the quoted spot is adjusted for a split", pl.col("spot_scale").is_not_null()
    ),
    "spotless": DayGate("neither quotes nor source say a spot", pl.col("spot").is_null()),
    "split": DayGate(
        "strikes and spot were split", pl.coalesce("split_seen", "split_given").is_not_null()
    ),
}


def days_of(
    runs: Runs, code: Codes, copied: Copied, spots: Spots, calendar: Calendar
) -> pl.DataFrame:
    """The columns of `DAYS` that follow from the rows; splits are not among them."""
    first = runs.start[:-1][np.searchsorted(runs.day, np.arange(len(runs.days)))]
    dropped = (code > FINE) & (code < FIRST_REMARK)
    frame = pl.DataFrame(
        {
            "date": runs.days,
            "rows": np.diff(np.append(first, len(code))),
            "dropped": np.add.reduceat(dropped, first, dtype=np.int64),
            "session": sessions_among(runs.days, calendar),
            "copied": copied.share,
            "missed": missed(runs.days, calendar),
            "spot_quoted": spots.quoted,
            "spot": spots.spot,
            "parity_gap": spots.parity - spots.quoted,
            "spot_off": spots.off,
            "spot_least": spots.least,
            "spot_most": spots.most,
            "spot_scale": whole_ratio(spots.parity / spots.quoted),
        }
    )
    parity = pl.Series(spots.replaced)
    source = pl.when(parity).then(pl.lit("parity")).otherwise(pl.lit("quoted"))
    return frame.with_columns(source.alias("spot_from"))


def with_splits(days: pl.DataFrame, seen: F8, splits: pl.DataFrame) -> pl.DataFrame:
    """The days in the columns of `DAYS`, with the splits seen and given; NaN has become null."""
    given = splits.select("date", split_given=pl.col("new") / pl.col("old")).unique("date")
    dated = days.cast({"date": pl.Date}).with_columns(pl.Series("split_seen", seen))
    joined = dated.join(given, on="date", how="left", maintain_order="left")
    known = joined.with_columns(pl.col(pl.Float64).fill_nan(None))
    source = pl.when(pl.col("spot").is_not_null()).then("spot_from").alias("spot_from")
    return known.with_columns(source).select(DAYS.names()).cast(DAYS)


def missed(days: I4, calendar: Calendar) -> I8:
    """How many sessions lie between each day and the one before it; none before the first."""
    known = np.clip(days, calendar.first, calendar.last)
    through = np.searchsorted(calendar.sessions, known, side="right")
    before = np.searchsorted(calendar.sessions, known, side="left")
    return np.append(0, before[1:] - through[:-1]).astype(np.int64)
