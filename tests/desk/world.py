"""A small world for the desk: a clock that is set, boards of quotes, weekdays as sessions.

Days count from START, a Monday in January 2024; the exchange is open from 9:30 to 16:00.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from markets import START, market
from underwriter.core.contract import Contract
from underwriter.core.errors import InputError
from underwriter.core.units import day_of, to_u
from underwriter.desk.ports import Effect, OrderLeg, Ticket, Touch
from underwriter.market.calendar import Calendar
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.slab import Slab

KO = Instrument("KO", "KO", "american", "physical")
XSP = Instrument("XSP", "XSP", "european", "cash-pm", SPX_TICKS)
BOTH = (KO, XSP)
TERMS: tuple[dict[str, Any], ...] = (
    {},
    {"american": 0, "physical": 0, "broad": 1, "tick_small_u": 50_000, "tick_large_u": 100_000},
)
FRIDAY = 4  # days from START
SECOND = 10**9


class HandClock:
    """A clock that stands where it is set; waiting sets it."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        """Where it stands."""
        return self.at

    def wait(self, until: int) -> None:
        """Set it there, where that is later."""
        self.at = max(self.at, until)


def weekdays(days: int = 400, early: Sequence[int] = (), closed: Sequence[int] = ()) -> Calendar:
    """Every weekday from two weeks before START; `early` and `closed` count from START."""
    first = START - 14
    found = [day for day in range(first, START + days) if (day + 3) % 7 < 5]
    found = [day for day in found if day - START not in closed]
    short = np.array([day - START in early for day in found])
    closes = np.where(short, 13 * 60, 16 * 60).astype(np.int16)
    opens = np.full(len(found), 570, np.int16)
    return Calendar(
        "TEST", "America/New_York", first, START + days, np.array(found, np.int32), short, opens,
        closes,
    )  # fmt: skip


def osi(strike: float, *, expiry: int = FRIDAY, right: int = 0, root: str = "KO") -> str:
    """An option's symbol; a put of the first Friday unless said otherwise."""
    return Contract(root, day_of(START + expiry), right, strike).osi()  # type: ignore[arg-type]


class Board:
    """Quotes that are set by hand: a market a day, and touches."""

    def __init__(self, closes: dict[int, tuple[float, float]]) -> None:
        self.days: dict[int, dict[str, Any]] = {
            day: {"closes": [each], "quotes": []} for day, each in closes.items()
        }
        self.touches: dict[str, tuple[float, float]] = {}
        self.unknown: set[int] = set()  # sessions whose evening is still to come
        self.at = 0

    def day(self, day: int, **fields: Any) -> None:  # noqa: ANN401  what `market` takes
        """Say more of a session."""
        self.days[day] |= fields

    def slab(self, day: int) -> Slab:
        """A session; InputError where none is set."""
        if day - START not in self.days:
            raise InputError(f"found no quotes of {day_of(day)}")
        given = self.days[day - START]
        tomorrow = day - START + (3 if (day + 3) % 7 == 4 else 1)
        when = {"day": [day], "tomorrow": [START + tomorrow]} | given.get("sessions", {})
        made = market(
            given["quotes"], closes=given["closes"], days=[day - START], terms=TERMS,
            bars=given.get("bars"), sessions=when,
        )  # fmt: skip
        return Slab(made, BOTH, ("quoted", "quoted"))

    def evening(self, day: int) -> Slab | None:
        """The same, unless its evening is to come."""
        return None if day - START in self.unknown else self.slab(day)

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is set of some things."""
        found = {key: self.touches[key] for key in keys if key in self.touches}
        return {key: Touch(to_u(bid), to_u(ask), self.at) for key, (bid, ask) in found.items()}


def moment(calendar: Calendar, day: int, clock: str = "10:00") -> int:
    """A time of a day by the exchange's clock."""
    hours, minutes = clock.split(":")
    return calendar.at(START + day, int(hours) * 60 + int(minutes))


def ticket(
    client: str,
    *legs: tuple[str, int, Effect],
    limit: float | None,
    shares: int = 0,
    units: int = 0,
    **more: Any,  # noqa: ANN401  other fields
) -> Ticket:
    """An order on KO: legs as (option, signed quantity, effect), a limit in dollars."""
    given: dict[str, Any] = {"action": "open", "symbol": "KO"} | more
    whole = units or min([abs(each[1]) for each in legs] or [abs(shares)])
    limit_u = None if limit is None else to_u(limit)
    made = tuple(OrderLeg(*each) for each in legs)
    return Ticket(client=client, legs=made, shares=shares, units=whole, limit_u=limit_u, **given)


def path_of(folder: Path) -> Path:
    """Where a paper account stands."""
    return folder / "paper.db"


def day(number: int) -> date:
    """A date, counted from START."""
    return day_of(START + number)
