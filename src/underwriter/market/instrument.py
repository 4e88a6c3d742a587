"""What is traded: an underlying's identity and the terms of the options on it."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from underwriter.core.units import to_u

Style = Literal["american", "european"]
Settlement = Literal["physical", "cash-pm", "cash-am", "coin"]  # coin: premiums are in it, too


@dataclass(frozen=True, slots=True)
class Ticks:
    """Minimum price steps in dollars: `small` below `threshold`, `large` from there on."""

    small: float
    large: float
    threshold: float = 3.0


@cache
def _steps_u(ticks: Ticks) -> tuple[int, int, int]:
    """Steps in millionths, and from where on the large one is."""
    return to_u(ticks.small), to_u(ticks.large), to_u(ticks.threshold)


PENNY = Ticks(0.01, 0.01)  # SPY, QQQ, IWM and the modelled ETF
SPX_TICKS = Ticks(0.05, 0.10)  # Cboe specification: below 3.00 0.05, else 0.10


@dataclass(frozen=True, slots=True)
class Instrument:
    """An underlying with the one option root written on it.

    `symbol` is what people call it ("SPX/10"), `root` the option root of up to six characters
    ("SPX10") that stands in OSI symbols.
    """

    symbol: str
    root: str
    style: Style
    settlement: Settlement
    ticks: Ticks = PENNY
    multiplier: int = 100

    @property
    def physical(self) -> bool:
        """Whether assignment moves shares (else cash)."""
        return self.settlement == "physical"

    def tick_u(self, price_u: int) -> int:
        """The legal step, in millionths of a dollar, at a price in millionths."""
        small_u, large_u, threshold_u = _steps_u(self.ticks)
        return small_u if price_u < threshold_u else large_u
