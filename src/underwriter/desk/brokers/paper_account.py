"""What the paper broker knows: cash, what is held, orders and facts; kept in a file of its own.

It knows nothing of sleeves and journals, as a broker does not.  The file is written after
everything that changes it, so that a restart goes on where it ended.
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from underwriter.book.imports.draft import digest
from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind, Row
from underwriter.book.imports.writer import UNCONFIRMED
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO, day_number, day_of
from underwriter.desk.ports import State, Ticket

KEPT = 120  # days for which facts are told and ended orders are found
_TABLES: Final = (
    "account (id INTEGER PRIMARY KEY, all_)",
    "ordered (number INTEGER PRIMARY KEY, client TEXT UNIQUE, day INTEGER, all_)",
    "fact (number INTEGER PRIMARY KEY, day INTEGER, all_)",
)
_text: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


class Typed(NamedTuple):
    """What a person typed back of an order that went by hand."""

    units: int
    net_u: int  # a share of one unit, a credit positive


class Order(msgspec.Struct):
    """An order as the broker has it."""

    ticket: Ticket
    name: str  # the broker's id
    day: int  # of its session
    state: State = "acknowledged"
    filled: int = 0  # units
    spent_u: int = 0  # exact fees so far: they are rounded once an order
    tried: int = 0  # the moment at which it last met quotes
    why: str = ""
    typed: Typed | None = None  # by hand: kept before anything is made of it


class Fact(msgspec.Struct):
    """A row, when it is told, and the order that it is of."""

    at: int
    row: Row
    client: str = ""


class Account(msgspec.Struct):
    """Everything that is kept; quantities in contracts and shares, by OSI symbol or symbol."""

    number: str
    cash_u: int = 0
    held: dict[str, int] = {}
    orders: dict[str, Order] = {}
    facts: list[Fact] = []
    count: int = 0  # of orders and facts, which number them
    begun: int = 0  # its first day
    opened: int = 0  # the last day whose morning has happened
    closed: int = 0  # and the last whose evening has
    since: int = 0  # of the days before, only what lives is known
    alive: list[str] = []  # the orders that may live, by client

    def __post_init__(self) -> None:
        """Find the orders that live."""
        self.alive = [*self.orders]
        self.live()

    def name(self, what: str) -> str:
        """A new name of an order or a fact."""
        self.count += 1
        return f"{what}-{self.count}"

    def move(self, thing: Thing | None, quantity: int, net_u: int) -> None:
        """Change what is held and cash."""
        self.cash_u += net_u
        if thing is not None and quantity:
            left = self.held.get(thing.key, 0) + quantity
            self.held[thing.key] = left
            if not left:
                del self.held[thing.key]

    def stamp(self) -> tuple[object, ...]:
        """What differs wherever anything does.

        That an order has met quotes in vain is not said: it meets the same again, in vain.
        """
        live = [(one.name, one.filled, one.typed) for one in self.live()]
        counts = self.count, self.opened, self.closed, len(self.facts), len(self.orders)
        return *counts, live, [*self.held.items()]

    def take(self, order: Order) -> None:
        """Have a new order."""
        self.orders[order.ticket.client] = order
        self.alive.append(order.ticket.client)

    def live(self) -> list[Order]:
        """The orders that have not ended, in the order in which they came."""
        self.alive = [one for one in self.alive if self.orders[one].state == "acknowledged"]
        return [self.orders[one] for one in self.alive]

    def forget(self, day: int) -> None:
        """Let go of what ended and was told before a day (a day number), once for each."""
        if day <= self.since:
            return
        self.live()
        self.since, first = day, day_of(day)
        self.facts = [fact for fact in self.facts if fact.row.day >= first]
        self.orders = {
            client: order
            for client, order in self.orders.items()
            if order.day >= day or client in self.alive
        }


class Happened(msgspec.Struct, kw_only=True):
    """Something that happened, before it is a row: quantities in contracts and shares."""

    kind: Kind
    day: date
    at: int  # when it happened
    told: int  # when it is told
    thing: Thing | None = None
    quantity: int = 0
    price_u: int | None = None
    gross_u: int = 0
    fee_u: int = 0
    effect: str = ""
    order: str = ""
    client: str = ""
    pair: str = ""  # the id of the row that it belongs to
    leads: bool = False  # whether others belong to it


def fact_id(account: Account, name: str) -> str:
    """The id of a fact of an account, by its name."""
    return UNCONFIRMED + digest(account.number, name)


def note(account: Account, what: Happened) -> Row:
    """Let something happen: cash and holdings change, and it will be told."""
    name = account.name("fact")
    own = fact_id(account, name)
    row = Row(
        line=account.count,
        kind=what.kind,
        day=what.day,
        at=what.at,
        what=f"paper {what.kind}",
        instrument=what.thing,
        effect=what.effect,
        quantity_u=what.quantity * MICRO,
        price_u=what.price_u,
        gross_u=what.gross_u,
        fee_u=what.fee_u,
        net_u=what.gross_u - what.fee_u,
        order=what.order,
        execution=name,
        id=own,
        pair=own if what.leads else what.pair,
    )
    account.move(what.thing, what.quantity, row.net_u)
    account.facts.append(Fact(what.told, row, what.client))
    return row


class _Kept(NamedTuple):
    """What a file holds of an account."""

    orders: int = 0  # how many, its first ones
    facts: int = 0
    since: int = 0
    alive: Sequence[str] = ()


class Cabinet:
    """Where an account is kept: a file that is changed whole or not at all.

    It outlives whoever kills the process.  What a power cut takes of the last moments the
    book knows (`paper_lost`): so nothing waits for the disk, unless it is to be `durable`, as what
    a person typed, which nobody else knows.

    Orders and facts are rows of their own, in the order in which they came; only what is new is
    written.  Facts never change, and orders not once they have ended.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        """Open it, empty where there is none; InputError for a file that is no account's."""
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
            self._file.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                self._file.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            self._file.execute("COMMIT")
        except sqlite3.Error as problem:
            raise InputError(f"{path}: expected a paper account, found {problem}") from problem
        self._path = path
        self._kept = _Kept()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def read(self) -> Account | None:
        """The account, None where there is none; InputError for what is none."""
        try:
            found = self._file.execute("SELECT all_ FROM account").fetchone()
            if not found:
                return None
            account = msgspec.json.decode(found[0], type=Account)  # with all, of a first release
            orders = [msgspec.json.decode(one, type=Order) for one in self._all("ordered")]
            facts = [msgspec.json.decode(one, type=Fact) for one in self._all("fact")]
        except (sqlite3.Error, msgspec.DecodeError) as problem:
            text = f"{self._path}: expected a paper account, found {problem}"
            raise InputError(text) from problem
        for order in orders:
            account.take(order)
        account.facts += facts
        account.live()
        self._kept = _Kept(len(orders), len(facts), account.since, account.alive)
        return account

    def _all(self, table: str) -> list[bytes]:
        """What the rows of a table hold, in the order in which they came."""
        return [one for (one,) in self._file.execute(f"SELECT all_ FROM {table} ORDER BY number")]  # noqa: S608  of ours

    def keep(self, account: Account) -> None:
        """Write what is new of it; InputError where it cannot be written, and all is as it was."""
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                kept = self._write(account)
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise
        except sqlite3.Error as problem:
            text = f"{self._path}: {problem}; expected a place to write"
            raise InputError(text) from problem
        self._kept = kept

    def _write(self, account: Account) -> _Kept:
        """Bring the file to an account; what it holds then."""
        orders, facts, since, alive = self._kept
        changed = [account.orders[one] for one in alive if one in account.orders]
        self._file.executemany(
            "UPDATE ordered SET all_ = ? WHERE client = ?",
            [(_text(one), one.ticket.client) for one in changed],
        )
        if account.since != since:
            day, written = (account.since,), self._file.execute
            old = written("SELECT client FROM ordered WHERE day < ?", day).fetchall()
            gone = [one for one in old if one[0] not in account.orders]
            self._file.executemany("DELETE FROM ordered WHERE client = ?", gone)
            facts -= written("DELETE FROM fact WHERE day < ?", day).rowcount
            orders -= len(gone)
        self._file.executemany(
            "INSERT INTO ordered (client, day, all_) VALUES (?, ?, ?)",
            [
                (key, one.day, _text(one))
                for key, one in islice(account.orders.items(), orders, None)
            ],
        )
        self._file.executemany(
            "INSERT INTO fact (day, all_) VALUES (?, ?)",
            [(day_number(one.row.day), _text(one)) for one in account.facts[facts:]],
        )
        rest = msgspec.structs.replace(account, orders={}, facts=[])
        self._file.execute("INSERT OR REPLACE INTO account VALUES (1, ?)", (_text(rest),))
        return _Kept(len(account.orders), len(account.facts), account.since, [*account.alive])


def holdings_of(account: Account) -> dict[str, Any]:
    """What a statement says of its end."""
    return {
        "cash_u": {"USD": account.cash_u},
        "holdings": {key: held * MICRO for key, held in sorted(account.held.items())},
    }
