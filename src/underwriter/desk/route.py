"""Routing, as pure functions: from an intent and what became of its orders to the next act.

    nothing sent yet, or the last order ended with something left    Send
    a live order of which nobody knows                               Ask, and send no other
    a live order whose rung is over                                  Cancel, then the next rung
    all filled                                                       Done
    a guard holds it back                                            Cancel, and wait
    as many orders were sent as may be                               Wait: what works stays
    the last moment has come                                         Cancel, and Done

An attempt is one order.  Its id is of the intent and its number, all from the journal, so that a
second run finds the same id and cannot double it; the next number is taken only once the order
before has ended and all that was filled of it is booked.
"""

from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import NamedTuple

from underwriter.book.event import OrderIntended, OrderState
from underwriter.book.orders import ENDS
from underwriter.core import reason
from underwriter.core.units import tick_up
from underwriter.desk.intent import Intent, Phase, phases
from underwriter.desk.ladder import Ladder, Net, Schedule, limit_u, paid_u, schedule
from underwriter.desk.ports import Capabilities, OrderLeg, Ticket
from underwriter.desk.price import step_u
from underwriter.market.instrument import Instrument


class Attempt(NamedTuple):
    """One order of an intent: as it was intended, how it stands, and what was filled of it."""

    intended: OrderIntended
    state: OrderState | None  # None: intended, not known to be sent
    filled: Mapping[str, int]  # by option, shares under the symbol; signed
    paid_u: int = 0  # what the fills brought, before fees

    @property
    def lives(self) -> bool:
        """Whether it may still fill."""
        return self.state not in ENDS


class Send(NamedTuple):
    """Write the order down, then send it."""

    ticket: Ticket


class Ask(NamedTuple):
    """Look the order up: nobody knows how it stands."""

    client: str


class Cancel(NamedTuple):
    """Ask for its end."""

    client: str


class Wait(NamedTuple):
    """Nothing is due before a moment."""

    until: int


class Done(NamedTuple):
    """Nothing more is to be done: all is filled, or why not."""

    why: str  # "" where all is filled


AGAIN = 5 * 10**9  # nanoseconds between two looks at what cannot be sent, at least
Act = Send | Ask | Cancel | Wait | Done


class Now(NamedTuple):
    """A moment of routing."""

    at: int  # UTC nanoseconds
    until: int  # the last moment at which an order may work
    net: Net | None  # of what is left; None where it is not quoted well enough to trade
    may_send: bool = True  # whether guards let an order of this intent out
    spent: bool = False  # whether no other order may go out: what works is not replaced
    unbid: frozenset[str] = frozenset()  # what is to be sold to close, and nobody bids for


def client_id(intent: Intent, attempt: int) -> str:
    """The id of an attempt: 32 hexadecimal digits, the same in every run."""
    event = intent.event
    parts = (event.account, event.sleeve, event.campaign, intent.sequence, attempt)
    return blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def left_of(intent: Intent, attempts: Sequence[Attempt]) -> dict[str, int]:
    """What is not filled of an intent, by option, shares under the symbol; signed."""
    left = {part.leg.option: part.leg.quantity for part in intent.parts}
    if intent.shares:
        left[intent.symbol] = intent.shares
    for attempt in attempts:
        for key, quantity in attempt.filled.items():
            left[key] = left.get(key, 0) - quantity
    return {key: quantity for key, quantity in left.items() if quantity}


def rest_of(intent: Intent, attempts: Sequence[Attempt]) -> Intent:
    """An intent with no more shares than are left of it, as guards judge it."""
    left = {} if is_exercised(intent, attempts) else left_of(intent, attempts)
    return intent._replace(shares=left.get(intent.symbol, 0))


def by_hand(intent: Intent) -> bool:
    """Whether a hand asked for it, and no decision."""
    return intent.event.why == reason.NAMES[reason.HAND]


def is_end(intent: Intent) -> bool:
    """Whether it ends what is held; a hand's purchase of shares covers those that are short."""
    ends = {"close", "sell_shares", "exercise"}
    return intent.action in ends or (intent.action == "buy_shares" and by_hand(intent))


