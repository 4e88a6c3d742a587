"""step: one decision of a whole book.  It marks, manages, ranks, checks and approves.

It settles nothing: facts come from the world, and `sleeve.record` applies them.
"""

from underwriter.core import reason
from underwriter.core.chain import Market, View
from underwriter.core.contract import strike_of
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
from underwriter.core.marking import mark
from underwriter.core.policy import Limits, Policy
from underwriter.core.record import Rows
from underwriter.core.regime import observe
from underwriter.core.risk import Unit, check, may_close
from underwriter.core.sizing import stress_loss_u
from underwriter.core.sleeve import SHORT_PUT, BookState, is_flat
from underwriter.core.wheel import decide


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
def judge_close(decision: Decision, book: BookState, market: Market) -> int:
    """Approve a buy-back that has an offer and that cash covers; its cost is then spoken for."""
    if decision.row < 0 or market.quotes[decision.row].ask_u <= 0:
        return reason.NO_QUOTE
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    size = decision.quantity * market.terms[sleeve.underlying].multiplier
    cost_u = size * market.quotes[decision.row].ask_u
    freed_u = size * strike_of(decision.contract) if decision.slot == SHORT_PUT else 0
    if not may_close(account, cost_u, freed_u):
        return reason.CASH
    account.committed_u += cost_u
    return APPROVED


@kernel
def unit_of(decision: Decision, book: BookState, market: Market, policies: Rows[Policy]) -> Unit:
    """What one contract of a wished put takes."""
    sleeve = book.sleeves[decision.sleeve]
    loss_u = stress_loss_u(market, decision.row, sleeve.underlying, policies[sleeve.policy])
    return Unit(loss_u, strike_of(decision.contract) * market.terms[sleeve.underlying].multiplier)


@kernel
def judge(decision: Decision, book: BookState, market: Market, policies: Rows[Policy]) -> int:
    """The verdict on a wish that needs no ranking; PENDING, with its score, for a new put."""
    if decision.action == HOLD:
        return decision.why
    if decision.action == BUY_TO_CLOSE:
        return judge_close(decision, book, market)
    if decision.action == SELL_TO_OPEN and decision.slot == SHORT_PUT:
        unit = unit_of(decision, book, market, policies)
        multiplier = market.terms[book.sleeves[decision.sleeve].underlying].multiplier
        decision.score = market.quotes[decision.row].bid_u * multiplier / max(unit.loss_u, 1)
        return PENDING
    return APPROVED  # covered calls and shares let go lower the risk of what is held


@kernel
def admit(
    decision: Decision,
    book: BookState,
    market: Market,
    policies: Rows[Policy],
    limits: Rows[Limits],
) -> None:
    """Size one ranked put against every cap and the cash that is left; speak for both."""
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    unit = unit_of(decision, book, market, policies)
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
def wish(book: BookState, at: int, market: Market, session: int, policies: Rows[Policy]) -> Intent:
    """What one sleeve wishes on this session."""
    sleeve = book.sleeves[at]
    policy = policies[sleeve.policy]
    column = book.regimes[sleeve.policy].now
    now, bar = market.sessions[session], market.bars[session, sleeve.underlying]
    multiplier = market.terms[sleeve.underlying].multiplier
    may_enter = now.first_of_week == 1 or policy.daily[column] == 1
    view = View(now.day, bar.close_u, multiplier, bar.puts, bar.calls, bar.end, column, may_enter)
    return decide(sleeve, market.quotes, view, policy)


@kernel
def step(
    book: BookState,
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
    mark(book, market, session)
    for p in range(policies.shape[0]):
        regime = book.regimes[p]
        regime.now = observe(regime, market.sessions[session].measure, policies[p])
    count = 0
    for i in range(book.sleeves.shape[0]):
        if not is_turn(book, i):
            continue
        intent = wish(book, i, market, session, policies)
        if intent.action == HOLD and intent.why == reason.NONE:
            continue
        note(decisions[count], session, i, intent)
        decisions[count].verdict = judge(decisions[count], book, market, policies)
        count += 1
    at = best_pending(decisions, count)
    while at >= 0:
        admit(decisions[at], book, market, policies, limits)
        at = best_pending(decisions, count)
    return count
