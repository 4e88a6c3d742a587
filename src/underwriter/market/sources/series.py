"""What the formats of series share: a file as a table, its days, its underlyings, its frames.

A series stands in a csv, csv.gz, zip or parquet.  Its rows may run forwards or backwards in time,
as exchanges and vendors like it; a row out of order, or a day that stands there twice, is refused.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.dates import read_days
from underwriter.market.history import DAYS
from underwriter.market.schema import Kind, conform, kind_of
from underwriter.market.sources.source import Ask, Head
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.table import Table, is_date_name

Days = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]
Columns = Mapping[str, Sequence[object] | Values]

BLANK = frozenset({"", ".", "null", "n/a", "N/A"})  # how files write that there is no value
_SYMBOLS = ("underlying", "symbol", "ticker", "act_symbol")
_TICKER = re.compile(r"[A-Z]{1,5}([.-][A-Z])?(?=$|[_ ])")
_OF_OPTIONS = frozenset({"strike", "expiry", "expiration", "expire_date", "option_type"})

_OF_ACCOUNTS = frozenset({"action", "quantity", "trans code", "fees & comm"})


def plain_names(head: Head) -> tuple[str, ...]:
    """The names of a file's columns in lower case."""
    return tuple(name.strip('"').strip().lower() for name in head.names)


def is_series(head: Head) -> bool:
    """Whether a file has a date column, and is none of options, of an account or of the lake."""
    names = plain_names(head)
    another = {name.strip("[]") for name in names} & {*_OF_OPTIONS, *_OF_ACCOUNTS}
    own = head.parquet and kind_of(head.names) is not None
    return any(map(is_date_name, names)) and not another and not own


def stem_of(path: Path) -> str:
    """A file's name without its endings: VIX_History for VIX_History.csv.gz."""
    name = path.name
    for ending in (".gz", ".zip", ".csv", ".txt", ".parquet"):
        name = name.removesuffix(ending)
    return name


def days_of(table: Table, name: str, keys: Sequence[str] = ()) -> Days:
    """The days (int32 day numbers) of a column, each once, or once for each of `keys`.

    One series may run forwards or backwards.  Raises InputError for what is no date, for a day
    that stands there twice, and for a single series out of order.
    """
    day = event_days(table, name)
    _each_once(table, name, day, keys)
    if len(set(keys)) <= 1 and not _sorted(day):
        row = _out_of_order(day)
        found = f"{table.column(name)[row]!r}, out of order"
        raise table.error(row, name, found, "days that run one way")
    return day


def event_days(table: Table, name: str) -> Days:
    """The days of a column in any order, several times or once; InputError for what is no date."""
    texts = table.column(name)
    dates = read_days(texts)
    if dates.bad >= 0:
        raise table.error(dates.bad, name, repr(texts[dates.bad]), DAYS)
    return dates.day


def date_column(table: Table) -> str:
    """The first column that holds dates."""
    return next(name for name in table.names if is_date_name(name))


def needed(table: Table, names: Sequence[str]) -> str:
    """The first of some names that is a column; InputError where none is."""
    found = next((name for name in names if name in table.names), None)
    if found is None:
        there = ", ".join(table.names)
        raise InputError(f"{table.path}: found columns {there}; expected {' or '.join(names)}")
    return found


def underlyings(table: Table, ask: Ask) -> list[str]:
    """The underlying of each row: a column says it, or the person, or the file's name.

    Raises InputError where nobody says it, and where the file is of another underlying than the
    one asked for.
    """
    column = next((name for name in _SYMBOLS if name in table.names), None)
    if column is None:
        return [underlying_of(table.path, ask)] * len(table.rows)
    wanted = asked(ask.underlying)
    cells = table.column(column)
    known = {
        cell: _symbol(table, cells.index(cell), column, wanted) for cell in dict.fromkeys(cells)
    }
    return [known[cell] for cell in cells]


def underlying_of(path: Path, ask: Ask) -> str:
    """The underlying of a whole file: as the person says, else as its name begins: SPY_daily.csv.

    Raises InputError where the name does not begin with a symbol in capitals.
    """
    said = asked(ask.underlying)
    if said is not None:
        return said
    found = _TICKER.match(stem_of(path))
    if found is None:
        raise InputError(
            f"{path}: found no underlying in its columns or its name; expected --underlying "
            "SYMBOL, or a name such as SPY.csv"
        )
    return found[0].replace("-", ".")


def frame_of(kind: Kind, table: Table, day: Days, columns: Columns) -> pl.DataFrame:
    """A frame of a kind: its lines, its days under the name the kind gives them, and `columns`.

    NaN becomes null: the source does not say.
    """
    name = "ex_date" if kind == "dividends" else "date"
    days = pl.Series(day, dtype=pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({name: days, "line": table.lines, **columns})
    return conform(kind, frame.with_columns(pl.selectors.float().fill_nan(None)))


def _symbol(table: Table, row: int, column: str, wanted: str | None) -> str:
    """The symbol of a row, which must be the one that is wanted, if any is."""
    cell = table.column(column)[row]
    symbol = name_of(cell.replace("-", "."))
    if symbol is None or wanted not in {None, symbol}:
        allowed = "a symbol such as SPY" if wanted is None else f"{wanted}, the one asked for"
        raise table.error(row, column, repr(cell), allowed)
    return symbol


def _sorted(day: Days) -> bool:
    """Whether days run one way."""
    step = np.diff(day)
    return bool((step > 0).all() or (step < 0).all())


def _out_of_order(day: Days) -> int:
    """The first row that goes against most of the others."""
    step = np.diff(day)
    against = step < 0 if (step > 0).sum() >= (step < 0).sum() else step > 0
    return int(np.argmax(against)) + 1


def _each_once(table: Table, name: str, day: Days, keys: Sequence[str]) -> None:
    """Refuse a day that a series has twice."""
    seen: dict[tuple[str, int], int] = {}
    for row, one in enumerate(day.tolist()):
        key = (keys[row] if keys else "", one)
        if key in seen:
            found = f"{table.column(name)[row]!r}, the day of line {table.lines[seen[key]]} again"
            raise table.error(row, name, found, "each day once")
        seen[key] = row
