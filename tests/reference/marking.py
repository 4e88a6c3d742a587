"""Marking (docs/session.md): what each account is worth, what it reserves, where it stands."""

import math

from reference.given import REG_T, Quote
from reference.margin import reg_t_u
from reference.prices import MICRO, black76, intrinsic_u, rounded
from reference.securing import Holding, holding_of, reserved_u, secured_of
from reference.state import Account, Contract, Leg, Sleeve, State


def mark_all(state: State) -> None:
    """Mark every account."""
    for account in state.accounts:
        mark(state, account)


def mark(state: State, account: Account) -> None:
    """Cash, shares at the close, legs at their marks; the peak is the highest equity so far."""
    account.reserved_u = account.committed_u = account.puts_u = account.margin_u = 0
    account.exposure_u = dict.fromkeys(range(len(state.case.terms)), 0)
    account.equity_u = account.cash_u
    for sleeve in state.of(account):
        add(state, account, sleeve)
    account.peak_u = max(account.peak_u, account.equity_u)


def add(state: State, account: Account, sleeve: Sleeve) -> None:
    """Count what a sleeve holds into its account."""
    close_u, mult = state.close_u(sleeve), state.terms(sleeve).mult
    account.equity_u += sleeve.shares * close_u
    for _, leg in sleeve.in_order():
        account.equity_u += leg_mark_u(state, sleeve, leg) * leg.quantity * mult
    found = secured_of(state, sleeve)
    account.reserved_u += reserved_u(state, sleeve)
    account.puts_u += found.puts_u
    account.exposure_u[sleeve.underlying] += found.total_u + abs(sleeve.shares) * close_u
    account.margin_u += margin_u(state, sleeve)


def margin_u(state: State, sleeve: Sleeve) -> int:
    """The buying power that a sleeve ties up."""
    if state.limits(sleeve.account).collateral != REG_T:
        shares_u = max(sleeve.shares, 0) * state.close_u(sleeve)
        return secured_of(state, sleeve).total_u + shares_u
    marks_u = {slot: mark_u(state, sleeve, leg.contract) for slot, leg in sleeve.in_order()}
    return requirement_u(state, sleeve, holding_of(sleeve), marks_u)


def requirement_u(state: State, sleeve: Sleeve, holding: Holding, marks_u: dict[str, int]) -> int:
    """What a holding on a sleeve's underlying ties up under Reg T."""
    terms = state.terms(sleeve)
    return reg_t_u(holding, marks_u, state.close_u(sleeve), terms.mult, broad=terms.broad)


def leg_mark_u(state: State, sleeve: Sleeve, leg: Leg) -> int:
    """The mark of a leg; of a long one not over twice what is bid for it."""
    found_u = mark_u(state, sleeve, leg.contract)
    quote = state.quote(sleeve, leg.contract)
    if leg.quantity > 0 and quote and quote.offered:
        return min(found_u, 2 * quote.bid_u)
    return found_u


def mark_u(state: State, sleeve: Sleeve, contract: Contract) -> int:
    """The mid where quoted; else by the nearest row's volatility; else the intrinsic value."""
    quote = state.quote(sleeve, contract)
    if quote and quote.offered:
        return quote.mid_u
    floor_u = intrinsic_u(contract, state.close_u(sleeve))
    near = nearest(state.quotes(sleeve, contract.right), contract)
    if near is None or not near.iv > 0.0:
        return floor_u
    years = state.years(contract)
    discount = math.exp(-state.now.rate * years)
    strike = contract.strike_u / MICRO
    value = black76(contract.right, near.forward, strike, near.iv, years, discount)
    return max(rounded(value * MICRO), floor_u)


def nearest(rows: list[Quote], contract: Contract) -> Quote | None:
    """The row nearest in expiry, then in strike, the first on ties."""

    def distance(row: Quote) -> tuple[int, int]:
        found = row.contract
        return abs(found.expiry - contract.expiry), abs(found.strike_u - contract.strike_u)

    return min(rows, key=distance, default=None)
