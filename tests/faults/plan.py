"""What a seed has in store: everything that goes wrong, and when, is drawn here before it begins.

A seed takes some kinds of trouble and leaves others, so that rare ones meet each other.  Times are
the true ones, UTC nanoseconds; a window is a stretch of them.
"""

import random  # noqa: TID251  of a seed
from typing import Any, NamedTuple

from desk.world import SECOND
from faults.wishes import NOBODY, Hand, hand_of
from underwriter.market.calendar import Calendar

MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
FIRST_QUIET = 9  # the session from whose morning on nothing goes wrong any more
STRATEGIES = (
    "wheel", "wheel", "cash_secured_put", "covered_call", "put_spread", "put_spread",
    "call_spread", "iron_condor", "collar",
)  # fmt: skip


class Window(NamedTuple):
    """A stretch of time."""

    begins: int
    ends: int


class Skew(NamedTuple):
    """From when on the desk's clock is how far ahead, or behind."""

    begins: int
    by: int


class Plan(NamedTuple):
    """The troubles of a seed."""

    seed: int
    strategy: str
    seats: int
    base: int
    path: int
    split: bool
    dividend: bool
    lot: int  # units that fill at one moment; 0: all
    late: int  # nanoseconds after which a fill is told by the exchange itself
    legs: int  # of one order; 1 is a broker of single legs
    rolls: bool
    guards: dict[str, Any]
    death: float  # how likely a process dies at an effect
    loss: float  # how likely a request or an answer is lost
    delay: float  # how likely a request arrives later
    full: float  # how likely a write finds the disk full
    twice: float  # how likely an answer tells facts twice, or out of order
    tardy: float  # how likely a fact is told late
    assigned: float  # how likely a short option is assigned in a night
    silent: float  # how likely that is never told
    busted: float  # how likely a fill is taken back in a night
    beside: float  # how likely the owner trades beside the desk in a session
    outages: tuple[Window, ...] = ()
    frozen: tuple[Window, ...] = ()
    nonsense: tuple[Window, ...] = ()
    feed_away: tuple[Window, ...] = ()
    killed: tuple[Window, ...] = ()
    skews: tuple[Skew, ...] = ()
    hand: Hand = NOBODY


def plan_of(seed: int, calendar: Calendar, start: int, sessions: tuple[int, ...]) -> Plan:
    """The troubles of a seed; days count from `start`."""
    dice = random.Random(f"plan {seed}")  # noqa: S311
    base = dice.choice([0, 0, 56, 294])  # the last two have a change of the clock in them
    days = [start + base + day for day in sessions[:FIRST_QUIET]]

    def often(share: float, most: float) -> float:
        return dice.random() * most if dice.random() < share else 0.0

    plan = Plan(
        seed, dice.choice(STRATEGIES), dice.choice([1, 1, 2]), base, dice.randrange(4),
        split=dice.random() < 0.35, dividend=dice.random() < 0.3,
        lot=dice.choice([0, 0, 1, 3]), late=dice.choice([0, 0, 90 * SECOND, 20 * MINUTE]),
        legs=dice.choice([4, 4, 4, 1]), rolls=dice.random() < 0.75, guards=_guards(dice),
        death=often(0.7, 0.06), loss=often(0.6, 0.1), delay=often(0.4, 0.3),
        full=often(0.2, 0.03), twice=often(0.5, 0.6), tardy=often(0.4, 0.5),
        assigned=often(0.5, 0.5), silent=often(0.5, 0.6), busted=often(0.2, 0.5),
        beside=often(0.15, 0.4),
    )  # fmt: skip
    if plan.split:  # what nobody told of before it, nobody could say after it
        plan = plan._replace(silent=0.0)
    when = _When(dice, calendar, days)
    hand = hand_of(seed, days, calendar.at)
    plan.guards["approve"] = hand.approve
    return plan._replace(
        hand=hand,
        outages=when.some(0.4, DAY), frozen=when.some(0.35, 5 * HOUR),
        nonsense=when.some(0.35, 30 * HOUR), feed_away=when.some(0.15, 20 * HOUR),
        killed=when.some(0.2, 40 * HOUR), skews=when.skews(),
    )  # fmt: skip


def _guards(dice: random.Random) -> dict[str, Any]:
    """The guards of a seed: most let everything pass."""
    return {
        "daily_loss": dice.choice([0.0, 0.0, 0.01]), "drawdown": dice.choice([0.0, 0.0, 0.02]),
        "orders": dice.choice([50, 50, 4]),
    }  # fmt: skip


class _When(NamedTuple):
    """Draws windows that begin about the decisions of sessions."""

    dice: random.Random
    calendar: Calendar
    days: list[int]

    def moment(self) -> int:
        """Some time of a session, mostly near its decision."""
        day = self.dice.choice(self.days)
        minute = self.dice.choice([5 * 60, 9 * 60 + 40, 15 * 60 + 40, 15 * 60 + 46, 15 * 60 + 52])
        return self.calendar.at(day, minute + self.dice.randrange(-3, 8))

    def some(self, share: float, longest: int) -> tuple[Window, ...]:
        """None, or up to three windows that end before it is quiet."""
        if self.dice.random() >= share:
            return ()
        found = []
        for _ in range(self.dice.randint(1, 3)):
            begins = self.moment()
            length = self.dice.choice([2 * MINUTE, 8 * MINUTE, longest])
            found.append(Window(begins, min(begins + length, self.calm())))
        return tuple(found)

    def calm(self) -> int:
        """The midnight from which on nothing goes wrong."""
        return self.calendar.at(self.days[-1] + 1, 0)

    def skews(self) -> tuple[Skew, ...]:
        """A clock that jumps by hours, back or ahead, and is set right some time after."""
        if self.dice.random() >= 0.25:
            return ()
        begins = self.moment()
        by = self.dice.choice([-1, 1]) * self.dice.choice([7 * MINUTE, HOUR, 5 * HOUR, 14 * HOUR])
        ends = min(begins + self.dice.choice([20 * MINUTE, 4 * HOUR, DAY]), self.calm())
        return (Skew(begins, by), Skew(ends, 0))
