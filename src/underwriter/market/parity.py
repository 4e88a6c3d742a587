"""The forward that puts and calls agree on, per expiry, and the spot that the forwards imply.

European parity: call less put is the discounted forward less strike (Stoll, 1969, "The
relationship between put and call option prices", Journal of Finance 24), so each strike with a
put and a call quotes a forward, to within half of both spreads.  Those within a deviation of the
money are weighed by how narrow they are; the ones that their own quotes rule out are left aside.

American parity is an inequality: the two rights to exercise early are worth something, and not
the same.  Near the money the difference is small: where rates are above yields, the forward
comes out too low by about the put's, at 4% without a yield by 0.03% at thirty days, 0.1% at
seventy and 0.5% at a year (docs/greeks.md).  With the spot and the table, `american_forwards`
takes both premia out first.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.core.record import F8, I4
from underwriter.market.american import Tables, american
from underwriter.market.blame import (
    EXPIRED,
    FINE,
    INCONSISTENT,
    NO_DISCOUNT,
    NO_PAIRS,
    TOO_WIDE,
)
from underwriter.market.implied import I1, carried
from underwriter.market.median import median, second_least, weighted_median
from underwriter.market.series import Series

MOST_PAIRS = 32
BAND = 1.0  # deviations from the forward
LEAST_BAND = 0.005  # of the forward
WIDE_BAND = 3.0  # deviations, over which the slope is measured
TOLERANCE = 0.25  # deviations by which a forward may be uncertain
LEAST_TOLERANCE = 0.002  # of the forward
LEAST_SLOPES = 4  # pairs from which a discount is estimated
DISCOUNTS = 0.5, 1.1  # what a discount may be
ROUNDS = 2  # each of which takes the premia from the forward of the one before
EXPIRIES = 3  # the nearest, that a spot is taken from
_NARROW = 1e-5  # of the forward: no quote is known better
_STRADDLE = math.sqrt(math.pi / 2.0)  # a straddle at the money over forward, to its deviation
_NORMAL = 1.4826  # a median absolute deviation, to a standard deviation
_OUTLIER = 3.0  # standard deviations
_AROUND = 2  # strikes on each side of the nearest, for a first guess
NO_TABLES = Tables(np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1)))  # of European options


class Quotes(NamedTuple):
    """Columns in the order of the slab: strike, bid and ask per share; NaN is no quote."""

    strike: F8
    bid: F8
    ask: F8


class Forwards(NamedTuple):
    """One row a series; `forward` is NaN where `reason` is not zero."""

    forward: F8
    dispersion: F8  # standard deviation of what the pairs say; of one pair, half its width
    pairs: I4  # that it is taken from
    reason: I1  # of market.blame


class Spots(NamedTuple):
    """One row a session that has a usable forward."""

    session: I4
    spot: F8
    expiries: I4  # that it is taken from


class Pairs(NamedTuple):
    """Room for the pairs of one series, sorted by strike: call less put, both, half the width."""

    strike: F8
    less: F8
    both: F8
    half: F8


@kernel
def two_sided(bid: float, ask: float) -> bool:
    """Whether somebody bids and somebody asks, and not less."""
    return 0.0 < bid <= ask < math.inf


@kernel
def pair_up(quotes: Quotes, puts: int, puts_end: int, calls: int, calls_end: int, to: Pairs) -> int:
    """Write the strikes at which both rights have two sides; return how many."""
    strike, bid, ask = quotes
    count, p, c = 0, puts, calls
    while p < puts_end and c < calls_end and count < to.strike.size:
        if strike[p] < strike[c]:
            p += 1
        elif strike[p] > strike[c]:
            c += 1
        else:
            if two_sided(bid[p], ask[p]) and two_sided(bid[c], ask[c]):
                call, put = 0.5 * (bid[c] + ask[c]), 0.5 * (bid[p] + ask[p])
                to.strike[count] = strike[p]
                to.less[count], to.both[count] = call - put, call + put
                to.half[count] = 0.5 * (ask[c] - bid[c] + ask[p] - bid[p])
                count += 1
            p += 1
            c += 1
    return count


@kernel
def first_forward(pairs: Pairs, count: int, discount: float) -> tuple[float, float]:
    """A first guess of the forward and of the deviation to expiry, from at least one pair.

    The median over a few strikes about the one where call and put cost the same: a single stale
    quote may be any of them.  It cannot make both rights dear, so no straddle either.
    """
    near = 0
    for n in range(count):
        if abs(pairs.less[n]) < abs(pairs.less[near]):
            near = n
    lo, hi = max(near - _AROUND, 0), min(near + _AROUND + 1, count)
    implied, straddle = np.empty(hi - lo), -math.inf
    for n in range(lo, hi):
        implied[n - lo] = pairs.strike[n] + pairs.less[n] / discount
        straddle = max(straddle, pairs.both[n] - abs(pairs.less[n]))  # twice the cheaper of the two
    forward = median(implied)
    deviation = _STRADDLE * straddle / (discount * max(forward, pairs.strike[lo]))
    return forward, min(max(deviation, 0.002), 0.5)


@kernel
def band_of(pairs: Pairs, count: int, forward: float, reach: float) -> tuple[int, int]:
    """The range of at most MOST_PAIRS pairs within a share `reach` of the forward, the nearest."""
    lo, hi = 0, count
    while lo < hi and pairs.strike[lo] < forward * (1.0 - reach):
        lo += 1
    while hi > lo and pairs.strike[hi - 1] > forward * (1.0 + reach):
        hi -= 1
    while hi - lo > MOST_PAIRS:
        if forward - pairs.strike[lo] > pairs.strike[hi - 1] - forward:
            lo += 1
        else:
            hi -= 1
    return lo, hi


@kernel
def agree(implied: F8, half: F8, tolerance: float) -> tuple[float, float, int, int]:
    """Forward, dispersion, pairs used and code, of what each pair says and half its width.

    No pair weighs more than the second narrowest: a locked quote would outvote all others.
    """
    least, narrowest = second_least(half), math.inf
    weights, away = np.empty(half.size), np.empty(half.size)
    for n in range(half.size):
        weights[n] = 1.0 / max(half[n], least) ** 2
        narrowest = min(narrowest, half[n])
    middle = weighted_median(implied, weights)
    for n in range(half.size):
        away[n] = abs(implied[n] - middle)
    typical = _NORMAL * median(away)
    if narrowest > tolerance:
        return math.nan, typical, 0, TOO_WIDE
    if typical > tolerance:
        return math.nan, typical, 0, INCONSISTENT
    weight, forward, square, used, narrow = 0.0, 0.0, 0.0, 0, math.inf
    for n in range(implied.size):
        off = implied[n] - middle
        if abs(off) <= max(_OUTLIER * typical, half[n]):
            weight += weights[n]
            forward += weights[n] * off
            square += weights[n] * off * off
            used += 1
            narrow = min(narrow, half[n])
    forward /= weight
    if used == 1:
        return middle + forward, narrow, used, FINE
    return middle + forward, math.sqrt(max(square / weight - forward * forward, 0.0)), used, FINE


@kernel
def early_premia(
    tables: Tables,
    strike: float,
    spot: float,
    forward: float,
    deviation: float,
    discount: float,
) -> float:
    """What early exercise adds to a call, less what it adds to the put of the same strike."""
    spot, carry, payout = carried(spot, forward, discount)
    forward, bill, difference = spot * math.exp(carry - payout), math.exp(-carry), 0.0
    for sign in (1, -1):
        whole = american(
            tables.boundary, tables.premium, sign, spot, strike, deviation, carry, payout
        )[0]
        difference += sign * (whole - black76(sign, forward, strike, deviation, bill))
    return difference


@kernel
def forward_of(
    pairs: Pairs, count: int, discount: float, spot: float, tables: Tables
) -> tuple[float, float, int, int]:
    """Forward, dispersion, pairs used and code of one series; American where `spot` is a number."""
    forward, deviation = first_forward(pairs, count, discount)
    lo, hi = band_of(pairs, count, forward, max(BAND * deviation, LEAST_BAND))
    if not (forward > 0.0 and hi > lo):
        return math.nan, math.nan, 0, NO_PAIRS
    told, half = np.empty(hi - lo), np.empty(hi - lo)
    for n in range(lo, hi):
        told[n - lo] = pairs.strike[n] + pairs.less[n] / discount
        half[n - lo] = max(pairs.half[n] / discount, _NARROW * forward)
    implied = told.copy()
    tolerance = max(TOLERANCE * deviation, LEAST_TOLERANCE) * forward
    found = agree(implied, half, tolerance)
    if found[3] != FINE or not spot > 0.0:
        return found
    for _ in range(ROUNDS):
        for n in range(hi - lo):
            extra = early_premia(tables, pairs.strike[lo + n], spot, found[0], deviation, discount)
            implied[n] = told[n] - extra / discount
        found = agree(implied, half, tolerance)
        if found[3] != FINE:
            break
    return found


@kernel
def pairs_of(series: Series, n: int, quotes: Quotes, to: Pairs) -> int:
    """Write the pairs of one series; return how many."""
    puts, calls = (series.puts[n], series.puts_end[n]), (series.calls[n], series.calls_end[n])
    return pair_up(quotes, puts[0], puts[1], calls[0], calls[1], to)


@kernel
def fill_forwards(
    series: Series,
    quotes: Quotes,
    discount: F8,
    spot: F8,
    tables: Tables,
    pairs: Pairs,
    to: Forwards,
) -> None:
    """Fill the forwards of all series; `spot` is NaN where exercise is European."""
    for n in range(series.session.size):
        to.forward[n], to.dispersion[n], to.pairs[n] = math.nan, math.nan, 0
        if series.expiry[n] < series.session[n]:
            to.reason[n] = EXPIRED
        elif not 0.0 < discount[n] < math.inf:
            to.reason[n] = NO_DISCOUNT
        else:
            count = pairs_of(series, n, quotes, pairs)
            if count == 0:
                to.reason[n] = NO_PAIRS
                continue
            to.forward[n], to.dispersion[n], to.pairs[n], to.reason[n] = forward_of(
                pairs, count, discount[n], spot[n], tables
            )


@kernel
def slope_of(pairs: Pairs, lo: int, hi: int) -> float:
    """The median fall of call less put, a dollar of strike, between strikes half the range apart.

    Theil's incomplete method: a stale quote spoils two slopes.
    """
    step = (hi - lo) // 2
    if step < LEAST_SLOPES:
        return math.nan
    slopes = np.empty(step)
    for n in range(step):
        low, high = lo + n, hi - step + n
        rise = pairs.less[low] - pairs.less[high]
        slopes[n] = rise / (pairs.strike[high] - pairs.strike[low])
    return median(slopes)


@kernel
def fill_discounts(series: Series, quotes: Quotes, pairs: Pairs, to: F8) -> None:
    """Fill the discount of every series, from the slope of its pairs."""
    for n in range(series.session.size):
        to[n] = math.nan
        count = pairs_of(series, n, quotes, pairs)
        if count < LEAST_SLOPES:
            continue
        forward, deviation = first_forward(pairs, count, 1.0)
        lo, hi = 0, count
        reach = max(WIDE_BAND * deviation, LEAST_BAND)
        while lo < hi and pairs.strike[lo] < forward * (1.0 - reach):
            lo += 1
        while hi > lo and pairs.strike[hi - 1] > forward * (1.0 + reach):
            hi -= 1
        slope = slope_of(pairs, lo, hi)
        if DISCOUNTS[0] <= slope <= DISCOUNTS[1]:
            to[n] = slope


def _room(series: Series) -> Pairs:
    """Room for the pairs of the largest series."""
    most = int(max((series.puts_end - series.puts).max(initial=0), 0))
    return Pairs(*np.empty((4, most)))


def _forwards(series: Series, quotes: Quotes, discount: F8, spot: F8, tables: Tables) -> Forwards:
    """The forwards of all series, American where their spot is a number."""
    count = len(series.session)
    to = Forwards(
        np.empty(count), np.empty(count), np.empty(count, np.int32), np.zeros(count, np.int8)
    )
    fill_forwards(series, quotes, discount, spot, tables, _room(series), to)
    return to


def forwards(series: Series, quotes: Quotes, discount: F8) -> Forwards:
    """The implied forward of every series, by European parity.

    `discount` is the price of one unit at expiry, a value a series: exp(-rate times years) of the
    bill rate, or what `implied_discounts` finds.  A fair first forward of American options too.
    """
    return _forwards(series, quotes, discount, np.full(len(discount), np.nan), NO_TABLES)


def american_forwards(
    series: Series, quotes: Quotes, discount: F8, spot: F8, tables: Tables
) -> Forwards:
    """The implied forward of every series of American options, early exercise taken out.

    `spot` is the underlying at the moment of the quotes, a value a series; where it is NaN, the
    forward is that of European parity.
    """
    return _forwards(series, quotes, discount, spot, tables)


def implied_discounts(series: Series, quotes: Quotes) -> F8:
    """The discount of every series from how call less put falls with the strike; NaN: too few.

    European options only, and worth having where strikes reach far and quotes are narrow: an error
    of 0.001 is one of 3.6% a year at ten days.
    """
    found = np.empty(len(series.session))
    fill_discounts(series, quotes, _room(series), found)
    return found


def spot_of(series: Series, implied: Forwards, discount: F8, payout: F8, dividends: F8) -> Spots:
    """The spot of every session from the forwards of its nearest three usable expiries.

    A value a series: `payout`, dividend yield times years (zero: none), and `dividends`, the
    present value of the cash dividends that go ex until its expiry.  Weighted by certainty.
    """
    good = np.flatnonzero(implied.reason == FINE)
    session = series.session[good]
    days, first = np.unique(session, return_index=True)
    rank = np.arange(len(good)) - np.repeat(first, np.diff(np.append(first, len(good))))
    good = good[rank < EXPIRIES]
    on = np.searchsorted(days, series.session[good])
    level = implied.forward[good] * discount[good] * np.exp(payout[good]) + dividends[good]
    weight = 1.0 / np.maximum(implied.dispersion[good], _NARROW * level) ** 2
    total = np.bincount(on, weight, len(days))
    spot: F8 = np.bincount(on, weight * level, len(days)) / total
    return Spots(days, spot, np.bincount(on, minlength=len(days)).astype(np.int32))


def carried_forwards(series: Series, spots: Spots, discount: F8, payout: F8, dividends: F8) -> F8:
    """The forward of every series from the spot of its session: the inverse of `spot_of`.

    For series that have no forward of their own; NaN where the session has no spot either.
    """
    at = np.searchsorted(spots.session, series.session)
    at = np.minimum(at, max(len(spots.session) - 1, 0))
    spot = np.full(len(series.session), np.nan)
    if len(spots.session):
        known = spots.session[at] == series.session
        spot[known] = spots.spot[at[known]]
    forward: F8 = (spot - dividends) * np.exp(-payout) / discount
    return forward
