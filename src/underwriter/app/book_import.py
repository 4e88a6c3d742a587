"""`underwriter book import`: brokers' statements into a journal, all or nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from underwriter.app.book_tables import fitted, flow, joined
from underwriter.app.import_desk import FillSaid, after_all, differing, unconfirmed
from underwriter.app.record import Draft, Terms, Where, kind_of
from underwriter.book.event import (
    AccountOpened,
    AnyEvent,
    BookOpened,
    Busted,
    Collateral,
    Corrected,
    Expired,
    LegEvent,
    Taxation,
)
from underwriter.book.fold import Book, fold
from underwriter.book.imports.booking import Booked, booked
from underwriter.book.imports.ends import cash_of, positions_of, untold
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.merged import merged
from underwriter.book.imports.ordered import unfilled
from underwriter.book.imports.read import BROKERS, read_statement
from underwriter.book.imports.statement import Kind, Row, Statement
from underwriter.book.imports.writer import known_in
from underwriter.book.journal import events as journal_events
from underwriter.book.journal import exists
from underwriter.book.past import flow_u
from underwriter.book.place import Place
from underwriter.book.plausible import doubts
from underwriter.core.errors import InputError
from underwriter.core.units import CENT_U, MICRO
from underwriter.report import say

_SHOWN = 4  # characters of an account's number that a book keeps


class Into(NamedTuple):
    """Where statements are booked."""

    journal: Place
    account: str | None
    broker: str | None
    create: bool
    collateral: Collateral = "cash"
    tax: Taxation = "us_taxable"


class LeftSaid(msgspec.Struct, frozen=True):
    """A row of which no event says what it says."""

    file: str
    row: int
    day: date
    amount: float  # cash, which is booked as an adjustment with --keep-going
    currency: str
    why: str


class Beside(msgspec.Struct, frozen=True):
    """Something of which book and statement each say how much there is."""

    what: str  # cash or quantity
    key: str  # a currency, shares, or an option's OSI symbol
    book: float
    statement: float
    differs: bool


class ImportSaid(msgspec.Struct, frozen=True):
    """What `book import --json` prints."""

    journal: str
    account: str
    written: bool
    files: list[str]
    broker: str
    layout: str
    number: str  # of the account, as the statement has it
    first: date
    last: date
    rows: int
    known: int  # that the book held before
    events: int
    kinds: dict[str, int]
    left: list[LeftSaid]
    doubts: list[str]  # prices out of scale beside what is known
    against: str  # "statement": what it says of its end; "rows": what its rows come to
    beside: list[Beside]
    untold: list[str]  # cash, positions: what statements of this broker say of their end, not here
    before: int  # rows of before a desk took the account over, which are in what it began with
    begun: date | None  # and when that was
    unconfirmed: list[FillSaid]  # told at the desk by hand or by the closes, not in the statement
    after_all: list[FillSaid]  # of orders of a desk that were said not to be filled


class Import(NamedTuple):
    """Statements on their way into a journal."""

    draft: Draft
    said: ImportSaid

    def write(self) -> ImportSaid:
        """Append all of it, or nothing."""
        if self.said.events:
            self.draft.write()
        return msgspec.structs.replace(self.said, written=self.said.events > 0)


def read_all(files: Sequence[Path], broker: str | None) -> tuple[Statement, dict[str, str]]:
    """The files as one statement, and the file of each row."""
    return merged([read_statement(path, broker) for path in files])


def imported(files: Sequence[Path], into: Into) -> Import:
    """What some statements add to a journal; InputError where they do not fit it."""
    whole, paths = read_all(files, into.broker)
    draft, told = _draft(whole, into)
    before, begun = draft.book, begun_of(told, draft.account)
    statement = since(whole, begun, before)
    found = booked(before, statement, draft.account, paths, unfilled(told, draft.account))
    left = [
        LeftSaid(paths[row.id], row.line, row.day, row.net_u / MICRO, row.currency, why)
        for row, why in found.left
    ]
    against, rows = beside(before, found, _of_its_end(statement, told), draft.account)
    if found.events:
        draft.book, draft.events = found.book, [*draft.events, *found.events]
    kinds = Counter(kind_of(event) for event in draft.events if found.events)
    said = ImportSaid(
        journal=str(into.journal),
        account=draft.account,
        written=False,
        files=[str(path) for path in files],
        broker=statement.broker,
        layout=statement.layout,
        number=statement.account,
        first=statement.first,
        last=statement.last,
        rows=len(statement.rows),
        known=len(found.known),
        events=sum(kinds.values()),
        kinds=dict(sorted(kinds.items())),
        left=left,
        doubts=[one.text for one in doubts(before, found.events)],
        against=against,
        beside=rows,
        untold=untold(statement),
        before=len(whole.rows) - len(statement.rows),
        begun=None if begun is None else begun.session,
        unconfirmed=unconfirmed([*told, *found.events], statement, draft.account),
        after_all=after_all(told, found.events),
    )
    return Import(draft, said)


def _of_its_end(statement: Statement, told: Iterable[AnyEvent]) -> Statement:
    """A statement; without what it says of its end where the book goes on after that."""
    if max((event.session for event in told), default=date.min) <= statement.last:
        return statement
    return msgspec.structs.replace(statement, cash_u=None, holdings=None)


def begun_of(told: Iterable[AnyEvent], account: str) -> BookOpened | None:
    """How a desk, or a run, began a book of an account; None of one that is kept by hand."""
    fits = (one for one in told if isinstance(one, BookOpened) and one.account == account)
    return next(fits, None)


def since(statement: Statement, begun: BookOpened | None, book: Book) -> Statement:
    """A statement without the rows of before its book began, of what it began with.

    Of that day's rows without a time those that trade are of the book.  What is known stays.
    """
    if begun is None:
        return statement
    known = known_in(book.told, begun.account)
    rows = tuple(row for row in statement.rows if row.id in known or _is_since(row, begun))
    return msgspec.structs.replace(statement, rows=rows)


def _is_since(row: Row, begun: BookOpened) -> bool:
    if row.day != begun.session:
        return row.day > begun.session
    return row.kind is Kind.TRADE if row.at is None else row.at >= begun.at


def _draft(statement: Statement, into: Into) -> tuple[Draft, list[AnyEvent]]:
    """A record in the account that a statement is of, and what its journal was told."""
    terms = Terms(statement.broker, statement.account, into.collateral, into.tax,
                  statement.currency) if into.create else None  # fmt: skip
    account, told = into.account, list[AnyEvent]()
    if exists(into.journal):
        told = [event for _, event in journal_events(into.journal)]
        account = account or account_of(fold(told), statement)
    source = f"statements of {statement.broker}"
    draft = Draft(Where(into.journal, account, statement.first, terms, source))
    must_be_of(draft.book, draft.account, statement)
    return draft, told


def account_of(book: Book, statement: Statement) -> str | None:
    """The one account that has the broker and number of a statement, among several."""
    fits = [name for name, terms in book.terms.items() if _is_of(terms, statement)]
    return fits[0] if len(fits) == 1 else None


def _is_of(terms: AccountOpened, statement: Statement) -> bool:
    """Whether a statement may be one of an account."""
    broker, number = terms.broker.casefold(), terms.number
    ends = statement.account[-_SHOWN:]
    other = broker in BROKERS and broker != statement.broker
    return not other and (not ends or not number or number[-_SHOWN:] == ends)


def must_be_of(book: Book, account: str, statement: Statement) -> None:
    """InputError for a statement of another broker, account or currency than the account's."""
    terms = book.terms.get(account)
    if terms is not None and not _is_of(terms, statement):
        found = f"{statement.broker}, {statement.account or 'no number'}"
        raise InputError(
            f"{statement.path}: expected a statement of account {account!r} ({terms.broker}, "
            f"{terms.number or 'no number'}), found one of {found}"
        )
    base = book.bases[book.accounts.index(account)] if account in book.accounts else None
    if base not in {None, statement.currency}:
        raise InputError(
            f"{statement.path}: expected a statement in {base}, as account {account!r} is, found "
            f"one in {statement.currency}"
        )


