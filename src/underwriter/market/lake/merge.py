"""Merging: the many small segments that daily collecting leaves become one, the same rows in it."""

import polars as pl

from underwriter.market.lake.admit import key_of
from underwriter.market.lake.catalogue import Catalogue, Segment
from underwriter.market.lake.layout import Places
from underwriter.market.lake.order import ordered
from underwriter.market.lake.segments import Slot, read_segments, write_segment
from underwriter.market.schema import KINDS, Kind

MOST = 32  # segments of one kind, name, year and role


def merge_many(places: Places, catalogue: Catalogue, most: int = MOST) -> None:
    """Merge the segments of each slot that has more than `most`.

    Those that were merged stay on the disk until the next import sweeps, for who is reading them.
    """
    slots: dict[tuple[str, ...], list[Segment]] = {}
    for segment in catalogue.segments():
        slot = (segment.kind, segment.name, str(segment.year), segment.role)
        slots.setdefault(slot, []).append(segment)
    for segments in slots.values():
        if len(segments) > most:
            catalogue.replace(segments, _merged(places, segments))


def _merged(places: Places, segments: list[Segment]) -> Segment:
    """One segment with the rows of many, under a name that says from which files."""
    first = segments[0]
    kind: Kind = next(one for one in KINDS if one == first.kind)
    rows = _sorted(kind, read_segments(places, segments, kind))
    files = [segment.file for segment in segments]
    stem = f"{min(files):06d}-{max(files):06d}"
    return write_segment(places, Slot(kind, first.name, first.year, first.role), rows, stem)


def _sorted(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in their kind's order."""
    return ordered(rows) if kind == "chain" else rows.sort(*key_of(kind), "file", "line")
