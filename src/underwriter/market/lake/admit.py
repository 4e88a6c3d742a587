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
    roots: pl.DataFrame  # likewise: `root`, its rows, and those of them that have an ask


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
    some = 0 < chain["root"].null_count() < chain.height
    kept = ordered(parted.kept) if some else parted.kept  # else what was filled in is one root
    asked = pl.col("ask").count()
    roots = kept.group_by("root").agg(pl.len(), asked).sort("root")
    return parted._replace(kept=kept, days=_days(parted, gated, judged.days), roots=roots)


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
    if not chain["root"].null_count():
        return gated
    own = pl.col("underlying").str.replace_all(".", "", literal=True)
    root = pl.when(_out("chain")).then("root").otherwise(pl.coalesce("root", own))
    return gated.with_columns(root.alias("root"))


def _out(kind: Kind) -> pl.Expr:
    """Whether a gate takes the row out."""
    return _GATE.is_in(dropping(kind)).fill_null(value=False)


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
    known = pl.col("known").is_not_null() & ~_out(kind)
    code = pl.when(pl.col("same").is_null()).then(pl.lit(DIFFERS)).otherwise(pl.lit(ALREADY))
    gated = joined.with_columns(pl.when(known).then(code).otherwise(_GATE).alias("gate"))
    return gated.select(rows.columns)


def _parted(kind: Kind, gated: pl.DataFrame) -> Admitted:
    """The rows that stay and those that do not, and how many each gate found."""
    said = gated["gate"].drop_nulls()  # of few rows
    unsaid = {"": gated.height - len(said)} if len(said) < gated.height else {}
    counts = unsaid | dict(said.to_frame().group_by("gate").len().sort("gate").iter_rows())
    if not counts.keys() & set(dropping(kind)):
        return Admitted(gated, gated.clear(), counts, pl.DataFrame(), pl.DataFrame())
    out = gated.select(_out(kind)).to_series()
    dropped = gated.filter(out & (gated["gate"] != ALREADY))
    return Admitted(gated.filter(~out), dropped, counts, pl.DataFrame(), pl.DataFrame())


def _days(parted: Admitted, gated: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """What the gates said of each day, with the rows kept and dropped."""
    rows = gated.group_by("date").agg(total=pl.len())
    kept = parted.kept.group_by("date").agg(kept=pl.len(), quoted=pl.col("ask").count())
    told = judged.join(rows, on="date", how="left").join(kept, on="date", how="left").sort("date")
    counted = told.with_columns(pl.col("kept", "quoted").fill_null(0)).with_columns(
        dropped=pl.col("total") - pl.col("kept")
    )
    return counted.select("date", *DAY_COLUMNS)
