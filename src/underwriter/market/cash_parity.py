"""The forward that puts and calls agree on, where the share goes ex within their life.

As `market.parity`, but what early exercise adds is taken out as the known dividends have it: the
right to call the share away just before it goes ex is worth several times what a continuous yield
says.  Each strike's premia are those of the volatility of its right out of the money.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.record import F8
from underwriter.market.american import Tables
from underwriter.market.blame import FINE, NO_PAIRS
from underwriter.market.cash_volatility import (
    Cash,
    Paid,
    cash_of,
    cash_price,
    cash_volatility,
    pays,
)
from underwriter.market.parity import (
    BAND,
    LEAST_BAND,
    LEAST_TOLERANCE,
    TOLERANCE,
    Forwards,
    Pairs,
    Quotes,
    agree,
    band_of,
    first_forward,
    pairs_of,
)
from underwriter.market.series import Series

_ROUNDS = 6  # each of which takes the premia from the forward of the one before
_SETTLED = 1e-5  # of the forward: a round that changes it less is the last
_NARROW = 1e-5  # of the forward: no quote is known better


class Known(NamedTuple):
    """What is known of each series beside its quotes."""

    spot: F8
    discount: F8
    years: F8
    paid: Paid


@kernel
def cash_premia(
    tables: Tables, strike: float, call: float, put: float, guess: float, cash: Cash
) -> float:
    """What early exercise adds to a call, less what it adds to the put of the same strike."""
    sign, price = (1, call) if strike > cash.forward else (-1, put)
    volatility, _, reason = cash_volatility(tables, sign, price, strike, cash)
    if reason != FINE:
        volatility = guess
    whole = cash_price(tables, 1, strike, volatility, cash)[0]
    whole -= cash_price(tables, -1, strike, volatility, cash)[0]
    return whole - (cash.forward - strike) * cash.bill


@kernel
def cash_forward(
    pairs: Pairs, count: int, tables: Tables, session: int, known: Known, n: int
) -> tuple[float, float, int, int]:
    """Forward, dispersion, pairs used and code of one series that pays, from at least one pair."""
    discount, years = known.discount[n], known.years[n]
    middle, deviation = first_forward(pairs, count, discount)
    lo, hi = band_of(pairs, count, middle, max(BAND * deviation, LEAST_BAND))
    if not (middle > 0.0 and hi > lo):
        return math.nan, math.nan, 0, NO_PAIRS
    strike, less, both = pairs.strike[lo:hi], pairs.less[lo:hi], pairs.both[lo:hi]
    half = np.maximum(pairs.half[lo:hi] / discount, _NARROW * middle)
    tolerance = max(TOLERANCE * deviation, LEAST_TOLERANCE) * middle
    cash = cash_of(known.paid, n, session, middle, discount, years)
    forward = (known.spot[n] - cash.present) / cash.bill
    implied, found = less.copy(), (math.nan, math.nan, 0, NO_PAIRS)
    for _ in range(_ROUNDS):
        cash = cash_of(known.paid, n, session, forward, discount, years)
        for k in range(hi - lo):
            call, put = 0.5 * (both[k] + less[k]), 0.5 * (both[k] - less[k])
            guess = deviation / math.sqrt(years)
            extra = cash_premia(tables, strike[k], call, put, guess, cash)
            implied[k] = strike[k] + (less[k] - extra) / cash.bill
        found = agree(implied, half, tolerance)
        settled = abs(found[0] - forward) < _SETTLED * middle
        forward = found[0]
        if found[3] != FINE or settled:
            break
    return found


@kernel
def explained(known: Known, n: int, session: int, forward: float) -> bool:
    """Whether the forward is off from spot and dividends by less than the dividends come to."""
    cash = cash_of(known.paid, n, session, forward, known.discount[n], known.years[n])
    return abs(cash.spot - known.spot[n]) < cash.present < known.spot[n]


@kernel
def fill_cash_forwards(
    series: Series,
    quotes: Quotes,
    known: Known,
    tables: Tables,
    to: Forwards,
    holds: NDArray[np.bool_],
) -> None:
    """Write the forwards of series that pay, and whether their dividends hold."""
    room = np.empty((4, np.max(series.puts_end - series.puts)))
    pairs = Pairs(room[0], room[1], room[2], room[3])
    for n in range(series.session.size):
        holds[n] = (
            pays(known.paid, n) and known.years[n] > 0.0 and 0.0 < known.discount[n] < math.inf
        )
        if not holds[n]:
            continue
        count, session = pairs_of(series, n, quotes, pairs), series.session[n]
        if count == 0:
            continue
        found = cash_forward(pairs, count, tables, session, known, n)
        if found[3] != FINE:
            holds[n] = to.reason[n] != FINE
        elif explained(known, n, session, found[0]):
            to.forward[n], to.dispersion[n], to.pairs[n], to.reason[n] = found
        else:
            holds[n] = False


def cash_forwards(
    series: Series, quotes: Quotes, known: Known, tables: Tables, implied: Forwards
) -> tuple[Forwards, Paid]:
    """Forwards with early exercise as the dividends have it, and the dividends that hold.

    `implied` is what `american_forwards` found.  It stays where nothing goes ex in the life, and
    where the dividends leave more of the forward unexplained than they come to (an unknown
    special, a wrong spot): there they are left out, and the equivalent yield says what parity does.
    """
    paid = known.paid
    if not (paid.first < paid.end).any():
        return implied, paid
    forward, dispersion, pairs, reason = implied
    to = Forwards(forward.copy(), dispersion.copy(), pairs.copy(), reason.copy())
    holds = np.zeros(len(series.session), np.bool_)
    fill_cash_forwards(series, quotes, known, tables, to, holds)
    return to, paid._replace(end=np.where(holds, paid.end, paid.first))
