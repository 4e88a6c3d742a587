"""Schwab's transactions as csv.

Layout: as public programs read it and their test files show it (docs/imports.md).  Newest first.
A date may be two, "12/16/2025 as of 12/15/2025": booked on the first, and of the second.
Quantities of sales have no sign.  What an option delivered is a plain Buy or Sell at the strike;
rows of options that ended have no price.  Older files begin with a title and end with a total.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from underwriter.book.imports.cells import Record, us_day
from underwriter.book.imports.draft import Draft, oldest_first
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.place import micro, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.sums import check_net, check_total, slack_u, worth_u
from underwriter.book.imports.symbols import must_be_option, slashed_option, stock_of
from underwriter.book.imports.text import Line, records_of

BROKER = "schwab"
MARKS = frozenset({"Date", "Action", "Symbol", "Fees & Comm", "Amount"})

_FILE_NAME = re.compile(r".*_([X]+[0-9]{3,4})_Transactions_.*", re.IGNORECASE)
TITLE = re.compile(r"Transactions +for +account (.*?)(?: as of .*)?")
_TOTAL = "Transactions Total"

_TRADES = {
    "Buy": (1, ""),
    "Sell": (-1, ""),
    "Sell Short": (-1, "open"),
    "Buy to Cover": (1, "close"),
    "Buy to Open": (1, "open"),
    "Buy to Close": (1, "close"),
    "Sell to Open": (-1, "open"),
    "Sell to Close": (-1, "close"),
    "Reinvest Shares": (1, "open"),
}
_ENDS = {
    "Assigned": (Kind.ASSIGNMENT, 1),
    "Exchange or Exercise": (Kind.EXERCISE, -1),
    "Exercised": (Kind.EXERCISE, -1),
    "Expired": (Kind.EXPIRATION, 0),
}
_CHANGES = {  # what is held changes by the quantity as it stands, sign and all
    "Stock Split": Kind.SPLIT,
    "Options Frwd Split": Kind.SPLIT,
    "Reverse Split": Kind.REVERSE_SPLIT,
    "Name Change": Kind.SYMBOL_CHANGE,
    "Stock Merger": Kind.MERGER,
    "Cash Merger": Kind.MERGER,
    "Cash Merger Adj": Kind.MERGER,
    "Cash/Stock Merger": Kind.MERGER,
    "Journal": Kind.JOURNAL,
    "Journaled Shares": Kind.JOURNAL,
    "Internal Transfer": Kind.JOURNAL,
    "Security Transfer": Kind.TRANSFER,
}
_MONEY = {
    "Cash Dividend": Kind.DIVIDEND,
    "Qualified Dividend": Kind.DIVIDEND,
    "Non-Qualified Div": Kind.DIVIDEND,
    "Non-Qualified Div Adj": Kind.DIVIDEND,
    "Special Dividend": Kind.DIVIDEND,
    "Special Qual Div": Kind.DIVIDEND,
    "Pr Yr Cash Div": Kind.DIVIDEND,
    "Pr Yr Div Reinvest": Kind.DIVIDEND,
    "Qual Div Reinvest": Kind.DIVIDEND,
    "Reinvest Dividend": Kind.DIVIDEND,
    "Long Term Cap Gain": Kind.DIVIDEND,
    "Short Term Cap Gain": Kind.DIVIDEND,
    "Cash In Lieu": Kind.ADJUSTMENT,
    "Foreign Tax Paid": Kind.WITHHOLDING,
    "NRA Tax Adj": Kind.WITHHOLDING,
    "NRA Withholding": Kind.WITHHOLDING,
    "Bank Interest": Kind.INTEREST,
    "Bond Interest": Kind.INTEREST,
    "Credit Interest": Kind.INTEREST,
    "Margin Interest": Kind.INTEREST,
    "ADR Mgmt Fee": Kind.FEE,
    "Service Fee": Kind.FEE,
}
_FUNDS = {
    "MoneyLink Transfer",
    "MoneyLink Deposit",
    "Funds Received",
    "Funds Paid",
    "Wire Funds",
    "Wire Received",
    "Wire Sent",
}


def read(path: Path, header: Line, rows: list[Line], title: str = "") -> Statement:
    """A file's transactions; `title` is its first line where that is none of the header."""
    total = next((row for row in rows if row.cells[0] == _TOTAL), None)
    records = list(records_of(path, header, [row for row in rows if row is not total]))
    booked = [_booked(record) for record in records]
    if total is not None:
        net_u = sum(draft.row.net_u for draft in booked)
        record = next(records_of(path, header, [total]))
        check_total(record.place, record.amount_u("Amount"), net_u)
    told = [_of_its_day(draft) for draft in oldest_first(str(path), booked)]
    named = TITLE.fullmatch(title) or _FILE_NAME.fullmatch(path.name)
    account = named[1].strip() if named else ""
    return finished(Head(str(path), BROKER, "transactions", account, marked=False), told)


