"""What the paper broker knows: cash, what is held, orders and facts; kept in a file of its own.

It knows nothing of sleeves and journals, as a broker does not.  The file is written after
everything that changes it, so that a restart goes on where it ended.
"""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from underwriter.book.imports.draft import digest
from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind, Row
from underwriter.book.imports.writer import UNCONFIRMED
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.desk.ports import State, Ticket

KEPT = 120  # days for which facts are told and ended orders are found


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
        live = [(one.name, one.filled) for one in self.live()]
        counts = self.count, self.opened, self.closed, len(self.facts), len(self.orders)
        return *counts, live, [*self.held.items()]

    def live(self) -> list[Order]:
        """The orders that have not ended, in the order in which they came."""
        return [order for order in self.orders.values() if order.state == "acknowledged"]

    def forget(self, day: int, first: date) -> None:
        """Let go of what ended and was told long ago."""
        self.facts = [fact for fact in self.facts if fact.row.day >= first]
        self.orders = {
            client: order
            for client, order in self.orders.items()
            if order.day >= day or order.state == "acknowledged"
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


def note(account: Account, what: Happened) -> Row:
    """Let something happen: cash and holdings change, and it will be told."""
    name = account.name("fact")
    own = UNCONFIRMED + digest(account.number, name)
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


class Cabinet:
    """Where an account is kept: one row of a file, changed whole or not at all.

    It outlives whoever kills the process.  What a power cut takes of the last moments is a break
    with the book that says so, and no money: so nothing waits for the disk.
    """

    def __init__(self, path: Path) -> None:
        """Open it, empty where there is none; InputError for a file that is no account's."""
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, all_)")
        except sqlite3.Error as problem:
            raise InputError(f"{path}: expected a paper account, found {problem}") from problem
        self._path = path

    def read(self) -> Account | None:
        """The account, None where there is none; InputError for what is none."""
        try:
            found = self._file.execute("SELECT all_ FROM account").fetchone()
            return msgspec.json.decode(found[0], type=Account) if found else None
        except (sqlite3.Error, msgspec.DecodeError) as problem:
            text = f"{self._path}: expected a paper account, found {problem}"
            raise InputError(text) from problem

    def keep(self, account: Account) -> None:
        """Write it; InputError where it cannot be written."""
        row = (msgspec.json.encode(account),)
        try:
            self._file.execute("INSERT OR REPLACE INTO account VALUES (1, ?)", row)
        except sqlite3.Error as problem:
            text = f"{self._path}: {problem}; expected a place to write"
            raise InputError(text) from problem


def holdings_of(account: Account) -> dict[str, Any]:
    """What a statement says of its end."""
    return {
        "cash_u": {"USD": account.cash_u},
        "holdings": {key: held * MICRO for key, held in sorted(account.held.items())},
    }
