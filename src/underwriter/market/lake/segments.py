"""Segments: Parquet files that are written once, made durable, and never changed."""

import io
import os
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import LakeError
from underwriter.market.lake.catalogue import DROPPED, Segment
from underwriter.market.lake.layout import Places, folder_name, sync_folder
from underwriter.market.schema import SCHEMAS, Kind

DAY_OF = {"dividends": "ex_date"}  # the column of days, where it is not `date`
_ROWS = 131_072  # of a group, the least that a reader takes in


class Slot(NamedTuple):
    """What a segment is of."""

    kind: Kind
    name: str
    year: int
    role: str


def columns_of(kind: Kind) -> pl.Schema:
    """The columns of a segment: those of its kind, the gate's remark, the number of the file."""
    return pl.Schema({**SCHEMAS[kind], "gate": pl.String(), "file": pl.Int32()})


def write_segment(places: Places, slot: Slot, frame: pl.DataFrame, stem: str) -> Segment:
    """Write rows (with the columns of `columns_of`) as a segment and make it durable."""
    path = f"{folder_name(slot.name)}/{slot.kind}-{_told(slot)}{stem}.parquet"
    place = places.segments / path
    content = io.BytesIO()
    frame.write_parquet(content, compression="lz4", row_group_size=_ROWS)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
    sync_folder(place.parent)
    first, last = _span(slot.kind, frame)
    size, digest = content.tell(), sha256(content.getbuffer()).hexdigest()
    latest = int(str(frame["file"].max()))
    return Segment(path, *slot, latest, frame.height, size, first, last, digest)


def read_segments(
    places: Places, segments: list[Segment], kind: Kind, wanted: pl.Expr | None = None
) -> pl.DataFrame:
    """The rows of segments of one kind, one after the other; those that `wanted` fits.

    Raises FileNotFoundError where one has been merged away since the catalogue was asked, and
    LakeError where one is damaged.
    """
    schema = columns_of(kind)
    if not segments:
        return pl.DataFrame(schema=schema)
    frames = []
    for segment in segments:
        rows = pl.scan_parquet(places.segments / segment.path, glob=False)
        frames.append(collected(places, rows if wanted is None else rows.filter(wanted)))
    return pl.concat(frames).select(schema.names())


def collected(places: Places, rows: pl.LazyFrame) -> pl.DataFrame:
    """Rows of segments, read; errors as of `read_segments`."""
    return collected_all(places, [rows])[0]


def collected_all(places: Places, asked: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The same of several at once."""
    try:
        return pl.collect_all(asked)
    except FileNotFoundError:
        raise
    except (PolarsError, OSError) as problem:
        said = str(problem).splitlines()[0]
        raise LakeError(
            f"lake {places.root}: expected sound segments, found {said}; restore it from a copy, "
            "or remove it and import again"
        ) from problem


def _told(slot: Slot) -> str:
    """The year and the role, as they stand in a name."""
    year = f"{slot.year}-" if slot.year else ""
    return f"{year}{DROPPED}-" if slot.role == DROPPED else year


def _span(kind: Kind, frame: pl.DataFrame) -> tuple[int, int]:
    """The first and the last day of rows; of those without days, 0."""
    column = DAY_OF.get(kind, "date")
    if column not in frame.columns:
        return 0, 0
    days = frame[column].to_physical()
    return int(str(days.min())), int(str(days.max()))
