"""optionsDX end-of-day chains: one text a month, a call and a put in every row.

Layout: the files sold and given away on https://www.optionsdx.com, as many public programs read
them and as the Kaggle copies `kylegraupe/spy-daily-eod-options-quotes-2020-2022` show: names in
brackets, a blank after each comma, sizes such as "10 x 12" (left out).  Sure.  The file does not
name its underlying; its name does (`spy_eod_202301.txt`).  It has no open interest and no root:
AM- and PM-settled series of an index cannot be told apart.
"""

from underwriter.market.sources.layout import Columns, Layout, columns
from underwriter.market.sources.tabular import TableFormat


def _side(letter: str) -> Columns:
    """The columns of one right."""
    ours = ("bid", "ask", "last", "iv", "delta", "volume")
    return columns(**{name: f"[{letter}_{name.upper()}]" for name in ours})


OPTIONSDX = TableFormat(
    name="optionsdx",
    says="optionsDX end-of-day text, calls and puts in one row",
    marks=frozenset({"[quote_date]", "[expire_date]", "[underlying_last]"}),
    layout=Layout(
        columns=columns(
            date="[QUOTE_DATE]",
            expiry="[EXPIRE_DATE]",
            strike="[STRIKE]",
            spot="[UNDERLYING_LAST]",
        ),
        call=_side("C"),
        put=_side("P"),
    ),
    file_name=r"(?i)([a-z0-9.^]+)_(?:eod|[0-9]{2,4}x|[0-9]+min)?_?[0-9]{4,8}.*\.(?:txt|csv|zip|gz)$",
)
