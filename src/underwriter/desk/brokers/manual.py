"""A broker without an interface: each order is a ticket that a person carries, and types back.

    sell 2 KO 2026-02-20 P 60, limit 1.35 net credit a share or better
    filled? (net price for all, N @ price for a part, empty for nothing)

Nothing fills by itself, and what is not typed back is cancelled: the next session decides anew.
Expirations, assignments and splits happen as they do on paper, by the closes, since nobody tells
them in time; dividends and interest come with the broker's statement alone.  What `book import`
made of that is what the account holds from then on: it follows the book, whenever it is opened.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from underwriter.book.event import Split
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.writer import is_unconfirmed
from underwriter.book.naming import named
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO, day_number, to_u
from underwriter.desk.brokers.paper import Paper, account_at
from underwriter.desk.brokers.paper_account import Account, Cabinet, Fact, Order
from underwriter.desk.brokers.paper_orders import exercise_order, fill_units
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.facts import is_of_the_book
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Capabilities, Ticket, Told, Touch
from underwriter.desk.price import net_u, parts

_MOST = 1_000_000.0  # dollars a share: what is typed above is a slip

Teller = Callable[[str, str], str]  # a ticket and a question to a person, the answer


class Typed(NamedTuple):
    """What was typed back."""

    units: int
    net_u: int  # a share of one unit, a credit positive


class Manual(Paper):
    """The broker; made by `open_manual`."""

    def __init__(self, place: Place, kept: tuple[Account, Cabinet], teller: Teller) -> None:
        super().__init__(place, *kept)
        self.teller = teller

    def follow(self, ledger: Ledger) -> None:
        """Hold what the book holds by now, and what is not booked there yet.

        A statement that was booked knows better than what was typed.  Before its first decision a
        book holds nothing of the account.
        """
        if ledger.decided is None:
            return
        account = self.account
        held = held_u(ledger.book, ledger.account)
        account.held = {key: quantity_u // MICRO for key, quantity_u in held.items()}
        account.cash_u = cash_u(ledger.book, ledger.account).get("USD", 0)
        for row in (one.row for one in account.facts if is_of_the_book(_told(one), ledger)):
            if row.id not in ledger.known:
                account.move(row.instrument, row.quantity_u // MICRO, row.net_u)
        self.split = _split_since(ledger, account.opened)
        self._keep()

    @property
    def capabilities(self) -> Capabilities:
        """As paper; but nothing rests, and what is paid is for the statement to say."""
        return self.place.can._replace(name="manual", rests=False, pays=False)

    def _take(self, order: Order) -> None:
        """Hand a ticket to a person, and wait for what became of it."""
        self._keep()  # a person may take long
        self._settle(order, self._asked(order.ticket))

    def _meet(self) -> None:
        """Nothing fills by itself."""

    def _settle(self, order: Order, typed: Typed | None) -> None:
        """Book what a person says; what is left is cancelled."""
        ticket = order.ticket
        if typed is None:
            order.state = "cancelled"
        elif ticket.action == "exercise":
            exercise_order(self.place, self.account, order)
        else:
            quoted = self.place.quotes.touch([*parts(ticket)])
            prices = shared_out(ticket, typed.net_u, quoted)
            fill_units(self.place, self.account, order, typed.units, prices)
            if order.filled < ticket.units:
                order.state = "cancelled"

    def _asked(self, ticket: Ticket) -> Typed | None:
        """What a person types, asked again until it can be read."""
        said, question = told(ticket), _question(ticket)
        while True:
            try:
                return read(self.teller(said, question), ticket)
            except InputError as problem:
                said = str(problem)


def open_manual(place: Place, deposit_u: int, held: Mapping[str, int], teller: Teller) -> Manual:
    """The account of a file, or a new one as `open_paper` makes it; `teller` asks the person."""
    return Manual(place, account_at(place, deposit_u, held), teller)


def told(ticket: Ticket) -> str:
    """A ticket in words."""
    legs = [
        f"{'buy' if leg.quantity > 0 else 'sell'} {abs(leg.quantity):,} "
        f"{named(leg.option)} to {leg.effect}"
        for leg in ticket.legs
    ]
    if ticket.shares:
        legs.append(
            f"{'buy' if ticket.shares > 0 else 'sell'} {abs(ticket.shares):,} {ticket.symbol}"
        )
    if ticket.limit_u is None:
        return f"{ticket.action}: {', '.join(legs)}"
    kind = "credit" if ticket.limit_u >= 0 else "debit"
    price = f"{abs(ticket.limit_u) / MICRO:,.2f}"
    return f"{ticket.action}: {', '.join(legs)}; limit {price} net {kind} a share, for the day"


def _question(ticket: Ticket) -> str:
    if ticket.limit_u is None:
        return "done? (yes, or empty for no): "
    return f"filled? (net price for all {ticket.units:,}; N @ price for a part; empty: nothing): "


def read(text: str, ticket: Ticket) -> Typed | None:
    """What was typed; None where nothing was filled.  InputError for what cannot be read."""
    words = text.strip().lower()
    if words in {"", "no", "n", "nothing"}:
        return None
    if ticket.limit_u is None:
        if words in {"yes", "y", "done"}:
            return Typed(ticket.units, 0)
        raise InputError(f"found {text.strip()!r}; expected yes, or nothing")
    count, at, price = words.rpartition("@")
    units = _units(count, ticket) if at else ticket.units
    net = _price_u(price)
    if net is None:
        wanted = f"expected a net price such as {abs(ticket.limit_u) / MICRO:.2f}"
        raise InputError(f"found {text.strip()!r}; {wanted}, or nothing")
    return Typed(units, net if ticket.limit_u >= 0 else -net)


def _price_u(text: str) -> int | None:
    """A net price without its sign, which is the ticket's; None for anything else."""
    try:
        price = float(text)
    except ValueError:
        return None
    return to_u(price) if 0 <= price <= _MOST else None  # nan is in no range


def _units(text: str, ticket: Ticket) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= ticket.units:
        raise InputError(f"found {text.strip()!r} units; expected 1 to {ticket.units:,}")
    return int(text)


def shared_out(ticket: Ticket, net: int, quoted: Mapping[str, Touch]) -> dict[str, int]:
    """Prices of an order's parts that come to a net price: their middles, the rest on one of them.

    A broker tells each leg's price in its statement; the sum is what is known here.
    """
    wanted = parts(ticket)
    prices = {
        key: (touch.bid_u + touch.ask_u) // 2 if (touch := quoted.get(key)) else 0 for key in wanted
    }
    one = min(wanted, key=lambda key: abs(wanted[key]))  # of a single one the rest has no rest
    rest = net - net_u((part, prices[key]) for key, part in wanted.items())
    prices[one] -= rest // wanted[one]
    return prices


def _told(fact: Fact) -> Told:
    return Told(fact.row, fact.client)


def _split_since(ledger: Ledger, day: int) -> set[str]:
    """What the book split by a statement after a day, whose morning no desk has been through."""
    return {
        ledger.opened(event.sleeve).underlying
        for _, event in ledger.journal.read()
        if isinstance(event, Split)
        and event.account == ledger.account
        and day_number(event.session) > day
        and not is_unconfirmed(event)
    }
