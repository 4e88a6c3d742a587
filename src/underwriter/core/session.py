"""step: one decision of a whole book.  It marks, manages, ranks, checks and approves.

It settles nothing: facts come from the world, and `sleeve.record` applies them.
"""

from underwriter.core import reason
from underwriter.core.chain import Bar, Market, Session, View, offered
from underwriter.core.collateral import Secured, contracts_of, lone_puts, position_of, secured
from underwriter.core.contract import strike_of
from underwriter.core.decide import decide
from underwriter.core.intent import (
    APPROVED,
    CLOSE,
    HOLD,
    OPEN,
    PENDING,
    ROLL,
    Decision,
    clear,
)
from underwriter.core.kernel import called, kernel
from underwriter.core.manage import wish_close
from underwriter.core.marking import mark
from underwriter.core.policy import COLLAR, OWN_PERCENTILE, Limits, Own, Policy
from underwriter.core.record import Rows
from underwriter.core.regime import observe
from underwriter.core.risk import Used, check, may_close, of_group_u
from underwriter.core.sizing import (
    asks_too_much,
    budget_u,
    net_mids_u,
    stress_loss_u,
    touch_u,
    unit_of,
)
from underwriter.core.sleeve import LONG_PUT, SHORT_CALL, SHORT_PUT, BookState, cools, is_turn
from underwriter.core.strategy import has_wings


@kernel
def observe_all(book: BookState, market: Market, session: int, policies: Rows[Policy]) -> None:
    """Bring the regime of every policy on every underlying up to date."""
    for p in range(policies.shape[0]):
        policy = policies[p]
        for u in range(book.exposure_u.shape[1]):
            measure = market.sessions[session].measure
            if policy.measure == OWN_PERCENTILE:
                measure = 100.0 * market.bars[session, u].iv_percentile
            regime = book.regimes[p, u]
            regime.now = observe(regime, measure, policy)


@kernel
def stands_aside(now: Session, bar: Bar, policy: Policy) -> int:
    """Why nothing is sold today whatever the regime's column says, or reason.NONE.

    What is not known stands aside too.
    """
    if policy.slope_above > 0.0 and not now.slope <= policy.slope_above:
        return reason.SLOPE
    if policy.below_realised > 0.0 and not bar.iv30 >= policy.below_realised * bar.realised:
        return reason.REALISED
    return reason.NONE


@kernel
def view_of(book: BookState, at: int, market: Market, session: int, policy: Policy) -> View:
    """One sleeve's underlying on one session."""
    sleeve = book.sleeves[at]
    now, bar = market.sessions[session], market.bars[session, sleeve.underlying]
    terms = market.terms[sleeve.underlying]
    column = book.regimes[sleeve.policy, sleeve.underlying].now
    return View(
        session,
        now.day,
        now.tomorrow,
        now.rate,
        bar.close_u,
        terms.multiplier,
        terms.american == 1,
        terms.physical == 1,
        bar.puts,
        bar.calls,
        bar.end,
        bar.next_ex,
        bar.next_dividend_u,
        bar.next_earnings,
        (bar.admitted >> sleeve.policy) & 1 == 1,
        bar.iv30,
        column,
        now.first_of_week == 1 or policy.daily[column] == 1,
        stands_aside(now, bar, policy),
        policy.cooldown > 0 and cools(book, at, session, policy.cooldown),
    )


@kernel
def needs_of(book: BookState, at: int, market: Market, session: int) -> Secured:
    """What a sleeve secures on a session."""
    sleeve = book.sleeves[at]
    bar, terms = market.bars[session, sleeve.underlying], market.terms[sleeve.underlying]
    return secured(position_of(sleeve), bar.close_u, bar.next_ex, bar.next_dividend_u, terms)


@kernel
def exposed(book: BookState, at: int, market: Market, session: int, policy: Policy) -> bool:
    """Whether a sleeve has something naked that its account's cash no longer secures.

    So is a put of a spread or condor that has lost its long one.
    """
    sleeve = book.sleeves[at]
    account = book.accounts[sleeve.account]
    if account.cash_u >= account.reserved_u:
        return False
    if has_wings(policy.strategy) and lone_puts(position_of(sleeve)) > 0:
        return True
    return sleeve.quantity[SHORT_CALL] != 0 and needs_of(book, at, market, session).naked


@called
def judge_close(decision: Decision, book: BookState, market: Market, limits: Rows[Limits]) -> int:
    """Approve a close that has offers and that cash covers; its cost is then spoken for.

    What is naked is closed into a debit rather than left to grow, but never at a stub offer.
    """
    for leg in range(decision.legs):
        row = decision.row[leg]
        if decision.change[leg] > 0 and (row < 0 or not offered(market.quotes[row])):
            return reason.NO_QUOTE
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    multiplier = market.terms[sleeve.underlying].multiplier
    cost_u = max(-touch_u(market, decision), 0) * multiplier
    if decision.why == reason.MARGIN:
        if account.cash_u < cost_u and asks_too_much(decision, market, sleeve.underlying):
            return reason.CASH
    else:
        fees_u = contracts_of(position_of(sleeve)) * limits[sleeve.account].fee_reserve_u
        freed_u = needs_of(book, decision.sleeve, market, decision.session).total_u + fees_u
        if not may_close(account, cost_u, freed_u):
            return reason.CASH
    account.committed_u += cost_u
    return APPROVED


