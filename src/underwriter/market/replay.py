"""Cboe's PUT and BXM, replayed day by day on modelled options, by the rules Cboe publishes.

Both sell one at-the-money option on the S&P 500 on the third Friday of each month.  The old one
settles in the morning; the new one is struck and sold around noon:

    PUT   N puts on bills that are worth N * strike at expiry; strike below the index
    BXM   one call on the index with dividends reinvested; strike above the index; between the
          settlement and the sale it holds the index alone

What daily data cannot say is taken so, and was settled on years to 2009: where opens are real the
settlement is the open, and the index in the window of sale, 11:30 to 13:30, is midway between open
and close, as is VIX between the close before and the close; else everything happens at the close.
Bills earn the rate of the roll, as one three-month bill quoted at a discount.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.kernel import kernel
from underwriter.core.pricing import black76
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.calendar import third_fridays
from underwriter.market.surface import Surface, surface_vol

Days = NDArray[np.int32]
Column = NDArray[np.float64]

STRIKES = 5.0  # index points between listed strikes near the money
REAL_SHARE = 0.05  # of a year's opens may equal the close before, where opens are real
_SESSION = 6.5 / 24.0  # days from the morning settlement to the close
_NOON = 3.0 / 24.0  # days from the morning settlement to the middle of the window of sale
_BILL_DAYS = 91.0
_BILL_YEAR = 360.0
_LEAST_YEARS = 1e-6
_WEEK = 7


class Track(NamedTuple):
    """What a replay stands on, one value a session.

    `settle` is the price options settle at, `noon` the price they are sold at, `close` the one
    they are marked at; `vol` is VIX as a fraction, `noon_vol` in the window of sale; `rate` is
    simple, Act/365; `paid` is dollars of dividends a year; `morning` says whether the open is real.
    """

    day: Days
    settle: Column
    noon: Column
    close: Column
    vol: Column
    noon_vol: Column
    rate: Column
    paid: Column
    morning: NDArray[np.bool_]


class Roll(NamedTuple):
    """One option's life: rows of its sale and settlement, its strike, expiry and price at sale."""

    row: int
    end: int  # exclusive where the option outlives the history
    expiry: float  # day number, with the fraction of the day for closing settlement
    strike: float
    price: float


def years_of(day: Days) -> NDArray[np.int64]:
    """The calendar year of each day number."""
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def real_opens(day: Days, opens: Column, close: Column) -> NDArray[np.bool_]:
    """Whether each day lies in a year whose opens are real: rarely the close before."""
    year = years_of(day)
    stale = np.isnan(opens)
    stale[1:] |= opens[1:] == close[:-1]
    shares = {int(y): float(stale[year == y].mean()) for y in np.unique(year)}
    return np.array([shares[int(y)] < REAL_SHARE for y in year]) & ~np.isnan(opens)


def bill_rate(discount: Column) -> Column:
    """The simple rate, Act/365, of a 13-week bill from its bank discount (^IRX quotes that)."""
    return discount * DAYS_A_YEAR / (_BILL_YEAR - discount * _BILL_DAYS)


def track(
    day: Days, prices: tuple[Column, Column], index: Column, discount: Column, paid: Column
) -> Track:
    """Lay the ground of a replay from (open, close), VIX points and bill discounts, as aligned."""
    opens, close = prices
    morning = real_opens(day, opens, close)
    before = np.concatenate((index[:1], index[:-1]))
    return Track(
        day=day,
        settle=np.where(morning, opens, close),
        noon=np.where(morning, 0.5 * (opens + close), close),
        close=close,
        vol=index / 100.0,
        noon_vol=np.where(morning, 0.5 * (before + index), index) / 100.0,
        rate=bill_rate(discount),
        paid=paid,
        morning=morning,
    )


@kernel
def index_option(  # noqa: PLR0913, PLR0917  a kernel takes scalars
    sign: int,
    spot: float,
    strike: float,
    years: float,
    index: float,
    rate: float,
    paid: float,
    surface: Surface,
) -> float:
    """Modelled mid of an index option; dividends are paid evenly, `paid` dollars a year."""
    years = max(years, _LEAST_YEARS)
    forward = (spot - paid * years) * np.exp(rate * years)
    volatility = surface_vol(index, forward, strike, years, surface)
    return black76(sign, forward, strike, volatility * np.sqrt(years), np.exp(-rate * years))


