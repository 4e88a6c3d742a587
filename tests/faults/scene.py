"""A seed, run: a desk on a simulated clock, network, disk and broker through twelve sessions.

The desk is run as by cron, a process of its own each time; one that dies is begun again.  Nine
sessions are troubled; then the owner mends what the broker never told, and it is quiet.
"""

import heapq
import random  # noqa: TID251  of a seed
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from desk.test_strategies import CASES, RULES
from desk.world import HandClock, weekdays
from faults.effects import Disk, Killed, Watch, Wire
from faults.exchange import Exchange
from faults.owner import Owner
from faults.plan import DAY, FIRST_QUIET, MINUTE, Plan, plan_of
from faults.tape import SESSIONS, Feed, Market, Shape, history
from faults.telling import AT_LAST, Telling
from faults.whose import approval_of
from markets import START, limits, owns, policies
from underwriter.book.event import AnyEvent, OrderIntended
from underwriter.book.imports.reconcile import mends, reconciled
from underwriter.book.journal import Journal
from underwriter.book.store import Written
from underwriter.book.stored import decode
from underwriter.core.errors import JournalError, UnderwriterError
from underwriter.core.units import CENT_U, MICRO, to_u
from underwriter.desk.brokers.paper_place import Manners, Place
from underwriter.desk.cycle import Desk, Report
from underwriter.desk.deciding import Named, Rules
from underwriter.desk.guard import Guards
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import BrokerError, Capabilities, Ticket, Told
from underwriter.desk.router import Street
from underwriter.desk.watching import Beside
from underwriter.market.calendar import Calendar

CASH = 100_000.0
CRON = (6 * 60, 9 * 60 + 40, 15 * 60 + 45, 15 * 60 + 52, 16 * 60 + 5)  # minutes of a session
SMALL_U = 200 * MICRO  # the most that a fee is
TRIES = 12  # processes that may die in a row
CALENDAR: Calendar = weekdays()
EXCHANGE = ZoneInfo("America/New_York")
LAST = 16  # the day after the last session, in whose morning it is settled


