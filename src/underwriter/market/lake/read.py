"""The lake as its readers see it: chains in the order of the slab, and the series beside them.

lake = Lake.open(home)
lake.chain("SPX", root="SPXW", columns=("date", "strike", "bid", "ask"))

A reader needs no lock and sees, at each call, what was entered before it.
"""

from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol, Self, TypeVar

import polars as pl

from underwriter.core.units import day_number
from underwriter.market.lake.catalogue import DAY_COLUMNS, KEPT, Catalogue, Segment, reading
from underwriter.market.lake.layout import Places, places_of
from underwriter.market.lake.order import ORDER, ordered
from underwriter.market.lake.segments import DAY_OF, collected, columns_of, read_segments
from underwriter.market.schema import CHAIN, SCHEMAS, Kind

Found = TypeVar("Found")
_TRIES = 3
DAYS = pl.Schema(
    {
        "date": pl.Date(),
        "kept": pl.Int64(),  # rows of the chain
        "dropped": pl.Int64(),
        "quoted": pl.Int64(),  # kept rows that have an ask; the others have a last price only
        "session": pl.Int64(),  # 1: the exchange was open; 0: it was not
        "copied": pl.Float64(),  # these and the others: see `gates.days.DAYS`
        "spot_quoted": pl.Float64(),
        "spot": pl.Float64(),
        "spot_from": pl.String(),
        "parity_gap": pl.Float64(),
        "spot_off": pl.Int64(),
        "spot_scale": pl.Float64(),
        "split_seen": pl.Float64(),
        "split_given": pl.Float64(),
        "spot_least": pl.Float64(),
        "spot_most": pl.Float64(),
    }
)


class Reader(Protocol):
    """What says which roots an underlying has, and what they are: `Lake` is one."""

    @property
    def places(self) -> Places:
        """Where the lake is."""

    def instruments(self, underlying: str) -> pl.DataFrame:
        """What the roots are, in the columns of `schema.INSTRUMENTS`."""

    def roots(self, underlying: str) -> list[str]:
        """The roots that have quotes."""


