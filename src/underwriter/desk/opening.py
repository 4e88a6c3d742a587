"""How a book begins: the money that an account has by then, its sleeves, and the shares it holds.

What the broker's own facts do not explain of its first statement was there before the desk came:
the cash is a deposit, shares of a seat a deposit in kind at the close, as in a backtest.
"""

from collections.abc import Mapping
from typing import Any

from underwriter.book.event import AnyEvent, BookOpened, Deposited, Filled, SleeveOpened
from underwriter.book.fold import Book
from underwriter.book.imports.held import cash_u
from underwriter.book.imports.statement import Statement
from underwriter.core.sleeve import SHORT_PUT
from underwriter.desk.deciding import Rules, numbers_of, unopened
from underwriter.market.slab import Slab


def book_of(rules: Rules, common: dict[str, Any]) -> BookOpened:
    """What a book says first: by which rules it is kept."""
    return BookOpened(
        **common, version=rules.version, quotes=rules.quotes, source=rules.source,
        policies={one.hash: one.text for one in rules.named}, settings=dict(rules.settings),
    )  # fmt: skip


def is_first(book: Book, slab: Slab, rules: Rules) -> bool:
    """Whether a book has no sleeve of its rules yet, whatever was traded there by hand."""
    return all(number is None for number in numbers_of(book, slab, rules))


def cash_before(
    book: Book, statement: Statement, account: str, common: Mapping[str, Any]
) -> list[Deposited]:
    """The cash of a first statement that no fact explains; of base currency alone."""
    currency = statement.currency
    has_u = (statement.cash_u or {}).get(currency, 0)
    missing_u = has_u - cash_u(book, account).get(currency, 0)
    if not missing_u:
        return []
    return [Deposited(**common, currency=currency, amount_u=missing_u, id="opening-cash")]


def sleeves_of(book: Book, slab: Slab, rules: Rules, common: dict[str, Any]) -> list[AnyEvent]:
    """The sleeves that a book has not opened yet, each with the shares that it brings along."""
    found: list[AnyEvent] = []
    for opened, brought in unopened(book, slab, rules, common):
        found.append(opened)
        if brought:
            found += _brought(opened, brought, slab, common)
    return found


def _brought(
    opened: SleeveOpened, shares: int, slab: Slab, common: dict[str, Any]
) -> list[AnyEvent]:
    """Shares that a sleeve begins with: their worth comes in, and they are had for it."""
    at = next(i for i, one in enumerate(slab.instruments) if one.symbol == opened.underlying)
    price_u = int(slab.market.bars[0, at].close_u)
    whose: dict[str, Any] = {"sleeve": opened.sleeve, "campaign": 1, "policy": opened.policy}
    had = Filled(
        **common, **whose, slot=SHORT_PUT, option=None, quantity=0, shares=shares,
        price_u=price_u, amount_u=-shares * price_u, fee_u=0, source="by hand",
    )  # fmt: skip
    return [Deposited(**common, amount_u=shares * price_u), had]
