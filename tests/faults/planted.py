"""Bugs that are known: each is planted in the desk, and the torture must find it.

A bug is a function that patches one thing; its docstring is what it breaks.  A bug counts as found
where that is what is said of it, and not by whatever else goes wrong.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from faults.effects import Disk
from underwriter.book.event import Filled, OrderIntended, Split, Switched
from underwriter.book.event import Leg as Named
from underwriter.book.imports.writer import Writer
from underwriter.desk import (
    cycle,
    facts,
    guard,
    hand,
    hearing,
    intent,
    pricing,
    route,
    router,
    watching,
)
from underwriter.desk.cycle import Desk
from underwriter.desk.facts import Taken
from underwriter.desk.inbox import Answer, Inbox
from underwriter.desk.ladder import Net
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import BrokerError
from underwriter.desk.router import Router
from underwriter.desk.watching import Watch

Patch = pytest.MonkeyPatch


def resends_under_a_new_id(patch: Patch) -> None:
    """After doubt it takes the order for one that never was, and sends another."""

    def submit(self: Router, order: Any, ticket: Any) -> bool:  # noqa: ANN401
        self.ledger.commit()
        try:
            self.street.broker.submit(ticket)
        except BrokerError:
            self._tell(order, "cancelled", None, "planted")
            return False
        self._tell(order, "sent", None)
        return True

    patch.setattr(Router, "_submit", submit)


def names_orders_by_no_journal(patch: Patch) -> None:
    """The id of an order is another in every process."""
    count = itertools.count()
    patch.setattr(route, "client_id", lambda *_: f"new-{next(count)}")


def takes_a_cancel_for_done(patch: Patch) -> None:
    """It takes a cancel that was asked for as done, without looking the order up."""

    def cancel(self: Router, one: Any, act: Any) -> bool:  # noqa: ANN401
        self.street.broker.cancel(act.client)
        self._tell(one.attempts[-1].intended, "cancelled", None)
        return True

    patch.setattr(Router, "_cancel", cancel)


def ends_before_its_fills(patch: Patch) -> None:
    """It tells the end of an order, and sends the next, before the fills of it are booked."""

    def end(self: Router, one: Any, order: Any, found: Any) -> bool:  # noqa: ANN401, ARG001
        self._tell(order, found.state, found)
        return True

    patch.setattr(Router, "_end", end)


def sends_before_it_writes(patch: Patch) -> None:
    """It sends an order and writes it down after that: a process that dies between leaves it."""

    def send(self: Router, intent: Any, ticket: Any) -> bool:  # noqa: ANN401
        now, event = self.street.clock.now(), intent.event
        order = OrderIntended(
            at=now, session=event.session, account=event.account, sleeve=event.sleeve,
            campaign=event.campaign, policy=event.policy, client=ticket.client,
            action=ticket.action, legs=tuple(Named(x.option, x.quantity) for x in ticket.legs),
            shares=ticket.shares, limit_u=ticket.limit_u or 0,
        )  # fmt: skip
        self.street.broker.submit(ticket)
        self.ledger.append([order], now)
        self._tell(order, "sent", None)
        return True

    patch.setattr(Router, "_send", send)


def books_a_fill_by_no_id(patch: Patch) -> None:
    """It books a fill without its id, and so as often as it is told."""
    fill, say = facts._fill, Writer.say

    def nameless(self: Writer, row: Any, kind: Any, identity: str, **what: Any) -> None:  # noqa: ANN401
        say(self, row, kind, "" if kind is Filled else identity, **what)

    def booked(writer: Writer, row: Any, order: Any) -> None:  # noqa: ANN401
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Writer, "say", nameless)
            fill(writer, row, order)

    patch.setattr(facts, "_fill", booked)


def loses_the_part_that_filled(patch: Patch) -> None:
    """The next order of an intent is for all of it, whatever was filled of the one before."""
    left = route.left_of
    patch.setattr(route, "left_of", lambda intent, attempts: left(intent, attempts[:0])
                  if left(intent, attempts) else {})  # fmt: skip


def trades_on_stale_quotes(patch: Patch) -> None:
    """It trades on a quote however old it is."""
    patch.setattr(pricing, "fresh", lambda quoted, at, stale: dict(quoted))  # noqa: ARG005


def trades_on_crossed_quotes(patch: Patch) -> None:
    """It trades on quotes that are one-sided or crossed."""

    def net_of(parts: Any, quoted: Any) -> Any:  # noqa: ANN401
        if any(key not in quoted for key in parts):
            return None
        mid = -sum(part * (quoted[key].bid_u + quoted[key].ask_u) for key, part in parts.items())
        return Net(mid // 2, mid // 2)

    patch.setattr(pricing, "net_of", net_of)


def never_reads_the_kill_switch(patch: Patch) -> None:
    """The kill switch stops nothing."""
    why = guard.why_barred
    patch.setattr(guard, "why_barred", lambda seen: why(seen._replace(killed=False)))


def forgets_a_halt_at_a_restart(patch: Patch) -> None:
    """A loss is measured against what this process has marked, and so against nothing."""
    patch.setattr(watching, "tripped", lambda guards, seen: "")  # noqa: ARG005


def forgets_what_it_sent_at_a_restart(patch: Patch) -> None:
    """Orders of a session are counted by nobody."""
    patch.setattr(Ledger, "sent_on", lambda self, session: 0)  # noqa: ARG005


def books_an_inferred_assignment_again(patch: Patch) -> None:
    """An assignment that was inferred is another when its broker tells it."""
    patch.setattr(Writer, "inferred", lambda self, instrument, quantity: None)  # noqa: ARG005


def splits_twice(patch: Patch) -> None:
    """A split multiplies what is held twice."""
    say = Writer.say

    def twice(self: Writer, row: Any, kind: Any, identity: str, **what: Any) -> None:  # noqa: ANN401
        say(self, row, kind, identity, **what)
        if kind is Split:
            say(self, row, kind, "", **what)

    patch.setattr(Writer, "say", twice)


def leaves_old_orders_alone(patch: Patch) -> None:
    """An order that outlives its session is nobody's."""
    patch.setattr(Router, "end_leftovers", lambda self: True)  # noqa: ARG005


