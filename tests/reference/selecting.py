"""Selection (docs/session.md): the rows that would be sold, and those bought with them."""

import math
from typing import NamedTuple

from reference.given import (
    CALL,
    CALL_SPREAD,
    COLLAR,
    IRON_CONDOR,
    PUT,
    PUT_SPREAD,
    Policy,
    Quote,
)
from reference.state import Sleeve, State

WINGED = {PUT_SPREAD, CALL_SPREAD, IRON_CONDOR}


class Pick(NamedTuple):
    """What was found: quotes with their sign, -1 sold and 1 bought, and what they bring a share."""

    quotes: tuple[tuple[Quote, int], ...]
    net_u: int


def reach(quote: Quote, target: float) -> float:
    """The miss of a row's delta; infinite where it is unknown or out of reach."""
    miss = abs(abs(quote.delta) - target)
    return miss if miss <= 0.5 * target else math.inf


def liquid(quote: Quote, policy: Policy) -> bool:
    """Whether a row may be sold by its quote and its open interest."""
    bid_u, ask_u = quote.bid_u, quote.ask_u
    return (
        0 < bid_u <= ask_u
        and 2 * (ask_u - bid_u) <= policy.max_spread * (ask_u + bid_u)
        and (quote.open_interest < 0 or quote.open_interest >= policy.min_open_interest)
    )


def earnings(state: State, sleeve: Sleeve, quote: Quote) -> bool:
    """Whether an option would live through earnings that its policy avoids."""
    day = state.known(sleeve).next_earnings
    avoided = state.policy(sleeve).avoid_earnings
    return avoided and day > 0 and state.now.day <= day <= quote.contract.expiry


def sellable(state: State, sleeve: Sleeve, quote: Quote) -> bool:
    """Whether a row may be sold at all: revalued under stress, liquid, without earnings."""
    return (
        quote.iv > 0.0
        and liquid(quote, state.policy(sleeve))
        and not earnings(state, sleeve, quote)
    )


def within(state: State, sleeve: Sleeve, quote: Quote, floor_u: int) -> bool:
    """Whether a strike keeps to the bounds."""
    _, right, strike_u = quote.contract
    most_u = state.own(sleeve).put_most_u
    if right == PUT:
        return most_u == 0 or strike_u <= most_u
    return strike_u >= floor_u


def wing(state: State, sleeve: Sleeve, short: Quote) -> Quote | None:
    """The row further out of the money that protects a short one."""
    policy, (expiry, right, strike_u) = state.policy(sleeve), short.contract
    rows = [
        row
        for row in state.quotes(sleeve, right)
        if row.contract.expiry == expiry and row.offered and row.iv > 0.0
        and (row.contract.strike_u < strike_u if right == PUT else row.contract.strike_u > strike_u)
    ]  # fmt: skip
    if policy.width_u > 0:
        near = [row for row in rows if apart_u(row, short) <= policy.width_u]
        return max(near, key=lambda row: apart_u(row, short), default=None)
    return nearest_delta(rows, policy.long_delta)


def apart_u(one: Quote, other: Quote) -> int:
    """The distance of two strikes."""
    return abs(one.contract.strike_u - other.contract.strike_u)


def nearest_delta(rows: list[Quote], target: float) -> Quote | None:
    """The row of the nearest known delta, the first on ties."""
    known = [row for row in rows if not math.isnan(row.delta)]
    return min(known, key=lambda row: abs(abs(row.delta) - target), default=None)


def pays(state: State, sleeve: Sleeve, net_u: int, basis_u: int, dte: int) -> bool:
    """Whether a net credit is enough for a basis."""
    policy, column = state.policy(sleeve), state.column(sleeve)
    return (
        net_u > 0
        and net_u >= policy.min_credit_u
        and net_u * 365 >= column.min_yield * basis_u * dte
        and (policy.strategy not in WINGED or net_u >= policy.min_reward * basis_u)
    )


def in_dte(state: State, sleeve: Sleeve, right: int) -> list[Quote]:
    """The rows of a right that expire when they should."""
    policy = state.policy(sleeve)
    return [
        row
        for row in state.quotes(sleeve, right)
        if policy.dte_min <= state.dte(row.contract) <= policy.dte_max
    ]


