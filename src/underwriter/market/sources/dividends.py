"""Cash dividends from csv: an ex-date and an amount a share, in the ways that vendors write them.

    cash_amount,currency,declaration_date,dividend_type,ex_dividend_date,...,ticker     (Polygon)
    Ex/EFF Date,Type,Cash Amount,Declaration Date,Record Date,Payment Date              (Nasdaq)
    Date,Dividends[,Stock Splits]                                                       (yfinance)
    ex_date,amount

Two dividends that go ex on one day, a regular and a special one, are one amount.  Yahoo divides
its dividends by all later splits: where the splits stand beside them that is undone; where they
do not, a known split that the amounts do not show is told by the gates of `series_quality`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from underwriter.market.history import numbers
from underwriter.market.sources.series import (
    BLANK,
    Days,
    Values,
    event_days,
    frame_of,
    is_series,
    needed,
    plain_names,
    underlyings,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.splits import ratios, split_frame
from underwriter.market.sources.unadjust import shares_later
from underwriter.market.table import Table, is_date_name, read_table

STOCK_SPLITS = ("stock splits", "stock_splits")
_AMOUNTS = ("cash_amount", "cash amount", "amount", "dividends", "dividend", "dividend_amount")
_PRICES = frozenset({"close", "close/last", "adj close", "price"})
_YAHOO = "dividends"
_MOST = 10_000.0  # dollars a share


class Dividends:
    """Cash dividends: an ex-date and an amount."""

    name = "dividends"
    says = "cash dividends: an ex-date and an amount (also Polygon, Nasdaq and yfinance)"

    def recognises(self, head: Head) -> bool:
        """Whether there is an amount and a date, and no price."""
        names = set(plain_names(head))
        return is_series(head) and not names & _PRICES and bool(names & set(_AMOUNTS))

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The dividends of a file, and the splits beside them; see `sources.source.Format`."""
        table = read_table(path)
        symbol = underlyings(table, ask)
        day = event_days(table, _ex_date(table))
        column = needed(table, _AMOUNTS)
        amount = numbers(table, column, positive=False, most=_MOST, missing=BLANK)
        splits = next((name for name in STOCK_SPLITS if name in table.names), None)
        if splits is not None:
            found = ratios(table, splits)
            if column == _YAHOO:
                amount = amount * shares_later(day, symbol, found)
            yield Part("splits", split_frame(table, day, symbol, found))
        _once(table, column)
        yield Part("dividends", dividend_frame(table, day, symbol, amount))


def dividend_frame(table: Table, day: Days, symbol: Sequence[str], amount: Values) -> pl.DataFrame:
    """The rows that pay something, one a day, in the columns of `schema.DIVIDENDS`."""
    frame = frame_of("dividends", table, day, {"underlying": symbol, "amount": amount})
    return (
        frame.filter(pl.col("amount") != 0.0)
        .group_by("underlying", "ex_date", maintain_order=True)
        .agg(pl.col("amount").sum(), pl.col("line").first())
    )


def _ex_date(table: Table) -> str:
    """The column of the ex-date: the one that says so, else the only one."""
    dates = [name for name in table.names if is_date_name(name)]
    said = [name for name in dates if name.startswith("ex")]
    if said or len(dates) == 1:
        return (said or dates)[0]
    named = ", ".join(dates)
    raise table.error(0, dates[0], f"the dates {named}", "one of them named ex date")


def _once(table: Table, column: str) -> None:
    """Refuse a row that stands there twice."""
    seen: dict[tuple[str, ...], int] = {}
    for row, cells in enumerate(table.rows):
        before = seen.setdefault(tuple(cells), row)
        if before != row:
            found = f"the row of line {table.lines[before]} again"
            raise table.error(row, column, found, "each dividend once")


DIVIDENDS = Dividends()
