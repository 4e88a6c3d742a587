"""What a book is worth: every leg at its quote, or modelled where it has none."""

import math

from underwriter.core.chain import Market, find, mid_u, nearest_row
from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.core.sleeve import SHORT_PUT, SLOTS, BookState
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u


@kernel
def modelled_mark_u(market: Market, session: int, underlying: int, key: int) -> int:
    """A contract's value per share where it has no quote, never under intrinsic.

    Black-76 at the volatility of its nearest quoted neighbour.
    """
    bar, now = market.bars[session, underlying], market.sessions[session]
    floor_u = intrinsic_u(key, bar.close_u)
    call = right_of(key) == CALL
    lo, hi = (bar.calls, bar.end) if call else (bar.puts, bar.calls)
    row = nearest_row(market.quotes, lo, hi, key)
    if row < 0 or not market.quotes[row].iv > 0.0:
        return floor_u
    quote = market.quotes[row]
    years = (expiry_of(key) - now.day) / DAYS_A_YEAR
    deviation = quote.iv * math.sqrt(max(years, 0.0))
    discount = math.exp(-now.rate * years)
    sign = 1 if call else -1
    value = black76(sign, quote.forward, strike_of(key) / MICRO, deviation, discount)
    return max(round_u(value * MICRO), floor_u)


@kernel
def mark_u(market: Market, session: int, underlying: int, key: int, row: int) -> int:
    """A contract's value per share: the middle of a two-sided quote, else modelled."""
    if row >= 0:
        quote = market.quotes[row]
        if 0 <= quote.bid_u <= quote.ask_u and quote.ask_u > 0:
            return mid_u(quote)
    return modelled_mark_u(market, session, underlying, key)


@kernel
def value_sleeve(book: BookState, at: int, market: Market, session: int) -> None:
    """Add one sleeve to its account's equity, reserve and exposure; note where its legs stand."""
    sleeve = book.sleeves[at]
    account = book.accounts[sleeve.account]
    underlying = sleeve.underlying
    multiplier = market.terms[underlying].multiplier
    value_u = sleeve.shares * market.bars[session, underlying].close_u
    notional_u = 0
    for slot in range(SLOTS):
        quantity = sleeve.quantity[slot]
        if quantity == 0:
            book.rows[at, slot] = -1
            continue
        key = sleeve.contract[slot]
        row = find(market, session, underlying, key, book.rows[at, slot])
        book.rows[at, slot] = row
        value_u += quantity * multiplier * mark_u(market, session, underlying, key, row)
        if slot == SHORT_PUT:
            notional_u -= quantity * multiplier * strike_of(key)
    shares_u = sleeve.shares * market.bars[session, underlying].close_u
    book.exposure_u[sleeve.account, underlying] += shares_u + notional_u
    account.reserved_u += notional_u
    account.equity_u += value_u


@kernel
def mark(book: BookState, market: Market, session: int) -> None:
    """Mark every account: equity, its peak, cash reserved, exposure by underlying."""
    book.exposure_u[:] = 0
    for a in range(book.accounts.shape[0]):
        account = book.accounts[a]
        account.equity_u = account.cash_u
        account.reserved_u = 0
        account.committed_u = 0
    for at in range(book.sleeves.shape[0]):
        value_sleeve(book, at, market, session)
    for a in range(book.accounts.shape[0]):
        account = book.accounts[a]
        account.peak_u = max(account.peak_u, account.equity_u)
