"""`underwriter book reconcile`: where a journal is not what a statement says."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from underwriter.app.book_import import account_of, begun_of, must_be_of, since
from underwriter.app.book_tables import flow, joined
from underwriter.app.record import Draft, Where
from underwriter.book.currency import decimal
from underwriter.book.event import AnyEvent, CashAdjusted
from underwriter.book.fold import fold
from underwriter.book.imports.ordered import unfilled
from underwriter.book.imports.read import read_statement
from underwriter.book.imports.reconcile import Break, mends, reconciled
from underwriter.book.imports.statement import Statement
from underwriter.book.journal import events as journal_events
from underwriter.book.naming import named
from underwriter.book.place import Place
from underwriter.book.told import told
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.report import say


class BreakSaid(msgspec.Struct, frozen=True):
    """One thing of which journal and statement differ."""

    kind: str  # missing event, price, unknown position, quantity, cash or scale
    key: str  # a currency, shares, or an option's OSI symbol
    row: int | None  # of the statement
    book: float
    statement: float
    cause: str
    mend: list[str]  # the events that mend it, in words; none where nobody can say


class ReconcileSaid(msgspec.Struct, frozen=True):
    """What `book reconcile --json` prints."""

    journal: str
    account: str
    statement: str
    last: date  # its last day, to which the journal is folded
    cash: bool  # whether the statement says what cash there is at its end
    positions: bool  # and what is held
    breaks: list[BreakSaid]
    by_cash: list[str]  # rows that the book has by their cash alone, and why
    mended: bool


class Reconciled(NamedTuple):
    """Breaks, and the journal that could be mended."""

    draft: Draft
    breaks: list[Break]
    said: ReconcileSaid

    def mend(self) -> ReconcileSaid:
        """Append all mends; InputError where the journal does not take them."""
        events = mends(self.breaks)
        book = fold(events, self.draft.book)
        if len(book.strays) > len(self.draft.book.strays):
            raise InputError(
                f"{self.draft.where.journal}: expected mends that fit, found "
                f"{book.strays[-1].text} (does it go on after the statement's end?)"
            )
        self.draft.events += events
        self.draft.write()
        return msgspec.structs.replace(self.said, mended=True)


def reconcile(
    path: Path, journal: Place, account: str | None = None, broker: str | None = None
) -> Reconciled:
    """The breaks between a journal and a statement."""
    statement = read_statement(path, broker)
    events = [event for _, event in journal_events(journal)]
    whole = fold(events)
    draft = Draft(Where(journal, account or account_of(whole, statement), statement.first, None))
    must_be_of(draft.book, draft.account, statement)
    statement = since(statement, begun_of(events, draft.account), draft.book)
    book = fold(event for event in events if event.session <= statement.last)
    orders = unfilled(events, draft.account)
    breaks = reconciled(book, statement, draft.account, orders)
    roots = {opened.sleeve: opened.root for opened in whole.sleeves}
    listed = [
        BreakSaid(one.kind, one.key, one.row, one.book_u / MICRO, one.statement_u / MICRO,
                  one.cause, [told(event, roots) for event in one.mend])
        for one in breaks
    ]  # fmt: skip
    said = ReconcileSaid(
        journal=str(journal),
        account=draft.account,
        statement=str(path),
        last=statement.last,
        cash=statement.cash_u is not None,
        positions=statement.holdings is not None,
        breaks=listed,
        by_cash=_by_cash(events, statement),
        mended=False,
    )
    return Reconciled(draft, breaks, said)


def _by_cash(events: Iterable[AnyEvent], statement: Statement) -> list[str]:
    """The rows of a statement of which a book has nothing but the cash."""
    lines = {row.id: row.line for row in statement.rows}
    return [
        f"row {lines[one.id]} is booked by its cash alone, {decimal(one.amount_u)}: {one.why}"
        for one in events
        if isinstance(one, CashAdjusted) and one.id and one.id in lines
    ]


def page(said: ReconcileSaid, columns: int) -> str:
    """The same for people."""
    count = len(said.breaks)
    word = "no break" if not count else f"{count} break{'s' if count > 1 else ''}"
    head = f"{said.journal}, account {said.account}, to {said.last}: {word} with {said.statement}"
    silent = [
        name for name, says in (("cash", said.cash), ("positions", said.positions)) if not says
    ]
    parts = [flow(head, columns)]
    if silent:
        parts[0] += flow(f"The statement does not say its {' and '.join(silent)}.", columns)
    if said.by_cash:
        parts.append([each for line in said.by_cash for each in flow(line, columns)])
    for one in said.breaks:
        row = "" if one.row is None else f", row {one.row}"
        amounts = f"book {_amount(one, one.book)}, statement {_amount(one, one.statement)}"
        lines = [f"{one.kind}: {named(one.key)}{row}: {amounts}", f"  likely {one.cause}"]
        lines += [
            f"  mends it: {text}" for text in one.mend or ["nothing that the statement tells"]
        ]
        parts.append([each for line in lines for each in flow(line, columns)])
    return joined(parts)


def _amount(one: BreakSaid, amount: float) -> str:
    """Money to the cent, quantities as they are."""
    return say.number(amount) if one.kind in {"cash", "price", "scale"} else f"{amount:g}"
