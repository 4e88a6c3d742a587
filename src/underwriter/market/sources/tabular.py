"""Formats that are one table of rows, as text or as parquet, read through a layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import InputError
from underwriter.market.sources.head import PARQUET
from underwriter.market.sources.layout import Bound, Layout, bind, chain_of, with_formats
from underwriter.market.sources.rows import Wanted, columns_of, numbers
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.sources.text import Header, blocks_of, first_bytes

SLICE = 500_000  # rows of a parquet read at once
_FLOAT32_DIGITS = 7  # 17.1 as a 32-bit float is 17.100000381


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """A format whose files are one table of quotes.

    `marks` are columns that no other format has together; `file_name` is a pattern whose first
    group is the underlying, for files that say it nowhere else.
    """

    name: str
    says: str
    marks: frozenset[str]
    layout: Layout
    file_name: str | None = None

    def recognises(self, head: Head) -> bool:
        """Whether the columns that mark the format are there, whatever their case."""
        return self.marks <= {name.casefold() for name in head.names}

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain in the file, in parts; InputError names what cannot be read."""
        yield from read_table(path, self.layout, self._underlying(path, ask))

    def _underlying(self, path: Path, ask: Ask) -> str | None:
        """The underlying that the person or the file's name says; InputError where they differ."""
        said = re.match(self.file_name, path.name) if self.file_name else None
        named, wanted = name_of(said[1]) if said else None, asked(ask.underlying)
        if named and wanted and named != wanted:
            raise InputError(
                f"{path}: found underlying {named} in the file's name; expected {wanted}, as "
                "--underlying says"
            )
        return wanted or named


def read_table(path: Path, layout: Layout, underlying: str | None) -> Iterator[Part]:
    """The rows of a csv, csv.gz, zip or parquet as parts of a chain."""
    if first_bytes(path).startswith(PARQUET):
        yield from _read_parquet(path, layout, underlying)
    else:
        yield from _read_text(path, layout, underlying)


def raw_columns(path: Path, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """The wanted columns of a text or a parquet, and `line`; InputError where one is missing."""
    if first_bytes(path).startswith(PARQUET):
        _refuse_lack(str(path), tuple(parquet_schema(path)), wanted)
        yield from parquet_columns(path, wanted)
        return
    for block in blocks_of(path):
        where = f"{block.header.place}, line {block.header.line}"
        _refuse_lack(where, block.header.names, wanted)
        yield columns_of(block, wanted)


def parquet_columns(path: Path, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """The wanted columns of a parquet and `line`, in slices; `wanted` as for text.

    Raises InputError for a type that cannot be what is wanted.
    """
    schema = parquet_schema(path)
    casts = [_cast(path, name, kind, schema[name]) for name, kind in wanted.items()]
    rows = pl.scan_parquet(path, glob=False)
    for start in range(0, parquet_height(path), SLICE):
        try:
            frame = rows.slice(start, SLICE).select(casts).collect()
        except (PolarsError, OSError) as problem:
            raise _damaged(path, problem) from problem
        lines = pl.int_range(start + 1, start + 1 + frame.height, dtype=pl.Int64, eager=True)
        yield _numbered(path, frame, wanted, lines)


def parquet_schema(path: Path) -> pl.Schema:
    """The columns of a parquet and their types; InputError where it is damaged."""
    try:
        return pl.scan_parquet(path, glob=False).collect_schema()
    except (PolarsError, OSError) as problem:
        raise _damaged(path, problem) from problem


def parquet_height(path: Path) -> int:
    """How many rows a parquet has; InputError where it is damaged or has none."""
    try:
        height = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (PolarsError, OSError) as problem:
        raise _damaged(path, problem) from problem
    if not height:
        raise InputError(f"{path}: found a parquet without rows; expected at least one")
    return height


def _read_text(path: Path, layout: Layout, underlying: str | None) -> Iterator[Part]:
    """The rows of a text, block after block."""
    bound: Bound | None = None
    header: Header | None = None
    for block in blocks_of(path):
        if bound is None or block.header is not header:
            header, bound = block.header, _bound(layout, block.header, underlying)
        raw = columns_of(block, bound.wanted())
        if raw.height:
            bound = bound if bound.formats else with_formats(bound, raw)
            yield Part("chain", chain_of(raw, bound))


def _bound(layout: Layout, header: Header, underlying: str | None) -> Bound:
    """The layout on the header of a text."""
    return bind(layout, f"{header.place}, line {header.line}", header.names, underlying)


def _read_parquet(path: Path, layout: Layout, underlying: str | None) -> Iterator[Part]:
    """The rows of a parquet, slice after slice."""
    names = tuple(parquet_schema(path).names())
    bound = bind(layout, str(path), names, underlying)
    for raw in parquet_columns(path, bound.wanted()):
        bound = bound if bound.formats else with_formats(bound, raw)
        yield Part("chain", chain_of(raw, bound))


def _refuse_lack(where: str, names: tuple[str, ...], wanted: Wanted) -> None:
    """Refuse a header that lacks a wanted column."""
    for name in wanted:
        if name not in names:
            found = ",".join(names)[:120]
            raise InputError(f"{where}: found no column {name} in {found}; expected it")


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
        return column.cast(pl.Date)
    if kind == "word" and (isinstance(dtype, (pl.Categorical, pl.Enum)) or dtype.is_integer()):
        return column.cast(pl.String)
    allowed = "numbers" if kind == "number" else "text or dates"
    raise InputError(f"{path}, column {name}: found type {dtype}; expected {allowed}")


def _numbered(path: Path, frame: pl.DataFrame, wanted: Wanted, lines: pl.Series) -> pl.DataFrame:
    """A slice with its lines, and numbers where text stood for them."""
    texts = [name for name, kind in wanted.items() if kind == "number"]
    changed = [
        numbers(str(path), frame[name], lines) for name in texts if frame.schema[name] == pl.String
    ]
    return frame.with_columns(*changed, lines.alias("line"))


def _damaged(path: Path, problem: Exception) -> InputError:
    """The refusal of a parquet that cannot be read."""
    said = str(problem).splitlines()[0]
    return InputError(f"{path}: found a damaged parquet ({said}); expected a whole one")
