"""Orders from the intent to their end, by the client's id.

    intended -> sent -> acknowledged -> filled | cancelled | rejected | expired | replaced
                  '-> unknown -> any of them, once it has been looked up

An order lives until it has ended, the unknown one too, and at most one lives for a sleeve and an
action, so that no second run can double it.  Only a replacement may stand beside the order it
takes over, for no more than is left of it; the broker's word for the one is the end of the other.
What is filled is a fact: it is booked whatever the order's state.
"""

from typing import Final, NamedTuple

from underwriter.book.event import Filled, OrderIntended, OrderState, OrderTold
from underwriter.core.errors import InputError

ENDS: Final = frozenset({"filled", "cancelled", "rejected", "expired", "replaced"})
SHARES: Final = ""  # in what is left of an order, beside its options

At = tuple[str, str]  # account, client id


class Order(NamedTuple):
    """A live order: `left` is what is not filled yet, by option, signed; its shares under ""."""

    intended: OrderIntended
    state: OrderState | None  # None: intended, not known to be sent
    broker: str  # its id there
    left: dict[str, int]


class Orders(NamedTuple):
    """The orders of a book: those that live, and how each of the others ended."""

    live: dict[At, Order]
    ended: dict[At, OrderState]

    def copy(self) -> "Orders":
        """The same, to be changed."""
        return Orders(dict(self.live), dict(self.ended))

    def intend(self, event: OrderIntended) -> None:
        """Take in an order that is about to be sent; InputError where it must not be."""
        at = event.account, event.client
        if at in self.live or at in self.ended:
            raise InputError(f"order {event.client!r}: expected an id of its own, found it again")
        beside = [
            client
            for (account, client), order in self.live.items()
            if order.intended.sleeve == event.sleeve
            and order.intended.action == event.action
            and account == event.account
        ]
        if beside != ([event.replaces] if event.replaces else []):
            raise InputError(
                f"order {event.client!r}: expected no live order of sleeve {event.sleeve} to "
                f"{event.action} but the one it replaces, found {', '.join(beside) or 'none'}"
            )
        wanted = _wanted(event)
        if event.replaces:
            left = self.live[event.account, event.replaces].left
            _require_within(event.client, wanted, left)
        self.live[at] = Order(event, None, "", wanted)

    def tell(self, event: OrderTold) -> None:
        """Take in how an order stands; InputError for one that does not live."""
        at = event.account, event.client
        order = self.live.get(at)
        if order is None:
            found = self.ended.get(at, "none of that id")
            raise InputError(f"order {event.client!r}: expected a live one, found {found}")
        if event.state in ENDS:
            self._end(at, event.state)
            return
        broker = event.order or order.broker
        self.live[at] = Order(order.intended, event.state, broker, order.left)
        replaced = order.intended.replaces
        if replaced and event.state == "acknowledged" and (event.account, replaced) in self.live:
            self._end((event.account, replaced), "replaced")

    def fill(self, event: Filled) -> None:
        """Count a fill to its order, where it lives."""
        at = event.account, event.client or ""
        order = self.live.get(at)
        if order is None:
            return
        what = event.option or SHARES
        left = {**order.left, what: order.left.get(what, 0) - (event.quantity or event.shares)}
        if any(left.values()):
            self.live[at] = Order(order.intended, order.state, order.broker, left)
        else:
            self._end(at, "filled")

    def _end(self, at: At, state: OrderState) -> None:
        del self.live[at]
        self.ended[at] = state


def _wanted(event: OrderIntended) -> dict[str, int]:
    """What an order is to change, by option."""
    wanted = {leg.option: leg.quantity for leg in event.legs}
    if event.shares:
        wanted[SHARES] = event.shares
    if not any(wanted.values()):
        raise InputError(f"order {event.client!r}: expected legs or shares, found neither")
    return wanted


def _require_within(client: str, wanted: dict[str, int], left: dict[str, int]) -> None:
    """InputError for a replacement that is for more than what is left."""
    for what, quantity in wanted.items():
        rest = left.get(what, 0)
        if quantity * rest < 0 or abs(quantity) > abs(rest):
            raise InputError(
                f"order {client!r}: expected at most the {rest} of {what or 'the shares'} that are "
                f"left of the order it replaces, found {quantity}"
            )
