"""Quotes of a history, session by session: what a desk sees when it runs over the past.

Whatever the moment of a session, its quotes are those of the slab, as new as the clock says.
Shares are bid a cent under the close and offered a cent over it, as in a backtest.
"""

from collections.abc import Sequence

from underwriter.core.chain import find
from underwriter.core.contract import osi_root, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.kernel import plain
from underwriter.core.units import CENT_U, day_of
from underwriter.desk.ports import Clock, Touch
from underwriter.market.calendar import Calendar
from underwriter.market.moment import session_of
from underwriter.market.slab import Slab

_find = plain(find)


class Replay:
    """The sessions of a slab, by the day that a clock shows."""

    def __init__(self, whole: Slab, clock: Clock, calendar: Calendar) -> None:
        self.whole, self.clock, self.calendar = whole, clock, calendar
        self._rows = {int(one.day): row for row, one in enumerate(whole.market.sessions)}
        self._cut: dict[int, Slab] = {}
        self._quoted: tuple[int, dict[str, Touch | None]] = (0, {})  # of the day asked for last

    def slab(self, day: int) -> Slab:
        """One session; InputError for one that the history has not."""
        if day not in self._rows:
            raise InputError(f"found no quotes of {day_of(day)} in the history")
        if day not in self._cut:
            self._cut = dict([*self._cut.items()][-2:])  # a night needs yesterday and today
            self._cut[day] = session_of(self.whole, self._rows[day])
        return self._cut[day]

    def evening(self, day: int) -> Slab | None:
        """The same session."""
        return self.slab(day) if day in self._rows else None

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What the session of this moment quotes."""
        now = self.clock.now()
        day = self.calendar.day_at(now)
        if day not in self._rows:
            return {}
        if day != self._quoted[0]:
            self._quoted = day, {}
        slab, quoted = self.slab(day), self._quoted[1]  # a history's quotes never change
        for key in keys:
            if key not in quoted:
                quoted[key] = _touch(slab, key, now)
        return {key: one._replace(at=now) for key in keys if (one := quoted[key]) is not None}


def touched(slab: Slab, keys: Sequence[str], now: int) -> dict[str, Touch]:
    """What one session quotes of some things, as new as a moment."""
    found = {key: _touch(slab, key, now) for key in keys}
    return {key: touch for key, touch in found.items() if touch is not None}


def _touch(slab: Slab, key: str, now: int) -> Touch | None:
    """Shares by their symbol, an option by its own; None where it is not quoted."""
    for at, instrument in enumerate(slab.instruments):
        bar = slab.market.bars[0, at]
        if key == instrument.symbol:
            close_u = int(bar.close_u)
            return Touch(close_u - CENT_U, close_u + CENT_U, now)
        if osi_root(key) == instrument.root:
            contract = parse_osi(key, (instrument.root,)).key(at + 1)
            row = _find(slab.market.quotes, bar, 0, contract, -1)
            if row >= 0:
                quote = slab.market.quotes[row]
                return Touch(int(quote.bid_u), int(quote.ask_u), now)
    return None