def beside(
    before: Book, found: Booked, statement: Statement, account: str
) -> tuple[str, list[Beside]]:
    """Cash and positions of a book beside what its statement says, else what its rows come to."""
    if statement.cash_u is not None or statement.holdings is not None:
        against, cash, held = "statement", statement.cash_u, statement.holdings
    else:
        known = {row.id for row in found.known}
        fresh = msgspec.structs.replace(
            statement, rows=tuple(row for row in statement.rows if row.id not in known)
        )
        moved, changed = _told_anew(before, found.events)
        against, cash = "rows", cash_of(fresh, _less(cash_u(before, account), moved))
        held = positions_of(fresh, _less(held_u(before, account), changed))
    book = found.book
    rows = _sides("cash", cash_u(book, account), cash)
    return against, rows + _sides("quantity", held_u(book, account), held)


def _told_anew(before: Book, events: Iterable[AnyEvent]) -> tuple[Counter[str], Counter[str]]:
    """Cash by currency and quantities of what a book has, and rows tell as it truly was."""
    of = {one.of: one for one in events if isinstance(one, Corrected | Busted)}
    moved, changed = Counter[str](), Counter[str]()
    symbols = {one.sleeve: one.underlying for one in before.sleeves}
    entries = (each for runs in before.runs.values() for run in runs for _, each in run.entries)
    for each in entries:
        anew = of.get(each.id or "") if isinstance(each, LegEvent) else None
        if not isinstance(each, LegEvent) or anew is None or anew.account != each.account:
            continue
        if isinstance(anew, Busted) and not isinstance(each, Expired):
            continue  # its row takes it back
        moved[each.currency] += flow_u(each)
        changed[each.option or ""] += each.quantity * MICRO
        changed[symbols[each.sleeve]] += each.shares * MICRO
    return moved, changed


