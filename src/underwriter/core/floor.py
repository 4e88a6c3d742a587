"""The floor of an entry's limit: what its policy asks of a credit, asked of what it would fill for.

An order that waits for the next session's quotes meets another market than it was decided in; a
broker's limit order would not fill under the floor either.
"""

from underwriter.core.contract import PUT, expiry_of, right_of, strike_of
from underwriter.core.intent import Decision
from underwriter.core.kernel import kernel
from underwriter.core.policy import COLLAR, Policy
from underwriter.core.select import pays, rewards
from underwriter.core.strategy import has_wings


@kernel
def width_u(decision: Decision) -> int:
    """How far the strikes of a spread stand apart; of two spreads, the wider."""
    puts_u, calls_u = 0, 0
    for leg in range(decision.legs):
        key = decision.contract[leg]
        strike_u = strike_of(key) if decision.change[leg] < 0 else -strike_of(key)
        if right_of(key) == PUT:
            puts_u += strike_u
        else:
            calls_u += strike_u
    return max(abs(puts_u), abs(calls_u))


@kernel
def basis_u(decision: Decision, spot_u: int, policy: Policy) -> int:
    """What the yield of an entry is on, a share: a spread's width, a short put's strike, the spot.

    So it is in `select` and `pairing`, by which the entry was chosen.
    """
    if has_wings(policy.strategy):
        return width_u(decision)
    key = decision.contract[0]
    if right_of(key) == PUT and decision.change[0] < 0:
        return strike_of(key)
    return spot_u


@kernel
def counts(decision: Decision, leg: int, policy: Policy) -> bool:
    """Whether a leg's price is part of the credit: not that of the put which a collar buys."""
    return policy.strategy != COLLAR or decision.change[leg] < 0


@kernel
def worth_it(
    decision: Decision, credit_u: int, spot_u: int, day: int, policy: Policy, column: int
) -> bool:
    """Whether an entry that brings `credit_u` a share on a day is what its policy asks for."""
    on_u = basis_u(decision, spot_u, policy)
    if has_wings(policy.strategy) and not rewards(credit_u, on_u, policy):
        return False
    return pays(credit_u, on_u, expiry_of(decision.contract[0]) - day, policy, column)
