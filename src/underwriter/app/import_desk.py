"""Where a desk and a statement that is imported into its book say different things."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from underwriter.book.amend import amended
from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Expired,
    Filled,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
)
from underwriter.book.imports.ended import LATE
from underwriter.book.imports.pairs import SWAPS
from underwriter.book.imports.statement import Statement
from underwriter.book.imports.writer import is_unconfirmed
from underwriter.book.told import told as words

_OWN: Final = (Filled, Assigned, Expired, Settled, Split)  # what a desk tells by itself


class FillSaid(msgspec.Struct, frozen=True):
    """A fill of a desk, or an end, of which desk and statement say different things."""

    id: str
    day: date
    what: str  # in words


def unconfirmed(told: list[AnyEvent], statement: Statement, account: str) -> list[FillSaid]:
    """What a desk was told by hand or by the closes of a statement's days, and no statement has."""
    if not any(isinstance(one, _OWN) and is_unconfirmed(one) for one in told):
        return []
    sleeves = {one.sleeve: one for one in told if isinstance(one, SleeveOpened)}
    roots = {number: one.root for number, one in sleeves.items()}
    return [
        FillSaid(one.id or "", one.session, words(one, roots))
        for one in amended(told)
        if isinstance(one, _OWN) and one.account == account and is_unconfirmed(one)
        and _would_have(statement, one, sleeves[one.sleeve].underlying)
    ]  # fmt: skip


def _would_have(statement: Statement, own: SleeveEvent, symbol: str) -> bool:
    """Whether a statement would have a row of what a desk told, and has none.

    Fills are of their day; of what ended the row may be dated some days later.  A split keeps the
    desk's id, for its row says the same: it is looked for.
    """
    late = timedelta() if isinstance(own, Filled) else LATE
    if isinstance(own, Split) and any(
        row.kind in SWAPS and row.instrument is not None and row.instrument.symbol == symbol
        and abs(row.day - own.session) <= LATE
        for row in statement.rows
    ):  # fmt: skip
        return False
    return statement.first - late <= own.session <= statement.last


def after_all(told: Iterable[AnyEvent], fresh: Iterable[AnyEvent]) -> list[FillSaid]:
    """The fills of a statement that are of orders of a desk."""
    roots = {one.sleeve: one.root for one in told if isinstance(one, SleeveOpened)}
    return [
        FillSaid(one.id or "", one.session, words(one, roots))
        for one in fresh
        if isinstance(one, Filled) and one.client
    ]


def differing(later: Iterable[FillSaid], own: Iterable[FillSaid]) -> Iterator[str]:
    """Where desk and statement say different things of a fill."""
    for one in later:
        yield f"Filled after all, and booked to the order that asked for it: {one.day}, {one.what}"
    for one in own:
        yield (
            f"Not in the statement, and told at the desk by hand or by the closes: {one.day}, "
            f"{one.what}; if it never was: underwriter book record correct {one.id} --never"
        )
