"""Parquet in the lake's own columns: what `data fetch chain` lays down, and anyone may write.

The columns are those of `market.schema`, all of one kind, by their names; `line` may be left out.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import InputError
from underwriter.market.schema import Kind, conform, kind_of
from underwriter.market.sources.parquet import parquet_schema, parquet_slices
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked

_KEYS = ("underlying", "series", "date", "ex_date", "expiry", "right", "strike")


class Own:
    """Parquet in the lake's own columns."""

    name = "own"
    says = "parquet in the lake's own columns, of one kind"

    def recognises(self, head: Head) -> bool:
        """Whether it is a parquet with the columns of a kind."""
        return head.parquet and kind_of(head.names) is not None

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The rows of a file; see `sources.source.Format`."""
        names = parquet_schema(path).names()
        kind = kind_of(names)
        if kind is None:
            found = ", ".join(names)
            raise InputError(f"{path}: found columns {found}; expected those of a kind of the lake")
        wanted, line = asked(ask.underlying), 1
        for rows in parquet_slices(path, [pl.exclude("line")]):
            whole = _whole(path, kind, rows.with_row_index("line", offset=line))
            line += rows.height
            if wanted is not None and "underlying" in whole.columns:
                _refuse_others(path, whole, wanted)
            yield Part(kind, whole)


def _whole(path: Path, kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in their types, with nothing missing that names them."""
    try:
        rows = conform(kind, frame)
    except PolarsError as problem:
        said = str(problem).splitlines()[0]
        raise InputError(f"{path}: found {said}; expected the types of the lake's {kind}") from None
    for name in _KEYS:
        if name in rows.columns and rows[name].null_count():
            row = int(rows[name].is_null().arg_true()[0])
            where = f"{path}, line {rows['line'][row]}, column {name}"
            raise InputError(f"{where}: found nothing; expected a value")
    return rows


def _refuse_others(path: Path, rows: pl.DataFrame, wanted: str) -> None:
    """Refuse a file of another underlying than was asked for."""
    other = rows.filter(pl.col("underlying") != wanted)
    if other.height:
        line, found = other["line"][0], other["underlying"][0]
        where = f"{path}, line {line}, column underlying"
        raise InputError(f"{where}: found {found!r}; expected {wanted}, the one asked for")


OWN = Own()