def is_exercised(intent: Intent, attempts: Sequence[Attempt]) -> bool:
    """Whether an exercise was taken: what it moves is told as a fact, and is no fill."""
    return intent.action == "exercise" and bool(attempts) and attempts[-1].state == "filled"


def is_held(intent: Intent, attempts: Sequence[Attempt], held: Mapping[str, int]) -> bool:
    """Whether all that is left to be closed is still held; `held` has shares under the symbol.

    What was assigned or closed by a hand meanwhile would else be closed twice, and so turned round.
    """
    left = left_of(intent, attempts)
    closing = [part.leg.option for part in intent.parts if part.leg.effect == "close"]
    if is_end(intent) and intent.action != "exercise":  # which brings or takes its own
        closing.append(intent.symbol)
    return all(
        held.get(key, 0) * left[key] < 0 and abs(left[key]) <= abs(held[key])
        for key in closing
        if key in left
    )


def phase_of(intent: Intent, can: Capabilities, left: Mapping[str, int]) -> Phase | None:
    """The order that is due of what is left: the first of its phases that is not filled."""
    for phase in phases(intent, can):
        parts = tuple(
            part._replace(leg=part.leg._replace(quantity=left[part.leg.option]))
            for part in phase.parts
            if part.leg.option in left
        )
        shares = left.get(intent.symbol, 0) if phase.shares else 0
        if parts or shares:
            return Phase(parts, shares)
    return None


