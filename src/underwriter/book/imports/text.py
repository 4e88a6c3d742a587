"""The text of a statement and its rows as csv, each with its line; a cut-off file is refused."""

import csv
import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from underwriter.book.imports.cells import Record
from underwriter.book.imports.place import Place
from underwriter.core.errors import InputError

_BOM = b"\xef\xbb\xbf"
_MOST = 200_000_000  # bytes: no statement is as long


class Line(NamedTuple):
    """The cells of one row, and the line that it starts on."""

    line: int
    cells: list[str]


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; InputError where it cannot be read, is empty or far too long."""
    try:
        if path.stat().st_size > _MOST:
            raise InputError(f"{path}: expected a statement, found more than {_MOST:,} bytes")
        body = path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path}: expected a statement, found {problem.strerror}") from problem
    if not body.strip():
        raise InputError(f"{path}: expected a statement, found an empty file")
    return body


def text_of(path: Path, body: bytes) -> str:
    """A body as text; InputError with the row where it is no UTF-8, or holds a zero byte."""
    plain = body.removeprefix(_BOM)
    try:
        text = plain.decode()
    except UnicodeDecodeError as problem:
        row = 1 + plain.count(b"\n", 0, problem.start)
        found = f"byte 0x{plain[problem.start]:02x}"
        raise Place(str(path), row).refuse("text in UTF-8", found) from problem
    if "\x00" in text:
        row = 1 + text.count("\n", 0, text.index("\x00"))
        raise Place(str(path), row).refuse("text in UTF-8", "a zero byte")
    return text


def lines_of(path: Path, text: str) -> list[Line]:
    """The rows of a csv that are not blank; InputError where it is broken or breaks off."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Line] = []
    start = 1
    try:
        for cells in reader:
            if any(cells) and (len(cells) > 1 or cells[0].strip()):
                rows.append(Line(start, cells))
            start = reader.line_num + 1
    except csv.Error as problem:
        found = f"{str(problem)!r}, as where a file is cut off"
        raise Place(str(path), start).refuse("whole csv", found) from problem
    return rows


def records_of(path: Path, header: Line, rows: list[Line]) -> Iterator[Record]:
    """The rows below a header by the names of its columns, each checked for its width."""
    names = [cell.strip() for cell in header.cells]
    place = Place(str(path), header.line)
    for one, after in pairwise(sorted(name for name in names if name)):
        if one == after:
            raise place.refuse("each column once", f"two of {one!r}")
    for row in rows:
        cells = zip(names, _fitting(path, names, row), strict=True)
        yield Record(Place(str(path), row.line), dict(cells))


def _fitting(path: Path, names: list[str], row: Line) -> list[str]:
    """The cells of a row that has as many as its header; a header again is refused."""
    place = Place(str(path), row.line)
    if [cell.strip() for cell in row.cells] == names:
        raise place.refuse("one header", "it again: are two exports in one file?")
    if len(row.cells) != len(names):
        found = f"{len(row.cells)}: is the file cut off?"
        raise place.refuse(f"{len(names)} cells, one for each column", found)
    return row.cells
