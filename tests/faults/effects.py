"""The ports and the disk with faults before and after every effect; a fault is a draw of the seed.

    Disk      rows of the journal, in memory; a write may find no room, or kill the process
    Watch     the desk's clock, which jumps
    Wire      the network to the broker: requests and answers are lost, late, told twice

A process may die before and after each of them.  Everything is told to the scene's story.
"""

import random  # noqa: TID251  of a seed
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from desk.world import SECOND
from faults.exchange import Exchange
from faults.plan import Plan
from underwriter.book.imports.statement import Statement
from underwriter.book.layout import GENESIS, Head, Row
from underwriter.book.store import Payload, Written
from underwriter.core.errors import JournalError
from underwriter.desk.ports import (
    BrokerError,
    Capabilities,
    DoubtError,
    Found,
    Ticket,
    Told,
    UnreachableError,
)


class Killed(BaseException):
    """The process ends here."""


class Scene(Protocol):
    """What effects happen in."""

    plan: Plan
    dice: random.Random
    exchange: Exchange

    def now(self) -> int:
        """The true time."""
        ...

    def skew(self) -> int:
        """How far the desk's clock is ahead of it."""
        ...

    def next_skew(self) -> int:
        """When that changes next."""
        ...

    def advance(self, to: int) -> None:
        """Let time pass, and what is on its way arrive."""
        ...

    def later(self, at: int, what: str, happens: Callable[[], None]) -> None:
        """Let something happen at a time."""
        ...

    def may(self, chance: float) -> bool:
        """Whether a fault happens; none where it is quiet."""
        ...

    def is_doomed(self) -> bool:
        """Whether this is the effect at which who heard a wish dies."""
        ...

    def tell(self, text: str) -> None:
        """A line of the story."""
        ...

    def wrote(self, rows: Sequence[Written]) -> None:
        """What the journal holds since now."""
        ...

    def sent(self, ticket: Ticket) -> None:
        """What the exchange has taken since now."""
        ...

    def told(self, since: date) -> list[Told]:
        """The facts that are told by now."""
        ...


def may_die(scene: Scene, where: str) -> None:
    """The process may end here."""
    if scene.is_doomed() or scene.may(scene.plan.death):
        scene.tell(f"the process dies {where}")
        raise Killed


class Disk:
    """A store of a journal, in memory: what is written outlives every process."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.head: Head = GENESIS
        self.place = Path("journal")
        self.kept: list[Written] = []
        self.held = False  # by the one writer there may be

    def open(self) -> "Disk":
        """For a process to write to; JournalError beside another."""
        if self.held:
            raise JournalError("journal: a process writes to it, and it has no other writer")
        self.held = True
        return self

    def rows(self, after: int, limit: int) -> list[tuple[int, Row]]:
        """At most `limit` rows after a sequence."""
        return [
            (sequence, Row(at, received, schema, kind.encode(), payload, digest))
            for sequence, at, received, schema, kind, payload, digest in self.kept[after:][:limit]
        ]

    def payloads(self, after: int, limit: int) -> list[Payload]:
        """The same, of each only what an event is read from."""
        return [(row[0], row[3], row[5]) for row in self.kept[after:][:limit]]

    def adopt(self, head: Head) -> None:
        """Go on from a head."""
        self.head = head

    def write(self, rows: Sequence[Written], head: Head) -> None:
        """All of it or nothing; who writes may die on either side."""
        names = ", ".join(row[4] for row in rows)
        may_die(self.scene, f"before it writes {names}")
        if self.scene.may(self.scene.plan.full):
            self.scene.tell(f"the disk is full, and {names} not written")
            raise JournalError("journal: the disk is full; nothing of the batch was written")
        self.kept += rows
        self.head = head
        self.scene.tell(f"writes {names}")
        self.scene.wrote(rows)
        may_die(self.scene, f"after it has written {names}")

    def close(self) -> None:
        """Let another write."""
        self.held = False

    def let_go(self) -> None:
        """The same."""
        self.held = False


class Watch:
    """The desk's clock: the true time, and its jumps."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def now(self) -> int:
        """What it shows."""
        return self.scene.now() + self.scene.skew()

    def wait(self, until: int) -> None:
        """Let time pass until it shows a moment, or jumps."""
        may_die(self.scene, "while it waits")
        true = until - self.scene.skew()
        self.scene.advance(max(min(true, self.scene.next_skew()), self.scene.now()))


