"""A decision of the step in an event's words: of a backtest's trace, and of a desk."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from underwriter.book.event import Approved, Leg, Refused
from underwriter.core import reason
from underwriter.core.intent import APPROVED, CLOSE, EXERCISE, HOLD, OPEN, ROLL, SHARES

ACTIONS = {
    HOLD: "hold",
    OPEN: "open",
    CLOSE: "close",
    ROLL: "roll",
    SHARES: "shares",
    EXERCISE: "exercise",
}


class Judged(NamedTuple):
    """A decision and its verdict, by the codes of core."""

    action: int
    legs: Sequence[Leg]
    shares: int
    why: int
    verdict: int
    needs_u: int


def action_of(action: int, shares: int) -> str:
    """What a decision does, in the words of a broker where there is one leg or shares alone."""
    if action == SHARES:
        return "buy_shares" if shares > 0 else "sell_shares"
    return ACTIONS[action]


def decided(
    one: Judged, whose: dict[str, Any], limit_u: int | None = None, mark_u: int | None = None
) -> Approved | Refused:
    """The event of a decision; `whose` has what every event of its sleeve carries.

    `limit_u` and `mark_u` are what a desk says beside an approval.
    """
    option = one.legs[0].option if one.legs else None
    several = len(one.legs) > 1 or (option is not None and one.shares != 0)
    common = {
        **whose,
        "action": action_of(one.action, one.shares),
        "option": option,
        "legs": tuple(one.legs) if several else (),
        "shares": one.shares if option is not None else 0,
    }
    if one.verdict != APPROVED:
        return Refused(why=reason.NAMES[one.verdict], needs_u=one.needs_u, **common)
    quantity = abs(one.legs[0].quantity if one.legs else one.shares)
    why = reason.NAMES[one.why]
    return Approved(quantity=quantity, why=why, limit_u=limit_u, mark_u=mark_u, **common)
