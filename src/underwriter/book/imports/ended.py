"""Ends of options that a book was told of before their row came: by hand, inferred, or otherwise.

by hand assigned 1, then its row          the same: by the row's figures and id from then on
inferred expired 1, then its row          the same
told by the desk, then a broker's row     the same, whether the row has an execution or none
told by the desk of 2 rungs, then a row   the same, dealt out over the sleeves that held it
expired 1, then its row says assigned     against the close: the expiry is taken back
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from underwriter.book.event import Assigned, Busted, Charged, Corrected, Expired, LegEvent, Settled
from underwriter.book.imports.pairs import delivered
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.symbols import osi_option
from underwriter.book.imports.writer import (
    UNCONFIRMED,
    Figures,
    Seat,
    Writer,
    confirms,
    is_unconfirmed,
)
from underwriter.core.units import MICRO

LATE: Final = timedelta(days=5)  # between two words of an end: a weekend with a holiday beside it
_ROW = re.compile(r"[0-9a-f]{24}([+.].*)?")  # the id that an event has of a row's content
_ENDS: Final[Mapping[Kind, type[LegEvent]]] = {
    Kind.ASSIGNMENT: Assigned,
    Kind.EXERCISE: Assigned,
    Kind.EXPIRATION: Expired,
    Kind.SETTLEMENT: Settled,
}


def told_before(writer: Writer, row: Row) -> list[LegEvent]:
    """The end that a row tells, where the book has it from elsewhere: the nearest in days.

    Of what several sleeves held there are as many events.
    """
    kind = _ENDS.get(row.kind)
    if kind is None:
        return []
    waiting = [
        each
        for _, each in writer.entries(row.instrument or Instrument(""), row.currency)
        if isinstance(each, kind) and _is_about_then(each, row) and _waits(each, row)
    ]
    fits = [each for each in waiting if _is_so_many(each.quantity, row)]
    if fits:
        return [min(fits, key=lambda each: abs(each.session - row.day))]
    facts: defaultdict[str, list[LegEvent]] = defaultdict(list)
    for each in waiting:
        if is_unconfirmed(each):
            facts[(each.id or "").partition(".")[0]].append(each)
    whole = (one for one in facts.values() if _is_so_many(sum(x.quantity for x in one), row))
    return next(whole, [])


def _is_so_many(contracts: int, row: Row) -> bool:
    quantity = row.quantity_u // MICRO
    return contracts == quantity or (not row.sided and contracts == -quantity)


def _is_about_then(end: LegEvent, row: Row) -> bool:
    return abs(end.session - row.day) <= LATE


def _waits(end: LegEvent, row: Row) -> bool:
    """Whether an end was told by no row so far; an assignment that was inferred waits elsewhere."""
    name = end.id or ""
    if isinstance(end, Assigned) and end.source == "inferred":
        return False
    if name.startswith(("hand-", "inferred-")):
        return True
    if is_unconfirmed(end):
        return confirms(row, end)
    return not row.execution and _ROW.fullmatch(name) is None


def correct(
    writer: Writer, rows: list[Row], ends: list[LegEvent], price_u: int, figures: dict[str, int]
) -> None:
    """An end is as its rows say it, and goes by their id from then on: each sleeve's part of it."""
    identity = writer.took(rows)
    dealt = Figures(sum(end.quantity for end in ends), **figures)
    for number, end in enumerate(ends, 1):
        name = identity if number == 1 else f"{identity}.{number}"
        part = {"shares": end.shares} | dealt.part(end.quantity)
        writer.say(
            rows[0], Corrected, name, of=end.id, quantity=end.quantity, price_u=price_u, **part
        )


def confirm(writer: Writer, rows: list[Row], seat: Seat, figures: dict[str, int]) -> None:
    """What was inferred is told: the book holds it already, but for its fee."""
    row, identity = rows[0], writer.took(rows)
    told = {"slot": 0, "option": (row.instrument or Instrument("")).option}
    writer.say(row, Assigned, identity, **seat.told(), **told, **figures)
    if figures["fee_u"]:
        fee = {"amount_u": -figures["fee_u"], "what": "fee"}
        writer.say(row, Charged, f"{identity}.2", **fee)


def take_back_expiry(writer: Writer, row: Row, *, delivered_too: bool) -> None:
    """Take back an expiry that a row tells otherwise: it was exercised against the close.

    A broker's own word of an expiry stands, unless the shares came as well; a desk's is none.
    """
    option = row.instrument or Instrument("")
    if writer.holds(option):
        return
    for _, each in writer.entries(option, row.currency):
        own = ("hand-", "inferred-", UNCONFIRMED)
        sure = delivered_too or (each.id or "").startswith(own)
        same = _is_so_many(each.quantity, row) and _is_about_then(each, row)
        if isinstance(each, Expired) and same and sure:
            writer.say(row, Busted, "", of=each.id, why="exercised against the close")
            return


def against_the_close(writer: Writer, symbol: str, moved_u: int) -> Iterator[tuple[Expired, int]]:
    """Expiries whose option would have moved so many shares of a symbol, and its strike."""
    for _, each in writer.entries(Instrument(symbol), None):
        if isinstance(each, Expired) and each.option:
            kind = Kind.ASSIGNMENT if each.quantity > 0 else Kind.EXERCISE
            option = osi_option(each.option, symbol)
            shares_u, strike_u = delivered(option, each.quantity * MICRO, kind)
            if shares_u == moved_u and not option.adjusted:
                yield each, strike_u
