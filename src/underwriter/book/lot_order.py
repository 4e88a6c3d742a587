"""Which lots a sale takes first: the oldest, the dearest, or those that were named.

Tax law takes the oldest unless others were identified in time (Treas. Reg. 1.1012-1(c)).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from underwriter.book.lot import Asset, Lot

Order = Callable[[Sequence[Lot], Asset, date], Sequence[Lot]]


class Choice(NamedTuple):
    """What was identified: a closing on `closed` takes what was opened on `opened` first."""

    closed: date
    asset: str  # the underlying of shares, or an OSI symbol
    opened: date


def fifo(lots: Sequence[Lot], _asset: Asset, _closed: date) -> Sequence[Lot]:
    """The oldest first, in which order lots are kept."""
    return list(lots)


def hifo(lots: Sequence[Lot], _asset: Asset, _closed: date) -> Sequence[Lot]:
    """The least gain first: the dearest of what is held, the cheapest of what was sold short."""
    return sorted(lots, key=lambda lot: Fraction(lot.money_u, abs(lot.quantity)))


def specific(choices: Iterable[Choice]) -> Order:
    """Those that were named first, in the order of their naming; the rest oldest first."""
    named: dict[tuple[date, str], list[date]] = {}
    for choice in choices:
        named.setdefault((choice.closed, choice.asset), []).append(choice.opened)

    def order(lots: Sequence[Lot], asset: Asset, closed: date) -> Sequence[Lot]:
        days = named.get((closed, asset.option or asset.underlying), [])
        return sorted(
            lots, key=lambda lot: days.index(lot.opened) if lot.opened in days else len(days)
        )

    return order
