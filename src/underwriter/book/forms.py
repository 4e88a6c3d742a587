"""A tax year as Form 8949 and Form 6781, in csv: whole cents, dates as the IRS has them.

Form 8949, columns (a) to (h): part I short-term, then part II long-term; in each what was written
first, then by day.  An option that was written has its proceeds first: (c) is the day it was
written, (b) the day it ended, and where it expired (e) says EXPIRED, as (d) does for one that was
held (Instructions for Schedule D and Form 8949).  Shares that were sold short have the day they
were covered in both (b) and (c), as the delivery is the sale.  Code W has the loss put off in (g).
Which box of each part is checked, and codes B, O and T, follow from a broker's Form 1099-B, which
no journal has.

Form 6781, part I: a row a contract that ended, the marks of the year and, taken off, those of the
year before; then lines 8 and 9.  A mark that is not known leaves its row and both lines without a
number.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from underwriter.book.lot import Asset, Closing
from underwriter.book.lot_trades import EXPIRED
from underwriter.book.naming import contract_of
from underwriter.book.tax import TaxYear
from underwriter.book.year_mark import YearMark

_CENT_U = 10_000
_HEAD_8949 = (
    "part",
    "(a) description",
    "(b) date acquired",
    "(c) date sold",
    "(d) proceeds",
    "(e) cost or other basis",
    "(f) code",
    "(g) adjustment",
    "(h) gain or loss",
    "account",
)
_HEAD_6781 = ("line", "(a) identification", "(b) loss", "(c) gain", "account")
UNKNOWN = "not known"


def cents(amount_u: int) -> int:
    """Millionths in whole cents, halves upward."""
    return (2 * amount_u + _CENT_U) // (2 * _CENT_U)


def _amount(in_cents: int) -> str:
    """1234.50, with a minus sign where it is negative."""
    whole, rest = divmod(abs(in_cents), 100)
    return f"{'-' if in_cents < 0 else ''}{whole}.{rest:02d}"


def _day(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def described(asset: Asset, quantity: int, *, written: bool = False) -> str:
    """100 sh KO; 100 sh KO (sold short); 1 KO 2026-02-20 P 60 (written)."""
    if asset.option is None:
        return f"{quantity} sh {asset.underlying}{' (sold short)' if written else ''}"
    return f"{quantity} {contract_of(asset.option)}{' (written)' if written else ''}"


def _csv(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def form_8949(tax: TaxYear) -> str:
    """The sales of a year: a header, then a row each."""

    def place(closing: Closing) -> tuple[bool, bool, date, str]:
        written = closing.short and closing.asset.option is not None
        return tax.is_long(closing), not written, closing.closed, closing.account

    rows = (_sale(one, long=tax.is_long(one)) for one in sorted(tax.closings, key=place))
    return _csv([_HEAD_8949, *rows])


def _sale(closing: Closing, *, long: bool) -> tuple[str, ...]:
    """One row of Form 8949; (h) is what its own cents come to."""
    proceeds, basis = cents(closing.proceeds_u), cents(closing.basis_u)
    put_off = cents(closing.disallowed_u)
    first, last = closing.opened, closing.closed
    acquired = last if closing.short else first
    sold = first if closing.short and closing.asset.option is not None else last
    expired = closing.how == EXPIRED
    return (
        "II" if long else "I",
        described(closing.asset, closing.quantity, written=closing.short),
        _day(acquired),
        _day(sold),
        "EXPIRED" if expired and not closing.short and proceeds == 0 else _amount(proceeds),
        "EXPIRED" if expired and closing.short and basis == 0 else _amount(basis),
        "W" if put_off else "",
        _amount(put_off) if put_off else "",
        _amount(proceeds - basis + put_off),
        closing.account,
    )


def form_6781(tax: TaxYear) -> str:
    """Section 1256 contracts of a year: part I, and lines 8 (40%) and 9 (60%)."""
    rows = [*_contracts(tax), *_marked(tax.marks, 1), *_marked(tax.taken_before, -1)]
    short, long = split_of(tax)
    lines = [
        ("8", f"short-term, {100 - tax.rules.index_long_percent}%", *_loss_or_gain(short), ""),
        ("9", f"long-term, {tax.rules.index_long_percent}%", *_loss_or_gain(long), ""),
    ]
    return _csv([_HEAD_6781, *rows, *lines])


def split_of(tax: TaxYear) -> tuple[int | None, int | None]:
    """The short and the long part of section 1256 gains in cents, None where not known."""
    if tax.index_u is None:
        return None, None
    whole = cents(tax.index_u)
    long = whole * tax.rules.index_long_percent // 100
    return whole - long, long


def _contracts(tax: TaxYear) -> Iterator[tuple[str, ...]]:
    for one in tax.index:
        name = described(one.asset, one.quantity, written=one.short)
        words = f"{name}, opened {one.opened}, {one.how} {one.closed}"
        yield "1", words, *_loss_or_gain(cents(one.gain_u)), one.account


def _marked(marks: Iterable[YearMark], sign: int) -> Iterator[tuple[str, ...]]:
    """Marks at the end of this year, or, taken off, of the one before."""
    for mark in marks:
        names = ", ".join(str(contract_of(option)) for option in mark.options)
        words = f"{names}: mark of {mark.day if not mark.why else mark.year}"
        words += ", taxed before" if sign < 0 else ""
        gain = None if mark.gain_u is None else sign * cents(mark.gain_u)
        yield (
            "1",
            words + (f": {UNKNOWN}, {mark.why}" if mark.why else ""),
            *_loss_or_gain(gain),
            mark.account,
        )


def _loss_or_gain(in_cents: int | None) -> tuple[str, str]:
    """An amount in the column that it belongs to."""
    if in_cents is None:
        return UNKNOWN, UNKNOWN
    return (_amount(-in_cents), "") if in_cents < 0 else ("", _amount(in_cents))
