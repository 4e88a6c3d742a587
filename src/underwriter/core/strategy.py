"""The strategies: which legs each sells and buys, and whether it keeps shares."""

from underwriter.core.kernel import kernel
from underwriter.core.policy import (
    CALL_SPREAD,
    COLLAR,
    COVERED_CALL,
    IRON_CONDOR,
    PUT_SPREAD,
    STRANGLE,
    WHEEL,
)


@kernel
def keeps_shares(strategy: int) -> bool:
    """Whether shares that are assigned, or bought, stay and have calls sold on them."""
    return strategy in (WHEEL, COVERED_CALL, COLLAR)


@kernel
def buys_shares(strategy: int) -> bool:
    """Whether a position begins with shares."""
    return strategy in (COVERED_CALL, COLLAR)


@kernel
def has_wings(strategy: int) -> bool:
    """Whether every short option has a long one further out."""
    return strategy in (PUT_SPREAD, CALL_SPREAD, IRON_CONDOR)


@kernel
def has_two_rights(strategy: int) -> bool:
    """Whether a position has puts and calls of one expiry."""
    return strategy in (IRON_CONDOR, STRANGLE, COLLAR)


@kernel
def begins_with_calls(strategy: int) -> bool:
    """Whether a position of one right has calls."""
    return strategy in (CALL_SPREAD, COVERED_CALL)
