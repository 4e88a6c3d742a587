"""What a backtest stands on: the sessions, what is quoted on them, and where that comes from."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underwriter.core.errors import InputError
from underwriter.core.record import I4
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab


class Ground(NamedTuple):
    """Sessions between two days, and how their slab is made."""

    calendar: Calendar
    day: I4  # of the sessions
    source: str  # for people
    making: str  # what making the slab is called while it lasts
    build: Callable[[Path], Slab]  # from the home, which keeps what is slow to make again

    def slab(self, home: Path) -> Slab:
        """Everything that is quoted on these sessions."""
        return self.build(home)


def session_at(day: I4, asked: date | None) -> int:
    """The row of the last session at or before a day; of the last there is where none is asked.

    InputError for a day before the first.
    """
    at = len(day) if asked is None else int(np.searchsorted(day, day_number(asked), side="right"))
    if at == 0:
        raise InputError(
            f"--as-of {asked}: found no session at or before it; expected a day from "
            f"{day_of(int(day[0]))} to {day_of(int(day[-1]))}"
        )
    return at - 1


def rows_between(day: I4, first: date | None, last: date | None) -> slice:
    """The rows of the days from `first` to `last`, ends included; InputError for under two."""
    lo = 0 if first is None else int(np.searchsorted(day, day_number(first)))
    hi = len(day) if last is None else int(np.searchsorted(day, day_number(last), side="right"))
    if hi - lo < 2:  # noqa: PLR2004  a return needs two evenings
        raise InputError(
            f"found {max(hi - lo, 0)} sessions from {first or 'the start'} to {last or 'the end'};"
            f" expected two or more, from {day_of(int(day[0]))} to {day_of(int(day[-1]))}"
        )
    return slice(lo, hi)


def unreached(found: Ground, first: date | None, last: date | None) -> Iterator[str]:
    """The ends that were asked for and that a history does not reach, a line each."""
    begins, ends, sessions = int(found.day[0]), int(found.day[-1]), found.calendar.between
    if first is not None and len(sessions(day_number(first), begins - 1)):
        yield f"the history begins on {day_of(begins)}; asked was --from {first}"
    if last is not None and len(sessions(ends + 1, day_number(last))):
        yield f"the history ends on {day_of(ends)}; asked was --to {last}"
