"""What of a file is kept: rows judged, and held against those that the lake has already."""

from typing import NamedTuple

import polars as pl

from underwriter.market.calendar import Calendar
from underwriter.market.lake.catalogue import DAY_COLUMNS
from underwriter.market.lake.gates import ALREADY, DIFFERS, DOUBLED, REPEATED, dropping
from underwriter.market.lake.order import ordered
from underwriter.market.lake.segments import DAY_OF
from underwriter.market.quality import Ground, judge
from underwriter.market.schema import SCHEMAS, Kind
from underwriter.market.series_quality import taken_out

CHAIN_KEY = ["date", "root", "right", "expiry", "strike"]
_CHAIN_VALUES = ["bid", "ask", "last"]
_NAME_OF = {"levels": "series"}
_GATE = pl.col("gate")


class Admitted(NamedTuple):
    """The rows of one name in the columns of its kind and `gate`, parted."""

    kept: pl.DataFrame
    dropped: pl.DataFrame  # and worth keeping apart; rows that the lake has already are not
    counts: dict[str, int]  # rows by gate, "" where there was nothing to say
    days: pl.DataFrame  # of chains, else without columns: `date`, and `catalogue.DAY_COLUMNS`


def name_column(kind: Kind) -> str:
    """The column that says whose rows they are."""
    return _NAME_OF.get(kind, "underlying")


def key_of(kind: Kind) -> list[str]:
    """The columns that no two rows of a name share."""
    if kind == "chain":
        return CHAIN_KEY
    return ["root"] if kind == "instruments" else [DAY_OF.get(kind, "date")]


def admit_chain(chain: pl.DataFrame, ground: Ground, there: pl.DataFrame) -> Admitted:
    """Judge the rows of one underlying, in the order of the slab.

    `there` are the rows that the lake has of the same days, in the columns of a chain.  Kept rows
    all have a root: the underlying's own where nothing else is known.
    """
    judged = judge(chain, ground)
    gated = _held_against("chain", _rooted(judged.chain), there)
    parted = _parted("chain", gated)
    return parted._replace(kept=ordered(parted.kept), days=_days(gated, judged.days))


def admit_series(
    kind: Kind, rows: pl.DataFrame, calendar: Calendar, there: pl.DataFrame
) -> Admitted:
    """Judge the rows of one underlying or series; `there` is all that the lake has of it."""
    key = key_of(kind)
    rows = rows.sort(*key, "line")
    gated = _once(kind, rows.with_columns(taken_out(kind, rows, calendar)))
    return _parted(kind, _held_against(kind, gated, there))


def _rooted(chain: pl.DataFrame) -> pl.DataFrame:
    """The rows that stay with a root each, and gates as text."""
    gated = chain.with_columns(_GATE.cast(pl.String))
    own = pl.col("underlying").str.replace_all(".", "", literal=True)
    stays = _GATE.is_in(dropping("chain")).not_().fill_null(value=True)
    return gated.with_columns(
        pl.when(stays).then(pl.coalesce("root", own)).otherwise("root").alias("root")
    )


def _values(kind: Kind) -> list[str]:
    """The columns in which two rows of one key may differ."""
    if kind == "chain":
        return _CHAIN_VALUES
    others = {*key_of(kind), name_column(kind), "line"}
    return [name for name in SCHEMAS[kind].names() if name not in others]


def _once(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """Mark the rows that a file repeats, or contradicts; several dividends may share a day."""
    key, values = key_of(kind), _values(kind)
    same = pl.struct(*key, *values).is_first_distinct().not_() & _GATE.is_null()
    rows = rows.with_columns(pl.when(same).then(pl.lit(REPEATED)).otherwise(_GATE).alias("gate"))
    if kind == "dividends":
        return rows
    first = pl.struct(*key, _GATE.is_null()).is_first_distinct()
    other = first.not_() & _GATE.is_null()
    return rows.with_columns(pl.when(other).then(pl.lit(DOUBLED)).otherwise(_GATE).alias("gate"))


def _held_against(kind: Kind, rows: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    """Mark the rows whose key the lake has, with the same values or with others."""
    if not there.height:
        return rows
    key, values = key_of(kind), _values(kind)
    keys = there.select(key).unique().with_columns(known=True)
    same = there.select(*key, *values).unique().with_columns(same=True)
    joined = rows.join(keys, on=key, how="left", maintain_order="left").join(
        same, on=[*key, *values], how="left", maintain_order="left", nulls_equal=True
    )
    known = pl.col("known").is_not_null() & (_GATE.is_in(dropping(kind)).not_() | _GATE.is_null())
    code = pl.when(pl.col("same").is_null()).then(pl.lit(DIFFERS)).otherwise(pl.lit(ALREADY))
    gated = joined.with_columns(pl.when(known).then(code).otherwise(_GATE).alias("gate"))
    return gated.select(rows.columns)


def _parted(kind: Kind, gated: pl.DataFrame) -> Admitted:
    """The rows that stay and those that do not, and how many each gate found."""
    out = pl.Series(gated["gate"].is_in(dropping(kind)).fill_null(value=False))
    counts = gated.group_by(pl.col("gate").fill_null("")).len().sort("gate")
    dropped = gated.filter(out & (gated["gate"] != ALREADY).fill_null(value=True))
    return Admitted(gated.filter(~out), dropped, dict(counts.iter_rows()), pl.DataFrame())


def _days(gated: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """What the gates said of each day, with the rows kept and dropped."""
    out = _GATE.is_in(dropping("chain")).fill_null(value=False)
    rows = gated.group_by("date").agg(
        kept=(~out).sum(), dropped=out.sum(), quoted=(~out & pl.col("ask").is_not_null()).sum()
    )
    told = judged.drop("dropped").join(rows, on="date", how="left", maintain_order="left")
    return told.select("date", *DAY_COLUMNS)
