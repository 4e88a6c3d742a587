"""Marking (docs/session.md): what each account is worth, what its puts reserve, where it stands."""

import math

from reference.given import PUT, Contract, Quote
from reference.prices import MICRO, black76, intrinsic_u, rounded
from reference.state import Account, Leg, Sleeve, State


def mark_all(state: State) -> None:
    for account in state.accounts:
        mark(state, account)


def mark(state: State, account: Account) -> None:
    """Cash, shares at the close, legs at their marks; the peak is the highest equity so far."""
    account.reserved_u = account.committed_u = 0
    account.exposure_u = dict.fromkeys(range(len(state.case.terms)), 0)
    account.equity_u = account.cash_u
    for sleeve in state.sleeves:
        if sleeve.account == account.number:
            add(state, account, sleeve)
    account.peak_u = max(account.peak_u, account.equity_u)


def add(state: State, account: Account, sleeve: Sleeve) -> None:
    """Count what a sleeve holds into its account."""
    shares_u = sleeve.shares * state.close_u(sleeve)
    account.equity_u += shares_u
    account.exposure_u[sleeve.underlying] += shares_u
    for leg in sleeve.legs.values():
        account.equity_u += mark_u(state, sleeve, leg) * leg.quantity * state.terms(sleeve).mult
    if PUT in sleeve.legs:
        put = sleeve.legs[PUT]
        reserve(account, sleeve, strikes_u(state, sleeve, put.contract, -put.quantity))


def strikes_u(state: State, sleeve: Sleeve, contract: Contract, contracts: int) -> int:
    """The strike money of a number of contracts."""
    return contract.strike_u * state.terms(sleeve).mult * contracts


def reserve(account: Account, sleeve: Sleeve, money_u: int) -> None:
    """Put the strike money of short puts aside; it is exposure too."""
    account.reserved_u += money_u
    account.exposure_u[sleeve.underlying] += money_u


def mark_u(state: State, sleeve: Sleeve, leg: Leg) -> int:
    """The mid where quoted; else by the nearest row's volatility; else the intrinsic value."""
    expiry, right, strike_u = leg.contract
    quote = state.quote(sleeve, leg.contract)
    if quote and 0 <= quote.bid_u <= quote.ask_u and quote.ask_u > 0:
        return quote.mid_u
    floor_u = intrinsic_u(leg.contract, state.close_u(sleeve))
    near = nearest(state.quotes(sleeve, right), leg.contract)
    if near is None or not near.iv > 0.0:
        return floor_u
    years = state.years(expiry)
    discount = math.exp(-state.now.rate * years)
    value = black76(right, near.forward, strike_u / MICRO, near.iv, years, discount)
    return max(rounded(value * MICRO), floor_u)


def nearest(rows: list[Quote], contract: Contract) -> Quote | None:
    """The row nearest in expiry, then in strike, the first on ties."""

    def distance(row: Quote) -> tuple[int, int]:
        found = row.contract
        return abs(found.expiry - contract.expiry), abs(found.strike_u - contract.strike_u)

    return min(rows, key=distance, default=None)
