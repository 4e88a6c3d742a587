"""What an earlier run left open: tickets that are out, and fills that a statement told first.

A ticket is out from the moment it is shown until its answer is kept, whatever becomes of the
process: the order may work at the broker of the person who carries it.  A statement answers, too:
what it told of an order is how that order ended, and what was typed of it and never booked is not
booked beside it.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from underwriter.book.amend import numbered
from underwriter.book.event import Filled
from underwriter.book.imports.writer import is_unconfirmed
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.brokers.manual_words import Teller, asked, told
from underwriter.desk.brokers.paper_account import Account, Cabinet, Order, Typed
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Ticket


def is_out(order: Order) -> bool:
    """Whether nobody has said yet what became of an order."""
    return order.state == "acknowledged" and order.typed is None


def answered(order: Order, typed: Typed | None) -> None:
    """Take an answer; None is the end of an order of which nothing was filled."""
    order.typed = typed
    if typed is None:
        order.state = "cancelled"


def tickets_out(path: Path) -> list[str]:
    """The tickets of an account's file that are out, in words."""
    if not path.exists():
        return []
    cabinet = Cabinet(path)
    try:
        account = cabinet.read()
    finally:
        cabinet.close()
    return [] if account is None else [told(one.ticket) for one in account.live() if is_out(one)]


def ask_first(path: Path, ledger: Ledger, teller: Teller) -> None:
    """Ask what became of every ticket that is out, one by one, and keep each answer.

    InputError where nobody is there to answer: silence is no answer to a ticket that was carried.
    """
    if not path.exists():
        return
    cabinet = Cabinet(path, durable=True)
    try:
        account = cabinet.read()
        if account is None:
            return
        reckon(account, ledger)
        for order in [one for one in account.live() if is_out(one)]:
            said = f"left open on {day_of(order.day)}: {told(order.ticket)}"
            answered(order, asked(_insisting(teller, said), order.ticket, said))
            cabinet.keep(account)
        cabinet.keep(account)
    finally:
        cabinet.close()


def _insisting(teller: Teller, ticket: str) -> Teller:
    """A person who has to be there."""

    def ask(said: str, question: str) -> str:
        text = teller(said, question)
        if not text:
            raise InputError(
                f"{ticket}; expected somebody to type what became of it: run it at a terminal"
            )
        return text

    return ask


class Booked(NamedTuple):
    """What a book holds of an order."""

    units: int
    confirmed: bool  # a statement told some of it


def reckon(account: Account, ledger: Ledger) -> set[str]:
    """Let orders be what the book says of them; the facts that a statement has overtaken, by id."""
    found, overtaken = _booked(account, ledger), set[str]()
    orders = {key: one for key, one in account.orders.items() if one.ticket.limit_u is not None}
    for client, order in orders.items():
        mine = {one.row.id for one in account.facts if one.client == client}
        booked, fresh = found.get(client), mine - ledger.known
        if booked is not None and booked.confirmed:
            overtaken |= fresh
        elif fresh or not (booked or mine):
            continue  # the book does not know all of it yet
        order.filled = booked.units if booked is not None else 0
        order.state = "filled" if order.filled == order.ticket.units else "cancelled"
    return overtaken


def _booked(account: Account, ledger: Ledger) -> dict[str, Booked]:
    """What the book holds of an account's orders, as it truly was, by client."""
    filled: dict[str, Counter[str]] = {}
    confirmed: set[str] = set()
    for fill in _fills(account, ledger):
        client = fill.client or ""
        key = fill.option or account.orders[client].ticket.symbol
        filled.setdefault(client, Counter())[key] += fill.quantity or fill.shares
        confirmed |= set() if is_unconfirmed(fill) else {client}
    return {
        client: Booked(_units(account.orders[client].ticket, each), client in confirmed)
        for client, each in filled.items()
    }


def _fills(account: Account, ledger: Ledger) -> Iterator[Filled]:
    events = (event for _, event in ledger.journal.read())
    for _, event in numbered(events, ledger.book):
        if isinstance(event, Filled) and event.client in account.orders:
            yield event


def _units(ticket: Ticket, filled: Counter[str]) -> int:
    """How many units so much is of, by the part that filled most."""
    wanted = {leg.option: leg.quantity for leg in ticket.legs}
    wanted |= {ticket.symbol: ticket.shares} if ticket.shares else {}
    return max(filled[key] * ticket.units // change for key, change in wanted.items())
