"""Volatility at a constant term, and the slope of the term structure: as-of, by session rows.

A term's volatility is linear in total variance (volatility squared times years) between the expiry
before the term and the one after it.  Where only one side is quoted, an expiry within a quarter of
the term stands for it with its own volatility; else there is none, and `reason` says why.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underwriter.core.record import F8, I4
from underwriter.core.units import DAYS_A_YEAR
from underwriter.market.bracket import between, bracket
from underwriter.market.history import VOLATILITY_AGE, Levels

REASONS = (
    "known",
    "no expiry of the session has a volatility",
    "every expiry is too short",
    "every expiry is too long",
    "the expiries around the term are too far apart",
)
KNOWN, NONE, SHORT, LONG, WIDE = range(len(REASONS))
_ALONE = 0.25  # of the term: how far an expiry may be from it that stands for it alone
_SPAN = 2.0  # terms: how far the two expiries around it may be apart


class Constant(NamedTuple):
    """Volatility at one term, a session a row: annual fractions, NaN where `reason` is not KNOWN.

    `reason` is a place in REASONS.
    """

    vol: F8
    reason: NDArray[np.int8]


class Curve(NamedTuple):
    """Volatilities by session (day number, ascending) and years to expiry; NaN is unknown."""

    session: I4
    years: F8
    vol: F8


def constant_maturity(curve: Curve, day: I4, days: float) -> Constant:
    """The curve's volatility `days` calendar days ahead, on each session of `day` (ascending).

    A session that the curve does not have is unknown; no session lends to another.
    """
    row = np.searchsorted(day, curve.session)
    asked = (row < len(day)) & (curve.years > 0.0) & np.isfinite(curve.vol) & (curve.vol > 0.0)
    asked[asked] = day[row[asked]] == curve.session[asked]
    years, vol = curve.years[asked], curve.vol[asked]
    term = days / DAYS_A_YEAR
    points = bracket(row[asked].astype(np.int64), years, vol * vol * years, term, len(day))
    reason = _reason(points.below, points.above, term)
    total = between(points, term) / term
    before, after = points.below_value / points.below, points.above_value / points.above
    variance = np.where(np.isnan(total), np.where(np.isnan(before), after, before), total)
    return Constant(np.sqrt(np.where(reason == KNOWN, variance, np.nan)), reason)


def _reason(below: F8, above: F8, term: float) -> NDArray[np.int8]:
    """Why a term has no volatility, from the years of the expiries around it, NaN where none."""
    no_before, no_after = np.isnan(below), np.isnan(above)
    short = no_after & ~(below >= (1.0 - _ALONE) * term)
    long = no_before & ~(above <= (1.0 + _ALONE) * term)
    wide = above - below > _SPAN * term
    return np.select(
        [no_before & no_after, short, long, wide], [NONE, SHORT, LONG, WIDE], KNOWN
    ).astype(np.int8)


def index_slope(near: Levels, far: Levels, day: I4, age: int = VOLATILITY_AGE) -> F8:
    """Near over far index (VIX over VIX3M) as last published for one and the same day, by `day`.

    Over 1 the term structure is inverted.  NaN before the first such day, and where the last one
    is more than `age` calendar days back.
    """
    both, here, there = np.intersect1d(near.day, far.day, return_indices=True)
    ratio = near.value[here] / far.value[there]
    return last_known(Levels(both, ratio, 0), day, age)


def last_known(levels: Levels, day: I4, age: int = VOLATILITY_AGE) -> F8:
    """The last level on or before each of `day`; NaN where none, or older than `age` days."""
    if not len(levels.day):
        return np.full(len(day), np.nan)
    row = np.searchsorted(levels.day, day, side="right") - 1
    fresh = (row >= 0) & (day - levels.day[row] <= age)
    return np.where(fresh, levels.value[row], np.nan)
