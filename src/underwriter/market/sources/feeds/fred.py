"""Bill yields from FRED, the St. Louis Fed's library, free and without a key.

DTB3 is the 13-week bill in the secondary market, daily since 1954, in percent of bank discount.
"""

from underwriter.market.sources.feeds.wanted import Wanted

NAMES = ("bills",)
_URL = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DTB3"


def files() -> tuple[Wanted, ...]:
    """The file of bill yields."""
    return (Wanted(_URL, "fred/DTB3.csv"),)
