"""Rows of a statement that fill an order of a desk after all.

    asked: sell 32 KO P 60 at 1.17 or better; told: nothing was filled
    the statement of that day: sold 20 KO P 60 at 1.18        they are of that order

A desk by hand knows of its orders what a person says, and a person may be wrong.  Rows of the
order's day, things and side, for no more than is left of it and at no worse price, are of its
sleeve; without it they would be nobody's.  A roll needs no such rule: what is sold for what it ends
stays where that is held (`imports.rolls`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import gcd
from typing import NamedTuple

from underwriter.book.amend import amended
from underwriter.book.event import AnyEvent, Filled, OrderIntended, SleeveOpened
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.typed import in_parts, told_as
from underwriter.book.imports.writer import Figures, Writer, contract_of, filled, price_of, whole
from underwriter.book.loose import is_flat
from underwriter.book.seating import Place, home_slot
from underwriter.core.contract import NONE
from underwriter.core.units import MICRO

_OPENS = {"open", "buy_shares"}
_ENDS = {"close", "sell_shares"}


class Unfilled(NamedTuple):
    """An order, and what is left of it, by option, signed; its shares under ""."""

    order: OrderIntended
    underlying: str
    left: Counter[str]


Orders = Mapping[date, Sequence[Unfilled]]  # by session
NO_ORDERS: Orders = {}


def unfilled(told: Sequence[AnyEvent], account: str) -> Orders:
    """The orders of an account that are not filled whole, as all truly was, by day, in order.

    Of several that asked for one thing, one after the other, the last: it was for what was left.
    """
    if not any(isinstance(event, OrderIntended) for event in told):
        return {}
    found: dict[str, Unfilled] = {}
    symbols: dict[int, str] = {}
    for event in amended(told):
        if isinstance(event, SleeveOpened):
            symbols[event.sleeve] = event.underlying
        elif isinstance(event, OrderIntended) and event.action in _OPENS | _ENDS:
            if event.account == account:
                one = Unfilled(event, symbols[event.sleeve], _wanted(event))
                found[event.client] = one
        elif isinstance(event, Filled) and event.client in found:
            found[event.client].left[event.option or ""] -= filled(event)
    days: dict[date, list[Unfilled]] = {}
    for one in {_request(each.order): each for each in found.values()}.values():
        if any(one.left.values()):
            days.setdefault(one.order.session, []).append(one)
    return days


def _request(order: OrderIntended) -> tuple[object, ...]:
    """What is the same of orders that ask for one thing in turn; one at a time lives of it."""
    things = frozenset(leg.option for leg in order.legs), bool(order.shares)
    return order.session, order.sleeve, order.action, *things


def fills_order(writer: Writer, rows: Sequence[Row], orders: Orders, row: Row) -> bool:
    """Whether a trade's row fills an order after all: it is told then, with all others of it."""
    for one in orders.get(row.day, ()):
        mine = [*_rows_of(writer, rows, one)] if _is_of(one, row) else []
        if row in mine and _is_within(one.order, mine):
            parts = [*_seated(writer, one.order, mine)]
            if len(parts) == len(mine):
                one.left.subtract(_counted(mine))
                for each, place in parts:
                    _tell(writer, one.order, each, place)
                return True
    return False


def _tell(writer: Writer, order: OrderIntended, row: Row, place: Place) -> None:
    """Tell a fill of an order, in the sleeve that it was meant for."""
    quantity = whole(row)
    trade = writer.trade_of(row, quantity, opens=True, beside=())
    figures = Figures(quantity, amount_u=row.gross_u, fee_u=row.commission_u + row.fee_u)
    more = {"price_u": price_of(row), "client": order.client}
    writer.move([row], Filled, trade, figures, [place], **more)


def _wanted(order: OrderIntended) -> Counter[str]:
    """What an order is to change, by option."""
    shares = {"": order.shares} if order.shares else {}
    return Counter({leg.option: leg.quantity for leg in order.legs} | shares)


def _thing(row: Row) -> Instrument:
    return row.instrument or Instrument("")


def _key(row: Row) -> str:
    return _thing(row).option or ""


def _is_of(one: Unfilled, row: Row) -> bool:
    """Whether a row trades, on the day of an order, what is left of it, on its side."""
    same = (row.kind, row.day, _thing(row).symbol) == (
        Kind.TRADE, one.order.session, one.underlying,
    )  # fmt: skip
    return same and one.left[_key(row)] * row.quantity_u > 0


def _rows_of(writer: Writer, rows: Sequence[Row], one: Unfilled) -> Iterator[Row]:
    """The rows that nobody told, as many as are left of an order; of one thing at its limit."""
    taken = Counter[str]()
    for row in rows:
        if not _is_of(one, row) or writer.knows(row) or row.quantity_u % MICRO:
            continue
        more = abs(taken[_key(row)] + whole(row))
        worse = len(one.left) == 1 and not _is_within(one.order, [row])
        told = told_as(writer, rows, row)[0] is not None or in_parts(writer, row)
        if not worse and not told and more <= abs(one.left[_key(row)]):
            taken[_key(row)] += whole(row)
            yield row


def _counted(rows: Iterable[Row]) -> Counter[str]:
    counted = Counter[str]()
    for row in rows:
        counted[_key(row)] += whole(row)
    return counted


def _is_within(order: OrderIntended, rows: Sequence[Row]) -> bool:
    """Whether rows are whole units of an order, at its net limit or better."""
    wanted, counted = _wanted(order), _counted(rows)
    units = gcd(*(leg.quantity for leg in order.legs)) or abs(order.shares)
    count = max(abs(counted[key]) * units // abs(wanted[key]) for key in wanted)
    lot = abs(order.shares) // units or 1
    paid_u = sum(
        whole(row) * price_of(row) // (1 if _key(row) else lot) for row in rows
    )  # fmt: skip
    even = all(counted[key] * units == wanted[key] * count for key in wanted)
    return even and -paid_u >= order.limit_u * count


def _seated(
    writer: Writer, order: OrderIntended, rows: Sequence[Row]
) -> Iterator[tuple[Row, Place]]:
    """The rows that there is room for in an order's sleeve, and where."""
    sleeve = writer.folding.held[order.sleeve].sleeve
    campaign = int(sleeve.campaign) + int(is_flat(sleeve))
    counted = _counted(rows)
    for row in rows:
        slot = _slot(writer, order, row, counted[_key(row)])
        if slot is not None:
            yield row, Place(order.sleeve, campaign, order.policy, slot, whole(row), None)


def _slot(writer: Writer, order: OrderIntended, row: Row, count: int) -> int | None:
    """Where an order's sleeve holds what it ends, or has room for what it opens."""
    sleeve = writer.folding.held[order.sleeve].sleeve
    contract = contract_of(_thing(row))
    if contract is None:
        there = [(0, int(sleeve.shares))]
    else:
        legs = writer.legs_of(_thing(row))
        there = [(leg.slot, leg.quantity) for leg in legs if leg.seat.sleeve == order.sleeve]
    if order.action in _ENDS:
        return next((slot for slot, held in there if -held * count >= count * count), None)
    if contract is None or there:
        return there[0][0]
    home = home_slot(contract, count)
    return home if int(sleeve.contract[home]) == NONE else None
