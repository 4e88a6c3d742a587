"""What a journal knows of one evening: the book, each leg's last fill, the market day by day.

A journal keeps no volatility of a leg.  It keeps what each leg was last traded at, the closes and
the bill rate of that day, and what all options of an account were worth on every evening: enough to
imply the one from the others (`sim.held`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from underwriter.book.amend import amended
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Filled,
    LegEvent,
    Marked,
    Moved,
    Renamed,
    Split,
)
from underwriter.book.fold import Book, fold
from underwriter.book.naming import contract_of
from underwriter.core.errors import InputError
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, ROLL_SHORT, SHORT_CALL, SHORT_PUT
from underwriter.core.units import MICRO

_YEAR = timedelta(days=365)
_RIGHT = -9  # where an OSI symbol has its C or P


@dataclass(frozen=True, slots=True)
class Known:
    """A book as of an evening, and what its journal says of fills and markets until then."""

    book: Book
    evening: date
    fills: dict[tuple[int, str], Filled]  # the last, by number of the sleeve and option held
    days: dict[date, Marked]

    def spot(self, underlying: str, day: date) -> float | None:
        """The close of an underlying on a session, in dollars."""
        quoted = self.days[day].underlyings.get(underlying) if day in self.days else None
        return quoted.close_u / MICRO if quoted is not None and quoted.close_u > 0 else None

    def payout(self, underlying: str, day: date) -> float:
        """Dividends that went ex in the year to a session, over the close: a yield.

        A dividend of before a split counts by the shares of today.
        """
        close, paid, shares = self.spot(underlying, day), 0.0, 1.0
        since = [each for each in self.days if day - _YEAR < each <= day]
        for each in sorted(since, reverse=True):
            quoted = self.days[each].underlyings.get(underlying)
            if quoted is not None:
                paid += quoted.dividend_u / MICRO / shares
                shares *= quoted.split[0] / quoted.split[1]
        return paid / close if close else 0.0


def known(events: Iterable[AnyEvent], as_of: date | None = None) -> Known:
    """What a journal knows as of the last evening that was marked, on a day or before it.

    InputError where no evening was.
    """
    until = [event for event in events if as_of is None or event.session <= as_of]
    while until and not isinstance(until[-1], Marked):
        until.pop()
    if not until:
        day = "an evening" if as_of is None else f"an evening on {as_of} or before it"
        raise InputError(f"found none marked in the journal; expected {day}")
    days: dict[date, Marked] = {}
    for event in until:
        if isinstance(event, Marked):
            days.setdefault(event.session, event)
    return Known(fold(until), until[-1].session, last_fills(amended(until)), days)


def last_fills(events: Iterable[AnyEvent]) -> dict[tuple[int, str], Filled]:
    """The last fill of every option a sleeve traded, under the name that it has by now."""
    fills: dict[tuple[int, str], Filled] = {}
    held: dict[tuple[int, int], str] = {}  # by slot
    for event in events:
        if isinstance(event, Moved):
            held[event.sleeve, _home(event)] = event.option
        elif isinstance(event, Split | Adjusted) and event.option is not None:
            before = held.get((event.sleeve, event.slot))
            if before is not None and (event.sleeve, before) in fills:
                fills[event.sleeve, event.option] = fills[event.sleeve, before]
            held[event.sleeve, event.slot] = event.option
        elif isinstance(event, Renamed):
            for (sleeve, slot), before in list(held.items()):
                if sleeve == event.sleeve and (sleeve, before) in fills:
                    after = contract_of(before)._replace(root=event.root).osi()
                    fills[sleeve, after] = fills[sleeve, before]
                    held[sleeve, slot] = after
        elif isinstance(event, LegEvent) and event.option is not None:
            held[event.sleeve, event.slot] = event.option
            if isinstance(event, Filled):
                fills[event.sleeve, event.option] = event
    return fills


def _home(event: Moved) -> int:
    """The slot that an incoming leg of a roll moved into."""
    call, short = event.option[_RIGHT] == "C", event.slot == ROLL_SHORT
    if short:
        return SHORT_CALL if call else SHORT_PUT
    return LONG_CALL if call else LONG_PUT
