"""Run policies over a slab: what to run, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from underwriter.book.seated import empty_seats
from underwriter.core.intent import Decision
from underwriter.core.policy import Fills, Limits, Own, Policy
from underwriter.core.record import I8, Rows, rows
from underwriter.core.sleeve import BookState
from underwriter.market.beside import Lens, through
from underwriter.market.fees import FeeSchedule
from underwriter.market.slab import Slab
from underwriter.sim.engine import Curve, new_curve, run_sessions
from underwriter.sim.ledger import Line, Log

# what of the half-spread each leg of an order pays, by its option legs: 75% of the spread from the
# far side for one leg, 66%, 60% and 56% for two to four (ORATS, backtest documentation)
COMBO = (1.0, 0.64, 0.40, 0.24)
_LINES_A_SESSION = 4  # a first guess at how much a run writes down; more means run again


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one sleeve stands: its account, underlying and policy, by number.

    `shares` are those that it begins with.
    """

    account: int
    underlying: int
    policy: int
    shares: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """What to run: sleeves under policies, accounts with limits and starting cash, and costs."""

    seats: tuple[Seat, ...]
    policies: Rows[Policy]
    owns: Rows[Own]  # (policies, underlyings)
    limits: Rows[Limits]  # one an account
    deposits_u: I8  # one an account
    fills: Fills
    fees: FeeSchedule  # (kinds, sessions)
    lens: Lens | None = None  # what the policies see of their names; None: as the slab has them


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: the lines in order, the evenings' money, and the state at the end."""

    lines: Rows[Line]
    curve: Curve
    book: BookState


def fills_of(
    half_spread: float, delay: int, combo: Sequence[float] = COMBO, assigned: float = 1.0
) -> Fills:
    """A fill model: the share of half the spread that is paid, and sessions of delay.

    `combo` has what of that share an order of one to four option legs pays on each; `assigned`
    the share of a leg that an early assignment takes.
    """
    fills = rows(Fills, 1)[0]
    fills.half_spread = half_spread
    fills.delay = delay
    fills.combo[:] = combo
    fills.assigned = assigned
    return fills


def under(setup: Setup, half_spread: float, delay: int) -> Setup:
    """The same setup at another share of the half-spread and another delay."""
    kept = setup.fills
    fills = fills_of(half_spread, delay, [float(each) for each in kept.combo], float(kept.assigned))
    return replace(setup, fills=fills)


def brought(setup: Setup) -> I8:
    """The shares that each sleeve begins with."""
    return np.array([seat.shares for seat in setup.seats], np.int64)


def run(slab: Slab, setup: Setup) -> Run:
    """Run a setup over every session of a slab; deterministic, nothing outside is touched."""
    capacity = slab.market.sessions.shape[0] * _LINES_A_SESSION + len(setup.seats)
    attempt, needed = _attempt(slab, setup, capacity)
    if needed > capacity:
        attempt, needed = _attempt(slab, setup, needed)
    return Run(_first(attempt.lines, needed), attempt.curve, attempt.book)


def _attempt(slab: Slab, setup: Setup, capacity: int) -> tuple[Run, int]:
    """One run with room for `capacity` lines, and how many there were."""
    accounts, sessions = setup.limits.shape[0], slab.market.sessions.shape[0]
    log = Log(rows(Line, capacity), np.zeros(1, np.int64))
    policies, underlyings = setup.policies.shape[0], len(slab.instruments)
    curve = new_curve(sessions, accounts, policies, underlyings)
    book = seated(setup, underlyings)
    run_sessions(
        book,
        through(slab.market, setup.lens),
        setup.policies,
        setup.owns,
        setup.limits,
        setup.fills,
        setup.fees,
        setup.deposits_u,
        brought(setup),
        rows(Decision, len(setup.seats) + 1),
        log,
        curve,
    )
    return Run(log.lines, curve, book), int(log.written[0])


def seated(setup: Setup, underlyings: int) -> BookState:
    """An empty book with every sleeve in its seat."""
    accounts, policies = setup.limits.shape[0], setup.policies.shape[0]
    seats = ((seat.account, seat.underlying, seat.policy) for seat in setup.seats)
    return empty_seats(seats, accounts, policies, underlyings)


def _first(lines: Rows[Line], count: int) -> Rows[Line]:
    """The lines that were written."""
    cut: Callable[[slice], Rows[Line]] = lines.__getitem__  # type: ignore[assignment]
    return cut(slice(count))
