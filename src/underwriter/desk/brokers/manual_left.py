"""What an earlier run left open: tickets that are out, and fills that a statement told first.

A ticket is out from the moment it is shown until its answer is kept, whatever becomes of the
process: the order may work at the broker of the person who carries it.  A statement answers, too:
what it told of an order is how that order ended, and what was typed of it and never booked is not
booked beside it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from underwriter.book.amend import numbered
from underwriter.book.event import Filled
from underwriter.book.imports.writer import filled as filled_of
from underwriter.book.imports.writer import is_unconfirmed
from underwriter.core.units import day_of
from underwriter.desk.brokers.manual_words import Teller, asked, insisting, told
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
            answered(order, asked(insisting(teller, said), order.ticket, said))
            cabinet.keep(account)
        cabinet.keep(account)
    finally:
        cabinet.close()


Thing = tuple[date, str, bool]  # what was traded: the day, its symbol, whether it was bought


class Booked(NamedTuple):
    """What a book holds of an order."""

    units: int
    confirmed: bool  # a statement told some of it


def reckon(account: Account, ledger: Ledger) -> set[str]:
    """Let orders be what the book says of them; the facts that a statement has overtaken, by id.

    Where a statement told a fill of that day, thing and side which is of no order, at a price that
    the order did not ask for, that is the fill of which the desk was told, or was not told yet.
    """
    found, loose = _booked(account, ledger)
    overtaken = set[str]()
    orders = {key: one for key, one in account.orders.items() if one.ticket.limit_u is not None}
    for client, order in orders.items():
        mine = {one.row.id for one in account.facts if one.client == client}
        booked, fresh = found.get(client, Booked(0, confirmed=False)), mine - ledger.known
        waits = bool(fresh) or order.state == "acknowledged"
        if booked.confirmed or (waits and loose & _things(order)):
            overtaken |= fresh
        elif waits or not mine:
            continue  # the book does not know all of it yet
        order.filled = booked.units
        order.state = "filled" if order.filled == order.ticket.units else "cancelled"
    return overtaken


def _booked(account: Account, ledger: Ledger) -> tuple[dict[str, Booked], set[Thing]]:
    """What the book holds of an account's orders, by client, and what statements told of none.

    As it truly was.
    """
    filled: dict[str, Counter[str]] = {}
    confirmed, loose = set[str](), set[Thing]()
    for fill in _fills(ledger):
        key, count = fill.option or ledger.opened(fill.sleeve).underlying, filled_of(fill)
        told = bool(fill.id) and fill.source != "by hand" and not is_unconfirmed(fill)
        if fill.client in account.orders:
            filled.setdefault(fill.client, Counter())[key] += count
            confirmed |= {fill.client} if told else set()
        elif told:
            loose.add((fill.session, key, count > 0))
    units = {key: _units(account.orders[key].ticket, each) for key, each in filled.items()}
    return {key: Booked(count, key in confirmed) for key, count in units.items()}, loose


def _fills(ledger: Ledger) -> Iterator[Filled]:
    events = (event for _, event in ledger.journal.read())
    for _, event in numbered(events, ledger.book):
        if isinstance(event, Filled) and event.account == ledger.account:
            yield event


def _wanted(ticket: Ticket) -> dict[str, int]:
    """What a ticket is to change, shares by their symbol."""
    shares = {ticket.symbol: ticket.shares} if ticket.shares else {}
    return {leg.option: leg.quantity for leg in ticket.legs} | shares


def _things(order: Order) -> set[Thing]:
    return {(day_of(order.day), key, count > 0) for key, count in _wanted(order.ticket).items()}


def _units(ticket: Ticket, filled: Counter[str]) -> int:
    """How many units so much is of, by the part that filled most."""
    return max(filled[key] * ticket.units // change for key, change in _wanted(ticket).items())
