"""`trade --live` at the local server: the command by that world's policies, and its journal."""

import io

from app.trading import Office
from command_line import Told
from conformance.live import POLICIES, LiveStage, Trade
from markets import START
from underwriter.book.event import AnyEvent, Filled, SleeveOpened
from underwriter.book.journal import events
from underwriter.core.units import MICRO, day_number

AT_ALPACA = ('broker = "alpaca"', 'quotes = "alpaca"')
SWITCHED = {"--live": ("[desk]", "live = true", *AT_ALPACA), "--paper": ("[desk]", *AT_ALPACA)}


class Terminal(io.StringIO):
    """A standard input at which somebody sits, who types the same at each question."""

    def isatty(self) -> bool:
        """Yes."""
        return True

    def readline(self, *_size: object) -> str:
        """What is typed."""
        return self.getvalue()


def paths(office: Office) -> list[str]:
    """Where the policies are."""
    return [str(office.folder / f"{name}.toml") for name in POLICIES]


def run(office: Office, *words: str, kind: str = "--live") -> Told:
    """The command, by all three policies."""
    return office.underwriter("trade", *paths(office), kind, *words)


def told(office: Office) -> list[AnyEvent]:
    """What is in the journal."""
    return [event for _, event in events(office.desk / "journal.db")]


def trades(office: Office) -> list[Trade]:
    """What changed hands, as the world says it."""
    happened = told(office)
    names = {one.sleeve: one.name for one in happened if isinstance(one, SleeveOpened)}
    return [
        Trade(day_number(one.session) - START, names[one.sleeve], one.option or "",
              one.quantity, one.price_u / MICRO)
        for one in happened
        if isinstance(one, Filled)
    ]  # fmt: skip


def statuses(world: LiveStage) -> list[str]:
    """How the orders stand at the server."""
    return [world.server.model.order(one)["status"] for one in world.server.model.orders]
