"""What one file brings: segments on the disk, and what is to be entered of them."""

import polars as pl

from underwriter.market.lake.admit import Admitted
from underwriter.market.lake.catalogue import DROPPED, KEPT, Count, Entry, File, Segment
from underwriter.market.lake.layout import Places
from underwriter.market.lake.segments import Slot, columns_of, write_segment
from underwriter.market.schema import Kind


class Batch:
    """The segments of one file, durable and not yet entered."""

    def __init__(self, places: Places, number: int) -> None:
        self._places = places
        self._number = number
        self._segments: list[Segment] = []
        self._counts: list[Count] = []
        self._days: list[tuple[object, ...]] = []

    def add(self, kind: Kind, name: str, year: int, admitted: Admitted) -> None:
        """Write what was admitted of a name and a year, and note what the gates found."""
        for role, rows in ((KEPT, admitted.kept), (DROPPED, admitted.dropped)):
            if rows.height:
                self._write(Slot(kind, name, year, role), rows)
        for gate, found in admitted.counts.items():
            self._counts.append(Count(self._number, kind, name, year, gate, found))
        days = admitted.days.with_columns(
            pl.col(pl.Date).to_physical(), pl.col(pl.Boolean).cast(pl.Int64)
        )
        self._days += [(name, day, self._number, *told) for day, *told in days.iter_rows()]

    def entry(self, file: File) -> Entry:
        """All of it, as the catalogue takes it."""
        return Entry(file, tuple(self._segments), tuple(self._counts), tuple(self._days))

    def discard(self) -> None:
        """Take the segments off the disk again."""
        for segment in self._segments:
            (self._places.segments / segment.path).unlink(missing_ok=True)

    def _write(self, slot: Slot, rows: pl.DataFrame) -> None:
        """Write rows as a segment that bears the file's number."""
        numbered = rows.with_columns(file=pl.lit(self._number, pl.Int32))
        told = numbered.select(columns_of(slot.kind).names())
        self._segments.append(write_segment(self._places, slot, told, f"{self._number:06d}"))
