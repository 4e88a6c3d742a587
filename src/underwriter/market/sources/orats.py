"""ORATS strikes: a call and a put in every row, under the long names or the older short ones.

Layout: https://docs.orats.io/data-api-guide/definitions.html (ticker, tradeDate, callBidPrice ...)
and https://orats.com/near-eod-data with the header printed on
https://blog.orats.com/historical-options-quotes-and-greeks (ticker, stkPx, cBidPx ... trade_date,
dates as 8/7/2015; `cOpra` and `pOpra` in later files).  Sure.  Quotes are of some minutes before
the close.  `delta` is the call's alone, so puts have none here; a volatility is that of the middle
of the quotes.  For an index `stkPx` is the forward of each expiry and `spot_px` the spot.
"""

from underwriter.market.sources.layout import Columns, Layout, columns
from underwriter.market.sources.tabular import TableFormat


def _side(long: str, short: str) -> Columns:
    """The columns of one right, by the long word and the short letter for it."""
    return columns(
        symbol=f"{short}Opra",
        bid=(f"{long}BidPrice", f"{short}BidPx"),
        ask=(f"{long}AskPrice", f"{short}AskPx"),
        iv=(f"{long}MidIv", f"{short}MidIv"),
        volume=(f"{long}Volume", f"{short}Volu"),
        open_interest=(f"{long}OpenInterest", f"{short}Oi"),
        **({"delta": "delta"} if short == "c" else {}),
    )


ORATS = TableFormat(
    name="orats",
    says="ORATS strikes, near the close, calls and puts in one row",
    marks=frozenset({"ticker", "expirdate", "strike"}),
    layout=Layout(
        columns=columns(
            underlying="ticker",
            date=("tradeDate", "trade_date"),
            expiry="expirDate",
            strike="strike",
            spot=("spotPrice", "spot_px", "stockPrice", "stkPx"),
        ),
        call=_side("call", "c"),
        put=_side("put", "p"),
        optional=frozenset({"symbol", "iv", "delta", "volume", "open_interest", "spot"}),
        dates=("%Y-%m-%d", "%m/%d/%Y"),
    ),
)
