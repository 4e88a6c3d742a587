"""Parquet as columns of the engine's types, a slice of rows at a time.

Types that mean the same are taken: any number for a number, 32-bit floats as the short decimals
they came from, text that holds numbers, times for dates.  Others are refused with their column.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from underwriter.core.errors import InputError
from underwriter.market.sources.rows import Wanted, numbers
from underwriter.market.sources.text import first_bytes

_MAGIC = b"PAR1"
SLICE = 524_288  # rows read at once: whole groups, of a power of two as most writers have them
_FLOAT32_DIGITS = 7  # 17.1 as a 32-bit float is 17.100000381
_BROKEN = (PolarsError, PanicException, OSError)


def is_parquet(path: Path) -> bool:
    """Whether a file is a parquet, by its first bytes; InputError where it is missing or empty."""
    return first_bytes(path).startswith(_MAGIC)


def parquet_first(path: Path) -> pl.DataFrame:
    """The first row of a parquet; InputError where it is damaged."""
    try:
        return pl.scan_parquet(path, glob=False).head(1).collect()
    except _BROKEN as problem:
        raise _damaged(path, problem) from problem


def parquet_columns(path: Path, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """The wanted columns of a parquet and `line`, in slices; `wanted` as for text.

    Raises InputError for a type that cannot be what is wanted.
    """
    schema = parquet_schema(path)
    casts = [_cast(path, name, kind, schema[name]) for name, kind in wanted.items()]
    start = 1
    for frame in parquet_slices(path, casts):
        lines = pl.int_range(start, start + frame.height, dtype=pl.Int64, eager=True)
        start += frame.height
        yield _numbered(path, frame, wanted, lines)


def parquet_words(path: Path) -> Iterator[tuple[str | None, ...]]:
    """The names of a parquet's columns, then its rows, every cell as text; None where it is null.

    Raises InputError for a type that is no text, number or date.
    """
    schema = parquet_schema(path)
    yield tuple(schema)
    for rows in parquet_slices(path, [_word(path, *column) for column in schema.items()]):
        yield from rows.iter_rows()


def parquet_slices(path: Path, columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
    """Columns of a parquet, some rows at a time; InputError where it is damaged or has none."""
    rows = pl.scan_parquet(path, glob=False).select(columns)
    for start in range(0, parquet_height(path), SLICE):
        try:
            yield rows.slice(start, SLICE).collect()
        except _BROKEN as problem:
            raise _damaged(path, problem) from problem


def parquet_schema(path: Path) -> pl.Schema:
    """The columns of a parquet and their types; InputError where it is damaged."""
    try:
        return pl.scan_parquet(path, glob=False).collect_schema()
    except _BROKEN as problem:
        raise _damaged(path, problem) from problem


def parquet_height(path: Path) -> int:
    """How many rows a parquet has; InputError where it is damaged or has none."""
    try:
        height = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except _BROKEN as problem:
        raise _damaged(path, problem) from problem
    if not height:
        raise InputError(f"{path}: found a parquet without rows; expected at least one")
    return height


def _cast(path: Path, name: str, kind: str, dtype: pl.DataType) -> pl.Expr:
    """A column as the engine takes it: Float64, Date, or String to be read further."""
    column = pl.col(name)
    if isinstance(dtype, (pl.String, pl.Null)):
        return column.cast(pl.String)
    if kind == "number" and dtype == pl.Float32:
        return column.cast(pl.Float64).round_sig_figs(_FLOAT32_DIGITS)
    if kind == "number" and dtype.is_numeric():
        return column.cast(pl.Float64)
    if kind == "word" and isinstance(dtype, (pl.Date, pl.Datetime)):
        return column.dt.date()  # the day of its own time zone, where it has one
    if kind == "word" and (isinstance(dtype, (pl.Categorical, pl.Enum)) or dtype.is_integer()):
        return column.cast(pl.String)
    allowed = "numbers" if kind == "number" else "text or dates"
    raise InputError(f"{path}, column {name}: found type {dtype}; expected {allowed}")


def _word(path: Path, name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text."""
    if dtype.is_nested() or isinstance(dtype, (pl.Binary, pl.Object, pl.Time, pl.Duration)):
        allowed = "text, numbers or dates"
        raise InputError(f"{path}, column {name}: found type {dtype}; expected {allowed}")
    if dtype.is_numeric():
        return _cast(path, name, "number", dtype).cast(pl.String)
    return pl.col(name).cast(pl.String)


def _numbered(path: Path, frame: pl.DataFrame, wanted: Wanted, lines: pl.Series) -> pl.DataFrame:
    """A slice with its lines, and numbers where text stood for them."""
    texts = [name for name, kind in wanted.items() if kind == "number"]
    changed = [
        numbers(str(path), frame[name], lines) for name in texts if frame.schema[name] == pl.String
    ]
    return frame.with_columns(*changed, lines.alias("line"))


def _damaged(path: Path, problem: BaseException) -> InputError:
    """The refusal of a parquet that cannot be read."""
    said = str(problem).splitlines()[0]
    return InputError(f"{path}: found a damaged parquet ({said}); expected a whole one")
