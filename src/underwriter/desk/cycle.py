"""One cycle: fold, look, settle what is over, decide what is due, route it; twice changes nothing.

    facts      what the broker tells is booked, whatever is due
    settle     a session's evening is marked, its night's facts in it
    decide     the book is reconciled, the step decides on the session's slab, and everything it
               says is one write: the session is decided, once
    route      what was approved and is not filled goes on, now or after a restart; what comes to
               nothing by the orders' last moment is written down as refused

Guards are asked and the hand is heard at every pass.  A break between the book and the broker's
statement holds back what adds risk, and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from underwriter.book.event import BookOpened, Decided, Refused, Skipped, Switched
from underwriter.book.imports.reconcile import Break, reconciled
from underwriter.book.imports.statement import Statement
from underwriter.core import reason
from underwriter.core.units import day_number, day_of
from underwriter.desk.cadence import Duty, Past, due, last_moment, skipped
from underwriter.desk.deciding import Rules, decide, slab_hash
from underwriter.desk.evening import equity_now_u, evening_of
from underwriter.desk.guard import Guards, Seen, barred, tripped, waits
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import Inbox
from underwriter.desk.intent import Intent
from underwriter.desk.ledger import Ledger
from underwriter.desk.opening import cash_before, sleeves_of
from underwriter.desk.ports import BrokerError
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


def _forget(session: int, slab: Slab) -> None:
    """Keep no record of what a session was decided on."""


class Beside(NamedTuple):
    """What stands beside a desk."""

    kill: Path  # the file whose presence stops everything that adds risk
    inbox: Inbox
    record: Callable[[int, Slab], None] = _forget  # keeps what a session is decided on


class Desk:
    """One account's desk."""

    def __init__(self, ledger: Ledger, street: Street, rules: Rules, beside: Beside) -> None:
        self.ledger, self.street, self.rules, self.beside = ledger, street, rules, beside
        self.router = Router(ledger, street)
        self._equity_u = 0
        self._statement: Statement | None = None
        self._breaks: tuple[Break, ...] = ()

    def run(self) -> Report:
        """Do all that is due now."""
        now, calendar = self.street.clock.now(), self.street.calendar
        self._open(day_of(calendar.day_at(now)), now)
        odd, blind = self._look()
        self._hear_hand()
        past = self.past()
        missed = skipped(calendar, now, past)
        self._skip(missed)
        done: list[Duty] = []
        left: list[Duty] = []
        for duty in due(calendar, now, past, self.rules.decide_at):
            if duty.kind != "review":  # which is written by who reads the journal
                may = self._settle if duty.kind == "settle" else self._decide
                (left if blind or left or not may(duty.session) else done).append(duty)
        ended, held_back = self._route()
        return Report(tuple(done), tuple(left), missed, self._breaks, odd, held_back, ended, blind)

    def _skip(self, missed: Iterable[int]) -> None:
        """Write down the sessions that were never decided, each once."""
        at = self.street.clock.now()
        self.ledger.append([Skipped(**self._common(day_of(day), at)) for day in missed], at)

    def stand_down(self) -> None:
        """End every order that works, as when the process is to end."""
        everything = dict.fromkeys(self.ledger.intents, "the desk is ending")
        self.router.pass_once(self.street.clock.now() + 1, everything)

    def past(self) -> Past:
        """What has been done, as the journal says it; of reviews it says nothing."""
        ledger, mark = self.ledger, self.ledger.folding.marks.get(self.rules.account)
        settled = mark.session if mark else None
        return Past(_number(ledger.begun), _number(settled), _number(ledger.passed), 0)

    def _common(self, session: date, at: int) -> dict[str, Any]:
        return {"at": at, "session": session, "account": self.rules.account}

    def _open(self, session: date, at: int) -> None:
        """Begin a book; and say it anew where its policies or settings are no more what they were.

        So the journal has the text of every policy that it was ever decided by.
        """
        rules = self.rules
        event = BookOpened(
            **self._common(session, at), version=rules.version, quotes=rules.quotes,
            source=rules.source, policies={one.hash: one.text for one in rules.named},
            settings=dict(rules.settings),
        )  # fmt: skip
        said = self.ledger.folding.opened
        if said is None or _ruled(said) != _ruled(event):
            self.ledger.append([event], at)

    def _look(self) -> tuple[tuple[str, ...], str]:
        """Facts that fit nothing, and why the broker said nothing; its statement is kept.

        Without its facts no night is settled, and without its statement nothing is decided.
        """
        try:
            odd = self.router.take_facts()
            self._statement = self.street.broker.statement()
        except BrokerError as problem:
            return (), str(problem)
        self._reconcile()
        return odd, ""

    def _reconcile(self) -> None:
        """Hold the book to the broker's last statement."""
        if self._statement is not None:
            found = reconciled(self.ledger.book, self._statement, self.rules.account)
            self._breaks = tuple(found)

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
        """Open the sleeves that the rules have and the book has not, and what they begin with.

        The first of a book take the account over as it stands.
        """
        ledger, account = self.ledger, self.rules.account
        common = self._common(day_of(int(slab.market.sessions[0].day)), at)
        found = sleeves_of(ledger.book, slab, self.rules, common)
        if found and self._statement is not None and not ledger.book.sleeves:
            found = [*cash_before(ledger.book, self._statement, account, common), *found]
        if found:
            ledger.append(found, at)
            self._reconcile()

    def _decide(self, session: int) -> bool:
        """Decide a session: one write, so that it is decided whole or not at all.

        What a hand asked for earlier in the day has had its time: its orders are ended first.
        """
        at, slab = self.street.clock.now(), self.street.quotes.slab(session)
        if self.ledger.intents:
            self._settle_orders(at)
        self._open_sleeves(slab, at)
        made = decide(self.ledger.book, slab, self.rules, (self.street.calendar, at))
        head = Decided(
            **self._common(day_of(session), at), version=self.rules.version, slab=slab_hash(slab)
        )
        self.beside.record(session, slab)
        first = self.ledger.journal.head.sequence + 2
        self.ledger.append([head, *made.events], at)
        self.router.marks = {
            sequence: mark_u
            for sequence, mark_u in enumerate(made.marks, first)
            if mark_u is not None
        }
        return True

    def _route(self) -> tuple[dict[int, str], dict[int, str]]:
        """Let what was approved go on; what came to nothing is refused in the journal."""
        if not self.ledger.intents:
            return {}, {}
        session = max(day_number(one.event.session) for one in self.ledger.intents.values())
        until = last_moment(self.street.calendar, session)
        if self.street.clock.now() < until:
            slab, calendar = self.street.quotes.slab(session), self.street.calendar
            self._equity_u = equity_now_u(self.ledger.book, slab, self.rules, calendar)
        return self._settle_orders(until)

    def _settle_orders(self, until: int) -> tuple[dict[int, str], dict[int, str]]:
        """Work all orders until a moment: how each intent ended, and why some were held back."""
        ended = self.router.settle_all(until, self._barring)
        at, held_back = self.street.clock.now(), self._barring()
        left, guards = self.ledger.intents, self.street.guards
        nothing = [
            _refusal(left[sequence], at, _code(left[sequence], self.ledger, guards, held_back))
            for sequence, why in ended.items()
            if why not in {"", "unknown"} and sequence in left
        ]
        self.ledger.append(nothing, at)
        return ended, held_back

    def _barring(self) -> dict[int, str]:
        """What is held back at this moment, once the hand was heard and losses were looked at."""
        self._hear_hand()
        self._give_up()
        seen, guards = self._seen(), self.street.guards
        why = tripped(guards, seen)
        if why and seen.setting != "halted":
            at = self.street.clock.now()
            session = day_of(self.street.calendar.day_at(at))
            halt = Switched(**self._common(session, at), to="halted", by="guard", why=why)
            self.ledger.append([halt], at)
            seen = self._seen()
        ledger = self.ledger
        return barred(ledger.intents.values(), ledger.shares(), guards, seen, ledger.answers)

    def _give_up(self) -> None:
        """Refuse at once what a hand said no to, where no order of it lives any more."""
        ledger, at = self.ledger, self.street.clock.now()
        over = [
            one
            for sequence, one in ledger.intents.items()
            if ledger.answers.get(sequence) is False
            and not any(each.lives for each in ledger.attempts(one))
        ]
        ledger.append([_refusal(one, at, reason.HAND) for one in over], at)

    def _seen(self) -> Seen:
        """What guards look at, at this moment."""
        ledger, decided = self.ledger, self.ledger.decided
        mark = ledger.folding.marks.get(self.rules.account)
        switched = ledger.switched
        passed = switched is not None and switched.to == "on" and switched.session == decided
        return Seen(
            killed=self.beside.kill.exists(),
            breaks=len(self._breaks),
            equity_u=self._equity_u,
            evening_u=0 if mark is None or passed else mark.equity_u,
            peak_u=ledger.peak_u,
            orders=ledger.sent_on(decided) if decided else 0,
            setting="on" if switched is None else switched.to,
            why="" if switched is None else switched.why,
        )

    def _hear_hand(self) -> None:
        """Do what a person asked for since."""
        hear(self.beside.inbox, self.ledger, self.street, self.rules)


def _code(intent: Intent, ledger: Ledger, guards: Guards, held_back: Mapping[int, str]) -> int:
    """Why the orders of an intent came to nothing, as a reason code."""
    if intent.sequence not in held_back:
        return reason.LAPSED
    shares = ledger.shares()[intent.event.sleeve]
    said = ledger.answers.get(intent.sequence)
    waited = said is None and waits(intent, guards, shares)
    return reason.HAND if waited or said is False else reason.GUARD


def _refusal(intent: Intent, at: int, code: int) -> Refused:
    """An intent whose orders came to nothing, in the words of a backtest where it has them."""
    event = intent.event
    return Refused(
        at=at, session=event.session, account=event.account, sleeve=event.sleeve,
        campaign=event.campaign, policy=event.policy, action=event.action, option=event.option,
        why=reason.NAMES[code], legs=event.legs, shares=event.shares,
    )  # fmt: skip


def _number(day: date | None) -> int:
    """A day's number, 0 of none."""
    return 0 if day is None else day_number(day)


def _ruled(event: BookOpened) -> tuple[object, ...]:
    """What a book says of the rules it is kept by."""
    return event.version, event.policies, event.settings
