"""The unit loss (docs/session.md, Verdicts): the worst of the policy's stress scenarios."""

import math

from reference.given import Known, Quote
from reference.prices import MICRO, black76, inside_u, rounded
from reference.securing import Holding, Secured, secured
from reference.state import Part, Sleeve, State, Wish


def unit_of(wish: Wish) -> Holding:
    """What one unit of an entry, or one contract of a roll's new legs, would hold."""
    legs = [part for part in wish.parts if opens(part)]
    return Holding(
        wish.shares,
        {part.slot: 1 for part in legs},
        {part.slot: part.contract.strike_u for part in legs},
        {part.slot: part.contract.expiry for part in legs},
    )


def unit_secured(state: State, sleeve: Sleeve, wish: Wish) -> Secured:
    """What a unit alone secures, without the known dividend."""
    return secured(unit_of(wish), state.terms(sleeve), state.close_u(sleeve), Known())


def opens(part: Part) -> bool:
    """Whether a part of a wish opens a leg."""
    return part.slot.startswith("short") == (part.change < 0)


def unit_loss_u(state: State, sleeve: Sleeve, wish: Wish) -> int:
    """What one unit of what a wish opens may lose."""
    parts = [part for part in wish.parts if opens(part)]
    signed = [(row_of(state, sleeve, part), 1 if part.change > 0 else -1) for part in parts]
    loss_u = worst_u(state, sleeve, signed, shares=wish.shares > 0)
    mult = state.terms(sleeve).mult
    sold = {part.slot for part in parts if part.change < 0}
    bought = {part.slot for part in parts if part.change > 0}
    if bought and {slot.replace("long", "short") for slot in bought} == sold:
        credit_u = mult * sum(-sign * row.mid_u for row, sign in signed)
        most_u = unit_secured(state, sleeve, wish).total_u - credit_u
        return min(loss_u, max(most_u, 0))
    return loss_u


def old_loss_u(state: State, sleeve: Sleeve, wish: Wish) -> int:
    """What one unit of the legs that a roll closes may lose."""
    old = [part for part in wish.parts if not opens(part)]
    parts = tuple(part._replace(change=-1 if part.change > 0 else 1) for part in old)
    return unit_loss_u(state, sleeve, wish._replace(parts=parts))


def row_of(state: State, sleeve: Sleeve, part: Part) -> Quote:
    """Today's row of a part, which there is."""
    return next(
        row for row in state.quotes(sleeve, part.contract.right) if row.contract == part.contract
    )


def worst_u(state: State, sleeve: Sleeve, signed: list[tuple[Quote, int]], *, shares: bool) -> int:
    """The largest loss over the scenarios, of a contract each; never under zero."""
    worst = 0
    for move, factor in state.policy(sleeve).stresses:
        loss_u = rounded(-move * state.close_u(sleeve)) if shares else 0
        for row, sign in signed:
            loss_u -= sign * (shocked_u(state, sleeve, row, move, factor) - row.mid_u)
        worst = max(worst, loss_u)
    return state.terms(sleeve).mult * worst


def shocked_u(state: State, sleeve: Sleeve, row: Quote, move: float, factor: float) -> int:
    """What an option is worth after the underlying and its volatility have moved."""
    _, right, strike_u = row.contract
    years = state.years(row.contract)
    discount = math.exp(-state.now.rate * years)
    volatility = row.iv * factor if row.iv > 0.0 else 0.0
    forward = row.forward * (1.0 + move)
    value = MICRO * black76(right, forward, strike_u / MICRO, volatility, years, discount)
    if state.terms(sleeve).american:
        value = max(value, inside_u(row.contract, state.close_u(sleeve) * (1.0 + move)))
    return rounded(value)
