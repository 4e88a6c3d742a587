"""Orders that live on when their session is over: they are looked up and ended before the next.

An order outlives its session where its broker was silent to the end, or where a fill of it was
taken back later.  No intent works it any more, and while it lives no other order of its sleeve and
action goes out.
"""

from collections.abc import Iterator
from math import gcd

from underwriter.book.event import OrderIntended
from underwriter.book.orders import SHARES, Order
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Broker, BrokerError, Found

LOST = 60 * 10**9  # nanoseconds after which what is on its way to a broker is not coming any more


def leftovers(ledger: Ledger) -> list[Order]:
    """The live orders of no intent that is being worked."""
    worked = {
        attempt.intended.client
        for intent in ledger.intents.values()
        for attempt in ledger.attempts(intent)
    }
    return [
        order
        for (account, client), order in ledger.folding.orders.live.items()
        if account == ledger.account and client not in worked
    ]


def is_lost(ledger: Ledger, client: str, now: int) -> bool:
    """Whether so long has passed since an order was written of that it cannot be on its way."""
    return now - ledger.heard(client) >= LOST


def how_it_ended(broker: Broker, order: Order, *, lost: bool) -> Found | None:
    """The end of an order, None while nobody can say; `lost` takes one it never had for gone.

    One that still works is asked to end.
    """
    client = order.intended.client
    try:
        found = broker.look_up(client)
        if found is not None and found.state == "acknowledged":
            broker.cancel(client)
            found = broker.look_up(client)
    except BrokerError:
        return None
    if found is None:
        return Found(client, "", "cancelled", 0, "the broker never had it") if lost else None
    return found if found.state != "acknowledged" and is_booked(order, found) else None


def ends(ledger: Ledger, broker: Broker, now: int) -> Iterator[tuple[OrderIntended, Found]]:
    """The leftovers whose end is known by now, and how they ended."""
    for order in leftovers(ledger):
        found = how_it_ended(broker, order, lost=is_lost(ledger, order.intended.client, now))
        if found is not None:
            yield order.intended, found


def is_booked(order: Order, found: Found) -> bool:
    """Whether every fill that a broker counts of an order is booked."""
    wanted = wanted_of(order.intended)
    units = units_of(order.intended)
    return all(
        quantity - order.left.get(key, 0) == quantity // units * found.filled
        for key, quantity in wanted.items()
    )


def wanted_of(intended: OrderIntended) -> dict[str, int]:
    """What an order was to change, by option, shares under ""."""
    wanted = {leg.option: leg.quantity for leg in intended.legs}
    return wanted | ({SHARES: intended.shares} if intended.shares else {})


def units_of(intended: OrderIntended) -> int:
    """The units of an order as it was sent."""
    return gcd(*(leg.quantity for leg in intended.legs)) or abs(intended.shares)
