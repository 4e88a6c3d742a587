"""A book while it is folded: its rows, and the places of accounts and sleeves in them."""

from typing import Any

from underwriter.book.campaign import Tally
from underwriter.book.event import AccountOpened, Event, SleeveOpened
from underwriter.book.folded import Book, Instrument
from underwriter.core.contract import NONE
from underwriter.core.errors import InputError
from underwriter.core.sleeve import ACCOUNT_WIDE, DEPOSIT, BookState, Fact, new_book, record
from underwriter.core.units import day_number


def _grown(state: BookState, sizes: tuple[int, int, int, int]) -> BookState:
    """A copy with room for accounts, sleeves, policies and instruments."""
    fresh = new_book(*sizes)
    parts: Any = zip(state, fresh, strict=True)
    for old, new in parts:
        new[tuple(slice(size) for size in old.shape)] = old
    return fresh


def place_of(names: list[Any], name: object) -> int:
    """Where a name stands in a list; it is added where it is new."""
    if name not in names:
        names.append(name)
    return names.index(name)


def copied(tally: Tally) -> Tally:
    """The same, to be added to."""
    fresh = Tally(tally.sleeve, tally.number, tally.underlying, tally.opened)
    for name in Tally.__slots__:
        setattr(fresh, name, getattr(tally, name))
    return fresh


class Seats:
    """What a book holds, to be changed."""

    def __init__(self, book: Book) -> None:
        self.events = book.events
        self.opened = book.opened
        self.accounts, self.bases = list(book.accounts), list(book.bases)
        self.sleeves = list(book.sleeves)
        self.policies = list(book.policies)
        self.instruments = list(book.instruments)
        self.marks, self.terms = dict(book.marks), dict(book.terms)
        self.approved, self.refused = dict(book.approved), dict(book.refused)
        self.strays, self.repeats = list(book.strays), list(book.repeats)
        self.tallies = {at: copied(tally) for at, tally in book.tallies.items()}
        self.others, self.delivered = dict(book.others), dict(book.delivered)
        self.orders = book.orders.copy()
        self.told, self.paid = dict(book.told), dict(book.paid)
        self.runs = {at: [run.copy() for run in runs] for at, runs in book.runs.items()}
        self.inferred = dict(book.inferred)
        self.at = {opened.sleeve: i for i, opened in enumerate(self.sleeves)}
        self._grow(book.state)

    def _grow(self, state: BookState) -> None:
        accounts, sleeves = len(self.accounts), len(self.sleeves)
        sizes = accounts, sleeves, len(self.policies), len(self.instruments)
        self.state = _grown(state, sizes)
        columns: Any = self.state.sleeves
        self.seat: list[int] = columns.account.tolist()
        self.instrument: list[int] = columns.underlying.tolist()
        self.campaign, self.shares, self.legs = columns.campaign, columns.shares, columns.legs
        self.contract, self.quantity = columns.contract, columns.quantity

    def _account(self, event: Event) -> int:
        """The place of an event's account; one that is new has the event's currency as its base."""
        known = len(self.accounts)
        account = place_of(self.accounts, event.account)
        if account == known:
            self.bases.append(event.currency)
            self._grow(self.state)
        return account

    def _open_account(self, event: AccountOpened) -> None:
        at = self._account(event)
        if self.bases[at] != event.currency:
            raise InputError(
                f"account {event.account!r} in {event.currency}: expected {self.bases[at]}, in "
                "which it began"
            )
        self.terms[event.account] = event

    def _open_sleeve(self, event: SleeveOpened) -> None:
        if event.sleeve in self.at:
            raise InputError(f"sleeve {event.sleeve}: expected to open once, found it opened again")
        account = self._account(event)
        policy = place_of(self.policies, event.policy)
        instrument = place_of(self.instruments, Instrument(event.underlying, event.root))
        self.at[event.sleeve] = len(self.sleeves)
        self.sleeves.append(event)
        self._grow(self.state)
        sleeve = self.state.sleeves[-1]
        sleeve.account, sleeve.policy, sleeve.underlying = account, policy, instrument
        self.seat[-1], self.instrument[-1] = account, instrument

    def _is_flat(self, at: int) -> bool:
        return bool(self.shares[at] == 0 and self.legs[at] == 0)

    def _cash(self, event: Event, amount_u: int, kind: int = DEPOSIT) -> None:
        """Add to what an account has of an event's currency."""
        account = self._account(event)
        if self.bases[account] == event.currency:
            day = day_number(event.session)
            record(
                self.state, Fact(kind, day, account, ACCOUNT_WIDE, 0, NONE, 0, 0, amount_u, 0, 0)
            )
        else:
            at = event.account, event.currency
            self.others[at] = self.others.get(at, 0) + amount_u

    def book(self) -> Book:
        """The book as it stands."""
        return Book(
            events=self.events,
            opened=self.opened,
            accounts=tuple(self.accounts),
            sleeves=tuple(self.sleeves),
            policies=tuple(self.policies),
            instruments=tuple(self.instruments),
            state=self.state,
            marks=self.marks,
            approved=self.approved,
            refused=self.refused,
            strays=tuple(self.strays),
            tallies=self.tallies,
            bases=tuple(self.bases),
            terms=self.terms,
            others=self.others,
            orders=self.orders,
            delivered=self.delivered,
            repeats=tuple(self.repeats),
            told=self.told,
            paid=self.paid,
            runs=self.runs,
            inferred=self.inferred,
        )
