"""What a position ties up in a Reg T account: strategy-based margin.

Federal Reserve Regulation T, Cboe Rule 10.3, FINRA Rule 4210: (c) for shares sold short, (f)(2)
for options, with Notice 12-44 for spreads (the lesser of the largest loss and the short options
alone).  Kernels of one strategy are
per share in millionths, exact; `reg_t_u` and `reg_t_initial_u` are for a whole sleeve, rounded up
to the cent.  A requirement holds the price of every option sold naked, so it is compared with
cash and shares, from which no short option has been taken off.  Options held count for what they
cover and are lent nothing on.

    short put 95 at 1.36, spot 100      1.36 + max(0.20 * 100 - 5, 0.10 * 95) = 16.36
"""

from typing import NamedTuple

from underwriter.core.contract import CALL, PUT
from underwriter.core.kernel import kernel
from underwriter.core.units import MICRO, cents_up, round_u

EQUITY, BROAD_INDEX = 0.20, 0.15  # share of the spot that a naked option ties up
FLOOR = 0.10  # of the strike for a put, of the spot for a call, and the protected gap's share
INITIAL, MAINTENANCE = 0.50, 0.25  # of long shares
SHORT_MAINTENANCE = 0.30  # of shares sold short
_LEAST_SHORT_U = 5 * MICRO  # a share sold short
_PENNY_U = 5 * MICRO  # below it a share sold short ties up all of its price
_LEAST_PENNY_U = 5 * MICRO // 2


class Leg(NamedTuple):
    """One leg slot of a sleeve as margin sees it."""

    quantity: int  # contracts, never negative: the slot says whether sold or held
    strike_u: int
    price_u: int  # at its mark, a share


NO_LEG = Leg(0, 0, 0)


# --- one strategy, a share -----------------------------------------------------------------------


@kernel
def cash_secured_put_u(strike_u: int) -> int:
    """What assignment of a short put would take."""
    return strike_u


@kernel
def naked_put_u(spot_u: int, strike_u: int, price_u: int, rate: float) -> int:
    """A short put alone: its price, and `rate` of the spot less what it is out of the money.

    At least a tenth of the strike beside the price; `rate` is EQUITY or BROAD_INDEX.
    """
    share_u = round_u(rate * spot_u) - max(spot_u - strike_u, 0)
    return price_u + max(share_u, round_u(FLOOR * strike_u))


@kernel
def naked_call_u(spot_u: int, strike_u: int, price_u: int, rate: float) -> int:
    """A short call alone: as a put's, with at least a tenth of the spot."""
    share_u = round_u(rate * spot_u) - max(strike_u - spot_u, 0)
    return price_u + max(share_u, round_u(FLOOR * spot_u))


@kernel
def vertical_u(short_strike_u: int, long_strike_u: int, right: int) -> int:
    """The width that a spread may lose; nothing where the long strike is the better one.

    The long option must not expire before the short one.
    """
    width_u = short_strike_u - long_strike_u if right == PUT else long_strike_u - short_strike_u
    return max(width_u, 0)


@kernel
def iron_condor_u(put_width_u: int, call_width_u: int) -> int:
    """Two spreads of one expiry: the wider side alone, since only one can lose."""
    return max(put_width_u, call_width_u)


@kernel
def strangle_u(put_u: int, put_price_u: int, call_u: int, call_price_u: int) -> int:
    """A short put and a short call: the greater naked requirement and the other's price.

    Where they are equal, the greater sum.
    """
    if put_u == call_u:
        return put_u + max(put_price_u, call_price_u)
    return put_u + call_price_u if put_u > call_u else call_u + put_price_u


@kernel
def long_option_u(price_u: int) -> int:
    """An option bought is paid in full."""
    return price_u


@kernel
def shares_initial_u(spot_u: int) -> int:
    """A share bought."""
    return round_u(INITIAL * spot_u)


@kernel
def shares_u(spot_u: int) -> int:
    """A share held."""
    return round_u(MAINTENANCE * spot_u)


