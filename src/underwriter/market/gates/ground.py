"""What the gates judge a chain by: the calendar, the terms of roots, what is known beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4
from underwriter.market.calendar import Calendar
from underwriter.market.history import BILLS_AGE, Levels
from underwriter.market.instrument import PENNY, SPX_TICKS, Instrument, Settlement, Ticks
from underwriter.market.maturity import last_known
from underwriter.market.schema import empty

FLAT_RATE = 0.03  # a year, where no bill rate is known

# Cboe's contract specifications: index options are European and settle in cash; the root says when
_INDEX: Mapping[str, tuple[str, Settlement, Ticks]] = {
    "SPX": ("SPX", "cash-am", SPX_TICKS),
    "SPXW": ("SPX", "cash-pm", SPX_TICKS),
    "XSP": ("XSP", "cash-pm", PENNY),
    "NDX": ("NDX", "cash-am", PENNY),
    "NDXP": ("NDX", "cash-pm", PENNY),
    "RUT": ("RUT", "cash-am", PENNY),
    "RUTW": ("RUT", "cash-pm", PENNY),
    "VIX": ("VIX", "cash-am", PENNY),
    "VIXW": ("VIX", "cash-am", PENNY),
}
# underlyings on which a third Friday ends one series in the morning and one at the close
_CLOSING_ROOT: Mapping[str, str] = {"SPX": "SPXW", "NDX": "NDXP", "RUT": "RUTW"}


def listed(root: str) -> Instrument:
    """The terms of a root as Cboe specifies them for its indices, else an American stock option."""
    if root not in _INDEX:
        return Instrument(root, root, "american", "physical")
    symbol, settlement, ticks = _INDEX[root]
    return Instrument(symbol, root, "european", settlement, ticks)


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known beside the rows that are judged.

    `instruments` by option root; `before` holds the kept rows of the session before the first day
    (columns of `schema.CHAIN`), `bars` and `splits` those of the underlying; each may be empty.
    `bills` are yields in percent (columns of `schema.LEVELS`); `rate` is what stands where none is
    known as of a day, a year, continuously compounded.
    """

    calendar: Calendar
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    before: pl.DataFrame = field(default_factory=lambda: empty("chain"))
    bars: pl.DataFrame = field(default_factory=lambda: empty("bars"))
    splits: pl.DataFrame = field(default_factory=lambda: empty("splits"))
    bills: pl.DataFrame = field(default_factory=lambda: empty("levels"))
    rate: float = FLAT_RATE

    def rates_on(self, days: I4) -> F8:
        """The bill rate a year as of each day."""
        known = self.bills.drop_nulls("value").sort("date")
        dates = known["date"].to_physical().to_numpy()
        percent = last_known(Levels(dates, known["value"].to_numpy(), 0), days, BILLS_AGE)
        return np.where(np.isnan(percent), self.rate, percent / 100.0)

    def terms(self, root: str) -> Instrument:
        """The terms of a root: as told, else as Cboe specifies, else an American stock option."""
        return self.instruments.get(root) or listed(root)

    def terms_of(self, roots: tuple[str | None, ...], underlying: str) -> list[Instrument]:
        """The terms of each root; of a row without one, those of the underlying.

        Where the underlying has a series of the morning and one of the close, a row without a
        root is taken for the close: the other expires monthly only, and is told apart there.
        """
        plain = self.closing_root(underlying) or underlying
        return [self.terms(root or plain) for root in roots]

    def closing_root(self, underlying: str) -> str | None:
        """The root that settles at the close beside one that settles in the morning, if any.

        None for an underlying whose terms were told under its own name: then a row without a root
        is what was told.
        """
        return None if underlying in self.instruments else _CLOSING_ROOT.get(underlying)

    def adjusted(self, root: str) -> bool:
        """Whether a root is of an adjusted contract: no stock's root has a digit of its own.

        OCC gives a contract whose deliverable changed its old root with a digit, "XYZ1".
        """
        return root not in self.instruments and any(letter.isdigit() for letter in root)
