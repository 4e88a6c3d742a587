"""One cycle: fold, look, settle what is over, decide what is due, route it; twice changes nothing.

    facts      what the broker tells is booked, whatever is due
    settle     a session's evening is marked, its night's facts in it
    decide     the book is reconciled, the step decides on the session's slab, and everything it
               says is one write: the session is decided, once
    route      what was approved and is not filled goes on, now or after a restart; what comes to
               nothing by the orders' last moment is written down as refused

Guards are asked at every pass.  A break between the book and the broker's statement holds back what
adds risk, and nothing else; what is decided beside one stays held back when it is gone, since it
was decided on a book that was not true.
"""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from underwriter.book.event import AnyEvent, BookOpened, Decided
from underwriter.book.imports.reconcile import Break, reconciled
from underwriter.core.units import day_number, day_of
from underwriter.desk.cadence import Duty, Past, due, last_moment, skipped
from underwriter.desk.deciding import Rules, decide, risks_beside, slab_hash, unopened
from underwriter.desk.evening import equity_now_u, evening_of
from underwriter.desk.guard import Seen, barred
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import BrokerError
from underwriter.desk.refusal import finished_rolls, refusal, withheld
from underwriter.desk.router import Router, Street
from underwriter.market.slab import Slab


class Report(NamedTuple):
    """What a cycle did."""

    done: tuple[Duty, ...]
    left: tuple[Duty, ...]  # due, and not possible yet: closes unknown, or the broker is silent
    skipped: tuple[int, ...]  # sessions whose decision was missed
    breaks: tuple[Break, ...]
    odd: tuple[str, ...]  # facts that do not fit the book
    held_back: dict[int, str]  # by sequence of the approval, why
    ended: dict[int, str]  # of intents that were routed: "" filled, or why not
    blind: str  # why the broker told nothing, or ""

    @property
    def attention(self) -> bool:
        """Whether somebody should look: a break, a fact that fits nothing, an order unknown."""
        wrong = {"unknown", "rejected"} & set(self.ended.values())
        return bool(
            self.breaks or self.odd or self.held_back or wrong or self.skipped or self.blind
        )


