"""Yields of bills and overnight money from csv, in percent a year as published.

    DATE,DTB3  observation_date,DFF     FRED; a dot or a blank where there is no value
    date,tbill_13w_yield_pct            the 13-week bill, which Yahoo calls ^IRX
    date,value                          named by the file: fred_DFF_daily.csv
    Date,Open,High,Low,Close,...        ^IRX.csv

DTB3 and IRX are discounts of a bank, not yields (market.replay.bill_rate); DFF is a simple rate.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from underwriter.core.errors import InputError
from underwriter.market.history import MOST_PERCENT, numbers
from underwriter.market.sources.cboe_series import levels_frame
from underwriter.market.sources.series import (
    BLANK,
    date_column,
    days_of,
    is_series,
    plain_names,
    stem_of,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.table import Table, is_date_name, read_table

SERIES = ("IRX", "DTB3", "DTB4WK", "DTB6", "DGS1MO", "DGS3MO", "TB3MS", "DFF", "FEDFUNDS", "SOFR")
_ALSO = {"tbill_13w_yield_pct": "IRX"}
_CELLS = ("value", "close")
_WORD = re.compile(r"[A-Z0-9]+")


class Rates:
    """Bill yields and overnight rates."""

    name = "rates"
    says = "bill yields and overnight rates in percent a year: IRX, and FRED's DTB3, DFF and others"

    def recognises(self, head: Head) -> bool:
        """Whether a column is named by a rate, or the file is and has a value or a close."""
        names = [name for name in plain_names(head) if not is_date_name(name)]
        if not is_series(head) or not names:
            return False
        known = [_by_column(name) for name in names]
        return all(known) or (bool(_by_name(head.path)) and bool(set(names) & set(_CELLS)))

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The yields of a file; see `sources.source.Format`."""
        table = read_table(path)
        day = days_of(table, date_column(table))
        for column, series in _columns(table, ask).items():
            value = numbers(table, column, positive=False, missing=BLANK)
            wild = np.abs(value) > MOST_PERCENT
            if wild.any():
                row = int(np.argmax(wild))
                found = repr(table.column(column)[row])
                raise table.error(row, column, found, "percent a year, such as 5.27")
            yield Part("levels", levels_frame(table, day, series, value))


def _columns(table: Table, ask: Ask) -> dict[str, str]:
    """The columns to read, with the series that each of them is."""
    names = [name for name in table.names if name and not is_date_name(name)]
    known = {name: _by_column(name) for name in names if _by_column(name)}
    if known:
        return known
    column = next((name for name in _CELLS if name in names), None)
    series = (ask.underlying or "").upper() or _by_name(table.path)
    if column is None or not series:
        expected = f"a column or a file named by one of {', '.join(SERIES)}"
        raise InputError(
            f"{table.path}: found columns {', '.join(table.names)}; expected {expected}"
        )
    return {column: series}


def _by_column(name: str) -> str:
    """The series that a column of this name is, else an empty text."""
    plain = name.upper().lstrip("^")
    return _ALSO.get(name, plain if plain in SERIES else "")


def _by_name(path: Path) -> str:
    """The series that a word in the name of a file is, else an empty text."""
    words = _WORD.findall(stem_of(path).upper())
    return next((series for series in SERIES if series in words), "")


RATES = Rates()
