"""Chains and the market around them: what is known on each session, as rows.

A quote is a row of 64 bytes, one line of the processor's cache; quotes stand sorted by (session,
underlying, right, expiry, strike), and each `Bar` says where its quotes begin and end.
"""

from typing import Annotated, NamedTuple

from underwriter.core.contract import CALL, expiry_of, pack, right_of, root_of, strike_of
from underwriter.core.kernel import kernel
from underwriter.core.record import Row, Rows

NO_ROW = -1
ALL = -1  # of bits: every one


class Quote(Row):
    """One contract on one session."""

    contract: int
    strike_u: int
    bid_u: int
    ask_u: int
    next: int  # the same contract's row on its next quote session, or NO_ROW
    session: Annotated[int, "i4"]  # index of the session
    expiry: Annotated[int, "i4"]  # day number
    delta: Annotated[float, "f4"]
    iv: Annotated[float, "f4"]
    forward: Annotated[float, "f4"]  # dollars, for this expiry
    open_interest: Annotated[int, "i4"]  # -1: not known


class Session(Row):
    """One session, for every underlying."""

    day: int  # day number
    tomorrow: int  # day number of the next session by the exchange's calendar
    first_of_week: int  # 1 on the first session of the week
    rate: float  # bill rate, annual, simple
    measure: float  # volatility index in points; NaN is unknown
    slope: float  # of its term structure, near over far; NaN is unknown


class Bar(Row):
    """One underlying on one session, and the rows of its quotes."""

    close_u: int
    open_u: int  # 0 where not real
    dividend_u: int  # a share, ex on this day
    split_new: int  # 7 for the first session after 7:1; as many as old where there is no split
    split_old: int
    puts: int  # first row of the puts
    calls: int  # first row of the calls, after the puts
    end: int  # row after the calls
    next_ex: int  # day number of the next ex-date after today that is known; 0: none
    next_dividend_u: int  # a share, on it
    next_earnings: int  # day number, today or later; 0: none known
    cluster: int  # of underlyings that move together; 0: none
    admitted: int  # a bit of each policy, by its number: 1 where its screen lets it in
    iv30: float  # implied volatility at 30 days; NaN is unknown, as in the next two
    iv_percentile: float  # share of the last 252 sessions that were below it
    realised: float  # volatility of the last 21 sessions, a year


class Terms(Row):
    """The terms of the options on one underlying."""

    american: int  # 1 or 0
    physical: int  # 1: assignment moves shares
    morning: int  # 1: settles at the open of its last day
    multiplier: int
    tick_small_u: int
    tick_large_u: int
    tick_threshold_u: int
    broad: int  # 1: on a broad index
    sector: int  # 0: none


class Market(NamedTuple):
    """What is quoted and known, of one session or of many."""

    quotes: Rows[Quote]
    sessions: Rows[Session]
    bars: Rows[Bar]  # (sessions, underlyings)
    terms: Rows[Terms]  # one an underlying


class View(NamedTuple):
    """One underlying on one session, as a decision sees it."""

    session: int
    day: int
    tomorrow: int
    rate: float
    spot_u: int
    multiplier: int
    american: bool
    physical: bool
    puts: int
    calls: int
    end: int
    next_ex: int
    next_dividend_u: int
    next_earnings: int
    admitted: bool
    iv30: float
    column: int  # regime column in force
    may_enter: bool
    aside: int  # reason code of why nothing is sold today, or NONE
    cooling: bool  # a campaign on it has lost of late


@kernel
def not_before(quotes: Rows[Quote], lo: int, hi: int, contract: int) -> int:
    """The first row of a block whose key is not below `contract`, or `hi`.

    A block is of one root and right, and its keys stand in the order of expiry and strike.
    """
    while lo < hi:
        middle = (lo + hi) // 2
        if quotes[middle].contract < contract:
            lo = middle + 1
        else:
            hi = middle
    return lo


@kernel
def first_expiry(quotes: Rows[Quote], lo: int, hi: int, day: int) -> int:
    """The first row of a block whose expiry is not before `day`."""
    if lo == hi:
        return hi
    block = quotes[lo].contract
    return not_before(quotes, lo, hi, pack(root_of(block), day, right_of(block), 0))


@kernel
def search(quotes: Rows[Quote], lo: int, hi: int, contract: int) -> int:
    """The row of a block that quotes `contract`, or NO_ROW."""
    row = not_before(quotes, lo, hi, contract)
    return row if row < hi and quotes[row].contract == contract else NO_ROW


@kernel
def find(quotes: Rows[Quote], bar: Bar, session: int, contract: int, hint: int) -> int:
    """The row that quotes `contract` on `session`, whose bar this is, or NO_ROW.

    `hint` is any row or NO_ROW: one of the same contract on this session or its quote day
    before makes the search one step; no hint changes the answer.
    """
    if hint >= 0 and quotes[hint].contract == contract:
        if quotes[hint].session == session:
            return hint
        following = quotes[hint].next
        if following >= 0 and quotes[following].session == session:
            return following
    if right_of(contract) == CALL:
        return search(quotes, bar.calls, bar.end, contract)
    return search(quotes, bar.puts, bar.calls, contract)


@kernel
def nearest_row(quotes: Rows[Quote], lo: int, hi: int, contract: int) -> int:
    """The row of a block nearest in expiry, then in strike; the first on ties; or NO_ROW."""
    best, best_days, best_gap_u = NO_ROW, 0, 0
    for row in range(lo, hi):
        days = abs(quotes[row].expiry - expiry_of(contract))
        gap_u = abs(quotes[row].strike_u - strike_of(contract))
        if best < 0 or days < best_days or (days == best_days and gap_u < best_gap_u):
            best, best_days, best_gap_u = row, days, gap_u
    return best


@kernel
def offered(quote: Quote) -> bool:
    """Whether a quote has two sides that do not cross, and an offer."""
    return 0 <= quote.bid_u <= quote.ask_u and quote.ask_u > 0


@kernel
def split_times(bar: Bar) -> int:
    """How many shares became of each share of the session before: 7 on a 7:1 split, else 1."""
    return bar.split_new // bar.split_old if bar.split_new != bar.split_old else 1


@kernel
def mid_u(quote: Quote) -> int:
    """The middle of a quote, rounded down to a millionth."""
    return (quote.bid_u + quote.ask_u) // 2


@kernel
def tick_of(terms: Terms, price_u: int) -> int:
    """The legal price step at a price."""
    return terms.tick_small_u if price_u < terms.tick_threshold_u else terms.tick_large_u