class Lake(NamedTuple):
    """The lake of a home, for whoever only reads; one that is not there yet is empty."""

    home: Path
    places: Places

    @classmethod
    def open(cls, home: Path) -> Self:
        """The lake of a home."""
        return cls(home, places_of(home))

    def chain(
        self,
        underlying: str,
        root: str | None = None,
        first: date | None = None,
        last: date | None = None,
        columns: Sequence[str] = tuple(CHAIN),
    ) -> pl.DataFrame:
        """The kept quotes of an underlying, of one root or of all, between two days, both included.

        In the order of the slab: date, root, right, expiry, strike.  Every row has a root.  The
        columns are those of `schema.CHAIN`, and on demand `gate` (the remark on a row, null where
        there is none) and `file` (the number of the file that it came from).
        """
        wanted = pl.lit(value=True)
        wanted = wanted if root is None else wanted & (pl.col("root") == root)
        wanted = wanted if first is None else wanted & (pl.col("date") >= first)
        wanted = wanted if last is None else wanted & (pl.col("date") <= last)
        between = day_number(first or date.min), day_number(last or date.max)

        def read(catalogue: Catalogue) -> pl.DataFrame:
            segments = catalogue.segments(
                "kind = 'chain' AND role = ? AND name = ? AND last >= ? AND first <= ?",
                (KEPT, underlying, *between),
            )
            return self._chain(segments, wanted, list(columns))

        empty = pl.DataFrame(schema=columns_of("chain")).select(columns)
        return self._asked(read, empty)

    def days(self, underlying: str) -> pl.DataFrame:
        """Each day of an underlying's chain in the columns of `read.DAYS`, in their order.

        Where several files have rows of a day, counts are sums, and the rest is what the first of
        them that kept any says.
        """

        def read(catalogue: Catalogue) -> pl.DataFrame:
            names = ", ".join(DAYS)
            rows = catalogue.rows(
                f"SELECT {names} FROM day WHERE underlying = ? ORDER BY date, kept = 0, file",  # noqa: S608  ours
                (underlying,),
            )
            frame = pl.DataFrame(rows, schema={**DAYS, "date": pl.Int32()}, orient="row")
            counts, others = DAY_COLUMNS[:3], DAY_COLUMNS[3:]
            days = frame.group_by("date", maintain_order=True).agg(
                pl.col(counts).sum(), pl.col(others).first()
            )
            return days.cast({"date": pl.Date})

        return self._asked(read, pl.DataFrame(schema=DAYS))

    def bars(self, underlying: str) -> pl.DataFrame:
        """The days of an underlying in the columns of `schema.BARS`, in their order."""
        return self._series("bars", underlying)

    def dividends(self, underlying: str) -> pl.DataFrame:
        """The dividends of an underlying in the columns of `schema.DIVIDENDS`, by ex-date."""
        return self._series("dividends", underlying)

    def splits(self, underlying: str) -> pl.DataFrame:
        """The splits of an underlying in the columns of `schema.SPLITS`, by date."""
        return self._series("splits", underlying)

    def levels(self, series: str) -> pl.DataFrame:
        """A series of levels ("VIX") in the columns of `schema.LEVELS`, by date."""
        return self._series("levels", series)

    def instruments(self, underlying: str) -> pl.DataFrame:
        """What the roots of an underlying are, in the columns of `schema.INSTRUMENTS`, by root."""
        return self._series("instruments", underlying)

    def roots(self, underlying: str) -> list[str]:
        """The roots of an underlying that have quotes."""
        query = "SELECT DISTINCT root FROM root WHERE underlying = ? ORDER BY root"

        def read(catalogue: Catalogue) -> list[str]:
            return [str(root) for (root,) in catalogue.rows(query, (underlying,))]

        return self._asked(read, [])

    def fingerprint(self, underlying: str, levels: Sequence[str] = ()) -> str:
        """A name for all that the lake says of an underlying and some series of levels.

        Another one as soon as anything of it has changed; the same again after the same imports.
        """

        def read(catalogue: Catalogue) -> str:
            own = "role = ? AND name = ? AND kind "
            segments = catalogue.segments(own + "<> 'levels'", (KEPT, underlying))
            for name in levels:
                segments += catalogue.segments(own + "= 'levels'", (KEPT, name))
            days = "SELECT * FROM day WHERE underlying = ? ORDER BY date, file"
            return name_of(segments, catalogue.rows(days, (underlying,)))

        return self._asked(read, name_of([], []))

    def _chain(self, segments: list[Segment], wanted: pl.Expr, columns: list[str]) -> pl.DataFrame:
        """Rows of segments that fit; sorted only where the days of two segments overlap."""
        if not segments:
            return pl.DataFrame(schema=columns_of("chain")).select(columns)
        paths = [self.places.segments / one.path for one in segments]
        rows = pl.scan_parquet(paths, glob=False).filter(wanted)
        ends = zip(segments[1:], segments, strict=False)
        if all(later.first > earlier.last for later, earlier in ends):
            return collected(self.places, rows.select(columns))
        needed = collected(self.places, rows.select({*columns, *ORDER}))
        return ordered(needed).select(columns)

    def _series(self, kind: Kind, name: str) -> pl.DataFrame:
        """The kept rows of a series."""
        key = "root" if kind == "instruments" else DAY_OF.get(kind, "date")

        def read(catalogue: Catalogue) -> pl.DataFrame:
            where = "kind = ? AND role = ? AND name = ?"
            segments = catalogue.segments(where, (kind, KEPT, name))
            rows = read_segments(self.places, segments, kind)
            return rows.sort(key, "file", "line").select(SCHEMAS[kind].names())

        return self._asked(read, pl.DataFrame(schema=SCHEMAS[kind]))

    def _asked(self, read: Callable[[Catalogue], Found], otherwise: Found) -> Found:
        """What the catalogue leads to; asked anew where a segment was merged away meanwhile."""
        for left in reversed(range(_TRIES)):
            with reading(self.places) as catalogue:
                try:
                    return otherwise if catalogue is None else read(catalogue)
                except FileNotFoundError:
                    if not left:
                        raise
        raise AssertionError


def name_of(segments: list[Segment], days: list[tuple[object, ...]]) -> str:
    """A name for what segments hold and what is said of days."""
    told = sha256(repr([(one.kind, one.name, one.hash) for one in segments]).encode())
    told.update(repr(days).encode())
    return told.hexdigest()
