"""Verdicts (docs/session.md): what is approved, how many, and what bound where it is not."""

import math
from typing import NamedTuple

from reference.choosing import ask_cost_u
from reference.given import PUT, Quote
from reference.marking import reserve, strikes_u
from reference.prices import MICRO, black76, rounded
from reference.state import Account, Sleeve, State, Wish, tell

UNBOUND = 1 << 62


class Waiting(NamedTuple):
    """A new put that waits for its turn."""

    wish: Wish
    unit_loss_u: int
    score: float


def judge(state: State, wishes: list[Wish]) -> None:
    """In the order of the sleeves; new puts wait, and the highest score goes first."""
    waiting: list[Waiting] = []
    for wish in wishes:
        if wish.name == "entry_put":
            waiting.append(scored(state, wish))
        elif wish.name in {"time_exit", "take_profit"}:
            judge_buy_back(state, wish)
        else:
            decide(state, wish, "approved" if wish.quantity else wish.name)
    for put in sorted(waiting, key=lambda put: -put.score):
        judge_put(state, put)


def decide(state: State, wish: Wish, verdict: str) -> None:
    """Write the verdict down; what is approved becomes an order."""
    tell(state, wish, verdict)
    if verdict == "approved":
        state.orders.append(wish)


def judge_buy_back(state: State, wish: Wish) -> None:
    """Its cost is taken from cash that is not reserved for other puts."""
    sleeve = state.sleeves[wish.sleeve]
    account = state.accounts[sleeve.account]
    cost_u = ask_cost_u(state, sleeve, wish.contract, wish.quantity)
    put = wish.contract.right == PUT
    freed_u = strikes_u(state, sleeve, wish.contract, wish.quantity) if put else 0
    if cost_u <= 0:
        decide(state, wish, "no_quote")
    elif account.cash_u - cost_u < account.reserved_u + account.committed_u - freed_u:
        decide(state, wish, "cash")
    else:
        account.committed_u += cost_u
        decide(state, wish, "approved")


# --- new puts ---


def scored(state: State, wish: Wish) -> Waiting:
    """A new put with what one contract may lose, and its credit for that."""
    sleeve = state.sleeves[wish.sleeve]
    quote = state.quote(sleeve, wish.contract)
    loss_u = unit_loss_u(state, sleeve, quote)
    return Waiting(wish, loss_u, quote.bid_u * state.terms(sleeve).mult / max(loss_u, 1))


def unit_loss_u(state: State, sleeve: Sleeve, quote: Quote) -> int:
    """The most a contract loses over the policy's stress scenarios."""
    expiry, _, strike_u = quote.contract
    years = state.years(expiry)
    discount = math.exp(-state.now.rate * years)
    worst_u = 0
    for move, factor in state.policy(sleeve).stresses:
        forward, volatility = quote.forward * (1.0 + move), quote.iv * factor
        shocked = MICRO * black76(PUT, forward, strike_u / MICRO, volatility, years, discount)
        if state.terms(sleeve).american:
            shocked = max(shocked, strike_u - state.close_u(sleeve) * (1.0 + move))
        worst_u = max(worst_u, rounded(shocked) - quote.mid_u)
    return state.terms(sleeve).mult * worst_u


def judge_put(state: State, put: Waiting) -> None:
    """Halted, or as many as the caps allow; an approved put is reserved for at once."""
    sleeve = state.sleeves[put.wish.sleeve]
    account = state.accounts[sleeve.account]
    quantity, bound = (0, "halt") if halted(state, account) else size(state, put, sleeve, account)
    if quantity > 0:
        bound = "approved"
        reserve(account, sleeve, strikes_u(state, sleeve, put.wish.contract, quantity))
    decide(state, put.wish._replace(quantity=quantity), bound)


def halted(state: State, account: Account) -> bool:
    """Whether an account has fallen too far under its peak to open anything."""
    drawdown_halt = state.case.limits[account.number].drawdown_halt
    return drawdown_halt > 0.0 and account.equity_u <= (1.0 - drawdown_halt) * account.peak_u


def size(state: State, put: Waiting, sleeve: Sleeve, account: Account) -> tuple[int, str]:
    """The least of four quantities, and the name of the one that binds."""
    policy, limits = state.policy(sleeve), state.case.limits[account.number]
    positive_u = max(account.equity_u, 0)
    exposure_u = account.exposure_u[sleeve.underlying]
    risk = policy.risk_per_position * state.column(sleeve).size
    risk_u = math.floor(risk * account.equity_u)
    underlying_u = math.floor(policy.per_underlying * positive_u) - exposure_u
    notional_u = math.floor(limits.short_put_notional * positive_u) - account.reserved_u
    kept_u = math.floor(limits.cash_reserve * positive_u)
    free_u = account.cash_u - account.reserved_u - account.committed_u - kept_u
    each_u = strikes_u(state, sleeve, put.wish.contract, 1)
    quantities = [
        (max(risk_u, 0) // put.unit_loss_u if put.unit_loss_u else UNBOUND, "risk"),
        (max(underlying_u, 0) // each_u, "underlying"),
        (max(notional_u, 0) // each_u, "short_puts"),
        (max(free_u, 0) // each_u, "cash"),
    ]
    return min(quantities, key=lambda cap: cap[0])
