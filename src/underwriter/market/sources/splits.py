"""Splits from csv: a date and a ratio, in the ways that vendors write them.

    date,ratio            7:1, 7/1, 7-for-1, 7 for 1, or 7 (a reverse split of 8 is 1:8 or 0.125)
    execution_date,split_from,split_to,ticker        1, 7 (Polygon)
    date,new,old          7, 1
    Date,Stock Splits     7.0, and 0.0 on days without (yfinance)

The date is the first session at the new count.  A ratio is new shares to old ones, always.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import polars as pl

from underwriter.market.sources.series import (
    BLANK,
    Days,
    days_of,
    frame_of,
    is_series,
    needed,
    plain_names,
    underlyings,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.table import Table, is_date_name, read_table

Ratios = Sequence[Fraction | None]

_RATIOS = ("ratio", "split ratio", "split_ratio", "stock splits", "stock_splits", "split")
_PAIRS = (("new", "old"), ("split_to", "split_from"), ("numerator", "denominator"))
_BESIDE = frozenset({"close", "close/last", "dividends", "split_coefficient"})
_WRITTEN = re.compile(r"([\d.]+)\s*(?::|/|-?\s*for\s*-?)\s*([\d.]+)", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+(\.\d*)?(e-?\d+)?", re.IGNORECASE)
_ALLOWED = "new shares for old ones, such as 7:1"
_CLOSE_ENOUGH = 1e-5  # of a ratio: what rounding to six digits leaves
_MOST = 10_000  # shares on the smaller side


class Splits:
    """Splits: a date and a ratio."""

    name = "splits"
    says = "splits: a date and a ratio such as 7:1 (also Polygon and yfinance)"

    def recognises(self, head: Head) -> bool:
        """Whether there is a ratio, and no price or dividend beside it."""
        names = set(plain_names(head))
        return is_series(head) and not names & _BESIDE and bool(_columns(names))

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The splits of a file; see `sources.source.Format`."""
        table = read_table(path)
        symbol = underlyings(table, ask)
        day = days_of(table, _effective(table), symbol)
        yield Part("splits", split_frame(table, day, symbol, ratios(table)))


def ratios(table: Table, column: str | None = None) -> list[Fraction | None]:
    """New shares to old in each row of a column, or of those that say it; None for no split.

    Raises InputError, with file, line and column, for what is no ratio.
    """
    columns = (column,) if column else _columns(set(table.names)) or (needed(table, _RATIOS),)
    cells = zip(*(table.column(name) for name in columns), strict=True)
    return [_ratio(table, row, columns[0], ":".join(cell)) for row, cell in enumerate(cells)]


def split_frame(table: Table, day: Days, symbol: Sequence[str], found: Ratios) -> pl.DataFrame:
    """The rows that are splits, in the columns of `schema.SPLITS`."""
    columns = {
        "underlying": symbol,
        "new": [None if ratio is None else ratio.numerator for ratio in found],
        "old": [None if ratio is None else ratio.denominator for ratio in found],
    }
    return frame_of("splits", table, day, columns).filter(pl.col("new").is_not_null())


def simplest(ratio: float) -> Fraction:
    """The simplest fraction that a rounded ratio can mean: 7 for 6.99998, 3/2 for 1.500005."""
    near = (Fraction(ratio).limit_denominator(most) for most in range(1, _MOST))
    fine = (one for one in near if abs(float(one) / ratio - 1.0) < _CLOSE_ENOUGH)
    return next(fine, Fraction(ratio).limit_denominator(_MOST))


def _columns(names: set[str]) -> tuple[str, ...]:
    """The column of ratios, or the two of new shares and old; () where there is neither."""
    pair = next((pair for pair in _PAIRS if set(pair) <= names), ())
    return pair or tuple(name for name in _RATIOS if name in names)[:1]


def _effective(table: Table) -> str:
    """The column of the first day at the new count."""
    dates = [name for name in table.names if is_date_name(name)]
    return next((name for name in dates if name in {"date", "execution_date"}), dates[0])


def _ratio(table: Table, row: int, column: str, cell: str) -> Fraction | None:
    """The ratio a cell says; None for an empty one, 0, 1 and 1:1."""
    text = cell.strip().lower()
    written = _WRITTEN.fullmatch(text)
    parts = written.groups() if written else (text, "1")
    if text in BLANK:
        return None
    if not all(_DECIMAL.fullmatch(part) for part in parts):
        raise table.error(row, column, repr(cell), _ALLOWED)
    new, old = map(float, parts)
    if not written and new in {0.0, 1.0}:
        return None
    if not (0.0 < new <= _MOST and 0.0 < old <= _MOST):
        raise table.error(row, column, repr(cell), _ALLOWED)
    return simplest(new / old) if new != old else None


SPLITS = Splits()