@kernel
def short_shares_u(spot_u: int) -> int:
    """A share sold short, beside its price: 30%, at least 5 dollars; under 5 dollars all of it."""
    if spot_u < _PENNY_U:
        return max(spot_u, _LEAST_PENNY_U)
    return max(round_u(SHORT_MAINTENANCE * spot_u), _LEAST_SHORT_U)


@kernel
def covered_call_initial_u(spot_u: int, strike_u: int) -> int:
    """A share bought and a call sold on it: what is not lent; the call's price may go towards it.

    Half of the share is lent, which counts for no more than the strike.
    """
    return spot_u - round_u((1.0 - INITIAL) * min(spot_u, strike_u))


@kernel
def covered_call_u(spot_u: int, strike_u: int) -> int:
    """A share held with a call sold on it: the share counts for no more than the strike."""
    return shares_u(min(spot_u, strike_u))


@kernel
def protective_put_u(spot_u: int, strike_u: int) -> int:
    """A share held with a put on it: what it may lose and a tenth of the strike, at most 25%."""
    return min(round_u(FLOOR * strike_u) + max(spot_u - strike_u, 0), shares_u(spot_u))


@kernel
def collar_u(spot_u: int, put_strike_u: int, call_strike_u: int) -> int:
    """A share held with a put on it and a call sold: as protected; at most 25% of the call's."""
    protected_u = round_u(FLOOR * put_strike_u) + max(spot_u - put_strike_u, 0)
    return min(protected_u, round_u(MAINTENANCE * call_strike_u))


@kernel
def protected_short_u(spot_u: int, strike_u: int) -> int:
    """A share sold short with a call held: as a put protects, at most as a short share alone."""
    return min(round_u(FLOOR * strike_u) + max(strike_u - spot_u, 0), short_shares_u(spot_u))


# --- a sleeve ------------------------------------------------------------------------------------


class Lots(NamedTuple):
    """How the shares of a sleeve stand with its options, in contracts."""

    covered: int  # short calls that shares cover
    collars: int  # of them, with a put on the same shares
    protected: int  # puts on other shares; calls on shares sold short
    bare: int  # shares, signed, with nothing on them


