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

There are two tables.  `SHORT` is of seventy days, filled by QuantLib.  Where rate times years
passes a fiftieth, at half a year of 4%, its edge is far too little (a fifth of a dollar on 100 at a
year): `LONG` is of two years, filled by `market.exercise`, whose boundary is exact and therefore
smooth, on finer axes of v and lean.  Both are kept below the cache folder, named by their version
and grid.  Outside the grid the premium over size clamps to that of the nearest node, and a price is
never below intrinsic or Black's.
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
from underwriter.market.cubic import Four, cell, slopes, weights
from underwriter.market.exercise import (
    NODES,
    POINTS,
    PRICED,
    Rule,
    exercised_below,
    premium_over,
    rule,
)
from underwriter.market.qdfp import (
    COARSE_SCHEME,
    DEEPEST,
    FINE_SCHEME,
    SHALLOWEST,
    depth_of,
    engine,
)
from underwriter.market.threads import in_parts

VERSION = 2  # of the meaning of a stored table
V_BEND, V_LOW, V_STEP, V_COUNT = 0.1, 0.535, 0.0318, 15  # of v to that power: v from 0.0019 to 0.82
SIZE_BEND, SIZE_LOW, SIZE_STEP = 0.25, 0.035, 0.036  # likewise: from 1.5e-6
LEAN_STEP, LEAN_COUNT = 0.1, 42
FAR_BEND, FAR_LOW, FAR_STEP, FAR_COUNT = 0.25, 0.209, 0.04, 27  # of v: from 0.0019 to 2.4
FAR_LEAN_STEP, FAR_LEAN_COUNT = 0.05, 83
Y_COUNT = 18
BLEND = 2.0  # deviations about gain = loss over which one regime turns into the other
USUAL = 3.0  # deviations in the money: a usual boundary
SLOPE = 0.15  # how strongly lean spreads out losses of several times the gain
ANCHOR = 1.2  # deviations over which the anchor turns
TOP = 3.7  # deviations above the anchor where the premium ends
_NEAR = 2e-6  # time value, in strikes, that counts as none: above what the engine errs by
_FINE = 0.2  # of gain over v, from which on the engine needs its finer scheme
_DUST = 1e-7  # of a strike
_GRID = (
    *(FAR_BEND, FAR_LOW, FAR_STEP, FAR_LEAN_STEP, NODES, POINTS, PRICED),
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
        COARSE_SCHEME,
        FINE_SCHEME,
    ),
)


class Reach(NamedTuple):
    """How far a table goes along its axes; one of `FAR_COUNT` rows has the far axes."""

    vs: int
    sizes: int
    leans: int
    most_carry: float  # no node needs a gain or loss beyond this


SHORT = Reach(V_COUNT, 11, LEAN_COUNT, 0.1)  # sizes to 0.024: to seventy days
LONG = Reach(FAR_COUNT, 23, FAR_LEAN_COUNT, 0.6)  # to 0.46: to two years

Column = NDArray[np.float64]


class Tables(NamedTuple):
    """Logarithm of the boundary's depth (v, size, lean); premium over size (v, size, lean, y)."""

    boundary: Column
    premium: Column


# --- pricing: the kernels ------------------------------------------------------------------------


@kernel
def _place(far: bool, v: float, gain: float, loss: float) -> tuple[float, float, float]:
    """Size, lean and anchor of a put in a table; `gain` positive, `loss` not negative."""
    turn = (0.5 * ANCHOR * v) ** 2
    turn = turn / (1.0 + turn) if far else min(turn, 0.5)
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
    vs, sizes, leans = boundary.shape
    far = vs == FAR_COUNT
    size, lean, anchor = _place(far, v, gain, loss)
    place = (v**FAR_BEND - FAR_LOW) / FAR_STEP if far else (v**V_BEND - V_LOW) / V_STEP
    i, ti = cell(place, vs)
    j, tj = cell((size**SIZE_BEND - SIZE_LOW) / SIZE_STEP, sizes)
    k, tk = cell(lean / (FAR_LEAN_STEP if far else LEAN_STEP), leans)
    wi, wj, wk = weights(ti), weights(tj), weights(tk)
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
    m, tm = cell(math.log1p(y / depth) * scale, Y_COUNT)
    value, slope = _sum(premium, (i, j, k, m), (wi, wj, wk), weights(tm), slopes(tm))
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


# --- filling, once -------------------------------------------------------------------------------


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


def _node(
    time_value: Callable[[float, float, float, float], float],
    at: tuple[float, float, float],
    most: float,
) -> tuple[float, Column]:
    """The boundary's depth and the premiums over size, by y, of one (v, gain, loss)."""
    v, gain, loss = at
    size, _, anchor = _place(False, v, gain, loss)
    near = _NEAR * min(1.0 + gain / v, 4.0)  # short and steep: the engine errs more
    depth = depth_of(lambda depth: time_value(anchor - depth, v, gain, loss), near, most)
    found = np.empty(Y_COUNT)
    for m, part in enumerate(np.linspace(0.0, math.log1p((depth + TOP) / depth), Y_COUNT)):
        z = anchor - depth + depth * math.expm1(part)
        european = black76(-1, math.exp(z * v + gain - loss), 1.0, v, math.exp(-gain))
        found[m] = (time_value(z, v, gain, loss) + 1.0 - math.exp(z * v) - european) / size
    return depth, found


