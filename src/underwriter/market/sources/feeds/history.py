"""The free history of option chains: SPY, QQQ and IWM, 2008 to 2025, one parquet each.

Published by Philipp Dubach under the MIT licence; the repository is
https://github.com/philippdubach/options-dataset-hist.  Its files by year lie in Git's large-file
store and are often only pointers, so the whole ones of his own host are taken: SPY's has about
600 MB.  The host carries single stocks too; their splits and adjusted roots make them another
matter, and they are not offered.
"""

from underwriter.core.errors import InputError
from underwriter.market.sources.feeds.wanted import Wanted

SYMBOLS = ("SPY", "QQQ", "IWM")
_URL = "https://static.philippdubach.com/data/options/{symbol}/{file}.parquet"
_PARQUET = b"PAR1"
_TERMS = """symbol = "{symbol}"
style = "american"
settlement = "physical"
multiplier = 100
calendar = "XNYS"
"""


def files(symbol: str) -> tuple[Wanted, ...]:
    """The chains of a fund with its terms beside them, and its daily prices.

    InputError for a symbol that is not among `SYMBOLS`.
    """
    name = symbol.upper()
    if name not in SYMBOLS:
        raise InputError(f"history: found {symbol!r}; expected one of {', '.join(SYMBOLS)}")
    terms = (("underlying.toml", _TERMS.format(symbol=name)),)
    return (
        _file(name, "options")._replace(beside=terms),
        _file(name, "underlying"),
    )


def _file(symbol: str, file: str) -> Wanted:
    """One file of a fund."""
    url = _URL.format(symbol=symbol.lower(), file=file)
    return Wanted(url, f"history/{symbol}/{file}.parquet", _PARQUET)
