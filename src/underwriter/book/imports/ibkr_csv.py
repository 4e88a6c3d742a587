"""The activity statement of Interactive Brokers as csv: sections, each with its own header.

Layout: as public programs read it and their test files show it (docs/imports.md).  Sections that
move cash or positions are read; those that describe are passed over; one that has amounts and is
not known is listed.  Rows within a section go by symbol, not by time.  A total that the rows above
it do not make is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from underwriter.book.imports.cells import Record
from underwriter.book.imports.draft import Draft, time_of
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.ibkr import BROKER, UNPRICED, action_of, effect_of, kind_of
from underwriter.book.imports.ibkr_sections import (
    DATES,
    FOREX,
    OPTIONS,
    STOCKS,
    Book,
    data_of,
    fields_of,
    instrument_of,
    must_be_whole,
    must_have_what_it_says,
    options_of,
    period_of,
    row_of,
    sections_of,
)
from underwriter.book.imports.place import micro, quoted
from underwriter.book.imports.statement import Kind, Row, Statement
from underwriter.book.imports.sums import check_gross, check_total
from underwriter.book.imports.symbols import any_option, stock_of
from underwriter.book.imports.text import Line
from underwriter.core.errors import InputError

# such as in: KO(US1912161007) Cash Dividend USD 0.51 per Share
_SYMBOL = re.compile(r"([A-Z0-9][A-Z0-9. ]{0,14}?) ?\(")
_CASH: Mapping[str, Kind] = {
    "Dividends": Kind.DIVIDEND,
    "Payment in Lieu of Dividends": Kind.IN_LIEU,
    "Withholding Tax": Kind.WITHHOLDING,
    "Interest": Kind.INTEREST,
    "Broker Interest Paid": Kind.INTEREST,
    "Broker Interest Received": Kind.INTEREST,
    "Fees": Kind.FEE,
    "Other Fees": Kind.FEE,
    "Transaction Fees": Kind.FEE,
    "Sales Tax Details": Kind.FEE,
    "Commission Adjustments": Kind.FEE,
    "Deposits & Withdrawals": Kind.DEPOSIT,
}
_SUMMED = frozenset(  # whose rows have a total below them
    {"Trades", "Dividends", "Withholding Tax", "Interest", "Fees", "Deposits & Withdrawals"}
)


def read(path: Path, rows: list[Line]) -> Statement:
    """A statement of one account."""
    sections = sections_of(path, rows)
    said = {**fields_of(sections, "Statement"), **fields_of(sections, "Account Information")}
    if "Account" not in said:
        expected = "an activity statement with the row Account Information, Data, Account"
        raise InputError(f"{path}: expected {expected}, found none (is the file cut off?)")
    must_be_whole(sections, _SUMMED)
    must_have_what_it_says(sections)
    accounts = {record.text("Account") for records in sections.values() for record in records} - {
        "",
        "Total",
    }
    if len(accounts) > 1:
        names = ", ".join(sorted(accounts))
        raise InputError(f"{path}: expected a statement of one account, found rows of {names}")
    period = period_of(path, said.get("Period"))
    book = Book(path, sections, period, options_of(sections))
    drafts = [*_trades(book), *_cash(book), *_changes(book), *_unread(book)]
    head = Head(
        str(path),
        BROKER,
        "activity statement",
        said["Account"].text("Field Value").split(" ")[0],
        said["Base Currency"].text("Field Value") if "Base Currency" in said else "USD",
        period,
        start_u=_cash_report(sections, "Starting Cash"),
        cash_u=_cash_report(sections, "Ending Cash"),
        holdings=_holdings(book),
    )
    return finished(head, sorted(drafts, key=time_of))


def _draft(row: Row) -> Draft:
    """A row and what it is known by: Interactive Brokers gives no ids in this layout."""
    moved = [str(number) for number in (row.quantity_u, row.price_u, row.gross_u, row.net_u)]
    return Draft(row, (str(row.at or row.day), row.kind, row.what, row.currency, *moved))


def _trades(book: Book) -> Iterator[Draft]:
    """The orders of the section Trades; its parts and lots say the same again."""
    records = list(data_of(book.sections, "Trades"))
    sorts = {record.text("DataDiscriminator") for record in records}
    wanted = "Order" if "Order" in sorts else "Trade"
    for record in records:
        if record.text("DataDiscriminator") != wanted:
            continue
        category = record.text("Asset Category")
        if category in {STOCKS, OPTIONS}:
            yield _draft(_traded(book, record))
        elif category == FOREX:
            yield from map(_draft, _converted(book, record))
        else:
            row = row_of(book, record, "Trades")
            net_u = record.amount_u("Proceeds") + record.amount_u("Comm/Fee")
            why = f"{quoted(category)} is not booked: {row.what}"
            yield _draft(msgspec.structs.replace(row, gross_u=net_u, net_u=net_u, why=why))


def _traded(book: Book, record: Record) -> Row:
    """A trade of shares or options, or what an option that ended did."""
    instrument = instrument_of(book, record)
    quantity, price = record.needed("Quantity"), record.needed("T. Price")
    gross, commission = record.amount_u("Proceeds"), record.amount_u("Comm/Fee")
    check_gross(record.place, gross, price, quantity, instrument.multiplier)
    codes = record.text("Code").split(";")
    kind = kind_of(codes, option=instrument.option is not None, paid=gross != 0)
    return msgspec.structs.replace(
        row_of(book, record, "Trades"),
        kind=kind,
        instrument=instrument,
        effect=effect_of(codes),
        quantity_u=micro(quantity),
        price_u=None if kind in UNPRICED else micro(price),
        gross_u=gross,
        commission_u=-commission,
        net_u=gross + commission,
    )


def _converted(book: Book, record: Record) -> Iterator[Row]:
    """EUR.USD: one currency comes, the other goes, and a commission in the base currency."""
    row = msgspec.structs.replace(row_of(book, record, "Forex"), kind=Kind.CONVERSION)
    bought = record.text("Symbol").partition(".")[0]
    if not re.fullmatch(r"[A-Z]{3}", bought):
        raise record.refuse("Symbol", "two currencies such as EUR.USD", record.text("Symbol"))
    for currency, amount in ((bought, "Quantity"), (row.currency, "Proceeds")):
        moved = micro(record.needed(amount))
        yield msgspec.structs.replace(row, currency=currency, gross_u=moved, net_u=moved)
    column = next((name for name in record.cells if name.startswith("Comm")), "")
    paid = record.amount_u(column)
    if paid:
        base = column.partition(" in ")[2] or row.currency
        yield msgspec.structs.replace(row, kind=Kind.FEE, currency=base, gross_u=paid, net_u=paid)


def _cash(book: Book) -> Iterator[Draft]:
    """The rows of the sections that move cash alone, whose totals have to be theirs."""
    for section, kind in _CASH.items():
        since_u = 0
        for record in book.sections.get(section, ()):
            first = next(iter(record.cells.values()))
            if record.text("") == "Data" and not first.startswith("Total"):
                amount_u = micro(record.needed("Amount"))
                since_u += amount_u
                yield _draft(_paid(book, record, section, kind))
            elif first == "Total":
                check_total(record.place, record.amount_u("Amount"), since_u)
                since_u = 0


def _paid(book: Book, record: Record, section: str, kind: Kind) -> Row:
    """One row that moves cash alone."""
    row, amount_u = row_of(book, record, section), record.amount_u("Amount")
    named = _SYMBOL.match(record.text("Description"))
    if kind is Kind.DEPOSIT and amount_u < 0:
        kind = Kind.WITHDRAWAL
    if kind is Kind.DIVIDEND and "Payment in Lieu" in row.what:
        kind = Kind.IN_LIEU
    of = kind in {Kind.DIVIDEND, Kind.IN_LIEU, Kind.WITHHOLDING}
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=stock_of(named[1]) if named and of else None,
        gross_u=amount_u,
        net_u=amount_u,
    )


def _changes(book: Book) -> Iterator[Draft]:
    """Corporate actions and transfers."""
    readers: Mapping[str, Callable[[Book, Record], Row]] = {
        "Corporate Actions": _acted,
        "Transfers": _transferred,
    }
    for section, reader in readers.items():
        for record in data_of(book.sections, section):
            if not record.text("Asset Category").startswith("Total"):
                yield _draft(reader(book, record))


def _acted(book: Book, record: Record) -> Row:
    """A corporate action: the symbol is the first of those in the last parentheses."""
    row = row_of(book, record, "Corporate Actions")
    words = record.text("Description")
    symbol = words.rpartition("(")[2].partition(",")[0]
    category, kind = record.text("Asset Category"), action_of(words)
    proceeds = record.amount_u("Proceeds")
    why = f"corporate action is not known: {row.what}" if kind is Kind.UNKNOWN else ""
    instrument = None
    if kind is not Kind.UNKNOWN:
        reader = stock_of if category == STOCKS else any_option
        named = Record(record.place, {"Description": symbol})
        instrument = named.read("Description", reader)
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        quantity_u=micro(record.needed("Quantity")),
        gross_u=proceeds,
        net_u=proceeds,
        why=why,
    )


def _transferred(book: Book, record: Record) -> Row:
    """Shares, options or cash from another broker or to it."""
    row = row_of(book, record, "Transfers")
    amount_u = record.amount_u("Cash Amount")
    held = record.text("Asset Category") in {STOCKS, OPTIONS}
    return msgspec.structs.replace(
        row,
        kind=Kind.TRANSFER,
        instrument=instrument_of(book, record) if held else None,
        quantity_u=micro(record.needed("Qty")) if held else 0,
        gross_u=amount_u,
        net_u=amount_u,
    )


_READ = {*_CASH, "Trades", "Corporate Actions", "Transfers", "Cash Report"}


def _unread(book: Book) -> Iterator[Draft]:
    """Rows of sections that move cash and that nothing here knows."""
    for section in sorted(book.sections.keys() - _READ):
        for record in data_of(book.sections, section):
            column = next((name for name in ("Proceeds", "Amount") if name in record.cells), "")
            if column and any(record.text(name) for name in DATES):
                row, amount_u = row_of(book, record, section), record.amount_u(column)
                why = f"section {section!r} is not known: {row.what}"
                yield _draft(
                    msgspec.structs.replace(row, gross_u=amount_u, net_u=amount_u, why=why)
                )


def _cash_report(sections: Mapping[str, list[Record]], what: str) -> Mapping[str, int] | None:
    """The cash by currency that a statement says, of its start or its end."""
    found = {
        record.text("Currency"): record.amount_u("Total")
        for record in data_of(sections, "Cash Report")
        if record.text("Currency Summary") == what
    }
    by_currency = {name: amount for name, amount in found.items() if len(name) == len("USD")}
    return by_currency or None


def _holdings(book: Book) -> Mapping[str, int] | None:
    """What a statement says is held at its end."""
    if "Open Positions" not in book.sections:
        return None
    return {
        instrument_of(book, record).key: micro(record.needed("Quantity"))
        for record in data_of(book.sections, "Open Positions")
        if record.text("DataDiscriminator") == "Summary"
        and record.text("Asset Category") in {STOCKS, OPTIONS}
    }
