"""A desk on paper for tests: a journal with one sleeve on KO, a router, and a broker that errs."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from desk.world import BOTH, Board, HandClock, day, moment, osi, path_of, weekdays
from underwriter.book.event import AnyEvent, Approved, Leg, OrderIntended, OrderTold, SleeveOpened
from underwriter.book.imports.reconcile import Break, reconciled
from underwriter.book.imports.statement import Statement
from underwriter.book.journal import Journal
from underwriter.core.units import to_u
from underwriter.desk.brokers.paper import Paper, open_paper
from underwriter.desk.brokers.paper_place import ALL_IT_CAN, Manners, Place
from underwriter.desk.ladder import MINUTE, Ladder
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Capabilities, Found, Ticket, Told
from underwriter.desk.router import Router, Street

PUT, LOWER, NEXT = osi(60.0), osi(55.0), osi(60.0, expiry=11)
CALL = osi(65.0, right=1)
WHOSE = {"sleeve": 0, "campaign": 0, "policy": "p"}


class Passed(BaseException):
    """A pass is over, and the next is waited for."""


def _ends(_: int) -> None:
    raise Passed


class Erring:
    """A broker before another: `errs` may raise before or after each call, or change its answer."""

    def __init__(self, broker: Paper) -> None:
        self.broker = broker
        self.before: dict[str, list[Exception | None]] = {}
        self.after: dict[str, list[Exception | None]] = {}
        self.calls: list[str] = []

    @property
    def capabilities(self) -> Capabilities:
        """Those of the broker behind."""
        return self.broker.capabilities

    def submit(self, ticket: Ticket) -> None:
        """Behind, unless it errs."""
        self._do("submit", lambda: self.broker.submit(ticket))

    def cancel(self, client: str) -> None:
        """Behind, unless it errs."""
        self._do("cancel", lambda: self.broker.cancel(client))

    def look_up(self, client: str) -> Found | None:
        """Behind, unless it errs."""
        return self._do("look_up", lambda: self.broker.look_up(client))

    def events(self, since: date) -> list[Told]:
        """Behind, unless it errs."""
        return self._do("events", lambda: [*self.broker.events(since)])

    def statement(self) -> Statement:
        """Behind, unless it errs."""
        return self._do("statement", self.broker.statement)

    def _do(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401
        self.calls.append(name)
        self._err(self.before, name)
        found = call()
        self._err(self.after, name)
        return found

    def _err(self, given: dict[str, list[Exception | None]], name: str) -> None:
        error = given[name].pop(0) if given.get(name) else None
        if error is not None:
            raise error


class Stand:
    """The whole of it, at ten on the first Monday."""

    def __init__(
        self,
        folder: Path,
        can: Capabilities = ALL_IT_CAN,
        cash: float = 20_000.0,
        **manners: Any,  # noqa: ANN401
    ) -> None:
        self.folder = folder
        self.calendar = weekdays()
        self.clock = HandClock(moment(self.calendar, 0))
        self.board = Live(dict.fromkeys(range(-3, 21), (60.0, 500.0)), self.clock)
        given: dict[str, Any] = {"half_spread": 1.0, "commission": 0.65} | manners
        self.place = Place(
            path_of(folder), self.clock, self.board, self.calendar, BOTH, Manners(**given), can
        )
        self.erring = Erring(self.begun(to_u(cash)))
        self.journal = Journal.create(folder / "journal.db")
        self.ledger = Ledger(self.journal, "main")
        opened = SleeveOpened(
            **self.common(), **WHOSE, name="wheel", underlying="KO", root="KO", multiplier=100
        )
        self.ledger.append([opened], self.clock.at)
        self.router = self.routing()
        self.router.take_facts()

    def begun(self, deposit_u: int) -> Any:  # noqa: ANN401  any broker
        """The broker's account, with a deposit."""
        return open_paper(self.place, deposit_u)

    def routing(self) -> Router:
        """A router over the ledger as it is."""
        symbols = {one.symbol: one for one in BOTH}
        street = Street(
            self.erring, self.clock, self.board, self.calendar, symbols, Ladder(3, MINUTE)
        )
        return Router(self.ledger, street)

    def restart(self) -> None:
        """Another process: everything from the files."""
        self.journal.close()
        self.journal = Journal.open(self.folder / "journal.db")
        self.ledger = Ledger(self.journal, "main")
        self.erring.broker = open_paper(self.place, 0)
        self.router = self.routing()

    def common(self) -> dict[str, Any]:
        """What every event carries now."""
        return {"at": self.clock.at, "session": day(0), "account": "main"}

    def approve(self, action: str, *legs: tuple[str, int], shares: int = 0, **more: Any) -> int:  # noqa: ANN401
        """Approve an intent; its sequence."""
        several = len(legs) > 1 or (bool(legs) and shares != 0)
        limit = more.pop("limit", None)
        made = Approved(
            **self.common(), **WHOSE, action=action, option=legs[0][0] if legs else None,
            quantity=abs(legs[0][1]) if legs else abs(shares), why="entry",
            legs=tuple(Leg(*leg) for leg in legs) if several else (),
            shares=shares if legs else 0, limit_u=None if limit is None else to_u(limit), **more,
        )  # fmt: skip
        self.ledger.append([made], self.clock.at)
        self.ledger.commit()
        return self.ledger.sequence

    def route(self, until: str = "15:55", barred: dict[int, str] | None = None) -> dict[int, str]:
        """Work what was approved until a time of this day."""
        return self.router.settle_all(moment(self.calendar, 0, until), lambda: barred or {})

    def once(self, until: int, barred: dict[int, str]) -> None:
        """One pass over what was approved: nothing is waited for."""
        waits, self.clock.wait = self.clock.wait, _ends  # type: ignore[method-assign]
        try:
            with suppress(Passed):
                self.router.settle_all(until, lambda: barred)
        finally:
            self.clock.wait = waits  # type: ignore[method-assign]

    def events(self, *kinds: type[AnyEvent]) -> list[Any]:
        """Events of some kinds, in order."""
        self.ledger.commit()
        return [event for _, event in self.journal.read() if isinstance(event, kinds)]

    def orders(self) -> list[tuple[int, str]]:
        """Limits in cents and last states of all orders."""
        last = {one.client: one.state for one in self.events(OrderTold)}
        ended = self.ledger.folding.orders.ended
        return [
            (round(one.limit_u / 1e4), ended.get(("main", one.client)) or last.get(one.client, ""))
            for one in self.events(OrderIntended)
        ]

    def breaks(self) -> list[Break]:
        """Where the book is not what the broker says."""
        return reconciled(self.ledger.book, self.erring.broker.statement(), "main")


class Live(Board):
    """A board whose quotes are of this moment."""

    def __init__(self, closes: dict[int, tuple[float, float]], clock: HandClock) -> None:
        super().__init__(closes)
        self.clock = clock
        self.age = 0

    def touch(self, keys: Any) -> Any:  # noqa: ANN401  as the port
        """What is quoted, as old as it is set to be."""
        self.at = self.clock.at - self.age
        return super().touch(keys)


def quoted(stand: Stand) -> Stand:
    """A stand on whose board its options are quoted."""
    stand.board.touches |= {
        PUT: (1.30, 1.40), LOWER: (0.50, 0.60), NEXT: (2.00, 2.10), CALL: (0.80, 0.90),
        "KO": (59.99, 60.01),
    }  # fmt: skip
    return stand
