"""A paper account whose file has lost what its book knows: by a power cut, or by an older copy.

The journal is on the disk before anything else is done, and the account's file need not be.  What
is lost of it the book knows: the account holds what the book holds, and goes on from there.  Its
facts are numbered on from the last that was booked: one with the number of another is known by its
id, and would never be booked.
"""

from collections.abc import Set as AbstractSet

from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.writer import UNCONFIRMED
from underwriter.core.units import MICRO, day_number
from underwriter.desk.brokers.paper_account import Account, fact_id
from underwriter.desk.facts import is_of_the_book
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Told

_AN_EVENT = 2  # names of facts and orders at most, for each event: an option's end with its shares


def hold(account: Account, ledger: Ledger, but: AbstractSet[str] = frozenset()) -> None:
    """Let an account hold what the book holds, and what it has told and is not booked there yet.

    `but` are facts that are not to be booked, by id.
    """
    held = held_u(ledger.book, ledger.account)
    account.held = {key: quantity_u // MICRO for key, quantity_u in held.items()}
    account.cash_u = cash_u(ledger.book, ledger.account).get("USD", 0)
    for fact in account.facts:
        row = fact.row
        if row.id not in ledger.known | but and is_of_the_book(Told(row, fact.client), ledger):
            account.move(row.instrument, row.quantity_u // MICRO, row.net_u)


def go_on(account: Account, ledger: Ledger) -> bool:
    """Number facts on and live on from where the book is; whether the account had lost some."""
    numbers = range(account.count + 1, _AN_EVENT * ledger.sequence + 1)
    last = max((one for one in numbers if _is_booked(account, one, ledger)), default=0)
    if not last:
        return False
    account.count = last
    mark = ledger.folding.marks.get(ledger.account)
    if mark is not None:
        account.closed = day_number(mark.session)
    account.opened = max(account.closed, _last_told(ledger))
    return True


def _is_booked(account: Account, number: int, ledger: Ledger) -> bool:
    return fact_id(account, f"fact-{number}") in ledger.known


def _last_told(ledger: Ledger) -> int:
    """The last session of which the account told a fact, whose morning has been."""
    days = (
        event.session
        for _, event in ledger.journal.read()
        if event.account == ledger.account and (event.id or "").startswith(UNCONFIRMED)
    )
    return day_number(max(days))
