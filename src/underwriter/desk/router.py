"""Routing at the edge: what is due is written down, then sent; what the broker says is booked.

One pass does everything that is due now and says when something is due next; `settle_all` passes
until nothing is.  Every pass begins from the journal and the broker, so a process that died
between any two lines goes on where it was.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from underwriter.book.event import Leg as Named
from underwriter.book.event import OrderIntended, OrderTold
from underwriter.core.errors import InputError
from underwriter.desk.account import AccountCheck
from underwriter.desk.cadence import last_moment
from underwriter.desk.facts import since, take_facts
from underwriter.desk.guard import Guards, is_spent, lowers_risk
from underwriter.desk.intent import Intent
from underwriter.desk.ladder import Ladder
from underwriter.desk.ledger import Ledger
from underwriter.desk.leftover import ends, is_lost
from underwriter.desk.ports import (
    Broker,
    BrokerError,
    Clock,
    DoubtError,
    Found,
    Quotes,
    RefusedError,
    Ticket,
    UnreachableError,
)
from underwriter.desk.pricing import priced
from underwriter.desk.resend import sent_again
from underwriter.desk.route import (
    Ask,
    Attempt,
    Cancel,
    Done,
    Now,
    Routed,
    Send,
    Wait,
    again,
    is_end,
    is_held,
    next_act,
    rest_of,
    ticket_of,
)
from underwriter.desk.turn import open_intents, session_of
from underwriter.market.calendar import Calendar
from underwriter.market.gates.ground import listed
from underwriter.market.instrument import Instrument

Barring = Callable[[], Mapping[int, str]]
GRACE = 10 * 10**9  # nanoseconds between two looks at an order that nobody knows of
PATIENCE = 600 * 10**9  # nanoseconds after the last moment for which ends are still asked for


class Street(NamedTuple):
    """Where orders go, and what is quoted there."""

    broker: Broker
    clock: Clock
    quotes: Quotes
    calendar: Calendar
    instruments: Mapping[str, Instrument]  # by symbol
    ladder: Ladder = Ladder()
    guards: Guards = Guards()
    stale: int = 60 * 10**9  # nanoseconds after which a quote is too old to trade on
    account: AccountCheck | None = None  # what the broker says of the account; None: nothing


def nothing_barred() -> Mapping[int, str]:
    """Guards that hold nothing back."""
    return {}


class Router:
    """The orders of one account."""

    def __init__(self, ledger: Ledger, street: Street) -> None:
        self.ledger, self.street = ledger, street
        self.odd: tuple[str, ...] = ()  # facts that were told last and do not fit the book
        self.deaf = ""  # why the broker told nothing when it was asked last

    def settle_all(
        self,
        until: int,
        barring: Barring = nothing_barred,
        patience: int = PATIENCE,
        through: int = 0,
    ) -> dict[int, str]:
        """Work every intent of the session until it is done; why each is not filled, by sequence.

        `until` is the last moment at which an order may work; `barring` is asked before every act
        for what guards hold back, and why.  An order whose end nobody says for `patience` after is
        "unknown": the next run asks.  Sessions after `through` are left alone.
        """
        while True:
            found = self._pass(until, barring, through)
            self.ledger.commit()
            waits = [one.until for one in found.values() if isinstance(one, Wait)]
            if not waits or (now := self.street.clock.now()) > until + patience:
                return {key: _end_of(one) for key, one in found.items()}
            self.street.clock.wait(max(min(waits), now + 1))

    def _pass(self, until: int, barring: Barring, through: int) -> dict[int, Wait | Done]:
        """Do what is due now of every intent; what is due next of each.

        Guards are asked before every act: what one intent sent counts for the next.
        """
        self._hear()
        ledger, calendar, now = self.ledger, self.street.calendar, self.street.clock.now()
        found: dict[int, Wait | Done] = {}
        while new := open_intents(ledger, calendar, now, through, found):
            for one in new:  # a hand may ask for more meanwhile
                last = min(until, _last_of(self.street, one))
                found[one.sequence] = self._work(one, last, barring)
        return found

    def take_facts(self) -> tuple[str, ...]:
        """Book what the broker tells; what does not fit the book.  BrokerError as it may."""
        now = self.street.clock.now()
        told = self.street.broker.events(since(self.ledger, self.street.calendar.day_at(now)))
        self.odd, self.deaf = take_facts(self.ledger, told, now).refused, ""
        return self.odd

    def end_leftovers(self) -> bool:
        """End the orders of sessions that are over; whether none lives in the account."""
        for order, found in ends(self.ledger, self.street.broker, self.street.clock.now()):
            self._tell(order, found.state, found)
        return all(name != self.ledger.account for name, _ in self.ledger.folding.orders.live)

    def _hear(self) -> None:
        """Book what the broker tells, if it does: the next pass asks again, and nothing is lost."""
        try:
            self.take_facts()
        except BrokerError as problem:
            self.deaf = str(problem)

    def _work(self, intent: Intent, until: int, barring: Barring) -> Wait | Done:
        """Act on one intent until it waits or is done."""
        if not _is_traded(self.street, intent):
            return Done("not traded")
        while True:
            one = self._routed(intent)
            last = one.attempts[-1] if one.attempts else None
            held_back = barring()
            if intent.sequence not in self.ledger.intents:  # a hand's no: nothing of it lives
                return Done("refused")
            held = is_held(intent, one.attempts, _held(self.ledger, intent))
            free = intent.sequence not in held_back and held
            may_send = free and self.street.clock.now() < until
            if last is not None and last.lives and not self._look(one, last, may_send=may_send):
                return Wait(self.street.clock.now() + GRACE)
            one = self._routed(intent)
            act = next_act(one, self._now(one, until, free))
            if isinstance(act, Wait | Done):
                return act
            if isinstance(act, Ask):
                return Wait(self.street.clock.now() + GRACE)
            if isinstance(act, Send):
                if not self._send(intent, act.ticket):
                    return Wait(again(one, self.street.clock.now()))
            elif not self._cancel(one, act):
                return Wait(self.street.clock.now() + GRACE)

    def _routed(self, intent: Intent) -> Routed:
        street, attempts = self.street, self.ledger.attempts(intent)
        instrument, can = _instrument_of(street, intent), street.broker.capabilities
        return Routed(intent, instrument, can, street.ladder, attempts, _last_of(street, intent))

    def _now(self, one: Routed, until: int, may_send: bool) -> Now:  # noqa: FBT001  a field of Now
        street, event = self.street, one.intent.event
        shares = int(self.ledger.row(event.sleeve).shares)
        rest = rest_of(one.intent, one.attempts)
        spent = is_spent(rest, street.guards, shares, self.ledger.sent_on(event.session))
        now = Now(street.clock.now(), until, None, may_send, spent)
        return priced(one, now, street, lowers=lowers_risk(rest, shares))

    # --- what is written down ---

    def _tell(self, order: OrderIntended, state: str, found: Found | None, why: str = "") -> None:
        now = self.street.clock.now()
        told = OrderTold(
            at=now, session=order.session, account=order.account, sleeve=order.sleeve,
            campaign=order.campaign, policy=order.policy, client=order.client, state=state,  # type: ignore[arg-type]
            order=found.order if found else "", why=why or (found.why if found else ""),
        )  # fmt: skip
        self.ledger.append([told], now)

    def _send(self, intent: Intent, ticket: Ticket) -> bool:
        """Write an order down, then ask for it; whether the broker was reached."""
        now = self.street.clock.now()
        order = _intended(intent, ticket, now)
        try:
            self.ledger.append([order], now)
        except InputError:  # another of the sleeve and action lives still: it ends first
            return False
        return self._submit(order, ticket)

    def _submit(self, order: OrderIntended, ticket: Ticket) -> bool:
        """Ask for an order that is written down; whether the broker was reached."""
        self.ledger.commit()
        try:
            self.street.broker.submit(ticket)
        except RefusedError as problem:
            self._tell(order, "rejected", None, str(problem))
        except UnreachableError as problem:
            self._tell(order, "cancelled", None, f"never sent: {problem}")
            return False
        except DoubtError as problem:
            self._tell(order, "unknown", None, str(problem))
        else:
            self._tell(order, "sent", None)
        return True

    def _cancel(self, one: Routed, act: Cancel) -> bool:
        """Ask for an order's end and see it; whether it has ended and all of it is booked."""
        last = one.attempts[-1]
        try:
            self.street.broker.cancel(act.client)
        except BrokerError as problem:
            if last.state != "unknown":
                self._tell(last.intended, "unknown", None, str(problem))
            return False
        self._look(one, last, may_send=False)
        return not self._routed(one.intent).attempts[-1].lives

    def _look(self, one: Routed, last: Attempt, *, may_send: bool) -> bool:
        """Look a live order up and book what it says; whether its broker could say.

        One that the broker never had goes out again (`resend`), or has ended where none may.
        """
        order, broker = last.intended, self.street.broker
        try:
            found = broker.look_up(order.client)
        except BrokerError as problem:
            if last.state != "unknown":
                self._tell(order, "unknown", None, str(problem))
            return False
        lost = is_lost(self.ledger, order.client, self.street.clock.now())
        if found is None and not may_send:
            if lost:  # else it may be on its way
                self._tell(order, "cancelled", None, "the broker never had it")
            return lost
        if found is None:
            if lost:
                self._tell(order, "unknown", None, "it goes out again")
            self.ledger.commit()
            state, why = sent_again(broker, ticket_of(one, order), lost=lost)
            if state:
                self._tell(order, state, None, why)
            return state in {"sent", "rejected"}
        if found.state == "acknowledged":
            if last.state != "acknowledged":
                self._tell(order, "acknowledged", found)
            return True
        return self._end(one, order, found)

    def _end(self, one: Routed, order: OrderIntended, found: Found) -> bool:
        """Tell how an order ended, once every fill that its broker counts is booked."""
        self._hear()
        last = self._routed(one.intent).attempts[-1]
        if not last.lives:
            return True  # by its last fill
        units = ticket_of(one, order).units
        wanted = {leg.option: leg.quantity for leg in order.legs}
        if order.shares:
            wanted[one.intent.symbol] = order.shares
        told = one.intent.action == "exercise" or all(
            last.filled.get(key, 0) == quantity // units * found.filled
            for key, quantity in wanted.items()
        )
        if told:
            self._tell(order, found.state, found)
        return told


