"""A book while it is folded: its rows, and the places of accounts and sleeves in them."""

from typing import Any, Self, cast

from underwriter.book.change import Held
from underwriter.book.event import AccountOpened, Event, SleeveOpened
from underwriter.book.folded import Book, Instrument
from underwriter.book.loose import LooseState, record
from underwriter.book.number import ROOM
from underwriter.book.past import Run
from underwriter.core.contract import NONE
from underwriter.core.errors import InputError
from underwriter.core.sleeve import ACCOUNT_WIDE, DEPOSIT, BookState, Fact
from underwriter.core.units import day_number


def place_of(names: list[Any], name: object) -> int:
    """Where a name stands in a list; it is added where it is new."""
    if name not in names:
        names.append(name)
    return names.index(name)


def owned(runs: list[Run]) -> list[Run]:
    """The same, to be added to: none but the last is."""
    return [*runs[:-1], *(run.copy() for run in runs[-1:])]


class Seats:
    """What a book holds, to be changed."""

    def __init__(self, book: Book) -> None:
        self.events = book.events
        self.opened = book.opened
        self.accounts, self.bases = list(book.accounts), list(book.bases)
        self.sleeves = list(book.sleeves)
        self.policies = list(book.policies)
        self.instruments = list(book.instruments)
        self.underlyings = [instrument.underlying for instrument in self.instruments]
        state: Any = book.state
        self.state = state.copy() if isinstance(state, LooseState) else LooseState(state)
        self.marks, self.terms = dict(book.marks), dict(book.terms)
        self.approved, self.refused = dict(book.approved), dict(book.refused)
        self.strays, self.repeats = list(book.strays), list(book.repeats)
        self.others, self.delivered = dict(book.others), dict(book.delivered)
        self.orders = book.orders.copy()
        self.told, self.paid = dict(book.told), dict(book.paid)
        self.runs = {at: owned(runs) for at, runs in book.runs.items()}
        self.inferred = dict(book.inferred)
        self.tallies = dict(book.tallies)
        self.seats = {name: at for at, name in enumerate(self.accounts)}
        self.room = 0  # for all sums together, at least; counted where it does not do
        self.held = {opened.sleeve: self._seated(at) for at, opened in enumerate(self.sleeves)}

    def _seated(self, at: int) -> Held:
        """The sleeve at a place, with its account by the very name that the book has for it."""
        sleeve, root = self.state.sleeves[at], self.sleeves[at].root
        return Held(at, self.accounts[sleeve.account], sleeve, {root: sleeve.underlying + 1})

    def _account(self, event: Event) -> int:
        """The place of an event's account; one that is new has the event's currency as its base."""
        account = self.seats.get(event.account)
        if account is None:
            account = self.seats[event.account] = len(self.accounts)
            self.accounts.append(event.account)
            self.bases.append(event.currency)
            self.state.add_account()
        return account

    def _policy(self, name: str) -> int:
        """The place of a policy, which may be new."""
        if name not in self.policies:
            self.state.add_policy()
        return place_of(self.policies, name)

    def _instrument(self, instrument: Instrument) -> int:
        """The place of an underlying and its root, which may be new."""
        if instrument not in self.instruments:
            self.underlyings.append(instrument.underlying)
            self.state.add_underlying()
        return place_of(self.instruments, instrument)

    def open_account(self, event: AccountOpened) -> None:
        """What an account is; InputError where it began in another currency."""
        at = self._account(event)
        if self.bases[at] != event.currency:
            raise InputError(
                f"account {event.account!r} in {event.currency}: expected {self.bases[at]}, in "
                "which it began"
            )
        self.terms[event.account] = event

    def open_sleeve(self, event: SleeveOpened) -> None:
        """A sleeve, which holds nothing; InputError for one that is open."""
        if event.sleeve in self.held:
            raise InputError(f"sleeve {event.sleeve}: expected to open once, found it opened again")
        account, policy = self._account(event), self._policy(event.policy)
        instrument = self._instrument(Instrument(event.underlying, event.root))
        self.sleeves.append(event)
        self.state.add_sleeve(account, policy, instrument)
        self.held[event.sleeve] = self._seated(len(self.sleeves) - 1)

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

    def _require_room(self, needed: int) -> None:
        """InputError for money or things that would bring the sums of a book beyond 64 bits."""
        if needed <= self.room:
            return
        total = self.state.total()
        self.room = ROOM - total
        if needed > self.room:
            raise InputError(
                f"{needed} beside {total} that the book adds up to: expected at most {ROOM} "
                "together, in whole units of money and of things"
            )

    def book(self) -> Book:
        """The book as it stands."""
        return self._book(self.state.fixed())

    def fork(self) -> Self:
        """The same, to be changed apart: sooner than by way of a book."""
        return type(self)(self._book(cast("BookState", self.state)))

    def _book(self, state: BookState) -> Book:
        return Book(
            events=self.events,
            opened=self.opened,
            accounts=tuple(self.accounts),
            sleeves=tuple(self.sleeves),
            policies=tuple(self.policies),
            instruments=tuple(self.instruments),
            state=state,
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
