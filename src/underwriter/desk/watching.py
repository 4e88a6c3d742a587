"""What is watched while orders are out: the hand, what it refused, losses, and every guard."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from underwriter.book.event import Switched
from underwriter.book.imports.reconcile import Break
from underwriter.core import reason
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.account import Fault, standing, why_held
from underwriter.desk.deciding import Rules
from underwriter.desk.evening import equity_now_u
from underwriter.desk.guard import Guards, Seen, barred, tripped, waits
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import Inbox
from underwriter.desk.intent import Intent
from underwriter.desk.ledger import Ledger
from underwriter.desk.newest import newest
from underwriter.desk.ports import BrokerError
from underwriter.desk.refusal import refusal
from underwriter.desk.rolling import Rolling
from underwriter.desk.route import rest_of
from underwriter.desk.router import Street
from underwriter.market.slab import Slab

_MINUTE = 60 * 10**9


def _forget(session: int, slab: Slab) -> None:
    """Keep no record of what a session was decided on."""


class Beside(NamedTuple):
    """What stands beside a desk."""

    kill: Path  # the file whose presence stops everything that adds risk
    inbox: Inbox
    record: Callable[[int, Slab], None] = _forget  # keeps what a session is decided on


class Watch:
    """One account, watched: `breaks` are what was found last."""

    def __init__(self, ledger: Ledger, street: Street, rules: Rules, beside: Beside) -> None:
        self.ledger, self.street, self.rules, self.beside = ledger, street, rules, beside
        self._worth = 0, 0  # as weighed last, and in which count of losses
        self.breaks: tuple[Break, ...] = ()
        self.faults: tuple[Fault, ...] = ()  # of the account and its quotes
        self._asked: int | None = None  # when the broker was asked for them

    def barring(self) -> dict[int, str]:
        """What is held back at this moment, once the hand was heard and losses were looked at."""
        self.hear()
        self._give_up()
        seen, guards, ledger = self._seen(), self.street.guards, self.ledger
        why = tripped(guards, seen)
        if why and seen.setting != "halted":
            at = self.street.clock.now()
            session = day_of(self.street.calendar.day_at(at))
            halt = Switched(
                at=at, session=session, account=self.rules.account, to="halted", by="guard", why=why
            )
            self.ledger.append([halt], at)
            self.ledger.commit()  # before what it cancels: it outlives whoever dies meanwhile
            seen = self._seen()
        working, waiting = ledger.working(), ledger.waiting()
        rests = [
            rest_of(one, ledger.attempts(one)) if one.shares else one
            for sequence, one in ledger.intents.items()
            if sequence in waiting or sequence in working  # what is done is not held back
        ]
        return barred(rests, ledger.shares(), guards, seen, ledger.answers, working)

    def regard(self) -> None:
        """Ask what the account may do, once a minute; without an answer it stands as it was."""
        check, now = self.street.account, self.street.clock.now()
        if check is None or (self._asked is not None and 0 <= now - self._asked < _MINUTE):
            return
        self._asked = now
        with suppress(BrokerError, InputError):
            self.faults = standing(check.account())

    def _give_up(self) -> None:
        """Refuse at once what a hand said no to, where no order of it lives any more."""
        ledger, at = self.ledger, self.street.clock.now()
        refused = {sequence for sequence, yes in ledger.answers.items() if not yes}
        if not refused:
            return
        working = ledger.working()
        over = [
            one
            for sequence, one in ledger.waiting().items()
            if sequence in refused and sequence not in working
        ]
        ledger.append([refusal(one.event, at, reason.HAND) for one in over], at)

    @property
    def equity_u(self) -> int:
        """What the account is worth: as weighed last, or as losses are counted from since then."""
        (worth_u, counted), losses = self._worth, self.ledger.losses
        return worth_u if worth_u and counted == losses.begun else losses.evening_u

    def _seen(self) -> Seen:
        """What guards look at, at this moment."""
        ledger, losses = self.ledger, self.ledger.losses
        sessions = {one.event.session for one in ledger.intents.values()}
        return Seen(
            killed=self.beside.kill.exists(),
            breaks=len(self.breaks),
            equity_u=self.equity_u,
            evening_u=losses.evening_u,
            peak_u=losses.peak_u,
            orders={session: ledger.sent_on(session) for session in sessions},
            setting=losses.setting,
            why=losses.why,
            account=why_held(self.faults, self.street.broker.capabilities.name),
        )

    def weigh(self, session: int) -> None:
        """Look what the account is worth now, for the guards of a hand's orders.

        Which need no quotes of the whole session: without them the evening's worth stands.
        """
        with suppress(InputError):
            slab, calendar = self.street.quotes.slab(session), self.street.calendar
            self.weighed(equity_now_u(self.ledger.book, slab, self.rules, calendar))

    def weighed(self, equity_u: int) -> None:
        """Keep what the account is worth, until losses count from something else."""
        self._worth = equity_u, self.ledger.losses.begun

    def hear(self) -> None:
        """Do what a person asked for since; and look at what the account may do by now."""
        self.regard()
        street = self.street
        hear(self.beside.inbox, self.ledger, (street.calendar, street.clock), self._rolls)

    def _rolls(self) -> Rolling:
        """What the newest quotes make of the book; InputError where there are none."""
        street = self.street
        slab = newest(street.quotes, street.calendar, street.clock.now())
        return Rolling(self.ledger.book, slab, self.rules, street.calendar)


def code_of(intent: Intent, ledger: Ledger, guards: Guards, held_back: Mapping[int, str]) -> int:
    """Why the orders of an intent came to nothing, as a reason code."""
    if intent.sequence not in held_back:
        return reason.LAPSED
    shares = ledger.shares()[intent.event.sleeve]
    said = ledger.answers.get(intent.sequence)
    rest = rest_of(intent, ledger.attempts(intent))
    waited = said is None and waits(rest, guards, shares)
    return reason.HAND if waited or said is False else reason.GUARD
