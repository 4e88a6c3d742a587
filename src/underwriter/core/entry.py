"""Opening: which position a flat sleeve begins, and which calls are sold on shares held."""

import math

from underwriter.core import reason
from underwriter.core.chain import NO_ROW, Quote, View
from underwriter.core.contract import CALL, PUT
from underwriter.core.intent import OPEN, Decision, add_leg, hold, wish
from underwriter.core.kernel import called, kernel
from underwriter.core.pairing import Pair, select_pair
from underwriter.core.policy import CASH_SECURED_PUT, COLLAR, WHEEL, Own, Policy
from underwriter.core.record import Rows
from underwriter.core.select import ANY_U, Bounds, select
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    SHORT_CALL,
    SHORT_PUT,
    Sleeve,
    share_money_u,
)
from underwriter.core.strategy import begins_with_calls, buys_shares, has_two_rights
from underwriter.core.units import CENT_U


@kernel
def own_bounds(right: int, floor_u: int, own: Own) -> Bounds:
    """The strikes that prices decided beforehand allow; of calls none under `floor_u` either."""
    if right == CALL:
        return Bounds(max(floor_u, own.call_least_u), ANY_U)
    return Bounds(0, own.put_most_u if own.put_most_u > 0 else ANY_U)


@kernel
def call_floor_u(sleeve: Sleeve, own: Own, policy: Policy) -> int:
    """The lowest strike of a call on shares held: breakeven a share, rounded up, and own price."""
    if sleeve.shares <= 0 or policy.below_breakeven == 1:
        return own.call_least_u
    return max(-(-share_money_u(sleeve) // sleeve.shares), own.call_least_u)


@kernel
def barred(right: int, bounds: Bounds, own: Own) -> int:
    """Why every row that passed the gates had a strike out of bounds."""
    if right == CALL and bounds.least_u > own.call_least_u:
        return reason.BREAKEVEN
    return reason.OWN


@kernel
def add_single(
    decision: Decision, quotes: Rows[Quote], right: int, bounds: Bounds, view: View, policy: Policy
) -> int:
    """Add the legs of one right, one contract each; the reason where none qualifies, or NONE."""
    lo, hi = (view.calls, view.end) if right == CALL else (view.puts, view.calls)
    basis_u = view.spot_u if right == CALL else 0
    choice = select(quotes, lo, hi, bounds, basis_u, view, policy)
    if choice.row == NO_ROW:
        return reason.OWN if choice.floored else reason.NO_CANDIDATE
    short = SHORT_CALL if right == CALL else SHORT_PUT
    add_leg(decision, short, choice.row, quotes[choice.row].contract, -1)
    if choice.wing != NO_ROW:
        beside = LONG_CALL if right == CALL else LONG_PUT
        add_leg(decision, beside, choice.wing, quotes[choice.wing].contract, 1)
    return reason.NONE


@kernel
def add_pair(decision: Decision, quotes: Rows[Quote], pair: Pair, policy: Policy) -> None:
    """Add the legs of both rights, one contract each, in the order of the slots."""
    put, call = pair.put, pair.call
    slot, change = (LONG_PUT, 1) if policy.strategy == COLLAR else (SHORT_PUT, -1)
    add_leg(decision, slot, put.row, quotes[put.row].contract, change)
    if put.wing != NO_ROW:
        add_leg(decision, LONG_PUT, put.wing, quotes[put.wing].contract, 1)
    add_leg(decision, SHORT_CALL, call.row, quotes[call.row].contract, -1)
    if call.wing != NO_ROW:
        add_leg(decision, LONG_CALL, call.wing, quotes[call.wing].contract, 1)


@kernel
def add_legs(
    decision: Decision,
    quotes: Rows[Quote],
    right: int,
    floor_u: int,
    view: View,
    own: Own,
    policy: Policy,
) -> int:
    """Add the legs that a policy trades at once; the reason where none qualify, or NONE.

    `right` is of the one that is sold where there is one; no call is under `floor_u`.
    """
    puts, calls = own_bounds(PUT, 0, own), own_bounds(CALL, floor_u, own)
    if has_two_rights(policy.strategy):
        pair = select_pair(quotes, puts, calls, view, policy)
        if pair.call.row == NO_ROW:
            return reason.NO_CANDIDATE
        add_pair(decision, quotes, pair, policy)
        return reason.NONE
    bounds = calls if right == CALL else puts
    why = add_single(decision, quotes, right, bounds, view, policy)
    return barred(right, bounds, own) if why == reason.OWN else why


@called
def wish_calls(
    decision: Decision, sleeve: Sleeve, quotes: Rows[Quote], view: View, own: Own, policy: Policy
) -> None:
    """Wish calls on all whole lots of shares held, and with a collar as many puts."""
    lots = sleeve.shares // view.multiplier
    if lots <= 0:
        return
    if policy.delta[view.column] <= 0.0:
        hold(decision, reason.REGIME)
        return
    if view.aside != reason.NONE:
        hold(decision, view.aside)
        return
    wish(decision, OPEN, reason.ENTRY_CALL)
    floor_u = call_floor_u(sleeve, own, policy)
    why = add_legs(decision, quotes, CALL, floor_u, view, own, policy)
    if why != reason.NONE:
        hold(decision, why)
        return
    for k in range(decision.legs):
        decision.change[k] *= lots
    decision.quantity = lots


@kernel
def why_not(view: View, policy: Policy) -> int:
    """Why a flat sleeve opens nothing today whatever is quoted, or reason.NONE."""
    if policy.delta[view.column] <= 0.0 or policy.size_factor[view.column] <= 0.0:
        return reason.REGIME
    if view.aside != reason.NONE:
        return view.aside
    if view.cooling:
        return reason.COOLDOWN
    if not view.admitted:
        return reason.SCREEN
    highest = policy.admit_iv_max[view.column]
    if highest < math.inf and not view.iv30 <= highest:
        return reason.VOLATILITY
    return reason.NONE


@called
def wish_entry(
    decision: Decision, quotes: Rows[Quote], view: View, own: Own, policy: Policy
) -> None:
    """Wish the position that a flat sleeve begins; how many is for sizing to say."""
    shares = buys_shares(policy.strategy)
    if shares and policy.buy_shares == 0:
        return
    why = why_not(view, policy)
    if why != reason.NONE:
        hold(decision, why)
        return
    put_alone = policy.strategy in (WHEEL, CASH_SECURED_PUT)
    wish(decision, OPEN, reason.ENTRY_PUT if put_alone else reason.ENTRY)
    floor_u = view.spot_u + CENT_U if shares and policy.below_breakeven == 0 else 0
    right = CALL if begins_with_calls(policy.strategy) else PUT
    why = add_legs(decision, quotes, right, floor_u, view, own, policy)
    if why != reason.NONE:
        hold(decision, why)
        return
    decision.shares = view.multiplier if shares else 0
