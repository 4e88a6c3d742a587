"""Events to a book: what is held, what is owed, what each campaign did.

fold(events) == fold(later, fold(earlier)) wherever the events are cut in two.

Events count in the order of the journal, whatever their times say.  Money and positions change
by `core.sleeve.record` and by nothing else, as in the engine.  The fold never fails: an event
that names what was never opened, or an option that cannot be read, changes no position and
stands among the strays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from underwriter.book.campaign import Campaign, Tally
from underwriter.book.change import Happening, Held, change_of
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Marked,
    Moved,
    Refused,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.core.contract import NONE
from underwriter.core.errors import InputError
from underwriter.core.sleeve import (
    ACCOUNT_WIDE,
    ASSIGNED,
    DEPOSIT,
    DIVIDEND,
    EXPIRED,
    FILL,
    INTEREST,
    MOVED,
    SETTLED,
    SPLIT,
    BookState,
    Fact,
    new_book,
    record,
)
from underwriter.core.units import day_number

_KINDS: dict[type[SleeveEvent], int] = {
    Filled: FILL,
    Expired: EXPIRED,
    Assigned: ASSIGNED,
    Settled: SETTLED,
    Split: SPLIT,
    Moved: MOVED,
    DividendReceived: DIVIDEND,
}


class Instrument(NamedTuple):
    """An underlying and its option root; its place in the book, from 1, numbers its contracts."""

    underlying: str
    root: str


class Stray(NamedTuple):
    """An event that could not be booked: the how-manieth of the fold, and why."""

    event: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """What follows from the events; immutable: a later fold makes another.

    Row a of `state.accounts` is `accounts[a]`, row i of `state.sleeves` is `sleeves[i]`, row p of
    `state.regimes` is `policies[p]` (a hash); a sleeve's `underlying` counts `instruments`.
    """

    events: int
    opened: BookOpened | None
    accounts: tuple[str, ...]
    sleeves: tuple[SleeveOpened, ...]
    policies: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    state: BookState
    marks: dict[str, Marked]  # the last of each account
    approved: dict[str, int]  # reason -> count
    refused: dict[str, int]
    strays: tuple[Stray, ...]
    tallies: dict[tuple[int, int], Tally]  # (sleeve, number) -> what `campaigns` shows

    @property
    def campaigns(self) -> list[Campaign]:
        """Every campaign, in the order in which they began."""
        return [tally.freeze() for tally in self.tallies.values()]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Book):
            return NotImplemented
        return self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]  # its state is arrays

    def _parts(self) -> list[object]:
        fields: list[object] = [
            getattr(self, name) for name in self.__dataclass_fields__ if name != "state"
        ]
        arrays: Any = self.state
        return fields + [(part.shape, part.tobytes()) for part in arrays]


def _grown(state: BookState, sizes: tuple[int, int, int, int]) -> BookState:
    """A copy with room for accounts, sleeves, policies and instruments."""
    fresh = new_book(*sizes)
    parts: Any = zip(state, fresh, strict=True)
    for old, new in parts:
        new[tuple(slice(size) for size in old.shape)] = old
    return fresh


def _place(names: list[Any], name: object) -> int:
    """Where a name stands in a list; it is added where it is new."""
    if name not in names:
        names.append(name)
    return names.index(name)


class _Folding:
    """A book while events are taken in."""

    def __init__(self, book: Book) -> None:
        self.events = book.events
        self.opened = book.opened
        self.accounts = list(book.accounts)
        self.sleeves = list(book.sleeves)
        self.policies = list(book.policies)
        self.instruments = list(book.instruments)
        self.marks = dict(book.marks)
        self.approved = dict(book.approved)
        self.refused = dict(book.refused)
        self.strays = list(book.strays)
        self.tallies = {at: _copy(tally) for at, tally in book.tallies.items()}
        self.at = {opened.sleeve: i for i, opened in enumerate(self.sleeves)}
        self._grow(book.state)

    def _grow(self, state: BookState) -> None:
        accounts, sleeves = len(self.accounts), len(self.sleeves)
        sizes = accounts, sleeves, len(self.policies), len(self.instruments)
        self.state = _grown(state, sizes)
        columns: Any = self.state.sleeves
        self.seat: list[int] = columns.account.tolist()
        self.instrument: list[int] = columns.underlying.tolist()
        self.campaign, self.shares = columns.campaign, columns.shares
        self.contract, self.quantity = columns.contract, columns.quantity

    def take(self, event: AnyEvent) -> None:
        """Book one event."""
        self.events += 1
        if isinstance(event, BookOpened):
            self.opened = event
        elif isinstance(event, SleeveOpened):
            self._open_sleeve(event)
        elif isinstance(event, SleeveEvent):
            self._take_sleeve_event(event)
        else:
            self._take_account_event(event)

    def _stray(self, text: str) -> None:
        self.strays.append(Stray(self.events, text))

    def _account(self, name: str) -> int:
        known = len(self.accounts)
        account = _place(self.accounts, name)
        if account == known:
            self._grow(self.state)
        return account

    def _open_sleeve(self, event: SleeveOpened) -> None:
        if event.sleeve in self.at:
            self._stray(f"sleeve {event.sleeve}: expected to open once, found it opened again")
            return
        account = _place(self.accounts, event.account)
        policy = _place(self.policies, event.policy)
        instrument = _place(self.instruments, Instrument(event.underlying, event.root))
        self.at[event.sleeve] = len(self.sleeves)
        self.sleeves.append(event)
        self._grow(self.state)
        sleeve = self.state.sleeves[-1]
        sleeve.account, sleeve.policy, sleeve.underlying = account, policy, instrument
        self.seat[-1], self.instrument[-1] = account, instrument

    def _take_account_event(self, event: Deposited | InterestPaid | Marked) -> None:
        account = self._account(event.account)
        if isinstance(event, Marked):
            self._mark(event, account)
            return
        kind = DEPOSIT if isinstance(event, Deposited) else INTEREST
        day = day_number(event.session)
        fact = Fact(kind, day, account, ACCOUNT_WIDE, 0, NONE, 0, 0, event.amount_u, 0, 0)
        record(self.state, fact)

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
            self._stray(
                f"sleeve {event.sleeve} of account {event.account!r}: expected one that is open"
            )
        elif isinstance(event, Approved):
            self.approved[event.why] = self.approved.get(event.why, 0) + 1
        elif isinstance(event, Refused):
            self.refused[event.why] = self.refused.get(event.why, 0) + 1
        elif type(event) in _KINDS:  # one that no fold knows yet changes nothing
            self._take_happening(cast("Happening", event), at)

    def _take_happening(self, event: Happening, at: int) -> None:
        """Let an event change the book, and count it to the campaign it belongs to."""
        root, shares = self.sleeves[at].root, int(self.shares[at])
        held = Held(root, self.instrument[at] + 1, self.contract[at], self.quantity[at], shares)
        try:
            change = change_of(event, held)
        except InputError as error:
            self._stray(str(error))
            return
        kind, day = _KINDS[type(event)], day_number(event.session)
        record(self.state, Fact(kind, day, self.seat[at], at, *change))
        campaign = event.sleeve, int(self.campaign[at])
        tally = self.tallies.get(campaign)
        if tally is None:
            tally = Tally(*campaign, self.sleeves[at].underlying, event.session)
            self.tallies[campaign] = tally
        tally.take(event)
        flat = self.shares[at] == 0 and not self.quantity[at].any()
        tally.closed = (tally.closed or event.session) if flat else None

    def book(self) -> Book:
        """The book as it stands."""
        return Book(
            self.events,
            self.opened,
            tuple(self.accounts),
            tuple(self.sleeves),
            tuple(self.policies),
            tuple(self.instruments),
            self.state,
            self.marks,
            self.approved,
            self.refused,
            tuple(self.strays),
            self.tallies,
        )


def _copy(tally: Tally) -> Tally:
    fresh = Tally(tally.sleeve, tally.number, tally.underlying, tally.opened)
    for name in Tally.__slots__:
        setattr(fresh, name, getattr(tally, name))
    return fresh


EMPTY = Book(0, None, (), (), (), (), new_book(0, 0, 0, 0), {}, {}, {}, (), {})


def fold(events: Iterable[AnyEvent], book: Book | None = None) -> Book:
    """The book after `events`, which follow those of `book`; `book` stays as it is."""
    folding = _Folding(book or EMPTY)
    for event in events:
        folding.take(event)
    return folding.book()