class Scene:
    """Everything there is of a seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.folder, self.calendar = folder, CALENDAR
        self.plan: Plan = plan_of(seed, CALENDAR, START, SESSIONS)
        plan = self.plan
        self.dice = random.Random(f"effects {seed}")  # noqa: S311
        self.clock = HandClock(self.at(SESSIONS[0], 5 * 60))
        self.calm = self.at(SESSIONS[FIRST_QUIET - 1] + 1, 0)
        slab = history(Shape(plan.base, plan.path, plan.split, plan.dividend))
        self.market = Market(slab, self.clock, CALENDAR, seed)
        self.feed = Feed(self.market, plan)
        able = Capabilities("exchange", plan.legs, plan.legs > 1, plan.rolls, True)
        manners = Manners(half_spread=0.8, commission=0.65, lot=plan.lot, late=plan.late)
        place = Place(folder / "none", self.clock, self.market, CALENDAR, slab.instruments,
                      manners, able)  # fmt: skip
        self.exchange = Exchange(place, to_u(CASH))
        self.disk = Disk(self)
        self.owner = Owner(self)
        self.beside = Beside(folder / "kill", self.owner.box)
        self.symbol = slab.instruments[0].symbol
        self.rules = _rules(plan)
        self.story: list[str] = []
        self.events: list[AnyEvent] = []  # of the journal, as written
        self.approvals: dict[str, int] = {}  # of orders, by client: the sequence it is of
        self.reports: list[tuple[int, Report, bool]] = []  # time, what a cycle did, all told then
        self.failed: list[tuple[int, str]] = []  # and of processes that ended in an error
        self.mending: set[int] = set()  # which reports were for the owner to see the breaks
        self.deaths = 0
        self.doom = 0  # effects until who heard a wish dies; 0: it does not
        self.on_write: list[Callable[[Scene, AnyEvent], None]] = []
        self.on_sent: list[Callable[[Scene, Ticket], None]] = []
        self.on_alive: list[Callable[[Scene, Ledger], None]] = []
        self._agenda: list[tuple[int, int, str, Callable[[], None]]] = []
        self._count = 0
        self.telling = Telling(self)

    # --- what effects ask of it ---

    def now(self) -> int:
        """The true time."""
        return self.clock.at

    def skew(self) -> int:
        """How far the desk's clock is ahead."""
        begun = [one.by for one in self.plan.skews if one.begins <= self.clock.at]
        return begun[-1] if begun else 0

    def next_skew(self) -> int:
        """When that changes next."""
        ahead = [one.begins for one in self.plan.skews if one.begins > self.clock.at]
        return min(ahead, default=self.clock.at + 10 * DAY)

    def may(self, chance: float) -> bool:
        """Whether a fault happens; none where it is quiet."""
        return chance > 0.0 and self.clock.at < self.calm and self.dice.random() < chance

    def is_doomed(self) -> bool:
        """Whether this is the effect at which who heard a wish dies."""
        if self.doom == 0 or self.clock.at >= self.calm:
            return False
        self.doom -= 1
        return self.doom == 0

    def tell(self, text: str) -> None:
        """A line of the story, by the exchange's clock, where there is one to tell."""
        if text:
            self.story.append(f"{_stamp(self.clock.at)}  {text}")

    def wrote(self, rows: Sequence[Written]) -> None:
        """What the journal holds since now."""
        for row in rows:
            event = decode(row[5], row[3])
            self.events.append(event)
            if isinstance(event, OrderIntended):
                self.approvals[event.client] = approval_of(self.events, event)
            for watch in self.on_write:
                watch(self, event)

    def sent(self, ticket: Ticket) -> None:
        """What the exchange has taken since now."""
        for watch in self.on_sent:
            watch(self, ticket)

    def later(self, at: int, what: str, happens: Callable[[], None]) -> None:
        """Let something happen at a time."""
        self._count += 1
        heapq.heappush(self._agenda, (at, self._count, what, happens))

    def advance(self, to: int) -> None:
        """Let time pass, and what is on its way arrive; orders meet what is quoted meanwhile."""
        while self._agenda and self._agenda[0][0] <= to:
            at, _, what, happens = heapq.heappop(self._agenda)
            self.clock.at = max(self.clock.at, at)
            try:
                happens()
            except BrokerError as problem:
                self.tell(f"{what}: arrives, and {problem}")
            else:
                self.tell(f"{what}: arrives" if what else "")
        self.clock.at = max(self.clock.at, to)
        self.exchange.pass_time()

    def told(self, since: date) -> list[Told]:
        """The facts that are told by now."""
        self.exchange.pass_time()
        facts = [one for one in self.exchange.account.facts if one.row.day >= since]
        return [
            Told(one.row, one.client) for one in facts if self.telling.when(one) <= self.clock.at
        ]

    def run(self) -> None:
        """The whole seed."""
        self._schedule()
        for n, day in enumerate(SESSIONS):
            if n == FIRST_QUIET:
                _mend(self, 5 * 60)
                self.owner.let_on()
            for minute in CRON:
                if n == FIRST_QUIET and minute == CRON[2]:
                    _mend(self, AT_LAST + 5)
                self.advance(self.at(day, minute))
                if minute == CRON[1] and n < FIRST_QUIET and self.may(self.plan.beside):
                    self.tell(self.exchange.hand(self.dice))
                self.cycle()
        self.advance(self.at(LAST, 6 * 60))
        self.cycle()
        self.owner.read_all()

    def cycle(self) -> None:
        """One run of cron: processes until one ends, well or with an error."""
        for _ in range(TRIES):
            try:
                self._process()
            except Killed:
                self.deaths += 1
                self.advance(self.clock.at + self.dice.choice([0, 0, MINUTE]))
            except (UnderwriterError, OSError) as problem:
                self.tell(f"the process ends in an error: {problem}")
                self.failed.append((self.clock.at, str(problem)))
                return
            else:
                return

    def second(self) -> None:
        """Another process at the same time, which is refused; or one when none is expected."""
        if not self.disk.held:
            self.cycle()
            return
        try:
            self._process()
        except JournalError as problem:
            self.tell(f"a second process: {problem}")

    def _process(self) -> None:
        self._set_kill()
        self.tell(f"a process begins, its clock {self.skew() // MINUTE:+d} min")
        with Journal(self.disk.open()) as journal:
            street = Street(
                Wire(self), Watch(self), self.feed, CALENDAR,
                {one.symbol: one for one in self.exchange.place.instruments},
                guards=Guards(**self.plan.guards),
            )  # fmt: skip
            ledger = Ledger(journal, "main")
            begun, known = self.clock.at, len(self.exchange.account.facts)
            report = Desk(ledger, street, self.rules, self.beside).run()
            told = _all_told(self, begun, known) and _all_told(self, self.clock.at, None)
            self.reports.append((self.clock.at, report, told))
            self.tell(f"the process ends: {_words(report)}")
            for watch in self.on_alive:
                watch(self, ledger)

    def _set_kill(self) -> None:
        if any(one.begins <= self.clock.at < one.ends for one in self.plan.killed):
            self.beside.kill.touch()
        else:
            self.beside.kill.unlink(missing_ok=True)

    def ledger(self) -> Ledger:
        """The journal as it stands, to look at."""
        return Ledger(Journal(self.disk), "main")

    def _schedule(self) -> None:
        """Nights, in which assignments and busts happen before anybody is told; and the hand."""
        self.owner.schedule()
        for day in SESSIONS[:FIRST_QUIET]:
            self.later(self.at(day + 1, 5 * 60), "", lambda day=day: self._night(day))  # type: ignore[misc]

    def _night(self, day: int) -> None:
        told = self.at(day + 1, 6 * 60)
        if self.may(self.plan.assigned):
            self.tell(self.exchange.assign(self.dice, START + self.plan.base + day, told))
        if self.may(self.plan.busted):
            self.tell(self.exchange.bust(self.dice, START + self.plan.base + day, told))

    def at(self, day: int, minute: int) -> int:
        """A minute of a day, counted from the first."""
        return CALENDAR.at(START + self.plan.base + day, minute)


