"""step: one decision of a whole book.  It marks, manages, ranks, checks and approves.

It settles nothing: facts come from the world, and `sleeve.record` applies them.
"""

import math

from underwriter.core import reason
from underwriter.core.chain import Chain, Market, block, find, nearest_row, view_of
from underwriter.core.contract import CALL, expiry_of, intrinsic_u, right_of, strike_of
from underwriter.core.intent import (
    APPROVED,
    BUY_TO_CLOSE,
    HOLD,
    PENDING,
    SELL_TO_OPEN,
    Decision,
    Intent,
)
from underwriter.core.kernel import kernel
from underwriter.core.policy import Limits, Policy
from underwriter.core.pricing import black76
from underwriter.core.record import Rows
from underwriter.core.regime import observe
from underwriter.core.risk import Unit, check, may_close
from underwriter.core.sizing import stress_loss_u
from underwriter.core.sleeve import SHORT_PUT, SLOTS, BookState, is_flat
from underwriter.core.units import DAYS_A_YEAR, MICRO, round_u
from underwriter.core.wheel import decide


@kernel
def modelled_mark_u(chain: Chain, market: Market, session: int, underlying: int, key: int) -> int:
    """A contract's value per share where it has no quote, never under intrinsic.

    Black-76 at the volatility of its nearest quoted neighbour.
    """
    floor_u = intrinsic_u(key, market.close_u[session, underlying])
    lo, hi = block(market, session, underlying, right_of(key))
    row = nearest_row(chain, lo, hi, key)
    if row < 0 or not chain.iv[row] > 0.0:
        return floor_u
    years = (expiry_of(key) - market.day[session]) / DAYS_A_YEAR
    deviation = chain.iv[row] * math.sqrt(max(years, 0.0))
    discount = math.exp(-market.rate[session] * years)
    sign = 1 if right_of(key) == CALL else -1
    value = black76(sign, chain.forward[row], strike_of(key) / MICRO, deviation, discount)
    return max(round_u(value * MICRO), floor_u)


@kernel
def mark_u(
    chain: Chain, market: Market, session: int, underlying: int, contract: int, row: int
) -> int:
    """A contract's value per share: the middle of a two-sided quote, else modelled."""
    if row >= 0 and 0 <= chain.bid_u[row] <= chain.ask_u[row] and chain.ask_u[row] > 0:
        return (chain.bid_u[row] + chain.ask_u[row]) // 2
    return modelled_mark_u(chain, market, session, underlying, contract)


@kernel
def value_sleeve(book: BookState, at: int, chain: Chain, market: Market, session: int) -> int:
    """Value of a sleeve's shares and legs; notes its rows, collateral and exposure."""
    sleeve = book.sleeves[at]
    underlying = sleeve.underlying
    multiplier = market.multiplier[underlying]
    account = book.accounts[sleeve.account]
    value_u = sleeve.shares * market.close_u[session, underlying]
    exposure_u = value_u
    for slot in range(SLOTS):
        quantity = sleeve.quantity[slot]
        if quantity == 0:
            book.rows[at, slot] = -1
            continue
        key = sleeve.contract[slot]
        row = find(chain, market, session, underlying, key, book.rows[at, slot])
        book.rows[at, slot] = row
        size = quantity * multiplier
        value_u += size * mark_u(chain, market, session, underlying, key, row)
        if slot == SHORT_PUT:
            account.reserved_u -= size * strike_of(key)
            exposure_u -= size * strike_of(key)
    book.exposure_u[sleeve.account, underlying] += exposure_u
    return value_u


@kernel
def mark(book: BookState, chain: Chain, market: Market, session: int) -> None:
    """Mark every account: equity, its peak, cash reserved, exposure by underlying."""
    book.exposure_u[:] = 0
    for a in range(book.accounts.shape[0]):
        account = book.accounts[a]
        account.equity_u = account.cash_u
        account.reserved_u = 0
        account.committed_u = 0
    for i in range(book.sleeves.shape[0]):
        value_u = value_sleeve(book, i, chain, market, session)
        book.accounts[book.sleeves[i].account].equity_u += value_u
    for a in range(book.accounts.shape[0]):
        account = book.accounts[a]
        account.peak_u = max(account.peak_u, account.equity_u)


@kernel
def is_turn(book: BookState, at: int) -> bool:
    """Whether a flat sleeve is the first flat rung of its ladder: one rung opens at a time."""
    sleeve = book.sleeves[at]
    if not is_flat(sleeve):
        return True
    for i in range(at):
        other = book.sleeves[i]
        same = (
            other.account == sleeve.account
            and other.policy == sleeve.policy
            and other.underlying == sleeve.underlying
        )
        if same and is_flat(other):
            return False
    return True


@kernel
def note(decision: Decision, session: int, sleeve: int, intent: Intent) -> None:
    """Write an intent down as a decision."""
    decision.session = session
    decision.sleeve = sleeve
    decision.action = intent.action
    decision.slot = intent.slot
    decision.row = intent.row
    decision.contract = intent.contract
    decision.quantity = intent.quantity
    decision.why = intent.why
    decision.verdict = PENDING
    decision.score = 0.0
    decision.needs_u = 0


