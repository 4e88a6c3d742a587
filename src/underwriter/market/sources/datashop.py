"""Cboe DataShop "Option EOD Summary", with or without calculations: a csv or zip a day or month.

Layout: https://datashop.cboe.com/option-eod-summary and its "End-Of-Day Option Quotes with Calcs
Specification".  Sure.  A row has two snapshots; the one of 15:45 is read where it is there,
because the file's volatility, delta and underlying are of that minute and Cboe calls it the better
picture of liquidity; else the one of the close.  `close` is 0 where nothing traded.  An index's
own quotes are 0 without a licence for them: then the spot is the calculated one, or none.
"""

from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.tabular import TableFormat

DATASHOP = TableFormat(
    name="datashop",
    says="Cboe DataShop Option EOD Summary, with or without calculations",
    marks=frozenset({"underlying_symbol", "quote_date", "root"}),
    layout=Layout(
        columns=columns(
            underlying="underlying_symbol",
            root="root",
            date="quote_date",
            expiry="expiration",
            right="option_type",
            strike="strike",
            bid=("bid_1545", "bid_eod"),
            ask=("ask_1545", "ask_eod"),
            last="close",
            iv="implied_volatility_1545",
            delta="delta_1545",
            volume="trade_volume",
            open_interest="open_interest",
            spot=("active_underlying_price_1545", "implied_underlying_price_1545"),
            spot_bid=("underlying_bid_1545", "underlying_bid_eod"),
            spot_ask=("underlying_ask_1545", "underlying_ask_eod"),
        ),
        optional=frozenset(
            {"last", "iv", "delta", "open_interest", "spot", "spot_bid", "spot_ask"}
        ),
        dates=("%Y-%m-%d", "%m/%d/%Y"),
    ),
)
