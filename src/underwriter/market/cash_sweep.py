"""American and European options on a share that pays cash, by finite differences.

The share falls by the dividend when it goes ex and is lognormal in between (the spot model); a
dividend above the spot takes the share to nothing, where it stays (the liquidator's convention).
A contract is one sweep back from expiry on an even grid of log-spot, where Black's equation has
constant coefficients:

- differences are compact: of fourth order on three nodes;
- steps in time grow from every kink on, as the square; they are Crank and Nicolson's, but for the
  first, each two implicit halves (Rannacher, 1984).  Both solve one system for w and move the value
  to w, or to 2 w less the value;
- exercise is a linear complementarity problem, solved by the elimination of Brennan and Schwartz
  (1977), which is exact because exercise lies on one side of one boundary;
- across an ex-date the value before is the value after at the spot less the dividend (by a cubic),
  or exercise before it.

The strike stands between two nodes where the second Bernoulli polynomial is zero: there the
sampled payoff integrates as the true one does.  Where exercise before an ex-date makes a kink, the
two nodes beside it are moved so that the same holds.
"""

import math
from typing import NamedTuple

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8

LEAST_VOL, MOST_VOL = 0.01, 5.0  # a year, of what is priced
NODES = 16.0  # a deviation
REACH = 4.5  # deviations from the spot, and from it less all dividends, to the ends
STEPS, LEAST_STEPS = 48, 4  # over a whole life without a dividend; between two ex-dates
MOST_NODES = 2000
ANY_DAY, LAST_DAY = 0.0, -math.inf  # added to what exercise before expiry pays
_SOFT = 2  # steps after a kink that are taken as two halves
_PLACE = 0.5 - math.sqrt(1.0 / 12.0)  # of the strike between two nodes
_LEAST_LEFT = 0.05  # of the spot, after all dividends, down to which the grid must reach
_SETTLED = 1e-15  # change of a pivot from row to row that counts as none


class Contract(NamedTuple):
    """One option: `sign` is 1 for a call and -1 for a put; `rate` is continuous, a year."""

    sign: int
    spot: float
    strike: float
    years: float
    vol: float
    rate: float


class Dividends(NamedTuple):
    """Years from the quote to each ex-date, ascending, and cash a share; others' days may stand."""

    ex: F8
    amount: F8


class Grid(NamedTuple):
    """Nodes, the log-spot of the deepest in the money, and the signed step out of the money."""

    nodes: int
    first: float
    step: float


class Stencil(NamedTuple):
    """Weights of the neighbour in the money, of the node, and of the one out of the money."""

    inner: float
    node: float
    outer: float


class Room(NamedTuple):
    """A number a node: the value, what exercise pays, scratch, and the factors of the system."""

    value: F8
    floor: F8
    work: F8
    ratio: F8
    inverse: F8
    lower: F8


@kernel
def possible(contract: Contract, dividends: Dividends) -> bool:
    """Whether there is such a contract and schedule: no NaN, nothing negative, days in order."""
    sign, spot, strike, years, vol, rate = contract
    before = -np.inf
    for n in range(dividends.ex.size):
        if not (dividends.ex[n] >= before and 0.0 <= dividends.amount[n] < np.inf):
            return False
        before = dividends.ex[n]
    return (
        abs(sign) == 1
        and 0.0 < spot < np.inf
        and 0.0 < strike < np.inf
        and 0.0 <= years < np.inf
        and LEAST_VOL <= vol <= MOST_VOL
        and abs(rate) < np.inf
    )


@kernel
def _grid(contract: Contract, dividends: Dividends) -> Grid:
    """A grid about all that the share may well come to."""
    sign, spot, strike, years, vol, rate = contract
    v, drift, left = vol * math.sqrt(years), (rate - 0.5 * vol * vol) * years, spot
    for n in range(dividends.ex.size):
        if 0.0 < dividends.ex[n] <= years:
            left -= dividends.amount[n]
    low = math.log(max(left, _LEAST_LEFT * spot)) + min(drift, 0.0) - REACH * v
    high = math.log(spot) + max(drift, 0.0) + REACH * v
    step = max(v / NODES, (high - low) / (MOST_NODES - 4))
    node = math.log(strike) - _PLACE * step
    bottom = node + step * math.floor((low - node) / step)
    count = math.ceil((high - bottom) / step) + 1
    if sign < 0:
        return Grid(count, bottom, step)
    return Grid(count, bottom + (count - 1) * step, -step)


