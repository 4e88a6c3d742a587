"""The head of a file, of whichever kind: what its columns are called, and its first row.

A kind is told by the first bytes, never by the name: gzip, zip, parquet, JSON, else text.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from underwriter.core.errors import InputError
from underwriter.market.sources.parquet import is_parquet, parquet_first
from underwriter.market.sources.source import Head
from underwriter.market.sources.text import (
    ZIP,
    entries_of,
    first_bytes,
    first_lines,
    members,
    split_line,
)
from underwriter.market.table import is_date_name

_JSON = (b"{", b"[")
_HEADER_WITHIN = 20  # lines: what stands before a header is a title or a notice


def head_of(path: Path) -> Head:
    """The names of the columns of a file, its first row, and the names inside a zip.

    Of a text the header is the first of twenty lines that names a date column, else the first
    line.  Raises InputError where the file is missing, empty, damaged or none of ours.
    """
    first = first_bytes(path)
    if is_parquet(path):
        return _parquet_head(path)
    if is_json(first):
        return _json_head(path)
    return _text_head(path, entries_of(path) if first.startswith(ZIP) else ())


def records_of(path: Path) -> Sequence[Mapping[str, Any]]:
    """The records of a JSON file: a list of objects, or an answer whose `result` is one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as problem:
        raise InputError(f"{path}: found {problem}; expected JSON") from problem
    found = content.get("result") if isinstance(content, dict) else content
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise InputError(f"{path}: found JSON without records; expected a list of objects")
    if not found:
        raise InputError(f"{path}: found no records; expected at least one")
    return found


def is_json(first: bytes) -> bool:
    """Whether a file whose first bytes these are is JSON; a header like [QUOTE_DATE] is not."""
    start = first.lstrip()
    return start.startswith(_JSON) and start[1:].lstrip()[:1] in {b'"', b"{", b"}", b"]", b"["}


def _parquet_head(path: Path) -> Head:
    """The head of a parquet."""
    frame = parquet_first(path)
    first = tuple(str(cell) for cell in frame.row(0)) if frame.height else ()
    names = tuple(name.strip() for name in frame.columns)
    return Head(path, names, first, (), parquet=True)


def _json_head(path: Path) -> Head:
    """The head of a JSON: the keys of its first record."""
    record = records_of(path)[0]
    return Head(path, tuple(record), tuple(str(value) for value in record.values()), ())


def _text_head(path: Path, entries: tuple[str, ...]) -> Head:
    """The head of a text, or of the first text in a zip."""
    lines = first_lines(next(members(path)), _HEADER_WITHIN + 1)
    rows = [split_line(line) for line in lines if line.strip()]
    if not rows:
        raise InputError(f"{path}, line 1: found no text; expected a header and rows")
    dated = (at for at, row in enumerate(rows[:_HEADER_WITHIN]) if any(map(is_date_name, row)))
    header = next(dated, 0)
    return Head(path, rows[header], next(iter(rows[header + 1 : header + 2]), ()), entries)
