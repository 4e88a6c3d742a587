"""The session loop, compiled: the world's morning, the decision, the fills, the world's evening.

One session runs in this order:

    morning    interest, splits, dividends, legs that settle at the open
    snapshot   orders of the session before fill or lapse; `step` decides; with no delay the
               approved orders fill on the same quotes
    evening    legs that expire at the close, early assignment, the day's equity
"""

from typing import NamedTuple

from underwriter.core import reason
from underwriter.core.chain import Market, find, split_times
from underwriter.core.contract import NONE
from underwriter.core.fills import NO_FILL, fill_price_u
from underwriter.core.intent import APPROVED, BUY_TO_CLOSE, HOLD, SELL_SHARES, Decision
from underwriter.core.kernel import kernel
from underwriter.core.marking import mark
from underwriter.core.policy import Fills, Limits, Policy
from underwriter.core.record import I8, Rows
from underwriter.core.session import step
from underwriter.core.sleeve import (
    ACCOUNT_WIDE,
    DEPOSIT,
    FILL,
    SHORT_CALL,
    BookState,
    Fact,
)
from underwriter.core.units import CENT_U
from underwriter.sim.fees import FeeSchedule, option_fee_u, stock_fee_u
from underwriter.sim.ledger import Log, decided, emit
from underwriter.sim.world import (
    any_may_end,
    any_morning,
    any_split,
    pay_dividends,
    pay_interest,
    settle_evening,
    settle_morning,
    split_all,
)


class Curve(NamedTuple):
    """Each evening's money by account, (sessions, accounts), in millionths; and the regimes."""

    equity_u: I8
    cash_u: I8
    shares_u: I8  # value of the shares held; the rest of equity is options
    peak_u: I8  # highest equity marked so far
    regimes: I8  # (sessions, policies, 3): column kept, in force, sessions pending


@kernel
def still_valid(book: BookState, decision: Decision, multiplier: int) -> bool:
    """Whether what an order was decided for still stands."""
    sleeve = book.sleeves[decision.sleeve]
    slot = decision.slot
    if decision.action == BUY_TO_CLOSE:
        held = sleeve.contract[slot] == decision.contract
        return held and sleeve.quantity[slot] == -decision.quantity
    if decision.action == SELL_SHARES:
        return sleeve.shares >= decision.quantity
    if slot == SHORT_CALL:
        covered = sleeve.shares >= decision.quantity * multiplier
        return covered and sleeve.quantity[slot] == 0
    return sleeve.quantity[slot] == 0


@kernel
def outlived(book: BookState, decision: Decision, session: int, market: Market) -> bool:
    """Whether the underlying has split since an order was decided: it names what is no more."""
    if decision.session == session:
        return False
    return split_times(market.bars[session, book.sleeves[decision.sleeve].underlying]) != 1


@kernel
def fill_option(
    book: BookState, decision: Decision, session: int, market: Market,
    fills: Fills, fees: FeeSchedule, log: Log,
) -> int:  # fmt: skip
    """Fill an option order on this session's quote; return APPROVED or why nothing was done."""
    sleeve = book.sleeves[decision.sleeve]
    underlying = sleeve.underlying
    key = decision.contract
    row = find(market.quotes, market.bars[session, underlying], session, key, decision.row)
    sell = decision.action != BUY_TO_CLOSE
    price_u = NO_FILL
    if row >= 0:
        price_u = fill_price_u(
            sell, market.quotes[row], market.terms[underlying], fills.half_spread
        )
    if price_u == NO_FILL:
        return reason.NO_QUOTE
    count = decision.quantity
    notional_u = price_u * count * market.terms[underlying].multiplier
    each_u = fees.option_sell_u[session] if sell else fees.option_buy_u[session]
    rate = fees.option_sell_rate[session] if sell else 0.0
    fee_u = option_fee_u(count, notional_u, each_u, rate)
    change, money_u = (-count, notional_u) if sell else (count, -notional_u)
    at, slot, a = decision.sleeve, decision.slot, sleeve.account
    emit(book, log, Fact(FILL, session, a, at, slot, key, change, 0, money_u, fee_u, price_u))
    return APPROVED


