"""The session loop, compiled: the world's morning, the decision, the fills, the world's evening.

One session runs in this order:

    morning    interest, splits, dividends, legs that settle at the open
    snapshot   orders of the session before fill or lapse; `step` decides; with no delay the
               approved orders fill on the same quotes
    evening    legs that expire at the close, early assignment, the day's equity
"""

from typing import NamedTuple

import numpy as np

from underwriter.core.chain import Market
from underwriter.core.contract import NONE
from underwriter.core.intent import Decision
from underwriter.core.kernel import called, kernel
from underwriter.core.marking import mark
from underwriter.core.policy import Fills, Limits, Own, Policy
from underwriter.core.record import I8, Rows
from underwriter.core.session import step
from underwriter.core.sleeve import ACCOUNT_WIDE, DEPOSIT, FILL, BookState, Fact
from underwriter.market.fees import FeeSchedule
from underwriter.sim.delivery import meet_deliveries
from underwriter.sim.ledger import Log, decided, emit
from underwriter.sim.orders import execute_all
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
    reserved_u: I8
    puts_u: I8
    margin_u: I8
    exposure_u: I8  # (sessions, accounts, underlyings)
    regimes: I8  # (sessions, policies, underlyings, 3): column kept, in force, sessions pending


def new_curve(sessions: int, accounts: int, policies: int, underlyings: int) -> Curve:
    """Evenings to write into."""
    equity_u, cash_u, shares_u, peak_u = np.zeros((4, sessions, accounts), np.int64)
    reserved_u, puts_u, margin_u = np.zeros((3, sessions, accounts), np.int64)
    exposure_u = np.zeros((sessions, accounts, underlyings), np.int64)
    regimes = np.zeros((sessions, policies, underlyings, 3), np.int64)
    money = equity_u, cash_u, shares_u, peak_u, reserved_u, puts_u, margin_u
    return Curve(*money, exposure_u, regimes)


@called
def note_evening(book: BookState, market: Market, session: int, curve: Curve) -> None:
    """Keep the evening's money of every account, and the regime of every policy."""
    for a in range(book.accounts.shape[0]):
        curve.equity_u[session, a] = book.accounts[a].equity_u
        curve.cash_u[session, a] = book.accounts[a].cash_u
        curve.shares_u[session, a] = 0
        curve.peak_u[session, a] = book.accounts[a].peak_u
        curve.reserved_u[session, a] = book.accounts[a].reserved_u
        curve.puts_u[session, a] = book.accounts[a].puts_u
        curve.margin_u[session, a] = book.accounts[a].margin_u
        for u in range(book.exposure_u.shape[1]):
            curve.exposure_u[session, a, u] = book.exposure_u[a, u]
    for p in range(book.regimes.shape[0]):
        for u in range(book.regimes.shape[1]):
            regime = book.regimes[p, u]
            curve.regimes[session, p, u, 0] = regime.column
            curve.regimes[session, p, u, 1] = regime.now
            curve.regimes[session, p, u, 2] = regime.pending
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        value_u = sleeve.shares * market.bars[session, sleeve.underlying].close_u
        curve.shares_u[session, sleeve.account] += value_u


@called
def bring_along(book: BookState, market: Market, brought: I8, log: Log) -> None:
    """Give each sleeve the shares that it begins with, at the first close and without a fee."""
    for i in range(book.sleeves.shape[0]):
        if brought[i] > 0:
            account, underlying = book.sleeves[i].account, book.sleeves[i].underlying
            price_u = market.bars[0, underlying].close_u
            paid_u = -brought[i] * price_u
            emit(book, log, Fact(FILL, 0, account, i, 0, NONE, 0, brought[i], paid_u, 0, price_u))


@kernel
def run_sessions(
    book: BookState, market: Market, policies: Rows[Policy], owns: Rows[Own],
    limits: Rows[Limits], fills: Fills, fees: FeeSchedule, deposits_u: I8, brought: I8,
    decisions: Rows[Decision], log: Log, curve: Curve,
) -> None:  # fmt: skip
    """Run a book through every session of a slab.

    `deposits_u` opens each account, `brought` has the shares that each sleeve begins with;
    `decisions` has a row a sleeve and one more.
    """
    spare = decisions.shape[0] - 1
    waiting, mornings, splits = 0, any_morning(market), any_split(market)
    for a in range(book.accounts.shape[0]):
        emit(book, log, Fact(DEPOSIT, 0, a, ACCOUNT_WIDE, 0, NONE, 0, 0, deposits_u[a], 0, 0))
    bring_along(book, market, brought, log)
    for s in range(market.sessions.shape[0]):
        if s > 0:
            pay_interest(book, market, s, log)
            if splits:
                split_all(book, market, s, log)
            pay_dividends(book, market, s, log)
        if mornings:
            settle_morning(book, market, s, fees, log)
        execute_all(book, decisions, waiting, s, market, policies, limits, fills, fees, log)
        quiet = log.written[0]
        count = step(book, market, s, policies, owns, limits, decisions)
        for k in range(count):
            decided(book, log, s, decisions[k], decisions[k].verdict)
        waiting = count if fills.delay == 1 else 0
        if waiting == 0:
            execute_all(book, decisions, count, s, market, policies, limits, fills, fees, log)
        if any_may_end(book.sleeves, market.bars, s, market.sessions[s].day):
            settle_evening(book, market, s, fills, fees, log)
        meet_deliveries(book, decisions[spare], market, s, policies, limits, fees, log)
        if log.written[0] != quiet:  # else nothing has happened since the step marked
            mark(book, market, s, limits)
        note_evening(book, market, s, curve)
