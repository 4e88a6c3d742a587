"""Closes of many underlyings in one file: a date, and a column for each symbol.

    Date,AAPL,KO,BRK-B              in capitals, two at least
    Date,SP500                      as FRED names an index; there may be one alone

A blank, or a dot, is a day on which the symbol has no close.  What could not have been quoted in
any exchange's steps (closes that hold dividends, volatilities) looks alike otherwise, and is
refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.history import MOST_PRICE, numbers
from underwriter.market.series_quality import MOST_OFF, off_steps
from underwriter.market.sources.cboe_series import CBOE
from underwriter.market.sources.rates import RATES
from underwriter.market.sources.series import (
    BLANK,
    Columns,
    Days,
    date_column,
    days_of,
    frame_of,
    is_series,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.table import Table, is_date_name, read_table

_SYMBOL = re.compile(r"[A-Z]{1,5}([.-][A-Z])?")
_INDICES = {"SP500": "SPX", "NASDAQ100": "NDX"}  # as FRED names them
_ROWS = 500_000  # in one part, about
_NO_SYMBOLS = frozenset({"DATE", "OPEN", "HIGH", "LOW", "CLOSE", "LAST", "VALUE", "PRICE"})


class WideCloses:
    """Closes, one column a symbol."""

    name = "wide-closes"
    says = "closes of many underlyings: a date, and a column in capitals for each symbol"

    def recognises(self, head: Head) -> bool:
        """Whether all columns but a date are symbols, two at least, or an index of FRED's."""
        names = [name.strip('"').strip() for name in head.names]
        symbols = [name for name in names if not is_date_name(name)]
        enough = len(symbols) > 1 or _INDICES.keys() >= set(symbols)
        return (
            is_series(head)
            and len(symbols) == len(names) - 1 > 0
            and enough
            and all(map(_is_symbol, symbols))
            and not CBOE.recognises(head)
            and not RATES.recognises(head)
        )

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The closes of a file, symbol after symbol; see `sources.source.Format`."""
        table = read_table(path)
        name = date_column(table)
        day = days_of(table, name)
        symbols = [symbol for symbol in table.names if symbol != name]
        if ask.underlying is not None:
            symbols = [_asked(table, ask.underlying)]
        at_once = max(1, _ROWS // len(table.rows))
        for start in range(0, len(symbols), at_once):
            some = symbols[start : start + at_once]
            yield Part("bars", pl.concat([_closes(table, day, symbol) for symbol in some]))


def _is_symbol(name: str) -> bool:
    """Whether a column may be of closes."""
    return name in _INDICES or bool(_SYMBOL.fullmatch(name) and name not in _NO_SYMBOLS)


def _symbol(name: str) -> str:
    """The underlying that a column is of."""
    return _INDICES.get(name.upper(), name.upper().replace("-", "."))


def _asked(table: Table, underlying: str) -> str:
    """The one column asked for."""
    for name in table.names:
        if underlying.upper() in {name.upper(), _symbol(name)} and not is_date_name(name):
            return name
    raise InputError(f"{table.path}: found no column {underlying.upper()}; expected it")


def _closes(table: Table, day: Days, symbol: str) -> pl.DataFrame:
    """The closes of one symbol."""
    close = numbers(table, symbol, positive=True, most=MOST_PRICE, missing=BLANK)
    off = off_steps(close)
    if off > MOST_OFF:
        found = f"{off:.0%} of {symbol.upper()}'s values between all steps of price"
        raise InputError(f"{table.path}: found {found}; expected closes as traded")
    columns: Columns = {"underlying": [_symbol(symbol)] * len(day), "close": close}
    return frame_of("bars", table, day, columns).filter(pl.col("close").is_not_null())


WIDE_CLOSES = WideCloses()
