"""What the package yfinance gives: delayed chains of today, and daily bars.

Its objects are asked for by the names that its documentation gives: `Ticker(symbol)` with
`options`, `option_chain(expiry)` of frames `calls` and `puts`, and `history(...)`.  Chains are
fifteen minutes late; outside trading hours bids and asks may be zero, which the gates count.
Yahoo's own volatilities are those of its last prices: they are kept as the source's, never used.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.schema import CALL, PUT, conform
from underwriter.market.sources.symbols import name_of, underlying_of

HOST = "query2.finance.yahoo.com"
_COLUMNS: Mapping[str, str] = {
    "strike": "strike",
    "bid": "bid",
    "ask": "ask",
    "lastPrice": "last",
    "impliedVolatility": "iv",
    "volume": "volume",
    "openInterest": "open_interest",
}
_COUNTS = ("volume", "open_interest")
_INDICES = frozenset({"SPX", "XSP", "NDX", "RUT", "VIX", "VIX3M", "DJX", "OEX", "IRX"})
_OSI_TAIL = 15  # yymmdd, C or P, eight digits of strike
_SPOT = "regularMarketPrice"
_BAR_COLUMNS = ("Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits")


class Quotes(Protocol):
    """The module yfinance, or what stands for it."""

    def Ticker(self, symbol: str) -> Any:  # noqa: ANN401, N802  yfinance's own name and no types
        """What is known of a symbol."""


def chain(
    quotes: Quotes, symbol: str, date: object, pause: Callable[[], None] = lambda: None
) -> pl.DataFrame:
    """Today's chain of a symbol, all expirations, in the columns of `schema.CHAIN`.

    `date` is the session that the quotes are of; `pause` is called between two requests.  Raises
    InputError for a symbol without listed options; whatever yfinance raises passes through.
    """
    ticker = quotes.Ticker(as_yahoo(symbol))
    expiries = tuple(ticker.options)
    if not expiries:
        raise InputError(f"{symbol}: yfinance has no options of it; expected a symbol with some")
    sides = []
    for expiry in expiries:
        pause()
        found = ticker.option_chain(expiry)
        spot = _spot(found.underlying)
        for right, frame in ((CALL, found.calls), (PUT, found.puts)):
            if frame is not None and len(frame):
                sides.append(_side(frame, right).with_columns(_expiry(expiry), spot=spot))
    if not sides:
        raise InputError(f"{symbol}: yfinance has no quotes of it; expected some on each expiry")
    rows = pl.concat(sides).with_row_index("line", offset=1)
    name = underlying_of(name_of(symbol) or symbol.upper())
    dated = rows.with_columns(date=pl.lit(date, pl.Date), underlying=pl.lit(name))
    return conform("chain", dated)


def bars(quotes: Quotes, symbol: str) -> str:
    """The daily bars of a symbol as the csv that `sources.bars` reads; empty where there are none.

    Prices are divided by later splits, and stand beside them, so that they can be undone.
    """
    frame = quotes.Ticker(as_yahoo(symbol)).history(
        period="max", interval="1d", auto_adjust=False, actions=True
    )
    lines = [",".join(("Date", *_BAR_COLUMNS))]
    columns = [frame[name].tolist() for name in _BAR_COLUMNS] if len(frame) else []
    for day, *cells in zip((stamp.date() for stamp in frame.index), *columns, strict=False):
        if np.isfinite(cells[3]):  # yfinance has a row of nothing for some holidays
            lines.append(",".join((str(day), *map(_cell, cells))))
    return "\n".join(lines) + "\n" if len(lines) > 1 else ""


def as_yahoo(symbol: str) -> str:
    """A symbol as Yahoo writes it: ^SPX for SPX, BRK-B for BRK.B."""
    plain = symbol.upper().replace(".", "-").replace("/", "-").replace(" ", "-")
    return f"^{plain}" if plain in _INDICES else plain


def _cell(value: float) -> str:
    """A number as text, empty where there is none."""
    return repr(float(value)) if np.isfinite(value) else ""


def _side(frame: Any, right: str) -> pl.DataFrame:  # noqa: ANN401  pandas, which we do not import
    """The calls or the puts of one expiration."""
    columns = {ours: _numbers(frame[theirs].tolist()) for theirs, ours in _COLUMNS.items()}
    roots = [str(symbol)[:-_OSI_TAIL] for symbol in frame["contractSymbol"].tolist()]
    side = pl.DataFrame({"root": roots, **columns}, strict=False)
    counts = [pl.col(name).fill_nan(None).cast(pl.Int32) for name in _COUNTS]
    return side.with_columns(*counts, right=pl.lit(right))


def _numbers(values: list[Any]) -> pl.Series:
    """Numbers of a column, null where Yahoo has none."""
    floats = [float("nan") if value is None else float(value) for value in values]
    return pl.Series(floats, dtype=pl.Float64).fill_nan(None)


def _expiry(text: str) -> pl.Expr:
    """The expiration of a chain, from its text."""
    return pl.lit(text).str.to_date("%Y-%m-%d").alias("expiry")


def _spot(underlying: Mapping[str, Any] | None) -> pl.Expr:
    """The underlying's price beside a chain; null where Yahoo does not say."""
    found = (underlying or {}).get(_SPOT)
    return pl.lit(None if found is None else float(found), pl.Float64)