def _booked(record: Record) -> Draft:
    """One row, on the day on which it was booked, and what it is known by."""
    words = [" ".join(record.text(name).split()) for name in ("Action", "Symbol", "Description")]
    booked, of = record.read("Date", _days)
    fee, net = record.amount_u("Fees & Comm"), record.amount_u("Amount")
    row = Row(
        line=record.place.row,
        kind=Kind.UNKNOWN,
        day=booked,
        what=" ".join(words),
        gross_u=net + fee,
        fee_u=fee,
        net_u=net,
    )
    figures = [f"{record.number(name) or 0:f}" for name in ("Quantity", "Price")]
    mark = (booked.isoformat(), of.isoformat(), *words, *figures, str(fee), str(net))
    return Draft(_told(record, row), mark)


def _days(text: str) -> tuple[date, date]:
    """When a row was booked, and of which day it is."""
    booked, _, of = text.partition(" as of ")
    return us_day(booked), us_day(of or booked)


def _of_its_day(draft: Draft) -> Draft:
    """The row on the day of which it is, which the second date of two names."""
    return draft._replace(
        row=msgspec.structs.replace(draft.row, day=date.fromisoformat(draft.mark[1]))
    )


def _told(record: Record, row: Row) -> Row:
    """The row with its kind and what it moves."""
    action = record.text("Action")
    if action in _TRADES:
        return _traded(record, row, *_TRADES[action])
    if action in _ENDS:
        return _ended(record, row, *_ENDS[action])
    if action in _CHANGES:
        return _changed(record, row, _CHANGES[action])
    if action in _FUNDS:
        kind = Kind.DEPOSIT if micro(record.needed("Amount")) >= 0 else Kind.WITHDRAWAL
        return msgspec.structs.replace(row, kind=kind)
    if action in _MONEY:
        record.needed("Amount")  # where a file is cut off before it, the row has none
        return msgspec.structs.replace(row, kind=_MONEY[action], instrument=_named(record))
    if action in {"Cancel Buy", "Cancel Sell"}:
        return _traded(record, row, 1 if action == "Cancel Sell" else -1, "", Kind.CORRECTION)
    return msgspec.structs.replace(row, why=f"action {quoted(action)} is not known: {row.what}")


def _named(record: Record) -> Instrument | None:
    """The shares or option that a row names, if any."""
    return _instrument(record) if record.text("Symbol") else None


def _instrument(record: Record) -> Instrument:
    """The shares or option of a row that has to name one."""
    return record.read("Symbol", lambda text: slashed_option(text) or stock_of(text))


def _quantity(record: Record) -> Decimal:
    """A quantity that is not zero, its sign as it stands."""
    quantity = record.needed("Quantity")
    if not quantity:
        raise record.refuse("Quantity", "a number that is not zero", record.text("Quantity"))
    return quantity


def _traded(record: Record, row: Row, sign: int, effect: str, kind: Kind = Kind.TRADE) -> Row:
    """A trade, whose price, quantity and fees have to make its amount."""
    instrument, quantity = _instrument(record), sign * abs(_quantity(record))
    price = record.needed("Price")
    worth = worth_u(price, quantity, instrument.multiplier)
    if abs(row.gross_u - worth) > slack_u(price, quantity, instrument.multiplier):
        check_net(record.place, row.net_u, worth - row.fee_u)
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        effect=effect,
        quantity_u=micro(quantity),
        price_u=micro(price),
    )


def _ended(record: Record, row: Row, kind: Kind, sign: int) -> Row:
    """An option that ended: of an expiration only a minus tells the side, that a long one left."""
    quantity = _quantity(record)
    side = sign or (-1 if quantity < 0 else 0)
    instrument = must_be_option(record.place, _instrument(record))
    settled = row.net_u != 0
    return msgspec.structs.replace(
        row,
        kind=Kind.SETTLEMENT if settled else kind,
        instrument=instrument,
        effect="close",
        quantity_u=micro((side or 1) * abs(quantity)),
        sided=side != 0,
    )


def _changed(record: Record, row: Row, kind: Kind) -> Row:
    """A change of what is held, or a journal of money alone."""
    quantity = record.number("Quantity")
    return msgspec.structs.replace(
        row, kind=kind, instrument=_named(record), quantity_u=micro(quantity or Decimal(0))
    )