def gives_up_on_what_is_on_its_way(patch: Patch) -> None:
    """An order that its broker has not seen yet is taken for lost at once.

    Beside it the last order of a session is withdrawn as soon as it is sent, or that is rare.
    """
    barred = guard.barred
    patch.setattr(router, "is_lost", lambda ledger, client, now: True)  # noqa: ARG005
    patch.setattr(watching, "barred", lambda *given: barred(*given[:-1]))


def parts_shares_from_their_assignment(patch: Patch) -> None:
    """Shares that were told before their option are not seen to be of it."""

    def take(ledger: Ledger, told: Any, at: int) -> Taken:  # noqa: ANN401
        known = ledger.folding.told
        new = [one for one in told if (ledger.account, one.row.id) not in known]
        taken = facts._booked(ledger, new)
        ledger.append(taken.events, at)
        return taken

    patch.setattr(router, "take_facts", take)


def rolls_onto_a_half_done_roll(patch: Patch) -> None:
    """A roll opens a second new leg where the first has not moved in."""
    patch.setattr(cycle, "finished_rolls", lambda ledger, events: events)  # noqa: ARG005


def enters_beside_a_break(patch: Patch) -> None:
    """What is decided on a book that is not the broker's goes out."""
    why = guard.why_barred
    patch.setattr(cycle, "withheld", lambda ledger, events: events)  # noqa: ARG005
    patch.setattr(guard, "why_barred", lambda seen: why(seen._replace(breaks=0)))


def does_not_hear_a_no(patch: Patch) -> None:
    """What a hand refused goes on."""
    barred = guard.barred

    def deaf(*given: Any) -> Any:  # noqa: ANN401
        *seen, answers, working = given
        return barred(*seen, {of: yes for of, yes in answers.items() if yes}, working)

    patch.setattr(Watch, "_give_up", lambda self: None)  # noqa: ARG005
    patch.setattr(watching, "barred", deaf)


def obeys_a_wish_again(patch: Patch) -> None:
    """A wish that was obeyed just before a crash is obeyed again."""
    patch.setattr(hearing, "is_done", lambda ledger, wish: False)  # noqa: ARG005


def forgets_that_it_was_halted(patch: Patch) -> None:
    """What a desk is set to is what this process has heard."""
    begin = Ledger.__init__

    def forgetful(self: Ledger, journal: Any, account: str) -> None:  # noqa: ANN401
        begin(self, journal, account)
        self.losses._switched = None

    patch.setattr(Ledger, "__init__", forgetful)


def is_never_let_on(patch: Patch) -> None:
    """A desk that was halted or paused once stays so."""
    index = Ledger._index

    def stubborn(self: Ledger, sequence: int, event: Any) -> None:  # noqa: ANN401
        if not (isinstance(event, Switched) and event.to == "on"):
            index(self, sequence, event)

    patch.setattr(Ledger, "_index", stubborn)


def sells_cover_before_its_call(patch: Patch) -> None:
    """Where shares go in an order of their own it sells them before their call is bought back."""
    phases = intent.phases

    def shares_first(one: Any, can: Any) -> Any:  # noqa: ANN401
        return tuple(sorted(phases(one, can), key=lambda phase: bool(phase.parts)))

    patch.setattr(route, "phases", shares_first)


def takes_half_a_sale_for_a_short_one(patch: Patch) -> None:
    """Of a sale of shares that has filled in part it takes the rest for one of shares not held."""
    patch.setattr(watching, "rest_of", lambda one, attempts: one)  # noqa: ARG005


