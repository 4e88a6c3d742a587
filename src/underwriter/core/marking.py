"""What a book is worth: every leg at its quote, or modelled where it has none."""

import math

from underwriter.core.chain import Bar, Market, Quote, Session, find, mid_u, nearest_row
from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.core.record import Rows
from underwriter.core.sleeve import SHORT_PUT, SLOTS, BookState, Sleeve, is_flat
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u


@kernel
def modelled_mark_u(quotes: Rows[Quote], bar: Bar, now: Session, key: int) -> int:
    """A contract's value per share where it has no quote, never under intrinsic.

    Black-76 at the volatility of its nearest quoted neighbour.
    """
    floor_u = intrinsic_u(key, bar.close_u)
    call = right_of(key) == CALL
    lo, hi = (bar.calls, bar.end) if call else (bar.puts, bar.calls)
    row = nearest_row(quotes, lo, hi, key)
    if row < 0 or not quotes[row].iv > 0.0:
        return floor_u
    years = (expiry_of(key) - now.day) / DAYS_A_YEAR
    deviation = float(quotes[row].iv) * math.sqrt(max(years, 0.0))
    discount = math.exp(-now.rate * years)
    sign = 1 if call else -1
    value = black76(sign, float(quotes[row].forward), strike_of(key) / MICRO, deviation, discount)
    return max(round_u(value * MICRO), floor_u)


@kernel
def mark_u(quotes: Rows[Quote], bar: Bar, now: Session, key: int, row: int) -> int:
    """A contract's value per share: the middle of a two-sided quote, else modelled."""
    if row >= 0:
        quote = quotes[row]
        if 0 <= quote.bid_u <= quote.ask_u and quote.ask_u > 0:
            return mid_u(quote)
    return modelled_mark_u(quotes, bar, now, key)


@kernel
def legs_u(sleeve: Sleeve, quotes: Rows[Quote], bar: Bar, now: Session, session: int) -> int:
    """What a sleeve's legs are worth a share, times contracts; notes where each is quoted."""
    value_u = 0
    for slot in range(SLOTS):
        quantity = sleeve.quantity[slot]
        if quantity == 0:
            continue
        key = sleeve.contract[slot]
        row = find(quotes, bar, session, key, sleeve.row[slot])
        sleeve.row[slot] = row
        value_u += quantity * mark_u(quotes, bar, now, key, row)
    return value_u


@kernel
def mark(book: BookState, market: Market, session: int) -> None:
    """Mark every account: equity, its peak, cash reserved, exposure by underlying."""
    accounts, sleeves, quotes = book.accounts, book.sleeves, market.quotes
    now = market.sessions[session]
    for a in range(accounts.shape[0]):
        account = accounts[a]
        for u in range(book.exposure_u.shape[1]):
            book.exposure_u[a, u] = 0
        account.equity_u = account.cash_u
        account.reserved_u = 0
        account.committed_u = 0
    for at in range(sleeves.shape[0]):
        sleeve = sleeves[at]
        if is_flat(sleeve):
            continue
        account = accounts[sleeve.account]
        bar = market.bars[session, sleeve.underlying]
        multiplier = market.terms[sleeve.underlying].multiplier
        strike_u = strike_of(sleeve.contract[SHORT_PUT])
        notional_u = -sleeve.quantity[SHORT_PUT] * multiplier * strike_u
        shares_u = sleeve.shares * bar.close_u
        value_u = legs_u(sleeve, quotes, bar, now, session)
        account.equity_u += shares_u + multiplier * value_u
        account.reserved_u += notional_u
        book.exposure_u[sleeve.account, sleeve.underlying] += shares_u + notional_u
    for a in range(accounts.shape[0]):
        account = accounts[a]
        account.peak_u = max(account.peak_u, account.equity_u)
