"""Volatility and delta of every quote of a chain: the source's own where it holds, else solved.

A source's volatility is kept where, with the forward and discount of the series, it gives a price
between bid and ask; else the middle of the quote is solved.  Where the middle leaves no time value
but the quote does, as deep in the money, the other right of the same strike lends its volatility,
if that too gives a price between bid and ask.  American options of a share that goes ex within
their life are priced by its dividends (`market.cash_volatility`), others by the table.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.pricing import normal_cdf
from underwriter.core.record import F8, I8
from underwriter.market.american import Tables, american
from underwriter.market.blame import (
    BELOW_INTRINSIC,
    BORROWED,
    CROSSED,
    EXPIRED,
    FINE,
    NO_FORWARD,
    NO_QUOTE,
    NO_TIME_VALUE,
    ONE_SIDED,
)
from underwriter.market.cash_volatility import (
    NO_DIVIDENDS,
    Cash,
    Paid,
    cash_of,
    cash_price,
    cash_volatility,
    pays,
)
from underwriter.market.implied import I1, american_volatility, carried, european_volatility
from underwriter.market.parity import NO_TABLES, Quotes
from underwriter.market.series import Series
from underwriter.market.threads import even, in_parts

F4 = NDArray[np.float32]


class Ground(NamedTuple):
    """What the quotes of a series stand on, a value each."""

    spot: F8
    forward: F8
    discount: F8
    years: F8  # to settlement, Act/365
    paid: Paid = NO_DIVIDENDS  # by which American options are priced, where there are any


class Smile(NamedTuple):
    """One row a quote; NaN where `reason` is neither FINE nor BORROWED."""

    iv: F4  # a fraction a year
    delta: F4  # to the spot, per share
    reason: I1  # of market.blame


class At(NamedTuple):
    """`Ground` of one series, as scalars, with what follows from it."""

    spot: float  # where exercise is American, the one that the forward allows
    forward: float
    discount: float
    years: float
    root: float  # of the years
    carry: float  # rate times years, and
    payout: float  # dividend yield times years, as `american` takes them


@kernel
def at_of(ground: Ground, n: int, exercised: bool) -> At:
    """The ground of one series; `exercised`: American options, which need rate and yield."""
    spot, forward, discount = ground.spot[n], ground.forward[n], ground.discount[n]
    carry, payout = 0.0, 0.0
    if exercised:
        spot, carry, payout = carried(spot, forward, discount)
    root = math.sqrt(max(ground.years[n], 0.0))
    return At(spot, forward, discount, ground.years[n], root, carry, payout)


@kernel
def rows_of(series: Series, n: int, sign: int) -> tuple[int, int]:
    """First row and the row after the last, of the calls (1) or the puts (-1) of a series."""
    if sign > 0:
        return series.calls[n], series.calls_end[n]
    return series.puts[n], series.puts_end[n]


@kernel
def fault(bid: float, ask: float, at: At) -> int:
    """What is wrong with a quote before any price is looked at."""
    if not (bid >= 0.0 and 0.0 < ask < math.inf):
        return NO_QUOTE
    if bid > ask:
        return CROSSED
    if not at.years > 0.0:
        return EXPIRED
    if not (at.forward > 0.0 and at.discount > 0.0 and at.spot > 0.0):
        return NO_FORWARD
    return FINE


@kernel
def milder(reason: int, ask: float, worth: float) -> int:
    """The code of a middle below what exercise is worth, where the ask is not."""
    return NO_TIME_VALUE if reason == BELOW_INTRINSIC and ask >= worth else reason


@kernel
def european_price(sign: int, strike: float, volatility: float, at: At) -> tuple[float, float]:
    """Price and delta to the spot, of a volatility above zero."""
    v = volatility * at.root
    d1 = math.log(at.forward / strike) / v + 0.5 * v
    below = sign * at.discount * at.forward * normal_cdf(sign * d1)
    exercised = sign * at.discount * strike * normal_cdf(sign * (d1 - v))
    return below - exercised, below / at.spot


@kernel
def judge_european(
    sign: int, strike: float, bid: float, ask: float, given: float, at: At
) -> tuple[float, float, int]:
    """Volatility, delta and code of one quote; `given` is the source's volatility, or NaN."""
    reason = fault(bid, ask, at)
    if reason != FINE:
        return math.nan, math.nan, reason
    if 0.0 < given < math.inf:
        price, delta = european_price(sign, strike, given, at)
        if bid <= price <= ask:
            return given, delta, FINE
    if bid == 0.0:
        return math.nan, math.nan, ONE_SIDED
    middle = 0.5 * (bid + ask)
    volatility, reason = european_volatility(
        sign, middle, at.forward, strike, at.discount, at.years
    )
    if reason == FINE:
        return volatility, european_price(sign, strike, volatility, at)[1], FINE
    return math.nan, math.nan, milder(reason, ask, sign * (at.forward - strike) * at.discount)