# --- one right ---


def one_right(state: State, sleeve: Sleeve, right: int, floor_u: int) -> tuple[Pick | None, bool]:
    """The row nearest the target delta, and whether only the strike bound left none."""
    winged = state.policy(sleeve).strategy in WINGED
    best, best_miss, floored = None, math.inf, False
    for row in in_dte(state, sleeve, right):
        miss = reach(row, state.column(sleeve).delta)
        if miss == math.inf or not sellable(state, sleeve, row):
            continue
        long = wing(state, sleeve, row) if winged else None
        if winged and long is None:
            continue
        net_u = row.bid_u - (long.ask_u if long else 0)
        basis_u = row.contract.strike_u if right == PUT else state.close_u(sleeve)
        if long:
            basis_u = apart_u(row, long)
        if not pays(state, sleeve, net_u, basis_u, state.dte(row.contract)):
            continue
        if not within(state, sleeve, row, floor_u):
            floored = True
        elif miss < best_miss:
            quotes = ((row, -1), (long, 1)) if long else ((row, -1),)
            best, best_miss = Pick(quotes, net_u), miss
    return best, floored and best is None


# --- two rights ---


def two_rights(state: State, sleeve: Sleeve, floor_u: int) -> Pick | None:
    """Of the expiries that have both sides and pay, the one nearest both targets."""
    best, best_miss = None, math.inf
    rows = [row for right in (PUT, CALL) for row in in_dte(state, sleeve, right)]
    for expiry in sorted({row.contract.expiry for row in rows}):
        of_expiry = [row for row in rows if row.contract.expiry == expiry]
        put, put_miss = put_side(state, sleeve, of_expiry)
        call, call_miss = sold_side(state, sleeve, of_expiry, CALL, floor_u)
        if put is None or call is None or put.contract.strike_u >= call.contract.strike_u:
            continue
        found = both(state, sleeve, put, call)
        if found and put_miss + call_miss < best_miss:
            best, best_miss = found, put_miss + call_miss
    return best


def put_side(state: State, sleeve: Sleeve, rows: list[Quote]) -> tuple[Quote | None, float]:
    """The put of an expiry and its distance: sold, or bought by a collar."""
    policy = state.policy(sleeve)
    if policy.strategy != COLLAR:
        return sold_side(state, sleeve, rows, PUT, 0)
    puts = [row for row in rows if row.contract.right == PUT and row.offered and row.iv > 0.0]
    found = nearest_delta(puts, policy.long_delta)
    return found, abs(abs(found.delta) - policy.long_delta) if found else math.inf


def sold_side(
    state: State, sleeve: Sleeve, rows: list[Quote], right: int, floor_u: int
) -> tuple[Quote | None, float]:
    """The row of an expiry and right that is sold, and its miss."""
    condor = state.policy(sleeve).strategy == IRON_CONDOR
    best, best_miss = None, math.inf
    for row in rows:
        miss = reach(row, state.column(sleeve).delta)
        if (
            row.contract.right == right
            and miss < best_miss
            and sellable(state, sleeve, row)
            and within(state, sleeve, row, floor_u)
            and (not condor or wing(state, sleeve, row))
        ):
            best, best_miss = row, miss
    return best, best_miss


def both(state: State, sleeve: Sleeve, put: Quote, call: Quote) -> Pick | None:
    """Both sides of an expiry together, where they pay."""
    strategy, dte = state.policy(sleeve).strategy, state.dte(put.contract)
    if strategy == COLLAR:
        quotes, net_u = ((put, 1), (call, -1)), call.bid_u
        basis_u = state.close_u(sleeve)
    elif strategy == IRON_CONDOR:
        below, above = wing(state, sleeve, put), wing(state, sleeve, call)
        quotes = ((put, -1), (below, 1), (call, -1), (above, 1))
        net_u = put.bid_u + call.bid_u - below.ask_u - above.ask_u
        basis_u = max(apart_u(put, below), apart_u(call, above))
    else:
        quotes, net_u = ((put, -1), (call, -1)), put.bid_u + call.bid_u
        basis_u = put.contract.strike_u
    return Pick(quotes, net_u) if pays(state, sleeve, net_u, basis_u, dte) else None
