"""Parquet in the lake's own columns: what `data fetch chain` lays down, and anyone may write.

The columns are those of `market.schema`, all of one kind, by their names; `line` may be left out.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import InputError
from underwriter.market.schema import SCHEMAS, Kind, conform
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked

_ROWS = 500_000  # in one part, about
_KEYS = ("underlying", "series", "date", "ex_date", "expiry", "right", "strike")


class Own:
    """Parquet in the lake's own columns."""

    name = "own"
    says = "parquet in the lake's own columns, of one kind"

    def recognises(self, head: Head) -> bool:
        """Whether the columns are those of a kind."""
        return not head.entries and _kind(head.names) is not None

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The rows of a file; see `sources.source.Format`."""
        frame = _frame(path)
        kind = _kind(tuple(frame.columns))
        if kind is None:
            found = ", ".join(frame.columns)
            raise InputError(f"{path}: found columns {found}; expected those of a kind of the lake")
        whole = _whole(path, kind, frame)
        wanted = asked(ask.underlying)
        if wanted is not None and "underlying" in whole.columns:
            _refuse_others(path, whole, wanted)
        for rows in whole.iter_slices(_ROWS):
            yield Part(kind, rows)


def _kind(names: tuple[str, ...]) -> Kind | None:
    """The kind whose columns these are, but for the line."""
    found = {name for name in names if name != "line"}
    return next((kind for kind, schema in SCHEMAS.items() if found == {*schema} - {"line"}), None)


def _frame(path: Path) -> pl.DataFrame:
    """The rows of a parquet."""
    try:
        return pl.read_parquet(path)
    except (PolarsError, OSError) as problem:
        raise InputError(f"{path}: found damaged parquet; expected a whole file") from problem


def _whole(path: Path, kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in their types, with lines, and nothing missing that names them."""
    try:
        rows = conform(kind, frame.drop("line", strict=False).with_row_index("line", offset=1))
    except PolarsError as problem:
        said = str(problem).splitlines()[0]
        raise InputError(f"{path}: found {said}; expected the types of the lake's {kind}") from None
    for name in _KEYS:
        if name in rows.columns and rows[name].null_count():
            line = int(rows[name].is_null().arg_true()[0]) + 1
            raise InputError(f"{path}, line {line}, column {name}: found nothing; expected a value")
    return rows


def _refuse_others(path: Path, rows: pl.DataFrame, wanted: str) -> None:
    """Refuse a file of another underlying than was asked for."""
    other = rows.filter(pl.col("underlying") != wanted)
    if other.height:
        line, found = other["line"][0], other["underlying"][0]
        where = f"{path}, line {line}, column underlying"
        raise InputError(f"{where}: found {found!r}; expected {wanted}, the one asked for")


OWN = Own()
