"""What follows from the events of a journal: the book, as `fold` makes it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from underwriter.book.campaign import Campaign, Tally
from underwriter.book.event import AccountOpened, BookOpened, Marked, SleeveOpened
from underwriter.book.orders import Orders
from underwriter.book.past import Mention, Paid, Run
from underwriter.core.sleeve import BookState, new_book


class Instrument(NamedTuple):
    """An underlying and its option root; its place in the book, from 1, numbers its contracts."""

    underlying: str
    root: str


class Deliverable(NamedTuple):
    """What one contract delivers that is not as its root's others are."""

    shares: int
    cash_u: int


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
    bases: tuple[str, ...] = ()  # the base currency of each account: `cash_u` is of it
    terms: dict[str, AccountOpened] = field(default_factory=dict)  # of accounts that told them
    others: dict[tuple[str, str], int] = field(default_factory=dict)  # balances beside the base
    orders: Orders = field(default_factory=lambda: Orders({}, {}, {}))
    delivered: dict[str, Deliverable] = field(default_factory=dict)  # by option that was adjusted
    repeats: tuple[int, ...] = ()  # events that had been told before
    told: dict[tuple[str, str], Mention] = field(default_factory=dict)  # (account, id)
    paid: dict[int, Paid] = field(default_factory=dict)  # of no sleeve, told with an id
    runs: dict[int, list[Run]] = field(default_factory=dict)  # by place of the sleeve
    inferred: dict[tuple[int, str], int] = field(default_factory=dict)  # (sleeve, option)

    @property
    def campaigns(self) -> list[Campaign]:
        """Every campaign, in the order in which they began."""
        return [tally.freeze() for tally in self.tallies.values()]

    def balance_u(self, account: str, currency: str) -> int:
        """What an account has of a currency or a coin, in its whole units; 0 of what it has not."""
        if account not in self.accounts:
            return 0
        at = self.accounts.index(account)
        if self.bases[at] == currency:
            return int(self.state.accounts[at].cash_u)
        return self.others.get((account, currency), 0)

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


EMPTY = Book(0, None, (), (), (), (), new_book(0, 0, 0, 0), {}, {}, {}, (), {})
