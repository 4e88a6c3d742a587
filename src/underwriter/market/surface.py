"""The implied volatility surface, drawn from a volatility index alone.

A volatility index is a variance swap rate: it pays for the whole smile, so the option at the
forward trades well below it.  Three parts, bounded each:

1. *Term structure.*  The index's square is what a mean-reverting variance averages over thirty
   days; the same process, averaged over an option's own life, gives the index at its term.
2. *Level.*  The volatility at the forward is `atm` of that.
3. *Skew.*  A parabola in z, the log-moneyness in standard deviations, with z bent so that it
   never passes `wing` deviations: both wings go flat.

The figures in `SURFACE` were fitted on years to 2009 only; docs/model.md says how and in which
order.  An option is never priced at the index itself: `atm` is below one.
"""

import math
from typing import NamedTuple

from underwriter.core.kernel import kernel

_MONTH = 30.0 / 365.0  # the term that a 30-day volatility index speaks of
_SHORTEST = 1.0 / 3650.0  # a tenth of a day: below it the surface no longer changes
_LEAST_RATIO = 0.6  # bounds of the term structure, as volatility over the index
_MOST_RATIO = 1.5


class Surface(NamedTuple):
    """One parameter set: it serves every index, underlying and year."""

    atm: float  # volatility at the forward over the index's own level at that term
    reversion: float  # speed at which variance reverts, a year
    mean: float  # the volatility it reverts to, a fraction a year
    slope: float  # fall of the smile at the forward, per standard deviation
    curve: float  # its curvature, per standard deviation squared
    wing: float  # standard deviations beyond which the smile is flat


SURFACE = Surface(atm=0.84, reversion=4.0, mean=0.20, slope=0.18, curve=0.07, wing=3.0)


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
    variance = surface.mean * surface.mean * (1.0 - left) + index * index * left
    ratio = math.sqrt(max(variance, 0.0)) / index
    return surface.atm * index * min(max(ratio, _LEAST_RATIO), _MOST_RATIO)


@kernel
def smile(deviations: float, surface: Surface) -> float:
    """Volatility at a strike over the volatility at the forward.

    `deviations` is ln(strike / forward) over the at-the-money volatility times the root of the
    years: negative for low strikes, whose options are dearer.
    """
    bent = surface.wing * math.tanh(deviations / surface.wing)
    return 1.0 - surface.slope * bent + surface.curve * bent * bent


@kernel
def surface_vol(
    index: float, forward: float, strike: float, years: float, surface: Surface
) -> float:
    """Implied volatility, a fraction a year, of the option at `strike`, put and call alike."""
    atm = atm_vol(index, years, surface)
    spread = atm * math.sqrt(max(years, _SHORTEST))
    return atm * smile(math.log(strike / forward) / spread, surface)
