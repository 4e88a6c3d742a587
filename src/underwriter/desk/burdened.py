"""What burdens an account: what its broker holds against it, late quotes, and what it owes."""

from collections.abc import Iterable

from underwriter.book.folded import Book
from underwriter.desk.account import DOLLARS, Fault
from underwriter.desk.amounts import money
from underwriter.desk.tidings import Level, Tiding


def burdens(faults: Iterable[Fault]) -> list[Tiding]:
    """What stands of an account and its quotes, as a cycle has seen it."""
    return [_of_fault(one) for one in faults]


def _of_fault(one: Fault) -> Tiding:
    """What the broker's account or its quotes stand in the way of, or only are."""
    level: Level = "alarm" if one.grave else "warning"
    title = f"{one.what.capitalize()}: {one.found}"
    if one.grave:
        title = f"Nothing that adds risk goes out: {one.what}: {one.found}"
    goes = "What lowers risk goes on. " if one.grave else ""
    return Tiding(level, f"{one.what} {one.found}", title, f"{goes}To mend it: {one.mend}.")


def owed(book: Book, account: str) -> list[Tiding]:
    """That an account's cash is under zero, as shares that were put to it leave it."""
    cash_u = book.balance_u(account, DOLLARS)
    if cash_u >= 0:
        return []
    rows = zip(book.sleeves, book.state.sleeves, strict=True)
    held = [
        (f"{int(row.shares):,} {opened.underlying} shares", opened.sleeve)
        for opened, row in rows
        if opened.account == account and int(row.shares) > 0
    ]
    title = f"Cash is under zero: {money(-cash_u)} are owed"
    if held:
        title = f"{title}, {', '.join(shares for shares, _ in held)} are held"
    sells = " or ".join(f"`underwriter desk close {sleeve}`" for _, sleeve in held)
    pays = f"Deposit it, or let shares go: {sells}." if sells else "Deposit it."
    text = (
        "Until it is paid nothing opens that needs cash; calls are still sold on shares. "
        f"The broker may sell shares by itself. {pays}"
    )
    return [Tiding("alarm", f"owed {account}", title, text)]
