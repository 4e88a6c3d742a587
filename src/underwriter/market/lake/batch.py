"""What one file brings: segments on the disk, and what is to be entered of them."""

from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl

from underwriter.market.lake.admit import Admitted
from underwriter.market.lake.catalogue import DROPPED, KEPT, Count, Entry, File, Root, Segment
from underwriter.market.lake.layout import Places
from underwriter.market.lake.segments import Slot, write_segment
from underwriter.market.schema import Kind


class Batch:
    """The segments of one file, each written while the next is being judged."""

    def __init__(self, places: Places, number: int) -> None:
        self._places = places
        self._number = number
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[list[Segment]] | None = None
        self._segments: list[Segment] = []
        self._counts: list[Count] = []
        self._roots: list[Root] = []
        self._days: list[tuple[object, ...]] = []

    def add(self, kind: Kind, name: str, year: int, admitted: Admitted) -> None:
        """Write what was admitted of a name and a year, and note what the gates found."""
        self._written()
        self._writing = self._writer.submit(self._write, kind, name, year, admitted)
        for gate, found in admitted.counts.items():
            self._counts.append(Count(self._number, kind, name, year, gate, found))
        for root, rows, quoted in admitted.roots.iter_rows():
            self._roots.append(Root(name, root, year, self._number, rows, quoted))
        days = admitted.days.with_columns(
            pl.col(pl.Date).to_physical(), pl.col(pl.Boolean).cast(pl.Int64)
        )
        self._days += [(name, day, self._number, *told) for day, *told in days.iter_rows()]

    def entry(self, file: File) -> Entry:
        """All of it, as the catalogue takes it; every segment is on the disk."""
        self._written()
        return Entry(
            file,
            tuple(self._segments),
            tuple(self._counts),
            tuple(self._roots),
            tuple(self._days),
        )

    def close(self) -> None:
        """Wait for what is being written, entered or not."""
        self._writer.shutdown()

    def _written(self) -> None:
        """Wait for what is being written, of which there is never more than one."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self._segments += writing.result()

    def _write(self, kind: Kind, name: str, year: int, admitted: Admitted) -> list[Segment]:
        """Write the rows that stay and those that do not, with the file's number."""
        return [
            write_segment(
                self._places,
                Slot(kind, name, year, role),
                rows.with_columns(file=pl.lit(self._number, pl.Int32)),
                f"{self._number:06d}",
            )
            for role, rows in ((KEPT, admitted.kept), (DROPPED, admitted.dropped))
            if rows.height
        ]
