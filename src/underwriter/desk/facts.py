"""What a broker tells, as events of the ledger.

    a fill of an order of ours          in the sleeve and the slot that the order was meant for
    anything else                       as a statement's row is booked (`book.imports.booking`):
                                        what ends something ends it where it is held

Facts that the ledger holds are left out, by their ids: late ones, and those that are told twice.
So are those from before the book began, which are in what it began with (`desk.opening`).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.event import AnyEvent, Filled, Moved, OrderIntended
from underwriter.book.fold import Folding
from underwriter.book.imports.booking import Booking
from underwriter.book.imports.statement import Row
from underwriter.book.imports.writer import RefusedRowError, Writer
from underwriter.book.loose import home_of, is_flat, root_of
from underwriter.core.contract import unpack
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT
from underwriter.core.units import MICRO
from underwriter.desk.intent import slot_of
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Told


class Taken(NamedTuple):
    """Facts as events, and those that do not fit the book."""

    events: tuple[AnyEvent, ...]
    refused: tuple[str, ...]  # one line each: an attention, and a break when it is reconciled


def take_facts(ledger: Ledger, told: Iterable[Told], at: int) -> Taken:
    """Book what a broker tells and the ledger does not hold yet."""
    known, begun = ledger.folding.told, ledger.begun_at
    new = [
        one
        for one in told
        if (ledger.account, one.row.id) not in known and (one.row.at or begun) >= begun
    ]
    if not new:
        return Taken((), ())
    taken = _booked(ledger, new)
    ledger.append(taken.events, at)
    return taken


def _booked(ledger: Ledger, told: Sequence[Told]) -> Taken:
    """The events of facts, each checked against the book before it is kept."""
    booking = Booking(ledger.book, [one.row for one in told], ledger.account)
    writer, refused = booking.writer, []
    for one in _in_order(told):
        order = ledger.order(one.client) if one.client else None
        try:
            if order is None:
                booking.take(one.row)
            elif not writer.knows(one.row):
                _fill(writer, one.row, order)
        except RefusedRowError as problem:
            refused.append(f"{one.row.what}, {one.row.execution}: {problem}")
    return Taken(tuple(writer.events), tuple(refused))


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
    if order.action == "roll":
        for moved in _moved(folding, order.sleeve):
            writer.say(row, Moved, "", **whose, slot=moved[0], option=moved[1])


def _moved(folding: Folding, number: int) -> list[tuple[int, str]]:
    """The incoming legs of a roll whose places are free by now."""
    sleeve, found = folding.held[number].sleeve, []
    for slot in (ROLL_SHORT, ROLL_LONG):
        key = int(sleeve.contract[slot])
        if sleeve.quantity[slot] and not sleeve.quantity[home_of(slot, key)]:
            found.append((slot, unpack(key, folding.instruments[root_of(key) - 1].root).osi()))
    return found


def since(today: date, days: int = 10) -> date:
    """From which day on facts are asked for: brokers tell late."""
    return date.fromordinal(today.toordinal() - days)
