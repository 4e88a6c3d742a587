"""Settlement (docs/session.md): at expiry and early, in shares and in cash."""

import math

from reference.given import CALL, Session
from reference.managing import interest_u
from reference.prices import CENT_U, cents_up, intrinsic_u, levy_u
from reference.state import Leg, Sleeve, State, happen


def settle_all(state: State, sleeve: Sleeve, price_u: int) -> None:
    """What expires today or should have, at a price."""
    for slot, leg in sleeve.in_order():
        if leg.contract.expiry <= state.now.day:
            settle(state, sleeve, slot, leg, price_u)


def settle(state: State, sleeve: Sleeve, slot: str, leg: Leg, price_u: int) -> None:
    """A cent of intrinsic value is exercised; otherwise the leg expires."""
    if intrinsic_u(leg.contract, price_u) >= CENT_U:
        exercise(state, sleeve, slot, leg.quantity, price_u)
    else:
        quantity = -leg.quantity
        happen(state, sleeve, "expired", slot, leg.contract, quantity=quantity, price_u=price_u)


def exercise(state: State, sleeve: Sleeve, slot: str, contracts: int, price_u: int) -> None:
    """Contracts of a leg end, negative where it is short: shares at the strike, or their value."""
    terms, fees, contract = state.terms(sleeve), state.fees(sleeve), sleeve.legs[slot].contract
    units = contracts * terms.mult
    shares = fee_u = 0
    if terms.physical:
        shares = units if contract.right == CALL else -units
        kind, amount_u = "assigned", -shares * contract.strike_u
        fee_u = cents_up(abs(contracts) * fees.assign_u)
        fee_u += cents_up(levy_u(max(amount_u, 0), fees.stock_sell_ppb))
    else:
        kind, amount_u = "settled", units * intrinsic_u(contract, price_u)
    happen(
        state, sleeve, kind, slot, contract,
        quantity=-contracts, shares=shares, amount_u=amount_u, fee_u=fee_u, price_u=price_u,
    )  # fmt: skip


def assign_early(state: State, sleeve: Sleeve, slot: str, leg: Leg) -> None:
    """A share of the contracts, where who holds them gains by it."""
    if assigned_early(state, sleeve, leg):
        contracts = math.ceil(state.case.fills.assigned * -leg.quantity)
        exercise(state, sleeve, slot, -contracts, state.close_u(sleeve))


def assigned_early(state: State, sleeve: Sleeve, leg: Leg) -> bool:
    """Whether who holds an American option gains by exercising it tonight."""
    quote = state.quote(sleeve, leg.contract)
    american = state.terms(sleeve).american
    if not american or quote is None or quote.ask_u <= 0 or leg.quantity >= 0:
        return False
    close_u, underlying = state.close_u(sleeve), sleeve.underlying
    expiry, right, strike_u = leg.contract
    later = state.case.sessions[state.at + 1 :]
    if right == CALL:
        return (
            close_u > strike_u
            and len(later) > 0
            and ahead_u(later[:1], underlying) > quote.mid_u - (close_u - strike_u)
        )
    dividends_u = ahead_u([each for each in later if each.day <= expiry], underlying)
    gain_u = interest_u(state, leg)
    return strike_u > close_u and gain_u > quote.mid_u - (strike_u - close_u) + dividends_u


def ahead_u(sessions: list[Session], underlying: int) -> int:
    """The dividends that one share of today will have received, with what it splits into."""
    return sum(
        each.dividend_u[underlying]
        * math.prod(before.split[underlying] for before in sessions[: at + 1])
        for at, each in enumerate(sessions)
    )
