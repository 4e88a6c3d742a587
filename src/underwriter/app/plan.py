"""This session's orders: the step of the engine, run once over a book, and nothing sent.

What fills, and at which price, is what the fill model of the settings says of these quotes; the
book after the plan is the book after those fills.
"""

from collections.abc import Sequence
from datetime import date
from threading import Thread
from typing import Any, NamedTuple

from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.plan_book import Before, fresh, log_for, told_by
from underwriter.app.plan_desk import Desk, plain
from underwriter.app.plan_figures import money_of, order_of, positions_of, refusal_of
from underwriter.app.plan_income import income_of, stops_opening
from underwriter.app.plan_rows import Plan
from underwriter.app.request import Request
from underwriter.app.setting_up import Phase, cold_note, seen
from underwriter.app.universe import needs_margin
from underwriter.book.naming import names_of
from underwriter.book.place import Place
from underwriter.core.intent import APPROVED, HOLD, Decision
from underwriter.core.kernel import load
from underwriter.core.marking import mark
from underwriter.core.record import rows
from underwriter.core.session import step
from underwriter.core.sleeve import BookState
from underwriter.core.units import day_of
from underwriter.market.beside import through
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Setup
from underwriter.sim.ledger import Line
from underwriter.sim.orders import execute_all


class Asked(NamedTuple):
    """A plan that was asked for."""

    request: Request
    as_of: date | None
    journal: Place | None


def plan(asked: Asked, phase: Phase) -> Plan:
    """Decide one session; InputError for a policy, a day or a book that cannot be used."""
    request = asked.request
    needs_margin(request.policies, request.settings.account)
    note = cold_note()
    Thread(target=load).start()  # for whoever calls a kernel first, once files are read
    with phase("reading the session", ""):
        found = wire.moment(request, asked.as_of)
    with phase(found.making, note):
        found, slab, setup = seen(request, found, found.slab(request.house.home))
    with phase("deciding", note):
        before = _before(asked, found, slab, setup)
        names = [each.name for each in request.policies]
        desk, decisions = decided(before.state, slab, setup, names)
    return _told(asked, desk, decisions, before, found)


def _before(asked: Asked, found: Ground, slab: Slab, setup: Setup) -> Before:
    """The book that is decided on."""
    if asked.journal is None:
        return fresh(asked.request, slab, setup)
    return told_by(asked.journal, asked.request, found, slab, setup)


def decided(
    state: BookState, slab: Slab, setup: Setup, policies: Sequence[str]
) -> tuple[Desk, list[Decision]]:
    """What the step makes of a book, and the book once its orders have filled on these quotes."""
    market, log = through(slab.market, setup.lens), log_for(setup)
    mark(state, market, 0, setup.limits)
    start = _copied(state)
    made = rows(Decision, len(setup.seats) + 1)
    count = step(state, market, 0, setup.policies, setup.owns, setup.limits, made)
    execute_all(
        state, made, count, 0, market, setup.policies, setup.limits, setup.fills, setup.fees, log
    )
    mark(state, market, 0, setup.limits)
    lines: dict[int, list[Line]] = {}
    for at in range(int(log.written[0])):
        line = plain(log.lines[at])
        lines.setdefault(line.sleeve, []).append(line)
    names = names_of(
        (policies[seat.policy], slab.instruments[seat.underlying].symbol) for seat in setup.seats
    )
    return Desk(slab, setup, start, state, lines, names), [made[at] for at in range(count)]


def _copied(state: BookState) -> BookState:
    """A state of its own rows."""
    parts: Any = state
    return BookState(*(part.copy() for part in parts))


def _told(
    asked: Asked, desk: Desk, decisions: list[Decision], before: Before, found: Ground
) -> Plan:
    """What came of it, in rows."""
    request, session = asked.request, day_of(int(found.day[0]))
    orders = [
        order_of(desk, one) for one in decisions if one.verdict == APPROVED and one.action != HOLD
    ]
    refused = [refusal_of(desk, one) for one in decisions if one.verdict != APPROVED]
    return Plan(
        policy=request.name,
        policy_hash=request.hash,
        session=str(session),
        as_of=str(asked.as_of) if asked.as_of else None,
        quotes=_quotes(desk.slab),
        source=found.source,
        book=str(asked.journal) if asked.journal else None,
        remarks=[*before.remarks, *_waiting(asked.request, desk)],
        orders=orders,
        refused=refused,
        income=income_of(request.target, before, desk, (orders, refused)),
        before=money_of(desk, desk.start),
        after=money_of(desk, desk.after),
        positions=positions_of(desk),
    )


def _waiting(request: Request, desk: Desk) -> list[str]:
    """What is said on a session on which policies that open weekly do not."""
    if desk.slab.market.sessions[0].first_of_week:
        return []
    weekly = [
        each.name
        for each, policy in zip(request.policies, desk.setup.policies, strict=True)
        if not any(policy.daily)
    ]
    whose = ", ".join(weekly)
    return [f"not the first session of its week, on which alone {whose} opens"] if weekly else []


def _quotes(slab: Slab) -> str:
    """What the quotes are: of one kind, or mixed."""
    kinds = set(slab.origins)
    return kinds.pop() if len(kinds) == 1 else "mixed"


def why_nothing(made: Plan) -> str | None:
    """Why nothing could be opened, where something was wished; None where it was or was not."""
    opened = any(one.opening for one in made.orders)
    stopped = [one for one in made.refused if stops_opening(one)]
    if opened or not stopped:
        return None
    least = min((one.least_equity for one in stopped if one.least_equity), default=None)
    said = f"nothing could be opened: {', '.join(sorted({one.why for one in stopped}))}"
    if least is None:
        return said
    had = made.before.equity
    return f"{said}; one contract needs equity of {least:,.2f} dollars, found {had:,.2f}"
