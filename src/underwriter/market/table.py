"""A csv file as text: its header and its rows, each with the line it stands on.

Plain or gzipped; comma, semicolon, tab or bar; with or without a few lines before the header, as
exchanges and universities like to write them.  The header is the first line that names a date
column.  What cannot be read is an InputError of one line.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from underwriter.core.errors import InputError

_GZIP = b"\x1f\x8b"
_HEADER_WITHIN = 20  # lines: what stands before the header is a title or a notice
_DELIMITERS = ",;\t|"
_DATE_NAMES = frozenset({"date", "day", "time", "datetime", "timestamp", "caldt", "trading day"})


class Table(NamedTuple):
    """A csv file: column names in lower case, rows of text, and the line of each row."""

    path: Path
    names: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        """The cells of a column, a missing one empty."""
        place = self.names.index(name)
        return [row[place] if place < len(row) else "" for row in self.rows]

    def error(self, row: int, column: str, found: str, allowed: str) -> InputError:
        """What to raise for the cell of a row: file, line, column, finding, what is allowed."""
        place = f"{self.path}, line {self.lines[row]}, column {column}"
        return InputError(f"{place}: found {found}; expected {allowed}")


def read_table(path: Path) -> Table:
    """The rows of a csv or csv.gz file that has a date column.

    Raises InputError where the file is missing or unreadable, has no date column, or no rows.
    """
    text = _text(path)
    lines = list(_csv(path, text))
    if not lines:
        raise InputError(f"{path}: found an empty file; expected a history of some days")
    header = next((at for at, (_, row) in enumerate(lines[:_HEADER_WITHIN]) if _dated(row)), None)
    if header is None:
        raise InputError(
            f"{path}, line 1: found no date column in {','.join(lines[0][1])[:60]!r}; expected a "
            "header with a column named date, day or time"
        )
    kept = [(line, row) for line, row in lines[header + 1 :] if any(cell.strip() for cell in row)]
    if not kept:
        raise InputError(f"{path}: found a header and no rows; expected a history of some days")
    names = [_plain(name) for name in lines[header][1]]
    return Table(path, names, [row for _, row in kept], [line for line, _ in kept])


def read_rows(path: Path, text: str, names: Sequence[str]) -> Table:
    """The rows of a csv text without a header, under the names that its format gives them.

    Raises InputError where there are no rows, or one of another width.
    """
    lines = [(line, row) for line, row in _csv(path, text) if any(cell.strip() for cell in row)]
    if not lines:
        raise InputError(f"{path}: found an empty file; expected a history of some days")
    for line, row in lines:
        if len(row) != len(names):
            found = f"found {len(row)} cells; expected {len(names)}: {', '.join(names)}"
            raise InputError(f"{path}, line {line}: {found}")
    return Table(path, list(names), [row for _, row in lines], [line for line, _ in lines])


def is_date_name(name: str) -> bool:
    """Whether a column of this name holds the date: date, time, quote_date, DATE ..."""
    plain = _plain(name)
    return plain in _DATE_NAMES or plain.endswith((" date", "_date", "-date"))


def _plain(name: str) -> str:
    """A column's name on one line, in lower case, without quotes and blanks around it."""
    return " ".join(name.strip().strip('"').split()).lower()


def _dated(row: list[str]) -> bool:
    """Whether a row names a date column."""
    return any(is_date_name(cell) for cell in row)


def _csv(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """The lines of a csv text, split, with their numbers."""
    sample = "\n".join(text.splitlines()[:_HEADER_WITHIN])
    delimiter = max(_DELIMITERS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as problem:
        where = f"{path}, line {reader.line_num}"
        raise InputError(f"{where}: found {problem}; expected comma-separated text") from problem


def _text(path: Path) -> str:
    """The text of a plain or gzipped file."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{path}: {found}; expected a csv or csv.gz file") from problem
    try:
        content = gzip.decompress(raw) if raw.startswith(_GZIP) else raw
        return content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as problem:
        raise InputError(f"{path}: found damaged gzip; expected a whole csv.gz file") from problem
    except UnicodeDecodeError as problem:
        found = f"a byte at {problem.start} that is no UTF-8 text"
        raise InputError(f"{path}: found {found}; expected a csv or csv.gz file") from problem
