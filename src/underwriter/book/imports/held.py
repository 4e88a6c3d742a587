"""What an account of a book holds, as a statement names it."""

from collections import Counter

from underwriter.book.folded import Book
from underwriter.core.contract import osi_of, root_of
from underwriter.core.record import columns
from underwriter.core.units import MICRO


def held_u(book: Book, account: str) -> dict[str, int]:
    """Quantities in millionths by `Instrument.key`, none that are zero."""
    found: Counter[str] = Counter()
    rows = columns(book.state.sleeves)
    shares, quantities, contracts = (rows[name] for name in ("shares", "quantity", "contract"))
    for at, opened in enumerate(book.sleeves):
        if opened.account == account:
            found[opened.underlying] += int(shares[at]) * MICRO
    for at, slot in zip(*quantities.nonzero(), strict=True):
        if book.sleeves[at].account == account:
            key = int(contracts[at, slot])
            option = osi_of(key, book.instruments[root_of(key) - 1].root)
            found[option] += int(quantities[at, slot]) * MICRO
    return {key: quantity for key, quantity in sorted(found.items()) if quantity}


def cash_u(book: Book, account: str) -> dict[str, int]:
    """What an account has of each currency, in millionths."""
    if account not in book.accounts:
        return {}
    base = book.bases[book.accounts.index(account)]
    others = [currency for name, currency in book.others if name == account]
    return {currency: book.balance_u(account, currency) for currency in sorted([base, *others])}