@kernel
def judge_close(decision: Decision, book: BookState, chain: Chain, market: Market) -> int:
    """Approve a buy-back that has an offer and that cash covers; its cost is then spoken for."""
    if decision.row < 0 or chain.ask_u[decision.row] <= 0:
        return reason.NO_QUOTE
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    size = decision.quantity * market.multiplier[sleeve.underlying]
    cost_u = size * chain.ask_u[decision.row]
    freed_u = size * strike_of(decision.contract) if decision.slot == SHORT_PUT else 0
    if not may_close(account, cost_u, freed_u):
        return reason.CASH
    account.committed_u += cost_u
    return APPROVED


@kernel
def unit_of(
    decision: Decision, book: BookState, chain: Chain, market: Market, policies: Rows[Policy]
) -> Unit:
    """What one contract of a wished put takes."""
    sleeve = book.sleeves[decision.sleeve]
    loss_u = stress_loss_u(decision.row, chain, market, sleeve.underlying, policies[sleeve.policy])
    return Unit(loss_u, strike_of(decision.contract) * market.multiplier[sleeve.underlying])


@kernel
def judge(
    decision: Decision, book: BookState, chain: Chain, market: Market, policies: Rows[Policy]
) -> int:
    """The verdict on a wish that needs no ranking; PENDING, with its score, for a new put."""
    if decision.action == HOLD:
        return decision.why
    if decision.action == BUY_TO_CLOSE:
        return judge_close(decision, book, chain, market)
    if decision.action == SELL_TO_OPEN and decision.slot == SHORT_PUT:
        unit = unit_of(decision, book, chain, market, policies)
        multiplier = market.multiplier[book.sleeves[decision.sleeve].underlying]
        decision.score = chain.bid_u[decision.row] * multiplier / max(unit.loss_u, 1)
        return PENDING
    return APPROVED  # covered calls and shares let go lower the risk of what is held


@kernel
def admit(
    decision: Decision,
    book: BookState,
    chain: Chain,
    market: Market,
    policies: Rows[Policy],
    limits: Rows[Limits],
) -> None:
    """Size one ranked put against every cap and the cash that is left; speak for both."""
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    unit = unit_of(decision, book, chain, market, policies)
    exposure_u = book.exposure_u[sleeve.account, sleeve.underlying]
    column = book.regimes[sleeve.policy].now
    policy = policies[sleeve.policy]
    verdict = check(account, exposure_u, unit, policy, column, limits[sleeve.account])
    decision.quantity = verdict.quantity
    decision.verdict = verdict.code
    decision.needs_u = verdict.needs_u
    notional_u = verdict.quantity * unit.notional_u
    account.reserved_u += notional_u
    book.exposure_u[sleeve.account, sleeve.underlying] += notional_u


@kernel
def best_pending(decisions: Rows[Decision], count: int) -> int:
    """The pending decision of the highest score, the first on ties, or -1."""
    best = -1
    for k in range(count):
        if decisions[k].verdict == PENDING and (
            best < 0 or decisions[k].score > decisions[best].score
        ):
            best = k
    return best


@kernel
def wish(
    book: BookState, at: int, chain: Chain, market: Market, session: int, policies: Rows[Policy]
) -> Intent:
    """What one sleeve wishes on this session."""
    sleeve = book.sleeves[at]
    policy = policies[sleeve.policy]
    column = book.regimes[sleeve.policy].now
    may_enter = market.first_of_week[session] or policy.daily[column] == 1
    view = view_of(market, session, sleeve.underlying, column, may_enter)
    return decide(sleeve, book.rows[at], chain, view, policy)


@kernel
def step(
    book: BookState,
    chain: Chain,
    market: Market,
    session: int,
    policies: Rows[Policy],
    limits: Rows[Limits],
    decisions: Rows[Decision],
) -> int:
    """Decide one session for a whole book; return how many decisions were written.

    `policies` one row a policy, `limits` one row an account, `decisions` at least one row a
    sleeve.  Closes are judged first, in the order of the sleeves; new puts are then ranked
    across sleeves by credit per unit of stress loss and admitted one after another.
    """
    mark(book, chain, market, session)
    for p in range(policies.shape[0]):
        book.regimes[p].now = observe(book.regimes[p], market.measure[session], policies[p])
    count = 0
    for i in range(book.sleeves.shape[0]):
        if not is_turn(book, i):
            continue
        intent = wish(book, i, chain, market, session, policies)
        if intent.action == HOLD and intent.why == reason.NONE:
            continue
        note(decisions[count], session, i, intent)
        decisions[count].verdict = judge(decisions[count], book, chain, market, policies)
        count += 1
    at = best_pending(decisions, count)
    while at >= 0:
        admit(decisions[at], book, chain, market, policies, limits)
        at = best_pending(decisions, count)
    return count
