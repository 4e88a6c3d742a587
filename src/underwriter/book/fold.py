"""Events to a book: what is held, what is owed, what each campaign did.

fold(events) == fold(later, fold(earlier)) wherever the events are cut in two.

Events count in the order of the journal, whatever their times say.  Money and positions change
by `core.sleeve.record` and by nothing else, as in the engine.  The fold never fails: an event
that names what was never opened, or an option that cannot be read, changes no position and
stands among the strays.
"""

from collections.abc import Iterable
from typing import cast

from msgspec.structs import replace

from underwriter.book.change import Happening
from underwriter.book.event import (
    AccountOpened,
    AnyEvent,
    Approved,
    BookOpened,
    Busted,
    Converted,
    Corrected,
    InterestPaid,
    Marked,
    OrderIntended,
    OrderTold,
    Refused,
    Renamed,
    SleeveEvent,
    SleeveOpened,
)
from underwriter.book.folded import EMPTY, Book, Deliverable, Instrument, Stray
from underwriter.book.happen import KINDS, Past
from underwriter.book.past import ACCOUNT, Mention, Paid, flow_u
from underwriter.core.errors import InputError
from underwriter.core.sleeve import DEPOSIT, INTEREST

__all__ = ["EMPTY", "Book", "Deliverable", "Folding", "Instrument", "Stray", "fold"]


class Folding(Past):
    """A book while events are taken in, one by one; a copy of the one it is made of."""

    def take(self, event: AnyEvent) -> None:
        """Book one event, whatever it says."""
        self.events += 1
        at = event.account, event.id or ""
        if event.id and at in self.told:
            self.repeats.append(self.events)
            return
        try:
            self._take(event)
        except InputError as error:
            self.strays.append(Stray(self.events, str(error)))
            return
        if event.id and at not in self.told:
            sleeve = event.sleeve if isinstance(event, SleeveEvent) else ACCOUNT
            self.told[at] = Mention(self.events, sleeve)

    def _take(self, event: AnyEvent) -> None:
        """Book one event; InputError where it cannot be, and nothing has changed."""
        if isinstance(event, SleeveOpened):
            self._open_sleeve(event)
        elif isinstance(event, SleeveEvent):
            self._take_sleeve_event(event)
        elif isinstance(event, BookOpened):
            self.opened = event
        elif isinstance(event, Marked):
            self._mark(event, self._account(event))
        elif isinstance(event, AccountOpened):
            self._open_account(event)
        elif isinstance(event, Busted | Corrected):
            self._change_past(event)
        elif isinstance(event, Paid):
            self._pay(event)

    def _pay(self, event: Paid) -> None:
        """Money of an account, that no sleeve moved."""
        kind = INTEREST if isinstance(event, InterestPaid) else DEPOSIT
        self._cash(event, flow_u(event), kind)
        if isinstance(event, Converted):
            self._cash(replace(event, currency=event.into), event.into_u, kind)
        if event.id:
            self.paid[self.events] = event

    def _mark(self, event: Marked, account: int) -> None:
        """An evening: equity and its peak, what is secured and exposed, the regimes in force."""
        self.marks[event.account] = event
        row = self.state.accounts[account]
        row.equity_u, row.committed_u = event.equity_u, 0
        row.peak_u = max(row.peak_u, event.equity_u, event.peak_u)
        row.reserved_u, row.puts_u = event.reserved_u, event.puts_u
        row.margin_u = event.margin_u
        for at, instrument in enumerate(self.instruments):
            exposure_u = event.exposure_u.get(instrument.underlying, 0)
            self.state.exposure_u[account, at] = exposure_u
        for name, state in event.regimes.items():
            self._take_regime(name, state)

    def _take_regime(self, name: str, state: tuple[int, int, int]) -> None:
        """The regime of a policy, on every underlying or on the one that is named with it."""
        policy, _, underlying = name.partition(" ")
        if policy not in self.policies:
            return
        for at, instrument in enumerate(self.instruments):
            if underlying in {"", instrument.underlying}:
                regime = self.state.regimes[self.policies.index(policy), at]
                regime.column, regime.now, regime.pending = state

    def _take_sleeve_event(self, event: SleeveEvent) -> None:
        at = self.at.get(event.sleeve)
        if at is None or self.sleeves[at].account != event.account:
            raise InputError(
                f"sleeve {event.sleeve} of account {event.account!r}: expected one that is open"
            )
        if isinstance(event, Approved):
            self.approved[event.why] = self.approved.get(event.why, 0) + 1
        elif isinstance(event, Refused):
            self.refused[event.why] = self.refused.get(event.why, 0) + 1
        elif isinstance(event, OrderIntended):
            self.orders.intend(event)
        elif isinstance(event, OrderTold):
            self.orders.tell(event)
        elif type(event) in KINDS or isinstance(event, Renamed):  # others change nothing
            self._take_happening(cast("Happening | Renamed", event), at)


def fold(events: Iterable[AnyEvent], book: Book | None = None) -> Book:
    """The book after `events`, which follow those of `book`; `book` stays as it is."""
    folding = Folding(book or EMPTY)
    for event in events:
        folding.take(event)
    return folding.book()
