"""What an account's cash does not carry is let go at once, as its broker would.

A leg that ends between the strikes of a spread leaves shares; one that is exercised early leaves
its long leg behind.  Both may take more cash than the spread secured, so the same evening long
options are exercised against them, and what is still there is traded.
"""

from underwriter.core import reason
from underwriter.core.chain import Market
from underwriter.core.collateral import bare_shares, contracts_of, position_of, secured
from underwriter.core.contract import intrinsic_u
from underwriter.core.decide import exercisable
from underwriter.core.intent import APPROVED, EXERCISE, SHARES, Decision, add_leg, clear, wish
from underwriter.core.kernel import called, kernel
from underwriter.core.policy import CASH_SECURED, Limits, Policy
from underwriter.core.record import Rows
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, BookState
from underwriter.core.strategy import keeps_shares
from underwriter.core.units import CENT_U
from underwriter.market.fees import FeeSchedule
from underwriter.sim.ledger import Log, decided
from underwriter.sim.world import exercise, trade_shares


@called
def wanting(book: BookState, account: int, market: Market, session: int, reserve_u: int) -> bool:
    """Whether an account's cash is under what its sleeves have secured, with fee reserves."""
    needed_u = 0
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        if sleeve.account == account:
            held = position_of(sleeve)
            bar, terms = market.bars[session, sleeve.underlying], market.terms[sleeve.underlying]
            needs = secured(held, bar.close_u, bar.next_ex, bar.next_dividend_u, terms)
            needed_u += needs.total_u + contracts_of(held) * reserve_u
    return book.accounts[account].cash_u < needed_u


@called
def exercise_now(
    book: BookState, at: int, slot: int, count: int, shares: int, decision: Decision,
    market: Market, session: int, fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Exercise long contracts at the close, against so many shares, and write down why."""
    sleeve = book.sleeves[at]
    clear(decision, session, at)
    wish(decision, EXERCISE, reason.DELIVERY)
    add_leg(decision, slot, sleeve.row[slot], sleeve.contract[slot], -count)
    decision.quantity = count
    decision.shares = shares
    decided(book, log, session, decision, APPROVED)
    close_u = market.bars[session, sleeve.underlying].close_u
    exercise(book, at, slot, count, market, session, close_u, fees, log)


@called
def trade_now(
    book: BookState, at: int, change: int, decision: Decision, market: Market, session: int,
    fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Buy or sell shares at once, at one cent at the least, and write down why."""
    clear(decision, session, at)
    wish(decision, SHARES, reason.DELIVERY)
    decision.shares = change
    decision.quantity = abs(change)
    decided(book, log, session, decision, APPROVED)
    close_u = market.bars[session, book.sleeves[at].underlying].close_u
    price_u = close_u + CENT_U if change > 0 else max(close_u - CENT_U, CENT_U)
    trade_shares(book, at, change, price_u, market, session, fees, log)


@kernel
def deliver_shares(
    book: BookState, at: int, decision: Decision, market: Market, session: int,
    limits: Rows[Limits], fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Exercise long options against the shares of a sleeve, then trade what is left of them."""
    sleeve = book.sleeves[at]
    account, multiplier = sleeve.account, market.terms[sleeve.underlying].multiplier
    slot = LONG_CALL if sleeve.shares < 0 else LONG_PUT
    close_u = market.bars[session, sleeve.underlying].close_u
    lots = exercisable(sleeve, slot, close_u, multiplier)
    if lots > 0:
        change = lots * (multiplier if sleeve.shares < 0 else -multiplier)
        exercise_now(book, at, slot, lots, change, decision, market, session, fees, log)
    reserve_u = limits[account].fee_reserve_u
    if sleeve.shares != 0 and wanting(book, account, market, session, reserve_u):
        trade_now(book, at, -sleeve.shares, decision, market, session, fees, log)


@kernel
def deliver_cash(
    book: BookState, at: int, decision: Decision, market: Market, session: int,
    limits: Rows[Limits], fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Exercise long American options in the money that protect no short ones any more."""
    sleeve = book.sleeves[at]
    account, close_u = sleeve.account, market.bars[session, sleeve.underlying].close_u
    for slot in (LONG_PUT, LONG_CALL):
        spare = sleeve.quantity[slot] + sleeve.quantity[slot - 1]  # a short slot stands before
        if spare <= 0 or intrinsic_u(sleeve.contract[slot], close_u) <= 0:
            continue
        if wanting(book, account, market, session, limits[account].fee_reserve_u):
            exercise_now(book, at, slot, spare, 0, decision, market, session, fees, log)


@called
def meet(
    book: BookState, at: int, decision: Decision, market: Market, session: int,
    policies: Rows[Policy], limits: Rows[Limits], fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Let a sleeve meet what its account cannot carry; shares sold short no cash account can."""
    sleeve = book.sleeves[at]
    account, terms = sleeve.account, market.terms[sleeve.underlying]
    rules = limits[account]
    if sleeve.shares >= 0 and keeps_shares(policies[sleeve.policy].strategy):
        return
    if not wanting(book, account, market, session, rules.fee_reserve_u):
        bare = bare_shares(position_of(sleeve), terms.multiplier)
        if bare > 0 and rules.collateral == CASH_SECURED:
            trade_now(book, at, bare, decision, market, session, fees, log)
        return
    if terms.physical:
        deliver_shares(book, at, decision, market, session, limits, fees, log)
    elif terms.american:
        deliver_cash(book, at, decision, market, session, limits, fees, log)


@kernel
def any_to_meet(book: BookState, market: Market, policies: Rows[Policy]) -> bool:
    """Whether a sleeve has something that its account may not be able to carry: most have not."""
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        if book.accounts[sleeve.account].cash_u < 0 or sleeve.shares < 0:
            return True
        terms = market.terms[sleeve.underlying]
        if sleeve.shares > 0 and not keeps_shares(policies[sleeve.policy].strategy):
            return True
        if terms.american and not terms.physical and sleeve.legs > 0:
            return True
    return False


@kernel
def meet_deliveries(
    book: BookState, decision: Decision, market: Market, session: int, policies: Rows[Policy],
    limits: Rows[Limits], fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Let every account meet its deliveries; `decision` is a row to write each down in."""
    if not any_to_meet(book, market, policies):
        return
    for a in range(book.accounts.shape[0]):
        for i in range(book.sleeves.shape[0]):
            if book.sleeves[i].account == a:
                meet(book, i, decision, market, session, policies, limits, fees, log)
        for i in range(book.sleeves.shape[0]):
            sleeve = book.sleeves[i]
            multiplier = market.terms[sleeve.underlying].multiplier
            spare = sleeve.shares + sleeve.quantity[SHORT_CALL] * multiplier
            if sleeve.account == a and book.accounts[a].cash_u < 0 and spare > 0:
                trade_now(book, i, -spare, decision, market, session, fees, log)
