"""The journal as the desk works on it: folded as it grows, with its intents and their orders.

What is written is folded at once, and a ledger that is opened again is the same: nothing of what
routing goes by is anywhere else.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from underwriter.book.event import (
    AnyEvent,
    Approved,
    Busted,
    Corrected,
    Decided,
    Filled,
    OrderIntended,
    OrderTold,
    Refused,
    SleeveOpened,
)
from underwriter.book.fold import EMPTY, Book, Folding
from underwriter.book.journal import Journal
from underwriter.book.loose import root_of
from underwriter.core.contract import unpack
from underwriter.core.sleeve import SLOTS, Sleeve
from underwriter.desk.intent import Intent, intent_of
from underwriter.desk.route import Attempt, client_id

KEPT: Final = timedelta(days=30)  # for which late fills still find their order


@dataclass
class _Sent:
    """An order that was written down, and its fills."""

    intended: OrderIntended
    heard: int  # when the last was written of it
    filled: Counter[str] = field(default_factory=Counter)
    paid_u: int = 0


class Ledger:
    """One account's part of a journal that is open for writing."""

    def __init__(self, journal: Journal, account: str) -> None:
        self.journal, self.account = journal, account
        self.folding = Folding(EMPTY)
        self.intents: dict[int, Intent] = {}  # of the session that was decided last
        self.decided: date | None = None
        self._sent: dict[str, _Sent] = {}
        self._fills: dict[str, Filled] = {}  # of those, by the ids of what was told
        self._book: Book | None = None
        for sequence, event in journal.read():
            self._take(sequence, event)

    @property
    def book(self) -> Book:
        """The book as it stands; made once until the next event."""
        if self._book is None:
            self._book = self.folding.book()
        return self._book

    def append(self, events: Sequence[AnyEvent], at: int) -> None:
        """Write events down, all or none, and fold them.

        InputError for a second order where one lives; nothing is written then.
        """
        orders = self.folding.orders.copy()
        for event in events:
            if isinstance(event, OrderIntended):
                orders.intend(event)
        first = self.journal.head.sequence + 1
        self.journal.append(events, at)
        for sequence, event in enumerate(events, first):
            self._take(sequence, event)

    def order(self, client: str) -> OrderIntended | None:
        """An order as it was written down."""
        sent = self._sent.get(client)
        return None if sent is None else sent.intended

    def heard(self, client: str) -> int:
        """When the last was written of an order: that it is intended, or how it stands."""
        sent = self._sent.get(client)
        return 0 if sent is None else sent.heard

    def sent_on(self, session: date) -> int:
        """How many orders were written down for a session."""
        return sum(one.intended.session == session for one in self._sent.values())

    def attempts(self, intent: Intent) -> tuple[Attempt, ...]:
        """The orders of an intent, in the order in which they were sent."""
        found: list[Attempt] = []
        while (sent := self._sent.get(client_id(intent, len(found)))) is not None:
            at = self.account, sent.intended.client
            live = self.folding.orders.live.get(at)
            state = live.state if live is not None else self.folding.orders.ended[at]
            found.append(Attempt(sent.intended, state, dict(sent.filled), sent.paid_u))
        return tuple(found)

    def opened(self, sleeve: int) -> SleeveOpened:
        """A sleeve as it was opened."""
        return self.folding.sleeves[self.folding.held[sleeve].at]

    def row(self, sleeve: int) -> Sleeve:
        """A sleeve as it stands."""
        return self.folding.held[sleeve].sleeve

    def held(self, sleeve: int) -> dict[str, int]:
        """The options of a sleeve, by symbol, signed."""
        row, names = self.row(sleeve), self.folding.instruments
        found: dict[str, int] = {}
        for slot in range(SLOTS):
            if row.quantity[slot]:
                key = int(row.contract[slot])
                option = unpack(key, names[root_of(key) - 1].root).osi()
                found[option] = found.get(option, 0) + int(row.quantity[slot])
        return found

    def _take(self, sequence: int, event: AnyEvent) -> None:
        if event.account == self.account:
            self._index(sequence, event)
        self.folding.take(event)
        self._book = None

    def _index(self, sequence: int, event: AnyEvent) -> None:
        """Keep what routing asks for; orders of sessions long past are let go."""
        if isinstance(event, Decided):
            self.decided = event.session
            self.intents.clear()
            since = event.session - KEPT
            old = [key for key, one in self._sent.items() if one.intended.session < since]
            for client in old:
                del self._sent[client]
            self._fills = {k: one for k, one in self._fills.items() if one.session >= since}
        elif isinstance(event, Approved):
            opened, held = self.opened(event.sleeve), self.held(event.sleeve)
            self.intents[sequence] = intent_of(sequence, event, opened, held)
        elif isinstance(event, Refused):
            for number, one in [*self.intents.items()]:  # it came to nothing after all
                if (one.event.sleeve, one.action) == (event.sleeve, event.action):
                    del self.intents[number]
        elif isinstance(event, OrderIntended):
            self._sent[event.client] = _Sent(event, event.at)
        else:
            self._index_order(event)

    def _index_order(self, event: AnyEvent) -> None:
        """Keep what was filled of orders, as it truly was."""
        if isinstance(event, OrderTold) and event.client in self._sent:
            self._sent[event.client].heard = event.at
        elif isinstance(event, Filled) and event.client in self._sent:
            if event.id and (event.account, event.id) in self.folding.told:
                return
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
        sent = self._sent[str(fill.client)]
        key = fill.option or self.opened(fill.sleeve).underlying
        sent.filled[key] += sign * (fill.quantity or fill.shares)
        sent.paid_u += sign * fill.amount_u
