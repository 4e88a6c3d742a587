"""What to do with a short option that is held: take the profit, leave by time."""

from underwriter.core import reason
from underwriter.core.chain import Quote, View
from underwriter.core.contract import expiry_of
from underwriter.core.kernel import kernel
from underwriter.core.policy import Policy
from underwriter.core.record import Rows
from underwriter.core.sleeve import Sleeve


@kernel
def profit_reached(cost_u: int, credit_u: int, share: float) -> bool:
    """Whether buying back for `cost_u` keeps at least `share` of the opening credit."""
    return share > 0.0 and cost_u <= (1.0 - share) * credit_u


@kernel
def time_is_up(dte: int, exit_dte: int) -> bool:
    """Whether the policy closes at this many days to expiry; -1 never does."""
    return 0 <= dte <= exit_dte


@kernel
def exit_reason(
    sleeve: Sleeve, slot: int, row: int, quotes: Rows[Quote], view: View, policy: Policy
) -> int:
    """Why a short leg should be bought back now, or reason.NONE.

    On its last day a contract is left to the market, unless the policy's time exit asks.
    """
    dte = expiry_of(sleeve.contract[slot]) - view.day
    if time_is_up(dte, policy.exit_dte):
        return reason.TIME_EXIT
    if row >= 0 and dte > 0 and quotes[row].ask_u > 0:
        cost_u = -quotes[row].ask_u * view.multiplier * sleeve.quantity[slot]
        if profit_reached(cost_u, sleeve.amount_u[slot], policy.take_profit):
            return reason.TAKE_PROFIT
    return reason.NONE
