"""Guards: what holds an intent back before and while it is routed; pure, from what is seen.

    kill switch          a file is there
    halted, paused       by a hand, or by a guard; paused bars what opens, and nothing else
    account, feed        the broker blocks the account, or quotes are not of the moment with money
    break                the book is not what the broker says
    too many orders      so many were sent in this session: no other goes out, what works stays
    approval by hand     what waits for a yes, or was given a no
    wide, far from mark  of a quote, at the moment of sending
    daily loss           equity is so far under the last evening's: the desk is halted
    drawdown             equity is so far under its peak: the desk is halted

A guard never bars what lowers risk: what closes, exercises, sells shares that are held or buys back
shares that are short; only a hand's no does.  A loss halts the desk by an event, so that it stays
halted after a restart and when equity recovers, until a hand lets it on.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from underwriter.book.currency import decimal
from underwriter.core import reason
from underwriter.core.units import CENT_U
from underwriter.desk.intent import Intent
from underwriter.desk.ladder import Net

Approve = Literal["always", "entries", "never"]
Setting = Literal["on", "paused", "halted"]
NO_ANSWERS: Mapping[int, bool] = {}


class Guards(NamedTuple):
    """How much is too much, zero being no bound; and what waits for a hand."""

    daily_loss: float = 0.0  # share of the last evening's equity
    drawdown: float = 0.0  # share of the highest equity marked
    orders: int = 50  # a session
    widest: float = 0.0  # share of its legs' middles that an order's quotes may be wide
    band: float = 0.0  # share of our own mark that a net middle may be away from it
    approve: Approve = "never"  # "entries": what opens; "always": whatever adds risk


class Seen(NamedTuple):
    """What guards look at."""

    killed: bool
    breaks: int  # between the book and the broker's statement
    equity_u: int  # as marked for this decision
    evening_u: int  # as marked last; 0 before the first, and where its loss was let pass
    peak_u: int  # the highest marked since the desk was let on last
    orders: Mapping[date, int]  # sent, by their session; of those with an intent on its way
    setting: Setting = "on"
    why: str = ""  # of the setting
    account: str = ""  # why the broker's account, or its quotes, let nothing that adds risk go out


def lowers_risk(intent: Intent, shares: int) -> bool:
    """Whether an intent leaves less at risk, its sleeve holding so many shares by now."""
    if intent.shares:
        held = shares * intent.shares < 0 and abs(intent.shares) <= abs(shares)
        if not held:
            return False
    return all(part.leg.effect == "close" for part in intent.parts)


def tripped(guards: Guards, seen: Seen) -> str:
    """Why the desk is to be halted, or nothing."""
    lost_u = seen.evening_u - seen.equity_u
    fallen_u = seen.peak_u - seen.equity_u
    if guards.daily_loss > 0.0 and 0 < seen.evening_u * guards.daily_loss <= lost_u:
        return f"equity is {_cents(lost_u)} under the last evening's {_cents(seen.evening_u)}"
    if guards.drawdown > 0.0 and 0 < seen.peak_u * guards.drawdown <= fallen_u:
        return f"equity is {_cents(fallen_u)} under its peak of {_cents(seen.peak_u)}"
    return ""


def _cents(amount_u: int) -> str:
    """Dollars to the cent, as people read them."""
    return decimal(amount_u // CENT_U * CENT_U)


def why_barred(seen: Seen) -> str:
    """Why nothing that adds risk goes out, or nothing."""
    found = (
        (seen.killed, "the kill switch is set"),
        (seen.setting == "halted", f"the desk is halted: {seen.why}"),
        (seen.account != "", seen.account),
        (seen.breaks > 0, f"{seen.breaks} breaks between the book and the broker's statement"),
    )
    return next((why for wrong, why in found if wrong), "")


def is_spent(intent: Intent, guards: Guards, shares: int, orders: int) -> bool:
    """Whether no other order of an intent may go out: its session has sent as many as may be.

    What lowers risk, its sleeve holding so many shares by now, may always.
    """
    return 0 < guards.orders <= orders and not lowers_risk(intent, shares)


def waits(intent: Intent, guards: Guards, shares: int) -> bool:
    """Whether an intent asks for a yes by hand; what a hand asked for itself has it."""
    if intent.event.why == reason.NAMES[reason.HAND]:
        return False
    if guards.approve == "always":
        return not lowers_risk(intent, shares)
    return guards.approve == "entries" and intent.action == "open"


def barred(
    intents: Iterable[Intent],
    shares: Mapping[int, int],
    guards: Guards,
    seen: Seen,
    answers: Mapping[int, bool] = NO_ANSWERS,
    working: Container[int] = (),
) -> dict[int, str]:
    """The intents that are held back, by sequence, with the reason.

    `shares` are what sleeves hold by now, `answers` what a hand said of intents, by sequence, and
    `working` those of which an order lives.
    """
    why, found = why_barred(seen), {}
    for one in intents:
        said, held = answers.get(one.sequence), shares.get(one.event.sleeve, 0)
        sent = seen.orders.get(one.event.session, 0)
        if said is False:
            found[one.sequence] = "refused by hand"
        elif lowers_risk(one, held):
            continue
        elif why:
            found[one.sequence] = why
        elif one.sequence not in working and is_spent(one, guards, held, sent):
            found[one.sequence] = f"{sent} orders were sent in this session"
        elif seen.setting == "paused" and one.action == "open":
            found[one.sequence] = f"the desk is paused: {seen.why}"
        elif said is None and waits(one, guards, held):
            found[one.sequence] = f"waits for approval by hand: desk approve {one.sequence}"
    return found


def sane(net: Net, mark_u: int | None, guards: Guards) -> bool:
    """Whether an order that adds risk may go out at a net quote, our own mark beside it.

    A net price is a difference and may be near nothing, so neither is measured by it alone: the
    width is of its legs, and what it may be off by is at least of what its legs offset.
    """
    if 0.0 < guards.widest < net.width:
        return False
    if guards.band <= 0.0 or mark_u is None:
        return True
    return abs(net.mid_u - mark_u) <= guards.band * max(abs(mark_u), net.offset_u)