def waits_for_nobody(patch: Patch) -> None:
    """What waits for a yes goes out without one."""
    patch.setattr(guard, "waits", lambda intent, guards, shares: False)  # noqa: ARG005


def holds_back_what_lowers_risk(patch: Patch) -> None:
    """A guard takes what closes for what adds risk."""
    patch.setattr(guard, "lowers_risk", lambda intent, shares: False)  # noqa: ARG005


def answers_before_it_writes(patch: Patch) -> None:
    """A wish is answered and taken off before what follows of it is on the disk."""

    def hear(inbox: Any, ledger: Ledger, when: Any, rolls: Any) -> None:  # noqa: ANN401
        for wish in inbox.waiting():
            said = hearing._obeyed(wish, ledger, when, rolls)
            if said is not None:
                inbox.say(wish.name, said)
            ledger.commit()

    patch.setattr(watching, "hear", hear)


def judges_a_wish_twice(patch: Patch) -> None:
    """An answer stands beside its wish for a moment, and a crash leaves both."""

    def say(self: Inbox, name: str, said: Any) -> None:  # noqa: ANN401
        self._write(f"{name}.said.json", said)
        (self.folder / f"{name}.taken.json").unlink()

    patch.setattr(Inbox, "say", say)


def lets_a_yes_undo_a_no(patch: Patch) -> None:
    """A yes revives what was refused while its order lives."""
    act = hand.act

    def forgiving(ledger: Ledger, wish: Any, *rest: Any) -> Any:  # noqa: ANN401
        with pytest.MonkeyPatch.context() as inner:
            if isinstance(wish, Answer):
                inner.setattr(ledger, "answers", {})
            return act(ledger, wish, *rest)

    patch.setattr(hearing, "act", forgiving)


def closes_beside_a_live_order(patch: Patch) -> None:
    """A close is of what is held now, whatever an order that lives may fill yet."""
    patch.setattr(hand, "is_at_work", lambda ledger, sleeve: False)  # noqa: ARG005


def works_on_after_its_session(patch: Patch) -> None:
    """What was approved for a session that is over goes on in the next."""

    def clear(self: Desk) -> Any:  # noqa: ANN401
        found: Any = ({}, {})
        session, calendar = self.ledger.session(), self.street.calendar
        if session and self.street.clock.now() >= cycle.last_moment(calendar, session):
            found = self._settle_orders(cycle.last_moment(calendar, session))
        self.router.end_leftovers()
        return found

    patch.setattr(Desk, "_clear", clear)
    patch.setattr(router, "last_moment", lambda calendar, session: 1 << 62)  # noqa: ARG005


def lets_a_second_process_in(patch: Patch) -> None:
    """Two processes write one journal."""
    patch.setattr(Disk, "open", lambda self: self)


BUGS: dict[Callable[[Patch], None], str] = {  # and what is to be said of each where it is found
    resends_under_a_new_id: "are on their way|works, told as ended",
    names_orders_by_no_journal: "are on their way",
    takes_a_cancel_for_done: "are on their way|works, told as ended",
    ends_before_its_fills: "are on their way",
    sends_before_it_writes: "was never written down",
    books_a_fill_by_no_id: "book and broker differ",
    loses_the_part_that_filled: "are on their way",
    trades_on_stale_quotes: "is ordered on a quote .* s old",
    trades_on_crossed_quotes: "is ordered on Touch",
    never_reads_the_kill_switch: "over the kill switch",
    forgets_a_halt_at_a_restart: "an entry goes out, (daily_loss|drawdown) at",
    forgets_what_it_sent_at_a_restart: "order .* of the session goes out",
    books_an_inferred_assignment_again: "facts fit nothing",
    splits_twice: "book and broker differ",
    leaves_old_orders_alone: "nothing says what became of it|orders live on",
    gives_up_on_what_is_on_its_way: "works, told as ended",
    parts_shares_from_their_assignment: "book and broker differ",
    rolls_onto_a_half_done_roll: "while one waits",
    enters_beside_a_break: "beside .*: \\[Approved",
    does_not_hear_a_no: "refused by hand, and ends as|which a hand refused",
    obeys_a_wish_again: "is obeyed 2 times",
    forgets_that_it_was_halted: "of a desk that is (halted|paused)",
    is_never_let_on: "held back when all was quiet: the desk is|a desk that is on holds back",
    sells_cover_before_its_call: "calls are left with",
    takes_half_a_sale_for_a_short_one: "the close .* is held back|a guard refused the close",
    waits_for_nobody: "nobody said yes",
    holds_back_what_lowers_risk: "the close .* is held back|a guard refused the close",
    answers_before_it_writes: "is told done: 0 events",
    judges_a_wish_twice: "was answered 2 times",
    lets_a_yes_undo_a_no: "which a hand refused",
    closes_beside_a_live_order: "was closed by .*, and holds",
    works_on_after_its_session: "goes out on",
    lets_a_second_process_in: "is obeyed 2 times",
}
