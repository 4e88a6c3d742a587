"""What must hold of shares that cover calls, as `holds`, in whose lists it ends up."""

from faults.obeyed import require
from faults.scene import Scene
from underwriter.core.contract import CALL, parse_osi
from underwriter.desk.ports import Ticket


def no_sale_of_shares_uncovers_a_call(scene: Scene, ticket: Ticket) -> None:
    """Shares on their way out leave enough of them for every call that is short beside them."""
    account = scene.exchange.account
    if ticket.shares >= 0 or ticket.action == "exercise":
        return
    shares, short = account.held.get(ticket.symbol, 0), 0
    for key, count in account.held.items():
        short -= count if _is_call(key) else 0
    for one in account.live():
        left = one.ticket.units - one.filled
        shares += min(one.ticket.shares // one.ticket.units * left, 0)
        if one.ticket.client == ticket.client:  # of calls beside them in one order
            calls = [leg for leg in one.ticket.legs if _is_call(leg.option)]
            short -= sum(leg.quantity // one.ticket.units * left for leg in calls)
    require(shares >= 100 * short or short <= 0, f"{short} calls are left with {shares} shares")


def _is_call(key: str) -> bool:
    return len(key) == 21 and parse_osi(key, (key[:6].rstrip(),)).right == CALL
