"""A stage on which any broker is put through the suite: its world can be set from outside.

A broker joins by a class like `PaperStage`, added to STAGES.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

from requests import PreparedRequest

from conformance.alpaca_market import Market
from conformance.alpaca_model import Model
from conformance.alpaca_server import KEY, SECRET, Fault, Server
from desk.world import BOTH, Board, HandClock, moment, path_of, weekdays
from underwriter.core.units import to_u
from underwriter.desk.brokers.alpaca import Alpaca, open_wire
from underwriter.desk.brokers.alpaca_quotes import AlpacaQuotes
from underwriter.desk.brokers.alpaca_terms import Hosts, Keys, Terms
from underwriter.desk.brokers.manual import open_manual
from underwriter.desk.brokers.paper import Paper, open_paper
from underwriter.desk.brokers.paper_place import Manners, Place
from underwriter.desk.ladder import net_of
from underwriter.desk.ports import Broker
from underwriter.desk.price import parts

CASH = 20_000.0
Trouble = Literal["silence", "hang up", "half an answer", "busy", "gateway"]
Doing = Literal["submit", "cancel", "look up"]


FAULTS: dict[Trouble, Fault] = {
    "silence": Fault("stall"),
    "hang up": Fault("drop"),
    "half an answer": Fault("half"),
    "busy": Fault("status", status=429, before=True),
    "gateway": Fault("status", status=504, body=b"<html>504 Gateway Time-out</html>"),
}
WHERE: dict[Doing, tuple[str, str]] = {
    "submit": ("POST", "/v2/orders"),
    "cancel": ("DELETE", "/v2/orders/*"),
    "look up": ("GET", "/v2/orders:by_client_order_id"),
}


class Stage(Protocol):
    """One account of CASH dollars on the first Monday at ten, and the world around it.

    KO closes at 60 on each of three weeks and XSP, cash-settled, at 500.
    """

    @property
    def broker(self) -> Broker:
        """The broker as it is now."""
        ...

    def quote(self, key: str, bid: float, ask: float) -> None:
        """Let a thing be quoted from now on."""
        ...

    def close_at(self, day: int, spot: float) -> None:
        """Let KO close there on a day, counted from the first."""
        ...

    def happens(self, day: int, **fields: Any) -> None:  # noqa: ANN401  dividend, split, quotes
        """Let a session have a dividend or a split of KO, or quotes at its close."""
        ...

    def to(self, day: int, clock: str) -> None:
        """Let time pass to a moment by the exchange's clock."""
        ...

    def lots_of(self, units: int) -> None:
        """Let so many units fill at one moment, and no more."""
        ...

    def late_by(self, seconds: int) -> None:
        """Let fills be told that much later than they happen."""
        ...

    def restart(self) -> None:
        """End the broker's process and begin another."""
        ...

    def trouble(self, what: Trouble, doing: Doing) -> None:
        """Let the next time that something is asked go wrong, where there is a wire for it."""
        ...

    def tell(self, how: Literal["twice", "late", "at last"]) -> None:
        """Let facts be told twice over, or assignments not before they are told "at last"."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class World:
    """What is quoted and what happens, on one clock; `commission` is the broker's, a contract."""

    closed: tuple[int, ...] = ()  # holidays, counted from the first Monday
    clock_of: type[HandClock] = HandClock

    def __init__(self, folder: Path, commission: float) -> None:
        self.calendar = weekdays(closed=self.closed)
        self.clock = self.clock_of(moment(self.calendar, 0))
        closes = dict.fromkeys(range(-3, 21), (60.0, 500.0))
        self.board = Board(closes)
        manners = Manners(half_spread=1.0, commission=commission)
        self.place = Place(path_of(folder), self.clock, self.board, self.calendar, BOTH, manners)

    def quote(self, key: str, bid: float, ask: float) -> None:
        """Set the board."""
        self.board.touches[key] = (bid, ask)

    def close_at(self, day: int, spot: float) -> None:
        """Set the session."""
        self.board.day(day, closes=[(spot, 500.0)])

    def happens(self, day: int, **fields: Any) -> None:  # noqa: ANN401  as the stage says
        """Set the session."""
        bars = {name: fields.pop(name) for name in [*fields] if name in {"dividend", "split"}}
        self.board.day(day, bars={(0, 0): bars}, **fields)

    def to(self, day: int, clock: str) -> None:
        """Set the clock."""
        self.clock.at = moment(self.calendar, day, clock)

    def lots_of(self, units: int) -> None:
        """Begin anew with smaller lots."""
        self._again(lot=units)

    def late_by(self, seconds: int) -> None:
        """Begin anew with later facts."""
        self._again(late=seconds * 10**9)

    def _again(self, **manners: int) -> None:
        self.place = self.place._replace(manners=self.place.manners._replace(**manners))


