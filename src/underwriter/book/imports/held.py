"""What an account of a book holds, as a statement names it."""

from collections import Counter

from underwriter.book.folded import Book
from underwriter.core.contract import root_of, unpack
from underwriter.core.sleeve import SLOTS
from underwriter.core.units import MICRO


def held_u(book: Book, account: str) -> dict[str, int]:
    """Quantities in millionths by `Instrument.key`, none that are zero."""
    found: Counter[str] = Counter()
    for opened, sleeve in zip(book.sleeves, book.state.sleeves, strict=True):
        if opened.account != account:
            continue
        found[opened.underlying] += int(sleeve.shares) * MICRO
        for slot in range(SLOTS):
            if sleeve.quantity[slot] != 0:
                key = int(sleeve.contract[slot])
                contract = unpack(key, book.instruments[root_of(key) - 1].root)
                found[contract.osi()] += int(sleeve.quantity[slot]) * MICRO
    return {key: quantity for key, quantity in sorted(found.items()) if quantity}


def cash_u(book: Book, account: str) -> dict[str, int]:
    """What an account has of each currency, in millionths."""
    if account not in book.accounts:
        return {}
    base = book.bases[book.accounts.index(account)]
    others = [currency for name, currency in book.others if name == account]
    return {currency: book.balance_u(account, currency) for currency in sorted([base, *others])}