def _nodes(reach: Reach) -> tuple[Column, Column, Column]:
    """V of each row, gain and loss of each node.

    Nodes that no listed option reads have no gain and take the figures of their neighbour: along
    lean where their loss is 0, else along size.
    """
    far = reach.vs == FAR_COUNT
    bend, low, step = (FAR_BEND, FAR_LOW, FAR_STEP) if far else (V_BEND, V_LOW, V_STEP)
    lean_step = FAR_LEAN_STEP if far else LEAN_STEP
    vs = np.array([(low + i * step) ** (1.0 / bend) for i in range(reach.vs)])
    gains, losses = np.empty((2, reach.vs, reach.sizes, reach.leans))
    for i, j, k in np.ndindex(gains.shape):
        v, size = float(vs[i]), (SIZE_LOW + j * SIZE_STEP) ** (1.0 / SIZE_BEND)
        gain, loss = _carries(v, size, k * lean_step)
        if gain < loss * math.exp(-0.8 - 6.0 * v):  # the boundary lies below half the strike
            gain, loss = math.nan, 0.0
        elif j and max(gain, loss) > reach.most_carry:
            gain, loss = math.nan, math.nan
        gains[i, j, k], losses[i, j, k] = gain, loss
    return vs, gains, losses


def _fill_near(reach: Reach, tables: Tables) -> None:
    """Compute by QuantLib: some 90,000 prices, about four seconds."""
    coarse, fine = engine(COARSE_SCHEME), engine(FINE_SCHEME)
    vs, gains, losses = _nodes(reach)
    boundary, premium = tables
    for i, k in np.ndindex(reach.vs, reach.leans):
        v, most = float(vs[i]), DEEPEST
        for j in range(reach.sizes):
            gain, loss = float(gains[i, j, k]), float(losses[i, j, k])
            if math.isnan(gain):
                source = (i, j - 1, k) if math.isnan(loss) else (i, j, k - 1)
                boundary[i, j, k], premium[i, j, k] = boundary[source], premium[source]
                continue
            time_value = fine if gain > _FINE * v else coarse
            depth, premium[i, j, k] = _node(time_value, (v, gain, loss), most)
            boundary[i, j, k] = math.log(depth)
            most = min(1.1 * depth + 0.1, DEEPEST)


@kernel
def _fill_rows(rule: Rule, vs: Column, gains: Column, losses: Column, tables: Tables) -> None:
    """Fill rows of the far table, each node from the boundary of the one before."""
    boundary, premium = tables
    square = np.empty(rule.root.size)
    for i in range(vs.size):
        v = vs[i]
        for k in range(gains.shape[2]):
            square[:] = (v * rule.root) ** 2
            for j in range(gains.shape[1]):
                gain, loss = gains[i, j, k], losses[i, j, k]
                if math.isnan(gain):
                    n, m = (j - 1, k) if math.isnan(loss) else (j, k - 1)
                    boundary[i, j, k] = boundary[i, n, m]
                    premium[i, j, k] = premium[i, n, m]
                    continue
                size, _, anchor = _place(True, v, gain, loss)
                edge = exercised_below(rule, v, gain, loss, square) / v
                depth = min(max(anchor - edge, SHALLOWEST), DEEPEST)
                boundary[i, j, k] = math.log(depth)
                scale = math.log1p((depth + TOP) / depth) / (Y_COUNT - 1)
                for m in range(Y_COUNT):
                    z = anchor - depth + depth * math.expm1(scale * m)
                    extra = premium_over(rule, square, math.exp(z * v), v, gain, loss)
                    premium[i, j, k, m] = extra / size


def _fill_far(reach: Reach, tables: Tables) -> None:
    """Compute by integrals: 50,000 boundaries, 12 s of processor time shared by all cores."""
    vs, gains, losses = _nodes(reach)

    def fill(lo: int, hi: int) -> None:
        part = Tables(tables.boundary[lo:hi], tables.premium[lo:hi])
        _fill_rows(rule(), vs[lo:hi], gains[lo:hi], losses[lo:hi], part)

    in_parts(fill, list(range(reach.vs + 1)))


def _fill(reach: Reach) -> Tables:
    """Compute both tables of a reach."""
    shape = (reach.vs, reach.sizes, reach.leans)
    tables = Tables(np.empty(shape), np.empty((*shape, Y_COUNT)))
    (_fill_far if reach.vs == FAR_COUNT else _fill_near)(reach, tables)
    return tables


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