@kernel
def roll_loss_u(
    market: Market, decision: Decision, first: int, last: int, held: int,
    underlying: int, policy: Policy,
) -> int:  # fmt: skip
    """Worst stress of one contract of the legs that a roll closes or opens."""
    loss_u = stress_loss_u(market, decision, first, last, held, 0, underlying, policy)
    if last - first < 2:  # noqa: PLR2004  a short leg alone
        return loss_u
    multiplier = market.terms[underlying].multiplier
    width_u = abs(strike_of(decision.contract[first]) - strike_of(decision.contract[first + 1]))
    credit_u = net_mids_u(market, decision, first, last, held)
    return min(loss_u, max((width_u - credit_u) * multiplier, 0))


@kernel
def roll_net_u(market: Market, decision: Decision) -> int:
    """What a roll brings at the touch, a share of one contract."""
    total_u = 0
    for leg in range(decision.legs):
        quote = market.quotes[decision.row[leg]]
        total_u += -quote.ask_u if decision.change[leg] > 0 else quote.bid_u
    return total_u


@called
def judge_roll(decision: Decision, book: BookState, market: Market, policy: Policy) -> int:
    """Approve a roll whose cost cash covers and whose stress fits, or is no worse than before."""
    sleeve = book.sleeves[decision.sleeve]
    account = book.accounts[sleeve.account]
    half, underlying = decision.legs // 2, sleeve.underlying
    multiplier = market.terms[underlying].multiplier
    cost_u = max(-roll_net_u(market, decision), 0) * decision.quantity * multiplier
    if not may_close(account, cost_u, 0):
        return reason.CASH
    column = book.regimes[sleeve.policy, underlying].now
    allowed_u = budget_u(account.equity_u, policy, column) // decision.quantity
    new_u = roll_loss_u(market, decision, half, decision.legs, 1, underlying, policy)
    if new_u > allowed_u and new_u > roll_loss_u(market, decision, 0, half, -1, underlying, policy):
        return reason.RISK
    account.committed_u += cost_u
    return APPROVED


@called
def judge_open(
    decision: Decision, book: BookState, market: Market, policy: Policy, limits: Rows[Limits]
) -> int:
    """PENDING, with its score, for a new position; calls on shares held lower what is at risk."""
    sleeve = book.sleeves[decision.sleeve]
    multiplier = market.terms[sleeve.underlying].multiplier
    net_u = touch_u(market, decision)
    if decision.why == reason.ENTRY_CALL:
        account = book.accounts[sleeve.account]
        cost_u = max(-net_u, 0) * multiplier
        if policy.strategy == COLLAR and not may_close(account, cost_u, 0):
            return reason.CASH
        account.committed_u += cost_u
        return APPROVED
    unit = unit_of(market, decision, sleeve.underlying, policy, limits[sleeve.account])
    if policy.strategy == COLLAR:
        net_u = market.quotes[decision.row[decision.legs - 1]].bid_u
    decision.score = net_u * multiplier / max(unit.loss_u, 1)
    return PENDING


@called
def judge(
    decision: Decision,
    book: BookState,
    market: Market,
    policies: Rows[Policy],
    limits: Rows[Limits],
) -> int:
    """The verdict on a wish that needs no ranking; PENDING, with its score, for a new position."""
    policy = policies[book.sleeves[decision.sleeve].policy]
    if decision.action == HOLD:
        return decision.why
    if decision.action == CLOSE and decision.why != reason.LEFTOVER:
        return judge_close(decision, book, market, limits)
    if decision.action == OPEN:
        return judge_open(decision, book, market, policy, limits)
    if decision.action == ROLL:
        code = judge_roll(decision, book, market, policy)
        if code != APPROVED and policy.avoid_assignment == 1:
            why, sleeve = decision.why, book.sleeves[decision.sleeve]
            decision.quantity = 0
            wish_close(decision, sleeve, market.quotes, why)
            return judge_close(decision, book, market, limits)
        return code
    return APPROVED  # shares let go or bought back, exercise and leftovers lower what is at risk


