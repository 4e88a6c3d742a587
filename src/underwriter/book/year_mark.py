"""What open section 1256 contracts are worth at the end of a year, as far as a journal knows.

An evening in the journal has an account's equity, cash and shares, and what is left is all of its
options together.  So where every open option is a section 1256 contract, what they were worth
together is known to the millionth; where other options are open beside them, it is not, and is
said to be unknown: an unknown mark is never zero.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from underwriter.book.event import Marked
from underwriter.book.lot import Asset, Lot
from underwriter.book.lots import Lots
from underwriter.book.tax_rules import Rules
from underwriter.book.wash import is_index

_LAST_DAYS = 29  # of December: the year's last session is never before


class YearMark(NamedTuple):
    """An account's open section 1256 contracts at the end of a year, or at its last evening.

    `gain_u` is what they would earn if they ended at that mark; None where it is not known, and
    `why` says why.
    """

    account: str
    year: int
    options: tuple[str, ...]  # OSI, in their order
    day: date | None
    gain_u: int | None
    why: str


class Evenings(NamedTuple):
    """The last evening of each account, and when its options last changed."""

    marked: Mapping[str, Marked]
    changed: Mapping[str, date]


def year_marks(
    lots: Lots, evenings: Evenings, rules: Rules, year: int, *, over: bool
) -> list[YearMark]:
    """The marks of each account with open section 1256 contracts; `over`: the year has ended."""
    found = []
    for account in sorted({account for account, _ in lots.open}):
        options = {
            asset: held
            for (owner, asset), held in lots.open.items()
            if owner == account and asset.option is not None
        }
        index = {asset: held for asset, held in options.items() if is_index(asset, rules)}
        if index:
            marked = evenings.marked.get(account)
            why = _unknown(marked, evenings.changed[account], year, over=over)
            if not why and len(index) < len(options):
                others = len(options) - len(index)
                why = f"the evening tells all options as one, and {others} others were open"
            names = tuple(sorted(asset.option or "" for asset in index))
            gain_u = None if why or marked is None else _gain_u(marked, index)
            day = None if marked is None else marked.session
            found.append(YearMark(account, year, names, day, gain_u, why))
    return found


def _unknown(marked: Marked | None, changed: date, year: int, *, over: bool) -> str:
    """Why an account's last evening does not tell what its options are worth, or nothing."""
    if marked is None:
        return "no evening of this account is in the journal"
    if changed > marked.session:
        return f"its options changed after the last evening, {marked.session}"
    if over and marked.session < date(year, 12, _LAST_DAYS):
        return f"the last evening in the journal is {marked.session}, not the end of the year"
    return ""


def _gain_u(marked: Marked, index: Mapping[Asset, list[Lot]]) -> int:
    """What all options of an evening are worth, and what opening them brought."""
    worth_u = marked.equity_u - marked.cash_u - marked.shares_u
    return worth_u + sum(lot.money_u for held in index.values() for lot in held)
