"""What one sleeve wishes today: the order of its rules, the same for every strategy."""

from underwriter.core import reason
from underwriter.core.chain import Quote, View
from underwriter.core.contract import CALL, right_of, strike_of
from underwriter.core.entry import wish_calls, wish_entry
from underwriter.core.intent import CLOSE, EXERCISE, SHARES, Decision, add_leg, wish
from underwriter.core.kernel import called, kernel
from underwriter.core.manage import manage, sells
from underwriter.core.policy import Own, Policy
from underwriter.core.record import Rows
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT, Sleeve
from underwriter.core.strategy import keeps_shares


@kernel
def worth_exercising(key: int, spot_u: int) -> bool:
    """Whether a long option does better than the market, where to buy costs a cent more."""
    if right_of(key) == CALL:
        return strike_of(key) <= spot_u
    return strike_of(key) > spot_u


@kernel
def exercisable(sleeve: Sleeve, slot: int, spot_u: int, multiplier: int) -> int:
    """How many long contracts in the money the shares that are held, or owed, can meet."""
    if sleeve.quantity[slot] <= 0 or not worth_exercising(sleeve.contract[slot], spot_u):
        return 0
    return min(sleeve.quantity[slot], abs(sleeve.shares) // multiplier)


@called
def wish_undone(decision: Decision, sleeve: Sleeve, slot: int, why: int, view: View) -> None:
    """Wish shares gone that came by assignment: through the long leg, else at the market.

    Exercise loses no more than the width of the spread, whatever the market does meanwhile.
    """
    contracts = exercisable(sleeve, slot, view.spot_u, view.multiplier)
    if contracts > 0:
        wish(decision, EXERCISE, reason.UNWIND)
        add_leg(decision, slot, sleeve.row[slot], sleeve.contract[slot], -contracts)
        decision.quantity = contracts
        decision.shares = contracts * (view.multiplier if sleeve.shares < 0 else -view.multiplier)
        return
    wish(decision, SHARES, why)
    decision.shares = -sleeve.shares
    decision.quantity = abs(sleeve.shares)


@called
def wish_leftovers(decision: Decision, sleeve: Sleeve, quotes: Rows[Quote]) -> None:
    """Wish long legs sold that protect nothing any more and find a bid."""
    for slot in (LONG_PUT, LONG_CALL):
        if sells(sleeve, slot, quotes):
            if decision.legs == 0:
                wish(decision, CLOSE, reason.LEFTOVER)
            quantity = sleeve.quantity[slot]
            add_leg(decision, slot, sleeve.row[slot], sleeve.contract[slot], -quantity)
            decision.quantity = max(decision.quantity, quantity)


@kernel
def decide(
    decision: Decision, sleeve: Sleeve, quotes: Rows[Quote], view: View, own: Own, policy: Policy
) -> None:
    """Write into a cleared decision what a sleeve wishes on this session."""
    if sleeve.shares < 0:
        wish_undone(decision, sleeve, LONG_CALL, reason.UNWIND, view)
    elif sleeve.shares > 0 and not keeps_shares(policy.strategy):
        wish_undone(decision, sleeve, LONG_PUT, reason.RELEASE, view)
    elif sleeve.quantity[SHORT_PUT] != 0 or sleeve.quantity[SHORT_CALL] != 0:
        manage(decision, sleeve, quotes, view, own, policy)
    elif sleeve.legs > 0:
        if sleeve.shares == 0:
            wish_leftovers(decision, sleeve, quotes)
    elif view.may_enter:
        if sleeve.shares > 0:
            wish_calls(decision, sleeve, quotes, view, own, policy)
        else:
            wish_entry(decision, quotes, view, own, policy)
