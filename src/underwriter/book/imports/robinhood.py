"""Robinhood's account activity as csv.

Layout: as public programs read it and their test files show it (docs/imports.md).  Newest first,
dates without a time; descriptions of shares run over several lines; what was paid is in
parentheses.  Fees have no column: they are what an amount is worse than its price makes it.  Rows
of options that ended have no price; an S behind their quantity says that they leave as sold.  Text
stands below the rows.
"""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from underwriter.book.imports.cells import Record, number_of, us_day
from underwriter.book.imports.draft import Draft, by_time
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.place import micro, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.sums import check_net, slack_u, worth_u
from underwriter.book.imports.symbols import must_be_option, slashed_option, stock_of
from underwriter.book.imports.text import Line, records_of
from underwriter.core.units import MICRO

BROKER = "robinhood"
MARKS = frozenset({"Activity Date", "Process Date", "Settle Date", "Instrument", "Trans Code"})

_TRADES = {
    "Buy": (1, ""),
    "Sell": (-1, ""),
    "BTO": (1, "open"),
    "BTC": (1, "close"),
    "STO": (-1, "open"),
    "STC": (-1, "close"),
}
_ENDS = {
    "OASGN": (Kind.ASSIGNMENT, 1),
    "OEXCS": (Kind.EXERCISE, -1),
    "OEXP": (Kind.EXPIRATION, 0),
}
_CHANGES = {
    "OCA": Kind.ADJUSTMENT,
    "SPL": Kind.SPLIT,
    "SPR": Kind.REVERSE_SPLIT,
    "SXCH": Kind.SYMBOL_CHANGE,
    "MRGS": Kind.MERGER,
    "REC": Kind.TRANSFER,
    "ACATI": Kind.TRANSFER,
    "ACATO": Kind.TRANSFER,
}
_MONEY = {
    "CDIV": Kind.DIVIDEND,
    "MDIV": Kind.IN_LIEU,
    "DTAX": Kind.WITHHOLDING,
    "INT": Kind.INTEREST,
    "MINT": Kind.INTEREST,
    "SLIP": Kind.INTEREST,
    "GOLD": Kind.FEE,
    "DFEE": Kind.FEE,
    "AFEE": Kind.FEE,
    "CIL": Kind.ADJUSTMENT,
    "ITRF": Kind.JOURNAL,
    "XENT": Kind.JOURNAL,
    "FUTSWP": Kind.JOURNAL,
}
_FUNDS = {"ACH", "RTP", "WIRE"}
_LATEST = timedelta(days=20)  # of settling; days and months exchanged make one day a month
_EXPIRY_OF = re.compile(r"Option (?:Expiration|Assignment|Exercise) for ", re.IGNORECASE)
_DELIVERED = re.compile(r"[0-9]+ \S+ Options? (?:Assigned|Exercised)", re.IGNORECASE)
_SOLD = re.compile(r"([0-9.,]+)S")

# the most that fees may be: index options cost about a dollar a contract, sales 0.003% and a little
_MOST_A_CONTRACT_U = 2 * MICRO
_MOST_A_SHARE_U = MICRO // 100
_MOST_OF_SALE = 10_000  # a ten-thousandth of the money


def read(path: Path, header: Line, rows: list[Line]) -> Statement:
    """An activity file, newest first as it is exported or oldest first."""
    records = [record for record in records_of(path, header, rows) if not _is_footer(record)]
    told = by_time([_draft(record) for record in records])
    return finished(Head(str(path), BROKER, "activity", marked=False), told)


def _is_footer(record: Record) -> bool:
    """Whether a row is of the text below the rows: it has neither date nor code nor amount."""
    return not any(record.text(name) for name in ("Activity Date", "Trans Code", "Amount"))


def _draft(record: Record) -> Draft:
    """One row and what it is known by."""
    names = ("Trans Code", "Instrument", "Description")
    words = [" ".join(record.text(name).split()) for name in names]
    day = record.read("Activity Date", us_day)
    settled = record.read("Settle Date", us_day) if record.text("Settle Date") else day
    if not timedelta(0) <= settled - day <= _LATEST:
        since = record.text("Activity Date")
        expected = f"a day from {since} on, {_LATEST.days} later at most, month before day"
        raise record.refuse("Settle Date", expected, record.text("Settle Date"))
    net = record.amount_u("Amount")
    row = Row(
        line=record.place.row,
        kind=Kind.UNKNOWN,
        day=day,
        what=" ".join(words),
        gross_u=net,
        net_u=net,
    )
    figures = [record.text(name) for name in ("Quantity", "Price")]
    return Draft(_told(record, row), (day.isoformat(), *words, *figures, str(net)))


