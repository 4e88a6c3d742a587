"""Many underlyings on one session, read together: a file each and a query each would take long.

What comes is a `read.Reader` that knows these underlyings and this day alone: it is asked as the
lake is, and answers from memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from underwriter.core.units import day_number, day_of
from underwriter.market.lake.catalogue import DAY_COLUMNS, KEPT, Catalogue, Segment, reading
from underwriter.market.lake.layout import Places
from underwriter.market.lake.order import ordered
from underwriter.market.lake.read import DAYS, Lake
from underwriter.market.lake.segments import DAY_OF, collected, columns_of
from underwriter.market.schema import SCHEMAS, Kind

Frames = Mapping[str, pl.DataFrame]
_SERIES: tuple[Kind, ...] = ("bars", "dividends", "splits", "instruments")
_COUNTS, _OTHERS = DAY_COLUMNS[:3], DAY_COLUMNS[3:]


class Abreast(NamedTuple):
    """One session of some underlyings, each kind of rows by underlying."""

    lake: Lake
    day: int
    kinds: Mapping[str, Frames]
    known: Frames  # days
    named: Mapping[str, list[str]]  # roots

    @property
    def places(self) -> Places:
        """Where the lake is."""
        return self.lake.places

    def chain(
        self,
        underlying: str,
        root: str | None,
        first: date | None,
        last: date | None,
        columns: Sequence[str],
    ) -> pl.DataFrame:
        """The quotes of one root, or of all, if the session lies between the days."""
        rows = self._of("chain", underlying)
        if not day_number(first or date.min) <= self.day <= day_number(last or date.max):
            rows = rows.clear()
        wanted = rows if root is None else rows.filter(pl.col("root") == root)
        return wanted.select(columns)

    def days(self, underlying: str) -> pl.DataFrame:
        """What the lake says of this session."""
        return self.known.get(underlying, pl.DataFrame(schema=DAYS))

    def bars(self, underlying: str) -> pl.DataFrame:
        """The bar of this session."""
        return self._of("bars", underlying)

    def dividends(self, underlying: str) -> pl.DataFrame:
        """All dividends, by ex-date."""
        return self._of("dividends", underlying)

    def splits(self, underlying: str) -> pl.DataFrame:
        """All splits, by date."""
        return self._of("splits", underlying)

    def levels(self, series: str) -> pl.DataFrame:
        """A series of levels, of all days: it is of no underlying."""
        return self.lake.levels(series)

    def instruments(self, underlying: str) -> pl.DataFrame:
        """What the roots are."""
        return self._of("instruments", underlying)

    def roots(self, underlying: str) -> list[str]:
        """The roots that have quotes, on whichever day."""
        return self.named.get(underlying, [])

    def _of(self, kind: Kind, underlying: str) -> pl.DataFrame:
        empty = pl.DataFrame(schema=columns_of(kind))
        return self.kinds[kind].get(underlying, empty)


def read_abreast(lake: Lake, names: Iterable[str], day: int) -> Abreast:
    """What the lake has of some underlyings on one session."""
    wanted = set(names)
    with reading(lake.places) as catalogue:
        if catalogue is None:
            return Abreast(lake, day, dict.fromkeys(SCHEMAS, {}), {}, {})
        kinds: dict[str, Frames] = {
            kind: _series(lake.places, catalogue, kind, wanted, day) for kind in _SERIES
        }
        kinds["chain"] = _chains(lake.places, catalogue, wanted, day)
        return Abreast(lake, day, kinds, _days(catalogue, day), _roots(catalogue))


def _chains(places: Places, catalogue: Catalogue, names: set[str], day: int) -> Frames:
    """The quotes of the session, in the order of the slab."""
    where = "kind = 'chain' AND role = ? AND first <= ? AND last >= ?"
    found = [one for one in catalogue.segments(where, (KEPT, day, day)) if one.name in names]
    rows = _rows(places, found, pl.col("date") == day_of(day))
    return {} if rows is None else _apart(ordered(rows))


def _series(places: Places, catalogue: Catalogue, kind: Kind, names: set[str], day: int) -> Frames:
    """The rows of a kind, in the order of their days; of bars those of the session."""
    segments = catalogue.segments("kind = ? AND role = ?", (kind, KEPT))
    found = [one for one in segments if one.name in names]
    on = pl.col("date") == day_of(day) if kind == "bars" else pl.lit(value=True)
    rows = _rows(places, found, on)
    if rows is None:
        return {}
    key = "root" if kind == "instruments" else DAY_OF.get(kind, "date")
    return _apart(rows.sort(key, "file", "line"))


def _rows(places: Places, segments: list[Segment], wanted: pl.Expr) -> pl.DataFrame | None:
    """The rows of segments that fit."""
    if not segments:
        return None
    paths = [places.segments / one.path for one in segments]
    return collected(places, pl.scan_parquet(paths, glob=False).filter(wanted))


def _apart(rows: pl.DataFrame) -> Frames:
    """Rows by underlying, in their order."""
    parts = rows.partition_by("underlying", as_dict=True, maintain_order=True)
    return {str(name): part for (name,), part in parts.items()}


def _days(catalogue: Catalogue, day: int) -> Frames:
    """What the lake says of the session, by underlying, as `Lake.days` does."""
    columns = ", ".join(DAYS)
    query = (
        f"SELECT underlying, {columns} FROM day WHERE date = ? ORDER BY underlying, kept = 0, file"  # noqa: S608  ours
    )
    schema = {"underlying": pl.String(), **DAYS, "date": pl.Int32()}
    frame = pl.DataFrame(catalogue.rows(query, (day,)), schema=schema, orient="row")
    found = frame.group_by("underlying", "date", maintain_order=True).agg(
        pl.col(_COUNTS).sum(), pl.col(_OTHERS).first()
    )
    parts = found.cast({"date": pl.Date}).partition_by("underlying", as_dict=True)
    return {str(name): part.drop("underlying") for (name,), part in parts.items()}


def _roots(catalogue: Catalogue) -> Mapping[str, list[str]]:
    """The roots of every underlying."""
    found: dict[str, list[str]] = {}
    query = "SELECT DISTINCT underlying, root FROM root ORDER BY underlying, root"
    for name, root in catalogue.rows(query):
        found.setdefault(str(name), []).append(str(root))
    return found