def _less(have: Mapping[str, int], gone: Mapping[str, int]) -> dict[str, int]:
    """What is left of amounts by key."""
    return {key: have.get(key, 0) - gone.get(key, 0) for key in {*have, *gone} if key}


def _sides(what: str, book: Mapping[str, int], said: Mapping[str, int] | None) -> list[Beside]:
    """Each key of either, where the other side says anything."""
    if said is None:
        return []
    least = CENT_U if what == "cash" else 1
    found = []
    for key in sorted({*book, *said}):
        ours, theirs = book.get(key, 0), said.get(key, 0)
        if ours or theirs:
            differs = abs(ours - theirs) >= least
            found.append(Beside(what, key, ours / MICRO, theirs / MICRO, differs))
    return found


def page(said: ImportSaid, columns: int) -> str:
    """The same for people."""
    head = f"{', '.join(said.files)}: {said.broker}, {said.layout}, {said.first} to {said.last}"
    fresh = said.rows - said.known
    count = f"{said.rows} rows, {said.known} known, {fresh} new: {said.events} events"
    parts = [[*flow(head, columns), f"{said.journal}, account {said.account}: {count}"]]
    if said.kinds:
        kinds = ", ".join(f"{count} {kind}" for kind, count in said.kinds.items())
        parts.append(flow(kinds, columns))
    if said.left:
        lines = (f"{one.file}, row {one.row}: {one.why}" for one in said.left)
        parts.append([each for line in lines for each in flow(line, columns)])
    if said.doubts:
        parts.append([each for one in said.doubts for each in flow(f"Doubtful: {one}", columns)])
    if said.beside:
        rows = [
            (one.key, _amount(one, one.book), _amount(one, one.statement),
             "differs" if one.differs else "")
            for one in said.beside
        ]  # fmt: skip
        name = "statement" if said.against == "statement" else "its rows"
        parts.append(fitted(("", "book", name, ""), rows, {1, 2}, columns))
    if said.before:
        line = (
            f"{said.before} rows of before the desk took the account over, on {said.begun}, are in "
            "what it began with: not booked"
        )
        parts.append(flow(line, columns))
    parts += [flow(line, columns) for line in differing(said.after_all, said.unconfirmed)]
    if said.untold:
        what = " and ".join(said.untold)
        line = f"The statement does not say its {what} in the end: not compared; is it cut off?"
        parts.append(flow(line, columns))
    return joined(parts)


def _amount(one: Beside, amount: float) -> str:
    """Money to the cent, quantities as they are."""
    return say.number(amount) if one.what == "cash" else f"{amount:g}"
