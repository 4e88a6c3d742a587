"""Which regime, with confirmation and hysteresis.

Columns count the bands' edges at or below the measure.  A column changes when `confirm`
sessions in a row ask for a change in the same direction; going down, the measure must have
fallen `hysteresis` points below the edge.  An unknown measure puts the column
of the most careful values in force for that session and changes nothing else.
"""

import math

from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.sleeve import Regime


@kernel
def column_at(measure: float, policy: Policy) -> int:
    """How many edges stand at or below the measure."""
    column = 0
    while column < policy.bands and policy.edge[column] <= measure:
        column += 1
    return column


@kernel
def asked_column(measure: float, column: int, policy: Policy) -> int:
    """The column that today's measure asks for, from the one in force."""
    up = column_at(measure, policy)
    down = column_at(measure + policy.hysteresis, policy)
    if up > column:
        return up
    return min(down, column)


@kernel
def observe(state: Regime, measure: float, policy: Policy) -> int:
    """Take in one session's measure; return the column in force for this session."""
    if math.isnan(measure):
        state.pending = 0
        return policy.careful
    if state.column < 0:
        state.column = column_at(measure, policy)
        return state.column
    asked = asked_column(measure, state.column, policy)
    direction = int(asked > state.column) - int(asked < state.column)
    if direction * state.pending < 0:
        state.pending = 0
    state.pending = state.pending + direction if direction != 0 else 0
    if abs(state.pending) >= policy.confirm and direction != 0:
        state.column = asked
        state.pending = 0
    return state.column
