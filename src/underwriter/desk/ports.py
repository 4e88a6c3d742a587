"""What the desk asks of the world: a broker, a clock, quotes; protocols of a few methods.

    submit(ticket)     asks, and returns nothing: what came of it is looked up, and told as a fact
    cancel(client)     asks likewise: a fill may have been faster
    look_up(client)    how the order stands, by our own id; None where the broker never had it
    events(since)      facts: fills, assignments, expirations, dividends, splits, cash
    statement()        what the broker says that is held, to reconcile with

Facts and statements are in the words of `book.imports.statement`, as a broker's export is, so that
they are booked and reconciled by the same code.  Prices are net, a share of one unit of the order,
in millionths of a dollar, a credit positive, a debit negative.

    BrokerError              what an order ran into
    |-- RefusedError         the broker answered no: the order does not live
    |-- UnreachableError     nothing was sent, for certain
    |-- DoubtError           nobody can say: a timeout, a 5xx, a connection that dropped

After doubt the order is UNKNOWN: it is looked up, and never sent again before that has an answer.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple, Protocol

from underwriter.book.imports.statement import Row, Statement
from underwriter.core.errors import UnderwriterError
from underwriter.market.slab import Slab

Action = Literal["open", "close", "roll", "exercise", "buy_shares", "sell_shares"]
Effect = Literal["open", "close"]
State = Literal["acknowledged", "filled", "cancelled", "rejected", "expired"]


class BrokerError(UnderwriterError):
    """What an order or a question ran into at the broker."""


class RefusedError(BrokerError):
    """The broker said no, and why."""


class UnreachableError(BrokerError):
    """The broker was not reached: nothing was sent, for certain."""


class DoubtError(BrokerError):
    """Nobody can say whether the broker took it."""


class Capabilities(NamedTuple):
    """What a broker can do; what it cannot, the desk does otherwise or leaves to a hand.

    `rests` is what TC-B04, TC-B06 and TC-B12 prove: an order that does not fill at once works on
    and may fill later (True), or has ended with the answer to it (False).  Where nothing rests, no
    end is waited for when the desk ends: an order without an answer has only a person to say it.
    """

    name: str  # "paper", "alpaca", "manual"
    legs: int  # the most option legs of one order
    beside_shares: bool  # shares and options in one order
    rolls: bool  # legs that close and legs that open in one order
    exercises: bool  # takes the exercise of a long option
    rests: bool = True  # works on, for the day, what does not fill at once
    pays: bool = True  # tells interest and dividends; else its statement does, once it is booked
    early: bool = True  # tells what is assigned before its last day; else likewise


class OrderLeg(NamedTuple):
    """One option of an order."""

    option: str  # OSI symbol, 21 characters
    quantity: int  # contracts of the whole order, signed as the change they make
    effect: Effect  # which every broker is told: a purchase to close never opens


class Ticket(NamedTuple):
    """A limit order for the day, as it is sent; `client` is our id, new for each attempt."""

    client: str
    action: Action
    symbol: str  # the underlying
    legs: tuple[OrderLeg, ...]
    shares: int  # signed change, of the whole order
    units: int  # every quantity is a whole multiple of it; of shares alone, their number
    limit_u: int | None  # net a share of one unit; None of an exercise, which has no price


class Found(NamedTuple):
    """How an order stands, as its broker says."""

    client: str
    order: str  # its id at the broker
    state: State
    filled: int  # units
    why: str = ""  # of what was rejected or ended, in the broker's words


class Told(NamedTuple):
    """A fact, and the order that it is of; of a fill each leg is a fact."""

    row: Row  # the same fact has the same `id`, however often it is told
    client: str = ""  # "" where it is of no order of ours
    unread: str = ""  # of a fact that is not understood, why: nothing of its row is to be booked


class Touch(NamedTuple):
    """The best bid and offer of a share or of an option, a share; zero where there is none."""

    bid_u: int
    ask_u: int
    at: int  # when it was quoted, UTC nanoseconds


class Broker(Protocol):
    """One account at a broker."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def submit(self, ticket: Ticket) -> None:
        """Ask for an order.

        An id that the broker has already is no second order: nothing happens.  Raises
        RefusedError, UnreachableError or DoubtError.
        """
        ...

    def cancel(self, client: str) -> None:
        """Ask for the end of an order; of one that has ended, nothing happens.

        Raises RefusedError for an id that the broker never had, UnreachableError or DoubtError.
        """
        ...

    def look_up(self, client: str) -> Found | None:
        """How an order stands; None where the broker never had it.  UnreachableError, DoubtError.

        None is an answer and not a guess: a broker that cannot know raises DoubtError.
        """
        ...

    def events(self, since: date) -> Iterable[Told]:
        """The facts of every session from a day on that the broker tells so far, oldest first.

        Some come late, and some twice: ask some days back, and book by their ids.
        """
        ...

    def statement(self) -> Statement:
        """What is held and in cash as the broker has it now, without rows."""
        ...


class Clock(Protocol):
    """The one clock."""

    def now(self) -> int:
        """UTC nanoseconds."""
        ...

    def wait(self, until: int) -> None:
        """Return at a moment, or sooner where the process is to end."""
        ...


class Quotes(Protocol):
    """What is quoted, and what is known beside it."""

    def slab(self, day: int) -> Slab:
        """One session (a day number) as it is decided, at its moment; InputError if unknown."""
        ...

    def evening(self, day: int) -> Slab | None:
        """One session as it ended, by whose closes options settle; None before that is known."""
        ...

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is quoted now of shares (by symbol) and options (by OSI symbol), where it is."""
        ...
