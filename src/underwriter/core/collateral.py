"""The cash that a position may come to need, whatever the market does until it is asked again.

short put 95                        95 a share
put spread 95/90                     5
iron condor 90/95 105/110            5, European: only one side can lose
short call 105, spot 100           200: only a doubling between two sessions reaches the cash
"""

from typing import NamedTuple

from underwriter.core.chain import Terms
from underwriter.core.contract import NONE, expiry_of, strike_of
from underwriter.core.intent import Decision
from underwriter.core.kernel import called, kernel
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    Sleeve,
    home_of,
)

NAKED_TIMES = 2  # the spot that secures what is naked


class Position(NamedTuple):
    """What is held of one underlying: contracts not negative, keys, and shares signed."""

    short_put: int
    long_put: int
    short_call: int
    long_call: int
    short_put_key: int
    long_put_key: int
    short_call_key: int
    long_call_key: int
    shares: int


class Secured(NamedTuple):
    """What a position secures, in millionths; of it its short puts; whether calls are naked."""

    total_u: int
    puts_u: int
    naked: bool


@kernel
def position_of(sleeve: Sleeve) -> Position:
    """What a sleeve holds."""
    return Position(
        -sleeve.quantity[SHORT_PUT],
        sleeve.quantity[LONG_PUT],
        -sleeve.quantity[SHORT_CALL],
        sleeve.quantity[LONG_CALL],
        sleeve.contract[SHORT_PUT],
        sleeve.contract[LONG_PUT],
        sleeve.contract[SHORT_CALL],
        sleeve.contract[LONG_CALL],
        sleeve.shares,
    )


@kernel
def _slot_after(sleeve: Sleeve, decision: Decision, slot: int) -> tuple[int, int]:
    """Signed contracts and key of one slot once an order has filled."""
    quantity, key = sleeve.quantity[slot], sleeve.contract[slot]
    for k in range(decision.legs):
        at = decision.slot[k]
        incoming = at >= ROLL_SHORT
        home = home_of(at, decision.contract[k]) if incoming else at
        if home != slot:
            continue
        if incoming or quantity == 0:
            quantity, key = decision.change[k], decision.contract[k]
        else:
            quantity += decision.change[k]
    return (quantity, key) if quantity != 0 else (0, NONE)


@called
def position_after(sleeve: Sleeve, decision: Decision) -> Position:
    """What a sleeve would hold once an order has filled."""
    short_put, short_put_key = _slot_after(sleeve, decision, SHORT_PUT)
    long_put, long_put_key = _slot_after(sleeve, decision, LONG_PUT)
    short_call, short_call_key = _slot_after(sleeve, decision, SHORT_CALL)
    long_call, long_call_key = _slot_after(sleeve, decision, LONG_CALL)
    return Position(
        -short_put, long_put, -short_call, long_call,
        short_put_key, long_put_key, short_call_key, long_call_key,
        sleeve.shares + decision.shares,
    )  # fmt: skip


@kernel
def paired(short: int, long: int, short_key: int, long_key: int) -> int:
    """How many short contracts have a long one that expires no sooner."""
    return min(short, long) if expiry_of(long_key) >= expiry_of(short_key) else 0


@kernel
def secured(
    held: Position, close_u: int, next_ex: int, next_dividend_u: int, terms: Terms
) -> Secured:
    """What a position secures at a close; `next_ex` 0 where no dividend is known."""
    multiplier = terms.multiplier
    put_pairs = paired(held.short_put, held.long_put, held.short_put_key, held.long_put_key)
    put_u = strike_of(held.short_put_key)
    width_u = max(put_u - strike_of(held.long_put_key), 0)
    puts_u = (put_pairs * width_u + (held.short_put - put_pairs) * put_u) * multiplier
    if held.short_call == 0 and held.shares >= 0:
        return Secured(puts_u, puts_u, False)
    bare = held.short_call - min(held.short_call, max(held.shares, 0) // multiplier)
    call_pairs = paired(bare, held.long_call, held.short_call_key, held.long_call_key)
    long_u = strike_of(held.long_call_key)
    width_u = max(long_u - strike_of(held.short_call_key), 0)
    naked = bare - call_pairs
    calls_u = (call_pairs * width_u + naked * NAKED_TIMES * close_u) * multiplier
    if terms.american and terms.physical and 0 < next_ex <= expiry_of(held.short_call_key):
        calls_u += bare * multiplier * next_dividend_u
    short = max(-held.shares, 0)
    called = min(short, (held.long_call - call_pairs) * multiplier)
    shares_u = called * long_u + (short - called) * NAKED_TIMES * close_u
    shares_u += short * (next_dividend_u if next_ex > 0 else 0)
    one_side = (
        not terms.american
        and expiry_of(held.short_put_key) == expiry_of(held.short_call_key)
        and put_pairs == held.short_put
        and naked == 0
    )
    both_u = max(puts_u, calls_u) if one_side else puts_u + calls_u
    return Secured(both_u + shares_u, puts_u, naked > 0)


@kernel
def lone_puts(held: Position) -> int:
    """Short puts that no long one stands beside."""
    pairs = paired(held.short_put, held.long_put, held.short_put_key, held.long_put_key)
    return held.short_put - pairs


@kernel
def bare_shares(held: Position, multiplier: int) -> int:
    """Shares sold short that no long call, beside those under short calls, bounds the price of."""
    short = max(-held.shares, 0)
    pairs = paired(held.short_call, held.long_call, held.short_call_key, held.long_call_key)
    return max(short - (held.long_call - pairs) * multiplier, 0)


@kernel
def contracts_of(held: Position) -> int:
    """All contracts of a position, whatever their sign."""
    return held.short_put + held.long_put + held.short_call + held.long_call
