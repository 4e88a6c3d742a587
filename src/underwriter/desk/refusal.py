"""Decisions as the book lets them be routed: some refused, some cut, in the words of a backtest.

The step decides on whole positions, as a backtest has them.  Orders fill in part, brokers are
silent: what it approves of such a book is cut to what can be booked and is safe.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from underwriter.book.event import Approved, Refused
from underwriter.core import reason
from underwriter.core.sleeve import ROLL_LONG, ROLL_SHORT
from underwriter.desk.guard import lowers_risk
from underwriter.desk.intent import intent_of
from underwriter.desk.ledger import Ledger

Verdict = Approved | Refused


def refusal(event: Approved, at: int, code: int) -> Refused:
    """What is written of an approval whose orders came to nothing, or never went out."""
    return Refused(
        at=at, session=event.session, account=event.account, sleeve=event.sleeve,
        campaign=event.campaign, policy=event.policy, action=event.action, option=event.option,
        why=reason.NAMES[code], legs=event.legs, shares=event.shares,
    )  # fmt: skip


def withheld(ledger: Ledger, events: Sequence[Verdict]) -> list[Verdict]:
    """Decisions without the approvals that add risk: those a guard refuses."""
    return [
        refusal(event, event.at, reason.GUARD)
        if isinstance(event, Approved) and not _lowers(ledger, event)
        else event
        for event in events
    ]


def finished_rolls(ledger: Ledger, events: Sequence[Verdict]) -> list[Verdict]:
    """Decisions whose rolls fit the book: of a roll that is half done the rest only closes.

    Part of an earlier roll filled, and its new leg stands beside the old one.  A second new leg has
    no place there: the old one is bought back, and the first takes its place.
    """
    return [
        _closing(ledger, event)
        if isinstance(event, Approved) and event.action == "roll" and _is_half_done(ledger, event)
        else event
        for event in events
    ]


def _is_half_done(ledger: Ledger, event: Approved) -> bool:
    """Whether a sleeve has a roll's leg that has not moved in, other than the one to be opened."""
    row, held = ledger.row(event.sleeve), ledger.held(event.sleeve)
    if not any(row.quantity[slot] for slot in (ROLL_SHORT, ROLL_LONG)):
        return False
    return any(leg.option not in held for leg in event.legs)


def _closing(ledger: Ledger, event: Approved) -> Approved:
    """A roll without what it opens."""
    held = ledger.held(event.sleeve)
    legs = tuple(leg for leg in event.legs if held.get(leg.option, 0) * leg.quantity < 0)
    first = legs[0]
    several = legs if len(legs) > 1 else ()
    return replace(
        event, option=first.option, quantity=abs(first.quantity), legs=several,
        limit_u=None, mark_u=None,
    )  # fmt: skip


def _lowers(ledger: Ledger, event: Approved) -> bool:
    """Whether an approval lowers what is at risk."""
    number = event.sleeve
    intent = intent_of(0, event, ledger.opened(number), ledger.held(number))
    return lowers_risk(intent, int(ledger.row(number).shares))
