"""The journal as the desk works on it: folded as it grows, with its intents and their orders.

What is said is folded at once and written in one transaction at the next `commit`, which comes
before anything leaves the process or time passes: an order, an answer, a wait, the end of a cycle.
What dies with the process before that was nobody's yet.  A ledger that is opened again is the same:
nothing of what routing goes by is anywhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from underwriter.book.event import (
    Answered,
    AnyEvent,
    Approved,
    BookOpened,
    Decided,
    OrderIntended,
    Refused,
    Skipped,
    SleeveOpened,
)
from underwriter.book.fold import EMPTY, Book, Folding
from underwriter.book.imports.writer import ids_of
from underwriter.book.layout import Head
from underwriter.book.loose import root_of
from underwriter.core.contract import osi_of
from underwriter.core.sleeve import SLOTS, Sleeve
from underwriter.core.units import day_number
from underwriter.desk.intent import Intent, intent_of
from underwriter.desk.losses import Losses
from underwriter.desk.route import Attempt, left_of
from underwriter.desk.sent import Sent


class Log(Protocol):
    """What a ledger asks of a journal."""

    @property
    def head(self) -> Head:
        """The last sequence and its hash."""
        ...

    def read(self, after: int = 0) -> Iterable[tuple[int, AnyEvent]]:
        """The events after a sequence."""
        ...

    def append(self, events: Iterable[AnyEvent], received: int) -> Head:
        """Write events, all or none."""
        ...


class Shelf:
    """A journal's events as they were read: to be looked at, and never written to."""

    def __init__(self, events: Sequence[AnyEvent]) -> None:
        self._events = events

    @property
    def head(self) -> Head:
        """The last sequence."""
        return Head(len(self._events), b"")

    def read(self, after: int = 0) -> Iterable[tuple[int, AnyEvent]]:
        """The events after a sequence."""
        return enumerate(self._events[after:], after + 1)

    def append(self, events: Iterable[AnyEvent], received: int) -> Head:
        """Nothing is written: this is a bug."""
        raise AssertionError(f"a shelf was to be written to at {received}: {[*events]}")


