"""The implied volatility surface, drawn from a volatility index alone.

A volatility index is a variance swap rate: it pays for the whole smile, so the option at the
forward trades well below it.  Three parts, bounded each:

1. *Term structure.*  The logarithm of the index reverts to that of `mean`: what is left of its
   departure, averaged over an option's own life and over thirty days, gives the index at its term.
2. *Level.*  The volatility at the forward is `atm` of that.
3. *Smile.*  A tilted hyperbola in z, the log-moneyness in standard deviations: steep for low
   strikes, at its lowest above the forward, rising again beyond.  Short terms turn more sharply.
   It goes flat at `LOWEST` and `HIGHEST` deviations, where quotes end.

The figures in `SURFACE` are fitted to real chains of 2026 and to indices of terms up to 2018, and
rounded; docs/model.md says how, and where they are supported.  An option is never priced at the
index itself: `atm` is below one.
"""

import math
from typing import NamedTuple

from underwriter.core.kernel import kernel

_MONTH = 30.0 / 365.0  # the term that a 30-day volatility index speaks of
_SHORTEST = 1.0 / 3650.0  # a tenth of a day: below it the level no longer changes
_LEAST_YEARS, _MOST_YEARS = 2.0 / 365.0, 70.0 / 365.0  # beyond them the smile no longer changes
_LEAST_RATIO = 0.8  # bounds of the term structure, as volatility over the index
_MOST_RATIO = 1.25
LOWEST, HIGHEST = -8.0, 3.0  # deviations beyond which the smile is flat


class Surface(NamedTuple):
    """One parameter set: it serves every index, underlying and year."""

    atm: float  # volatility at the forward over the index's own level at that term
    reversion: float  # speed at which the index reverts, a year
    mean: float  # the volatility it reverts to, a fraction a year
    tilt: float  # of the smile at thirty days, per standard deviation
    drift: float  # what the tilt gains as the term grows by a factor of e
    bend: float  # steepness of both wings, per standard deviation, before the tilt
    trough: float  # standard deviations above the forward at which it turns
    turn: float  # standard deviations within which it turns, at thirty days
    growth: float  # power of the term by which the turn widens


SURFACE = Surface(
    atm=0.82,
    reversion=8.0,
    mean=0.21,
    tilt=0.1,
    drift=-0.04,
    bend=0.4,
    trough=1.8,
    turn=1.2,
    growth=1.0 / 3.0,
)


@kernel
def averaged(reversion: float, years: float) -> float:
    """Share of today's departure from the mean that is left, on average, over `years`."""
    decay = reversion * years
    return (1.0 - math.exp(-decay)) / decay


@kernel
def atm_vol(index: float, years: float, surface: Surface) -> float:
    """Volatility at the forward, a fraction a year, of an option with `years` to live.

    `index` is the volatility index as a fraction (0.16 for 16 points), of thirty days.
    """
    left = averaged(surface.reversion, max(years, _SHORTEST)) / averaged(surface.reversion, _MONTH)
    ratio = math.exp((left - 1.0) * math.log(index / surface.mean))
    return surface.atm * index * min(max(ratio, _LEAST_RATIO), _MOST_RATIO)


@kernel
def shape_of(years: float, surface: Surface) -> tuple[float, float]:
    """Tilt and turn of the smile of options with `years` to live."""
    term = min(max(years, _LEAST_YEARS), _MOST_YEARS) / _MONTH
    return surface.tilt + surface.drift * math.log(term), surface.turn * term**surface.growth


@kernel
def smile(deviations: float, tilt: float, turn: float, surface: Surface) -> float:
    """Volatility at a strike over the volatility at the forward; `tilt` and `turn` of its term.

    `deviations` is ln(strike / forward) over the at-the-money volatility times the root of the
    years: negative for low strikes, whose options are dearer.
    """
    z, trough = min(max(deviations, LOWEST), HIGHEST), surface.trough
    square = turn * turn
    rise = math.sqrt((z - trough) * (z - trough) + square) - math.sqrt(trough * trough + square)
    return 1.0 + tilt * z + surface.bend * rise


@kernel
def surface_vol(
    index: float, forward: float, strike: float, years: float, surface: Surface
) -> float:
    """Implied volatility, a fraction a year, of the option at `strike`, put and call alike."""
    atm = atm_vol(index, years, surface)
    spread = atm * math.sqrt(max(years, _SHORTEST))
    tilt, turn = shape_of(years, surface)
    return atm * smile(math.log(strike / forward) / spread, tilt, turn, surface)
