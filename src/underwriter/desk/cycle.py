"""One cycle: fold, look, settle what is over, decide what is due, route it; twice changes nothing.

    facts      what the broker tells is booked, whatever is due
    settle     a session's evening is marked, its night's facts in it
    decide     the book is reconciled, the step decides on the session's slab, and everything it
               says is one write: the session is decided, once
    route      what was approved and is not filled goes on, now or after a restart; what comes to
               nothing by the orders' last moment is written down as refused

Guards are asked and the hand is heard at every pass.  A break between the book and the broker's
statement holds back what adds risk, and nothing else; what is decided beside one stays held back
when it is gone, since it was decided on a book that was not true.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.event import BookOpened, Skipped
from underwriter.book.imports.reconcile import Break, reconciled
from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.desk.account import Fault, in_dollars
from underwriter.desk.cadence import Duty, Past, due, last_moment, skipped
from underwriter.desk.deciding import Rules, decide, head_of, risks_beside
from underwriter.desk.evening import evening_of
from underwriter.desk.ledger import Ledger
from underwriter.desk.opening import book_of, cash_before, is_first, sleeves_of
from underwriter.desk.ports import BrokerError
from underwriter.desk.refusal import finished_rolls, refusal, withheld
from underwriter.desk.router import PATIENCE, Router, Street
from underwriter.desk.turn import first_until, oldest
from underwriter.desk.watching import Beside, Watch, code_of
from underwriter.market.slab import Slab

_MINUTE = 60 * 10**9
_GOES_ON = {"lapsed", "unknown"}  # before the session is decided
Ended = tuple[dict[int, str], dict[int, str]]  # why intents ended, why they are held back


class Left(NamedTuple):
    """What is due and not possible yet, and why."""

    duty: Duty
    why: str


class Report(NamedTuple):
    """What a cycle did."""

    done: tuple[Duty, ...]
    left: tuple[Left, ...]  # due, and not possible yet
    skipped: tuple[int, ...]  # sessions whose decision was missed
    breaks: tuple[Break, ...]
    odd: tuple[str, ...]  # facts that do not fit the book
    held_back: dict[int, str]  # by sequence of the approval, why
    ended: dict[int, str]  # of intents that were routed: "" filled, or why not
    blind: str  # why the broker told nothing, or ""
    faults: tuple[Fault, ...] = ()  # of the broker's account and its quotes
    beside: tuple[str, ...] = ()  # what is short by hand: nothing that adds risk is approved

    @property
    def attention(self) -> bool:
        """Whether somebody should look: a break, a fact that fits nothing, an order unknown."""
        wrong = {"unknown", "rejected"} & set(self.ended.values())
        return bool(
            self.breaks
            or self.odd
            or self.held_back
            or wrong
            or self.skipped
            or self.blind
            or self.left
            or self.beside
            or any(one.grave for one in self.faults)
        )


class Desk:
    """One account's desk."""

    def __init__(self, ledger: Ledger, street: Street, rules: Rules, beside: Beside) -> None:
        self.ledger, self.street, self.rules, self.record = ledger, street, rules, beside.record
        self.router = Router(ledger, street)
        self.watch = Watch(ledger, street, rules, beside)
        self._statement: Statement | None = None
        self._held: object = None  # what the breaks are of

    def run(self) -> Report:
        """Do all that is due now."""
        now, calendar = self.street.clock.now(), self.street.calendar
        self._open(day_of(calendar.day_at(now)), now)
        odd, blind = self._look()
        self.watch.hear()
        before = ({}, {}) if blind else self._clear()
        past = self.past()
        missed = skipped(calendar, now, past)
        self.ledger.append([Skipped(**self._common(day_of(day), now)) for day in missed], now)
        done: list[Duty] = []
        left: list[Left] = []
        for duty in due(calendar, now, past, self.rules.decide_at):
            why = blind or ("what comes first is not done" if left else self._do(duty))
            if why:
                left.append(Left(duty, why))
            else:
                done.append(duty)
        decided = [duty.session for duty in done if duty.kind == "decide"]
        if decided:
            self.watch.barring()  # a loss halts the desk, whether or not anything is on its way
        after = self._route(decided)
        self.ledger.commit()
        odd, blind = (odd, blind) if blind else (self.router.odd, self.router.deaf)
        return Report(
            tuple(done), tuple(left), missed, self.watch.breaks, odd, before[1] | after[1],
            before[0] | after[0], blind, self.watch.faults,
            risks_beside(self.ledger.book, self.rules),
        )  # fmt: skip

    def opens(self) -> int | None:
        """When the market opens for what was approved before it, or None."""
        session = self.ledger.session()
        found = self.street.calendar.opens_at(session) if session else 0
        return found if found > self.street.clock.now() else None

    def stand_down(self) -> None:
        """End every order that works, as when the process is to end."""
        everything = dict.fromkeys(self.ledger.intents, "the desk is ending")
        patience = _MINUTE // 4 if self.street.broker.capabilities.rests else 0
        self.router.settle_all(self.street.clock.now() + 1, lambda: everything, patience)
        self.router.end_leftovers()
        self.ledger.commit()

    def _clear(self) -> Ended:
        """Bring what is left of a session that is over to its end, as `_route` says it."""
        found: Ended = ({}, {})
        first, calendar = oldest(self.ledger), self.street.calendar
        if first and self.street.clock.now() >= last_moment(calendar, first):
            found = self._settle_orders(last_moment(calendar, first), through=first)
        self.router.end_leftovers()
        return found

    def past(self) -> Past:
        """What has been done, as the journal says it."""
        ledger, mark = self.ledger, self.ledger.folding.marks.get(self.rules.account)
        settled = mark.session if mark else None
        return Past(_number(ledger.begun), _number(settled), _number(ledger.passed))

    def _common(self, session: date, at: int) -> dict[str, Any]:
        return {"at": at, "session": session, "account": self.rules.account}

    def _open(self, session: date, at: int) -> None:
        """Begin a book; and say it anew where its policies or settings are no more what they were.

        So the journal has the text of every policy that it was ever decided by.
        """
        event = book_of(self.rules, self._common(session, at))
        said = self.ledger.folding.opened
        if said is None or _ruled(said) != _ruled(event):
            self.ledger.append([event], at)

    def _look(self) -> tuple[tuple[str, ...], str]:
        """Facts that fit nothing, and why the broker said nothing; its statement is kept.

        Without its facts no night is settled, and without its statement nothing is decided.
        """
        try:
            odd = self.router.take_facts()
            self._statement = in_dollars(self.street.broker.statement())
        except BrokerError as problem:
            return (), str(problem)
        self._reconcile()
        return odd, ""

    def _reconcile(self) -> None:
        """Hold the book to the broker's last statement, where either is another than it was."""
        statement, ledger = self._statement, self.ledger
        held = statement and (ledger.sequence, statement.cash_u, statement.holdings)
        if statement is not None and held != self._held:
            self._held = held
            self.watch.breaks = tuple(reconciled(ledger.book, statement, self.rules.account))

    def _do(self, duty: Duty) -> str:
        """Settle or decide a session; why that is not possible yet, or nothing."""
        try:
            if duty.kind == "decide":
                return self._decide(duty.session)
            return "" if self._settle(duty.session) else "its closes are not known yet"
        except InputError as problem:
            return str(problem)

    def _settle(self, session: int) -> bool:
        """Mark a session's evening; False, or an InputError, where its closes are not known yet."""
        slab = self.street.quotes.evening(session)
        if slab is None:
            self.street.quotes.slab(session)  # what is missing says what to do
            return False
        at = self.street.clock.now()
        self._open_sleeves(slab, at)
        when = self.street.calendar, at
        self.ledger.append([evening_of(self.ledger.book, slab, self.rules, when)], at)
        return True

    def _open_sleeves(self, slab: Slab, at: int) -> None:
        """Open the sleeves that the book lacks; the first take the account over as it stands."""
        ledger, account = self.ledger, self.rules.account
        common = self._common(day_of(int(slab.market.sessions[0].day)), at)
        found = sleeves_of(ledger.book, slab, self.rules, common)
        if self._statement is not None and is_first(ledger.book, slab, self.rules):
            found = [*cash_before(ledger.book, self._statement, account, common), *found]
        if found:
            ledger.append(found, at)
            self._reconcile()

    def _decide(self, session: int) -> str:
        """Decide a session: one write, so that it is decided whole or not at all.

        What a hand asked for goes first, and its orders are ended.  Why it is not decided, while an
        order of before lives: the book does not say what will be held.
        """
        if self.ledger.session() == session:
            self.watch.weigh(session)
            until = first_until(
                self.ledger, self.street.calendar, self.street.ladder, self.street.clock.now()
            )
            self._settle_orders(until, _MINUTE)
        at, slab = self.street.clock.now(), self.street.quotes.slab(session)
        if not self.router.end_leftovers():
            return "an order from before lives, and nobody knows how it stands"
        self._open_sleeves(slab, at)
        made = decide(self.ledger.book, slab, self.rules, (self.street.calendar, at))
        head = head_of(slab, self.rules, self._common(day_of(session), at))
        self.record(session, slab)
        events = finished_rolls(self.ledger, made.events)
        if self.watch.breaks or risks_beside(self.ledger.book, self.rules):
            events = withheld(self.ledger, events)
        self.ledger.append([head, *events], at)
        self.watch.weighed(made.equity_u)
        return ""

    def _route(self, decided: Sequence[int]) -> Ended:
        """Let what was approved go on, refuse what comes to nothing; `decided` are weighed."""
        if not self.ledger.intents or self.opens() is not None:
            return {}, {}
        session, calendar, now = (
            self.ledger.session(),
            self.street.calendar,
            self.street.clock.now(),
        )
        until = last_moment(calendar, session)
        if now < until and session not in decided:
            self.watch.weigh(session)
        decides = calendar.decide_at(session, self.rules.decide_at)
        if self.past().decided < session and now < decides:  # at most for a ladder's time a cycle
            ladder = self.street.ladder
            leave = min(decides + _MINUTE, now + ladder.rungs * ladder.every)
            ended = self.router.settle_all(decides, self.watch.barring, leave - decides)
            over = {key: why for key, why in ended.items() if why not in _GOES_ON}
            return over, self.watch.barring()  # the rest goes on in the next cycle
        return self._settle_orders(until)

    def _settle_orders(self, until: int, patience: int = PATIENCE, through: int = 0) -> Ended:
        """Work all orders until a moment: how each intent ended, and why some were held back."""
        ended = self.router.settle_all(until, self.watch.barring, patience, through)
        at, held_back = self.street.clock.now(), self.watch.barring()
        left, guards = self.ledger.intents, self.street.guards
        nothing = [
            refusal(one.event, at, code_of(one, self.ledger, guards, held_back))
            for sequence, one in left.items()
            if ended.get(sequence, "") not in {"", "unknown"}
        ]
        self.ledger.append(nothing, at)
        return ended, held_back


def _number(day: date | None) -> int:
    """A day's number, 0 of none."""
    return 0 if day is None else day_number(day)


def _ruled(event: BookOpened) -> tuple[object, ...]:
    """What a book says of the rules it is kept by."""
    return event.version, event.policies, event.settings
