"""Events to a book: what is held, what is owed, what each campaign did.

fold(events) == fold(later, fold(earlier)) wherever the events are cut in two.

Events count in the order of the journal, whatever their times say.  Money and positions change
by `core.sleeve.record` and by nothing else, as in the engine.  The fold never fails: an event
that names what was never opened, or an option that cannot be read, changes no position and
stands among the strays.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from msgspec.structs import replace

from underwriter.book.event import (
    AccountOpened,
    Adjusted,
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Busted,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Corrected,
    Deposited,
    DividendReceived,
    Event,
    Expired,
    Filled,
    InterestPaid,
    Marked,
    Moved,
    OrderIntended,
    OrderTold,
    Refused,
    Renamed,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
    Transferred,
)
from underwriter.book.folded import EMPTY, Book, Deliverable, Instrument, Stray
from underwriter.book.happen import Past
from underwriter.book.past import ACCOUNT, Mention, Paid, flow_u, size_u
from underwriter.core.errors import InputError
from underwriter.core.sleeve import DEPOSIT, INTEREST

__all__ = ["EMPTY", "Book", "Deliverable", "Folding", "Instrument", "Stray", "fold"]


class Folding(Past):
    """A book while events are taken in, one by one; a copy of the one it is made of."""

    def take(self, event: AnyEvent) -> None:
        """Book one event, whatever it says."""
        self.events += 1
        at = None
        if event.id:
            at = event.account, event.id
            if at in self.told:
                self.repeats.append(self.events)
                return
        try:
            self._ways.get(type(event), Folding._pass_over)(self, event)
        except InputError as error:  # and nothing has changed
            self.strays.append(Stray(self.events, str(error)))
            return
        if at is not None and at not in self.told:
            self.told[at] = Mention(self.events, getattr(event, "sleeve", ACCOUNT))

    def _open_book(self, event: BookOpened) -> None:
        self.opened = event

    def _pay(self, event: Paid) -> None:
        """Money of an account, that no sleeve moved."""
        kind = INTEREST if type(event) is InterestPaid else DEPOSIT
        flow = flow_u(event)
        needed = abs(flow) if type(event) is not Converted else size_u(event)
        if needed > self.room:
            self._require_room(needed)
        self.room -= needed
        self._cash(event, flow, kind)
        if isinstance(event, Converted):
            self._cash(replace(event, currency=event.into), event.into_u, kind)
        if event.id:
            self.paid[self.events] = event

    def _mark(self, event: Marked) -> None:
        """An evening: equity and its peak, what is secured and exposed, the regimes in force."""
        account = self._account(event)
        self.marks[event.account] = event
        row = self.state.accounts[account]
        row.equity_u, row.committed_u = event.equity_u, 0
        row.peak_u = max(row.peak_u, event.equity_u, event.peak_u)
        row.reserved_u, row.puts_u = event.reserved_u, event.puts_u
        row.margin_u = event.margin_u
        exposure_u = event.exposure_u
        self.state.exposure_u[account] = [exposure_u.get(name, 0) for name in self.underlyings]
        for name, state in event.regimes.items():
            self._take_regime(name, state)

    def _take_regime(self, name: str, state: tuple[int, int, int]) -> None:
        """The regime of a policy, on every underlying or on the one that is named with it."""
        policy, _, underlying = name.partition(" ")
        if policy not in self.policies:
            return
        regimes = self.state.regimes[self.policies.index(policy)]
        if not underlying:
            regimes[:] = [state] * len(regimes)
            return
        for at, known in enumerate(self.underlyings):
            if known == underlying:
                regimes[at] = state

    def _approve(self, event: Approved) -> None:
        self._place(event)
        self.approved[event.why] = self.approved.get(event.why, 0) + 1

    def _refuse(self, event: Refused) -> None:
        self._place(event)
        self.refused[event.why] = self.refused.get(event.why, 0) + 1

    def _intend(self, event: OrderIntended) -> None:
        self._place(event)
        self.orders.intend(event)

    def _tell(self, event: OrderTold) -> None:
        self._place(event)
        self.orders.tell(event)

    def _pass_over(self, event: Event) -> None:
        """What no fold knows changes nothing; of a sleeve, it is of one that is open."""
        if isinstance(event, SleeveEvent):
            self._place(event)

    _ways: ClassVar[dict[type[Event], Callable[[Any, Any], None]]] = {
        BookOpened: _open_book,
        AccountOpened: Past.open_account,
        SleeveOpened: Past.open_sleeve,
        Marked: _mark,
        Approved: _approve,
        Refused: _refuse,
        OrderIntended: _intend,
        OrderTold: _tell,
        Filled: Past.take_filled,
        Assigned: Past.take_assigned,
        **dict.fromkeys((Deposited, InterestPaid, Charged, CashAdjusted, Converted), _pay),
        **dict.fromkeys((Busted, Corrected), Past.change_past),
        **dict.fromkeys((Expired, Settled, Transferred, Moved), Past.take_happening),
        **dict.fromkeys((DividendReceived, CapitalReturned), Past.take_happening),
        **dict.fromkeys((Split, Adjusted, Renamed), Past.take_happening),
    }


def fold(events: Iterable[AnyEvent], book: Book | None = None) -> Book:
    """The book after `events`, which follow those of `book`; `book` stays as it is."""
    folding = Folding(book or EMPTY)
    for event in events:
        folding.take(event)
    return folding.book()
