"""American options in bulk: Black's price plus an early-exercise premium from a table.

An American put over its strike depends on four numbers only: z = ln(spot / strike) / v, with v =
volatility times the root of the years; gain = rate times years, earned on the strike by exercise;
loss = yield times years, forgone on the shares.  A call is a put with spot and strike, and rate and
yield, changed over (McDonald and Schroder, 1998), so one table serves both.

What exercise earns falls with z and passes zero where z = ln(gain / loss) / v.  Where that point
lies shapes the premium, how much is earned scales it; the table's axes are these two, v, and z:

    lean   from 0 without a loss, through ln 2 where gain and loss are equal, upward;
    size   what exercise earns about a usual boundary, in strikes; the premium is kept over it;
    y      how far z lies above the exercise boundary, over how deep the boundary lies.

The premium's one kink is that boundary.  A first, small table keeps it, as its depth below the
anchor, a smooth curve just below both zero and the point where exercise earns nothing; the second
table counts z from it, so that no cell is crossed by the kink.  Below the boundary the price is
what exercise pays.  Both are interpolated by cubics, on axes bent so that the error is even.

QuantLib's QdFp engine (Andersen, Lake and Offengenden, 2016) fills the tables once; they are kept
below the cache folder, named by their version and grid.  Outside the grid the premium over size
clamps to that of the nearest node, and a price is never below intrinsic or Black's.  Where rate
times years passes a fiftieth, at half a year of 4%, that is far too little (a fifth of a dollar on
100 at a year): `LONG` reaches six times as far, for chains that hold such contracts.
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

VERSION = 2  # of the meaning of a stored table
V_BEND, V_LOW, V_STEP, V_COUNT = 0.1, 0.535, 0.0318, 15  # of v to that power: v from 0.0019 to 0.82
SIZE_BEND, SIZE_LOW, SIZE_STEP = 0.25, 0.035, 0.036  # likewise: from 1.5e-6
LEAN_STEP, LEAN_COUNT = 0.1, 42
Y_COUNT = 18
BLEND = 2.0  # deviations about gain = loss over which one regime turns into the other
USUAL = 3.0  # deviations in the money: a usual boundary
SLOPE = 0.15  # how strongly lean spreads out losses of several times the gain
ANCHOR = 1.2  # deviations over which the anchor turns
TOP = 3.7  # deviations above the anchor where the premium ends
SHALLOWEST, DEEPEST = 0.02, 6.5  # of the boundary, in deviations below the anchor
_NEAR = 2e-6  # time value, in strikes, that counts as none: above what the engine errs by
_FINE = 0.2  # of gain over v, from which on the engine needs its finer scheme
_COARSE_SCHEME, FINE_SCHEME = (7, 2, 7, 27), (25, 4, 9, 40)  # see QuantLib's QdFpLegendreScheme
_DUST = 1e-7  # of a strike
_GRID = (
    *(V_BEND, V_LOW, V_STEP, SIZE_BEND, SIZE_LOW, SIZE_STEP, LEAN_STEP, BLEND, USUAL, SLOPE),
    *(
        V_COUNT,
        LEAN_COUNT,
        Y_COUNT,
        ANCHOR,
        TOP,
        SHALLOWEST,
        DEEPEST,
        _NEAR,
        _FINE,
        _COARSE_SCHEME,
        FINE_SCHEME,
    ),
)


class Reach(NamedTuple):
    """How far a table goes along its axis of size."""

    sizes: int
    most_carry: float  # no node needs a gain or loss beyond this


SHORT = Reach(11, 0.1)  # sizes to 0.024: to seventy days
LONG = Reach(17, 0.5)  # to 0.14

Column = NDArray[np.float64]
Four = tuple[float, float, float, float]


class Tables(NamedTuple):
    """Logarithm of the boundary's depth (v, size, lean); premium over size (v, size, lean, y)."""

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
def _weights(t: float) -> Four:
    """Lagrange's weights of the cubic through four nodes at 0, 1, 2, 3."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return -a * b * c / 6.0, t * b * c / 2.0, -t * a * c / 2.0, t * a * b / 6.0


@kernel
def _slopes(t: float) -> Four:
    """Derivatives of `_weights`."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return (
        -(a * b + a * c + b * c) / 6.0,
        (t * b + t * c + b * c) / 2.0,
        -(t * a + t * c + a * c) / 2.0,
        (t * a + t * b + a * b) / 6.0,
    )


