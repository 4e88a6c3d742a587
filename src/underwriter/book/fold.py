"""Events to a book: what is held, what is owed, what each campaign did.

fold(events) == fold(later, fold(earlier)) wherever the events are cut in two.

Events count in the order of the journal, whatever their times say.  Money and positions change
by `core.sleeve.record` and by nothing else, as in the engine.  The fold never fails: an event
that names what was never opened, or an option that cannot be read, changes no position and
stands among the strays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from underwriter.book.campaign import Campaign, Tally
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
    LegEvent,
    Marked,
    Moved,
    Refused,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.core.contract import NONE, RIGHT_SHIFT, parse_osi
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
    ROLL_SHORT,
    SETTLED,
    SLOTS,
    SPLIT,
    BookState,
    Fact,
    home_of,
    new_book,
    record,
)
from underwriter.core.units import day_number

_KINDS: dict[type[LegEvent | Split], int] = {
    Filled: FILL,
    Expired: EXPIRED,
    Assigned: ASSIGNED,
    Settled: SETTLED,
    Split: SPLIT,
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


@lru_cache(maxsize=65536)
def _key(option: str, root: str, number: int) -> int:
    """The contract key of an OSI symbol; InputError where it is not one on this root."""
    contract = parse_osi(option, (root,))
    if contract.root != root:
        raise InputError(f"option {option!r}: expected one on {root}, which its sleeve trades")
    return contract.key(number)


def _place(names: list[Any], name: object) -> int:
    """Where a name stands in a list; it is added where it is new."""
    if name not in names:
        names.append(name)
    return names.index(name)


class _Change(NamedTuple):
    """What an event changes in a sleeve: the fields of a fact that differ by kind."""

    slot: int = 0
    contract: int = NONE
    quantity: int = 0
    shares: int = 0
    amount_u: int = 0
    fee_u: int = 0
    price_u: int = 0


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
        elif isinstance(event, DividendReceived):
            self._take_fact(event, at, DIVIDEND, _Change(amount_u=event.amount_u))
        elif isinstance(event, LegEvent | Split):
            self._take_leg(event, at)
        elif isinstance(event, Moved):
            self._move(event, at)

    def _move(self, event: Moved, at: int) -> None:
        """Let an incoming leg of a roll into the place of the old one, which must be free."""
        slot = event.slot
        held = int(self.contract[at, slot]) if ROLL_SHORT <= slot < SLOTS else NONE
        try:
            key = _key(event.option, self.sleeves[at].root, self.instrument[at] + 1)
        except InputError as error:
            self._stray(str(error))
            return
        if held != key or self.quantity[at, home_of(slot, key)]:
            self._stray(
                f"moved {event.option!r} from slot {slot}: expected it there, and its place free"
            )
            return
        self._take_fact(event, at, MOVED, _Change(slot, key))

    def _take_leg(self, event: LegEvent | Split, at: int) -> None:
        if not 0 <= event.slot < SLOTS:
            self._stray(f"slot {event.slot}: expected 0 to {SLOTS - 1}")
            return
        if (event.option is None) != (event.quantity == 0):
            self._stray(f"{event.quantity} contracts of option {event.option}: expected both")
            return
        try:
            key = self._contract(event, at)
        except InputError as error:
            self._stray(str(error))
            return
        change = _Change(event.slot, key, event.quantity, event.shares)
        if isinstance(event, LegEvent):
            money = event.amount_u, event.fee_u, event.price_u
            change = _Change(*change[:4], *money)
        self._take_fact(event, at, _KINDS[type(event)], change)

    def _contract(self, event: LegEvent | Split, at: int) -> int:
        """The key of an event's option; InputError where the leg holds another contract."""
        key = NONE
        if event.option is not None:
            key = _key(event.option, self.sleeves[at].root, self.instrument[at] + 1)
        held = int(self.contract[at, event.slot])
        if isinstance(event, Split):
            self._require_ratio(event, at, key)
        elif NONE not in {key, held} and held != key:
            raise InputError(
                f"option {event.option!r}: expected the contract that slot {event.slot} of sleeve "
                f"{event.sleeve} holds, found another"
            )
        return key

    def _require_ratio(self, event: Split, at: int, key: int) -> None:
        """InputError unless a split is of what is held, a leg or the shares, by its ratio."""
        held, added, other = int(self.shares[at]), event.shares, event.quantity
        if event.option is not None:
            same = (key ^ int(self.contract[at, event.slot])) >> RIGHT_SHIFT == 0
            held = int(self.quantity[at, event.slot]) if same else 0
            added, other = other, added
        grown = event.new > event.old > 0 and (held + added) * event.old == held * event.new
        if held == 0 or other != 0 or not grown:
            what = event.option or "shares"
            raise InputError(
                f"split {event.new}:{event.old} of {what}: expected it of the {held} that sleeve "
                f"{event.sleeve} holds, found {added} added"
            )

    def _take_fact(
        self,
        event: DividendReceived | LegEvent | Split | Moved,
        at: int,
        kind: int,
        change: _Change,
    ) -> None:
        """Let a fact change the book, and count it to the campaign it belongs to."""
        fact = Fact(kind, day_number(event.session), self.seat[at], at, *change)
        record(self.state, fact)
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
