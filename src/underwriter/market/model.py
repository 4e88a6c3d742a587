"""Modelled chains: what would have been listed and quoted, from a price and a volatility index.

Expirations are every Friday and third Friday up to seventy days out, moved by holidays as the
calendar says.  A strike, put or call each by itself, is listed on the first session on which its
absolute delta lies from 0.01 to 0.70, and stays quoted on every session until it expires, that
day included (AM-settled options: until the session before): whoever holds it has a quote.

Volatility comes from `surface`; an index option is European, Black-76 on the forward; an ETF
option is American (`american`), its cash dividends turned into the yield that moves the forward
as much.  The forward knows bills, and the cash dividends that go ex within the option's life:
those of the next seventy days count as announced.  Nothing else of a later day enters a quote.
docs/model.md has the parameters and what they were fitted on.
"""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from underwriter.core.errors import InputError
from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76, black76_delta
from underwriter.core.units import DAYS_A_YEAR, MICRO, day_of, tick_down, tick_up, to_u
from underwriter.market.american import Tables, american, load_tables
from underwriter.market.calendar import Calendar
from underwriter.market.history import Bars
from underwriter.market.instrument import Instrument
from underwriter.market.surface import (
    HIGHEST,
    LOWEST,
    SURFACE,
    Surface,
    atm_vol,
    shape_of,
    smile,
)

Days = NDArray[np.int32]
Column = NDArray[np.float64]

FURTHEST = 70  # days to expiry of a new listing
LEAST_DELTA, MOST_DELTA = 0.01, 0.70
_MOMENT = 15.0 / 1440.0  # days from the moment of a quote to the close
_MORNING = 6.5 / 24.0  # days from a morning settlement to that day's close
_NO_TABLE = np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1))
_FARTHEST = 4.0  # times the forward: no exchange lists further, however wild the volatility
_STEPS = (0.5, 1.0, 5.0, 25.0, 100.0, 1000.0)  # strike steps, in dollars
_STEP_FROM = (0.0, 40.0, 1000.0, 10_000.0, 50_000.0, 200_000.0)  # the spot from which each holds

BROAD = frozenset({"SPX/10", "SPX", "XSP", "SPY", "NDX", "QQQ", "RUT", "IWM", "DIA"})


class Width(NamedTuple):
    """How far apart bid and ask stand before they are rounded outward to ticks, per share."""

    ticks: float  # ticks at least
    root: float  # of the root of time value times spot
    inside: float  # of what is in the money, where fewer trade
    most: float  # of the spot: what being in the money adds at most


class Terms(NamedTuple):
    """What holds for one expiration of one instrument, as a kernel takes it."""

    expiry: int
    step: float
    american: bool
    morning: float  # days by which settlement precedes the close of the expiry
    small_u: int
    large_u: int
    threshold_u: int


class Ground(NamedTuple):
    """The sessions of one expiration, a value each, as the kernels take them."""

    day: Days
    spot: Column
    forward: Column
    carry: Column  # bill rate times years
    payout: Column  # dividend yield times years
    atm: Column  # volatility at the forward
    spread: Column  # that, times the root of the years
    tilt: Column  # of the smile, and
    turn: Column  # as `surface.shape_of` says


class Out(NamedTuple):
    """Room for the quotes of one right of one expiration."""

    session: Days
    strike: Column
    bid: Column
    ask: Column
    delta: NDArray[np.float32]
    vol: NDArray[np.float32]


class Drivers(NamedTuple):
    """What quotes are modelled from: one value of each column a bar, and the dividends."""

    bars: Bars
    volatility: Column  # index, in points
    rate: Column  # bills, an annual fraction
    dividends: tuple[Days, Column]  # ex-days (day numbers), dollars a share


WIDTH = Width(ticks=1.0, root=0.0008, inside=0.03, most=0.0033)  # a broad index, or an ETF on it
SHARE_WIDTH = Width(ticks=0.5, root=0.0045, inside=0.025, most=0.004)  # a single stock


def width_of(instrument: Instrument) -> Width:
    """How wide the options of an underlying are quoted: a broad index's, or a stock's."""
    return WIDTH if instrument.symbol in BROAD else SHARE_WIDTH


@kernel
def half_width(mid: float, intrinsic: float, spot: float, tick: float, width: Width) -> float:
    """Half of the modelled spread, dollars a share."""
    root = width.root * math.sqrt(max(mid - intrinsic, 0.0) * spot)
    return 0.5 * (width.ticks * tick + root + min(width.inside * intrinsic, width.most * spot))


@kernel
def tick_at(price_u: int, terms: Terms) -> int:
    """The legal step at a price, both in millionths."""
    return terms.small_u if price_u < terms.threshold_u else terms.large_u


