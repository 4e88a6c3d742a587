"""The orders that were written down lately: of which intent each is, and what was filled of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from underwriter.book.event import AnyEvent, Busted, Corrected, Filled, OrderIntended, OrderTold
from underwriter.book.orders import Orders
from underwriter.desk.intent import Intent
from underwriter.desk.route import Attempt, client_id

KEPT: Final = timedelta(days=30)  # for which late fills still find their order


@dataclass
class _Order:
    """An order that was written down, and its fills: shares under what its sleeve trades."""

    intended: OrderIntended
    symbol: str
    heard: int  # when the last was written of it
    filled: Counter[str] = field(default_factory=Counter)
    paid_u: int = 0


class Sent:
    """The orders of one account; those of sessions long past are let go."""

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}
        self._of: dict[int, list[str]] = {}  # of each intent, in the order in which they were sent
        self._on: Counter[date] = Counter()  # how many, by session
        self._fills: dict[str, Filled] = {}  # by the ids of what was told

    def begin(self, session: date) -> None:
        """Another session is decided: nothing is sent any more of intents before it."""
        since = session - KEPT
        self._of.clear()
        self._orders = {k: one for k, one in self._orders.items() if one.intended.session >= since}
        self._fills = {k: one for k, one in self._fills.items() if one.session >= since}
        self._on = Counter({day: count for day, count in self._on.items() if day >= since})

    def intend(self, event: OrderIntended, symbol: str, intents: Mapping[int, Intent]) -> None:
        """An order on a symbol is written down, of one of the intents or of none."""
        self._orders[event.client] = _Order(event, symbol, event.at)
        self._on[event.session] += 1
        for sequence, intent in intents.items():
            before = self._of.setdefault(sequence, [])
            if client_id(intent, len(before)) == event.client:
                before.append(event.client)

    def get(self, client: str) -> OrderIntended | None:
        """An order as it was written down."""
        order = self._orders.get(client)
        return None if order is None else order.intended

    def heard(self, client: str) -> int:
        """When the last was written of an order: that it is intended, or how it stands."""
        order = self._orders.get(client)
        return 0 if order is None else order.heard

    def on(self, session: date) -> int:
        """How many were written down for a session."""
        return self._on[session]

    def attempts(self, sequence: int, account: str, orders: Orders) -> tuple[Attempt, ...]:
        """The orders of an intent, in the order in which they were sent."""
        found: list[Attempt] = []
        for client in self._of.get(sequence, ()):
            order, at = self._orders[client], (account, client)
            live = orders.live.get(at)
            state = live.state if live is not None else orders.ended[at]
            found.append(Attempt(order.intended, state, dict(order.filled), order.paid_u))
        return tuple(found)

    def hear(self, event: AnyEvent, *, known: bool) -> None:
        """Keep what was told and filled of orders, as it truly was; a known fill is counted."""
        if isinstance(event, OrderTold) and event.client in self._orders:
            self._orders[event.client].heard = event.at
        elif isinstance(event, Filled) and event.client in self._orders:
            if not known:
                self._count(event, 1)
                self._fills[event.id or ""] = event
        elif isinstance(event, Busted | Corrected) and event.of in self._fills:
            fill = self._fills.pop(event.of)
            self._count(fill, -1)
            if isinstance(event, Corrected):
                names = ("quantity", "shares", "price_u", "amount_u", "fee_u")
                truly = {name: getattr(event, name) for name in names}
                fill = replace(fill, id=event.id or event.of, **truly)
                self._count(fill, 1)
                self._fills[fill.id or ""] = fill

    def _count(self, fill: Filled, sign: int) -> None:
        """Count a fill to its order, or take it away again."""
        order = self._orders[str(fill.client)]
        order.filled[fill.option or order.symbol] += sign * (fill.quantity or fill.shares)
        order.paid_u += sign * fill.amount_u