@kernel
def _stencils(step: float, variance: float, drift: float) -> tuple[Stencil, Stencil]:
    """Mass and stiffness of u' = variance / 2 u_xx + drift u_x, of fourth order."""
    tilt = drift * step / (12.0 * variance)
    along = 0.5 * variance / (step * step) + drift * drift / (6.0 * variance)
    across = 0.5 * drift / step
    return (
        Stencil(1.0 / 12.0 - tilt, 10.0 / 12.0, 1.0 / 12.0 + tilt),
        Stencil(along - across, -2.0 * along, along + across),
    )


@kernel
def _factor(grid: Grid, system: Stencil, room: Room) -> None:
    """Eliminate inward, where pivots soon settle; past both ends the value is straight in spot."""
    count, step = grid.nodes, grid.step
    ratio, inverse, lower = room.ratio, room.inverse, room.lower
    below = 0.0
    for j in range(count - 1, -1, -1):
        inner, node, outer = system
        if 0 < j < count - 3 and abs(inverse[j + 1] - inverse[j + 2]) < _SETTLED:
            ratio[j], inverse[j], lower[j] = ratio[j + 1], inverse[j + 1], lower[j + 1]
            continue
        if j == 0:
            node += inner * (1.0 + math.exp(-step))
            outer -= inner * math.exp(-step)
        if j == count - 1:
            node += outer * (1.0 + math.exp(step))
            inner -= outer * math.exp(step)
        else:
            ratio[j] = outer * inverse[j + 1]
            node -= ratio[j] * below
        inverse[j], lower[j], below = 1.0 / node, inner / node, inner


@kernel
def _solve(grid: Grid, mass: Stencil, even: float, room: Room) -> None:
    """Take one step: to w, never below its floor, or to 2 w less the value where `even` is 1."""
    value, work, last = room.value, room.work, grid.nodes - 1
    far, near = math.exp(grid.step), math.exp(-grid.step)
    beyond = (1.0 + far) * value[last] - far * value[last - 1]
    work[last] = mass.inner * value[last - 1] + mass.node * value[last] + mass.outer * beyond
    for j in range(last - 1, 0, -1):
        load = mass.inner * value[j - 1] + mass.node * value[j] + mass.outer * value[j + 1]
        work[j] = load - room.ratio[j] * work[j + 1]
    beyond = (1.0 + near) * value[0] - near * value[1]
    work[0] = mass.inner * beyond + mass.node * value[0] + mass.outer * value[1]
    work[0] -= room.ratio[0] * work[1]
    w, kept = 0.0, 0.5 * even
    for j in range(grid.nodes):
        least = (1.0 - kept) * room.floor[j] + kept * value[j]
        w = max(work[j] * room.inverse[j] - room.lower[j] * w, least)
        value[j] = w + even * (w - value[j])


@kernel
def _march(contract: Contract, grid: Grid, span: float, room: Room) -> None:
    """Carry the value back over `span` years without an ex-date."""
    variance, rate = contract.vol * contract.vol, contract.rate
    mass, stiff = _stencils(grid.step, variance, rate - 0.5 * variance)
    steps = max(math.ceil(STEPS * math.sqrt(span / contract.years)), LEAST_STEPS)
    done = 0.0
    for n in range(steps):
        until = span * ((n + 1.0) / steps) ** 2
        half = 0.5 * (until - done)
        kept = 1.0 + half * rate
        system = Stencil(
            kept * mass.inner - half * stiff.inner,
            kept * mass.node - half * stiff.node,
            kept * mass.outer - half * stiff.outer,
        )
        _factor(grid, system, room)
        if n < _SOFT:
            _solve(grid, mass, 0.0, room)
            _solve(grid, mass, 0.0, room)
        else:
            _solve(grid, mass, 1.0, room)
        done = until


