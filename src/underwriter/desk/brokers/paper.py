"""The paper broker: a real one for tests and for months of practice, filled from given quotes.

It keeps an account of its own in a file, knows no journal, and does what brokers do:

    orders        filled from the quotes of the moment by `core/fills.py` where their limit allows,
                  all legs together, in lots where it is told to; cancelled, rejected, or expired
                  at the close
    overnight     what expires or is assigned is told at six the next morning, with its shares
    at the open   interest, dividends, splits, what settles then
    late          fills may be told a while after they happened

Where its file has lost what was booked, and only there, it takes that from the book (`follow`).

It lends nothing: an order for more cash than there is is rejected.  What else may be opened is for
the desk's own checks to say.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from underwriter.book.imports.statement import Kind, Statement
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.brokers.paper_account import (
    KEPT,
    Account,
    Cabinet,
    Happened,
    Order,
    holdings_of,
    note,
)
from underwriter.desk.brokers.paper_lost import go_on, hold
from underwriter.desk.brokers.paper_orders import meet_quotes, why_not
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.brokers.paper_world import Now, evening, morning, stands_still
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Capabilities, Found, RefusedError, Ticket, Told

NOTHING: Mapping[str, int] = {}
OVERNIGHT = 6 * 60  # minutes after midnight at which the night's facts are told


class Paper:
    """The broker; made by `open_paper`."""

    def __init__(self, place: Place, account: Account, cabinet: Cabinet) -> None:
        self.place, self.account, self.cabinet = place, account, cabinet
        self._kept: tuple[object, ...] = ()
        self.split: set[str] = set()  # symbols whose next split what is held has been through
        self._quiet = 0  # the moment before which nothing but orders happens

    def follow(self, ledger: Ledger) -> bool:
        """Hold what the book holds, where the file has lost what is booked; whether it had."""
        if ledger.decided is None or not go_on(self.account, ledger):
            return False
        hold(self.account, ledger)
        self._keep()
        return True

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self.place.can

    def submit(self, ticket: Ticket) -> None:
        """Take an order, or refuse it; an id that is known is no second order."""
        self._catch_up()
        if ticket.client in self.account.orders:
            return
        why = why_not(self.place, self.account, ticket)
        order = Order(ticket, self.account.name("order"), self.place.today())
        self.account.take(order)
        if why:
            order.state, order.why = "rejected", why
            self._meet()
        else:
            self._take(order)
        self._keep()
        if why:
            raise RefusedError(f"{self.capabilities.name}: order {ticket.client} is refused: {why}")

    def _take(self, order: Order) -> None:  # noqa: ARG002  which another broker works apart
        """Let a new order meet the quotes of the moment, as all that live do."""
        self._meet()

    def cancel(self, client: str) -> None:
        """End an order, but for what has been filled by now."""
        self._catch_up()
        self._meet()
        order = self.account.orders.get(client)
        if order is not None and order.state == "acknowledged":
            order.state = "cancelled"
        self._keep()
        if order is None:
            raise RefusedError(f"paper: found no order {client} to cancel")

    def look_up(self, client: str) -> Found | None:
        """How an order stands."""
        self._look()
        order = self.account.orders.get(client)
        if order is None:
            return None
        return Found(client, order.name, order.state, order.filled, order.why)

    def events(self, since: date) -> Iterable[Told]:
        """The facts of sessions from a day on that are told by now."""
        self._look()
        now = self.place.clock.now()
        return [
            Told(fact.row, fact.client)
            for fact in self.account.facts
            if fact.row.day >= since and fact.at <= now
        ]

    def statement(self) -> Statement:
        """What is held by now."""
        self._look()
        today = day_of(self.place.today())
        return Statement(
            path="paper", broker="paper", layout="account", account=self.account.number,
            currency="USD", first=today, last=today, rows=(), **holdings_of(self.account),
        )  # fmt: skip

    def _look(self) -> None:
        """Catch up, and let orders meet the quotes of the moment."""
        self._catch_up()
        self._meet()
        self._keep()

    def _meet(self) -> None:
        """Let orders meet the quotes of the moment."""
        meet_quotes(self.place, self.account)

    def _keep(self) -> None:
        """Write the account where anything in it is new."""
        stamp = self.account.stamp()
        if stamp != self._kept:
            self.cabinet.keep(self.account)
            self._kept = stamp

    def _catch_up(self) -> None:
        """Let every open, close and night since the last call happen, in order."""
        now, happened = self.place.clock.now(), True
        while happened and now >= self._quiet:
            if self.account.opened > self.account.closed:
                happened = self._night(self.account.opened, now)
            else:
                happened = self._open(self.place.calendar.next_session(self.account.opened), now)

    def _open(self, day: int, now: int) -> bool:
        """A session's morning, where it has come and what it brings is known."""
        account, told = self.account, self.place.calendar.opens_at(day)
        if now < told:
            self._quiet = told
            return False
        try:
            begun = account.closed >= account.begun
            before = self._session(account.closed, told) if begun else None
            opens = self._session(day, told)
        except InputError:  # nobody has collected it yet: its morning comes with its quotes
            return False
        morning(account, before, opens, pays=self.capabilities.pays, split=self.split)
        account.opened = day
        account.forget(day - KEPT)
        return True

    def _night(self, day: int, now: int) -> bool:
        """A session's close and its night, as far as they have come."""
        calendar = self.place.calendar
        if now < (closes := calendar.closes_at(day)):
            self._quiet = closes
            return False
        for order in self.account.live():
            order.state = "expired"
        told = calendar.at(day + 1, OVERNIGHT)
        if now < told:
            self._quiet = told
        if now < told or self._unsettled(day):
            return False
        evening(self.account, self._session(day, told), early=self.capabilities.early)
        self.account.closed = day
        return True

    def _unsettled(self, day: int) -> bool:
        """Whether a session's closes are not known yet, or one of what is held never will be."""
        slab = self.place.quotes.evening(day)
        return slab is None or stands_still(slab, self.account.held)

    def _session(self, day: int, told: int) -> Now:
        """A session as it ended, or as it is decided where that is still to come."""
        slab = self.place.quotes.evening(day) or self.place.quotes.slab(day)
        return Now(slab, day, told, self.place.fees, self.place.manners.assigned)


def open_paper(place: Place, deposit_u: int, held: Mapping[str, int] = NOTHING) -> Paper:
    """The account of a file; or a new one with a deposit, which holds some shares by symbol.

    InputError for a file that is none.
    """
    return Paper(place, *account_at(place, deposit_u, held))


def account_at(
    place: Place, deposit_u: int, held: Mapping[str, int], *, durable: bool = False
) -> tuple[Account, Cabinet]:
    """The account of a place and where it is kept."""
    cabinet = Cabinet(place.path, durable=durable)
    account = cabinet.read()
    if account is None:
        now, today = place.clock.now(), place.today()
        eve = place.calendar.previous_session(today)
        shares = dict(held)
        account = Account(number="paper", opened=eve, closed=eve, begun=today, held=shares)
        day = day_of(today)
        note(account, Happened(kind=Kind.DEPOSIT, day=day, at=now, told=now, gross_u=deposit_u))
        cabinet.keep(account)
    return account, cabinet