@kernel
def _place(v: float, gain: float, loss: float) -> tuple[float, float, float]:
    """Size, lean and anchor of a put; `gain` positive, `loss` not negative."""
    turn = min((0.5 * ANCHOR * v) ** 2, 0.5)
    spread = math.sqrt((gain - loss) ** 2 + 4.0 * turn * gain * loss)
    anchor = math.log(2.0 * gain * (1.0 - turn) / (gain + loss + spread)) / v
    slope = SLOPE * v
    net = (gain - loss) * (1.0 + slope * loss / gain) / ((1.0 + slope) * v)
    root = math.sqrt(net * net + (BLEND * loss) ** 2)
    size = 0.5 * v * (net + root) - loss * math.expm1(-USUAL * v)
    if net > 0.0:
        return size, math.log1p(BLEND * loss / (root + net)), anchor
    return size, math.log1p((root - net) / (BLEND * loss)), anchor


@kernel
def _sum(
    premium: Column,
    first: tuple[int, int, int, int],
    weights: tuple[Four, Four, Four],
    wm: Four,
    sm: Four,
) -> tuple[float, float]:
    """The weighted sum of the 256 nodes from `first` on: by `wm` along y, and by `sm`."""
    i, j, k, m = first
    wi, wj, wk = weights
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
    return value, slope


@kernel
def _put_premium(
    boundary: Column, premium: Column, z: float, v: float, gain: float, loss: float
) -> tuple[float, float]:
    """A put's premium in strikes and its slope in z; -1 and 0 below the boundary."""
    size, lean, anchor = _place(v, gain, loss)
    i, ti = _cell((v**V_BEND - V_LOW) / V_STEP, V_COUNT)
    j, tj = _cell((size**SIZE_BEND - SIZE_LOW) / SIZE_STEP, boundary.shape[1])
    k, tk = _cell(lean / LEAN_STEP, LEAN_COUNT)
    wi, wj, wk = _weights(ti), _weights(tj), _weights(tk)
    depth = 0.0
    for a in range(4):
        for b in range(4):
            row = boundary[i + a, j + b]
            depth += (wi[a] * wj[b]) * (
                wk[0] * row[k] + wk[1] * row[k + 1] + wk[2] * row[k + 2] + wk[3] * row[k + 3]
            )
    depth = math.exp(depth)
    y = z - anchor + depth
    if y <= 0.0 or y >= depth + TOP:
        return (-1.0 if y <= 0.0 else 0.0), 0.0
    scale = (Y_COUNT - 1) / math.log1p((depth + TOP) / depth)
    m, tm = _cell(math.log1p(y / depth) * scale, Y_COUNT)
    value, slope = _sum(premium, (i, j, k, m), (wi, wj, wk), _weights(tm), _slopes(tm))
    return size * max(value, 0.0), size * slope * scale / (depth + y)


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
    z = -sign * math.log(spot / strike) / v if v > 0.0 else 0.0
    extra, slope = 0.0, 0.0
    if v > 0.0 and gain > _DUST and z < TOP:  # else there is nothing, or next to it, to gain
        extra, slope = _put_premium(boundary, premium, z, v, gain, loss)
    base = strike if sign < 0 else spot
    price = european + base * max(extra, 0.0)
    if price <= intrinsic or (extra < 0.0 and european <= intrinsic):
        return intrinsic, (float(sign) if intrinsic > 0.0 else delta)
    tilt = base * slope / (v * spot) if v > 0.0 else 0.0
    delta += tilt if sign < 0 else max(extra, 0.0) - tilt
    return price, sign * min(max(sign * delta, 0.0), 1.0)


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


def engine(scheme: tuple[int, int, int, int]) -> Callable[[float, float, float, float], float]:
    """A function of (z, v, gain, loss): the time value over strike 1 of a year's American put."""
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
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpLegendreScheme(*scheme)))

    def time_value(z: float, v: float, gain: float, loss: float) -> float:
        level = math.exp(z * v)
        spot.setValue(level)
        volatility.setValue(v)
        rate.setValue(gain)
        payout.setValue(loss)
        return float(option.NPV()) - (1.0 - level)

    return time_value


def _carries(v: float, size: float, lean: float) -> tuple[float, float]:
    """Gain and loss at a node: the inverse of `_place`."""
    slope = SLOPE * v
    if lean <= 0.0:
        return size * (1.0 + slope), 0.0
    s = math.expm1(lean)
    h = 0.5 * BLEND * (1.0 / s - s)  # net over loss
    loss = size / (0.5 * v * (h + math.hypot(h, BLEND)) - math.expm1(-USUAL * v))
    half = 0.5 * (1.0 - slope + h * v * (1.0 + slope))
    root = math.sqrt(half * half + slope)
    return loss * (half + root if half > 0.0 else slope / (root - half)), loss


