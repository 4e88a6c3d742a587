"""Rows that move money alone: dividends, interest, fees, deposits, conversions."""

from collections.abc import Sequence

from underwriter.book.event import (
    CashAdjusted,
    Charged,
    Converted,
    Deposited,
    DividendReceived,
    InterestPaid,
)
from underwriter.book.imports.statement import Kind, Row
from underwriter.book.imports.writer import Figures, NotBookableError, Writer

_CASH = {
    Kind.INTEREST: InterestPaid,
    Kind.DEPOSIT: Deposited,
    Kind.WITHDRAWAL: Deposited,
    Kind.TRANSFER: Deposited,
    Kind.JOURNAL: Deposited,
}
_CHARGES = {Kind.FEE: "fee", Kind.WITHHOLDING: "withholding"}


def paid(writer: Writer, row: Row, same: Sequence[Row]) -> None:
    """Book a row that is no change of what is held; `same` are those of its pair, and itself."""
    if row.quantity_u and row.kind in {Kind.TRANSFER, Kind.JOURNAL}:
        raise NotBookableError(
            "a position that came or left, of which no basis is told: record it with "
            "`book record ... --owned-since`"
        )
    if row.kind in {Kind.DIVIDEND, Kind.IN_LIEU}:
        _dividend(writer, row)
    elif row.kind is Kind.CONVERSION:
        _convert(writer, same)
    elif row.kind in _CHARGES:
        what = _CHARGES[row.kind]
        writer.say(row, Charged, writer.took([row]), amount_u=row.net_u, what=what)
    else:
        writer.say(row, _CASH[row.kind], writer.took([row]), amount_u=row.net_u)


def _dividend(writer: Writer, row: Row) -> None:
    """Of the shares that are held, or of those that were held last; else money of the account.

    Where as many are sold short in one sleeve as are held in another, it is the last one's.
    """
    symbol = row.instrument.symbol if row.instrument is not None else ""
    identity = writer.took([row])
    held = writer.seats_of(symbol)
    if not held:
        why = f"dividend on {symbol or 'shares'} that this book never held"
        writer.say(row, CashAdjusted, identity, amount_u=row.net_u, why=why)
        return
    total = sum(seat.shares for seat in held)
    held = held if total else held[-1:]
    figures = Figures(total or 1, amount_u=row.net_u)
    for number, each in enumerate(held, 1):
        name = identity if number == 1 else f"{identity}.{number}"
        part = figures.part(each.shares if total else 1)["amount_u"]
        per_share_u = abs(row.net_u) // abs(total) if total else 0
        writer.say(row, DividendReceived, name, **each.told(), shares=each.shares,
                   per_share_u=per_share_u, amount_u=part)  # fmt: skip


def _convert(writer: Writer, same: Sequence[Row]) -> None:
    """One currency for another: what is given, with its fee, and what comes for it."""
    given = [each for each in same if each.gross_u < 0]
    comes = [each for each in same if each.gross_u > 0]
    if len(given) != 1 or len(comes) != 1 or given[0].currency == comes[0].currency:
        raise NotBookableError("a conversion of which the other side is not told")
    (out,), (into,) = given, comes
    writer.say(out, Converted, writer.took(same), amount_u=out.gross_u, into=into.currency,
               into_u=into.net_u, fee_u=out.commission_u + out.fee_u)  # fmt: skip