class Ledger:
    """One account's part of a journal that is open for writing."""

    def __init__(self, journal: Log, account: str) -> None:
        self.journal, self.account = journal, account
        self.folding = Folding(EMPTY)
        self.intents: dict[int, Intent] = {}  # of the session that was decided last
        self.answers: dict[int, bool] = {}  # what a hand said of them, by sequence
        self.decided: date | None = None
        self.passed: date | None = None  # the last session that was decided or skipped
        self.begun: date | None = None
        self.begun_at = 0  # and the moment
        self.last_at = 0  # of all events
        self.policies: dict[str, str] = {}  # in force when it was decided last: name -> hash
        self.known: set[str] = set()  # the ids that were told
        self.losses = Losses()
        self._sent = Sent()
        self._book: Book | None = None
        self._attempts: dict[int, tuple[Attempt, ...]] = {}  # as they are until the next event
        self._held: dict[int, dict[str, int]] = {}  # likewise, by sleeve
        self._said: list[AnyEvent] = []  # not written yet
        self._said_at = 0
        for sequence, event in journal.read():
            self.take(sequence, event)

    @property
    def book(self) -> Book:
        """The book as it stands; made once until the next event."""
        if self._book is None:
            self._book = self.folding.book()
        return self._book

    @property
    def sequence(self) -> int:
        """Of the last event, written or not."""
        return self.journal.head.sequence + len(self._said)

    def append(self, events: Sequence[AnyEvent], at: int) -> None:
        """Say events, all or none, and fold them; they are written at the next `commit`.

        InputError for a second order where one lives; nothing is said then.
        """
        if not events:
            return
        intended = [event for event in events if isinstance(event, OrderIntended)]
        if intended:
            orders = self.folding.orders.copy()
            for order in intended:
                orders.intend(order)
        first = self.sequence + 1
        self._said += events
        self._said_at = at
        for sequence, event in enumerate(events, first):
            self.take(sequence, event)

    def commit(self) -> None:
        """Write what was said, in one transaction; all of it is on the disk on return."""
        if self._said:
            whole = self.sequence
            try:
                self.journal.append(self._said, self._said_at)
            finally:  # what was interrupted is written whole or not at all
                if self.journal.head.sequence >= whole:
                    self._said = []

    def waiting(self) -> dict[int, Intent]:
        """The intents of which something is not filled yet, by sequence."""
        found = self.intents.items()
        return {number: one for number, one in found if left_of(one, self.attempts(one))}

    def order(self, client: str) -> OrderIntended | None:
        """An order as it was written down."""
        return self._sent.get(client)

    def heard(self, client: str) -> int:
        """When the last was written of an order: that it is intended, or how it stands."""
        return self._sent.heard(client)

    def working(self) -> set[int]:
        """The intents of which an order lives, by sequence."""
        every = {key: self.attempts(one) for key, one in self.intents.items()}
        return {key for key, attempts in every.items() if any(one.lives for one in attempts)}

    def sent_on(self, session: date) -> int:
        """How many orders were written down for a session."""
        return self._sent.on(session)

    def attempts(self, intent: Intent) -> tuple[Attempt, ...]:
        """The orders of an intent, in the order in which they were sent."""
        key = intent.sequence
        found = self._attempts.get(key)
        if found is None:
            found = self._sent.attempts(key, self.account, self.folding.orders)
            self._attempts[key] = found
        return found

    def opened(self, sleeve: int) -> SleeveOpened:
        """A sleeve as it was opened."""
        return self.folding.sleeves[self.folding.held[sleeve].at]

    def session(self) -> int:
        """The session of the intents that are on their way (a day number), 0 without any."""
        return max((day_number(one.event.session) for one in self.intents.values()), default=0)

    def shares(self) -> dict[int, int]:
        """The shares of the sleeves that have an intent, by sleeve."""
        sleeves = {one.event.sleeve for one in self.intents.values()}
        return {sleeve: int(self.row(sleeve).shares) for sleeve in sleeves}

    def row(self, sleeve: int) -> Sleeve:
        """A sleeve as it stands."""
        return self.folding.held[sleeve].sleeve

    def held(self, sleeve: int) -> Mapping[str, int]:
        """The options of a sleeve, by symbol, signed."""
        found = self._held.get(sleeve)
        if found is None:
            found = self._held[sleeve] = self._options(sleeve)
        return found

    def _options(self, sleeve: int) -> dict[str, int]:
        row, names = self.row(sleeve), self.folding.instruments
        found: dict[str, int] = {}
        for slot in range(SLOTS):
            if row.quantity[slot]:
                key = int(row.contract[slot])
                option = osi_of(key, names[root_of(key) - 1].root)
                found[option] = found.get(option, 0) + int(row.quantity[slot])
        return found

    def take(self, sequence: int, event: AnyEvent) -> None:
        """Fold an event that is in the journal."""
        if event.account == self.account:
            self.last_at = max(self.last_at, event.at)
            if event.id:
                self.known.update(ids_of(event.id))
            self._index(sequence, event)
        self.folding.take(event)
        self._book = None
        self._attempts.clear()
        self._held.clear()

    def _index(self, sequence: int, event: AnyEvent) -> None:
        """Keep what the desk asks for."""
        self.losses.take(event)
        if isinstance(event, Skipped):
            self.passed = max(self.passed or event.session, event.session)
        elif isinstance(event, BookOpened) and self.begun is None:
            self.begun, self.begun_at = event.session, event.at
        else:
            self._index_order(sequence, event)

    def _index_order(self, sequence: int, event: AnyEvent) -> None:
        """Keep what routing asks for; orders of sessions long past are let go."""
        if isinstance(event, Decided):
            self.decided = self.passed = event.session
            self.policies = event.policies
            self.intents.clear()
            self.answers.clear()
            self._sent.begin(event.session)
        elif isinstance(event, Approved):
            opened, held = self.opened(event.sleeve), self.held(event.sleeve)
            self.intents[sequence] = intent_of(sequence, event, opened, held)
        elif isinstance(event, Refused):
            ended = (number for number, one in self.intents.items() if _is_of(event, one.event))
            self.intents.pop(next(ended, 0), None)  # the oldest: a later one may be the same
        elif isinstance(event, Answered):
            self.answers[event.of] = event.yes
        elif isinstance(event, OrderIntended):
            self._sent.intend(event, self.opened(event.sleeve).underlying, self.intents)
        else:
            known = bool(event.id) and (event.account, event.id) in self.folding.told
            self._sent.hear(event, known=known)


def _is_of(refused: Refused, approved: Approved) -> bool:
    """Whether a refusal is of an approval that came to nothing after all."""
    names = ("sleeve", "action", "option", "legs", "shares")
    return all(getattr(refused, name) == getattr(approved, name) for name in names)