@kernel
def _fall(grid: Grid, paid: float, ruin: float, room: Room) -> None:
    """Write, as scratch, the value at each spot less `paid`; `ruin` is that of a dead share."""
    count, first, step = grid
    end = 0 if step > 0.0 else count - 1
    lowest = math.exp(first + end * step)
    for j in range(count):
        spot = math.exp(first + j * step) - paid
        if spot <= lowest:
            room.work[j] = ruin + (room.value[end] - ruin) * max(spot, 0.0) / lowest
            continue
        place = (math.log(spot) - first) / step
        k = min(max(int(place) - 1, 0), count - 4)
        t = place - k
        a, b, c = t - 1.0, t - 2.0, t - 3.0
        inward = b * c * (3.0 * t * room.value[k + 1] - a * room.value[k])
        outward = t * a * (b * room.value[k + 3] - 3.0 * c * room.value[k + 2])
        room.work[j] = (inward + outward) / 6.0


@kernel
def _choose(count: int, room: Room) -> None:
    """Take the better of scratch and exercise, and even out the kink between them."""
    for j in range(count):
        room.value[j] = max(room.work[j], room.floor[j])
    for j in range(count - 1):
        here, there = room.work[j] - room.floor[j], room.work[j + 1] - room.floor[j + 1]
        if here < 0.0 < there:
            f = here / (here - there)
            excess = 0.5 * (there - here) * (f * f - f + 1.0 / 6.0)
            room.value[j] += (1.0 - f) * excess
            room.value[j + 1] += f * excess


@kernel
def _read(grid: Grid, spot: float, value: F8) -> tuple[float, float, float]:
    """Value and two derivatives in log-spot, of the quartic through the five nearest nodes."""
    place = (math.log(spot) - grid.first) / grid.step
    j = min(max(round(place), 2), grid.nodes - 3)
    t, v = place - j, value[j]
    near, far = value[j + 1] + value[j - 1], value[j + 2] + value[j - 2]
    rise, climb = value[j + 1] - value[j - 1], value[j + 2] - value[j - 2]
    d1, d2 = (8.0 * rise - climb) / 12.0, (16.0 * near - far - 30.0 * v) / 12.0
    d3, d4 = 0.5 * climb - rise, far - 4.0 * near + 6.0 * v
    slope = d1 + t * (d2 + t * (d3 / 2.0 + t * d4 / 6.0))
    bend = d2 + t * (d3 + t * d4 / 2.0)
    price = v + t * (d1 + t * (d2 / 2.0 + t * (d3 / 6.0 + t * d4 / 24.0)))
    return price, slope / grid.step, bend / (grid.step * grid.step)


@kernel
def sweep(early: float, contract: Contract, dividends: Dividends) -> tuple[float, float, float]:
    """Value and two derivatives in log-spot, today; `early` is added to what exercise pays."""
    sign, strike, years = contract.sign, contract.strike, contract.years
    grid = _grid(contract, dividends)
    count = grid.nodes
    room = Room(
        *(np.empty(count), np.empty(count), np.empty(count)),
        *(np.empty(count), np.empty(count), np.empty(count)),
    )
    for j in range(count):
        room.value[j] = max(sign * (math.exp(grid.first + j * grid.step) - strike), 0.0)
        room.floor[j] = room.value[j] + early
    now = years
    for n in range(dividends.ex.size - 1, -1, -1):
        ex = dividends.ex[n]
        if 0.0 < ex <= years:
            if ex < now:
                _march(contract, grid, now - ex, room)
            now = ex
            ruin = max(strike * math.exp(-contract.rate * (years - ex)), strike + early)
            _fall(grid, dividends.amount[n], ruin if sign < 0 else 0.0, room)
            _choose(count, room)
    _march(contract, grid, now, room)
    return _read(grid, contract.spot, room.value)
