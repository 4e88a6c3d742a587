"""What stands for yfinance in tests: what its documentation names, and no network."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd


def quotes(strikes: list[float], expiry: str, right: str) -> pd.DataFrame:
    day = expiry[2:].replace("-", "")
    count = len(strikes)
    return pd.DataFrame(
        {
            "contractSymbol": [f"KO{day}{right}{round(k * 1000):08d}" for k in strikes],
            "lastTradeDate": [pd.Timestamp("2026-08-21 18:00", tz="UTC")] * count,
            "strike": strikes,
            "lastPrice": [1.5] * count,
            "bid": [1.4] * count,
            "ask": [1.6] * count,
            "volume": [10.0] + [float("nan")] * (count - 1),
            "openInterest": [100] * count,
            "impliedVolatility": [0.2] * count,
        }
    )


class Chain(NamedTuple):
    """What option_chain gives."""

    calls: pd.DataFrame | None
    puts: pd.DataFrame | None
    underlying: dict[str, Any] | None


class Ticker:
    """A ticker of yfinance, with two expirations and three days of bars around a split."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.options = () if symbol == "NONE" else ("2026-09-18", "2026-10-16")

    def option_chain(self, expiry: str) -> Chain:
        """The chain of an expiration."""
        if expiry == "2026-10-16":
            return Chain(None, quotes([90.0], expiry, "P"), {})
        told = {"regularMarketPrice": 91.1}
        return Chain(quotes([90.0, 95.0], expiry, "C"), quotes([85.0], expiry, "P"), told)

    def history(self, **asked: object) -> pd.DataFrame:
        """The daily bars."""
        assert asked == {
            "period": "max",
            "interval": "1d",
            "auto_adjust": False,
            "actions": True,
        }
        if self.symbol == "NONE":
            return pd.DataFrame()
        days = pd.DatetimeIndex(["2020-08-28", "2020-08-31", "2020-09-01"], tz="America/New_York")
        prices = [124.8075, 129.04, float("nan")]
        columns = dict.fromkeys(("Open", "High", "Low", "Close", "Adj Close"), prices)
        rest = {"Volume": [4, 8, 0], "Dividends": [0.205, 0, 0], "Stock Splits": [0.0, 4.0, 0.0]}
        return pd.DataFrame({**columns, **rest}, index=days)


class IndexTicker(Ticker):
    """An index of yfinance: levels, and neither dividends nor splits."""

    def history(self, **asked: object) -> pd.DataFrame:
        """The daily levels, those of a rate of 5.27."""
        rows = super().history(**asked)
        return rows.assign(Close=5.27, **{"Dividends": 0.0, "Stock Splits": 0.0})


class Yahoo:
    """What stands for the module yfinance."""

    def __init__(self, ticker: Callable[[str], Any] = Ticker) -> None:
        self.Ticker = ticker