class Desk:
    """One account's desk; `kill` is the file whose presence stops everything that adds risk."""

    def __init__(self, ledger: Ledger, street: Street, rules: Rules, kill: Path) -> None:
        self.ledger, self.street, self.rules, self.kill = ledger, street, rules, kill
        self.router = Router(ledger, street)
        self._equity_u = 0  # until a session's slab is seen
        self._cleared = False
        self._breaks: tuple[Break, ...] = ()

    def run(self) -> Report:
        """Do all that is due now."""
        now, calendar = self.street.clock.now(), self.street.calendar
        if self.ledger.folding.opened is None:
            self._open(day_of(calendar.day_at(now)), now)
        odd, blind = self._look()
        before = ({}, {}) if blind else self._clear()
        past = self.past()
        missed = skipped(calendar, now, past)
        done: list[Duty] = []
        left: list[Duty] = []
        for duty in due(calendar, now, past, self.rules.decide_at):
            if duty.kind != "review":  # which is written by who reads the journal
                may = self._settle if duty.kind == "settle" else self._decide
                (left if blind or left or not may(duty.session) else done).append(duty)
        ended, held_back = self._route()
        ended, held_back = before[0] | ended, before[1] | held_back
        return Report(tuple(done), tuple(left), missed, self._breaks, odd, held_back, ended, blind)

    def _clear(self) -> tuple[dict[int, str], dict[int, str]]:
        """Bring what is left of a session that is over to its end, as `_route` says it."""
        found: tuple[dict[int, str], dict[int, str]] = ({}, {})
        decided = self.ledger.decided
        calendar = self.street.calendar
        now = self.street.clock.now()
        if decided is not None and now >= last_moment(calendar, day_number(decided)):
            found = self._route()
        self._cleared = self.router.end_leftovers()
        return found

    def past(self) -> Past:
        """What has been done, as the journal says it; of reviews it says nothing."""
        opened = self.ledger.folding.opened
        begun = 0 if opened is None else day_number(opened.session)
        mark = self.ledger.folding.marks.get(self.rules.account)
        settled = 0 if mark is None else day_number(mark.session)
        decided = self.ledger.decided
        return Past(begun, settled, 0 if decided is None else day_number(decided), 0)

    def _common(self, session: date, at: int) -> dict[str, Any]:
        return {"at": at, "session": session, "account": self.rules.account}

    def _open(self, session: date, at: int) -> None:
        """Begin a book."""
        rules = self.rules
        event = BookOpened(
            **self._common(session, at), version=rules.version, quotes=rules.quotes,
            source=rules.source, policies={one.hash: one.text for one in rules.named},
            settings=dict(rules.settings),
        )  # fmt: skip
        self.ledger.append([event], at)

    def _look(self) -> tuple[tuple[str, ...], str]:
        """Facts that fit nothing, and why the broker said nothing; the breaks are kept.

        Without its facts no night is settled, and without its statement nothing is decided.
        """
        try:
            odd = self.router.take_facts()
            statement = self.street.broker.statement()
        except BrokerError as problem:
            return (), str(problem)
        self._breaks = tuple(reconciled(self.ledger.book, statement, self.rules.account))
        return odd, ""

    def _settle(self, session: int) -> bool:
        """Mark a session's evening; False where its closes are not known yet."""
        slab = self.street.quotes.evening(session)
        if slab is None:
            return False
        at = self.street.clock.now()
        self._open_sleeves(slab, at)
        when = self.street.calendar, at
        self.ledger.append([evening_of(self.ledger.book, slab, self.rules, when)], at)
        return True

    def _open_sleeves(self, slab: Slab, at: int) -> None:
        """Open the sleeves that the rules have and the book has not."""
        common = self._common(day_of(int(slab.market.sessions[0].day)), at)
        self.ledger.append(unopened(self.ledger.book, slab, self.rules, common), at)

    def _decide(self, session: int) -> bool:
        """Decide a session: one write, so that it is decided whole or not at all.

        False while an order of another session lives: the book does not say what will be held.
        """
        if not self._cleared:
            return False
        at, slab = self.street.clock.now(), self.street.quotes.slab(session)
        self._open_sleeves(slab, at)
        made = decide(self.ledger.book, slab, self.rules, (self.street.calendar, at))
        head = Decided(
            **self._common(day_of(session), at), version=self.rules.version, slab=slab_hash(slab)
        )
        first = self.ledger.journal.head.sequence + 2
        events = finished_rolls(self.ledger, made.events)
        if self._breaks or risks_beside(self.ledger.book, self.rules):
            events = withheld(self.ledger, events)
        self.ledger.append([head, *events], at)
        self.router.marks = {
            sequence: mark_u
            for sequence, mark_u in enumerate(made.marks, first)
            if mark_u is not None
        }
        return True

    def _route(self) -> tuple[dict[int, str], dict[int, str]]:
        """Let what was approved go on; what came to nothing is refused in the journal."""
        decided = self.ledger.decided
        if decided is None or not self.ledger.intents:
            return {}, {}
        until = last_moment(self.street.calendar, day_number(decided))
        if self.street.clock.now() < until:
            slab = self.street.quotes.slab(day_number(decided))
            calendar = self.street.calendar
            self._equity_u = equity_now_u(self.ledger.book, slab, self.rules, calendar)
        intents = dict(self.ledger.intents)
        ended = self.router.settle_all(until, self._barring)
        at, held_back = self.street.clock.now(), self._barring()
        nothing: list[AnyEvent] = [
            refusal(intents[sequence].event, at, halted=sequence in held_back)
            for sequence, why in ended.items()
            if why not in {"", "unknown"}
        ]
        self.ledger.append(nothing, at)
        return ended, held_back

    def _barring(self) -> dict[int, str]:
        """What guards hold back at this moment."""
        mark = self.ledger.folding.marks.get(self.rules.account)
        seen = Seen(
            killed=self.kill.exists(),
            breaks=len(self._breaks),
            equity_u=self._equity_u or (0 if mark is None else mark.equity_u),
            evening_u=0 if mark is None else mark.equity_u,
            peak_u=0 if mark is None else mark.peak_u,
            orders=self.ledger.sent_on(self.ledger.decided) if self.ledger.decided else 0,
        )
        shares = {
            one.event.sleeve: int(self.ledger.row(one.event.sleeve).shares)
            for one in self.ledger.intents.values()
        }
        return barred(self.ledger.intents.values(), shares, self.street.guards, seen)
