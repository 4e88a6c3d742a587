"""Formats that are one table of rows, as text or as parquet, read through a layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.sources.layout import Bound, Layout, bind, chain_of, with_formats
from underwriter.market.sources.parquet import is_parquet, parquet_columns, parquet_schema
from underwriter.market.sources.rows import Wanted, columns_of
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.sources.text import Header, blocks_of


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
    if is_parquet(path):
        yield from _read_parquet(path, layout, underlying)
    else:
        yield from _read_text(path, layout, underlying)


def raw_columns(path: Path, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """The wanted columns of a text or a parquet, and `line`; InputError where one is missing."""
    if is_parquet(path):
        _refuse_lack(str(path), tuple(parquet_schema(path)), wanted)
        yield from parquet_columns(path, wanted)
        return
    for block in blocks_of(path):
        where = f"{block.header.place}, line {block.header.line}"
        _refuse_lack(where, block.header.names, wanted)
        yield columns_of(block, wanted)


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
