"""What the market does to a book: interest, splits, dividends, expiry and assignment.

Every happening is a Fact.  Nothing here decides; nothing in `core.step` settles.
"""

import math

from underwriter.core.chain import Bar, Market, find, mid_u, split_times
from underwriter.core.contract import (
    CALL,
    NONE,
    expiry_of,
    intrinsic_u,
    right_of,
    split_key,
    strike_of,
)
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import Fills
from underwriter.core.record import Rows
from underwriter.core.sleeve import (
    ACCOUNT_WIDE,
    ASSIGNED,
    DIVIDEND,
    EXPIRED,
    FILL,
    INTEREST,
    SETTLED,
    SLOTS,
    SPLIT,
    BookState,
    Fact,
    Sleeve,
)
from underwriter.core.units import cents_up
from underwriter.market.facts import (
    call_early,
    exercised_by_exception,
    interest_u,
    put_early,
    shares_moved,
)
from underwriter.market.fees import FeeSchedule, stock_fee_u
from underwriter.sim.ledger import Log, emit


@called
def pay_interest(book: BookState, market: Market, session: int, log: Log) -> None:
    """Bill interest on last evening's cash for the calendar days since, Act/365 simple."""
    days = market.sessions[session].day - market.sessions[session - 1].day
    for a in range(book.accounts.shape[0]):
        paid_u = interest_u(book.accounts[a].cash_u, market.sessions[session - 1].rate, days)
        if paid_u > 0:
            emit(book, log, Fact(INTEREST, session, a, ACCOUNT_WIDE, 0, NONE, 0, 0, paid_u, 0, 0))


@kernel
def any_split(market: Market) -> bool:
    """Whether any underlying splits: most slabs have none, and skip that pass."""
    for s in range(market.bars.shape[0]):
        for u in range(market.bars.shape[1]):
            if split_times(market.bars[s, u]) != 1:
                return True
    return False


@called
def split_all(book: BookState, market: Market, session: int, log: Log) -> None:
    """Split the legs and shares of every sleeve whose underlying split before this open."""
    for i in range(book.sleeves.shape[0]):
        times = split_times(market.bars[session, book.sleeves[i].underlying])
        if times != 1:
            split(book, i, times, session, log)


@called
def split(book: BookState, at: int, times: int, session: int, log: Log) -> None:
    """Let a sleeve hold `times` as many contracts and shares, by a fact a leg and one for shares.

    A whole split leaves a contract its hundred shares (OCC By-Laws, Article VI, Section 11A).
    """
    sleeve = book.sleeves[at]
    account, more = sleeve.account, times - 1
    for slot in range(SLOTS):
        if sleeve.quantity[slot] != 0:
            key, change = split_key(sleeve.contract[slot], times), sleeve.quantity[slot] * more
            emit(book, log, Fact(SPLIT, session, account, at, slot, key, change, 0, 0, 0, 0))
    if sleeve.shares != 0:
        change = sleeve.shares * more
        emit(book, log, Fact(SPLIT, session, account, at, 0, NONE, 0, change, 0, 0, 0))


@kernel
def pay_dividends(book: BookState, market: Market, session: int, log: Log) -> None:
    """Cash dividends on shares held last evening, on the ex-date; owed on what is sold short."""
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        each_u = market.bars[session, sleeve.underlying].dividend_u
        if each_u > 0 and sleeve.shares != 0:
            paid_u = each_u * sleeve.shares
            a = sleeve.account
            emit(book, log, Fact(DIVIDEND, session, a, i, 0, NONE, 0, 0, paid_u, 0, each_u))


