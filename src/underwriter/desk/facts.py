"""What a broker tells, as events of the ledger.

    a fill of an order of ours          in the sleeve and the slot that the order was meant for
    anything else                       as a statement's row is booked (`book.imports.booking`):
                                        what ends something ends it where it is held

Facts that the ledger holds are left out, by their ids: late ones, and those that are told twice.
So are those from before the book began, which are in what it began with (`desk.opening`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from underwriter.book.event import AnyEvent, Filled, Moved, OrderIntended
from underwriter.book.fold import Folding
from underwriter.book.imports.booking import Booking
from underwriter.book.imports.rolls import take_back
from underwriter.book.imports.statement import Kind, Row
from underwriter.book.imports.writer import RefusedRowError, Writer
from underwriter.book.loose import home_of, is_flat, root_of
from underwriter.core.contract import osi_of
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT, SLOTS
from underwriter.core.units import MICRO, day_of
from underwriter.desk.intent import slot_of
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Told

LATE: Final = timedelta(days=10)  # for which brokers are still asked what happened


class Taken(NamedTuple):
    """Facts as events, and those that do not fit the book."""

    events: tuple[AnyEvent, ...]
    refused: tuple[str, ...]  # one line each: an attention, and a break when it is reconciled


def take_facts(ledger: Ledger, told: Iterable[Told], at: int) -> Taken:
    """Book what a broker tells and the ledger does not hold yet.

    What is not understood, or does not fit, holds up nothing else.
    """
    all_told, known = [*told], ledger.known
    if all(one.row.id in known and not one.unread for one in all_told):  # as at nearly every look
        return Taken((), ())
    unread = tuple(one.unread for one in all_told if one.unread)
    read = (one for one in all_told if not one.unread)
    once = [*{one.row.id: one for one in read if is_of_the_book(one, ledger)}.values()]
    if all(one.row.id in known for one in once):
        return Taken((), unread)
    taken = _booked(ledger, once)
    ledger.append(taken.events, at)
    return Taken(taken.events, (*unread, *taken.refused))


def is_of_the_book(told: Told, ledger: Ledger) -> bool:
    """Whether a fact is none of before the book began; of our own orders none is, on any clock.

    One that has a date alone is of before where that is: what the book began with has it.
    """
    row, begun = told.row, ledger.begun
    if told.client and ledger.order(told.client):
        return True
    return row.at >= ledger.begun_at if row.at else begun is None or row.day >= begun


def _booked(ledger: Ledger, told: Sequence[Told]) -> Taken:
    """The events of facts, each checked against the book before it is kept.

    Facts that are known are among them: shares that were told alone belong to an option's end.  A
    fact that is refused leaves nothing behind of what was said for it: all is booked again without.
    """
    refused: dict[str, str] = {}
    while True:
        before = len(refused)
        rows, folding = [one.row for one in told], ledger.folding.fork()
        booking = Booking(folding, rows, ledger.account, ledger.known)
        events = _all_but(refused, booking, ledger, told)
        if len(refused) == before:
            silent = [f"{row.what}: {why}; nothing of it is booked" for row, why in booking.left
                      if not row.net_u]  # fmt: skip
            return Taken(events, (*refused.values(), *silent))


def _all_but(
    refused: dict[str, str], booking: Booking, ledger: Ledger, told: Sequence[Told]
) -> tuple[AnyEvent, ...]:
    """The events of facts but for the refused, to which others may come."""
    writer = booking.writer
    for one in _in_order(told):
        if one.row.id in refused:
            continue
        order, said = ledger.order(one.client) if one.client else None, len(writer.events)
        try:
            if order is None:
                booking.take(one.row)
            elif not writer.knows(one.row):
                (_bust if one.row.kind is Kind.CORRECTION else _fill)(writer, one.row, order)
        except RefusedRowError as problem:
            refused[one.row.id] = f"{one.row.what}, {one.row.execution}: {problem}"
            if len(writer.events) > said:
                break
        else:
            _move_in(writer, one.row)
    return tuple(writer.events)


def _in_order(told: Sequence[Told]) -> list[Told]:
    """Facts as they came; of an order's fills at one moment what opens first, as in the engine.

    So the campaign of a roll goes on: its sleeve is not flat in between.
    """
    found: list[Told] = []
    for one in told:
        at = len(found)
        while (
            one.client
            and one.row.effect == "open"
            and at > 0
            and found[at - 1].client == one.client
            and found[at - 1].row.at == one.row.at
            and found[at - 1].row.effect == "close"
        ):
            at -= 1
        found.insert(at, one)
    return found


def _fill(writer: Writer, row: Row, order: OrderIntended) -> None:
    """A fill of an order, in the sleeve that it was meant for."""
    folding, quantity = writer.folding, row.quantity_u // MICRO
    sleeve = folding.held[order.sleeve].sleeve
    option = row.instrument.option if row.instrument is not None else None
    slot = 0
    if option is not None:
        slot = slot_of(order.action, option, quantity, "close" if row.effect == "close" else "open")
        slot = _where_held(folding, order.sleeve, option, slot)
    campaign = int(sleeve.campaign) + int(is_flat(sleeve))
    whose = {"sleeve": order.sleeve, "campaign": campaign, "policy": order.policy}
    money: dict[str, Any] = {
        "price_u": row.price_u, "amount_u": row.gross_u, "fee_u": row.fee_u + row.commission_u,
    }  # fmt: skip
    writer.say(
        row, Filled, writer.took([row]), **whose, slot=slot, option=option,
        quantity=quantity if option else 0, shares=0 if option else quantity,
        client=order.client, **money,
    )  # fmt: skip


def _bust(writer: Writer, row: Row, order: OrderIntended) -> None:
    """A fill of an order never was: the last of its fills of so many at that price."""
    found = [
        (number, fill)
        for number, fill in writer.fills(row, -row.quantity_u // MICRO)
        if fill.client == order.client and row.price_u in {None, fill.price_u}
    ]
    if not found:
        raise RefusedRowError(row, f"found no fill of order {order.client} that it takes back")
    take_back(writer, row, *max(found, key=lambda one: one[0]))


def _where_held(folding: Folding, number: int, option: str, slot: int) -> int:
    """Where a sleeve holds an option already, else `slot`.

    A roll's leg may have moved in before the rest of it fills, or not when it is closed.
    """
    sleeve = folding.held[number].sleeve
    for at in range(SLOTS):
        if sleeve.quantity[at] and _osi(folding, int(sleeve.contract[at])) == option:
            return at
    return slot


def _move_in(writer: Writer, row: Row) -> None:
    """Let the legs of rolls move in whose places are free by now, however they became so."""
    folding = writer.folding
    for opened in [one for one in folding.sleeves if one.account == writer.account]:
        sleeve = folding.held[opened.sleeve].sleeve
        for slot, option in _moved(folding, opened.sleeve):
            whose: dict[str, Any] = {"sleeve": opened.sleeve, "policy": opened.policy}
            identity = f"{row.id}.moved.{opened.sleeve}.{slot}"  # by which a bust takes it back
            whose["campaign"] = int(sleeve.campaign)
            writer.say(row, Moved, identity, **whose, slot=slot, option=option)


def _osi(folding: Folding, key: int) -> str:
    return osi_of(key, folding.instruments[root_of(key) - 1].root)


def _moved(folding: Folding, number: int) -> list[tuple[int, str]]:
    """The incoming legs of a roll whose places are free by now."""
    sleeve, found = folding.held[number].sleeve, []
    for slot in (ROLL_SHORT, ROLL_LONG):
        key = int(sleeve.contract[slot])
        if sleeve.quantity[slot] and not sleeve.quantity[home_of(slot, key)]:
            found.append((slot, _osi(folding, key)))
    return found


def since(ledger: Ledger, today: int) -> date:
    """From which day on facts are asked for: brokers tell late, and a desk may have been off.

    `today` is a day number.
    """
    mark, day = ledger.folding.marks.get(ledger.account), day_of(today)
    settled = mark.session if mark else ledger.begun or day
    return min(settled, day) - LATE
