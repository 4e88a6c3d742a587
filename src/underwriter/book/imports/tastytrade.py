"""tastytrade's transaction history as csv, with the column `Total` and without.

Layout: as public programs read it and their test files show it (docs/imports.md).  Times carry the
offset of whoever made the export.  `Average Price` is signed money a contract, rounded to cents, so
that `Value` is exact and the price is not.  An assignment, an exercise and, in older files, an
expiration say no side.  What changes a contract (symbol, split, special dividend, merger) is told
as a close and an open whose values cancel.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from underwriter.book.imports.cells import Record, currency_code, moment_of, us_day
from underwriter.book.imports.draft import Draft, currency_of, oldest_first
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.place import micro, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.sums import check_gross, check_net
from underwriter.book.imports.symbols import must_be_option, osi_option, stock_of
from underwriter.book.imports.text import Line, records_of
from underwriter.core.contract import osi_tail

BROKER = "tastytrade"
MARKS = frozenset({"Date", "Type", "Sub Type", "Action", "Instrument Type", "Average Price"})

_FILE_NAME = re.compile(r"tastytrade_transactions_history_(x?[0-9A-Z]+)_[0-9]{6}_to_[0-9]{6}.*")
_ACTIONS = {
    "BUY_TO_OPEN": (1, "open"),
    "BUY_TO_CLOSE": (1, "close"),
    "SELL_TO_OPEN": (-1, "open"),
    "SELL_TO_CLOSE": (-1, "close"),
}
_TRADES = ("Buy to Open", "Buy to Close", "Sell to Open", "Sell to Close")
_ENDS = {
    "Assignment": (Kind.ASSIGNMENT, 1),
    "Exercise": (Kind.EXERCISE, -1),
    "Cash Settled Assignment": (Kind.SETTLEMENT, 1),
    "Cash Settled Exercise": (Kind.SETTLEMENT, -1),
    "Expiration": (Kind.EXPIRATION, 0),
}
_RECEIVED = {
    "Symbol Change": Kind.SYMBOL_CHANGE,
    "Forward Split": Kind.SPLIT,
    "Reverse Split": Kind.REVERSE_SPLIT,
    "Special Dividend": Kind.ADJUSTMENT,
    "Stock Merger": Kind.MERGER,
    "Cash Merger": Kind.MERGER,
    "ACAT": Kind.TRANSFER,
    "Transfer": Kind.TRANSFER,
    "Dividend": Kind.DIVIDEND,
}
_MONEY = {
    "Dividend": Kind.DIVIDEND,
    "Credit Interest": Kind.INTEREST,
    "Debit Interest": Kind.INTEREST,
    "Fully Paid Stock Lending Income": Kind.INTEREST,
    "Fee": Kind.FEE,
    "Balance Adjustment": Kind.FEE,
    "Transfer": Kind.TRANSFER,
}
_CUT = Decimal(1)  # averages are not always rounded to the nearest cent: 624.97 / 3 as 208.33
_SHARES, _OPTIONS = "Equity", "Equity Option"


def read(path: Path, header: Line, rows: list[Line]) -> Statement:
    """A history, newest first as it is exported or oldest first."""
    drafts = [_draft(record) for record in records_of(path, header, rows)]
    told = oldest_first(str(path), drafts)
    layout = "history with Total" if "Total" in header.cells else "history"
    named = _FILE_NAME.fullmatch(path.name)
    head = Head(str(path), BROKER, layout, named[1] if named else "", currency_of(told))
    return finished(head, _withheld(told))


def _draft(record: Record) -> Draft:
    """One row and what it is known by, whichever of the two layouts it stands in."""
    at, day = record.read("Date", moment_of)
    commission, fee = record.amount_u("Commissions"), record.amount_u("Fees")
    value = record.amount_u("Value")
    net = value + commission + fee
    if "Total" in record.cells:
        check_net(record.place, record.amount_u("Total"), net)
    words = [record.text(name) for name in ("Type", "Sub Type", "Symbol", "Description")]
    row = Row(
        line=record.place.row,
        kind=Kind.UNKNOWN,
        day=day,
        at=at,
        what=" ".join(" ".join(words[1:]).split()),
        gross_u=value,
        commission_u=-commission,
        fee_u=-fee,
        net_u=net,
        currency=record.read("Currency", currency_code),
        order=record.text("Order #"),
    )
    mark = (str(at), *words, str(net), f"{record.number('Quantity') or 0:f}", row.order)
    return Draft(_told(record, row), mark)


def _told(record: Record, row: Row) -> Row:
    """The row with its kind and what it moves."""
    sort = record.text("Sub Type")
    of = record.text("Type")
    if of == "Money Movement":
        return _money(record, row, sort)
    if record.text("Instrument Type") not in {_SHARES, _OPTIONS}:
        return _unknown(row, f"{quoted(record.text('Instrument Type'))} is not booked")
    if of == "Trade" and sort in _TRADES:
        return _moved(record, row, Kind.TRADE)
    if of == "Receive Deliver" and sort in _TRADES:
        split = "Reverse Split" in record.text("Description")
        return _moved(record, row, Kind.REVERSE_SPLIT if split else Kind.DELIVERY)
    if of == "Receive Deliver" and sort in _ENDS:
        return _ended(record, row, *_ENDS[sort])
    if of == "Receive Deliver" and sort in _RECEIVED:
        return _moved(record, row, _RECEIVED[sort])
    return _unknown(row, f"{quoted(f'{of}, {sort}')} is not known")


def _unknown(row: Row, why: str) -> Row:
    return msgspec.structs.replace(row, why=f"{why}: {row.what}")


def _money(record: Record, row: Row, sort: str) -> Row:
    """A row that moves cash alone."""
    symbol = record.text("Symbol")
    shares = record.read("Symbol", stock_of) if symbol else None
    if sort in {"Deposit", "Withdrawal"}:
        kind = Kind.DEPOSIT if row.net_u >= 0 else Kind.WITHDRAWAL
        if shares is not None:  # a dividend that came late, or is owed on shares sold short
            kind = Kind.DIVIDEND
        elif row.what.startswith("Withdrawal FROM "):  # "FROM 05/16 THRU 06/15 @ 8 %"
            kind = Kind.INTEREST
        return msgspec.structs.replace(row, kind=kind, instrument=shares)
    if sort not in _MONEY:
        return _unknown(row, f"{quoted(sort)} is not known")
    return msgspec.structs.replace(row, kind=_MONEY[sort], instrument=shares)


def _instrument(record: Record) -> Instrument:
    """The shares or option of a row; its other cells have to say the same as its symbol."""
    if record.text("Instrument Type") == _SHARES:
        return record.read("Symbol", stock_of)
    underlying = record.text("Underlying Symbol")
    option = record.read("Symbol", lambda text: osi_option(text, underlying))
    if osi_tail(option.key)[0] != record.read("Expiration Date", us_day):
        expected = f"the expiry of {option.option!r}, month before day"
        raise record.refuse("Expiration Date", expected, record.text("Expiration Date"))
    multiplier = record.number("Multiplier")
    if multiplier is None or multiplier <= 0 or multiplier % 1:
        raise record.refuse("Multiplier", "a whole number above zero", record.text("Multiplier"))
    return msgspec.structs.replace(option, multiplier=int(multiplier))


def _quantity(record: Record) -> Decimal:
    """How much is moved, without its sign."""
    quantity = record.needed("Quantity")
    if quantity <= 0:
        raise record.refuse("Quantity", "a number above zero", record.text("Quantity"))
    return quantity


def _moved(record: Record, row: Row, kind: Kind) -> Row:
    """A row with a side: a trade, a delivery, a leg of what changes a contract."""
    action = record.text("Action")
    if action not in _ACTIONS:
        raise record.refuse("Action", f"one of {', '.join(_ACTIONS)}", action)
    sign, effect = _ACTIONS[action]
    instrument, quantity = _instrument(record), _quantity(record)
    average = record.number("Average Price")
    price = None
    if average is not None and kind in {Kind.TRADE, Kind.DELIVERY}:
        check_gross(record.place, row.gross_u, abs(average), sign * quantity, 1, _CUT)
        price = micro(abs(average) / instrument.multiplier)
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        effect=effect,
        quantity_u=micro(sign * quantity),
        price_u=price,
    )


def _ended(record: Record, row: Row, kind: Kind, sign: int) -> Row:
    """An option that ended; an expiration says its side in newer files alone."""
    instrument = must_be_option(record.place, _instrument(record))
    quantity = _quantity(record)
    side = sign or _ACTIONS.get(record.text("Action"), (0, ""))[0]
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        effect="close",
        quantity_u=micro((side or 1) * quantity),
        sided=side != 0,
    )


def _withheld(drafts: Sequence[Draft]) -> list[Draft]:
    """A negative dividend beside a positive one of that moment and name is tax withheld from it."""
    paid = {
        (draft.row.at, draft.row.instrument)
        for draft in drafts
        if draft.row.kind is Kind.DIVIDEND and draft.row.net_u > 0
    }
    return [_as_withheld(draft, (draft.row.at, draft.row.instrument) in paid) for draft in drafts]


def _as_withheld(draft: Draft, beside: bool) -> Draft:  # noqa: FBT001  one fact about one draft
    row = draft.row
    if beside and row.kind is Kind.DIVIDEND and row.net_u < 0:
        return draft._replace(row=msgspec.structs.replace(row, kind=Kind.WITHHOLDING))
    return draft
