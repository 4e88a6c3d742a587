"""Quotes of the lake as a desk reads them: what was collected of a session is what is quoted on it.

A chain that was collected once stands for its whole session, as it does in a backtest: an order
meets it, whatever the minute.  For quotes that move there is a broker's market data.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from underwriter.app.from_lake import from_lake_on
from underwriter.app.ground import Ground
from underwriter.app.request import Request
from underwriter.app.setting_up import seen
from underwriter.book.positions import holdings
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Clock, Touch
from underwriter.desk.replay import touched
from underwriter.market.beside import through
from underwriter.market.calendar import Calendar
from underwriter.market.carried import carried, unquoted
from underwriter.market.lake.holding import spans_of, unpriced
from underwriter.market.lake.read import Lake
from underwriter.market.slab import Origin, Slab
from underwriter.market.sources.symbols import underlying_of
from underwriter.sim.backtest import Setup

Held = Callable[[], Iterable[str]]  # the underlyings of which something is held
_SOURCE = "chains that were collected into the lake"
_BACK = 10  # sessions before one without chains from which its options may have their volatility


def underlyings_held(ledger: Ledger) -> set[str]:
    """The underlyings of which an account holds something."""
    every = holdings(ledger.book)
    return {one.opened.underlying for one in every if one.opened.account == ledger.account}


class LakeQuotes:
    """The sessions of the lake, each read when it is asked for."""

    def __init__(
        self, request: Request, clock: Clock, calendar: Calendar, held: Held | None = None
    ) -> None:
        self.request, self.clock, self.calendar, self.held = request, clock, calendar, held
        self.without: dict[int, frozenset[str]] = {}  # names that a session does not wait for
        self.hurried = False  # whether no session waits for names of which nothing is held
        self._read: dict[int, Slab] = {}
        self._ended: set[int] = set()  # read once more after their close

    def latest(self) -> tuple[Slab, Setup, str]:
        """The last session there is, the setup that goes with it, and what quotes are called."""
        found = from_lake_on(self.request, self.calendar, None)
        slab, setup = self._seen(found)
        return slab, setup, _SOURCE

    def has(self, day: int) -> bool:
        """Whether the lake has a session; one that was read is not looked for again."""
        if day in self._read:
            return True
        try:
            found = self._found(day)
        except InputError:
            return False
        return int(found.day[0]) == day

    def slab(self, day: int) -> Slab:
        """One session; InputError where the lake has it not."""
        if day not in self._read:
            found = self._found(day)
            if int(found.day[0]) != day:
                raise InputError(self._absent(day, int(found.day[0])))
            self._read = dict([*self._read.items()][-2:])  # a night needs yesterday and today
            self._read[day] = self._seen(found)[0]
        return self._read[day]

    def _found(self, day: int) -> Ground:
        """What the lake has at or before a session, some names being waited for and some not."""
        idle = self.idle() if self.hurried else self.without.get(day, frozenset())
        return from_lake_on(self.request, self.calendar, day_of(day), idle)

    def idle(self) -> frozenset[str]:
        """The underlyings of which nothing is held, as far as that is known."""
        if self.held is None:
            return frozenset()
        names = {*self.held(), *self.request.settings.holdings}
        held = {underlying_of(symbol) for symbol in names}
        return frozenset(map(underlying_of, self.request.universe)) - held

    def collected(self, day: int) -> frozenset[str]:
        """The underlyings of which the lake has a chain of a session, or of one after it."""
        spans = spans_of(Lake.open(self.request.house.home))
        return frozenset(name for name, (_, last) in spans.items() if last >= day)

    def evening(self, day: int) -> Slab | None:
        """The same session, once it is over; None while it lasts, or where its closes are unknown.

        Where its chains were never collected, and those of a later session were, its daily bars are
        its closes, and its options have the volatility of before.
        """
        if self.clock.now() < self.calendar.closes_at(day):
            return None
        if day not in self._ended:  # bars may have come since it was decided
            self._ended = {*sorted(self._ended)[-2:], day}
            self._read.pop(day, None)
            self.without[day] = self.idle()  # a name of which nothing is held holds nobody back
        try:
            return self._marked(self.slab(day), day)
        except InputError:
            return None

    def _marked(self, slab: Slab, day: int) -> Slab:
        """A session that is over; what was not collected of it says so by its origin."""
        found = carried(slab, self._before(day))
        lake = Lake.open(self.request.house.home)
        absent = unquoted(slab)
        origins: list[Origin] = [
            "standing" if at in absent and unpriced(lake, one.symbol, day) else origin
            for at, (one, origin) in enumerate(zip(slab.instruments, found.origins, strict=True))
        ]
        return found._replace(origins=tuple(origins))

    def _before(self, day: int) -> Iterator[Slab]:
        """The sessions before one, the latest first, as far back as volatilities are taken from."""
        for _ in range(_BACK):
            day = self.calendar.previous_session(day)
            try:
                yield self.slab(day)
            except InputError:
                continue

    def _absent(self, day: int, last: int) -> str:
        """What is said of a session that the lake has not, and what brings it."""
        names, found = " ".join(self.request.universe), f"its last are of {day_of(last)}"
        told = f"found no chains of {day_of(day)} in the lake, {found}"
        if self.clock.now() < self.calendar.closes_at(day):
            return f"{told}: underwriter data collect {names}"
        return (
            f"{told}: underwriter data import brings them; without them its daily bars settle it "
            "(underwriter data fetch, data import), once chains of a later session are collected"
        )

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What was collected of this session."""
        now = self.clock.now()
        try:
            slab = self.slab(self.calendar.day_at(now))
        except InputError:
            return {}
        return touched(slab, keys, now)

    def _seen(self, found: Ground) -> tuple[Slab, Setup]:
        """A session as the policies see it."""
        _, slab, setup = seen(self.request, found, found.slab(self.request.house.home))
        return slab._replace(market=through(slab.market, setup.lens)), setup
