"""American options with cash dividends in bulk: closed forms and a few points of quadrature.

The European part is Bos and Vandermark's (2002, "Finessing fixed dividends", Risk 15): of every
dividend, the share of the life that is left after its ex-date comes off the spot, the share before
it goes onto the strike.  What early exercise adds is an expectation under the same share price:

- a call is exercised, if at all, just before an ex-date, where by parity that pays the dividends
  less the strike's interest and the put (the best one of several ex-dates counts);
- a put is exercised after the last ex-date, where the table of `market.american` knows what that
  is worth, or so long before an ex-date that interest exceeds the dividend: there it earns the
  strike's interest while the share is below the boundary (Kim, 1990, Review of Financial Studies
  3), taken from Barone-Adesi and Whaley's (1987, Journal of Finance 42) first guess.
"""

import math

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76, black76_delta, normal_cdf
from underwriter.core.record import F8
from underwriter.market.american import Tables, american
from underwriter.market.american_cash import Contracts
from underwriter.market.cash_sweep import Contract, Dividends, possible

_NEWTON = 5
_FAR = 6.0  # deviations beyond which nothing counts
_DRY = 4.0  # deviations out of the money at which a put is worth nothing
_LEAST = 1e-14  # of the strike: a put of no worth
_LEGENDRE = tuple(zip(*(x.tolist() for x in np.polynomial.legendre.leggauss(10)), strict=True))
_SHORT = tuple(zip(*(x.tolist() for x in np.polynomial.legendre.leggauss(4)), strict=True))
_HERMITE = tuple(zip(*(x.tolist() for x in np.polynomial.hermite_e.hermegauss(6)), strict=True))
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)

Priced = tuple[float, float]


@kernel
def _owed(dividends: Dividends, rate: float, start: float, end: float) -> float:
    """Value at `start` of the dividends that go ex after it, up to and at `end`."""
    owed = 0.0
    for n in range(dividends.ex.size):
        if start < dividends.ex[n] <= end:
            owed += dividends.amount[n] * math.exp(-rate * (dividends.ex[n] - start))
    return owed


@kernel
def _european(
    sign: int, spot: float, start: float, contract: Contract, dividends: Dividends
) -> Priced:
    """Price and delta at `start`, after what goes ex then, of the European option."""
    left = contract.years - start
    near = 0.0
    far = 0.0
    for n in range(dividends.ex.size):
        after = dividends.ex[n] - start
        if 0.0 < after <= left:
            owed = dividends.amount[n] * math.exp(-contract.rate * after)
            near += owed * (1.0 - after / left)
            far += owed * after / left
    growth = math.exp(contract.rate * left)
    forward, strike = (spot - near) * growth, contract.strike + far * growth
    v = contract.vol * math.sqrt(left)
    price = black76(sign, forward, strike, v, 1.0 / growth)
    return price, black76_delta(sign, forward, strike, v)


@kernel
def _call_boundary(start: float, worth: float, contract: Contract, dividends: Dividends) -> float:
    """The spot after the ex-date at `start` where the European put has come down to `worth`."""
    left = contract.years - start
    owed = _owed(dividends, contract.rate, start, contract.years)
    spot = contract.strike * math.exp(-contract.rate * left) + owed - worth
    spot = max(spot, 1e-3 * contract.strike)
    widest = 2.0 * contract.vol * math.sqrt(left)
    for _ in range(_NEWTON):  # on the logarithms
        put, delta = _european(-1, spot, start, contract, dividends)
        if put <= _LEAST * contract.strike:
            break
        spot *= math.exp(min(put * math.log(put / worth) / (-delta * spot), widest))
    return spot


@kernel
def _call_premium(n: int, contract: Contract, dividends: Dividends) -> Priced:
    """What exercise just before ex-date `n` adds to a European call, and its slope in the spot."""
    _, spot, strike, years, vol, rate = contract
    ex, amount = dividends.ex[n], dividends.amount[n]
    left = years - ex
    worth = amount + _owed(dividends, rate, ex, years) + strike * math.expm1(-rate * left)
    base = spot - (_owed(dividends, rate, 0.0, ex) - amount * math.exp(-rate * ex))
    if worth <= 0.0 or base <= 0.0:
        return 0.0, 0.0
    s = vol * math.sqrt(ex)
    level = base * math.exp(rate * ex - 0.5 * s * s)
    boundary = _call_boundary(ex, worth, contract, dividends) + amount
    low = max(math.log(boundary / level) / s, -_FAR)
    dry = (strike + worth) * math.exp(_DRY * vol * math.sqrt(left)) + amount
    high = min(math.log(dry / level) / s, _FAR)
    if low >= _FAR:
        return 0.0, 0.0
    extra, slope = worth * normal_cdf(-low), 0.0
    middle, half = 0.5 * (high + low), max(0.5 * (high - low), 0.0)
    for point, weight in _LEGENDRE:
        x = middle + half * point
        then = level * math.exp(s * x)
        put, delta = _european(-1, then - amount, ex, contract, dividends)
        w = half * weight * math.exp(-0.5 * x * x) / _ROOT_TWO_PI
        extra -= w * put
        slope -= w * delta * then / base
    discount = math.exp(-rate * ex)
    return discount * max(extra, 0.0), discount * slope


