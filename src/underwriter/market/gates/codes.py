"""The codes of the gates: what each finds, and whether it takes the row out.

A row carries one code, the first of this table that applies to it, so the order is part of the
meaning: what is wrong with a whole day comes before what is wrong with a series, a contract and a
price; remarks on rows that stay come last.  docs/gates.md says why each is as it is.
"""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl


class Gate(NamedTuple):
    """What a gate finds, and whether the row is taken out of the chain or only remarked on."""

    means: str
    dropped: bool


GATES: Mapping[str, Gate] = {
    "not_session": Gate("the exchange was closed on the day", dropped=True),
    "stale": Gate("the day's quotes are a copy of the session before", dropped=True),
    "adjusted": Gate("the root is of a contract with another deliverable", dropped=True),
    "expired": Gate("quoted after the contract's last trading day", dropped=True),
    "unlisted": Gate("expires on a day that is no session", dropped=True),
    "root_unknown": Gate("settled in the morning or at the close: cannot be told", dropped=True),
    "nonsense": Gate("a price that is negative or no number, or no strike", dropped=True),
    "no_quote": Gate("nobody bids and nobody offers", dropped=True),
    "no_ask": Gate("a bid without an ask", dropped=True),
    "crossed": Gate("the bid above the ask", dropped=True),
    "off_tick": Gate("a bid or ask that is no legal price", dropped=True),
    "repeated": Gate("the same row once more", dropped=True),
    "doubled": Gate("one contract with two different quotes", dropped=True),
    "below_intrinsic": Gate("under what exercise is worth by more than the spread", dropped=True),
    "above_bound": Gate("over what the option can ever pay by more than the spread", dropped=True),
    "old_strike": Gate(
        "of a strike of before a split: its other right is impossible", dropped=True
    ),
    "saturday": Gate("expiry moved from a Saturday to the session before", dropped=False),
    "no_bid": Gate("an ask without a bid: can be bought back, never sold", dropped=False),
}
GATE = pl.Enum(list(GATES))

(
    FINE,
    NOT_SESSION,
    STALE,
    ADJUSTED,
    EXPIRED,
    UNLISTED,
    ROOT_UNKNOWN,
    NONSENSE,
    NO_QUOTE,
    NO_ASK,
    CROSSED,
    OFF_TICK,
    REPEATED,
    DOUBLED,
    BELOW_INTRINSIC,
    ABOVE_BOUND,
    OLD_STRIKE,
    SATURDAY,
    NO_BID,
) = range(len(GATES) + 1)
FIRST_REMARK = SATURDAY


def gate_column(code: pl.Expr) -> pl.Expr:
    """Numbers of gates as their names; null where there is nothing to say."""
    numbers = list(range(1, len(GATES) + 1))
    return code.replace_strict(numbers, list(GATES), default=None, return_dtype=GATE)
