"""Intents, what a sleeve wishes, and decisions, what became of them."""

from typing import NamedTuple

from underwriter.core import reason
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import NONE
from underwriter.core.kernel import kernel
from underwriter.core.record import Row

# actions
HOLD, SELL_TO_OPEN, BUY_TO_CLOSE, SELL_SHARES = range(4)

APPROVED = 0  # the verdict of a decision that may be sent; any other is a reason code
PENDING = -1  # not judged yet: never leaves `step`


class Intent(NamedTuple):
    """What one sleeve wishes to do.  `quantity` counts contracts, or shares to sell."""

    action: int
    slot: int
    row: int
    contract: int
    quantity: int  # zero where the size is still to be found
    why: int  # reason code of the wish, or of why there is none


class Decision(Row):
    """An intent and what became of it."""

    session: int
    sleeve: int
    action: int
    slot: int
    row: int
    contract: int
    quantity: int
    why: int
    verdict: int
    score: float  # credit per unit of stress loss, by which entries are ranked
    needs_u: int  # least equity that would have admitted one contract


@kernel
def hold(why: int) -> Intent:
    """The wish to do nothing, and why."""
    return Intent(HOLD, 0, NO_ROW, NONE, 0, why)


@kernel
def release(shares: int) -> Intent:
    """The wish to sell shares that the policy does not keep."""
    return Intent(SELL_SHARES, 0, NO_ROW, NONE, shares, reason.RELEASE)
