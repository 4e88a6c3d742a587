"""A broker without an interface: each order is a ticket that a person carries, and types back.

    sell 2 KO 2026-02-20 P 60, limit 1.35 net credit a share or better
    filled? (net price for all, N @ price for a part, empty for nothing)

Nothing fills by itself, and what is not typed back is cancelled: the next session decides anew.
What is typed is kept, on the disk, before anything is made of it.  A ticket that was shown is out
until then: only a person knows whether it was carried, so it is doubt, and the next start asks.
What expires, is exercised by exception or splits does so as on paper, by the closes, since nobody
tells it in time; early assignments, dividends and interest come with the broker's statement alone.
What `book import` made of that is what the account holds from then on: it follows the book,
whenever it is opened.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from underwriter.book.event import Split
from underwriter.book.imports.writer import is_unconfirmed
from underwriter.core.units import day_number
from underwriter.desk.brokers.manual_left import answered, is_out, reckon
from underwriter.desk.brokers.manual_words import Teller, asked, insisting, told
from underwriter.desk.brokers.paper import Paper, account_at
from underwriter.desk.brokers.paper_account import Account, Cabinet, Order, Typed
from underwriter.desk.brokers.paper_lost import go_on, hold
from underwriter.desk.brokers.paper_orders import exercise_order, fill_units
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Capabilities, DoubtError, Found, Ticket, Told, Touch
from underwriter.desk.price import net_u, parts


class Manual(Paper):
    """The broker; made by `open_manual`."""

    def __init__(self, place: Place, kept: tuple[Account, Cabinet], teller: Teller) -> None:
        super().__init__(place, *kept)
        self.teller = teller
        self.overtaken: set[str] = set()  # facts that a statement told first, by id

    def follow(self, ledger: Ledger) -> bool:
        """Hold what the book holds by now, and what is not booked there yet; whether some was lost.

        A statement that was booked knows better than what was typed.  Before its first decision a
        book holds nothing of the account.
        """
        if ledger.decided is None:
            return False
        lost = go_on(self.account, ledger)
        self.overtaken = reckon(self.account, ledger)
        hold(self.account, ledger, self.overtaken)
        self.split = _split_since(ledger, self.account.opened)
        self._keep()
        return lost

    @property
    def capabilities(self) -> Capabilities:
        """As paper; but nothing rests, and its statement says what is paid and assigned early.

        Calls on shares of an assignment that was guessed would be naked.
        """
        return self.place.can._replace(name="manual", rests=False, pays=False, early=False)

    def events(self, since: date) -> Iterable[Told]:
        """As paper; but nothing that a statement told of an order before its fill was booked."""
        return [one for one in super().events(since) if one.row.id not in self.overtaken]

    def look_up(self, client: str) -> Found | None:
        """How an order stands; DoubtError of one whose ticket nobody has answered."""
        self._require_answer(client)
        return super().look_up(client)

    def cancel(self, client: str) -> None:
        """An order has ended with its answer; DoubtError before there is one."""
        self._require_answer(client)
        super().cancel(client)

    def _require_answer(self, client: str) -> None:
        """DoubtError while a ticket is out: what became of it only a person knows."""
        order = self.account.orders.get(client)
        if order is not None and is_out(order):
            raise DoubtError("manual: nobody has typed yet what became of its ticket")

    def _take(self, order: Order) -> None:
        """Hand a ticket to a person, wait for what became of it, and keep that before all else.

        InputError where nobody is there to answer: it stays out, and the next start asks for it.
        """
        self._keep()  # a person may take long
        ticket, said = order.ticket, told(order.ticket)
        answered(order, asked(insisting(self.teller, said), ticket, said))
        self._keep()  # what was typed outlives the process, whatever comes of it
        self._settle()

    def _meet(self) -> None:
        """Nothing fills by itself."""

    def _catch_up(self) -> None:
        """Let happen what comes after what was typed, and nothing while a ticket is out."""
        self._settle()
        if not self.account.live():
            super()._catch_up()

    def _settle(self) -> None:
        """Fill what was typed; what is left is cancelled.

        Interrupted in it, all is as it was kept: it is filled whole the next time.
        """
        for order in self.account.live():
            if order.typed is not None:
                try:
                    self._fill(order, order.typed)
                    self._keep()
                except BaseException:
                    self.account = self.cabinet.read() or self.account
                    raise

    def _fill(self, order: Order, typed: Typed) -> None:
        ticket = order.ticket
        if ticket.action == "exercise":
            exercise_order(self.place, self.account, order)
            return
        quoted = self.place.quotes.touch([*parts(ticket)])
        prices = shared_out(ticket, typed.net_u, quoted)
        fill_units(self.place, self.account, order, typed.units, prices)
        if order.filled < ticket.units:
            order.state = "cancelled"


def open_manual(place: Place, deposit_u: int, held: Mapping[str, int], teller: Teller) -> Manual:
    """The account of a file, or a new one as `open_paper` makes it; `teller` asks the person."""
    return Manual(place, account_at(place, deposit_u, held, durable=True), teller)


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
