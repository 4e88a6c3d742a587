"""Bugs that are known: each is planted in the desk, and the torture must find it.

A bug is a function that patches one thing; its docstring is what it breaks.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from underwriter.book.event import Filled, OrderIntended, Split
from underwriter.book.event import Leg as Named
from underwriter.book.imports.writer import Writer
from underwriter.desk import cycle, facts, guard, route, router, watching
from underwriter.desk.facts import Taken
from underwriter.desk.ledger import Ledger
from underwriter.desk.ports import BrokerError
from underwriter.desk.router import Router

Patch = pytest.MonkeyPatch


def resends_under_a_new_id(patch: Patch) -> None:
    """After doubt it takes the order for one that never was, and sends another."""

    def submit(self: Router, order: Any, ticket: Any) -> bool:  # noqa: ANN401
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
    patch.setattr(router, "fresh", lambda quoted, at, stale: dict(quoted))  # noqa: ARG005


def trades_on_crossed_quotes(patch: Patch) -> None:
    """It trades on quotes that are one-sided or crossed."""

    def net_of(parts: Any, quoted: Any) -> Any:  # noqa: ANN401
        if any(key not in quoted for key in parts):
            return None
        mid = -sum(part * (quoted[key].bid_u + quoted[key].ask_u) for key, part in parts.items())
        return router.Net(mid // 2, mid // 2)

    patch.setattr(router, "net_of", net_of)


def never_reads_the_kill_switch(patch: Patch) -> None:
    """The kill switch stops nothing."""
    why = guard.why_barred
    patch.setattr(
        guard, "why_barred", lambda guards, seen: why(guards, seen._replace(killed=False))
    )


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
    """An order that its broker has not seen yet is taken for lost at once."""
    patch.setattr(router, "is_lost", lambda ledger, client, now: True)  # noqa: ARG005


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
    patch.setattr(guard, "why_barred", lambda guards, seen: why(guards, seen._replace(breaks=0)))


BUGS: tuple[Callable[[Patch], None], ...] = (
    resends_under_a_new_id,
    names_orders_by_no_journal,
    takes_a_cancel_for_done,
    ends_before_its_fills,
    sends_before_it_writes,
    books_a_fill_by_no_id,
    loses_the_part_that_filled,
    trades_on_stale_quotes,
    trades_on_crossed_quotes,
    never_reads_the_kill_switch,
    forgets_a_halt_at_a_restart,
    forgets_what_it_sent_at_a_restart,
    books_an_inferred_assignment_again,
    splits_twice,
    leaves_old_orders_alone,
    gives_up_on_what_is_on_its_way,
    parts_shares_from_their_assignment,
    rolls_onto_a_half_done_roll,
    enters_beside_a_break,
)