def _depth(time_value: Callable[[float], float], near: float, most: float) -> float:
    """The depth at which the time value sinks to `near`, by false position from a bracket.

    The root of the time value is nearly linear there.  `most` is a first guess from above.
    """

    def excess(depth: float) -> float:
        return math.sqrt(max(time_value(depth), 0.0) / near) - 1.0

    low, high = SHALLOWEST, most
    over, under = excess(low), excess(high)
    if over <= 0.0:
        return low
    if under >= 0.0:
        return most if most >= DEEPEST else _depth(time_value, near, DEEPEST)
    while high - low > 1e-4 * high:
        middle = low + min(max(over / (over - under), 0.05), 0.95) * (high - low)
        at = excess(middle)
        if abs(at) < 0.02:  # noqa: PLR2004  of the near: a shift that the second table follows
            return middle
        low, high, over, under = (low, middle, over, at) if at < 0.0 else (middle, high, at, under)
    return high


def _node(
    time_value: Callable[[float, float, float, float], float],
    at: tuple[float, float, float],
    most: float,
) -> tuple[float, Column]:
    """The boundary's depth and the premiums over size, by y, of one (v, gain, loss)."""
    v, gain, loss = at
    size, _, anchor = _place(v, gain, loss)
    near = _NEAR * min(1.0 + gain / v, 4.0)  # short and steep: the engine errs more
    depth = _depth(lambda depth: time_value(anchor - depth, v, gain, loss), near, most)
    found = np.empty(Y_COUNT)
    for m, part in enumerate(np.linspace(0.0, math.log1p((depth + TOP) / depth), Y_COUNT)):
        z = anchor - depth + depth * math.expm1(part)
        european = black76(-1, math.exp(z * v + gain - loss), 1.0, v, math.exp(-gain))
        found[m] = (time_value(z, v, gain, loss) + 1.0 - math.exp(z * v) - european) / size
    return depth, found


def _fill(reach: Reach) -> Tables:
    """Compute both tables: some 90,000 prices, about four seconds; LONG takes twice that.

    Nodes that no listed option reads take the figures of their neighbour.
    """
    coarse, fine = engine(_COARSE_SCHEME), engine(FINE_SCHEME)
    shape = (V_COUNT, reach.sizes, LEAN_COUNT)
    boundary, premium = np.empty(shape), np.empty((*shape, Y_COUNT))
    for i, k in np.ndindex(V_COUNT, LEAN_COUNT):
        v, most = (V_LOW + i * V_STEP) ** (1.0 / V_BEND), DEEPEST
        for j in range(reach.sizes):
            size = (SIZE_LOW + j * SIZE_STEP) ** (1.0 / SIZE_BEND)
            gain, loss = _carries(v, size, k * LEAN_STEP)
            source = (i, j, k)
            if gain < loss * math.exp(-0.8 - 6.0 * v):  # the boundary lies below half the strike
                source = (i, j, k - 1)
            elif j and max(gain, loss) > reach.most_carry:
                source = (i, j - 1, k)
            else:
                time_value = fine if gain > _FINE * v else coarse
                depth, premium[source] = _node(time_value, (v, gain, loss), most)
                boundary[source] = math.log(depth)
                most = min(1.1 * depth + 0.1, DEEPEST)
            boundary[i, j, k], premium[i, j, k] = boundary[source], premium[source]
    return Tables(boundary, premium)


def _table_path(cache: Path, reach: Reach) -> Path:
    """Where the tables of this version and grid lie."""
    key = blake2b(repr((VERSION, _GRID, *reach)).encode(), digest_size=6).hexdigest()
    return cache / f"american-{key}.npz"


def load_tables(cache: Path, reach: Reach = SHORT) -> Tables:
    """The tables of a reach from the folder `cache`, filled and put there by rename where absent.

    The first call takes a few seconds and creates the folder; OSError where it cannot be written.
    """
    path = _table_path(cache, reach)
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        tables = _fill(reach)
        half = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(half, boundary=tables.boundary, premium=tables.premium)
        half.replace(path)
    with np.load(path) as stored:
        return Tables(stored["boundary"], stored["premium"])