@kernel
def fill_shares(
    book: BookState, decision: Decision, session: int, market: Market, fees: FeeSchedule, log: Log
) -> int:
    """Sell shares one cent under the close."""
    sleeve = book.sleeves[decision.sleeve]
    price_u = market.bars[session, sleeve.underlying].close_u - CENT_U
    if price_u <= 0:
        return reason.NO_QUOTE
    notional_u = price_u * decision.quantity
    fee_u = stock_fee_u(notional_u, fees.stock_sell_rate[session])
    at, a, change = decision.sleeve, sleeve.account, -decision.quantity
    emit(book, log, Fact(FILL, session, a, at, 0, NONE, 0, change, notional_u, fee_u, price_u))
    return APPROVED


@kernel
def execute(
    book: BookState, decision: Decision, session: int, market: Market,
    fills: Fills, fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Fill one approved order, or write down that it lapsed or found no quote."""
    multiplier = market.terms[book.sleeves[decision.sleeve].underlying].multiplier
    split = outlived(book, decision, session, market)
    if split or not still_valid(book, decision, multiplier):
        outcome = reason.LAPSED
    elif decision.action == SELL_SHARES:
        outcome = fill_shares(book, decision, session, market, fees, log)
    else:
        outcome = fill_option(book, decision, session, market, fills, fees, log)
    if outcome != APPROVED:
        decided(book, log, session, decision, outcome)


@kernel
def execute_all(
    book: BookState, decisions: Rows[Decision], count: int, session: int, market: Market,
    fills: Fills, fees: FeeSchedule, log: Log,
) -> None:  # fmt: skip
    """Fill every approved order of one session's decisions."""
    for k in range(count):
        decision = decisions[k]
        if decision.verdict == APPROVED and decision.action != HOLD:
            execute(book, decision, session, market, fills, fees, log)


@kernel
def note_evening(book: BookState, market: Market, session: int, curve: Curve) -> None:
    """Keep the evening's money of every account, and the regime of every policy."""
    for a in range(book.accounts.shape[0]):
        curve.equity_u[session, a] = book.accounts[a].equity_u
        curve.cash_u[session, a] = book.accounts[a].cash_u
        curve.shares_u[session, a] = 0
        curve.peak_u[session, a] = book.accounts[a].peak_u
    for p in range(book.regimes.shape[0]):
        regime = book.regimes[p]
        curve.regimes[session, p, 0] = regime.column
        curve.regimes[session, p, 1] = regime.now
        curve.regimes[session, p, 2] = regime.pending
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        value_u = sleeve.shares * market.bars[session, sleeve.underlying].close_u
        curve.shares_u[session, sleeve.account] += value_u


@kernel
def run_sessions(
    book: BookState, market: Market, policies: Rows[Policy], limits: Rows[Limits],
    fills: Fills, fees: FeeSchedule, deposits_u: I8, decisions: Rows[Decision], log: Log,
    curve: Curve,
) -> None:  # fmt: skip
    """Run a book through every session of a slab; `deposits_u` opens each account."""
    waiting, mornings, splits = 0, any_morning(market), any_split(market)
    for a in range(book.accounts.shape[0]):
        emit(book, log, Fact(DEPOSIT, 0, a, ACCOUNT_WIDE, 0, NONE, 0, 0, deposits_u[a], 0, 0))
    for s in range(market.sessions.shape[0]):
        if s > 0:
            pay_interest(book, market, s, log)
            if splits:
                split_all(book, market, s, log)
            pay_dividends(book, market, s, log)
        if mornings:
            settle_morning(book, market, s, fees, log)
        execute_all(book, decisions, waiting, s, market, fills, fees, log)
        quiet = log.written[0]
        count = step(book, market, s, policies, limits, decisions)
        for k in range(count):
            decided(book, log, s, decisions[k], decisions[k].verdict)
        waiting = count if fills.delay == 1 else 0
        if waiting == 0:
            execute_all(book, decisions, count, s, market, fills, fees, log)
        if any_may_end(book.sleeves, market.bars, s, market.sessions[s].day):
            settle_evening(book, market, s, fees, log)
        if log.written[0] != quiet:  # else nothing has happened since the step marked
            mark(book, market, s)
        note_evening(book, market, s, curve)
