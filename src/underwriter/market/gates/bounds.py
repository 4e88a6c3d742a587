"""Prices against what exercise is worth at least, and what an option can pay at most.

    European   call  discount x (forward - strike) .. forward     put  .. strike
    American   call  spot - strike                 .. spot        put  strike - spot .. strike

A quote is out of bounds where even the far side of it, and its spread once more, does not reach
them; a last price may besides be as old as the day.  One spoilt pair of quotes may mislead the
forward of an expiry, so a European quote is let pass where either its forward or the spot does.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.blame import FINE as KNOWN
from underwriter.market.gates import codes
from underwriter.market.gates.levels import Levels
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs

CARRY = 0.03  # a year, by which a discount, or a forward from the spot alone, may be wrong
DAY = 0.02  # of the spot, that it may have moved since a last price


class Bounds(NamedTuple):
    """What the bounds of each run are made of; NaN where nothing is known."""

    low: F8  # lowest that the forward may be, or the spot where exercise is American
    high: F8
    scale: F8  # discount at its lowest, or one
    drift: F8  # by how much more the spot may have moved under a last price


def bounds_of(runs: Runs, levels: Levels, european: Mask, rate: F8) -> Bounds:
    """The bounds of each run; `european` says of each whether it cannot be exercised early.

    `rate` is the bill rate of each day.
    """
    years, bill = (runs.expiry - runs.date) / DAYS_A_YEAR, rate[runs.day]
    spot, unsure = levels.spots.spot[runs.day], levels.spots.unsure[runs.day]
    known = levels.implied.reason == KNOWN
    own = np.where(known, levels.implied.forward, np.nan)[levels.group]
    dispersion = levels.implied.dispersion[levels.group]
    today = np.where(years > 0.0, 0.0, DAY)  # its quotes may have stopped before the spot
    grown, around = spot * np.exp(bill * years), unsure + (CARRY * years + today) * spot
    return Bounds(
        np.where(european, np.fmin(own - dispersion, grown - around), spot - unsure),
        np.where(european, np.fmax(own + dispersion, grown + around), spot + unsure),
        np.where(european, np.exp(-(bill + CARRY) * years), 1.0),
        DAY * spot,
    )


@kernel
def mark_bounds(columns: Columns, start: I8, right: I8, bounds: Bounds, code: Codes) -> None:
    """Mark the rows whose price is out of bounds, of those without fault."""
    strike, bid, ask, last, _, _ = columns
    for run in range(right.size):
        call = right[run] == 1
        lowest, highest, scale = bounds.low[run], bounds.high[run], bounds.scale[run]
        for row in range(start[run], start[run + 1]):
            if code[row] != codes.FINE:
                continue
            low, high, drift = bid[row], ask[row], 0.0
            if math.isnan(high):
                low, high, drift = last[row], last[row], bounds.drift[run]
            elif math.isnan(low):
                low = 0.0
            spread = high - low
            worth = lowest - strike[row] if call else strike[row] - highest
            most = highest + drift if call else strike[row]
            if high + spread < scale * (worth - drift):
                code[row] = codes.BELOW_INTRINSIC
            elif low - spread > most:
                code[row] = codes.ABOVE_BOUND