@kernel
def _table_premium(tables: Tables, spot: float, left: float, contract: Contract) -> Priced:
    """What early exercise adds to a put without dividends and `left` years to live; its slope."""
    if spot <= 0.0:
        return 0.0, 0.0
    v, carry = contract.vol * math.sqrt(left), max(contract.rate * left, 0.0)
    strike, forward = contract.strike, spot * math.exp(carry)
    price, delta = american(tables.boundary, tables.premium, -1, spot, strike, v, carry, 0.0)
    european = black76(-1, forward, strike, v, math.exp(-carry))
    return price - european, delta - black76_delta(-1, forward, strike, v)


@kernel
def _late_premium(tables: Tables, last: float, contract: Contract, dividends: Dividends) -> Priced:
    """What exercise after the last ex-date adds to a put, and its slope in the spot."""
    if last <= 0.0:
        return _table_premium(tables, contract.spot, contract.years, contract)
    rate, s = contract.rate, contract.vol * math.sqrt(last)
    paid = _owed(dividends, rate, 0.0, last)
    base = contract.spot
    extra = 0.0
    slope = 0.0
    amount = paid * math.exp(rate * last)
    for x, weight in _HERMITE:
        rise = math.exp(rate * last + s * x - 0.5 * s * s)
        found, tilt = _table_premium(tables, base * rise - amount, contract.years - last, contract)
        extra += weight * found
        slope += weight * tilt * rise
    discount = math.exp(-rate * last) / _ROOT_TWO_PI
    return discount * extra, discount * slope


@kernel
def _put_boundary(rate: float, years: float, contract: Contract) -> float:
    """About where a put without dividends is exercised, `years` before expiry."""
    variance = contract.vol * contract.vol
    ratio = 2.0 * rate / variance
    lowest = contract.strike * ratio / (1.0 + ratio)
    fall = (rate * years - 2.0 * contract.vol * math.sqrt(years)) * (1.0 + ratio)
    return lowest + (contract.strike - lowest) * math.exp(fall)


@kernel
def _early_premium(n: int, contract: Contract, dividends: Dividends) -> Priced:
    """What exercise between the ex-dates `n` - 1 and `n` adds to a put, and its slope."""
    _, spot, strike, years, vol, rate = contract
    ex, start = dividends.ex[n], 0.0
    if n > 0:
        start = max(dividends.ex[n - 1], 0.0)
    end = ex - dividends.amount[n] / (rate * strike)
    base = spot - _owed(dividends, rate, 0.0, start)
    extra = 0.0
    slope = 0.0
    if end <= start or base <= 0.0:
        return extra, slope
    for point, weight in _SHORT:
        q = 0.5 * (point + 1.0)
        u = end - (end - start) * q * q
        left = years - u
        boundary = _put_boundary(rate * (end - u) / left, left, contract)
        s = vol * math.sqrt(u)
        d2 = (math.log(base / boundary) + (rate - 0.5 * vol * vol) * u) / s
        w = weight * (end - start) * q * rate * strike * math.exp(-rate * u)
        extra += w * normal_cdf(-d2)
        slope -= w * math.exp(-0.5 * d2 * d2) / (_ROOT_TWO_PI * s * base)
    return extra, slope


@kernel
def american_escrowed(tables: Tables, contract: Contract, dividends: Dividends) -> Priced:
    """Price and delta of an American option with cash dividends, nearly: see docs/model.md.

    For lives of some seventy days and rates not below zero; as `american_cash`, NaN for what
    cannot be.
    """
    sign, spot, strike, years, _, rate = contract
    if not possible(contract, dividends):
        return math.nan, math.nan
    intrinsic = max(sign * (spot - strike), 0.0)
    exercised = float(sign) if intrinsic > 0.0 else 0.0
    if years == 0.0:
        return intrinsic, exercised
    price, delta = _european(sign, spot, 0.0, contract, dividends)
    last, extra, slope = 0.0, 0.0, 0.0
    for n in range(dividends.ex.size):
        if 0.0 < dividends.ex[n] <= years:
            last = dividends.ex[n]
            if sign > 0:
                found, tilt = _call_premium(n, contract, dividends)
                extra, slope = (found, tilt) if found > extra else (extra, slope)
            elif rate > 0.0:
                found, tilt = _early_premium(n, contract, dividends)
                extra, slope = extra + found, slope + tilt
    if sign < 0:
        found, tilt = _late_premium(tables, last, contract, dividends)
        extra, slope = extra + found, slope + tilt
    price, delta = price + extra, delta + slope
    if price <= intrinsic:
        return intrinsic, exercised
    most = spot if sign > 0 else strike  # the expectation does not know it, of a share paid out
    return min(price, most), sign * min(max(sign * delta, 0.0), 1.0)


@kernel
def american_escrowed_columns(
    tables: Tables, contracts: Contracts, dividends: Dividends, out: F8
) -> None:
    """Price and delta of each contract, into the rows of `out` (contracts, 2)."""
    sign, spot, strike, years, vol, rate = contracts
    for n in range(spot.size):
        contract = Contract(sign[n], spot[n], strike[n], years[n], vol[n], rate[n])
        out[n, 0], out[n, 1] = american_escrowed(tables, contract, dividends)
