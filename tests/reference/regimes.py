"""The regime columns (docs/session.md, The state): hysteresis and confirmation."""

import math

from reference.given import Policy
from reference.state import Regime, State


def update_all(state: State) -> None:
    """Bring the column of every policy on every underlying up to date."""
    for (number, underlying), regime in state.regimes.items():
        policy = state.case.policies[number]
        percentile = state.now.known[underlying].percentile
        update(policy, regime, 100 * percentile if policy.own_percentile else state.now.measure)


def update(policy: Policy, regime: Regime, measure: float) -> None:
    """Bring a policy's column up to date with the session's measure."""
    if math.isnan(measure):
        regime.force, regime.asked = policy.while_unknown, 0
        return
    up, down = column_at(policy, measure), column_at(policy, measure + policy.hysteresis)
    if regime.kept < 0:
        regime.kept = up
    wanted = up if up > regime.kept else min(down, regime.kept)
    if wanted > regime.kept:
        regime.asked = max(regime.asked, 0) + 1
    elif wanted < regime.kept:
        regime.asked = min(regime.asked, 0) - 1
    else:
        regime.asked = 0
    if abs(regime.asked) >= policy.confirm:
        regime.kept, regime.asked = wanted, 0
    regime.force = regime.kept


def column_at(policy: Policy, measure: float) -> int:
    """How many of the bands' edges are at or below a measure."""
    return sum(edge <= measure for edge in policy.edges)
