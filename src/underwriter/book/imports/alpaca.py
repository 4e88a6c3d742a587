"""Alpaca's account activities as JSON, as its endpoint answers: a list of fills and others.

Layout: Alpaca's own pages (docs/imports.md).  Every figure is a string.  Fills have no net amount
and say no more than buy or sell; `qty` of an option that ended is the change of what is held.  A
split is told as what is removed and what is added.  The shares of an option are an OPTRD.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from underwriter.book.imports.cells import MOST, Record, currency_code, iso_day, moment_of
from underwriter.book.imports.draft import Draft, by_time, currency_of
from underwriter.book.imports.finish import Head, finished
from underwriter.book.imports.pairs import ENDS, delivered
from underwriter.book.imports.place import Place, micro, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.sums import check_gross, worth_u
from underwriter.book.imports.symbols import must_be_option, osi_option, stock_of
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

BROKER = "alpaca"
_SIDES = {"buy": (1, ""), "sell": (-1, ""), "sell_short": (-1, "open")}
_OPTIONS = {
    "OPASN": Kind.ASSIGNMENT,
    "OPEXC": Kind.EXERCISE,
    "OPEXP": Kind.EXPIRATION,
    "OPCSH": Kind.SETTLEMENT,
    "OPCA": Kind.ADJUSTMENT,
}
_CHANGES = {
    "OPTRD": Kind.DELIVERY,
    "SSP": Kind.SPLIT,
    "SPLIT": Kind.SPLIT,
    "NC": Kind.SYMBOL_CHANGE,
    "SC": Kind.SYMBOL_CHANGE,
    "MA": Kind.MERGER,
    "REORG": Kind.MERGER,
    "ACATC": Kind.TRANSFER,
    "ACATS": Kind.TRANSFER,
    "JNL": Kind.JOURNAL,
    "JNLC": Kind.JOURNAL,
    "JNLS": Kind.JOURNAL,
}
_MONEY = {
    "DIV": Kind.DIVIDEND,
    "DIVCGL": Kind.DIVIDEND,
    "DIVCGS": Kind.DIVIDEND,
    "DIVROC": Kind.DIVIDEND,
    "DIVTXEX": Kind.DIVIDEND,
    "DIVFEE": Kind.FEE,
    "DIVFT": Kind.WITHHOLDING,
    "DIVNRA": Kind.WITHHOLDING,
    "DIVTW": Kind.WITHHOLDING,
    "INT": Kind.INTEREST,
    "INTNRA": Kind.WITHHOLDING,
    "INTTW": Kind.WITHHOLDING,
    "FEE": Kind.FEE,
    "CFEE": Kind.FEE,
    "PTC": Kind.FEE,
}
_FUNDS = {"CSD", "CSR", "CSW", "TRANS", "WIRE"}


def read(path: Path, text: str) -> Statement:
    """Activities in any order; several pages may have been put into one list."""
    return of_activities(path, _items(path, text))


def of_activities(path: Path, items: Sequence[object]) -> Statement:
    """The same of activities that are at hand, as the endpoint answers them; `path` names them."""
    records = [_record(path, at, item) for at, item in enumerate(items, 1)]
    accounts = sorted({record.text("account_id") for record in records} - {""})
    if len(accounts) > 1:
        raise InputError(
            f"{path}: expected activities of one account, found those of {', '.join(accounts)}"
        )
    drafts = _split_ways(by_time([_draft(record) for record in records]))
    _check_deliveries(path, [draft.row for draft in drafts])
    account, currency = "".join(accounts), currency_of(drafts)
    return finished(Head(str(path), BROKER, "activities", account, currency), drafts)


def _items(path: Path, text: str) -> list[object]:
    """The activities of a text; InputError where it is no JSON, breaks off, or is no list."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as problem:
        found = f"{problem.msg.lower()} (is the file cut off?)"
        raise Place(str(path), problem.lineno).refuse("whole JSON", found) from problem
    except (RecursionError, ValueError) as problem:
        raise InputError(f"{path}: expected plain JSON, found {problem}") from problem
    if not isinstance(found, list):
        raise InputError(f"{path}: expected a list of activities, found another JSON")
    return found


def _record(path: Path, at: int, item: object) -> Record:
    """An activity by the names of its fields; a number that is none of JSON's is refused later."""
    place = Place(str(path), at)
    if not isinstance(item, Mapping) or not isinstance(item.get("activity_type"), str):
        raise place.refuse("an activity with its activity_type", quoted(json.dumps(item)))
    cells = {name: _cell(value) for name, value in item.items() if value is not None}
    return Record(place, cells)


def _cell(value: object) -> str:
    """A field as text: strings as they are, numbers as JSON has them."""
    return value if isinstance(value, str) else json.dumps(value)


def _draft(record: Record) -> Draft:
    """One activity and what it is known by: its id, which the shares of an option may share."""
    code, name = record.text("activity_type"), record.text("id")
    at: int | None = None
    if code == "FILL":
        at, day = record.read("transaction_time", moment_of)
    else:
        day = record.read("date", iso_day)
    net = record.amount_u("net_amount")
    row = Row(
        line=record.place.row,
        kind=Kind.UNKNOWN,
        day=day,
        at=at,
        what=f"{code} {record.text('symbol')} {record.text('description')}".strip(),
        gross_u=net,
        net_u=net,
        currency=record.read("currency", currency_code) if record.text("currency") else "USD",
        order=record.text("order_id"),
        execution=name,
    )
    told = _told(record, row, code)
    names = ("qty", "price", "side", "net_amount", "description")
    mark = (code, record.text("symbol"), str(at or day), *(record.text(one) for one in names))
    return Draft(told, mark, " ".join((name, *mark[:2])) if name else "")