def _end_of(one: Wait | Done) -> str:
    """How an intent ended that is worked no more."""
    return one.why if isinstance(one, Done) else "unknown"


def _is_traded(street: Street, intent: Intent) -> bool:
    """Whether an intent is of what the desk trades, or ends what it holds of anything else."""
    return is_end(intent) or intent.symbol in street.instruments


def _last_of(street: Street, intent: Intent) -> int:
    """The last moment at which an order of an intent may work: that of its session."""
    return last_moment(street.calendar, session_of(intent))


def _instrument_of(street: Street, intent: Intent) -> Instrument:
    """What an intent is of; where no policy trades it any more, as its root is listed."""
    return street.instruments.get(intent.symbol) or listed(intent.root)


def _held(ledger: Ledger, intent: Intent) -> dict[str, int]:
    """What the sleeve of an intent holds by now: options, and shares under the symbol."""
    sleeve = intent.event.sleeve
    return {**ledger.held(sleeve), intent.symbol: int(ledger.row(sleeve).shares)}


def _intended(intent: Intent, ticket: Ticket, at: int) -> OrderIntended:
    """An order of an intent, as it is written down."""
    event = intent.event
    return OrderIntended(
        at=at, session=event.session, account=event.account, sleeve=event.sleeve,
        campaign=event.campaign, policy=event.policy, client=ticket.client,
        action=ticket.action, legs=tuple(Named(x.option, x.quantity) for x in ticket.legs),
        shares=ticket.shares, limit_u=ticket.limit_u or 0,
    )  # fmt: skip
