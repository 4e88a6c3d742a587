"""The step and Selection (docs/session.md): each sleeve's wish, and the row it would sell."""

import math

from reference.given import CALL, PUT, WHEEL, Column, Contract, Policy, Quote
from reference.prices import ceil_div
from reference.state import Leg, Sleeve, State, Wish


def wishes(state: State) -> list[Wish]:
    """The wish of each sleeve that has one, in order; one rung opens at a time."""
    found: list[Wish | None] = []
    rungs: set[tuple[int, int, int]] = set()
    for sleeve in state.sleeves:
        rung = (sleeve.account, sleeve.policy, sleeve.underlying)
        if sleeve.flat and rung in rungs:
            continue
        if sleeve.flat:
            rungs.add(rung)
        found.append(wish_of(state, sleeve))
    return [wish for wish in found if wish]


def wish_of(state: State, sleeve: Sleeve) -> Wish | None:
    """What a sleeve asks for, by what it holds; None where it asks for nothing."""
    if sleeve.legs:
        return buy_back(state, sleeve, sleeve.in_order()[0])
    if sleeve.shares and state.policy(sleeve).strategy != WHEEL:
        return Wish(sleeve.number, "release", None, sleeve.shares)
    if not (state.now.first_of_week or state.column(sleeve).daily):
        return None
    return sell_calls(state, sleeve) if sleeve.shares else sell_puts(state, sleeve)


def nothing(sleeve: Sleeve, why: str) -> Wish:
    """There is nothing to wish for, and this is why."""
    return Wish(sleeve.number, why, None, 0)


def buy_back(state: State, sleeve: Sleeve, leg: Leg) -> Wish | None:
    """A short option is bought back whole, where it is time or profit enough."""
    policy = state.policy(sleeve)
    dte, contracts = leg.contract.expiry - state.now.day, -leg.quantity
    cost_u = ask_cost_u(state, sleeve, leg.contract, contracts)
    left_u = (1.0 - policy.take_profit) * leg.opening_u
    if 0 <= dte <= policy.exit_dte:
        return Wish(sleeve.number, "time_exit", leg.contract, contracts)
    if policy.take_profit > 0.0 and dte > 0 and 0 < cost_u <= left_u:
        return Wish(sleeve.number, "take_profit", leg.contract, contracts)
    return None


def ask_cost_u(state: State, sleeve: Sleeve, contract: Contract, contracts: int) -> int:
    """What buying back costs at the ask; 0 where there is no row."""
    quote = state.quote(sleeve, contract)
    return quote.ask_u * state.terms(sleeve).mult * contracts if quote else 0


def sell_calls(state: State, sleeve: Sleeve) -> Wish | None:
    """Calls on all whole lots of shares, not under breakeven."""
    column = state.column(sleeve)
    lots = sleeve.shares // state.terms(sleeve).mult
    if lots == 0:
        return None
    if column.delta == 0.0:
        return nothing(sleeve, "regime")
    open_u = sum(leg.opening_u for leg in sleeve.legs.values())
    floor_u = ceil_div(open_u - sleeve.money_u, sleeve.shares)
    quote, floored = select(state, sleeve, CALL, floor_u)
    if quote is None:
        return nothing(sleeve, "breakeven" if floored else "no_candidate")
    return Wish(sleeve.number, "entry_call", quote.contract, lots)


def sell_puts(state: State, sleeve: Sleeve) -> Wish:
    """A new put; how many is for the verdict to say."""
    column = state.column(sleeve)
    if column.delta == 0.0 or column.size == 0.0:
        return nothing(sleeve, "regime")
    quote, _ = select(state, sleeve, PUT, 0)
    if quote is None:
        return nothing(sleeve, "no_candidate")
    return Wish(sleeve.number, "entry_put", quote.contract, 0)


# --- selection ---


def select(state: State, sleeve: Sleeve, right: int, floor_u: int) -> tuple[Quote | None, bool]:
    """The quote nearest the target delta, and whether only the floor left none."""
    policy, column, close_u = state.policy(sleeve), state.column(sleeve), state.close_u(sleeve)
    best, best_miss, floored = None, math.inf, False
    for quote in state.quotes(sleeve, right):
        miss = abs(abs(quote.delta) - column.delta)
        basis_u = close_u if right == CALL else quote.contract.strike_u
        dte = quote.contract.expiry - state.now.day
        if not miss <= 0.5 * column.delta:  # an unknown delta neither
            continue
        if not eligible(quote, dte, basis_u, policy, column):
            continue
        if quote.contract.strike_u < floor_u:
            floored = True
        elif miss < best_miss:
            best, best_miss = quote, miss
    return best, floored and best is None


def eligible(quote: Quote, dte: int, basis_u: int, policy: Policy, column: Column) -> bool:
    """Whether a quote may be sold, whatever its delta and strike."""
    bid_u, ask_u = quote.bid_u, quote.ask_u
    return (
        policy.dte_min <= dte <= policy.dte_max
        and quote.iv > 0.0
        and 0 < bid_u <= ask_u
        and 2 * (ask_u - bid_u) <= policy.max_spread * (ask_u + bid_u)
        and (quote.open_interest < 0 or quote.open_interest >= policy.min_open_interest)
        and bid_u >= policy.min_credit_u
        and bid_u * 365 >= column.min_yield * basis_u * dte
    )