@kernel
def lots_of(
    shares: int, short_put: Leg, long_put: Leg, short_call: Leg, long_call: Leg, multiplier: int
) -> Lots:
    """Shares cover calls in whole contracts; puts beyond the short ones protect what is left."""
    if shares < 0:
        free = max(long_call.quantity - short_call.quantity, 0)
        protected = min(free, -shares // multiplier)
        return Lots(0, 0, protected, shares + protected * multiplier)
    covered = min(short_call.quantity, shares // multiplier)
    free = max(long_put.quantity - short_put.quantity, 0)
    collars = min(free, covered)
    protected = min(free - collars, shares // multiplier - covered)
    return Lots(covered, collars, protected, shares - (covered + protected) * multiplier)


@kernel
def _paired_u(
    spot_u: int,
    rate: float,
    covered: int,
    short_put: Leg,
    long_put: Leg,
    short_call: Leg,
    long_call: Leg,
    together: bool,
) -> int:
    """As `options_u`, every long option paired that finds a short one."""
    calls = short_call.quantity - covered
    put_spreads = min(short_put.quantity, long_put.quantity)
    call_spreads = min(calls, long_call.quantity)
    put_u = naked_put_u(spot_u, short_put.strike_u, short_put.price_u, rate)
    call_u = naked_call_u(spot_u, short_call.strike_u, short_call.price_u, rate)
    put_side_u = min(vertical_u(short_put.strike_u, long_put.strike_u, PUT), put_u)
    call_side_u = min(vertical_u(short_call.strike_u, long_call.strike_u, CALL), call_u)
    condors = min(put_spreads, call_spreads) if together else 0
    total_u = condors * iron_condor_u(put_side_u, call_side_u)
    total_u += (put_spreads - condors) * put_side_u + (call_spreads - condors) * call_side_u
    puts, calls = short_put.quantity - put_spreads, calls - call_spreads
    strangles = min(puts, calls)
    both_u = strangle_u(put_u, short_put.price_u, call_u, short_call.price_u)
    return total_u + strangles * both_u + (puts - strangles) * put_u + (calls - strangles) * call_u


@kernel
def options_u(
    spot_u: int,
    rate: float,
    covered: int,
    short_put: Leg,
    long_put: Leg,
    short_call: Leg,
    long_call: Leg,
    together: bool = True,
) -> int:
    """Short options that no shares cover, for a contract of one share.

    Spreads first, none dearer than its short option alone; spreads on both sides pair into
    condors, naked options into strangles, and what is left stands alone.  Never more than without
    the long options: one that would break a strangle up for a dearer spread is left out.
    """
    paired_u = _paired_u(
        spot_u, rate, covered, short_put, long_put, short_call, long_call, together
    )
    bare_u = _paired_u(spot_u, rate, covered, short_put, NO_LEG, short_call, NO_LEG, together)
    return min(paired_u, bare_u)


@kernel
def reg_t_u(
    spot_u: int,
    rate: float,
    shares: int,
    short_put: Leg,
    long_put: Leg,
    short_call: Leg,
    long_call: Leg,
    multiplier: int,
    together: bool = True,
) -> int:
    """The maintenance requirement of one sleeve, all contracts and shares, in millionths.

    `together` says that short puts and calls expire on one day: else spreads make no condor.

    `rate` is EQUITY or BROAD_INDEX; `shares` may be negative; an empty slot is NO_LEG.  A long
    option that expires before the short one covers nothing: give it as NO_LEG.
    """
    lots = lots_of(shares, short_put, long_put, short_call, long_call, multiplier)
    each_u = options_u(
        spot_u, rate, lots.covered, short_put, long_put, short_call, long_call, together
    )
    if shares < 0:
        each_u += lots.protected * protected_short_u(spot_u, long_call.strike_u)
        return cents_up(each_u * multiplier - lots.bare * short_shares_u(spot_u))
    called_u = covered_call_u(spot_u, short_call.strike_u)
    collared_u = min(collar_u(spot_u, long_put.strike_u, short_call.strike_u), called_u)
    each_u += lots.collars * collared_u + (lots.covered - lots.collars) * called_u
    each_u += lots.protected * protective_put_u(spot_u, long_put.strike_u)
    return cents_up(each_u * multiplier + lots.bare * shares_u(spot_u))


@kernel
def opening_u(
    spot_u: int,
    rate: float,
    shares: int,
    short_put: Leg,
    long_put: Leg,
    short_call: Leg,
    long_call: Leg,
    multiplier: int,
) -> int:
    """What opening the sleeve ties up beside what its options cost or bring; see `reg_t_u`."""
    lots = lots_of(shares, short_put, long_put, short_call, long_call, multiplier)
    each_u = options_u(spot_u, rate, lots.covered, short_put, long_put, short_call, long_call)
    each_u += lots.covered * covered_call_initial_u(spot_u, short_call.strike_u)
    bought = abs(shares) - lots.covered * multiplier
    return cents_up(each_u * multiplier + bought * shares_initial_u(spot_u))


@kernel
def reg_t_initial_u(
    spot_u: int,
    rate: float,
    shares: int,
    short_put: Leg,
    long_put: Leg,
    short_call: Leg,
    long_call: Leg,
    multiplier: int,
) -> int:
    """What opening the sleeve at its marks ties up, shares bought included; see `reg_t_u`.

    A credit may go towards it; what the options cost together is in it, paid in full.
    """
    debit_u = long_put.quantity * long_option_u(long_put.price_u)
    debit_u += long_call.quantity * long_option_u(long_call.price_u)
    debit_u -= short_put.quantity * short_put.price_u + short_call.quantity * short_call.price_u
    tied_u = opening_u(spot_u, rate, shares, short_put, long_put, short_call, long_call, multiplier)
    return tied_u + cents_up(max(debit_u, 0) * multiplier)
