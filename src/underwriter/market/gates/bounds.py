"""Prices against what exercise is worth at least, and what an option can pay at most.

    European   call  discount x (forward - strike) .. forward     put  .. strike
    American   call  spot - strike                 .. spot        put  strike - spot .. strike

A quote is out of bounds where even the far side of it, and its spread once more, does not reach
them; a last price may besides be as old as the day.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.blame import FINE as KNOWN
from underwriter.market.gates import codes
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.levels import Levels
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs

CARRY = 0.03  # a year, by which a discount, or a forward from the spot alone, may be wrong
DAY = 0.02  # of the spot, that it may have moved since a last price


class Bounds(NamedTuple):
    """What the bounds of each run are made of; NaN where nothing is known."""

    level: F8  # forward, or spot where exercise is American
    scale: F8  # discount at its lowest, or one
    slack: F8  # by how much the level may be wrong
    drift: F8  # by how much more under a last price


def bounds_of(runs: Runs, levels: Levels, european: Mask, ground: Ground) -> Bounds:
    """The bounds of each run; `european` says of each whether it cannot be exercised early."""
    spots, years = levels.spots, (runs.expiry - runs.date) / DAYS_A_YEAR
    spot = spots.spot[runs.day]
    unsure = spots.unsure[runs.day]
    forward = np.where(levels.implied.reason == KNOWN, levels.implied.forward, np.nan)[levels.group]
    own = ~np.isnan(forward)
    ends_today = np.where(years > 0.0, 1.0, np.nan)  # its quotes may have stopped before the spot
    grown = np.where(own, forward, spot * np.exp(ground.rate * years) * ends_today)
    dispersion = levels.implied.dispersion[levels.group]
    return Bounds(
        np.where(european, grown, spot),
        np.where(european, np.exp(-(ground.rate + CARRY) * years), 1.0),
        np.where(european, np.where(own, dispersion, unsure + CARRY * years * spot), unsure),
        DAY * spot,
    )


@kernel
def mark_bounds(columns: Columns, start: I8, right: I8, bounds: Bounds, code: Codes) -> None:
    """Mark the rows whose price is out of bounds, of those without fault."""
    strike, bid, ask, last, _, _ = columns
    for run in range(right.size):
        sign = 1.0 if right[run] == 1 else -1.0
        level, scale = bounds.level[run], bounds.scale[run]
        for row in range(start[run], start[run + 1]):
            if code[row] != codes.FINE:
                continue
            low, high, slack = bid[row], ask[row], bounds.slack[run]
            if math.isnan(high):
                low = high = last[row]
                slack += bounds.drift[run]
            elif math.isnan(low):
                low = 0.0
            spread = high - low
            least = scale * (sign * (level - strike[row]) - slack)
            most = level + slack if sign > 0.0 else strike[row]
            if high + spread < least:
                code[row] = codes.BELOW_INTRINSIC
            elif low - spread > most:
                code[row] = codes.ABOVE_BOUND
