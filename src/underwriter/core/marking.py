"""What a book is worth: every leg at its quote, or modelled where it has none."""

import math

from underwriter.core.chain import (
    Bar,
    Market,
    Quote,
    Session,
    Terms,
    find,
    mid_u,
    nearest_row,
    offered,
)
from underwriter.core.collateral import Position, contracts_of, position_of, secured
from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import REG_T, Limits
from underwriter.core.pricing import black76
from underwriter.core.record import Rows
from underwriter.core.sizing import margin_u
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    SHORT_CALL,
    SHORT_PUT,
    SLOTS,
    BookState,
    Sleeve,
    is_flat,
)
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u


@called
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
        if offered(quote):
            return mid_u(quote)
    return modelled_mark_u(quotes, bar, now, key)


@kernel
def leg_mark_u(quotes: Rows[Quote], bar: Bar, now: Session, sleeve: Sleeve, slot: int) -> int:
    """A held leg's value per share; what is long counts for no more than twice its bid.

    A stub offer far above a bid would else make an account look richer than it could ever be.
    """
    row = sleeve.row[slot]
    value_u = mark_u(quotes, bar, now, sleeve.contract[slot], row)
    if sleeve.quantity[slot] > 0 and row >= 0 and offered(quotes[row]):
        return min(value_u, 2 * quotes[row].bid_u)
    return value_u


@kernel
def legs_u(sleeve: Sleeve, quotes: Rows[Quote], bar: Bar, now: Session, session: int) -> int:
    """What a sleeve's legs are worth a share, times contracts; notes where each is quoted."""
    value_u = 0
    for slot in range(SLOTS):
        quantity = sleeve.quantity[slot]
        if quantity == 0:
            continue
        sleeve.row[slot] = find(quotes, bar, session, sleeve.contract[slot], sleeve.row[slot])
        value_u += quantity * leg_mark_u(quotes, bar, now, sleeve, slot)
    return value_u


@kernel
def _short_mark_u(quotes: Rows[Quote], bar: Bar, now: Session, sleeve: Sleeve, slot: int) -> int:
    """A leg's value as margin counts it; 0 where there is none."""
    if sleeve.quantity[slot] == 0:
        return 0
    return mark_u(quotes, bar, now, sleeve.contract[slot], sleeve.row[slot])


@called
def requirement_u(
    sleeve: Sleeve, held: Position, quotes: Rows[Quote], bar: Bar, now: Session, terms: Terms
) -> int:
    """The Reg T maintenance requirement of a sleeve at its marks."""
    return margin_u(
        held,
        bar.close_u,
        terms,
        _short_mark_u(quotes, bar, now, sleeve, SHORT_PUT),
        _short_mark_u(quotes, bar, now, sleeve, LONG_PUT),
        _short_mark_u(quotes, bar, now, sleeve, SHORT_CALL),
        _short_mark_u(quotes, bar, now, sleeve, LONG_CALL),
    )


@kernel
def mark_sleeve(
    book: BookState, at: int, market: Market, session: int, limits: Rows[Limits]
) -> None:
    """Add a sleeve to what its account is worth, has secured and is exposed to."""
    sleeve, quotes = book.sleeves[at], market.quotes
    account, rules = book.accounts[sleeve.account], limits[sleeve.account]
    bar, now = market.bars[session, sleeve.underlying], market.sessions[session]
    terms = market.terms[sleeve.underlying]
    held = position_of(sleeve)
    shares_u = sleeve.shares * bar.close_u
    value_u = legs_u(sleeve, quotes, bar, now, session)
    needs = secured(held, bar.close_u, bar.next_ex, bar.next_dividend_u, terms)
    account.equity_u += shares_u + terms.multiplier * value_u
    account.reserved_u += needs.total_u + contracts_of(held) * rules.fee_reserve_u
    account.puts_u += needs.puts_u
    if rules.collateral == REG_T:
        account.margin_u += requirement_u(sleeve, held, quotes, bar, now, terms)
    else:
        account.margin_u += needs.total_u + max(shares_u, 0)
    book.exposure_u[sleeve.account, sleeve.underlying] += needs.total_u + abs(shares_u)


@called
def mark(book: BookState, market: Market, session: int, limits: Rows[Limits]) -> None:
    """Mark every account: equity, its peak, cash secured, margin, exposure by underlying."""
    accounts, sleeves = book.accounts, book.sleeves
    for a in range(accounts.shape[0]):
        account = accounts[a]
        for u in range(book.exposure_u.shape[1]):
            book.exposure_u[a, u] = 0
        account.equity_u = account.cash_u
        account.reserved_u = 0
        account.puts_u = 0
        account.margin_u = 0
        account.committed_u = 0
    for at in range(sleeves.shape[0]):
        if not is_flat(sleeves[at]):
            mark_sleeve(book, at, market, session, limits)
    for a in range(accounts.shape[0]):
        account = accounts[a]
        account.peak_u = max(account.peak_u, account.equity_u)
