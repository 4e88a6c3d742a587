"""The rows of a Flex query: what each element of Interactive Brokers comes to.

Values are those that ibflex converted.  `fxRateToBase` and everything `InBase` is left alone: a row
is in its own currency, and so is a commission that is paid in another, as a fee of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from underwriter.book.imports.cells import MOST
from underwriter.book.imports.draft import Draft
from underwriter.book.imports.ibkr import UNPRICED, action_of, effect_of, kind_of, moment
from underwriter.book.imports.place import Place, micro, quoted
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.sums import check_gross, check_net
from underwriter.book.imports.symbols import any_option, must_be_option, option_of, stock_of

if TYPE_CHECKING:
    from ibflex import Types

    Traded = Types.Trade | Types.OptionEAE
    Held = Types.OpenPosition | Types.Transfer | Types.CorporateAction

_FINEST = {None, "EXECUTION", "DETAIL"}
_WAYS = {"Buy": 1, "Sell": -1}
_ENDS = {
    "Assignment": Kind.ASSIGNMENT,
    "Exercise": Kind.EXERCISE,
    "Expiration": Kind.EXPIRATION,
    "Cash Settlement": Kind.SETTLEMENT,
    "Buy": Kind.DELIVERY,
    "Sell": Kind.DELIVERY,
}
_PAID = {
    "Deposits & Withdrawals": Kind.DEPOSIT,
    "Broker Interest Paid": Kind.INTEREST,
    "Broker Interest Received": Kind.INTEREST,
    "Bond Interest Paid": Kind.INTEREST,
    "Bond Interest Received": Kind.INTEREST,
    "Withholding Tax": Kind.WITHHOLDING,
    "Other Fees": Kind.FEE,
    "Commission Adjustments": Kind.FEE,
    "Advisor Fees": Kind.FEE,
    "Dividends": Kind.DIVIDEND,
    "Payment In Lieu Of Dividends": Kind.IN_LIEU,
}
_ACTIONS = {
    "FS": Kind.SPLIT,
    "FI": Kind.SPLIT,
    "CS": Kind.SPLIT,
    "RS": Kind.REVERSE_SPLIT,
    "CC": Kind.REVERSE_SPLIT,
    "TC": Kind.MERGER,
    "IC": Kind.SYMBOL_CHANGE,
}


class Seen(NamedTuple):
    """An element where it stands, with the words that it was written in."""

    place: Place
    tag: str
    words: Mapping[str, str]


def drafts_of(seen: Seen, element: Any) -> Iterator[Draft]:  # noqa: ANN401  each reader has its own
    """The drafts of an element that ibflex converted."""
    for row in _READERS[seen.tag](seen, element):
        names = ("tradeID", "transactionID", "ibExecID", "actionID")
        ids = [seen.words.get(name, "") for name in names]
        mark = (
            seen.tag,
            row.kind,
            row.currency,
            *(sorted(f"{k}={v}" for k, v in seen.words.items())),
        )
        key = " ".join((seen.tag, row.kind, row.currency, *ids)) if any(ids[:3]) else ""
        yield Draft(row, mark, key)


def holding_of(seen: Seen, element: "Types.OpenPosition") -> tuple[str, int] | None:
    """What is held of something; None of a single lot, or of what is neither shares nor option."""
    detail = element.levelOfDetail or "SUMMARY"
    instrument = _instrument(seen, element)
    if detail != "SUMMARY" or instrument is None:
        return None
    return instrument.key, figure_u(seen, "position", element.position)


def figure_u(seen: Seen, column: str, number: Decimal | None) -> int:
    """A figure in millionths; none is zero, and one that is no number of a statement is refused."""
    if number is None:
        return 0
    if not number.is_finite() or abs(number) >= MOST:
        raise seen.place.refuse(f"a number below {MOST:,}", str(number), column)
    return micro(number)


def _read(seen: Seen, column: str, reader: Callable[[], Instrument]) -> Instrument:
    """An instrument; where its reader raises ValueError, that says what was expected."""
    try:
        return reader()
    except ValueError as expected:
        found = quoted(seen.words.get(column, ""))
        raise seen.place.refuse(str(expected), found, column) from None


def _instrument(seen: Seen, element: "Traded | Held") -> Instrument | None:
    """The shares or option of an element; None where it is something else, or money."""
    sort = element.assetCategory.value if element.assetCategory else ""
    symbol, underlying = element.symbol or "", element.underlyingSymbol or ""
    if sort == "STK":
        return _read(seen, "symbol", lambda: stock_of(symbol))
    if sort != "OPT":
        return None
    strike, expiry, right = element.strike, element.expiry, element.putCall
    number = element.multiplier if element.multiplier is not None else Decimal(100)
    if not number.is_finite() or not 0 < number < MOST or number % 1:
        raise seen.place.refuse("a whole number above zero", str(number), "multiplier")

    def option() -> Instrument:
        try:
            return any_option(symbol, underlying)
        except ValueError:
            if strike is None or expiry is None or right is None or not strike.is_finite():
                raise
            return option_of(underlying, expiry, right.value, strike, underlying)

    return msgspec.structs.replace(_read(seen, "symbol", option), multiplier=int(number))


def _when(seen: Seen, at: datetime | None, day: date | None) -> tuple[int | None, date]:
    """The time, where there is one, and the date of an element, which has to have one."""
    if at is not None and at.time() != time(0):
        return moment(at)
    found = at.date() if at is not None else day
    if found is None:
        raise seen.place.refuse("a date", "nothing", "dateTime")
    return None, found


def _row(seen: Seen, kind: Kind, when: tuple[int | None, date], currency: str | None) -> Row:
    """What every row has."""
    names = ("type", "transactionType", "symbol", "description", "notes", "code")
    words = [seen.words.get(name, "") for name in names]
    return Row(
        line=seen.place.row,
        kind=kind,
        day=when[1],
        at=when[0],
        what=" ".join(" ".join((seen.tag, *words)).split()),
        currency=currency or "USD",
        order=seen.words.get("ibOrderID", ""),
        execution=seen.words.get("tradeID", "") or seen.words.get("transactionID", ""),
    )


def unread(seen: Seen, day: date, why: str) -> Row:
    """A row of kind UNKNOWN, with what cash its words say that it moved."""
    row = _row(seen, Kind.UNKNOWN, (None, day), seen.words.get("currency"))
    return msgspec.structs.replace(row, why=f"{why}: {row.what}")


def paid(row: Row, gross: int, commission: int = 0, fee: int = 0) -> Row:
    """A row with its money."""
    net = gross - commission - fee
    return msgspec.structs.replace(
        row, gross_u=gross, commission_u=commission, fee_u=fee, net_u=net
    )


def _trade(seen: Seen, element: "Types.Trade") -> Iterator[Row]:
    """An execution, of whichever level of detail is the finest; lots and orders say it again."""
    if element.levelOfDetail not in _FINEST:
        return
    when = _when(seen, element.dateTime, element.tradeDate or element.reportDate)
    codes = [code.value for code in element.notes]
    codes += (element.openCloseIndicator.value if element.openCloseIndicator else "").split(";")
    if element.transactionType is not None and element.transactionType.value == "TradeCancel":
        codes.append("Ca")
    gross = figure_u(seen, "proceeds", element.proceeds)
    instrument = _instrument(seen, element)
    is_option = instrument is not None and instrument.option is not None
    kind = kind_of(codes, option=is_option, paid=gross != 0)
    row = _row(seen, kind, when, element.currency)
    commission = -figure_u(seen, "ibCommission", element.ibCommission)
    tax = -figure_u(seen, "taxes", element.taxes)
    abroad = (element.ibCommissionCurrency or row.currency) != row.currency and commission != 0
    if abroad:
        fee = _row(seen, Kind.FEE, when, element.ibCommissionCurrency)
        yield paid(fee, -commission)
        commission = 0
    if instrument is not None:
        yield _bought(seen, element, paid(row, gross, commission, tax), instrument, codes)
    elif element.assetCategory is not None and element.assetCategory.value == "CASH":
        yield from _converted(seen, element, paid(row, gross, commission, tax))
    else:
        why = f"{quoted(seen.words.get('assetCategory', ''))} is not booked"
        yield paid(unread(seen, when[1], why), gross, commission, tax)


def _bought(
    seen: Seen, element: "Types.Trade", row: Row, instrument: Instrument, codes: list[str]
) -> Row:
    """A trade of shares or options, whose figures have to make its proceeds."""
    quantity, price = element.quantity, element.tradePrice
    quantity_u = figure_u(seen, "quantity", quantity)
    price_u = figure_u(seen, "tradePrice", price)
    if quantity is None or price is None or not quantity:
        raise seen.place.refuse("a quantity and a tradePrice", quoted(str(quantity)), "quantity")
    check_gross(seen.place, row.gross_u, price, quantity, instrument.multiplier)
    if element.netCash is not None and element.ibCommissionCurrency in {None, row.currency}:
        check_net(seen.place, figure_u(seen, "netCash", element.netCash), row.net_u)
    return msgspec.structs.replace(
        row,
        instrument=instrument,
        effect=effect_of(codes),
        quantity_u=quantity_u,
        price_u=None if row.kind in UNPRICED else price_u,
    )


def _converted(seen: Seen, element: "Types.Trade", row: Row) -> Iterator[Row]:
    """EUR.USD: one currency comes, the other goes."""
    bought = (element.symbol or "").partition(".")[0]
    if not (bought.isascii() and bought.isalpha() and len(bought) == len("EUR")):
        raise seen.place.refuse("two currencies such as EUR.USD", quoted(bought), "symbol")
    moved = figure_u(seen, "quantity", element.quantity)
    one = msgspec.structs.replace(row, kind=Kind.CONVERSION)
    yield paid(msgspec.structs.replace(one, currency=bought), moved)
    yield one


def _ended(seen: Seen, element: "Types.OptionEAE") -> Iterator[Row]:
    """An option that ended, or the shares that it moved, where Trades does not have them."""
    instrument = _instrument(seen, element)
    sort = element.transactionType.value if element.transactionType else ""
    when = _when(seen, None, element.date)
    gross = figure_u(seen, "proceeds", element.proceeds)
    cost = -figure_u(seen, "commisionsAndTax", element.commisionsAndTax)
    if instrument is None or sort not in _ENDS:
        why = f"{quoted(sort)} of {quoted(seen.words.get('assetCategory', ''))} is not booked"
        yield paid(unread(seen, when[1], why), gross, cost)
        return
    quantity_u = figure_u(seen, "quantity", element.quantity)
    price_u = figure_u(seen, "tradePrice", element.tradePrice)
    kind = _ENDS[sort]
    if kind is Kind.DELIVERY:
        quantity_u = _WAYS[sort] * abs(quantity_u)
    else:
        must_be_option(seen.place, instrument)
    yield msgspec.structs.replace(
        paid(_row(seen, kind, when, element.currency), gross, cost),
        instrument=instrument,
        effect="" if kind is Kind.DELIVERY else "close",
        quantity_u=quantity_u,
        price_u=None if kind in UNPRICED else price_u,
    )


def _acted(seen: Seen, element: "Types.CorporateAction") -> Iterator[Row]:
    """A corporate action, by its type and else by its words."""
    if element.levelOfDetail not in _FINEST:
        return
    when = _when(seen, element.dateTime, element.reportDate)
    words = element.actionDescription or element.description or ""
    named = _ACTIONS.get(element.type.value if element.type else "")
    kind, instrument = named or action_of(words), _instrument(seen, element)
    proceeds = figure_u(seen, "proceeds", element.proceeds)
    if kind is Kind.UNKNOWN or instrument is None:
        yield paid(unread(seen, when[1], "corporate action is not known"), proceeds)
        return
    yield msgspec.structs.replace(
        paid(_row(seen, kind, when, element.currency), proceeds),
        instrument=instrument,
        quantity_u=figure_u(seen, "quantity", element.quantity),
    )


def _cash(seen: Seen, element: "Types.CashTransaction") -> Iterator[Row]:
    """Cash alone."""
    if element.levelOfDetail not in _FINEST:
        return
    when = _when(seen, element.dateTime, element.reportDate)
    amount = figure_u(seen, "amount", element.amount)
    sort = element.type.value if element.type else ""
    kind = _PAID.get(sort, Kind.UNKNOWN)
    if kind is Kind.UNKNOWN:
        yield paid(unread(seen, when[1], f"type {quoted(sort)} is not known"), amount)
        return
    if kind is Kind.DEPOSIT and amount < 0:
        kind = Kind.WITHDRAWAL
    row = paid(_row(seen, kind, when, element.currency), amount)
    symbol = element.symbol or ""
    of = _read(seen, "symbol", lambda: stock_of(symbol)) if symbol else None
    yield msgspec.structs.replace(row, instrument=of)


def _transfer(seen: Seen, element: "Types.Transfer") -> Iterator[Row]:
    """Shares, options or cash from elsewhere or to it."""
    if element.levelOfDetail not in _FINEST | {"TRANSFER"}:
        return
    inside = element.type is not None and element.type.value == "INTERNAL"
    kind = Kind.JOURNAL if inside else Kind.TRANSFER
    when = _when(seen, element.dateTime, element.date or element.reportDate)
    row = _row(seen, kind, when, element.currency)
    instrument = _instrument(seen, element)
    held = figure_u(seen, "quantity", element.quantity) if instrument is not None else 0
    yield msgspec.structs.replace(
        paid(row, figure_u(seen, "cashTransfer", element.cashTransfer)),
        instrument=instrument,
        quantity_u=held,
    )


_READERS: Mapping[str, Callable[[Seen, Any], Iterator[Row]]] = {
    "Trade": _trade,
    "OptionEAE": _ended,
    "CorporateAction": _acted,
    "CashTransaction": _cash,
    "Transfer": _transfer,
}
READ = frozenset(_READERS)
