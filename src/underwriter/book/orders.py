"""Orders from the intent to their end, by the client's id.

    intended -> sent -> acknowledged -> filled | cancelled | rejected | expired | replaced
                  '-> unknown -> any of them, once it has been looked up

An order lives until it has ended, the unknown one too, and at most one lives for a sleeve and an
action, so that no second run can double it.  Only a replacement may stand beside the order it
takes over, for no more than is left of it; the broker's word for the one is the end of the other.
What is filled is a fact: it is booked whatever the order's state.  Where a fill is busted or
corrected its order has that much left again; one that had ended as filled is then unknown, until
the broker has been asked whether it works again or is gone.
"""

from typing import Final, NamedTuple

from underwriter.book.event import Filled, OrderIntended, OrderState, OrderTold
from underwriter.book.past import KEPT
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
    """The orders of a book: those that live, and how each of the others ended.

    What was `filled` is kept for as long as a fill may be taken back.
    """

    live: dict[At, Order]
    ended: dict[At, OrderState]
    filled: dict[At, Order]

    def copy(self) -> "Orders":
        """The same, to be changed."""
        return Orders(dict(self.live), dict(self.ended), dict(self.filled))

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
        """Count a fill to its order, where it lives, or to one that was told to be filled."""
        self._count(event, -(event.quantity or event.shares))

    def tell_otherwise(self, old: Filled, new: Filled | None) -> None:
        """Count a fill as it truly was, or not at all where it never was."""
        truly = 0 if new is None else new.quantity or new.shares
        more = (old.quantity or old.shares) - truly
        if more:
            self._count(old, more)
            at = old.account, old.client or ""
            again = self.filled.get(at)
            if again is not None and any(again.left.values()):
                del self.ended[at], self.filled[at]
                self.live[at] = again._replace(state="unknown")

    def _count(self, event: Filled, more: int) -> None:
        """Let so much more be left of a fill's order."""
        at, what = (event.account, event.client or ""), event.option or SHARES
        orders = self.live if at in self.live else self.filled
        order = orders.get(at)
        if order is None:
            return
        left = {**order.left, what: order.left.get(what, 0) + more}
        orders[at] = order._replace(left=left)
        if orders is self.live and not any(left.values()):
            self._end(at, "filled")

    def _end(self, at: At, state: OrderState) -> None:
        order = self.live.pop(at)
        self.ended[at] = state
        if state != "filled":
            return
        self.filled[at] = order
        oldest = order.intended.session - KEPT
        while self.filled[first := next(iter(self.filled))].intended.session < oldest:
            del self.filled[first]


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
