"""A block of text as columns: numbers as floats, words as text, each row with its line.

The quick way reads a block whose every line has as many cells as the header.  What it cannot
read goes row by row, which is slow and finds the line to name in the refusal.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import InputError
from underwriter.market.sources.text import Block, decoded

Wanted = Mapping[str, Literal["number", "word"]]
Letters = npt.NDArray[np.uint8]

NOTHING = ("", "null", "NULL", "None", "\\N")  # how files write that they do not say
_END = ord("\n")
_BLANKS = " \t"
_MOST = 2**31 - 1  # a count is a 32-bit number
_LONGEST = 40  # characters of a found cell that a message repeats


def columns_of(block: Block, wanted: Wanted) -> pl.DataFrame:
    """The wanted columns of a block under their names in the file, and `line`.

    Numbers are Float64, words are text without blanks around it; null where nothing stands.  Raises
    InputError with line and column for a ragged row, a second header, text in a number column.
    """
    text = None if block.body.isascii() else decoded(block.header.place, block.line, block.body)
    if b"\x00" in block.body:
        decoded(block.header.place, block.line, block.body)
    frame = _quick(block, wanted)
    if frame is None:
        frame = _row_by_row(block, wanted, text or block.body.decode())
    return frame


def numbers(place: str, words: pl.Series, lines: pl.Series) -> pl.Series:
    """Words as floats; InputError that names the first that is none."""
    plain = words.str.strip_chars(_BLANKS)
    said = plain.set(plain.is_in(NOTHING), None)
    found = said.cast(pl.Float64, strict=False)
    wrong = (found.is_null() & said.is_not_null()).arg_true()
    if len(wrong):
        at = wrong[0]
        raise wrong_cell(place, lines[at], words.name, said[at], _why_no_number(said[at]))
    return found


def refuse_no_counts(raw: pl.DataFrame, names: Sequence[str], place: str) -> None:
    """Refuse a number that is no whole one from zero; none and NaN say nothing, and are fine."""
    wrong = raw.select(_is_no_count(name).any() for name in names)
    for name in names:
        if wrong[name][0]:
            row = raw.filter(_is_no_count(name)).row(0, named=True)
            raise wrong_cell(place, row["line"], name, row[name], "a whole number from 0")


def _is_no_count(name: str) -> pl.Expr:
    """Whether a number is no count."""
    count = pl.col(name).fill_nan(None)
    return (count < 0) | (count > _MOST) | (count != count.floor())


def wrong_cell(place: str, line: int, column: str, found: object, allowed: str) -> InputError:
    """What to raise for one cell: file, line, column, what was found, what is allowed."""
    shown = "nothing" if found is None else repr(found)
    if len(shown) > _LONGEST:
        shown = shown[:_LONGEST] + "..."
    where = f"{place}, line {line}, column {column}"
    return InputError(f"{where}: found {shown}; expected {allowed}")


def _why_no_number(found: str) -> str:
    """What was expected instead of a cell that is no number."""
    if found.replace(",", "").replace(".", "", 1).lstrip("-").isdigit():
        return "a plain number, without thousands separators"
    return "a number"


class _Shape(NamedTuple):
    """Where the cells of a regular block stand."""

    rows: int
    plain: bool  # no quotes, and no blanks beside delimiters, as some vendors write them


def _quick(block: Block, wanted: Wanted) -> pl.DataFrame | None:
    """A regular block's columns; None where it is irregular or a cell is no number."""
    names = block.header.names
    shape = _shape(block)
    if shape is None:
        return None
    places = {name: f"column_{names.index(name) + 1}" for name in wanted}
    schema = {f"column_{at + 1}": _dtype(wanted, name) for at, name in enumerate(names)}
    try:
        frame = pl.read_csv(
            block.body,
            has_header=False,
            separator=block.header.delimiter,
            schema=schema,
            columns=sorted(set(places.values())),
        )
    except PolarsError:
        return None
    if frame.height != shape.rows:
        return None
    lines = pl.int_range(block.line, block.line + shape.rows, dtype=pl.Int64, eager=True)
    named = frame.select(pl.col(place).alias(name) for name, place in places.items())
    words = pl.col(pl.String)
    if not shape.plain:
        words = words.str.strip_chars(_BLANKS)
        words = pl.when(words != "").then(words)
    return named.with_columns(words, line=lines)


