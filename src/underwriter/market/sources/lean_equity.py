"""LEAN's daily bars of a stock, and its factor files for dividends and splits.

    daily/spy.zip          one csv without a header: 20200102 00:00,open,high,low,close,volume
                           prices as traded, x 10,000
    factor_files/spy.csv   20210318,0.9967360,1,391.48: up to that day prices are to be multiplied
                           by the price factor and the split factor; the last column is the close

A dividend shows as a price factor that differs from the next row's, and was the close x (1 -
factor / next factor); a split as a split factor that does.  Both take effect on the session after
the row's day.  Factors have seven digits, so dividends come out to about 0.0001; LEAN's own source
rounded those of some years to cents.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from underwriter.core.errors import InputError
from underwriter.market.history import MOST_PRICE, numbers
from underwriter.market.sessions import ask_sessions
from underwriter.market.sources.dividends import dividend_frame
from underwriter.market.sources.series import Columns, Days, Values, days_of, frame_of, stem_of
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.splits import simplest, split_frame
from underwriter.market.table import read_rows, text_of

_SCALE = 10_000.0
_BAR = ("date", "open", "high", "low", "close", "volume")
_FACTOR = ("date", "price factor", "split factor", "close")
_MOMENT = re.compile(r"\d{8} \d\d:\d\d")
_DAY = re.compile(r"\d{8}")
_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?", re.IGNORECASE)
_DECIMALS = 4  # decimals to which factors tell a dividend
_EXCHANGE = "XNYS"


class LeanEquity:
    """LEAN's daily bars."""

    name = "lean-equity"
    says = "LEAN's daily bars of a stock: a zip named by it, prices x 10,000"

    def recognises(self, head: Head) -> bool:
        """Whether it is a zip of one csv of its own name, whose rows are daily bars."""
        own = [f"{stem_of(head.path)}.csv"]
        row = head.names
        return [*head.entries] == own and len(row) == len(_BAR) and bool(_MOMENT.fullmatch(row[0]))

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The bars of a file; see `sources.source.Format`."""
        table = read_rows(path, text_of(path), _BAR)
        day = days_of(table, "date")
        price = {
            name: numbers(table, name, positive=True, most=MOST_PRICE * _SCALE) / _SCALE
            for name in ("open", "high", "low", "close")
        }
        volume = numbers(table, "volume", positive=False)
        symbol = [_symbol(path, ask)] * len(day)
        columns: Columns = {"underlying": symbol, **price, "volume": volume}
        yield Part("bars", frame_of("bars", table, day, columns))


class LeanFactors:
    """LEAN's factor files."""

    name = "lean-factors"
    says = "LEAN's factor files: a stock's dividends and splits"

    def recognises(self, head: Head) -> bool:
        """Whether its rows are a day and three numbers."""
        row = head.names
        if head.entries or len(row) != len(_FACTOR) or not _DAY.fullmatch(row[0]):
            return False
        return all(_NUMBER.fullmatch(cell) for cell in row[1:])

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The dividends and splits of a file; see `sources.source.Format`."""
        table = read_rows(path, text_of(path), _FACTOR)
        day = _sessions_after(days_of(table, "date"))
        factor, share = (numbers(table, name, positive=True) for name in _FACTOR[1:3])
        close = numbers(table, "close", positive=False)
        symbol = [_symbol(path, ask)] * len(day)
        amount = close * (1.0 - _to_next(factor))
        yield Part("dividends", dividend_frame(table, day, symbol, np.round(amount, _DECIMALS)))
        ratio = [None if one == 1.0 else simplest(1.0 / one) for one in _to_next(share).tolist()]
        yield Part("splits", split_frame(table, day, symbol, ratio))


def _to_next(factor: Values) -> Values:
    """Each row's factor over the next row's; 1 for the last."""
    return factor / np.append(factor[1:], factor[-1])


def _symbol(path: Path, ask: Ask) -> str:
    """The stock that the file's name says, unless the person says otherwise."""
    said = stem_of(path).upper()
    if ask.underlying is not None and ask.underlying.upper() != said:
        raise InputError(f"{path}: found {said} by its name; expected {ask.underlying.upper()}")
    return said


def _sessions_after(days: Days) -> Days:
    """The first session after each of `days`; for days beyond the calendar, the day itself."""
    sessions = _sessions()
    row = np.searchsorted(sessions, days, side="right")
    inside = row < len(sessions)
    return np.where(inside, sessions[np.minimum(row, len(sessions) - 1)], days).astype(np.int32)


@cache
def _sessions() -> Days:
    """The sessions of the exchange."""
    return ask_sessions(_EXCHANGE).sessions


LEAN_EQUITY = LeanEquity()
LEAN_FACTORS = LeanFactors()
