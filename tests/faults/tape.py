"""The market of a seed: what truly trades, and the feed of it that freezes, lies and goes away.

Three weeks of one underlying, made once for each shape.  The exchange fills by the true market;
the desk sees it through `Feed`, as faulty as the plan says.
"""

import random  # noqa: TID251  of a seed
from collections.abc import Sequence
from functools import lru_cache
from math import nan, sqrt
from typing import NamedTuple

import numpy as np

from desk.world import SECOND
from faults.plan import Plan, Window
from markets import START, call, market, put
from runs import slab_of
from underwriter.core.errors import InputError
from underwriter.core.units import CENT_U, day_of
from underwriter.desk.ports import Clock, Touch
from underwriter.desk.replay import Replay
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab

SESSIONS = (0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15)  # days from a Monday
EXPIRIES = (4, 11, 18, 25)
SPLIT_AT = 5  # the session of the second Monday, where the seed has a split
VOL = 0.30
PATHS = (
    (100, 100, 99, 97, 94, 95, 96, 97, 99, 101, 101, 102),
    (100, 102, 105, 107, 108, 106, 103, 101, 98, 97, 98, 99),
    (100, 97, 92, 90, 91, 95, 99, 101, 100, 99, 100, 100),
    (100, 101, 99, 102, 98, 103, 97, 104, 99, 100, 101, 100),
)


class Shape(NamedTuple):
    """Which market a seed has."""

    base: int  # the first day, counted from START
    path: int
    split: bool
    dividend: bool


@lru_cache(maxsize=64)
def history(shape: Shape) -> Slab:
    """Its sessions, a dime wide, twice as many shares from the split on."""
    quotes, closes = [], []
    for n, day in enumerate(SESSIONS):
        less = 2 if shape.split and n >= SPLIT_AT else 1
        spot = PATHS[shape.path][n]
        closes.append(spot / less)
        for expiry in (one for one in EXPIRIES if day <= one):
            years = max(expiry - day, 0.3) / 365
            for strike in range(84, 118, 2):
                for make, sign in ((put, -1), (call, 1)):
                    worth = _worth(sign, strike, spot, years)
                    delta = (_worth(sign, strike, spot + 0.01, years) - worth) / 0.01
                    quotes.append(make(
                        strike / less, max(round(worth / less - 0.05, 2), 0.0),
                        round(worth / less + 0.05, 2), session=n, expiry=shape.base + expiry,
                        delta=delta, iv=VOL, forward=spot / less,
                    ))  # fmt: skip
    days = [shape.base + day for day in SESSIONS]
    bars: dict[tuple[int, int], dict[str, float]] = {}
    if shape.split:
        bars[SPLIT_AT, 0] = {"split": 2}
    if shape.dividend:
        bars[3, 0] = {"dividend": 0.4}
    sessions = {
        "tomorrow": [START + day for day in (*days[1:], shape.base + 16)],
        "rate": [0.04] * len(days),
    }
    return slab_of(market(quotes, closes=closes, days=days, bars=bars, sessions=sessions))


def _worth(sign: int, strike: float, spot: float, years: float) -> float:
    """A rough price: intrinsic value and a bump at the strike."""
    inside = sign * (spot - strike)
    wide = VOL * spot * sqrt(years)
    return max(inside, 0.0) + 0.4 * wide * max(1 - abs(inside) / (2.5 * wide), 0.0) ** 2


class Market(Replay):
    """The true one: quotes wander by up to fifteen cents within a session, and no day is ahead."""

    def __init__(self, slab: Slab, clock: Clock, calendar: Calendar, seed: int) -> None:
        super().__init__(slab, clock, calendar)
        self.seed = seed

    def slab(self, day: int) -> Slab:
        """One session; InputError for one that is still to come."""
        if day > self.calendar.day_at(self.clock.now()):
            raise InputError(f"found no quotes of {day_of(day)}, which is still to come")
        return super().slab(day)

    def evening(self, day: int) -> Slab | None:
        """A session that is over."""
        known = day in self._rows and self.clock.now() >= self.calendar.closes_at(day)
        return super().slab(day) if known else None

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is quoted in this half minute."""
        half = self.clock.now() // (30 * SECOND)
        wander = random.Random(f"{self.seed} {half}").randint(-15, 15) * CENT_U  # noqa: S311
        found = super().touch(keys)
        return {
            key: Touch(max(one.bid_u + wander, 0), max(one.ask_u + wander, 0), one.at)
            for key, one in found.items()
        }


class Feed:
    """What the desk sees of a market; `served` is the last touch of each thing that it gave."""

    def __init__(self, market: Market, plan: Plan) -> None:
        self.market, self.plan = market, plan
        self.served: dict[str, Touch] = {}

    def slab(self, day: int) -> Slab:
        """A session, where there is a subscription; some of its quotes nonsense."""
        self._require_open()
        slab = self.market.slab(day)
        return _spoilt(slab, self.plan.seed) if self._in(self.plan.nonsense) else slab

    def evening(self, day: int) -> Slab | None:
        """A session as it ended, where the feed is there."""
        away = self._in(self.plan.feed_away) is not None
        return None if away else self.market.evening(day)

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What it says is quoted."""
        found = self._touch(keys)
        for key in keys:
            self.served.pop(key, None)
        self.served |= found
        return found

    def _touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        frozen, bad = self._in(self.plan.frozen), self._in(self.plan.nonsense)
        if self._in(self.plan.feed_away):
            return {}
        found = self.market.touch(keys)
        if frozen:
            found = {key: one._replace(at=frozen.begins) for key, one in found.items()}
        if bad:
            found = {key: _nonsense(one, key, self.plan.seed) for key, one in found.items()}
        return found

    def _require_open(self) -> None:
        if self._in(self.plan.feed_away):
            raise InputError("found no quotes: the feed is away")

    def _in(self, windows: Sequence[Window]) -> Window | None:
        now = self.market.clock.now()
        return next((one for one in windows if one.begins <= now < one.ends), None)


def _nonsense(touch: Touch, key: str, seed: int) -> Touch:
    """One-sided, crossed, nothing at all, or as it is; NaN is no number and so nothing."""
    kind = random.Random(f"{seed} {key}").randrange(5)  # noqa: S311
    return (
        touch._replace(bid_u=0),
        touch._replace(ask_u=0),
        touch._replace(bid_u=touch.ask_u + CENT_U, ask_u=max(touch.bid_u, CENT_U)),
        touch._replace(bid_u=0, ask_u=0),
        touch,
    )[kind]


def _spoilt(slab: Slab, seed: int) -> Slab:
    """A session some of whose quotes are NaN, zero, one-sided or crossed."""
    quotes = slab.market.quotes.copy().view(np.recarray)  # type: ignore[attr-defined]  rows
    dice = random.Random(seed)  # noqa: S311
    for row in range(len(quotes)):
        kind = dice.randrange(8)
        if kind == 0:
            quotes.delta[row] = quotes.iv[row] = nan
        elif kind == 1:
            quotes.bid_u[row] = 0
        elif kind == 2:
            quotes.bid_u[row] = quotes.ask_u[row] = 0
        elif kind == 3:
            quotes.bid_u[row] = quotes.ask_u[row] + CENT_U
    return slab._replace(market=slab.market._replace(quotes=quotes))
