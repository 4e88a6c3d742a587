"""End-of-day SPX chains in one csv a month: AM- and PM-settled series under one key, no root.

The columns are those of the files in hand, spx_chain_2026-02.csv.gz and on: certain.  `iv` and
`delta` are 0 on a fifth of the rows, where they are not known; `spot_quoted` is from after hours.
"""

from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.tabular import TableFormat

SPX_EOD = TableFormat(
    name="spx-eod",
    says="end-of-day SPX chains with bid, ask and Greeks, a csv.gz a month",
    marks=frozenset({"quote_date", "snapshot_utc", "spot_quoted"}),
    layout=Layout(
        columns=columns(
            underlying="underlying",
            date="quote_date",
            expiry="expiration",
            right="right",
            strike="strike",
            bid="bid",
            ask="ask",
            last="last",
            iv="iv",
            delta="delta",
            volume="volume",
            open_interest="open_interest",
            spot="spot_quoted",
        )
    ),
)