def _mend(scene: Scene, minute: int) -> None:
    """The owner books what nobody told; later the fee, of no trade till then, that was told."""
    day = SESSIONS[FIRST_QUIET]
    scene.advance(scene.at(day, minute))
    before = len(scene.reports)
    scene.cycle()
    if minute > AT_LAST and not _all_told(scene, scene.clock.at, None):  # which is no break
        scene.advance(max(map(scene.telling.when, scene.exchange.account.facts)))
        scene.cycle()
    scene.mending.update(range(before, len(scene.reports)))
    scene.advance(scene.at(day, minute + 1))
    ledger = scene.ledger()
    breaks = reconciled(ledger.book, scene.exchange.statement(), "main")
    if minute > AT_LAST:
        breaks = [one for one in breaks if one.kind == "cash"
                  and abs(one.book_u - one.statement_u) < SMALL_U]  # fmt: skip
    for one in breaks:
        scene.tell(f"the owner finds a break: {one.kind} {one.key}, {one.cause}")
    ledger.append(mends(breaks), scene.clock.at)
    ledger.commit()


def _all_told(scene: Scene, by: int, count: int | None) -> bool:
    """Whether the broker had told so many facts by a time; of none said, all."""
    return all(scene.telling.when(one) <= by for one in scene.exchange.account.facts[:count])


def _rules(plan: Plan) -> Rules:
    """One policy in one or two seats, secured by cash."""
    given: dict[str, Any] = RULES | CASES[plan.strategy] | {"exit_dte": plan.seed % 3 - 1}
    return Rules(
        "main", ((0, 0),) * plan.seats, policies(given), owns(),
        limits(short_put_notional=1.0, fee_reserve_u=2 * CENT_U * 100),
        (Named("policy", "p", "text"),), "15:45", "1", "modelled", "history", {},
    )  # fmt: skip


def _stamp(at: int) -> str:
    when = datetime.fromtimestamp(at // 10**9, UTC).astimezone(EXCHANGE)
    return f"{when:%a %d %b %H:%M:%S}"


def _words(report: Report) -> str:
    """What a cycle did, in a line."""
    said = [f"{one.kind} {one.session - START}" for one in report.done]
    said += [f"{one.duty.kind} left" for one in report.left]
    said += [f"break {one.key}" for one in report.breaks]
    said += [f"odd: {one}" for one in report.odd]
    said += [f"held back: {one}" for one in dict.fromkeys(report.held_back.values())]
    said += [f"intent {one} {why or 'filled'}" for one, why in report.ended.items()]
    return ", ".join([*said, report.blind] if report.blind else said) or "nothing"
