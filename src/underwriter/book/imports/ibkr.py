"""What both statements of Interactive Brokers share: codes, what a trade's codes make of it, dates.

Times have no zone; Interactive Brokers writes New York's unless an account asked for another.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from underwriter.book.imports.cells import NEW_YORK, nanoseconds
from underwriter.book.imports.statement import Kind

BROKER = "ibkr"
UNPRICED = {Kind.ASSIGNMENT, Kind.EXERCISE, Kind.EXPIRATION}  # their price of zero says nothing
_RATIO = re.compile(r"Split ([0-9]+(?:\.[0-9]+)?) for ([0-9]+(?:\.[0-9]+)?)")
_ACTIONS = (
    ("Merged", Kind.MERGER),
    ("CUSIP/ISIN Change", Kind.SYMBOL_CHANGE),
    ("Symbol Change", Kind.SYMBOL_CHANGE),
    ("Special Dividend", Kind.ADJUSTMENT),
    ("Contract Adjustment", Kind.ADJUSTMENT),
)


def kind_of(codes: Collection[str], *, option: bool, paid: bool) -> Kind:
    """What a trade is by its codes: A assigned, Ex exercised, Ep expired, Ca cancelled."""
    if "Ca" in codes:
        return Kind.CORRECTION
    ended = next((code for code in ("A", "Ex", "MEx", "AEx") if code in codes), "")
    if not option:
        return Kind.DELIVERY if ended else Kind.TRADE
    if paid and (ended or "Ep" in codes):
        return Kind.SETTLEMENT
    if ended:
        return Kind.ASSIGNMENT if ended == "A" else Kind.EXERCISE
    return Kind.EXPIRATION if "Ep" in codes else Kind.TRADE


def effect_of(codes: Collection[str]) -> str:
    """Whether a trade opens or closes; "" where it does both, or the statement says neither."""
    opens, closes = "O" in codes, "C" in codes
    return "" if opens == closes else ("open" if opens else "close")


def moment(found: datetime) -> tuple[int, date]:
    """UTC nanoseconds and the date of a time in New York."""
    return nanoseconds(found.replace(tzinfo=NEW_YORK)), found.date()


def action_of(words: str) -> Kind:
    """What a corporate action is by its words, as both layouts write them."""
    ratio = _RATIO.search(words)
    if ratio:
        new, old = (Decimal(part) for part in ratio.groups())
        return Kind.SPLIT if new > old else Kind.REVERSE_SPLIT
    return next((kind for word, kind in _ACTIONS if word in words), Kind.UNKNOWN)