def _dtype(wanted: Wanted, name: str) -> type[pl.DataType]:
    """What a column is read as."""
    return pl.Float64 if wanted.get(name) == "number" else pl.String


def _shape(block: Block) -> _Shape | None:
    """The shape of a block; None where a line has more or fewer cells than the header."""
    body = block.body if block.body.endswith(b"\n") else block.body + b"\n"
    letters = np.frombuffer(body, np.uint8)
    cuts = _cuts(letters, block.header.delimiter, quoted=b'"' in body)
    width = len(block.header.names)
    if width == 1 or cuts is None:
        return None
    marks = letters[cuts]
    if len(marks) % width:
        return None
    ends = marks.reshape(-1, width) == _END
    if not ends[:, -1].all() or ends[:, :-1].any():
        return None
    blank = any(mark.encode() in body for mark in _BLANKS) and _padded(letters, cuts)
    return _Shape(len(ends), plain=not blank and b'"' not in body)


def _cuts(letters: Letters, delimiter: str, *, quoted: bool) -> npt.NDArray[np.bool_] | None:
    """Which letters end a cell; None where a quoted cell holds a line end."""
    ends = letters == _END
    cuts = (letters == ord(delimiter)) | ends
    if quoted:
        inside = (np.cumsum(letters == ord('"'), dtype=np.int32) & 1).astype(bool)
        if (inside & ends).any():
            return None
        cuts &= ~inside
    return cuts


def _padded(letters: Letters, cuts: npt.NDArray[np.bool_]) -> bool:
    """Whether a cell begins or ends with a blank."""
    places = np.flatnonzero(cuts)
    last = places - 1 - (letters[places - 1] == ord("\r"))
    firsts = np.append(places[:-1] + 1, 0)
    return any((letters[at] == ord(blank)).any() for at in (firsts, last) for blank in _BLANKS)


def _row_by_row(block: Block, wanted: Wanted, text: str) -> pl.DataFrame:
    """A block's columns, read a row at a time; blank lines are passed over."""
    rows, lines = _checked_rows(block, text)
    numbered = pl.Series("line", lines, pl.Int64)
    columns = [_column(block, rows, name, numbered, wanted) for name in wanted]
    return pl.DataFrame([*columns, numbered])


def _column(
    block: Block, rows: list[list[str]], name: str, lines: pl.Series, wanted: Wanted
) -> pl.Series:
    """One column of rows of text."""
    at = block.header.names.index(name)
    words = pl.Series(name, [row[at].strip(_BLANKS) for row in rows], pl.String)
    if wanted[name] == "number":
        return numbers(block.header.place, words, lines)
    return words.set(words == "", None)


def _checked_rows(block: Block, text: str) -> tuple[list[list[str]], list[int]]:
    """The rows of a text and the line of each; InputError for one that is not the header's."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=block.header.delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row and (len(row) > 1 or row[0].strip()):
                line = block.line + reader.line_num - 1
                _check_row(block, row, line)
                rows.append(row)
                lines.append(line)
    except csv.Error as problem:
        where = f"{block.header.place}, line {block.line + reader.line_num - 1}"
        raise InputError(f"{where}: found {problem}; expected csv") from problem
    return rows, lines


def _check_row(block: Block, row: list[str], line: int) -> None:
    """Refuse a row of another width than the header, and the header itself."""
    names = block.header.names
    where = f"{block.header.place}, line {line}"
    if tuple(cell.strip() for cell in row) == names:
        raise InputError(f"{where}: found the header again; expected one, at the top of the file")
    if len(row) != len(names):
        raise InputError(
            f"{where}: found {len(row)} cells; expected {len(names)}, one for each column of line "
            f"{block.header.line} (a number with thousands separators must be written without)"
        )