class Wire:
    """The network to the exchange, of one process of the desk."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @property
    def capabilities(self) -> Capabilities:
        """Those of the exchange."""
        return self.scene.exchange.capabilities

    def submit(self, ticket: Ticket) -> None:
        """Send an order."""

        def take() -> None:
            self.scene.exchange.submit(ticket)
            self.scene.sent(ticket)

        self._act(f"order {_short(ticket.client)} {_words(ticket)}", take)

    def cancel(self, client: str) -> None:
        """Ask for the end of an order."""
        self._act(f"cancel {_short(client)}", lambda: self.scene.exchange.cancel(client))

    def look_up(self, client: str) -> Found | None:
        """Ask for an order."""
        return self._ask(
            f"look-up of {_short(client)}", lambda: self.scene.exchange.look_up(client)
        )

    def events(self, since: date) -> Iterable[Told]:
        """Ask for facts: some twice, some out of order."""
        told = self._ask("facts", lambda: self.scene.told(since))
        if told and self.scene.may(self.scene.plan.twice):
            told = told + self.scene.dice.sample(told, self.scene.dice.randint(1, len(told)))
            if self.scene.dice.random() < 0.5:
                self.scene.dice.shuffle(told)
        return told

    def statement(self) -> Statement:
        """Ask for what is held."""
        return self._ask("statement", self.scene.exchange.statement)

    def _act(self, what: str, happens: Callable[[], None]) -> None:
        """A request that changes something; it may arrive later than its sender gives up."""
        self._reach(what)
        if self.scene.may(self.scene.plan.loss):
            self.scene.tell(f"{what}: lost on its way")
            raise DoubtError("timed out")
        if self.scene.may(self.scene.plan.delay):
            late = self.scene.dice.choice([1, 5, 12, 40]) * SECOND
            self.scene.tell(f"{what}: on its way for {late // SECOND} s")
            self.scene.later(self.scene.now() + late, what, happens)
            raise DoubtError("timed out")
        try:
            happens()
        except BrokerError as problem:
            self.scene.tell(f"{what}: {problem}")
            raise
        self.scene.tell(f"{what}: taken")
        self._answer(what)

    def _ask(self, what: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401  as it is asked
        """A question."""
        self._reach(what)
        if self.scene.may(self.scene.plan.loss):
            self.scene.tell(f"{what}: not asked, by chance")
            raise self.scene.dice.choice([DoubtError, UnreachableError])("timed out")
        found = ask()
        self._answer(what)
        return found

    def _reach(self, what: str) -> None:
        may_die(self.scene, f"before its {what}")
        now = self.scene.now()
        if any(one.begins <= now < one.ends for one in self.scene.plan.outages):
            self.scene.tell(f"{what}: the broker is out of reach")
            raise UnreachableError("no route to the broker")

    def _answer(self, what: str) -> None:
        may_die(self.scene, f"after its {what}")
        if self.scene.may(self.scene.plan.loss):
            self.scene.tell(f"{what}: the answer is lost")
            raise DoubtError("the connection dropped")


def _short(client: str) -> str:
    return client[:6]


def _words(ticket: Ticket) -> str:
    """An order in a line."""
    legs = [f"{leg.quantity:+d} {leg.option.replace(' ', '')} {leg.effect}" for leg in ticket.legs]
    shares = [f"{ticket.shares:+d} shares"] if ticket.shares else []
    price = "" if ticket.limit_u is None else f" at {ticket.limit_u / 1e6:.2f}"
    return f"to {ticket.action} " + ", ".join([*legs, *shares]) + price
