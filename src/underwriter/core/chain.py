"""Chain columns, the market around them, and the View of one session.

Rows stand sorted by (session, underlying, right, expiry, strike).  `Market.offset` says where
each block of (session, underlying, right) begins.
"""

from typing import NamedTuple

from underwriter.core.contract import PUT, expiry_of, right_of, strike_of
from underwriter.core.kernel import kernel
from underwriter.core.record import B1, F4, F8, I4, I8

NO_ROW = -1


class Chain(NamedTuple):
    """Quotes of all sessions and underlyings; every column has one value a row."""

    contract: I8
    session: I4  # index of the session in Market.day
    expiry: I4  # day number
    strike_u: I8
    bid_u: I8
    ask_u: I8
    delta: F4
    iv: F4
    forward: F4  # dollars, for the row's expiry
    open_interest: I4  # -1: not known
    next: I8  # the same contract's row on its next quote session, or -1


class Market(NamedTuple):
    """What is known beside the quotes.  S sessions, U underlyings.

    Per session: `day`, `first_of_week`, `rate` (annual, simple), `measure` (volatility index
    in points, NaN unknown).  Per session and underlying, shape (S, U): `close_u`, `open_u`
    (0 where not real), `dividend_u` (a share, ex on that day).  Per underlying: terms.
    """

    day: I8
    first_of_week: B1
    rate: F8
    measure: F8
    close_u: I8
    open_u: I8
    dividend_u: I8
    american: B1
    physical: B1
    morning: B1  # settles at the open of its last day
    multiplier: I8
    tick_small_u: I8
    tick_large_u: I8
    tick_threshold_u: I8
    offset: I8  # S * U * 2 + 1 block starts


class View(NamedTuple):
    """One underlying on one session, as a decision sees it."""

    session: int
    underlying: int
    day: int
    spot_u: int
    multiplier: int
    put_lo: int
    put_hi: int
    call_hi: int  # calls stand from put_hi to call_hi
    column: int  # regime column in force
    may_enter: bool


@kernel
def block(market: Market, session: int, underlying: int, right: int) -> tuple[int, int]:
    """First row, and row after the last, of one right of one underlying on one session."""
    at = (session * market.american.shape[0] + underlying) * 2 + right
    return market.offset[at], market.offset[at + 1]


@kernel
def first_expiry(chain: Chain, lo: int, hi: int, day: int) -> int:
    """The first row of a block whose expiry is not before `day`."""
    while lo < hi:
        middle = (lo + hi) // 2
        if chain.expiry[middle] < day:
            lo = middle + 1
        else:
            hi = middle
    return lo


@kernel
def search(chain: Chain, lo: int, hi: int, expiry: int, strike_u: int) -> int:
    """The row of a block with this expiry and strike, or NO_ROW."""
    end = hi
    while lo < hi:
        middle = (lo + hi) // 2
        if chain.expiry[middle] < expiry or (
            chain.expiry[middle] == expiry and chain.strike_u[middle] < strike_u
        ):
            lo = middle + 1
        else:
            hi = middle
    if lo < end and chain.expiry[lo] == expiry and chain.strike_u[lo] == strike_u:
        return lo
    return NO_ROW


@kernel
def find(
    chain: Chain, market: Market, session: int, underlying: int, contract: int, hint: int
) -> int:
    """The row that quotes `contract` on `session`, or NO_ROW.

    `hint` is any row or NO_ROW: one of the same contract on this session or its quote day
    before makes the search one step; no hint changes the answer.
    """
    if hint >= 0 and chain.contract[hint] == contract:
        if chain.session[hint] == session:
            return hint
        following = chain.next[hint]
        if following >= 0 and chain.session[following] == session:
            return following
    lo, hi = block(market, session, underlying, right_of(contract))
    return search(chain, lo, hi, expiry_of(contract), strike_of(contract))


@kernel
def nearest_row(chain: Chain, lo: int, hi: int, contract: int) -> int:
    """The row of a block nearest in expiry, then in strike; the first on ties; or NO_ROW."""
    best, best_days, best_gap_u = NO_ROW, 0, 0
    for row in range(lo, hi):
        days = abs(chain.expiry[row] - expiry_of(contract))
        gap_u = abs(chain.strike_u[row] - strike_of(contract))
        if best < 0 or days < best_days or (days == best_days and gap_u < best_gap_u):
            best, best_days, best_gap_u = row, days, gap_u
    return best


@kernel
def tick_of(market: Market, underlying: int, price_u: int) -> int:
    """The legal price step of an underlying's options at a price."""
    if price_u < market.tick_threshold_u[underlying]:
        return market.tick_small_u[underlying]
    return market.tick_large_u[underlying]


@kernel
def view_of(
    market: Market,
    session: int,
    underlying: int,
    column: int,
    may_enter: bool,
) -> View:
    """Gather what a decision on one underlying may see."""
    put_lo, put_hi = block(market, session, underlying, PUT)
    return View(
        session,
        underlying,
        market.day[session],
        market.close_u[session, underlying],
        market.multiplier[underlying],
        put_lo,
        put_hi,
        market.offset[(session * market.american.shape[0] + underlying) * 2 + 2],
        column,
        may_enter,
    )
