"""Implied volatility and five Greeks in bulk: columns in, columns out, NaN with its reason.

Delta and gamma are to the spot, a dollar of it; theta is what the next calendar day takes away;
vega is a point of volatility, rho a point of the interest rate; all per share, at a fixed dividend
yield.  European: closed forms on forward and discount (`core.pricing`).  American: delta is the
table's own; gamma, vega and rho are differences of it, and where exercise is due now, the price
is what exercise pays and all but delta are zero.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.pricing import Sensitivities, black76_greeks
from underwriter.core.record import F8
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.american import Tables, american
from underwriter.market.blame import FINE
from underwriter.market.implied import (
    I1,
    Contracts,
    american_volatility,
    carried,
    european_volatility,
)
from underwriter.market.threads import even, in_parts

_SPOT_STEP = 0.1  # deviations: a table's slope is a little uneven below that
_LEAST_STEP = 1e-3  # of the spot
_VOL_STEP = 0.02  # of the volatility
_RATE_STEP = 0.002


class Greeks(NamedTuple):
    """A row a contract, per share; NaN throughout where `reason` is not zero."""

    iv: F8  # a fraction a year
    delta: F8
    gamma: F8
    theta: F8
    vega: F8
    rho: F8
    reason: I1  # of market.blame


@kernel
def american_greeks(
    boundary: F8,
    premium: F8,
    sign: int,
    spot: float,
    strike: float,
    volatility: float,
    years: float,
    carry: float,
    payout: float,
) -> Sensitivities:
    """The Greeks of an American option with a continuous yield; arguments as `american`'s."""
    v = volatility * math.sqrt(years)
    price, delta = american(boundary, premium, sign, spot, strike, v, carry, payout)
    if price <= sign * (spot - strike):
        return Sensitivities(delta, 0.0, 0.0, 0.0, 0.0)
    h = max(_SPOT_STEP * v, _LEAST_STEP)
    up = american(boundary, premium, sign, spot * (1.0 + h), strike, v, carry, payout)[1]
    down = american(boundary, premium, sign, spot * (1.0 - h), strike, v, carry, payout)[1]
    dv = _VOL_STEP * v
    wild = american(boundary, premium, sign, spot, strike, v + dv, carry, payout)[0]
    calm = american(boundary, premium, sign, spot, strike, v - dv, carry, payout)[0]
    dc = _RATE_STEP * years
    least = max(carry - dc, 0.0)
    dear = american(boundary, premium, sign, spot, strike, v, carry + dc, payout)[0]
    cheap = american(boundary, premium, sign, spot, strike, v, least, payout)[0]
    left = max(1.0 - 1.0 / (DAYS_A_YEAR * years), 0.0)
    tomorrow = american(
        boundary, premium, sign, spot, strike, v * math.sqrt(left), carry * left, payout * left
    )[0]
    return Sensitivities(
        delta,
        max(up - down, 0.0) / (2.0 * h * spot),
        tomorrow - price,
        0.01 * max(wild - calm, 0.0) / (2.0 * _VOL_STEP * volatility),
        0.01 * years * (dear - cheap) / (carry + dc - least),
    )


@kernel
def write_row(found: Greeks, n: int, iv: float, greeks: Sensitivities, reason: int) -> None:
    """Set one row of the columns."""
    found.iv[n], found.reason[n] = iv, reason
    found.delta[n], found.gamma[n], found.theta[n] = greeks.delta, greeks.gamma, greeks.theta
    found.vega[n], found.rho[n] = greeks.vega, greeks.rho


@kernel
def european_greek_rows(contracts: Contracts, found: Greeks, lo: int, hi: int) -> None:
    """Fill rows `lo` to `hi` of the Greeks of European options."""
    none = Sensitivities(math.nan, math.nan, math.nan, math.nan, math.nan)
    for n in range(lo, hi):
        sign, spot, forward = 2 * contracts.right[n] - 1, contracts.spot[n], contracts.forward[n]
        strike, discount, years = contracts.strike[n], contracts.discount[n], contracts.years[n]
        iv, reason = european_volatility(sign, contracts.price[n], forward, strike, discount, years)
        greeks = none
        if reason == FINE:
            greeks = black76_greeks(sign, spot, forward, strike, iv, years, discount)
        write_row(found, n, iv, greeks, reason)


@kernel
def american_greek_rows(
    tables: Tables, contracts: Contracts, found: Greeks, lo: int, hi: int
) -> None:
    """Fill rows `lo` to `hi` of the Greeks of American options."""
    boundary, premium = tables.boundary, tables.premium
    none = Sensitivities(math.nan, math.nan, math.nan, math.nan, math.nan)
    for n in range(lo, hi):
        sign, spot, forward = 2 * contracts.right[n] - 1, contracts.spot[n], contracts.forward[n]
        strike, discount, years = contracts.strike[n], contracts.discount[n], contracts.years[n]
        iv, reason = american_volatility(
            boundary,
            premium,
            sign,
            contracts.price[n],
            spot,
            forward,
            strike,
            discount,
            years,
        )
        greeks = none
        if reason == FINE:
            stood, carry, payout = carried(spot, forward, discount)
            greeks = american_greeks(
                boundary, premium, sign, stood, strike, iv, years, carry, payout
            )
        write_row(found, n, iv, greeks, reason)


def greeks_of(contracts: Contracts, tables: Tables | None = None) -> Greeks:
    """Volatility and Greeks of each contract at its price; American where `tables` are given.

    A European contract without a spot (NaN) has no delta, gamma and theta.
    """
    rows = len(contracts.strike)
    iv, delta, gamma, theta, vega, rho = np.empty((6, rows))
    found = Greeks(iv, delta, gamma, theta, vega, rho, np.empty(rows, np.int8))

    def work(lo: int, hi: int) -> None:
        if tables is None:
            european_greek_rows(contracts, found, lo, hi)
        else:
            american_greek_rows(tables, contracts, found, lo, hi)

    in_parts(work, even(rows))
    return found