def _told(record: Record, row: Row, code: str) -> Row:
    """The row with its kind and what it moves."""
    status = record.text("status")
    if status not in {"", "executed"}:
        return _unknown(row, f"status {quoted(status)} is not booked")
    if "/" in record.text("symbol"):
        return _unknown(row, "a coin is not booked")
    if code == "FILL":
        return _filled(record, row)
    if code in _OPTIONS:
        return _moved(record, row, _OPTIONS[code])
    if code in _CHANGES:
        return _moved(record, row, _CHANGES[code])
    if code in _FUNDS:
        kind = Kind.DEPOSIT if row.net_u >= 0 else Kind.WITHDRAWAL
        return msgspec.structs.replace(row, kind=kind)
    if code == "DIV" and record.text("per_share_amount") and record.text("qty"):
        check_gross(record.place, row.net_u, record.needed("per_share_amount"),
                    -record.needed("qty"), 1)  # fmt: skip
    if code in _MONEY:
        return msgspec.structs.replace(row, kind=_MONEY[code], instrument=_named(record))
    return _unknown(row, f"activity {quoted(code)} is not known")


def _unknown(row: Row, why: str) -> Row:
    return msgspec.structs.replace(row, why=f"{why}: {row.what}")


def _named(record: Record) -> Instrument | None:
    """What an activity names, if anything."""
    return record.read("symbol", _instrument) if record.text("symbol") else None


def _instrument(text: str) -> Instrument:
    """An option by its OSI symbol, which is longer than any symbol of shares, or shares."""
    longest_of_shares = 15
    return osi_option(text) if len(text.strip()) > longest_of_shares else stock_of(text)


def _filled(record: Record, row: Row) -> Row:
    """A fill, whole or partial: its net amount follows, since Alpaca takes fees by themselves."""
    instrument = record.read("symbol", _instrument)
    side = record.text("side")
    if side not in _SIDES:
        raise record.refuse("side", f"one of {', '.join(_SIDES)}", side)
    sign, effect = _SIDES[side]
    quantity, price = record.needed("qty"), record.needed("price")
    if quantity <= 0 or price < 0:
        raise record.refuse("qty", "a quantity above zero and a price from zero", f"{quantity:f}")
    worth = worth_u(price, sign * quantity, instrument.multiplier)
    if abs(worth) >= micro(Decimal(MOST)):
        raise record.refuse("price", f"a fill of less than {MOST:,}", f"{price:f}")
    return msgspec.structs.replace(
        row,
        kind=Kind.TRADE,
        instrument=instrument,
        effect=effect,
        quantity_u=micro(sign * quantity),
        price_u=micro(price),
        gross_u=worth,
        net_u=worth,
    )


def _moved(record: Record, row: Row, kind: Kind) -> Row:
    """What changes by `qty` as it stands: an option that ended, its shares, a split.

    The price of an option's shares is what was paid: Alpaca's own example prints another one.
    """
    quantity = record.number("qty") or Decimal(0)
    instrument = _named(record)
    if kind in {Kind.ASSIGNMENT, Kind.EXERCISE, Kind.EXPIRATION, Kind.SETTLEMENT}:
        instrument = must_be_option(record.place, record.read("symbol", _instrument))
    ended = instrument is not None and instrument.option is not None and kind is not Kind.ADJUSTMENT
    price = None
    if kind is Kind.DELIVERY and quantity:
        price = abs(record.needed("net_amount") / quantity)
        if price >= MOST:
            raise record.refuse("qty", f"shares at less than {MOST:,}", f"{quantity:f}")
    return msgspec.structs.replace(
        row,
        kind=kind,
        instrument=instrument,
        effect="close" if ended else "",
        quantity_u=micro(quantity),
        price_u=None if price is None else micro(price),
    )


def _check_deliveries(path: Path, rows: Sequence[Row]) -> None:
    """Refuse shares of an option that ended that day for another sum than a strike makes.

    Unrefused they would be taken for shares of their own, beside those that the option moves.
    """
    strikes: defaultdict[tuple[date, str], list[int]] = defaultdict(list)
    for row in rows:
        of = row.instrument
        if row.kind in ENDS and of is not None:
            strike_u = 0 if of.adjusted else delivered(of, 0, row.kind)[1]
            strikes[row.day, of.symbol].append(strike_u)
    for row in rows:
        of = row.instrument
        told = strikes.get((row.day, of.symbol)) if of and row.kind is Kind.DELIVERY else None
        if told and 0 not in told:  # of an adjusted contract nobody knows
            nearest = min(told, key=lambda strike_u: abs(strike_u - (row.price_u or 0)))
            price, quantity = Decimal(nearest) / MICRO, Decimal(row.quantity_u) / MICRO
            check_gross(Place(str(path), row.line), row.gross_u, price, quantity, 1)


def _split_ways(drafts: list[Draft]) -> list[Draft]:
    """Splits that leave less than there was are reverse splits: by what is added and removed."""
    change: dict[tuple[object, object], int] = {}
    for draft in drafts:
        if draft.row.kind is Kind.SPLIT:
            key = draft.row.day, draft.row.instrument
            change[key] = change.get(key, 0) + draft.row.quantity_u
    return [
        draft._replace(row=msgspec.structs.replace(draft.row, kind=Kind.REVERSE_SPLIT))
        if draft.row.kind is Kind.SPLIT and change[draft.row.day, draft.row.instrument] < 0
        else draft
        for draft in drafts
    ]