def units_of(intent: Intent, phase: Phase) -> int:
    """How many whole units an order is for; of legs that filled unevenly, one as a whole each."""
    wanted = {part.leg.option: abs(part.leg.quantity) // intent.units for part in intent.parts}
    if not phase.parts:
        return abs(phase.shares)
    counts = {abs(part.leg.quantity) // wanted[part.leg.option] for part in phase.parts}
    return counts.pop() if len(counts) == 1 else 1


def wanted_of(phase: Phase, units: int, symbol: str) -> dict[str, int]:
    """What one unit of an order changes of each thing, signed; of shares beside options 1."""
    found = {part.leg.option: part.leg.quantity // units for part in phase.parts}
    if phase.shares:
        found[symbol] = 1 if phase.shares > 0 else -1
    return found


def floor_of(intent: Intent, attempts: Sequence[Attempt], phase: Phase, units: int) -> int | None:
    """The floor of an order: the intent's, less what other orders of it brought for each unit.

    Of an intent in several orders only the last has one: those before must fill for it to be due.
    """
    if intent.limit_u is None:
        return None
    if len(phase.parts) + bool(phase.shares) == len(intent.parts) + bool(intent.shares):
        return intent.limit_u
    keys = {part.leg.option for part in phase.parts}
    if keys != {part.leg.option for part in intent.parts if part.leg.effect == "open"}:
        return None
    others = [each for each in attempts if not keys & {leg.option for leg in each.intended.legs}]
    brought_u = sum(each.paid_u for each in others)
    return intent.limit_u - brought_u // (units * intent.multiplier)


class Routed(NamedTuple):
    """An intent on its way."""

    intent: Intent
    instrument: Instrument
    can: Capabilities
    ladder: Ladder
    attempts: tuple[Attempt, ...]
    last: int  # the last moment of its session at which an order works, whatever cuts a pass short


def next_act(one: Routed, now: Now) -> Act:
    """What is due of an intent."""
    last = one.attempts[-1] if one.attempts else None
    if last is not None and last.lives:
        return _of_live(one, last, now)
    left = left_of(one.intent, one.attempts)
    if not left or is_exercised(one.intent, one.attempts):
        return Done("")
    if last is not None and last.state == "rejected":
        return Done("rejected")
    if now.at >= now.until or len(one.attempts) >= one.ladder.attempts:
        return Done("lapsed")
    ticket = _next_ticket(one, now)
    if ticket is None or not now.may_send or now.spent:
        return Wait(min(again(one, now.at), now.until))
    return Send(ticket)


def _of_live(one: Routed, last: Attempt, now: Now) -> Act:
    """What is due of an order that lives."""
    intended = last.intended
    if last.state in {None, "unknown"}:
        return Ask(intended.client)
    if now.at >= now.until or not now.may_send:
        return Cancel(intended.client)
    rungs = _rungs(one, {leg.option for leg in intended.legs}, now.at)
    if now.at < (over := rungs.ends(intended.at)):
        return Wait(min(over, now.until))
    last_one = now.spent or len(one.attempts) >= one.ladder.attempts
    ticket = None if last_one else _next_ticket(one, now)
    if ticket is None or ticket.limit_u == intended.limit_u:
        return Wait(min(rungs.ends(now.at), now.until))
    return Cancel(intended.client)


def due(one: Routed, unbid: Container[str] = ()) -> tuple[Phase, int] | None:
    """The order that is due of what is left, and its units.

    Without what nobody bids for where something else is to be closed: a wing that is worth nothing
    is not to keep the short leg beside it open.
    """
    left = left_of(one.intent, one.attempts)
    wanted = {key: quantity for key, quantity in left.items() if key not in unbid}
    phase = phase_of(one.intent, one.can, wanted or left)
    return None if phase is None else (phase, units_of(one.intent, phase))


def _next_ticket(one: Routed, now: Now) -> Ticket | None:
    """The next attempt at what is left; None where it cannot be priced."""
    found, intent = due(one, now.unbid), one.intent
    if found is None:
        return None
    phase, units = found
    price_u: int | None = None
    if intent.action != "exercise":
        if now.net is None:
            return None
        legs = 0 if phase.shares else len(phase.parts)
        step = step_u(one.instrument, legs, now.net.touch_u)
        floor_u = floor_of(intent, one.attempts, phase, units)
        rung = _rungs(one, {part.leg.option for part in phase.parts}, now.at).rung(now.at)
        price_u = limit_u(now.net, rung, one.ladder, floor_u, step)
        price_u = int(tick_up(price_u, step_u(one.instrument, legs, price_u)))  # from 3.00 on
        if len(phase.parts) + bool(phase.shares) == 1:
            price_u = paid_u(price_u, now.net.touch_u, step)
            if price_u is None:
                return None
    client = client_id(intent, len(one.attempts))
    named = tuple(part.leg for part in phase.parts)
    return Ticket(client, intent.action, intent.symbol, named, phase.shares, units, price_u)


def _rungs(one: Routed, keys: AbstractSet[str], at: int) -> Schedule:
    """The rungs of what is asked for, since the same options were first asked for, or now."""
    same = [
        each.intended.at
        for each in one.attempts
        if keys & {leg.option for leg in each.intended.legs} or not keys
    ]
    return rungs_of(one.intent, one.ladder, same[0] if same else at, one.last)


def rungs_of(intent: Intent, ladder: Ladder, begun: int, last: int) -> Schedule:
    """The rungs of an intent that began at a moment of its session.

    What a hand asked for leaves half of the session's time: it may have to end before the decision.
    """
    return schedule(ladder, begun, (begun + last) // 2 if by_hand(intent) else last)


def again(one: Routed, at: int) -> int:
    """When what cannot be sent at a moment is looked at again: after a rung that begins then."""
    return at + max(rungs_of(one.intent, one.ladder, at, one.last).step, AGAIN)


def ticket_of(one: Routed, intended: OrderIntended) -> Ticket:
    """An order again as it was written down, to be sent under the same id."""
    effects = {part.leg.option: part.leg.effect for part in one.intent.parts}
    legs = tuple(OrderLeg(leg.option, leg.quantity, effects[leg.option]) for leg in intended.legs)
    parts = tuple(part for part in one.intent.parts if part.leg.option in {x.option for x in legs})
    made = {leg.option: leg for leg in legs}
    phase = Phase(
        tuple(part._replace(leg=made[part.leg.option]) for part in parts), intended.shares
    )
    limit = None if intended.action == "exercise" else intended.limit_u
    return Ticket(
        intended.client, one.intent.action, one.intent.symbol, legs, intended.shares,
        units_of(one.intent, phase), limit,
    )  # fmt: skip