def _told(record: Record, row: Row) -> Row:
    """The row with its kind and what it moves."""
    code = record.text("Trans Code")
    if code in _TRADES:
        return _traded(record, row, *_TRADES[code])
    if code in _ENDS:
        return _ended(record, row, *_ENDS[code])
    if code in _CHANGES:
        quantity, sold = record.read("Quantity", _quantity)
        instrument = _instrument(record)
        sign = -1 if sold else 1
        return msgspec.structs.replace(
            row, kind=_CHANGES[code], instrument=instrument, quantity_u=micro(sign * quantity)
        )
    if code in _FUNDS:
        kind = Kind.DEPOSIT if micro(record.needed("Amount")) >= 0 else Kind.WITHDRAWAL
        return msgspec.structs.replace(row, kind=kind)
    if code in _MONEY:
        record.needed("Amount")  # where a file is cut off before it, the row has none
        shares = record.read("Instrument", stock_of) if record.text("Instrument") else None
        return msgspec.structs.replace(row, kind=_MONEY[code], instrument=shares)
    return msgspec.structs.replace(row, why=f"code {quoted(code)} is not known: {row.what}")


def _instrument(record: Record) -> Instrument:
    """The option that a description names, or the shares of the column Instrument."""
    underlying = record.text("Instrument")

    def option(text: str) -> Instrument | None:
        return slashed_option(_EXPIRY_OF.sub("", text.strip()), underlying)

    return record.read("Description", option) or record.read("Instrument", stock_of)


def _quantity(text: str) -> tuple[Decimal, bool]:
    """A quantity, and whether it leaves as sold: 1S."""
    sold = _SOLD.fullmatch(text.strip())
    quantity = number_of(sold[1] if sold else text)
    if not quantity:
        raise ValueError("a quantity that is not zero, such as 1 or 1S")
    return quantity, sold is not None or quantity < 0


def _traded(record: Record, row: Row, sign: int, effect: str) -> Row:
    """A trade, or shares that an option delivered; its fees are what its amount is worse by."""
    instrument = _instrument(record)
    quantity = sign * abs(record.read("Quantity", _quantity)[0])
    price = record.needed("Price")
    fee = _fee_u(record, row, price, quantity, instrument)
    kind = Kind.DELIVERY if _DELIVERED.search(row.what) else Kind.TRADE
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        effect=effect,
        quantity_u=micro(quantity),
        price_u=micro(price),
        gross_u=row.net_u + fee,
        fee_u=fee,
    )


def _fee_u(
    record: Record, row: Row, price: Decimal, quantity: Decimal, instrument: Instrument
) -> int:
    """What an amount is worse than its price, where fees explain it; refused where nothing does.

    Prices of shares are averages, rounded to cents, which explains as much; those of options not.
    """
    worth = worth_u(price, quantity, instrument.multiplier)
    slack = slack_u(price, quantity, instrument.multiplier)
    gap = worth - row.net_u
    each = _MOST_A_CONTRACT_U if instrument.option else _MOST_A_SHARE_U
    if not -slack <= gap <= slack + abs(quantity) * each + abs(worth) // _MOST_OF_SALE:
        check_net(record.place, row.net_u, worth)
    return max(gap, 0) if instrument.option or gap > slack else 0


def _ended(record: Record, row: Row, kind: Kind, sign: int) -> Row:
    """An option that ended; an S behind its quantity says that a long one left."""
    quantity, sold = record.read("Quantity", _quantity)
    side = sign or (-1 if sold else 0)
    instrument = must_be_option(record.place, _instrument(record))
    return msgspec.structs.replace(
        row,
        kind=Kind.SETTLEMENT if row.net_u else kind,
        instrument=instrument,
        effect="close",
        quantity_u=micro((side or 1) * abs(quantity)),
        sided=side != 0,
    )
