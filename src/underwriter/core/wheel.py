"""The Wheel, and its first half: what one sleeve wishes today.

Flat: sell a cash-secured put.  Holding shares: sell covered calls on all of them, never under
the campaign's breakeven.  Holding a short option: manage it.
"""

from underwriter.core import reason
from underwriter.core.chain import NO_ROW, Quote, View
from underwriter.core.intent import BUY_TO_CLOSE, SELL_TO_OPEN, Intent, hold, release
from underwriter.core.kernel import kernel
from underwriter.core.manage import exit_reason
from underwriter.core.policy import WHEEL, Policy
from underwriter.core.record import Rows
from underwriter.core.select import select
from underwriter.core.sleeve import SHORT_CALL, SHORT_PUT, Sleeve, share_money_u


@kernel
def close(
    sleeve: Sleeve, slot: int, row: int, quotes: Rows[Quote], view: View, policy: Policy
) -> Intent:
    """Buy the whole short leg back if a rule says so."""
    why = exit_reason(sleeve, slot, row, quotes, view, policy)
    if why == reason.NONE:
        return hold(reason.NONE)
    return Intent(BUY_TO_CLOSE, slot, row, sleeve.contract[slot], -sleeve.quantity[slot], why)


@kernel
def sell_put(quotes: Rows[Quote], view: View, policy: Policy) -> Intent:
    """Choose the put to sell; how many is for sizing to say."""
    if policy.delta[view.column] <= 0.0 or policy.size_factor[view.column] <= 0.0:
        return hold(reason.REGIME)
    choice = select(quotes, view.puts, view.calls, 0, 0, view, policy)
    if choice.row == NO_ROW:
        return hold(reason.NO_CANDIDATE)
    contract = quotes[choice.row].contract
    return Intent(SELL_TO_OPEN, SHORT_PUT, choice.row, contract, 0, reason.ENTRY_PUT)


@kernel
def sell_call(sleeve: Sleeve, quotes: Rows[Quote], view: View, policy: Policy) -> Intent:
    """Choose the call to sell on all whole lots of shares held."""
    contracts = sleeve.shares // view.multiplier
    if contracts <= 0:
        return hold(reason.NONE)
    if policy.delta[view.column] <= 0.0:
        return hold(reason.REGIME)
    floor_u = -(-share_money_u(sleeve) // sleeve.shares)  # breakeven, rounded up
    choice = select(quotes, view.calls, view.end, floor_u, view.spot_u, view, policy)
    if choice.row == NO_ROW:
        return hold(reason.BREAKEVEN if choice.floored else reason.NO_CANDIDATE)
    contract = quotes[choice.row].contract
    return Intent(SELL_TO_OPEN, SHORT_CALL, choice.row, contract, contracts, reason.ENTRY_CALL)


@kernel
def decide(sleeve: Sleeve, quotes: Rows[Quote], view: View, policy: Policy) -> Intent:
    """What a sleeve under a wheel or cash-secured-put policy wishes on this session."""
    if sleeve.quantity[SHORT_PUT] != 0:
        return close(sleeve, SHORT_PUT, sleeve.row[SHORT_PUT], quotes, view, policy)
    if sleeve.quantity[SHORT_CALL] != 0:
        return close(sleeve, SHORT_CALL, sleeve.row[SHORT_CALL], quotes, view, policy)
    if sleeve.shares > 0 and policy.strategy != WHEEL:
        return release(sleeve.shares)
    if not view.may_enter:
        return hold(reason.NONE)
    if sleeve.shares > 0:
        return sell_call(sleeve, quotes, view, policy)
    return sell_put(quotes, view, policy)
