"""The pay-off of a trade at its first expiry: breakevens, the most it may gain and may lose.

Straight between strikes where all legs expire together, and then exact.  Else the legs that live on
bend it, and it is followed on a fine grid that goes from a worthless share to several times the
highest strike.
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.record import F8
from underwriter.sim.position import Position, profit

_FINE, _FAR = 300, 4.0  # nodes, and times the highest strike, where the pay-off bends
_FINER, _BETWEEN = 2, 21  # how often, and with how many nodes, the best and the worst are sought
_TINY = 1e-9  # of the spot, times what moves with it: a profit that is none
_HALVINGS = 60


class Payoff(NamedTuple):
    """Profit by spot at the first expiry; None: no bound."""

    spot: F8  # ascending from zero; beyond the last the profit is straight
    profit: F8
    max_loss: float | None  # not negative
    max_profit: float | None  # negative where it loses whatever comes
    breakevens: tuple[float, ...]  # ascending


def payoff(position: Position) -> Payoff:
    """The pay-off with its bounds and where it changes between profit and none."""
    spots = _nodes(position)
    gained = profit(position, spots)
    if position.living:
        spots, gained = _finer(position, spots, gained)
    slope = rise(position)
    return Payoff(
        spots,
        gained,
        None if slope < 0 else max(0.0, -float(gained.min())),
        None if slope > 0 else float(gained.max()),
        tuple(_breakevens(position, spots, gained)),
    )


def rise(position: Position) -> int:
    """The shares that the position is long or short where the spot is very high."""
    calls = sum(leg.quantity for leg in position.legs if leg.option.sign > 0)
    return position.shares + position.multiplier * calls


def nothing(position: Position) -> float:
    """The profit that counts as none: what rounding leaves."""
    contracts = sum(abs(leg.quantity) for leg in position.legs)
    return _TINY * position.spot * (abs(position.shares) + position.multiplier * contracts)


def _nodes(position: Position) -> F8:
    """Zero, the strikes, the spot, a fine grid where the pay-off bends, and where it is straight.

    The last node lies beyond where the straight end may still cross zero.
    """
    strikes = [leg.option.strike for leg in position.legs]
    high = max([*strikes, position.spot])
    marks = {0.0, position.spot, 1.25 * high, *strikes}
    if position.living:
        low = min(*strikes, position.spot)
        marks |= set(np.geomspace(low / _FAR, high * _FAR, _FINE).tolist())
    last = max(marks)
    slope = rise(position)
    end = float(profit(position, np.array([last]))[0])
    if slope and end / slope < 0.0:
        marks.add(last - 1.25 * end / slope)
    return np.array(sorted(marks))


def _finer(position: Position, spots: F8, gained: F8) -> tuple[F8, F8]:
    """More nodes around the best and the worst, which a bent pay-off may have between two."""
    for _ in range(_FINER):
        around = {int(np.argmin(gained)), int(np.argmax(gained))}
        more = [
            np.linspace(spots[max(n - 1, 0)], spots[min(n + 1, len(spots) - 1)], _BETWEEN)
            for n in around
        ]
        added = np.setdiff1d(np.concatenate(more), spots)
        spots = np.concatenate([spots, added])
        gained = np.concatenate([gained, profit(position, added)])
        order = np.argsort(spots)
        spots, gained = spots[order], gained[order]
    return spots, gained


def _breakevens(position: Position, spots: F8, gained: F8) -> list[float]:
    """The spots at which profit begins or ends."""
    wins = gained > nothing(position)
    found = []
    for n in np.flatnonzero(wins[1:] != wins[:-1]):
        ends = float(spots[n]), float(spots[n + 1])
        if position.living:
            found.append(_crossing(position, *ends))
        else:
            under, over = float(gained[n]), float(gained[n + 1])
            found.append(ends[0] + (ends[1] - ends[0]) * under / (under - over))
    return found


def _crossing(position: Position, low: float, high: float) -> float:
    """The breakeven between two spots, by halving."""
    least = nothing(position)
    wins = profit(position, np.array([low]))[0] > least
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if (profit(position, np.array([middle]))[0] > least) == wins:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
