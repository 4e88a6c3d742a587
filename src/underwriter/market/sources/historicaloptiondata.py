"""historicaloptiondata.com (DeltaNeutral) options files, levels 1 to 3: csv, in zip archives.

Layout: https://historicaloptiondata.com/data-structure-greeks and, for level 3,
https://www.historicaloptiondata.com/product/l3-hdfive.  Sure, with two liberties of theirs: the
fifth column is called Blank, OptionExt or nothing, and the last Alias or AKA (neither is read).
Dates are 09/10/2019, the day of the data with or without a time.  The root is in `OptionSymbol`;
very old files have `OptionRoot` of the time before OSI symbols, which is no OSI root.
"""

from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.tabular import TableFormat

HISTORICALOPTIONDATA = TableFormat(
    name="historicaloptiondata",
    says="historicaloptiondata.com (DeltaNeutral) options files of levels 1, 2 and 3",
    marks=frozenset({"underlyingsymbol", "underlyingprice", "datadate"}),
    layout=Layout(
        columns=columns(
            underlying="UnderlyingSymbol",
            symbol="OptionSymbol",
            date="DataDate",
            expiry="Expiration",
            right="Type",
            strike="Strike",
            bid="Bid",
            ask="Ask",
            last="Last",
            iv=("IV", "IVMean", "ImpliedVolatility"),
            delta="Delta",
            volume="Volume",
            open_interest="OpenInterest",
            spot="UnderlyingPrice",
        ),
        optional=frozenset({"symbol", "iv", "delta"}),
        dates=("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d"),
    ),
)