@kernel
def judge_american(
    boundary: F8,
    premium: F8,
    sign: int,
    strike: float,
    bid: float,
    ask: float,
    given: float,
    at: At,
) -> tuple[float, float, int]:
    """Volatility, delta and code of one quote; `given` is the source's volatility, or NaN."""
    reason = fault(bid, ask, at)
    spot, carry, payout = at.spot, at.carry, at.payout
    if reason != FINE:
        return math.nan, math.nan, reason
    if 0.0 < given < math.inf:
        v = given * at.root
        price, delta = american(boundary, premium, sign, spot, strike, v, carry, payout)
        if bid <= price <= ask:
            return given, delta, FINE
    if bid == 0.0:
        return math.nan, math.nan, ONE_SIDED
    middle = 0.5 * (bid + ask)
    volatility, reason = american_volatility(
        boundary, premium, sign, middle, spot, at.forward, strike, at.discount, at.years
    )
    if reason == FINE:
        v = volatility * at.root
        delta = american(boundary, premium, sign, spot, strike, v, carry, payout)[1]
        return volatility, delta, FINE
    worth = max(sign * (at.forward - strike) * at.discount, sign * (spot - strike))
    return math.nan, math.nan, milder(reason, ask, worth)


@kernel
def judge_paying(
    tables: Tables,
    sign: int,
    strike: float,
    bid: float,
    ask: float,
    given: float,
    at: At,
    cash: Cash,
) -> tuple[float, float, int]:
    """As `judge_american`, by the dividends in the life."""
    reason = fault(bid, ask, at)
    if reason != FINE:
        return math.nan, math.nan, reason
    if 0.0 < given < math.inf:
        price, delta = cash_price(tables, sign, strike, given, cash)
        if bid <= price <= ask:
            return given, delta, FINE
    if bid == 0.0:
        return math.nan, math.nan, ONE_SIDED
    middle = 0.5 * (bid + ask)
    volatility, delta, reason = cash_volatility(tables, sign, middle, strike, cash)
    worth = max(sign * (at.forward - strike) * cash.bill, sign * (cash.spot - strike))
    return volatility, delta, milder(reason, ask, worth)


@kernel
def fill_european(
    series: Series, quotes: Quotes, given: F4, ground: Ground, smile: Smile, lo: int, hi: int
) -> None:
    """Fill the rows of the series `lo` to `hi`."""
    strike, bid, ask = quotes
    for n in range(lo, hi):
        at = at_of(ground, n, False)
        for sign in (-1, 1):
            first, end = rows_of(series, n, sign)
            for row in range(first, end):
                smile.iv[row], smile.delta[row], smile.reason[row] = judge_european(
                    sign, strike[row], bid[row], ask[row], given[row], at
                )


@kernel
def fill_paying(
    tables: Tables,
    series: Series,
    quotes: Quotes,
    given: F4,
    at: At,
    paid: Paid,
    smile: Smile,
    n: int,
) -> None:
    """Fill the rows of a series with dividends in its life."""
    strike, bid, ask = quotes
    cash = cash_of(paid, n, series.session[n], at.forward, at.discount, at.years)
    for sign in (-1, 1):
        first, end = rows_of(series, n, sign)
        for row in range(first, end):
            smile.iv[row], smile.delta[row], smile.reason[row] = judge_paying(
                tables, sign, strike[row], bid[row], ask[row], given[row], at, cash
            )


