"""The free database post-no-preference/options on DoltHub: its table option_chain as csv.

Layout: https://www.dolthub.com/repositories/post-no-preference/options (dolt table export
option_chain), in either order of columns that its exports have.  Sure.  It has quotes and Greeks,
but no last price, volume, open interest, spot or root, and about three expiries of each name.
"""

from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.tabular import TableFormat

DOLTHUB = TableFormat(
    name="dolthub",
    says="DoltHub post-no-preference/options, table option_chain",
    marks=frozenset({"act_symbol", "expiration", "call_put"}),
    layout=Layout(
        columns=columns(
            underlying="act_symbol",
            date="date",
            expiry="expiration",
            right="call_put",
            strike="strike",
            bid="bid",
            ask="ask",
            iv="vol",
            delta="delta",
        ),
        optional=frozenset({"iv", "delta"}),
    ),
)