class PaperStage(World):
    """The paper broker's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, commission=0.65)
        self.broker: Paper = open_paper(self.place, to_u(CASH))

    def restart(self) -> None:
        """Read the account anew from its file."""
        self._again()

    def trouble(self, what: Trouble, doing: Doing) -> None:
        """It is in this process: there is no wire."""

    def tell(self, how: Literal["twice", "late", "at last"]) -> None:
        """It tells what is in its file."""

    def close(self) -> None:
        """Its file is closed."""

    def _again(self, **manners: int) -> None:
        super()._again(**manners)
        self.broker = open_paper(self.place, 0)


class ManualStage(PaperStage):
    """A broker without an interface: a person types back what the market of the stage gives."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._again()

    def _again(self, **manners: int) -> None:
        World._again(self, **manners)
        self.broker = open_manual(self.place, to_u(CASH), {}, self._typed)

    def _typed(self, *_: str) -> str:
        """What a person types who asks for the touch."""
        order = self.broker.account.live()[-1]
        ticket = order.ticket
        if ticket.limit_u is None:
            return "yes"
        wanted = parts(ticket)
        net = net_of(wanted, self.board.touch([*wanted]))
        if net is None or net.touch_u < ticket.limit_u:
            return "\n"
        units = min(self.place.manners.lot or ticket.units, ticket.units)
        return f"{units} @ {abs(net.touch_u) / 1e6}"


class AlpacaStage(World):
    """Alpaca's: the real alpaca-py over HTTP to a local server that speaks Alpaca's API."""

    cash = CASH

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, commission=0.0)
        model = Model(self.place, to_u(self.cash))
        self.server = Server(model, Market(self.place, self.board))
        hosts = Hosts(self.server.url, self.server.url)
        self.terms = Terms(hosts)
        self.open()

    def open(self) -> None:
        """Begin the broker's process."""
        self.wire = open_wire(Keys(KEY, SECRET), self.clock, self.terms)
        self.broker = Alpaca(self.wire, self.clock, self.calendar)
        self.quotes = AlpacaQuotes(self.wire)

    def restart(self) -> None:
        """Begin another process; what is at Alpaca stays there."""
        self.wire.close()
        self.open()

    def trouble(self, what: Trouble, doing: Doing) -> None:
        """Tell the server."""
        method, path = WHERE[doing]
        self.server.next(method, path, FAULTS[what])
        if what == "silence":
            self._wait_in_vain(method)

    def tell(self, how: Literal["twice", "late", "at last"]) -> None:
        """Tell the server."""
        telling = self.server.telling
        telling.twice = telling.twice or how == "twice"
        telling.hidden = {"OPASN", "OPTRD"} if how == "late" else set()

    def _wait_in_vain(self, method: str) -> None:
        """Wait but a moment for the next answer, and be sure that what was asked was taken."""
        door: Any = self.wire.trading._session.get_adapter(self.server.url)
        sent = door.send

        def send(request: PreparedRequest, *given: Any, **named: Any) -> Any:  # noqa: ANN401  theirs
            if request.method != method:
                return sent(request, *given, **named)
            door.send, door.terms = sent, self.terms._replace(read=0.1)
            try:
                return sent(request, *given, **named)
            finally:
                assert self.server.silent.wait(240.0)
                door.terms = self.terms

        door.send = send

    def close(self) -> None:
        """End both sides."""
        self.wire.close()
        self.server.close()

    def _again(self, **manners: int) -> None:
        super()._again(**manners)
        self.server.model.again(self.place)


STAGES: dict[str, Callable[[Path], Stage]] = {
    "alpaca": AlpacaStage,
    "manual": ManualStage,
    "paper": PaperStage,
}