@kernel
def fill_american(
    tables: Tables,
    series: Series,
    quotes: Quotes,
    given: F4,
    ground: Ground,
    smile: Smile,
    lo: int,
    hi: int,
) -> None:
    """Fill the rows of the series `lo` to `hi`."""
    strike, bid, ask = quotes
    boundary, premium = tables
    for n in range(lo, hi):
        at = at_of(ground, n, True)
        if pays(ground.paid, n) and fault(1.0, 1.0, at) == FINE:
            fill_paying(tables, series, quotes, given, at, ground.paid, smile, n)
            continue
        for sign in (-1, 1):
            first, end = rows_of(series, n, sign)
            for row in range(first, end):
                smile.iv[row], smile.delta[row], smile.reason[row] = judge_american(
                    boundary, premium, sign, strike[row], bid[row], ask[row], given[row], at
                )


@kernel
def find_lenders(series: Series, strike: F8, reason: I1, to: I8, lender: I8, of: I8) -> int:
    """Write rows without time value whose twin has a volatility, with twin and series; how many."""
    count = 0
    for n in range(series.session.size):
        p, c = series.puts[n], series.calls[n]
        while p < series.puts_end[n] and c < series.calls_end[n]:
            if strike[p] == strike[c]:
                without = p if reason[p] == NO_TIME_VALUE else c
                twin = p + c - without
                if reason[without] == NO_TIME_VALUE and reason[twin] == FINE:
                    to[count], lender[count], of[count] = without, twin, n
                    count += 1
                p += 1
                c += 1
            elif strike[p] < strike[c]:
                p += 1
            else:
                c += 1
    return count


@kernel
def lend(
    tables: Tables,
    exercised: bool,
    series: Series,
    quotes: Quotes,
    ground: Ground,
    smile: Smile,
    rows: tuple[I8, I8, I8],
) -> None:
    """Give rows the volatility of their twins where it fits their quotes."""
    for k in range(rows[0].size):
        row, twin, n = rows[0][k], rows[1][k], rows[2][k]
        at, volatility = at_of(ground, n, exercised), float(smile.iv[twin])
        sign = 1 if row >= series.calls[n] else -1
        strike = quotes.strike[row]
        if exercised and pays(ground.paid, n):
            cash = cash_of(ground.paid, n, series.session[n], at.forward, at.discount, at.years)
            price, delta = cash_price(tables, sign, strike, volatility, cash)
        elif exercised:
            v = volatility * at.root
            price, delta = american(
                tables.boundary, tables.premium, sign, at.spot, strike, v, at.carry, at.payout
            )
        else:
            price, delta = european_price(sign, strike, volatility, at)
        if quotes.bid[row] <= price <= quotes.ask[row]:
            smile.iv[row], smile.delta[row], smile.reason[row] = volatility, delta, BORROWED


def volatilities(
    series: Series, quotes: Quotes, given: F4, ground: Ground, tables: Tables | None = None
) -> Smile:
    """Volatility and delta of every quote, a row a quote in the order of the slab.

    `given` is the source's own volatility, NaN or zero where it has none; American where `tables`
    are given.  A last price without quotes is asked as bid and ask at once, and always solved.
    """
    rows = len(quotes.strike)
    figures = np.full((2, rows), np.nan, np.float32)
    smile = Smile(figures[0], figures[1], np.full(rows, NO_QUOTE, np.int8))

    def work(lo: int, hi: int) -> None:
        if tables is None:
            fill_european(series, quotes, given, ground, smile, lo, hi)
        else:
            fill_american(tables, series, quotes, given, ground, smile, lo, hi)

    in_parts(work, _ends(series, rows))
    _borrow(series, quotes, ground, smile, tables)
    return smile


def _ends(series: Series, rows: int) -> list[int]:
    """Where the series are divided so that each part has about as many quotes."""
    size = series.puts_end - series.puts + series.calls_end - series.calls
    ends = np.searchsorted(np.cumsum(size), even(rows), side="left")
    ends[0], ends[-1] = 0, len(size)
    found: list[int] = ends.tolist()
    return found


def _borrow(
    series: Series, quotes: Quotes, ground: Ground, smile: Smile, tables: Tables | None
) -> None:
    """Let puts and calls of the same strike lend each other their volatility."""
    most = int((smile.reason == NO_TIME_VALUE).sum())
    room = np.empty((3, most), np.int64)
    count = find_lenders(series, quotes.strike, smile.reason, room[0], room[1], room[2])
    found = room[0, :count], room[1, :count], room[2, :count]
    lend(tables or NO_TABLES, tables is not None, series, quotes, ground, smile, found)
