"""Run the cadence: over a history, or by the wall's clock for as long as it is left to run.

The desk is one (`desk.cycle`); what differs is the street it stands on: the quotes, the clock and
the broker, which `wire` names.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from underwriter.app import wire, wire_desk
from underwriter.app.alpaca_day import EarlyError
from underwriter.app.desk_folder import Folder, Kind, claim, claimed, folder_at
from underwriter.app.desk_rules import rules_of
from underwriter.app.ground import unreached
from underwriter.app.lake_quotes import underlyings_held
from underwriter.app.live_yes import require_switches, require_yes
from underwriter.app.recorded import Recorder
from underwriter.app.request import Request
from underwriter.app.run_folder import DESKS, REPLAYS
from underwriter.app.seats import require_seats, take_back, unseated
from underwriter.app.setting_up import Phase, cold_note, nobodys, seen
from underwriter.app.tickets import ask_first, left_open
from underwriter.app.trade_review import review_due, weeks_before, write_review
from underwriter.app.trade_rows import Counts, Traded, breaks_of, left_of, lines_of
from underwriter.app.trade_told import telling
from underwriter.app.universe import needs_margin, needs_market
from underwriter.book.journal import Journal, exists
from underwriter.book.journal import events as journal_events
from underwriter.book.positions import holdings
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO
from underwriter.desk.brokers.manual_words import Teller
from underwriter.desk.brokers.paper import Paper
from underwriter.desk.cadence import MORNING, due, next_moment
from underwriter.desk.clocks import SECOND, LeapingClock
from underwriter.desk.cycle import Desk, Report
from underwriter.desk.deciding import Rules
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import Clock
from underwriter.desk.router import Street
from underwriter.desk.watching import Beside
from underwriter.market.beside import through
from underwriter.market.calendar import Calendar

PULSE = 60 * SECOND  # nanoseconds between two looks at broker and hand while nothing is due

Say = Callable[[str], None]


class Asked(NamedTuple):
    """What is to be run."""

    request: Request
    kind: Kind
    folder: Path | None  # None: the usual one
    book: str | None  # a journal elsewhere
    once: bool = False


class Stage(NamedTuple):
    """A desk on its street, with its folder."""

    desk: Desk
    folder: Folder
    kind: Kind
    policy: str


def folder_of(asked: Asked) -> Folder:
    """The folder of a desk: the one that is named, else that of its account or its replay."""
    home = asked.request.house.home
    usual = (
        home / REPLAYS / asked.request.name
        if asked.kind == "replay"
        else home / DESKS / asked.request.settings.account.name
    )
    return folder_at(asked.folder or usual, asked.book)


def _require_named(request: Request, folder: Folder) -> None:
    """InputError for shares of the settings that no policy trades, where a book is to begin.

    Most are a slip in a symbol; of the others nothing would be sold, and nothing covered.
    """
    left = nobodys(request)
    if left and not (exists(folder.journal) and any(journal_events(folder.journal))):
        raise InputError(
            f"[holdings]: found {', '.join(left)}, which no policy of this desk trades; expected "
            f"some of {', '.join(request.universe)}. What no policy is to deal in is recorded once "
            "the desk has begun: underwriter book record buy SYMBOL SHARES PRICE --owned-since DAY"
        )


def replayed(asked: Asked, phase: Phase, say: Say) -> Traded:
    """Run over a history from where its journal ends; what came of it."""
    request = asked.request
    needs_margin(request.policies, request.settings.account)
    folder, note = folder_of(asked), cold_note()
    _require_named(request, folder)
    claim(folder, "replay")
    with phase("reading the history", ""):
        found = wire.ground(request)
    for line in unreached(found, request.first, request.last):
        say(line)
    with phase(found.making, note):
        found, slab, setup = seen(request, found, found.slab(request.house.home))
        slab = slab._replace(market=through(slab.market, setup.lens))
    with opened(folder) as journal:
        ledger = Ledger(journal, request.settings.account.name)
        clock = LeapingClock(_begins(ledger, found.calendar, int(found.day[0])))
        require_seats(ledger, request, (found.calendar, clock), say)
        take_back(ledger, unseated(ledger, request), clock.now())
        street = wire_desk.replay_street(request, folder, slab, clock, found.calendar)
        rules = rules_of(request, slab, setup, found.source)
        desk = Desk(ledger, street, rules, Beside(folder.kill, folder.inbox))
        last = found.calendar.at(int(found.day[-1]) + 1, MORNING)
        came = _run(Stage(desk, folder, "replay", request.name), say, _until(clock, last, desk))
        if week := review_due(desk, folder):
            reviewed = write_review(request.house, desk, folder, week)
            say(f"review of {week}: {reviewed.path or reviewed.text}")
            if line := weeks_before(desk, folder, week):
                say(line)
        return came


def _begins(ledger: Ledger, calendar: Calendar, first: int) -> int:
    """Where a replay goes on: where its journal ends, or at the opening of the first session."""
    return max(calendar.opens_at(first), ledger.last_at)


def _until(clock: Clock, last: int, desk: Desk) -> Callable[[Report], bool]:
    """Leap to the next moment at which something is due; False once the last one is over."""
    calendar, decide_at = desk.street.calendar, desk.rules.decide_at

    def go_on(report: Report) -> bool:
        while (now := clock.now()) < last:
            opens = desk.opens() or last
            clock.wait(min(next_moment(calendar, now, decide_at), opens, last))
            duties = due(calendar, clock.now(), desk.past(), decide_at)
            if duties or report.left or clock.now() == opens:
                return True
        return False

    return go_on


def kept(asked: Asked, phase: Phase, say: Say, teller: Teller) -> Traded:
    """Run by the wall's clock, one cycle or until the process is ended; what came of it.

    A person agrees to trade with money once all is there and looked at, last of all before it runs.
    """
    request = asked.request
    needs_margin(request.policies, request.settings.account)
    needs_market(request)
    folder = folder_of(asked)
    _require_named(request, folder)

    def agree() -> None:
        if asked.kind == "live":
            require_yes(request, folder)

    if asked.kind == "live":
        require_switches(request, folder)
    with claimed(folder, asked.kind), opened(folder) as journal:
        ledger = Ledger(journal, request.settings.account.name)
        if asked.kind == "manual":
            ask_first(folder, ledger, teller, say)
        require_seats(ledger, request, wire_desk.when(request, None), say)
        with phase("opening the desk", cold_note()):
            street, rules, record = _street(asked, folder, ledger, (teller, say, agree))
        if isinstance(street.broker, Paper) and street.broker.follow(ledger):
            say(f"{folder.paper}: had lost what is booked; the account holds what the book holds")
        desk = Desk(ledger, street, rules, Beside(folder.kill, folder.inbox, record))
        stage = Stage(desk, folder, asked.kind, request.name)
        tell, go_on = (
            telling(request.house, desk, folder, say),
            _once if asked.once else _forever(desk),
        )

        def after(report: Report) -> bool:
            tell(report)
            return go_on(report)

        agree()
        take_back(ledger, unseated(ledger, request), street.clock.now())
        return _run(stage, say, after)


def _street(
    asked: Asked, folder: Folder, ledger: Ledger, person: tuple[Teller, Say, Callable[[], None]]
) -> tuple[Street, Rules, Recorder]:
    """Where a desk stands, as soon as it may begin; one that is to run once does not wait.

    Before it waits a person agrees, who may be gone by then.
    """
    teller, say, agree = person
    while True:
        try:
            return wire_desk.live_street(
                asked.request, asked.kind, folder, lambda: underlyings_held(ledger), teller, say
            )
        except EarlyError as early:
            if asked.once:
                raise
            calendar, clock = wire_desk.when(asked.request, None)
            then = datetime.fromtimestamp(early.until // SECOND, ZoneInfo(calendar.tz))
            agree()
            say(f"the desk begins at {then:%Y-%m-%d %H:%M}: {early}")
            clock.wait(early.until)


def _once(_: Report) -> bool:
    """One cycle is enough."""
    return False


def _forever(desk: Desk) -> Callable[[Report], bool]:
    """Wait for what is due next, for the hand, or for the next look at the broker."""
    street = desk.street

    def go_on(_: Report) -> bool:
        now = street.clock.now()
        then = next_moment(street.calendar, now, desk.rules.decide_at)
        street.clock.wait(min(then, now + PULSE))
        return True

    return go_on


@contextmanager
def opened(folder: Folder) -> Iterator[Journal]:
    """The journal of a desk, made where it is not there."""
    place = folder.journal
    with Journal.open(place) if exists(place) else Journal.create(place) as journal:
        yield journal


class _Fresh:
    """What happened since it was said last."""

    def __init__(self, ledger: Ledger, counts: Counts, say: Say) -> None:
        self.journal, self.counts, self.say = ledger.journal, counts, say
        self.roots = {one.sleeve: one.root for one in ledger.book.sleeves}
        self.after = self.journal.head.sequence

    def tell(self) -> None:
        """Count it and say it, a line each."""
        fresh = [event for _, event in self.journal.read(self.after)]
        self.after = self.journal.head.sequence
        for event in fresh:
            self.counts.take(event)
        for line in lines_of(fresh, self.roots):
            self.say(line)


def _run(stage: Stage, say: Say, go_on: Callable[[Report], bool]) -> Traded:
    """Cycle after cycle, saying what happens; orders are ended where the process is."""
    desk, counts = stage.desk, Counts()
    fresh = _Fresh(desk.ledger, counts, say)
    try:
        while True:
            report = desk.run()
            counts.cycle(report)
            fresh.tell()
            if not go_on(report):
                if desk.ledger.folding.orders.live:  # nobody would look after them
                    desk.stand_down()
                    fresh.tell()
                return _came(stage, counts, report)
    except BaseException:
        try:
            with suppress(Exception):  # what went wrong is what is told
                desk.stand_down()
                fresh.tell()  # what filled meanwhile
        finally:  # where somebody does not wait for that, too
            for line in _left_open(stage):
                say(line)
        raise


def _left_open(stage: Stage) -> list[str]:
    """What may still work at the broker as the desk ends, a line each; tickets in one."""
    if stage.kind == "manual":
        return left_open(stage.folder)
    return [
        f"order {client} may still work at the broker: the next run looks it up"
        for _, client in stage.desk.ledger.folding.orders.live
    ]


def _came(stage: Stage, counts: Counts, report: Report) -> Traded:
    """What came of all cycles, and how the last of them found the account."""
    desk = stage.desk
    ledger, mark = desk.ledger, desk.ledger.folding.marks.get(desk.rules.account)
    live, losses = ledger.folding.orders.live, ledger.losses
    return Traded(
        policy=stage.policy, kind=stage.kind, folder=str(stage.folder.path),
        journal=str(stage.folder.journal),
        first=counts.first, last=counts.last, sessions=counts.count, cycles=counts.cycles,
        approved=counts.approved,
        refused=counts.refused, orders=counts.orders, fills=counts.fills,
        assigned=counts.assigned, expired=counts.expired,
        equity=None if mark is None else mark.equity_u / MICRO,
        cash=None if mark is None else mark.cash_u / MICRO,
        held=[*_held(desk)], breaks=breaks_of(report), odd=[*report.odd],
        held_back={str(key): why for key, why in report.held_back.items()},
        beside=[*report.beside], left=left_of(report), skipped=counts.skipped,
        unknown=[client for (_, client), one in live.items() if one.state in {None, "unknown"}],
        blind=report.blind,
        account=[f"{one.what}: {one.found}" for one in report.faults if one.grave],
        setting=losses.setting,
        why=losses.why,
    )  # fmt: skip


def _held(desk: Desk) -> Iterator[str]:
    """What the book holds, a line a leg."""
    for one in holdings(desk.ledger.book):
        if one.opened.account != desk.rules.account:
            continue
        name = f"{one.opened.name} on {one.opened.underlying}"
        if one.shares:
            yield f"{name}: {one.shares:,} shares"
        for leg in one.legs:
            yield f"{name}: {leg.quantity:+,} {leg.contract}"
