"""Rows by hand, as a reader would give them, and the book that they make."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from underwriter.book.fold import EMPTY, Book
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.pairs import paired
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.core.units import MICRO


def thing(words: str) -> Instrument:
    """KO, or an option as "KO   260220P00060000"."""
    if len(words) < len("260220P00060000"):
        return Instrument(words)
    root = words[:-15].strip()
    return Instrument(root.rstrip("0123456789"), f"{root:6}{words[-15:]}", root, 100)


def row(number: int, kind: str, day: str, what: str = "", quantity: float = 0, **more: Any) -> Row:  # noqa: ANN401  any field
    """A row; `net` in dollars is its gross amount less `fee`."""
    fee_u, net = round(more.pop("fee", 0) * MICRO), more.pop("net", 0)
    price = more.pop("price", None)
    instrument = more.pop("instrument", None) or (thing(what) if what else None)
    return Row(
        line=number,
        kind=Kind(kind),
        day=date.fromisoformat(day),
        what=f"row {number}",
        instrument=instrument,
        quantity_u=round(quantity * MICRO),
        price_u=None if price is None else round(price * MICRO),
        gross_u=round(net * MICRO) + fee_u,
        fee_u=fee_u,
        net_u=round(net * MICRO),
        id=f"{number:024x}",
        **more,
    )


def statement(rows: Sequence[Row], **more: object) -> Statement:
    """A statement of rows, oldest first, paired."""
    days = [each.day for each in rows] or [date(2026, 1, 2)]
    told: dict[str, Any] = {"first": min(days), "last": max(days), "path": "statement.csv"}
    told |= {"broker": "tastytrade", "layout": "history", "account": "", "currency": "USD"}
    return Statement(rows=tuple(paired(rows, marked=True)), **(told | more))


def book_of(*rows: Row, before: Book = EMPTY) -> Booked:
    """What rows make of a book."""
    return booked(before, statement(rows), "main")
