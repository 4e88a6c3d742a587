"""The events of a desk's sessions: decided or skipped, how it is switched, its evenings."""

from typing import Literal

import msgspec

from underwriter.book.event_base import Event, require_finite
from underwriter.book.number import Whole


class Decided(Event, frozen=True, kw_only=True, tag="decided"):
    """An account's session was decided: what follows of it until its evening is no decision."""

    version: str
    slab: str  # hash of all that was seen
    policies: dict[str, str]  # name -> hash; none of those who did not say it yet (`upcast`)


class Skipped(Event, frozen=True, kw_only=True, tag="skipped"):
    """An account's session was over before it was decided, and never will be."""


class Switched(Event, frozen=True, kw_only=True, tag="switched", omit_defaults=True):
    """A desk was switched, and stays so: "paused" opens nothing, "halted" adds no risk."""

    to: Literal["on", "paused", "halted"]
    by: Literal["hand", "guard"]
    why: str
    equity_u: Whole = 0  # as a halt is lifted: from there losses count; 0 where nobody knew


class Quoted(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One underlying on one session: its close, the dividend ex on that day, its split."""

    close_u: Whole
    dividend_u: Whole = 0  # a share
    split: tuple[Whole, Whole] = (1, 1)  # new shares for old ones: (7, 1) on the first day of 7:1


class Marked(Event, frozen=True, kw_only=True, tag="marked", omit_defaults=True):
    """An account's evening: its money, and the market it was marked in."""

    equity_u: Whole
    cash_u: Whole
    shares_u: Whole  # value of the shares; what is left of equity is options
    rate: float  # bill rate in force until the next session, annual
    measure: float | None  # volatility index in points
    underlyings: dict[str, Quoted]
    # of a policy: column kept, in force, pending; by its hash, or by hash and underlying
    # ("1f...9 SPY") where it goes by the underlying's own measure
    regimes: dict[str, tuple[Whole, Whole, Whole]]
    peak_u: Whole = 0  # highest equity marked so far: it may have stood before the session's fills
    reserved_u: Whole = 0  # cash that positions may come to need, fees in it
    puts_u: Whole = 0  # of it, for short puts
    margin_u: Whole = 0  # buying power in use
    carried: tuple[str, ...] = ()  # underlyings held whose options nobody quoted: see docs/desk.md
    exposure_u: dict[str, Whole] = msgspec.field(default_factory=dict)  # by underlying

    def __post_init__(self) -> None:
        """Rates and measures are finite; an unknown measure is None, not NaN."""
        require_finite("marked", (self.rate, self.measure))
