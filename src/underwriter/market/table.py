"""A csv or a parquet as text: its header and its rows, each with the line it stands on.

Plain, gzipped or in a zip; comma, semicolon, tab or bar; with or without a few lines before the
header, as exchanges and universities like to write them.  The header is the first line that names
a date column.  What cannot be read is an InputError of one line.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from underwriter.core.errors import InputError
from underwriter.market.sources.parquet import is_parquet, parquet_words
from underwriter.market.sources.text import DAMAGE, decoded, members

_BOM = b"\xef\xbb\xbf"
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
    """The rows of a csv, csv.gz, zip or parquet that has a date column.

    Raises InputError where the file is missing or unreadable, has no date column or one column
    twice, no rows, or a row with more cells than the header.
    """
    lines = _parquet(path) if is_parquet(path) else _csv(path, text_of(path))
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
    line, row = lines[header]
    names = [_plain(name) for name in row]
    _refuse_twice(path, line, names)
    _refuse_wider(path, len(names), kept)
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


def _refuse_twice(path: Path, line: int, names: Sequence[str]) -> None:
    """Refuse a header that has a name twice: nobody could tell which column is meant."""
    name = next((name for name in names if name and names.count(name) > 1), None)
    if name is not None:
        raise InputError(f"{path}, line {line}: found column {name} twice; expected each once")


def _refuse_wider(path: Path, width: int, rows: Sequence[tuple[int, list[str]]]) -> None:
    """Refuse a row with more cells than the header: 1,250.00 without quotes would be a 1."""
    for line, row in rows:
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise InputError(
                f"{path}, line {line}: found {len(row)} cells; expected {width}, one for each "
                "column (a number with thousands separators must be written without)"
            )


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


def _parquet(path: Path) -> list[tuple[int, list[str]]]:
    """The header of a parquet, line 0, and its rows as text, numbered from 1."""
    rows = [[cell or "" for cell in row] for row in parquet_words(path)]
    return list(enumerate(rows))


def text_of(path: Path) -> str:
    """The one text of a file, out of its gzip or zip.

    Raises InputError where it is damaged or no UTF-8, or there are several.
    """
    member, *others = members(path)
    if others:
        raise InputError(f"{path}: found {1 + len(others)} files in it; expected one")
    try:
        content = b"".join(member.chunks)
    except DAMAGE as problem:
        said = str(problem).lower()
        raise InputError(f"{path}: found damage ({said}); expected a whole file") from problem
    return decoded(member.place, 1, content.removeprefix(_BOM))
