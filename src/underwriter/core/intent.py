"""Decisions: what a sleeve wishes, and what became of it.

A wish is written into a `Decision` row by the rules of its strategy and judged there by `step`.
Its legs stand in the order in which they trade: what is closed, then what is opened.
"""

from typing import Annotated

from underwriter.core import reason
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import NONE
from underwriter.core.kernel import kernel
from underwriter.core.policy import MAX_LEGS
from underwriter.core.record import I8, Row

# actions
HOLD, OPEN, CLOSE, ROLL, SHARES, EXERCISE = range(6)

APPROVED = 0  # the verdict of a decision that may be sent; any other is a reason code
PENDING = -1  # not judged yet: never leaves `step`


class Decision(Row):
    """An intent and what became of it."""

    session: int
    sleeve: int
    action: int
    why: int  # reason code of the wish, or of why there is none
    quantity: int  # units; each has as many contracts as `change` says, until it is sized
    shares: int  # signed change
    legs: int  # in use
    slot: Annotated[I8, MAX_LEGS]
    row: Annotated[I8, MAX_LEGS]
    contract: Annotated[I8, MAX_LEGS]
    change: Annotated[I8, MAX_LEGS]  # signed contracts: of a unit while PENDING, then of all
    verdict: int
    score: float  # credit per unit of stress loss, by which entries are ranked
    needs_u: int  # least equity that would have admitted one unit
    bound: int  # reason code of the cap that bound its size, where one was asked


@kernel
def clear(decision: Decision, session: int, sleeve: int) -> None:
    """Begin a decision anew: it holds, for no reason."""
    decision.session = session
    decision.sleeve = sleeve
    decision.quantity = 0
    decision.verdict = PENDING
    decision.score = 0.0
    decision.needs_u = 0
    decision.bound = reason.NONE
    hold(decision, reason.NONE)


@kernel
def wish(decision: Decision, action: int, why: int) -> None:
    """Wish for something, without legs so far: what stood in the others is of no wish."""
    decision.action = action
    decision.why = why
    decision.shares = 0
    decision.legs = 0
    decision.slot[0] = 0  # the first is written down where there is none
    decision.row[0] = NO_ROW
    decision.contract[0] = NONE
    decision.change[0] = 0


@kernel
def hold(decision: Decision, why: int) -> None:
    """Wish for nothing, and say why."""
    wish(decision, HOLD, why)


@kernel
def add_leg(decision: Decision, slot: int, row: int, contract: int, change: int) -> None:
    """Add a leg to a wish; the caller keeps to MAX_LEGS."""
    k = decision.legs
    decision.slot[k] = slot
    decision.row[k] = row
    decision.contract[k] = contract
    decision.change[k] = change
    decision.legs = k + 1
