"""Gates an underlying must pass before anything is written on it.

A gate holds one value of the underlying between two bounds, the ends included.  A gate without a
bound is off.  An unknown value (NaN) fails unless the gate is lenient; an infinite one says that
there is nothing to hold against the underlying (a fund has no Piotroski score) and passes.  A name
is admitted where no gate refuses it.  docs/screen.md has the unit and source of every gate.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8, I8, Row, Rows

# gates, in the order in which they are told
(
    PRICE,
    SHARES,
    TURNOVER,
    INTEREST,
    CONTRACTS,
    WIDTH,
    HISTORY,
    DRAWDOWN,
    RECOVERY,
    BETA,
    DOWNSIDE_BETA,
    CORRELATION,
    DIVIDENDS,
    EARNINGS,
    IV30,
    MARKET_CAP,
    PIOTROSKI,
    ALTMAN,
    NET_DEBT,
    SECTOR,
) = range(20)

NAMES = (
    "price",
    "shares",
    "turnover",
    "interest",
    "contracts",
    "width",
    "history",
    "drawdown",
    "recovery",
    "beta",
    "downside_beta",
    "correlation",
    "dividends",
    "earnings",
    "iv30",
    "market_cap",
    "piotroski",
    "altman",
    "net_debt",
    "sector",
)

OFF, PASSED, FAILED, UNKNOWN, EXEMPT = range(5)  # what a gate says
SAID = ("off", "passed", "failed", "unknown", "exempt")


class Gate(Row):
    """The bounds of one gate: NaN is none."""

    least: float
    most: float
    lenient: int  # 1: an unknown value does not refuse


class Judged(NamedTuple):
    """What a gate says of a value, and by how much: room to the nearer bound, below zero: short.

    In the unit of the gate; NaN where there is none to tell.
    """

    code: int
    by: float


@kernel
def judge(value: float, gate: Gate) -> Judged:
    """What one gate says of one value."""
    if math.isnan(gate.least) and math.isnan(gate.most):
        return Judged(OFF, math.nan)
    if math.isnan(value):
        return Judged(UNKNOWN, math.nan)
    if math.isinf(value):
        return Judged(EXEMPT, math.nan)
    over = math.inf if math.isnan(gate.least) else value - gate.least
    under = math.inf if math.isnan(gate.most) else gate.most - value
    room = min(over, under)
    return Judged(PASSED if room >= 0.0 else FAILED, room)


@kernel
def refuses(code: int, gate: Gate) -> bool:
    """Whether what a gate says keeps a name out."""
    return code == FAILED or (code == UNKNOWN and gate.lenient == 0)


@kernel
def fill_admitted(values: F8, gates: Rows[Gate], found: I8) -> None:
    """Write 1 where no gate refuses a name, else 0; shapes as in `admitted`."""
    sessions, names, count = values.shape
    for session in range(sessions):
        for name in range(names):
            found[session, name] = 1
            for at in range(count):
                code = judge(values[session, name, at], gates[at]).code
                if refuses(code, gates[at]):
                    found[session, name] = 0


def admitted(values: F8, gates: Rows[Gate]) -> I8:
    """1 where no gate refuses a name, else 0: (sessions, underlyings).

    `values` are (sessions, underlyings, gates), one gate a row of `gates`.
    """
    found = np.empty(values.shape[:2], np.int64)
    fill_admitted(values, gates, found)
    return found
