"""Weeks at Alpaca for a desk that runs by itself: what is quoted, and what goes wrong, by a clock.

The first week of the history and the Tuesday after it, which is the first session of its week:

    day   KO    what it is for
    0     60    a put of Friday, a put of the week after and a spread are sold, once a week
    1     60.2
    2     62    half of the spread's credit is earned
    3     58.4  the put of the week after is tested
    4     57    the put of Friday ends in the money: it is assigned overnight
    8     59    a new week: a call may be sold on the shares
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from conformance.alpaca_server import Fault
from conformance.stage import AlpacaStage
from desk.world import HandClock, moment, osi
from lakes import black
from markets import START
from underwriter.core.units import day_of
from underwriter.desk.ladder import MINUTE

SPOTS = {0: 60.0, 1: 60.2, 2: 62.0, 3: 58.4, 4: 57.0, 8: 59.0, 9: 59.0}
EXPIRIES = (4, 11, 18)  # Fridays, days from the first Monday
HOUR = 60 * MINUTE
DOZE = 3 * HOUR
DECIDES = 20 * HOUR + 40 * MINUTE  # into a day of UTC: five minutes before, in January
SATURDAY = 5
HALF = 0.02  # dollars between the middle and the touch

WHEEL = """
name = "friday"
strategy = "wheel"
universe = ["KO"]

[entry]
delta = 0.30
dte = [3, 5]
max_spread = 1.0

[size]
risk_per_position = 0.05
stress = [{ spot = -0.20, vol = 1.5 }]
per_underlying = 1.0
"""
ROLLED = """
name = "rolled"
strategy = "cash_secured_put"
universe = ["KO"]

[entry]
delta = 0.30
dte = [8, 12]
max_spread = 1.0

[manage.roll]
when_through = true
out = [13, 20]
down = false
at_most = 1

[size]
risk_per_position = 0.05
stress = [{ spot = -0.20, vol = 1.5 }]
per_underlying = 1.0
"""
SPREAD = """
name = "spread"
strategy = "put_spread"
universe = ["KO"]

[entry]
delta = 0.30
dte = [16, 20]
width = 2.0
max_spread = 1.0

[manage]
take_profit = 0.50

[size]
risk_per_position = 0.03
stress = [{ spot = -0.20, vol = 1.5 }]
per_underlying = 1.0
"""
POLICIES = {"friday": WHEEL, "rolled": ROLLED, "spread": SPREAD}

Act = Callable[[], object]
Where = tuple[str, str]  # method and path of a request


class Due(NamedTuple):
    """Something that happens at a moment."""

    at: int
    act: Act


class Tape(HandClock):
    """A clock that is waited for, and on whose way things happen at their moments.

    Away from the minutes in which sessions are decided it is looked at every three hours, as of a
    machine that dozes: else a week would be ten thousand looks at the broker.
    """

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.due: list[Due] = []
        self.dozes = True

    def plan(self, at: int, act: Act) -> None:
        """Let something happen as a moment is reached."""
        self.due = sorted([*self.due, Due(at, act)], key=lambda one: one.at)

    def wait(self, until: int) -> None:
        """Go there, past all that happens before."""
        until = max(until, self._awake())
        while self.due and self.due[0].at <= until:
            due = self.due.pop(0)
            super().wait(due.at)
            due.act()
        super().wait(until)

    def _awake(self) -> int:
        """When it is looked at again: at once while a session is decided, else in some hours."""
        day, into = divmod(self.at, 24 * HOUR)
        decides = day * 24 * HOUR + DECIDES
        ahead = self.at - into % DOZE + DOZE
        if not self.dozes or decides <= self.at < decides + 20 * MINUTE:
            return self.at
        session = (day + 3) % 7 < SATURDAY
        return min(ahead, decides) if session and self.at < decides else ahead


class LiveStage(AlpacaStage):
    """That world around the server."""

    closed = (7,)  # Martin Luther King's day
    clock_of = Tape
    clock: Tape
    cash = 50_000.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.met: Counter[Where] = Counter()  # how often each thing that was asked went wrong
        self.board.touches.clear()
        for day, spot in SPOTS.items():
            self.close_at(day, spot)
            self.plan(day, "9:30", partial(self.market, spot))

    def to(self, day: int, clock: str) -> None:
        """Let time pass to a moment, and all happen on the way."""
        self.clock.wait(moment(self.calendar, day, clock))

    def plan(self, day: int, clock: str, act: Act) -> None:
        """Let something happen at a time of a day."""
        self.clock.plan(moment(self.calendar, day, clock), act)

    def wrong(self, fault: Fault, *wheres: Where, clock: str, times: int = 1) -> None:
        """Let what is asked first from a time of every session on go wrong, until the close."""
        for day in SPOTS:
            for where in wheres:
                self.plan(day, clock, partial(self.server.next, *where, *[fault] * times))
                self.plan(day, "16:00", partial(self._right, where, times))

    def _right(self, where: Where, times: int) -> None:
        """Let nothing more of it go wrong."""
        left = self.server.faults.get(where, [])
        self.met[where] += times - min(len(left), times)
        del left[-times:]

    def market(self, spot: float) -> None:
        """Quote the share and its options, two cents to either side of their worth."""
        self.board.touches.clear()
        self.quote("KO", spot - 0.01, spot + 0.01)
        today = self.place.today() - START
        for expiry in (one for one in EXPIRIES if one >= today):
            for strike in range(45, 76):
                for right, word in enumerate(("put", "call")):
                    value = black(word, spot, float(strike), (expiry - today) / 365)
                    middle = max(round(value, 2), HALF)
                    key = osi(float(strike), expiry=expiry, right=right)
                    self.quote(key, round(middle - HALF, 2), round(middle + HALF, 2))


def worth(day: int, strike: int, expiry: int, word: str = "put") -> float:
    """What an option is worth on a day of the world, to the cent."""
    return round(black(word, SPOTS[day], float(strike), (expiry - day) / 365), 2)


class Trade(NamedTuple):
    """What one leg is traded at: a sale at its bid, a purchase at its offer."""

    day: int
    policy: str
    option: str
    quantity: int
    price: float


def traded(day: int, policy: str, what: tuple[int, int, str], quantity: int) -> Trade:
    """What so many of an option are traded at on a day."""
    strike, expiry, word = what
    key = osi(float(strike), expiry=expiry, right=int(word == "call"))
    side = HALF if quantity > 0 else -HALF
    return Trade(day, policy, key, quantity, round(worth(day, strike, expiry, word) + side, 2))


FRIDAYS, NEXTS, LAST, WING = (59, 4, "put"), (59, 11, "put"), (59, 18, "put"), (57, 18, "put")
TRADES = (
    traded(0, "friday", FRIDAYS, -2),
    traded(0, "rolled", NEXTS, -2),
    traded(0, "spread", LAST, -10),
    traded(0, "spread", WING, 10),
    traded(2, "spread", LAST, 10),
    traded(2, "spread", WING, -10),
    traded(3, "rolled", NEXTS, 2),
    traded(3, "rolled", LAST, -2),
    traded(8, "friday", (60, 11, "call"), -2),
)
ASSIGNED = (4, "friday", osi(59.0, expiry=4), 2, 200)
HELD = {osi(60.0, expiry=11, right=1): -2, osi(59.0, expiry=18): -2, "KO": 200}


def interrupted() -> None:
    """Ctrl-C, at whatever the program waits for."""
    raise KeyboardInterrupt


def dated(number: int) -> date:
    """A day, counted from the first Monday."""
    return day_of(START + number)
