"""Guards: what holds an intent back before and while it is routed; pure, from what is seen.

    kill switch          a file is there
    break                the book is not what the broker says
    daily loss           equity is so far under the last evening's
    drawdown             equity is so far under its peak
    too many orders      so many were sent in this session
    wide, far from mark  of a quote, at the moment of sending

A guard never bars what lowers risk: what closes, exercises, sells shares that are held or buys back
shares that are short.  Losses are measured against what the journal has marked, and so are the
same after a restart.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from underwriter.desk.intent import Intent
from underwriter.desk.ladder import Net


class Guards(NamedTuple):
    """How much is too much; zero is no bound."""

    daily_loss: float = 0.0  # share of the last evening's equity
    drawdown: float = 0.0  # share of the highest equity marked
    orders: int = 50  # a session
    widest: float = 0.0  # share of the middle that a whole net spread may be
    band: float = 0.0  # share of our own mark that a net middle may be away from it


class Seen(NamedTuple):
    """What guards look at."""

    killed: bool
    breaks: int  # between the book and the broker's statement
    equity_u: int  # as marked for this decision
    evening_u: int  # as marked last, 0 before the first
    peak_u: int
    orders: int  # sent in this session


def lowers_risk(intent: Intent, shares: int) -> bool:
    """Whether an intent leaves less at risk, its sleeve holding so many shares by now."""
    if intent.shares:
        held = shares * intent.shares < 0 and abs(intent.shares) <= abs(shares)
        if not held:
            return False
    return all(part.leg.effect == "close" for part in intent.parts)


def why_barred(guards: Guards, seen: Seen) -> str:
    """Why nothing that adds risk goes out, or nothing."""
    lost_u = seen.evening_u - seen.equity_u
    fallen_u = seen.peak_u - seen.equity_u
    found = (
        (seen.killed, "the kill switch is set"),
        (seen.breaks > 0, f"{seen.breaks} breaks between the book and the broker's statement"),
        (
            guards.daily_loss > 0.0 and 0 < seen.evening_u * guards.daily_loss <= lost_u,
            f"equity is {lost_u} millionths under the last evening's",
        ),
        (
            guards.drawdown > 0.0 and 0 < seen.peak_u * guards.drawdown <= fallen_u,
            f"equity is {fallen_u} millionths under its peak",
        ),
        (0 < guards.orders <= seen.orders, f"{seen.orders} orders were sent in this session"),
    )
    return next((why for wrong, why in found if wrong), "")


def barred(
    intents: Iterable[Intent], shares: Mapping[int, int], guards: Guards, seen: Seen
) -> dict[int, str]:
    """The intents that guards hold back, by sequence, with the reason; `shares` by sleeve."""
    why = why_barred(guards, seen)
    if not why:
        return {}
    return {
        one.sequence: why
        for one in intents
        if not lowers_risk(one, shares.get(one.event.sleeve, 0))
    }


def sane(net: Net, mark_u: int | None, guards: Guards) -> bool:
    """Whether an order that adds risk may go out at a net quote, our own mark beside it."""
    size_u = abs(net.mid_u)
    if guards.widest > 0.0 and 2 * (net.mid_u - net.touch_u) > guards.widest * size_u:
        return False
    near = mark_u is None or abs(net.mid_u - mark_u) <= guards.band * abs(mark_u)
    return guards.band <= 0.0 or near
