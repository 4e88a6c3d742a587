"""Where the paper broker stands: its clock, quotes, calendar and manners, and what is traded."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.core.units import to_u
from underwriter.desk.ports import Capabilities, Clock, Quotes
from underwriter.market.calendar import Calendar
from underwriter.market.fees import (
    BROAD,
    SHARES,
    FeeSchedule,
    fee_schedule,
    in_force_since,
)
from underwriter.market.instrument import Instrument

ALL_IT_CAN = Capabilities("paper", legs=4, beside_shares=True, rolls=True, exercises=True)


class Manners(NamedTuple):
    """How it fills and how late it is."""

    half_spread: float = 0.5  # share of half the spread that a trade pays
    combo: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)  # of it, by option legs
    assigned: float = 1.0  # share of a leg that an early assignment takes
    commission: float | None = None  # dollars a contract; None: the table's
    lot: int = 0  # the most units that fill at one moment; 0: all
    late: int = 0  # nanoseconds after which a fill is told


PLAIN = Manners()


class Place(NamedTuple):
    """What surrounds an account."""

    path: Path  # of its file
    clock: Clock
    quotes: Quotes
    calendar: Calendar
    instruments: tuple[Instrument, ...]
    manners: Manners = PLAIN
    can: Capabilities = ALL_IT_CAN

    def today(self) -> int:
        """The day by the exchange's clock."""
        return self.calendar.day_at(self.clock.now())

    def is_open(self) -> bool:
        """Whether the exchange trades at this moment."""
        day, now = self.today(), self.clock.now()
        session = self.calendar.is_session(day)
        return session and self.calendar.opens_at(day) <= now < self.calendar.closes_at(day)

    def instrument(self, symbol: str) -> Instrument | None:
        """What goes by a symbol, where it is traded here."""
        return next((one for one in self.instruments if one.symbol == symbol), None)

    def fees(self, day: int) -> FeeSchedule:
        """What is charged on a day."""
        return _fees(_fees_since(day), self.manners.commission)

    def kind(self, instrument: Instrument, day: int) -> int:
        """Which fees fall on an instrument, as its slab has it."""
        slab = self.quotes.slab(day)
        return BROAD if slab.market.terms[slab.instruments.index(instrument)].broad else SHARES


_fees_since = lru_cache(8)(in_force_since)


@lru_cache(8)
def _fees(day: int, commission: float | None) -> FeeSchedule:
    commission_u = None if commission is None else int(to_u(commission))
    return fee_schedule(np.array([day], np.int32), commission_u=commission_u)
