"""Cboe's indices, one csv of the whole history each, free and without a key."""

from underwriter.market.sources.feeds.wanted import Wanted

NAMES = (
    *("vix", "vix3m", "vix9d", "vvix", "skew"),
    *("put", "bxm", "bxmd", "bxy", "cndr"),
)
_URL = "https://cdn.cboe.com/api/global/us_indices/daily_prices/{series}_History.csv"


def files(name: str) -> tuple[Wanted, ...]:
    """The file of an index, by its name in `NAMES`."""
    series = name.upper()
    return (Wanted(_URL.format(series=series), f"cboe/{series}_History.csv"),)