@kernel
def bid_ask(
    mid: float, intrinsic: float, spot: float, terms: Terms, width: Width
) -> tuple[int, int]:
    """Bid and ask in millionths, on tick, bid below ask, bid not below zero."""
    mid_u = to_u(mid)
    half = half_width(mid, intrinsic, spot, tick_at(mid_u, terms) / MICRO, width)
    low_u, high_u = max(to_u(mid - half), 0), to_u(mid + half)
    return tick_down(low_u, tick_at(low_u, terms)), tick_up(high_u, tick_at(high_u, terms))


@kernel
def value(
    boundary: Column,
    premium: Column,
    sign: int,
    spot: float,
    strike: float,
    v: float,
    carry: float,
    payout: float,
    terms: Terms,
) -> tuple[float, float]:
    """Modelled mid and delta to the spot; `v`, `carry`, `payout` as `american` takes them."""
    if terms.american:
        return american(boundary, premium, sign, spot, strike, v, max(carry, 0.0), payout)
    forward = spot * math.exp(carry - payout)
    delta = black76_delta(sign, forward, strike, v) * math.exp(-payout)
    return black76(sign, forward, strike, v, math.exp(-carry)), delta


@kernel
def strike_range(ground: Ground, step: float) -> tuple[int, int]:
    """First and last strike, in steps, that may come to be listed over these sessions."""
    low, high = ground.spot[0], ground.spot[0]
    for n in range(ground.spot.size):
        spread = ground.spread[n]
        low = min(low, ground.forward[n] * max(math.exp(LOWEST * spread), 1.0 / _FARTHEST))
        high = max(high, ground.forward[n] * min(math.exp(HIGHEST * spread), _FARTHEST))
    return max(int(low / step), 1), int(high / step) + 1


@kernel
def may_list(sign: int, forward: float, strike: float, v: float) -> bool:
    """Whether a strike is near enough to its listing that it is worth a price."""
    delta = abs(black76_delta(sign, forward, strike, v))
    return 0.8 * LEAST_DELTA <= delta <= 1.2 * MOST_DELTA


@kernel
def quote_strike(
    tables: tuple[Column, Column],
    sign: int,
    strike: float,
    ground: Ground,
    terms: Terms,
    surface: Surface,
    width: Width,
    out: Out,
    row: int,
) -> int:
    """Write one contract's quotes from its listing to its expiry; return the next free row."""
    listed = False
    for n in range(ground.day.size):
        spot, forward, spread = ground.spot[n], ground.forward[n], ground.spread[n]
        deviations = math.log(strike / forward) / spread
        if not listed and not LOWEST < deviations < HIGHEST:  # no delta there is LEAST_DELTA
            continue
        ratio = smile(deviations, ground.tilt[n], ground.turn[n], surface)
        v = spread * ratio
        if not listed and not may_list(sign, forward, strike, v):
            continue
        mid, delta = value(
            tables[0], tables[1], sign, spot, strike, v, ground.carry[n], ground.payout[n], terms
        )
        listed = listed or LEAST_DELTA <= abs(delta) <= MOST_DELTA
        if not listed:
            continue
        intrinsic = max(sign * (spot - strike), 0.0)
        bid_u, ask_u = bid_ask(mid, intrinsic, spot, terms, width)
        out.session[row], out.strike[row] = ground.day[n], strike
        out.bid[row], out.ask[row] = bid_u / MICRO, ask_u / MICRO
        out.delta[row], out.vol[row] = delta, ground.atm[n] * ratio
        row += 1
    return row


@kernel
def quote_right(
    tables: tuple[Column, Column],
    sign: int,
    strikes: tuple[int, int],
    ground: Ground,
    terms: Terms,
    surface: Surface,
    width: Width,
    out: Out,
) -> int:
    """Write the quotes of all puts, or all calls, of one expiration; return how many."""
    row = 0
    for step in range(strikes[0], strikes[1] + 1):
        strike = step * terms.step
        row = quote_strike(tables, sign, strike, ground, terms, surface, width, out, row)
    return row


def modelled_quotes(
    instrument: Instrument,
    drivers: Drivers,
    calendar: Calendar,
    cache: Path,
    surface: Surface = SURFACE,
) -> pl.DataFrame:
    """Every modelled quote of a history, ordered by expiry, right, strike and session.

    `cache` is the folder of the American table.  Columns: session, expiry (int32 day numbers),
    right (int8: 0 put, 1 call), strike, bid, ask (float64 dollars), delta (to the spot, per
    share), iv (float32).  Raises InputError for a price, volatility or rate that is not a number
    above zero (a rate: finite).
    """
    _refuse(drivers)
    tables = load_tables(cache) if instrument.style == "american" else Tables(*_NO_TABLE)
    day = drivers.bars.day
    chunks = [
        _expiration(instrument, int(expiry), drivers, tables, surface)
        for expiry in expirations(calendar, int(day[0]), int(day[-1]))
    ]
    return pl.concat(chunks, rechunk=True)


def expirations(calendar: Calendar, first: int, last: int) -> Days:
    """Every expiration that a session from `first` to `last` may see, as far as is known."""
    hi = min(last + FURTHEST, calendar.last)
    weekly, monthly = (
        calendar.weekly_expirations(first, hi),
        calendar.monthly_expirations(first, hi),
    )
    return np.union1d(weekly, monthly).astype(np.int32)


