"""A desk whose process dies and whose broker falters anywhere, by a seed: what must hold after it.

Every call of the broker and every write of the journal may end the process before it or after it;
calls may time out before or after the broker acted.  The desk is run again, as by cron.
"""

import itertools
import random  # noqa: TID251  of a seed
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desk.stand import Erring
from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from desk.world import SECOND
from underwriter.book.event import Approved, Filled, OrderIntended
from underwriter.book.imports.reconcile import reconciled
from underwriter.book.journal import Journal
from underwriter.core.errors import InputError
from underwriter.core.units import CENT_U, to_u
from underwriter.desk import route
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.cycle import Desk
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import BrokerError, DoubtError, Touch, UnreachableError
from underwriter.desk.replay import Replay
from underwriter.desk.router import Router, Street

OFTEN = 0.04  # how likely a fault is, at each place where one may be


class Killed(BaseException):
    """The process ends here."""


class Falters(Erring):
    """A broker that errs, and a process that dies, by chance."""

    def __init__(self, broker: Any, dice: random.Random) -> None:  # noqa: ANN401
        super().__init__(broker)
        self.dice = dice

    def _do(self, name: str, call: Any) -> Any:  # noqa: ANN401, ARG002  as it is behind
        unreached: BaseException = UnreachableError("by chance")
        _perhaps(self.dice, Killed(), DoubtError("by chance"), unreached)
        found = call()
        _perhaps(self.dice, Killed(), DoubtError("by chance"))
        return found


class Dies:
    """A journal whose process may die around a write."""

    def __init__(self, journal: Journal, dice: random.Random) -> None:
        self.journal, self.dice = journal, dice

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.journal, name)

    def append(self, events: Any, received: int) -> Any:  # noqa: ANN401
        """Write, unless it dies first."""
        _perhaps(self.dice, Killed())
        head = self.journal.append(events, received)
        _perhaps(self.dice, Killed())
        return head


def _perhaps(dice: random.Random, *faults: BaseException) -> None:
    """One of some faults, now and then."""
    if dice.random() < OFTEN:
        raise dice.choice(faults)


class Restless(Replay):
    """Quotes that wander by up to fifteen cents within a session."""

    seed = 0

    def touch(self, keys: Any) -> dict[str, Touch]:  # noqa: ANN401  as the port
        """What is quoted in this half minute."""
        now = self.clock.now()
        wander = random.Random(f"{self.seed} {now // (30 * SECOND)}").randint(-15, 15)  # noqa: S311
        found = super().touch(keys)
        return {
            key: Touch(max(one.bid_u + wander * CENT_U, 0), one.ask_u + wander * CENT_U, one.at)
            for key, one in found.items()
        }


class Doomed(World):
    """The world of the cycle's tests, with faults."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311
        manners = {"half_spread": 0.8, "lot": self.dice.choice([0, 3]),
                   "late": self.dice.choice([0, 90 * 10**9])}  # fmt: skip
        super().__init__(folder, history(), **manners)
        self.quotes = Restless(history(), self.clock, self.calendar)
        self.quotes.seed = seed
        self.place = self.place._replace(quotes=self.quotes)
        self.faults = 0

    def cycle(self) -> Any:  # noqa: ANN401
        """One process after another until one lives through its cycle."""
        while True:
            with Journal.open(self.folder / "journal.db") as journal:
                broker = Falters(open_paper(self.place, to_u(100_000.0)), self.dice)
                street = Street(
                    broker, self.clock, self.quotes, self.calendar,
                    {one.symbol: one for one in self.place.instruments},
                )  # fmt: skip
                ledger = Ledger(Dies(journal, self.dice), "main")  # type: ignore[arg-type]
                try:
                    return Desk(ledger, street, self.rules, self.beside).run()
                except (Killed, BrokerError):
                    self.faults += 1


def check(folder: Path, seed: int) -> int:
    """Run a seed through two weeks and hold it to what must hold; how many faults it met."""
    world = Doomed(folder, seed)
    world.through([*DAYS, 12], [MORNING, MOMENT, 960])
    broker = open_paper(world.place, 0)
    with Journal.open(folder / "journal.db") as journal:
        ledger = Ledger(journal, "main")
    book = ledger.book
    assert reconciled(book, broker.statement(), "main") == [], "a position or money unknown"
    assert book.strays == ()
    assert book.orders.live == {}
    assert broker.account.live() == []
    intended = world.events(OrderIntended)
    clients = [one.client for one in intended]
    assert set(broker.account.orders) <= set(clients), "an order that nobody wrote down"
    assert len(clients) == len(set(clients))
    sold: Counter[Any] = Counter()
    for fill in world.events(Filled):
        sold[fill.session, fill.option] += abs(fill.quantity)
    approved = {(one.session, one.option): one.quantity for one in world.events(Approved)}
    assert all(count <= approved[key] for key, count in sold.items()), "an order doubled"
    return world.faults


@pytest.mark.parametrize("seed", range(6))
def test_t01_t20_wherever_it_dies_nothing_is_doubled_or_lost(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed)


def test_there_are_faults(tmp_path: Path) -> None:
    assert check(tmp_path, 1) > 3


# --- planted bugs, which it must catch ---


def forgets_doubt(router: Router, order: Any, ticket: Any) -> bool:  # noqa: ANN401
    """After a timeout it takes the order for one that never was."""
    try:
        router.street.broker.submit(ticket)
    except BrokerError:
        router._tell(order, "cancelled", None, "planted")
        return False
    router._tell(order, "sent", None)
    return True


def ends_unseen(router: Router, one: Any, order: Any, found: Any) -> bool:  # noqa: ANN401, ARG001
    """It tells the end of an order before its fills are booked."""
    router._tell(order, found.state, found)
    return True


def cancels_unseen(router: Router, one: Any, act: Any) -> bool:  # noqa: ANN401
    """It takes a cancel that was asked for as done."""
    router.street.broker.cancel(act.client)
    router._tell(one.attempts[-1].intended, "cancelled", None)
    return True


def is_caught(folder: Path) -> bool:
    """Whether a seed of some finds what is wrong."""
    for seed in range(40):
        place = folder / str(seed)
        place.mkdir()
        try:
            check(place, seed)
        except (AssertionError, InputError):
            return True
    return False


@pytest.mark.parametrize(
    ("name", "bug"),
    [("_submit", forgets_doubt), ("_end", ends_unseen), ("_cancel", cancels_unseen)],
)
def test_a_planted_bug_is_caught(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    bug: Any,  # noqa: ANN401
) -> None:
    monkeypatch.setattr(Router, name, bug)
    assert is_caught(tmp_path)


def test_ids_that_are_not_of_the_journal_are_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = itertools.count()
    monkeypatch.setattr(route, "client_id", lambda *_: f"new-{next(count)}")
    assert is_caught(tmp_path)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(6, 200))
def test_t01_t20_wherever_it_dies_nothing_is_doubled_or_lost_ever(
    tmp_path: Path, seed: int
) -> None:
    check(tmp_path, seed)
