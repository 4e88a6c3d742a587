"""American and European options on a share that pays cash: price, Greeks, implied volatility.

Each contract is one sweep of finite differences (`market.cash_sweep`), some six thousand a second.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.record import F8
from underwriter.market.blame import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    EXPIRED,
    FINE,
    NO_FORWARD,
    NO_QUOTE,
    NO_TIME_VALUE,
)
from underwriter.market.cash_sweep import (
    ANY_DAY,
    LAST_DAY,
    LEAST_VOL,
    MOST_VOL,
    Contract,
    Dividends,
    possible,
    sweep,
)

_NOTHING = 1e-7  # time value, in strikes, that counts as none
_WIDEN, _TRIES = 2.0, 60
_CLOSE = 1e-10  # of a volatility


class Contracts(NamedTuple):
    """Columns of options on one share, quoted at one moment; as `Contract`."""

    sign: NDArray[np.int64]
    spot: F8
    strike: F8
    years: F8
    vol: F8
    rate: F8


class Figures(NamedTuple):
    """Per share: price, its slope and curvature in the spot, and its change a year."""

    price: float
    delta: float
    gamma: float
    theta: float


@kernel
def _figures(early: float, contract: Contract, dividends: Dividends) -> Figures:
    """Figures of a sweep; those of exercise where nothing beats it, NaN where none can be."""
    sign, spot, strike, years, vol, rate = contract
    if not possible(contract, dividends):
        return Figures(np.nan, np.nan, np.nan, np.nan)
    intrinsic = max(sign * (spot - strike), 0.0)
    exercised = Figures(intrinsic, float(sign) if intrinsic > 0.0 else 0.0, 0.0, 0.0)
    if years == 0.0:
        return exercised
    price, slope, bend = sweep(early, contract, dividends)
    if intrinsic > 0.0 and price <= intrinsic + early + _NOTHING * strike:
        return exercised
    variance = vol * vol
    theta = rate * price - (rate - 0.5 * variance) * slope - 0.5 * variance * bend
    return Figures(max(price, 0.0), slope / spot, (bend - slope) / (spot * spot), theta)


@kernel
def american_cash(contract: Contract, dividends: Dividends) -> Figures:
    """Figures of an American option; a dividend counts if it goes ex after now and by expiry.

    The holder may still exercise just before an ex-date, that of expiry itself too.  NaN for what
    cannot be: a spot or strike not above zero, a life or dividend below it, ex-dates out of
    order, a volatility outside `LEAST_VOL` to `MOST_VOL`, anything NaN.
    """
    return _figures(ANY_DAY, contract, dividends)


@kernel
def european_cash(contract: Contract, dividends: Dividends) -> Figures:
    """Figures of the European option, by the same sweep; see `american_cash`."""
    return _figures(LAST_DAY, contract, dividends)


@kernel
def american_cash_columns(contracts: Contracts, dividends: Dividends, out: F8) -> None:
    """Price, delta, gamma and theta of each contract, into the rows of `out` (contracts, 4)."""
    sign, spot, strike, years, vol, rate = contracts
    for n in range(spot.size):
        contract = Contract(sign[n], spot[n], strike[n], years[n], vol[n], rate[n])
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = american_cash(contract, dividends)


@kernel
def _at(vol: float, contract: Contract, dividends: Dividends) -> float:
    """The price at another volatility."""
    sign, spot, strike, years, _, rate = contract
    return american_cash(Contract(sign, spot, strike, years, vol, rate), dividends).price


@kernel
def _between(
    price: float,
    ends: tuple[float, float],
    errors: tuple[float, float],
    contract: Contract,
    dividends: Dividends,
) -> float:
    """The volatility between two ends, by false position, an end that stays halved (Illinois)."""
    (low, high), (under, over) = ends, errors
    vol, side = low, 0
    for _ in range(_TRIES):
        if high - low <= _CLOSE or under == over:
            break
        before, vol = vol, (low * over - high * under) / (over - under)
        error = _at(vol, contract, dividends) - price
        if error == 0.0 or abs(vol - before) <= _CLOSE:
            break
        if error < 0.0:
            over *= 0.5 if side < 0 else 1.0
            low, under, side = vol, error, -1
        else:
            under *= 0.5 if side > 0 else 1.0
            high, over, side = vol, error, 1
    return vol


@kernel
def _wrong(price: float, contract: Contract, dividends: Dividends) -> int:
    """The code of what is plainly wrong with a price or its contract."""
    if not 0.0 < price < np.inf:
        return NO_QUOTE
    if not contract.years > 0.0:
        return EXPIRED
    if not possible(contract, dividends):
        return NO_FORWARD
    intrinsic = contract.sign * (contract.spot - contract.strike)
    if price < intrinsic:
        return BELOW_INTRINSIC
    return NO_TIME_VALUE if price <= intrinsic + _NOTHING * contract.strike else FINE


@kernel
def implied_cash(price: float, contract: Contract, dividends: Dividends) -> tuple[float, int]:
    """Volatility a year at which the American price is `price`; or NaN, and why (`market.blame`).

    The contract's own volatility is where the search begins.  `NO_TIME_VALUE` and `ABOVE_BOUND`
    are also said of prices that only a volatility outside `LEAST_VOL` to `MOST_VOL` gives.
    """
    reason = _wrong(price, contract, dividends)
    if reason != FINE:
        return np.nan, reason
    low = high = contract.vol
    under = over = _at(low, contract, dividends) - price
    while under > 0.0:
        if low <= LEAST_VOL:
            return np.nan, NO_TIME_VALUE
        high, over, low = low, under, max(low / _WIDEN, LEAST_VOL)
        under = _at(low, contract, dividends) - price
    while over < 0.0:
        if high >= MOST_VOL:
            return np.nan, ABOVE_BOUND
        low, under, high = high, over, min(high * _WIDEN, MOST_VOL)
        over = _at(high, contract, dividends) - price
    return _between(price, (low, high), (under, over), contract, dividends), FINE
