"""The broker of a seed: the paper broker in memory, which outlives every process of the desk.

Beside what paper does by itself, things happen to the account: assignments of some contracts in a
night, fills that are taken back, trades of the owner's hand.
"""

import random  # noqa: TID251  of a seed
from pathlib import Path
from typing import Any

from underwriter.book.imports.draft import digest
from underwriter.book.imports.statement import Instrument as Thing
from underwriter.book.imports.statement import Kind, Row
from underwriter.core.units import CENT_U, MICRO, day_of
from underwriter.desk.brokers.paper import Paper
from underwriter.desk.brokers.paper_account import Account, Cabinet, Fact, Happened, note
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.brokers.paper_world import Now, deliver, held_options

ENDED = {"filled", "cancelled", "rejected", "expired"}
OTHER = "XYZ"  # shares that no policy knows


class Exchange(Paper):
    """An account with a deposit."""

    def __init__(self, place: Place, deposit_u: int) -> None:
        now, today = place.clock.now(), place.today()
        eve = place.calendar.previous_session(today)
        account = Account(number="paper", opened=eve, closed=eve, begun=today, held={}, orders={},
                          facts=[])  # fmt: skip
        note(account, Happened(kind=Kind.DEPOSIT, day=day_of(today), at=now, told=now,
                               gross_u=deposit_u))  # fmt: skip
        super().__init__(place, account, Cabinet(Path(":memory:")))

    def _keep(self) -> None:
        """It is in memory."""

    def pass_time(self) -> None:
        """Let orders meet the quotes of this moment, whether or not anybody asks."""
        self._look()

    def assign(self, dice: random.Random, day: int, told: int) -> str:
        """Some contracts of a short option are assigned in the night after a session."""
        slab = self.place.quotes.evening(day)
        short = [] if slab is None else [
            one for one in held_options(self.account, slab) if one.quantity < 0
        ]  # fmt: skip
        if slab is None or not short:
            return ""
        held = dice.choice(short)
        count = dice.randint(1, -held.quantity)
        now = Now(slab, day, told, self.place.fees, 1.0)
        price_u = int(slab.market.bars[0, held.underlying].close_u)
        deliver(self.account, now, held._replace(quantity=-count), price_u, Kind.ASSIGNMENT)
        return f"{count} of {-held.quantity} {held.thing.option} are assigned"

    def bust(self, dice: random.Random, day: int, told: int) -> str:
        """A fill of a session is taken back; its order is over, or had that much less filled."""
        fills = [
            fact
            for fact in self.account.facts
            if fact.client and fact.row.day == day_of(day) and self._alone(fact)
        ]
        taken = {fact.row.order for fact in self.account.facts if fact.row.kind is Kind.CORRECTION}
        fills = [one for one in fills if one.row.order not in taken and self._undoes(one.row)]
        if not fills:
            return ""
        fact = dice.choice(fills)
        row, order = fact.row, self.account.orders[fact.client]
        name = self.account.name("fact")
        back: dict[str, Any] = {
            "quantity_u": -row.quantity_u, "gross_u": -row.gross_u, "fee_u": -row.fee_u,
            "net_u": -row.net_u, "execution": name, "id": digest(self.account.number, name),
        }  # fmt: skip
        made = Row(
            line=self.account.count, kind=Kind.CORRECTION, day=row.day, at=told, what="busted",
            instrument=row.instrument, effect=row.effect, price_u=row.price_u, order=row.order,
            **back,
        )  # fmt: skip
        self.account.move(row.instrument, -row.quantity_u // MICRO, -row.net_u)
        self.account.facts.append(Fact(told, made, fact.client))
        order.filled -= abs(row.quantity_u // MICRO) // max(1, self._each(order))
        order.state, order.why = "cancelled", "a fill was taken back"
        return f"a fill of {abs(row.quantity_u) // MICRO} {row.instrument and row.instrument.key}"

    def hand(self, dice: random.Random) -> str:
        """The owner does something beside the desk."""
        day, at = day_of(self.place.today()), self.place.clock.now()
        if dice.random() < 0.4:
            money_u = dice.choice([5_000, 250]) * MICRO
            self._note(kind=Kind.DEPOSIT, day=day, gross_u=money_u)
            return "the owner pays in"
        if dice.random() < 0.6:
            thing = Thing(OTHER)
            self._note(kind=Kind.TRADE, day=day, thing=thing, quantity=7, price_u=20 * MICRO,
                       gross_u=-140 * MICRO, effect="open")  # fmt: skip
            return f"the owner buys 7 {OTHER}"
        slab = self.place.quotes.slab(self.place.today())
        short = [one for one in held_options(self.account, slab) if one.quantity < 0]
        if not short or self.account.live():
            return ""
        held, price_u = dice.choice(short), 50 * CENT_U
        self._note(kind=Kind.TRADE, day=day, thing=held.thing, quantity=1, price_u=price_u,
                   gross_u=-price_u * 100, effect="close")  # fmt: skip
        return f"the owner buys back one {held.thing.option} at {at}"

    def _note(self, **what: Any) -> None:  # noqa: ANN401  fields of Happened
        at = self.place.clock.now()
        note(self.account, Happened(at=at, told=at, **what))

    def _each(self, order: Any) -> int:  # noqa: ANN401  an order of the account
        """Contracts, or shares, of the one leg a unit."""
        ticket = order.ticket
        whole = ticket.legs[0].quantity if ticket.legs else ticket.shares
        return abs(whole) // int(ticket.units)

    def _alone(self, fact: Fact) -> bool:
        """Whether a fill's order is of one leg, has ended, and is not forgotten."""
        order = self.account.orders.get(fact.client)
        if order is None or order.state not in ENDED or fact.row.kind is not Kind.TRADE:
            return False
        return len(order.ticket.legs) + bool(order.ticket.shares) == 1

    def _undoes(self, row: Row) -> bool:
        """Whether what a fill brought is still there to be taken back."""
        if row.instrument is None:
            return False
        held, moved = self.account.held.get(row.instrument.key, 0), row.quantity_u // MICRO
        if row.effect == "close":
            return True
        return held * moved > 0 and abs(held) >= abs(moved)
