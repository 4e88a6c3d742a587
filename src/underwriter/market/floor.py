"""The floor of an entry's limit: what its policy asks of a credit, asked of what it would fill for.

An order that waits for the next session's quotes meets another market than it was decided in; a
broker's limit order would not fill under the floor either.
"""

from underwriter.core.contract import PUT, expiry_of, right_of, strike_of
from underwriter.core.intent import Decision
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
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
def worth_it(
    decision: Decision, credit_u: int, spot_u: int, day: int, policy: Policy, column: int
) -> bool:
    """Whether an entry that brings `credit_u` a share on a day is what its policy asks for.

    Its basis is the one by which it was chosen: a spread's width, a put's strike, the spot.
    """
    key, on_u = decision.contract[0], spot_u
    if has_wings(policy.strategy):
        on_u = width_u(decision)
        if not rewards(credit_u, on_u, policy):
            return False
    elif right_of(key) == PUT and decision.change[0] < 0:
        on_u = strike_of(key)
    return pays(credit_u, on_u, expiry_of(key) - day, policy, column)
