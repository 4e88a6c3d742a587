"""American options in bulk: Black's price plus an early-exercise premium from a table.

An American price over its strike depends on four numbers only: spot over strike, v = volatility
times the root of the years, rate times years, yield times years.  In deviations,

    z = ln(spot / strike) / v,    alpha = rate * years / v,    rho = yield / (rate + yield),

the premium of a put over (strike * v * alpha) is nearly free of v, so few nodes hold it.  Its one
kink lies on the exercise boundary z*(v, alpha, rho); a first, small table keeps that boundary and
the second counts z from it, so that no cell of the second is crossed by the kink.  Below the
boundary the price is what exercise pays.  A call is a put with spot and strike, and rate and yield,
changed over (McDonald and Schroder, 1998), so one table serves both.

QuantLib's QdFp engine (Andersen, Lake and Offengenden, 2016) fills the tables once; they are kept
below the cache folder, named by their version and grid.  Far outside the grid the premium clamps
to that of the nearest node, and a price is never below intrinsic or Black's.
"""

import math
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76, black76_delta

VERSION = 1  # of the meaning of a stored table
V_LOW, V_STEP, V_COUNT = 0.05, 0.11, 8  # of the root of v: v from 0.0025 to 0.67
ALPHA_LOW, ALPHA_STEP, ALPHA_COUNT = math.log(3e-4), 0.6, 18  # of ln(alpha): up to 8
RHO_STEP, RHO_COUNT = 0.04, 21  # up to 0.8, beyond which no premium is left
Y_STEP, Y_COUNT = 0.25, 41  # z above the boundary
MOST_CARRY = 0.06  # rate times years: beyond it no listed option lies, and the engine errs
FLOOR_Z = -8.0  # a boundary further in the money than this is not looked for
_NEAR = 2e-4  # time value, in strike * v, that counts as none
_NOISE = 2e-6  # likewise in strikes: the engine's own error is a third of it
_DUST = 1e-7  # of a strike
_GRID = (V_LOW, V_STEP, ALPHA_LOW, ALPHA_STEP, RHO_STEP, Y_STEP, FLOOR_Z, _NEAR, _NOISE)
_SHAPE = (V_COUNT, ALPHA_COUNT, RHO_COUNT)

Column = NDArray[np.float64]


class Tables(NamedTuple):
    """The exercise boundary (v, alpha, rho) and the scaled premium (v, alpha, rho, y)."""

    boundary: Column
    premium: Column


# --- pricing: the kernels ------------------------------------------------------------------------


@kernel
def _cell(u: float, count: int) -> tuple[int, float]:
    """First of the four nodes around `u` and the place of `u` among them, clamped to the grid."""
    u = min(max(u, 0.0), count - 1.0)
    first = min(max(int(u) - 1, 0), count - 4)
    return first, u - first


@kernel
def _weights(t: float) -> tuple[float, float, float, float]:
    """Lagrange's weights of the cubic through four nodes at 0, 1, 2, 3."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return -a * b * c / 6.0, t * b * c / 2.0, -t * a * c / 2.0, t * a * b / 6.0


@kernel
def _slopes(t: float) -> tuple[float, float, float, float]:
    """Derivatives of `_weights`."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return (
        -(a * b + a * c + b * c) / 6.0,
        (t * b + t * c + b * c) / 2.0,
        -(t * a + t * c + a * c) / 2.0,
        (t * a + t * b + a * b) / 6.0,
    )


@kernel
def _put_premium(
    boundary: Column, premium: Column, z: float, v: float, alpha: float, rho: float
) -> tuple[float, float]:
    """A put's premium over strike * v * alpha, and its slope in z (none below the boundary)."""
    i, ti = _cell((math.sqrt(v) - V_LOW) / V_STEP, V_COUNT)
    j, tj = _cell((math.log(alpha) - ALPHA_LOW) / ALPHA_STEP, ALPHA_COUNT)
    k, tk = _cell(rho / RHO_STEP, RHO_COUNT)
    wi, wj, wk = _weights(ti), _weights(tj), _weights(tk)
    edge = 0.0
    for a in range(4):
        for b in range(4):
            w = wi[a] * wj[b]
            for c in range(4):
                edge += w * wk[c] * boundary[i + a, j + b, k + c]
    m, tm = _cell((z - edge) / Y_STEP, Y_COUNT)
    wm, sm = _weights(tm), _slopes(tm)
    value, slope = 0.0, 0.0
    for a in range(4):
        for b in range(4):
            w = wi[a] * wj[b]
            for c in range(4):
                wc = w * wk[c]
                row = premium[i + a, j + b, k + c]
                value += wc * (
                    wm[0] * row[m] + wm[1] * row[m + 1] + wm[2] * row[m + 2] + wm[3] * row[m + 3]
                )
                slope += wc * (
                    sm[0] * row[m] + sm[1] * row[m + 1] + sm[2] * row[m + 2] + sm[3] * row[m + 3]
                )
    return max(value, 0.0), slope / Y_STEP if z > edge else 0.0