@called
def exercise(
    book: BookState, at: int, slot: int, count: int, market: Market, session: int, price_u: int,
    fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Exercise or assign `count` contracts of a leg against `price_u`: shares, or cash."""
    sleeve = book.sleeves[at]
    key = sleeve.contract[slot]
    quantity = count if sleeve.quantity[slot] > 0 else -count
    multiplier = market.terms[sleeve.underlying].multiplier
    account = sleeve.account
    if not market.terms[sleeve.underlying].physical:
        paid_u = quantity * multiplier * intrinsic_u(key, price_u)
        fact = Fact(SETTLED, session, account, at, slot, key, -quantity, 0, paid_u, 0, price_u)
        emit(book, log, fact)
        return
    shares = shares_moved(key, quantity, multiplier)
    paid_u = -shares * strike_of(key)
    kind = market.terms[sleeve.underlying].broad
    fee_u = stock_fee_u(paid_u, fees.stock_sell_rate[kind, session]) if shares < 0 else 0
    fee_u += cents_up(count * fees.assign_u[kind, session])
    emit(
        book,
        log,
        Fact(ASSIGNED, session, account, at, slot, key, -quantity, shares, paid_u, fee_u, price_u),
    )


@called
def settle(
    book: BookState, at: int, slot: int, market: Market, session: int, price_u: int,
    fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """End a leg on its last day: exercised by exception from one cent in the money (OCC)."""
    sleeve = book.sleeves[at]
    key, quantity = sleeve.contract[slot], sleeve.quantity[slot]
    if exercised_by_exception(key, price_u):
        exercise(book, at, slot, abs(quantity), market, session, price_u, fees, log)
    else:
        account = sleeve.account
        emit(book, log, Fact(EXPIRED, session, account, at, slot, key, -quantity, 0, 0, 0, price_u))


@kernel
def any_morning(market: Market) -> bool:
    """Whether any underlying settles at the open: most slabs have none, and skip that pass."""
    for u in range(market.terms.shape[0]):
        if market.terms[u].morning:
            return True
    return False


@called
def settle_morning(
    book: BookState, market: Market, session: int, fees: FeeSchedule, log: Log
) -> None:
    """End legs that settle at the open of their last day; at its close where no open is known."""
    for i in range(book.sleeves.shape[0]):
        underlying = book.sleeves[i].underlying
        if not market.terms[underlying].morning:
            continue
        price_u = market.bars[session, underlying].open_u
        if price_u <= 0:
            price_u = market.bars[session, underlying].close_u
        sleeve, today = book.sleeves[i], market.sessions[session].day
        for slot in range(SLOTS):
            if sleeve.quantity[slot] != 0 and expiry_of(sleeve.contract[slot]) <= today:
                settle(book, i, slot, market, session, price_u, fees, log)


@kernel
def dividends_ahead_u(market: Market, session: int, underlying: int, expiry: int) -> int:
    """Cash dividends on a share of today with an ex-date after this session, up to `expiry`."""
    total_u, shares = 0, 1
    ahead = session + 1
    while ahead < market.sessions.shape[0] and market.sessions[ahead].day <= expiry:
        bar = market.bars[ahead, underlying]
        shares *= split_times(bar)
        total_u += shares * bar.dividend_u
        ahead += 1
    return total_u


@kernel
def tomorrows_dividend_u(market: Market, session: int, underlying: int) -> int:
    """The cash dividend on a share of today that goes ex on the next session, which is there."""
    bar = market.bars[session + 1, underlying]
    return bar.dividend_u * split_times(bar)


@called
def exercised_early(
    key: int, inside_u: int, row: int, market: Market, session: int, underlying: int
) -> bool:
    """Whether the holder of an American option that is `inside_u` in the money exercises it."""
    if row < 0 or market.quotes[row].ask_u <= 0:
        return False
    extrinsic_u = mid_u(market.quotes[row]) - inside_u
    if right_of(key) == CALL:
        if session + 1 >= market.sessions.shape[0]:
            return False
        return call_early(extrinsic_u, tomorrows_dividend_u(market, session, underlying))
    now, expiry = market.sessions[session], expiry_of(key)
    ahead_u = dividends_ahead_u(market, session, underlying, expiry)
    return put_early(key, extrinsic_u, now.day, now.rate, ahead_u)


@kernel
def may_end(sleeve: Sleeve, spot_u: int, day: int) -> bool:
    """Whether a leg expires today or is in the money, so that it may end tonight."""
    for slot in range(SLOTS):
        key = sleeve.contract[slot]
        if key != NONE and (expiry_of(key) <= day or intrinsic_u(key, spot_u) > 0):
            return True
    return False


@kernel
def any_may_end(sleeves: Rows[Sleeve], bars: Rows[Bar], session: int, day: int) -> bool:
    """Whether any leg of a book may end tonight: on most evenings none does."""
    for i in range(sleeves.shape[0]):
        sleeve = sleeves[i]
        if sleeve.legs > 0 and may_end(sleeve, bars[session, sleeve.underlying].close_u, day):
            return True
    return False


@called
def settle_evening(
    book: BookState, market: Market, session: int, fills: Fills, fees: FeeSchedule, log: Log
) -> None:
    """End what expires at this close, and assign short American options that are exercised."""
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        if sleeve.legs == 0:
            continue
        underlying = sleeve.underlying
        bar = market.bars[session, underlying]
        terms, today = market.terms[underlying], market.sessions[session].day
        for slot in range(SLOTS):
            key = sleeve.contract[slot]
            if sleeve.quantity[slot] == 0:
                continue
            if expiry_of(key) <= today and not terms.morning:
                settle(book, i, slot, market, session, bar.close_u, fees, log)
            elif sleeve.quantity[slot] < 0 and terms.american:
                inside_u = intrinsic_u(key, bar.close_u)
                if inside_u <= 0:  # most are not, and need not be looked up
                    continue
                row = find(market.quotes, bar, session, key, sleeve.row[slot])
                if exercised_early(key, inside_u, row, market, session, underlying):
                    count = math.ceil(-sleeve.quantity[slot] * fills.assigned)
                    exercise(book, i, slot, count, market, session, bar.close_u, fees, log)


@called
def trade_shares(
    book: BookState, at: int, change: int, price_u: int, market: Market, session: int,
    fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Shares change hands at a price; only a sale has a fee."""
    sleeve = book.sleeves[at]
    paid_u, fee_u, kind = -change * price_u, 0, market.terms[sleeve.underlying].broad
    if change < 0:
        fee_u = stock_fee_u(paid_u, fees.stock_sell_rate[kind, session])
    account = sleeve.account
    emit(book, log, Fact(FILL, session, account, at, 0, NONE, 0, change, paid_u, fee_u, price_u))
