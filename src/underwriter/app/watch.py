"""What is held now, how near each strike is, and what needs attention."""

from datetime import date
from typing import NamedTuple

import msgspec

from underwriter.app.desk_again import Again, Around
from underwriter.app.desk_rules import stale_of
from underwriter.book.event import OrderIntended
from underwriter.book.naming import named
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO, day_number, day_of
from underwriter.desk.cadence import quoted
from underwriter.desk.intent import Intent
from underwriter.desk.ledger import Ledger
from underwriter.desk.looking import LegLook, SleeveLook, look
from underwriter.desk.present import Moment, present
from underwriter.market.slab import Slab


class LegSaid(msgspec.Struct, frozen=True):
    """One option that is held; prices a share."""

    option: str
    quantity: int
    strike: float
    dte: int
    delta: float | None  # of the position, in shares; null where it is not quoted
    option_delta: float | None  # of the option, as a policy's deltas are; likewise
    away: float  # how far the strike is out of the money, a fraction of the spot
    mark: float


class Held(msgspec.Struct, frozen=True):
    """What one sleeve holds; money of the whole position."""

    sleeve: int
    policy: str
    underlying: str
    spot: float
    shares: int
    breakeven: float | None
    legs: list[LegSaid]
    credit: float
    to_close: float
    captured: float | None  # the fraction of the credit that closing now would keep
    attention: list[str]


class Waiting(msgspec.Struct, frozen=True):
    """An intent that is on its way."""

    intent: int  # the sequence of its approval, which `desk approve` takes
    sleeve: int
    action: str
    what: str
    least: float | None  # the net price a share under which nothing is sent
    state: str
    answer: str  # "", "yes" or "no"


class Watched(msgspec.Struct, frozen=True):
    """The object of `watch --json`."""

    account: str
    kind: str
    setting: str  # on, paused or halted
    why: str
    killed: bool
    session: date | None  # whose quotes these are
    equity: float | None  # of the last evening
    cash: float | None
    held: list[Held]
    intents: list[Waiting]
    unknown: list[str]  # orders of which nobody knows
    remarks: list[str]

    @property
    def attention(self) -> bool:
        """Whether somebody should look."""
        tested = any(one.attention for one in self.held)
        return bool(tested or self.unknown or self.killed or self.setting != "on" or self.remarks)


class Sight(NamedTuple):
    """The newest quotes there are, and what should be said of them."""

    slab: Slab | None
    remarks: tuple[str, ...]
    day: date | None = None  # of its session


def sight(found: Again, over: Around, ledger: Ledger) -> Sight:
    """Today's quotes; else those of the session that was decided last."""
    today = quoted(over.calendar, over.clock.now())
    decided = None if ledger.decided is None else day_number(ledger.decided)
    days = [today] if decided in {None, today} else [today, decided]
    why = ""
    for day in days:
        try:
            slab = over.quotes.slab(day or 0)
        except InputError as problem:
            why = why or str(problem)
        else:
            remarks = (f"quotes are of {day_of(day or 0)}: {why}",) if why else ()
            return Sight(slab, remarks if found.kind != "replay" else (), day_of(day or 0))
    return Sight(None, (why,))


def _now(found: Again, over: Around, ledger: Ledger) -> Sight:
    """The newest quotes with today's date and what is quoted at this moment of what is held."""
    seen = sight(found, over, ledger)
    if seen.slab is None or found.kind == "replay":
        return seen
    moment = Moment(over.calendar, over.clock.now(), stale_of(found.request))
    now = present(seen.slab, ledger.book, found.account, over.quotes, moment)
    if now.quoted or seen.remarks or not moment.trading:
        return seen._replace(slab=now.slab)
    return seen._replace(slab=now.slab, remarks=(UNQUOTED,))


UNQUOTED = "nothing of it is quoted at this moment: figures are of when the session was decided"


def watched(found: Again, over: Around) -> Watched:
    """A desk, looked at."""
    ledger = found.ledger()
    seen = _now(found, over, ledger)
    mark, losses = ledger.folding.marks.get(found.account), ledger.losses
    held = [] if seen.slab is None else look(ledger.book, seen.slab, over.rules, over.calendar)
    live = ledger.folding.orders.live
    return Watched(
        account=found.account, kind=found.kind,
        setting=losses.setting,
        why=losses.why,
        killed=found.folder.kill.exists(), session=seen.day,
        equity=None if mark is None else mark.equity_u / MICRO,
        cash=None if mark is None else mark.cash_u / MICRO,
        held=[_held(one) for one in held],
        intents=[_waiting(one, ledger) for one in ledger.waiting().values()],
        unknown=[client for (_, client), one in live.items() if one.state in {None, "unknown"}],
        remarks=list(seen.remarks),
    )  # fmt: skip


def _held(one: SleeveLook) -> Held:
    return Held(
        sleeve=one.sleeve, policy=one.name, underlying=one.underlying, spot=one.spot_u / MICRO,
        shares=one.shares,
        breakeven=None if one.breakeven_u is None else one.breakeven_u / MICRO,
        legs=[_leg(leg) for leg in one.legs], credit=one.credit_u / MICRO,
        to_close=one.close_u / MICRO, captured=one.captured,
        attention=[note.text for note in one.notes],
    )  # fmt: skip


def _leg(leg: LegLook) -> LegSaid:
    shares = leg.multiplier * leg.quantity
    return LegSaid(
        option=leg.option, quantity=leg.quantity, strike=leg.strike_u / MICRO, dte=leg.dte,
        delta=None if leg.delta is None else leg.delta * shares, option_delta=leg.delta,
        away=leg.away, mark=leg.mark_u / MICRO,
    )  # fmt: skip


def _waiting(one: Intent, ledger: Ledger) -> Waiting:
    """An intent and how far it has come."""
    attempts = ledger.attempts(one)
    last = attempts[-1] if attempts else None
    said = ledger.answers.get(one.sequence)
    state = (
        "no order yet" if last is None else f"{last.state or 'intended'} at {_at(last.intended)}"
    )
    parts = [f"{part.leg.quantity:+,} {named(part.leg.option)}" for part in one.parts]
    shares = [f"{one.shares:+,} {one.symbol}"] if one.shares else []
    return Waiting(
        intent=one.sequence, sleeve=one.event.sleeve, action=one.action,
        what=", ".join([*parts, *shares]),
        least=None if one.limit_u is None else one.limit_u / MICRO,
        state=f"{state}, attempt {len(attempts)}" if attempts else state,
        answer={None: "", True: "yes", False: "no"}[said],
    )  # fmt: skip


def _at(order: OrderIntended) -> str:
    return f"{order.limit_u / MICRO:,.2f}"
