"""Settlement (docs/session.md): at expiry and early, in shares and in cash."""

import math

from reference.given import CALL, Session
from reference.prices import CENT_U, fee_u, intrinsic_u, rounded
from reference.state import Leg, Sleeve, State, happen


def settle(state: State, sleeve: Sleeve, leg: Leg, price_u: int) -> None:
    """A cent of intrinsic value is exercised; otherwise the leg expires."""
    if intrinsic_u(leg.contract, price_u) >= CENT_U:
        exercise(state, sleeve, leg, price_u)
    else:
        quantity = -leg.quantity
        happen(state, sleeve, "expired", leg.contract, quantity=quantity, price_u=price_u)


def exercise(state: State, sleeve: Sleeve, leg: Leg, price_u: int) -> None:
    """Shares move at the strike, or the intrinsic value is paid."""
    terms, fees = state.terms(sleeve), state.now.fees
    units = leg.quantity * terms.mult
    shares = fee = 0
    if terms.physical:
        shares = units if leg.contract.right == CALL else -units
        kind, amount_u = "assigned", -shares * leg.contract.strike_u
        fee = fee_u(abs(leg.quantity), fees.assign_u, 0, 0)
        fee += fee_u(0, 0, max(amount_u, 0), fees.stock_sell_ppb)
    else:
        kind, amount_u = "settled", units * intrinsic_u(leg.contract, price_u)
    happen(
        state, sleeve, kind, leg.contract,
        quantity=-leg.quantity, shares=shares, amount_u=amount_u, fee_u=fee, price_u=price_u,
    )  # fmt: skip


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
    interest_u = rounded(strike_u * (1.0 - math.exp(-state.now.rate * state.years(expiry))))
    dividends_u = ahead_u([each for each in later if each.day <= expiry], underlying)
    return strike_u > close_u and interest_u > quote.mid_u - (strike_u - close_u) + dividends_u


def ahead_u(sessions: list[Session], underlying: int) -> int:
    """The dividends that one share of today will have received, with what it splits into."""
    return sum(
        each.dividend_u[underlying]
        * math.prod(before.split[underlying] for before in sessions[: at + 1])
        for at, each in enumerate(sessions)
    )