@kernel
def american(
    boundary: Column,
    premium: Column,
    sign: int,
    spot: float,
    strike: float,
    v: float,
    carry: float,
    payout: float,
) -> tuple[float, float]:
    """Price and delta per share of an American option.

    `sign` is 1 for a call and -1 for a put; `v` is volatility times the root of the years;
    `carry` is rate times years and `payout` dividend yield times years, both not negative.
    """
    forward, discount = spot * math.exp(carry - payout), math.exp(-carry)
    european = black76(sign, forward, strike, v, discount)
    delta = black76_delta(sign, forward, strike, v) * math.exp(-payout)
    intrinsic = max(sign * (spot - strike), 0.0)
    gain, loss = (carry, payout) if sign < 0 else (payout, carry)
    if v <= 0.0 or gain <= 0.0 or european < _DUST * strike:
        # no time left, nothing gained by exercise, or less to gain than is worth looking up
        if intrinsic > european:
            return intrinsic, float(sign)
        return european, delta
    z = -sign * math.log(spot / strike) / v
    scaled, slope = _put_premium(boundary, premium, z, v, gain / v, loss / (gain + loss))
    base = strike if sign < 0 else spot
    price = european + base * gain * scaled
    if price <= intrinsic:
        return intrinsic, float(sign)
    tilt = base * gain * slope / (v * spot)
    return price, delta + (tilt if sign < 0 else gain * scaled - tilt)


@kernel
def american_columns(
    boundary: Column,
    premium: Column,
    sign: NDArray[np.int64],
    spot: Column,
    strike: Column,
    v: Column,
    carry: Column,
    payout: Column,
    price: Column,
    delta: Column,
) -> None:
    """Price and delta of columns of contracts, written into `price` and `delta`; see `american`."""
    for n in range(spot.size):
        price[n], delta[n] = american(
            boundary, premium, sign[n], spot[n], strike[n], v[n], carry[n], payout[n]
        )


# --- filling: once, by QuantLib ------------------------------------------------------------------


def _engine() -> Callable[[float, float, float, float], float]:
    """A function of (z, v, alpha, rho): the time value over strike 1 of a year's American put."""
    import QuantLib as ql  # noqa: N813, PLC0415  its usual name; 0.2 s only a first fill costs

    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    spot, rate, payout, volatility = (ql.SimpleQuote(0.1) for _ in range(4))
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(payout), count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(rate), count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(volatility), count)
        ),
    )
    ql.Settings.instance().evaluationDate = today
    exercise = ql.AmericanExercise(today, ql.Date(1, 1, 2022))  # 365 days: one year
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, 1.0), exercise)
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.fastScheme()))

    def time_value(z: float, v: float, alpha: float, rho: float) -> float:
        level = math.exp(z * v)
        spot.setValue(level)
        volatility.setValue(v)
        rate.setValue(alpha * v)
        payout.setValue(alpha * v * rho / (1.0 - rho))
        return float(option.NPV()) - (1.0 - level)

    return time_value


def _boundary(value: Callable[[float], float], near: float) -> float:
    """The z at which the time value sinks to `near`, by halving; `FLOOR_Z` where it never does."""
    low, high = FLOOR_Z, 0.5
    if value(low) >= near:
        return FLOOR_Z
    for _ in range(14):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if value(middle) >= near else (middle, high)
    return high


def _near(v: float, alpha: float) -> float:
    """The time value, in strikes, that counts as none: above what the engine errs by there."""
    return max(_NEAR * v * max(1.0, 2.5 * alpha), _NOISE)


def _fill() -> Tables:
    """Compute both tables: about 60,000 prices, two to five seconds."""
    time_value = _engine()
    boundary = np.empty(_SHAPE)
    premium = np.empty((*_SHAPE, Y_COUNT))
    for i, j, k in np.ndindex(*_SHAPE):
        alpha = math.exp(ALPHA_LOW + j * ALPHA_STEP)
        v = min((V_LOW + i * V_STEP) ** 2, MOST_CARRY / alpha)
        carry = alpha * v
        rho = k * RHO_STEP
        drift = carry * (1.0 - rho / (1.0 - rho))
        edge = _boundary(lambda z: time_value(z, v, alpha, rho), _near(v, alpha))  # noqa: B023  used at once
        boundary[i, j, k] = edge
        for m in range(Y_COUNT):
            z = edge + m * Y_STEP
            forward = math.exp(z * v + drift)
            european = black76(-1, forward, 1.0, v, math.exp(-carry))
            american_price = time_value(z, v, alpha, rho) + 1.0 - math.exp(z * v)
            premium[i, j, k, m] = (american_price - european) / (v * alpha)
    return Tables(boundary, premium)


def _table_path(cache: Path) -> Path:
    """Where the tables of this version and grid lie."""
    key = blake2b(repr((VERSION, _GRID, _SHAPE, Y_COUNT)).encode(), digest_size=6).hexdigest()
    return cache / f"american-{key}.npz"


def load_tables(cache: Path) -> Tables:
    """The tables from the folder `cache`, filled and stored there by rename where absent.

    The first call takes a few seconds and creates the folder; OSError where it cannot be written.
    """
    path = _table_path(cache)
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        tables = _fill()
        half = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(half, boundary=tables.boundary, premium=tables.premium)
        half.replace(path)
    with np.load(path) as stored:
        return Tables(stored["boundary"], stored["premium"])
