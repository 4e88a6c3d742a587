"""Prices that a market takes: net of several legs, and on its steps.

Net prices are a share of one unit, a credit positive.  A single option moves by its table's steps;
an order of several legs by the small one, whatever it comes to; shares by a cent.

sell one put at 1.35                                 +1.35
sell a put at 1.35 and buy one under it at 0.80      +0.55
buy 100 shares at 99.50 and sell a call at 1.20     -98.30
"""

from collections.abc import Iterable

from underwriter.core.units import CENT_U, to_u
from underwriter.desk.ports import Ticket
from underwriter.market.instrument import Instrument


def parts(ticket: Ticket) -> dict[str, int]:
    """What one unit changes of each thing, signed: contracts, and shares by the symbol.

    Of shares beside options they count as contracts would: 100 shares to a contract are 1.
    """
    found = {leg.option: leg.quantity // ticket.units for leg in ticket.legs}
    if ticket.shares:
        found[ticket.symbol] = 1 if ticket.shares > 0 else -1
    return found


def net_u(changes: Iterable[tuple[int, int]]) -> int:
    """What changes at prices bring, a share of one unit: pairs of a signed part and its price."""
    return -sum(part * price_u for part, price_u in changes)


def step_u(instrument: Instrument, legs: int, price_u: int) -> int:
    """The legal step of an order of so many option legs at a net price."""
    if legs == 0:
        return CENT_U
    if legs == 1:
        return instrument.tick_u(abs(price_u))
    return to_u(instrument.ticks.small)


def legal(instrument: Instrument, ticket: Ticket) -> bool:
    """Whether an order's limit is on a step; an exercise has none."""
    if ticket.limit_u is None:
        return ticket.action == "exercise"
    return ticket.limit_u % step_of(instrument, ticket, ticket.limit_u) == 0


def step_of(instrument: Instrument, ticket: Ticket, price_u: int) -> int:
    """The legal step of an order; of shares beside options a cent."""
    return step_u(instrument, 0 if ticket.shares else len(ticket.legs), price_u)