@kernel
def taken_shares(
    book: BookState, decisions: Rows[Decision], count: int, at: int, multiplier: int
) -> int:
    """Shares that an account holds of an underlying, or may yet have to take."""
    mine = book.sleeves[at]
    total = 0
    for i in range(book.sleeves.shape[0]):
        sleeve = book.sleeves[i]
        if sleeve.account == mine.account and sleeve.underlying == mine.underlying:
            held = position_of(sleeve)
            total += max(held.shares, 0)
            total += max(held.short_put - held.long_put, 0) * multiplier
            for k in range(count):
                if decisions[k].sleeve == i:
                    total += approved_shares(decisions[k], multiplier)
    return total


@kernel
def approved_shares(decision: Decision, multiplier: int) -> int:
    """Shares that a new position approved on this session brings or may bring."""
    if decision.verdict != APPROVED or decision.action != OPEN or decision.why == reason.ENTRY_CALL:
        return 0
    if decision.shares > 0:
        return decision.shares
    puts = 0
    for leg in range(decision.legs):
        if decision.slot[leg] == SHORT_PUT or decision.slot[leg] == LONG_PUT:
            puts -= decision.change[leg]
    return max(puts, 0) * multiplier


@called
def used_by(
    book: BookState, decisions: Rows[Decision], count: int, decision: Decision, market: Market
) -> Used:
    """What the caps of groups have in use before a decision is judged."""
    sleeve = book.sleeves[decision.sleeve]
    exposure_u, u = book.exposure_u[sleeve.account], sleeve.underlying
    multiplier = market.terms[u].multiplier
    return Used(
        exposure_u[u],
        of_group_u(exposure_u, market, decision.session, u, True),
        of_group_u(exposure_u, market, decision.session, u, False),
        taken_shares(book, decisions, count, decision.sleeve, multiplier),
    )


@kernel
def scale(decision: Decision, quantity: int) -> None:
    """Let an order be for so many units."""
    decision.quantity = quantity
    decision.shares *= quantity
    for leg in range(decision.legs):
        decision.change[leg] *= quantity


@called
def admit(
    decision: Decision, used: Used, book: BookState, market: Market,
    policies: Rows[Policy], owns: Rows[Own], limits: Rows[Limits],
) -> None:  # fmt: skip
    """Size one ranked position against every cap and the cash that is left; speak for both."""
    sleeve = book.sleeves[decision.sleeve]
    underlying = sleeve.underlying
    account, rules = book.accounts[sleeve.account], limits[sleeve.account]
    policy, own = policies[sleeve.policy], owns[sleeve.policy, underlying]
    bar, sector = market.bars[decision.session, underlying], market.terms[underlying].sector
    unit = unit_of(market, decision, underlying, policy, rules)
    column = book.regimes[sleeve.policy, underlying].now
    verdict = check(account, used, unit, own, policy, column, rules, sector, bar)
    decision.verdict = verdict.code
    decision.needs_u = verdict.needs_u
    decision.bound = verdict.bound
    scale(decision, verdict.quantity)
    account.reserved_u += verdict.quantity * unit.cash_u
    account.puts_u += verdict.quantity * unit.puts_u
    account.margin_u += verdict.quantity * unit.margin_u
    book.exposure_u[sleeve.account, underlying] += verdict.quantity * unit.exposure_u


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
def wish_of(
    decision: Decision, book: BookState, at: int, market: Market, session: int,
    policies: Rows[Policy], owns: Rows[Own],
) -> None:  # fmt: skip
    """Write down what one sleeve wishes on this session."""
    clear(decision, session, at)
    sleeve = book.sleeves[at]
    policy, own = policies[sleeve.policy], owns[sleeve.policy, sleeve.underlying]
    if exposed(book, at, market, session, policy):
        wish_close(decision, sleeve, market.quotes, reason.MARGIN)
        return
    view = view_of(book, at, market, session, policy)
    decide(decision, sleeve, market.quotes, view, own, policy)


@called
def step(
    book: BookState,
    market: Market,
    session: int,
    policies: Rows[Policy],
    owns: Rows[Own],
    limits: Rows[Limits],
    decisions: Rows[Decision],
) -> int:
    """Decide one session for a whole book; return how many decisions were written.

    `policies` one row a policy, `owns` (policies, underlyings), `limits` one row an account,
    `decisions` at least one row a sleeve.  What is held is judged first, in the order of the
    sleeves; new positions are then ranked across sleeves by credit per unit of stress loss and
    admitted one after another.
    """
    mark(book, market, session, limits)
    observe_all(book, market, session, policies)
    count = 0
    for i in range(book.sleeves.shape[0]):
        if not is_turn(book, i):
            continue
        decision = decisions[count]
        wish_of(decision, book, i, market, session, policies, owns)
        if decision.action == HOLD and decision.why == reason.NONE:
            continue
        decision.verdict = judge(decision, book, market, policies, limits)
        count += 1
    at = best_pending(decisions, count)
    while at >= 0:
        used = used_by(book, decisions, count, decisions[at], market)
        admit(decisions[at], used, book, market, policies, owns, limits)
        at = best_pending(decisions, count)
    return count
