"""Tables of the user's own: fundamentals as filed, and days of earnings.

    symbol,filed,period,sector,piotroski_f          csv, one row a filing
    [[filing]]                                      or TOML, one table a filing
    symbol = "KO"

Read as strictly as a policy: an unknown column, or a cell that is no number or no day, is refused
with the file, the line, the column and what is allowed.  docs/screen.md has the columns.
"""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.app.toml_text import read_toml, suggestion
from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.market.fundamentals import FIGURES, KINDS, Filing
from underwriter.market.joined import EXPECTED, Announced
from underwriter.market.table import text_of

_TOML = ".toml"
_WHEN = ("before", "after")
_FILING = ("symbol", "filed", "period", "kind", "sector", *FIGURES)
_EARNINGS = ("symbol", "date", "when", "announced")
_SYMBOL = "a symbol such as KO"
_DAY = "a day such as 2026-02-20"


class _Row(NamedTuple):
    """One row: the cells that are there, as text, and where it stands."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, allowed: str) -> InputError:
        """What to raise for a cell."""
        found = repr(self.cells[column]) if column in self.cells else "nothing"
        where = f"{self.path}, line {self.line}, column {column}"
        return InputError(f"{where}: found {found}; expected {allowed}")

    def symbol(self) -> str:
        """The symbol, in upper case."""
        found = self.cells.get("symbol", "").upper()
        if not found or len(found) > 12 or " " in found:  # noqa: PLR2004  as in a universe
            raise self.error("symbol", _SYMBOL)
        return found

    def day(self, column: str) -> int:
        """A day number."""
        try:
            return day_number(date.fromisoformat(self.cells.get(column, "")))
        except ValueError as problem:
            raise self.error(column, _DAY) from problem

    def word(self, column: str, allowed: Sequence[str]) -> str:
        """One of some words, or nothing."""
        found = self.cells.get(column, "").casefold()
        if found and found not in allowed:
            raise self.error(column, " or ".join(allowed))
        return found

    def number(self, column: str) -> float:
        """A number."""
        try:
            found = float(self.cells[column])
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise self.error(column, "a number, or nothing where it is not known")
        return found


def read_fundamentals(path: Path) -> dict[str, list[Filing]]:
    """What each symbol filed, from a csv or TOML; InputError for what cannot be used."""
    found: dict[str, list[Filing]] = {}
    for row in _rows(path, "filing", _FILING, ("symbol", "filed")):
        filed = row.day("filed")
        period = row.day("period") if "period" in row.cells else filed
        if period > filed:
            raise row.error("period", "the last day of a period that was over when it was filed")
        figures = {name: row.number(name) for name in FIGURES if name in row.cells}
        kind, sector = row.word("kind", KINDS), row.cells.get("sector", "")
        symbol = row.symbol()
        found.setdefault(symbol, []).append(Filing(symbol, filed, period, kind, sector, figures))
    return found


def read_earnings(path: Path) -> dict[str, Announced]:
    """When each symbol reports, from a csv or TOML; InputError for what cannot be used.

    An announcement counts as known from the day it was `announced`, else from ninety days before.
    """
    found: dict[str, list[tuple[int, bool, int]]] = {}
    for row in _rows(path, "earnings", _EARNINGS, ("symbol", "date")):
        day, early = row.day("date"), row.word("when", _WHEN) == "before"
        known = row.day("announced") if "announced" in row.cells else day - EXPECTED
        if known > day:
            raise row.error("announced", "a day not after the date itself")
        found.setdefault(row.symbol(), []).append((day, early, known))
    return {symbol: _announced(rows) for symbol, rows in found.items()}


def _announced(rows: Iterable[tuple[int, bool, int]]) -> Announced:
    """Rows as columns."""
    day, early, known = zip(*rows, strict=True)
    return Announced(np.array(day, np.int32), np.array(early, np.bool_), np.array(known, np.int32))


def _rows(path: Path, table: str, allowed: Sequence[str], needed: Sequence[str]) -> Iterator[_Row]:
    """The rows of a file; InputError for a column that is not allowed, or one that is not there."""
    toml = path.suffix.casefold() == _TOML
    for row in _of_toml(path, table) if toml else _of_csv(path):
        strange = next((name for name in row.cells if name not in allowed), None)
        if strange is not None:
            where = f"{path}, line {row.line}: found unknown column {strange}"
            raise InputError(f"{where}; allowed: {suggestion(strange, allowed)}")
        cells = {name: cell for name, cell in row.cells.items() if cell}
        full = row._replace(cells=cells)
        for name in needed:
            if name not in cells:
                raise full.error(name, "one in every row")
        yield full


def _of_csv(path: Path) -> Iterator[_Row]:
    """The rows of a csv below its header, blank ones left out."""
    if not path.is_file():
        raise InputError(f"{path}: found no such file; expected a csv or TOML table")
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    names = [name.strip().casefold() for name in next(reader, [])]
    if not any(names):
        raise InputError(f"{path}: found an empty file; expected a header and rows")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path}, line 1: found column {twice} twice; expected each once")
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) > len(names):
            found = f"found {len(cells)} cells; expected {len(names)}, one for each column"
            raise InputError(f"{path}, line {reader.line_num}: {found}")
        yield _Row(path, reader.line_num, dict(zip(names, cells, strict=False)))


def _of_toml(path: Path, table: str) -> Iterator[_Row]:
    """The tables of a TOML file, their values as text."""
    source = read_toml(path)
    strange = next((name for name in source.content if name != table), None)
    rows = source.content.get(table)
    if strange is not None or not isinstance(rows, list):
        found = f"found {strange}" if strange is not None else f"found no [[{table}]]"
        raise source.error((strange or table,), found, f"expected tables [[{table}]] alone")
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            raise source.error((table, at), f"found {row!r}", f"expected a table [[{table}]]")
        cells = {name: str(value).strip() for name, value in row.items()}
        yield _Row(path, source.line((table, at)), cells)