def roll_rows(day: Days) -> list[int]:
    """Rows of the third Fridays, or of the session before one that is none."""
    fridays = third_fridays(int(day[0]), int(day[-1]))
    inside = fridays[(fridays > day[0]) & (fridays <= day[-1])]
    rows = np.searchsorted(day, inside, side="right") - 1
    return [int(r) for r, f in zip(rows, inside, strict=True) if r > 0 and f - day[r] < _WEEK]


def rolls(on: Track, sign: int, surface: Surface) -> list[Roll]:
    """Every option sold, in order; the last one may outlive the history."""
    rows = roll_rows(on.day)
    ends = [*rows, len(on.day)][1:]
    return [_sold(on, sign, surface, *pair) for pair in zip(rows, ends, strict=True)]


def _expiry(on: Track, end: int) -> float:
    """When an option settles at row `end`, or on the third Friday after the history."""
    if end < len(on.day):
        return float(on.day[end]) - (_SESSION if on.morning[end] else 0.0)
    last = int(on.day[-1])
    ahead = third_fridays(last, last + 31)
    return float(ahead[ahead > last][0]) - (_SESSION if on.morning[-1] else 0.0)


def _sold(on: Track, sign: int, surface: Surface, row: int, end: int) -> Roll:
    """The option sold on `row`: the strike at the money or just outside, at the modelled mid."""
    spot = float(on.noon[row])
    steps = np.ceil(spot / STRIKES) if sign > 0 else np.floor(spot / STRIKES)
    expiry = _expiry(on, end)
    now = float(on.day[row]) - (_SESSION - _NOON if on.morning[row] else 0.0)
    years = (expiry - now) / DAYS_A_YEAR
    ground = (float(on.noon_vol[row]), float(on.rate[row]), float(on.paid[row]))
    strike = float(steps) * STRIKES
    price = index_option(sign, spot, strike, years, *ground, surface)
    return Roll(row, end, expiry, strike, price)


def _marks(on: Track, sign: int, roll: Roll, surface: Surface) -> Column:
    """Modelled mids at the closes from the sale up to the day before settlement."""
    return np.array(
        [
            index_option(
                sign,
                float(on.close[n]),
                roll.strike,
                (roll.expiry - float(on.day[n])) / DAYS_A_YEAR,
                float(on.vol[n]),
                float(on.rate[n]),
                float(on.paid[n]),
                surface,
            )
            for n in range(roll.row, roll.end)
        ]
    )


def puts_sold(account: float, strike: float, price: float, growth: float) -> float:
    """N with (account + N * price) * growth = N * strike: bills that cover every put."""
    return account / (strike / growth - price)


def replay_put(on: Track, surface: Surface) -> Column:
    """PUT's level on each session, 100 at the first sale, NaN before it."""
    level, account = np.full(len(on.day), np.nan), 100.0
    for roll in rolls(on, -1, surface):
        days = on.day[roll.row : roll.end + 1] - on.day[roll.row]
        term = np.ceil(roll.expiry) - float(on.day[roll.row])
        rate = float(on.rate[roll.row]) / DAYS_A_YEAR
        puts = puts_sold(account, roll.strike, roll.price, 1.0 + rate * term)
        bills = (account + puts * roll.price) * (1.0 + rate * days)
        held = roll.end - roll.row
        level[roll.row : roll.end] = bills[:held] - puts * _marks(on, -1, roll, surface)
        if roll.end < len(on.day):
            account = bills[-1] - puts * max(roll.strike - float(on.settle[roll.end]), 0.0)
    return level


def replay_bxm(on: Track, surface: Surface) -> Column:
    """BXM's level on each session, 100 at the first sale, NaN before it."""
    level, account = np.full(len(on.day), np.nan), 100.0
    income = np.zeros(len(on.day))
    income[1:] = on.paid[1:] * np.diff(on.day) / DAYS_A_YEAR
    for roll in rolls(on, 1, surface):
        held = slice(roll.row, roll.end)
        covered = on.close[held] - _marks(on, 1, roll, surface)
        growth = covered.copy()
        growth[0] /= float(on.noon[roll.row]) - roll.price
        growth[1:] = (covered[1:] + income[held][1:]) / covered[:-1]
        level[held] = account * np.cumprod(growth)
        if roll.end < len(on.day):
            end = roll.end
            settled = min(float(on.settle[end]), roll.strike) + income[end]
            account = float(level[end - 1]) * settled / covered[-1]
            account *= float(on.noon[end] / on.settle[end])
    return level