def strike_step(spot: float) -> float:
    """Dollars between the strikes of an expiration that is first listed at `spot`."""
    return _STEPS[int(np.searchsorted(_STEP_FROM, spot, side="right")) - 1]


def payouts(
    day: Days, spot: Column, rate: Column, expiry: int, dividends: tuple[Days, Column]
) -> Column:
    """The dividends that go ex after each day up to expiry, as yield times years.

    Taking their present value out of the spot, or letting the spot pay this yield, gives the same
    forward.
    """
    present = np.zeros(len(day))
    near = (dividends[0] > day[0]) & (dividends[0] <= expiry)
    for ex, amount in zip(dividends[0][near], dividends[1][near], strict=True):
        ahead = ex > day
        present += np.where(ahead, amount * np.exp(-rate * (ex - day) / DAYS_A_YEAR), 0.0)
    return -np.log1p(-present / spot)


def terms_of(instrument: Instrument, expiry: int, spot: float) -> Terms:
    """What the kernels need to know of one expiration."""
    ticks = instrument.ticks
    return Terms(
        expiry=expiry,
        step=strike_step(spot),
        american=instrument.style == "american",
        morning=_MORNING if instrument.settlement == "cash-am" else 0.0,
        small_u=to_u(ticks.small),
        large_u=to_u(ticks.large),
        threshold_u=to_u(ticks.threshold),
    )


def _expiration(
    instrument: Instrument,
    expiry: int,
    drivers: Drivers,
    tables: Tables,
    surface: Surface,
) -> pl.DataFrame:
    """All quotes of one expiration."""
    bars, volatility, rate, dividends = drivers
    last = expiry - 1 if instrument.settlement == "cash-am" else expiry
    on = slice(*np.searchsorted(bars.day, [expiry - FURTHEST, last + 1]))
    day, spot = bars.day[on], bars.close[on]
    if len(day) == 0:
        return _frame(0, expiry, 0, _buffers(0))
    terms = terms_of(instrument, expiry, float(spot[0]))
    ground = _ground(
        expiry - terms.morning, (day, spot), (volatility[on], rate[on]), dividends, surface
    )
    strikes = strike_range(ground, terms.step)
    out = _buffers(len(day) * (strikes[1] - strikes[0] + 1))
    both, width, frames = (tables.boundary, tables.premium), width_of(instrument), []
    for right, sign in ((0, -1), (1, 1)):
        rows = quote_right(both, sign, strikes, ground, terms, surface, width, out)
        frames.append(_frame(rows, expiry, right, out))
    return pl.concat(frames)


def _ground(
    settles: float,
    prices: tuple[Days, Column],
    drivers: tuple[Column, Column],
    dividends: tuple[Days, Column],
    surface: Surface,
) -> Ground:
    """Work out, for each session, what all strikes of an expiration share."""
    (day, spot), (points, rate) = prices, drivers
    years: Column = np.asarray((settles - day + _MOMENT) / DAYS_A_YEAR, np.float64)
    carry, payout = rate * years, payouts(day, spot, rate, math.ceil(settles), dividends)
    atm = np.array([atm_vol(*pair, surface) for pair in zip(points / 100.0, years, strict=True)])
    forward = spot * np.exp(carry - payout)
    shape = np.array([shape_of(each, surface) for each in years])
    return Ground(day, spot, forward, carry, payout, atm, atm * np.sqrt(years), *shape.T.copy())


def _buffers(rows: int) -> Out:
    """Room for `rows` quotes."""
    floats, halves = np.empty((3, rows)), np.empty((2, rows), np.float32)
    return Out(np.empty(rows, np.int32), *floats, *halves)


def _frame(rows: int, expiry: int, right: int, out: Out) -> pl.DataFrame:
    """The first `rows` of the buffers, copied."""
    session, strike, bid, ask, delta, vol = (column[:rows].copy() for column in out)
    return pl.DataFrame(
        {
            "session": session,
            "expiry": np.full(rows, expiry, np.int32),
            "right": np.full(rows, right, np.int8),
            "strike": strike,
            "bid": bid,
            "ask": ask,
            "delta": delta,
            "iv": vol,
        }
    )


def _refuse(drivers: Drivers) -> None:
    """InputError for what no quote can be made of."""
    bars, volatility, rate, _ = drivers
    for name, column, good in (
        ("close", bars.close, bars.close > 0.0),
        ("volatility index", volatility, volatility > 0.0),
        ("bill rate", rate, np.isfinite(rate)),
    ):
        if len(column) != len(bars.day):
            raise InputError(
                f"{name}: found {len(column)} values; expected one a session, {len(bars.day)}"
            )
        if not good.all():
            n = int(np.argmin(good))
            raise InputError(
                f"{name} of {day_of(int(bars.day[n]))}: found {column[n]}; "
                "expected a number above zero"
            )
