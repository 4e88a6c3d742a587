"""Daily bars of a stock, a fund or an index from csv: a date and a close, and more.

    Date,Open,High,Low,Close,Volume      as most vendors write it; also Close/Last and $ (Nasdaq)
    timestamp,open,...,adjusted_close,volume,dividend_amount,split_coefficient
                                         Alpha Vantage: as traded
    Date,Open,...,Close,Adj Close,Volume,Dividends,Stock Splits[,Capital Gains]
                                         yfinance with auto_adjust=False and actions

The lake keeps prices as they were traded on the day, since strikes were listed against those.
Yahoo divides prices and dividends by all later splits: where the splits stand in the file that is
undone exactly.  A close that holds dividends is refused, since it cannot be undone.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.core.errors import InputError
from underwriter.market.history import ADJUSTED, CLOSES, MOST_PRICE, numbers, value_column
from underwriter.market.sources.cboe_series import CBOE
from underwriter.market.sources.dividends import STOCK_SPLITS, dividend_frame
from underwriter.market.sources.rates import RATES
from underwriter.market.sources.series import (
    BLANK,
    Columns,
    Days,
    Values,
    date_column,
    days_of,
    frame_of,
    is_series,
    plain_names,
    stem_of,
    underlyings,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.splits import Ratios, ratios, split_frame
from underwriter.market.sources.unadjust import as_traded, shares_later
from underwriter.market.table import Table, read_table

_PRICE_NAMES = tuple(name for name in CLOSES if name != "value")
_FREE_HISTORY = frozenset({"symbol", "split_coefficient"})  # history_parquet reads those
_YAHOO_DIVIDENDS = ("dividends", "capital gains")
_AS_DECLARED, _RATIO = ("dividend_amount", *_YAHOO_DIVIDENDS), "split_coefficient"
ADJUSTED_NAME = re.compile(r"(?<!un)adjusted|total.?return", re.IGNORECASE)
_UNDO = "a close as traded on the day (yfinance: auto_adjust=False, actions=True)"


class Bars:
    """Daily bars, with dividends and splits where the file has them."""

    name = "bars"
    says = "daily bars: a date and a close as traded (also Nasdaq, Alpha Vantage, yfinance)"

    def recognises(self, head: Head) -> bool:
        """Whether there is a date and a price, and no other format knows the file better."""
        names = set(plain_names(head))
        priced = bool(names & {*_PRICE_NAMES, *ADJUSTED}) and not names >= _FREE_HISTORY
        return (
            is_series(head) and priced and not CBOE.recognises(head) and not RATES.recognises(head)
        )

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The bars of a file, and the dividends and splits beside them; see `Format`."""
        table = read_table(path)
        close = _close_column(table)
        symbol = underlyings(table, ask)
        day = days_of(table, date_column(table), symbol)
        beside = _beside(table, day, symbol)
        _refuse_total_return(table, beside)
        yield Part(
            "bars", frame_of("bars", table, day, _columns(table, close, symbol, beside.later))
        )
        if beside.paid is not None:
            yield Part("dividends", dividend_frame(table, day, symbol, beside.paid))
        if beside.ratio is not None:
            yield Part("splits", split_frame(table, day, symbol, beside.ratio))


class Beside(NamedTuple):
    """What stands beside the prices, a value each row; None where there is no such column."""

    later: Values | None  # what Yahoo divided prices and dividends by
    paid: Values | None
    ratio: Ratios | None


def _close_column(table: Table) -> str:
    """The column of closes as traded; InputError where there is none."""
    named = ADJUSTED_NAME.search(stem_of(table.path))
    if named is not None:
        raise InputError(f"{table.path}: found {named[0]!r} in its name; expected {_UNDO}")
    found = next((name for name in _PRICE_NAMES if name in table.names), None)
    adjusted = ", ".join(sorted(ADJUSTED & set(table.names)))
    if found is None and adjusted:
        raise InputError(f"{table.path}: found no close but {adjusted}; expected {_UNDO}")
    return found or value_column(table)


def _columns(table: Table, close: str, symbol: Sequence[str], later: Values | None) -> Columns:
    """The columns of the bars, as traded."""
    price = {name: _optional(table, name) for name in ("open", "high", "low")}
    price = {name: np.where(side == 0.0, np.nan, side) for name, side in price.items()}
    price["close"] = numbers(table, close, positive=True, most=MOST_PRICE)
    volume = _optional(table, "volume")
    if later is not None:
        price = {name: as_traded(side, later) for name, side in price.items()}
        volume = np.round(volume / later)
    return {"underlying": symbol, **price, "volume": volume}


def _optional(table: Table, name: str) -> Values:
    """A column of numbers from zero on, NaN where it is missing."""
    if name not in table.names:
        return np.full(len(table.rows), np.nan)
    found = numbers(table, name, positive=False, missing=BLANK)
    if (found < 0.0).any():
        row = int(np.argmax(found < 0.0))
        raise table.error(row, name, repr(table.column(name)[row]), "a number of zero or more")
    return found


def _beside(table: Table, day: Days, symbol: Sequence[str]) -> Beside:
    """Dividends and splits in the file, in shares of the day."""
    yahoo = next((name for name in STOCK_SPLITS if name in table.names), None)
    if yahoo is not None:
        ratio = ratios(table, yahoo)
        later = shares_later(day, symbol, ratio)
        return Beside(later, _paid(table, _YAHOO_DIVIDENDS, later), ratio)
    as_declared = np.ones(len(day))
    raw = ratios(table, _RATIO) if _RATIO in table.names else None
    return Beside(None, _paid(table, _AS_DECLARED, as_declared), raw)


def _paid(table: Table, columns: Sequence[str], later: Values) -> Values | None:
    """The dividends of some columns in shares of the day; None where there is no such column."""
    told = [np.nan_to_num(_optional(table, name)) for name in columns if name in table.names]
    return later * np.sum(told, axis=0) if told else None


def _refuse_total_return(table: Table, beside: Beside) -> None:
    """Refuse yfinance's default layout, in which dividends are inside the close."""
    if beside.later is None or beside.paid is None or ADJUSTED & set(table.names):
        return
    if beside.paid.any():
        row = int(np.argmax(beside.paid > 0.0))
        found = "a dividend and no column Adj Close beside it, so that it is inside the close"
        raise table.error(row, _YAHOO_DIVIDENDS[0], found, _UNDO)


BARS = Bars()
