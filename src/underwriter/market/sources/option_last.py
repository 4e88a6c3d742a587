"""End-of-day chains of US names with one price, the last: SPY.csv.gz, a file an underlying.

The columns are those of the files in hand: certain.  The column `underlying` holds the price of
the underlying, whose symbol is the file's name in capitals.  There is no bid and no ask; `iv` of
0 is unknown; a delta of 0 beside a known volatility is a small one, rounded to cents.
"""

from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.tabular import TableFormat

OPTION_LAST = TableFormat(
    name="option-last",
    says="end-of-day chains of a US name with last prices only, a csv.gz an underlying",
    marks=frozenset({"date", "underlying", "expiry", "right", "price", "oi"}),
    layout=Layout(
        columns=columns(
            date="date",
            expiry="expiry",
            right="right",
            strike="strike",
            last="price",
            iv="iv",
            delta="delta",
            volume="volume",
            open_interest="oi",
            spot="underlying",
        )
    ),
    file_name=r"([A-Z][A-Z0-9.]{0,5}?)(?:\.csv)?(?:\.gz|\.zip)?$",
)
