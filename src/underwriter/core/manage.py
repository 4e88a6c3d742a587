"""What to do with a short option that is held: take the profit, leave by time."""

from underwriter.core import reason
from underwriter.core.chain import Chain, View
from underwriter.core.contract import expiry_of
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.sleeve import Sleeve


@kernel
def profit_reached(
    ask_u: int, contracts: int, multiplier: int, amount_u: int, share: float
) -> bool:
    """Whether buying back at the ask keeps at least `share` of the opening credit."""
    return share > 0.0 and ask_u * multiplier * contracts <= (1.0 - share) * amount_u


@kernel
def time_is_up(dte: int, exit_dte: int) -> bool:
    """Whether the policy closes at this many days to expiry; -1 never does."""
    return 0 <= dte <= exit_dte


@kernel
def exit_reason(
    sleeve: Sleeve, slot: int, row: int, chain: Chain, view: View, policy: Policy
) -> int:
    """Why a short leg should be bought back now, or reason.NONE.

    On its last day a contract is left to the market, unless the policy's time exit asks.
    """
    dte = expiry_of(sleeve.contract[slot]) - view.day
    if time_is_up(dte, policy.exit_dte):
        return reason.TIME_EXIT
    if row >= 0 and dte > 0 and chain.ask_u[row] > 0:
        contracts = -sleeve.quantity[slot]
        held_u = sleeve.amount_u[slot]
        if profit_reached(chain.ask_u[row], contracts, view.multiplier, held_u, policy.take_profit):
            return reason.TAKE_PROFIT
    return reason.NONE
