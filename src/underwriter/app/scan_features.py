"""What a scan says of a name's volatility: at the close of its session, from nothing later."""

import math

import msgspec
import numpy as np
import polars as pl

from underwriter.app.request import Request
from underwriter.app.sight import year_before
from underwriter.core.record import F8, I4
from underwriter.market.features import MONTH, QUARTER
from underwriter.market.forecast import (
    Forecast,
    expanding_forecast,
    har_terms,
    variance_premium,
)
from underwriter.market.joined import REALISED, Past, iv_percentile, on_days, realised
from underwriter.market.maturity import Curve, constant_maturity
from underwriter.market.quoting import Columns
from underwriter.market.rank import WINDOW, iv_rank
from underwriter.market.realised import close_variance, prices, yang_zhang
from underwriter.market.smile import Smiles, smiles

TERMS = 3 * QUARTER + 2  # calendar days to expiry: no further one says anything of 90 days


class Features(msgspec.Struct, frozen=True):
    """Volatilities are annual fractions; docs/features.md has each formula.  Null: not known."""

    iv30: float | None
    iv_rank: float | None
    iv_percentile: float | None
    realised: float | None  # close to close, 21 sessions
    range_based: float | None  # Yang-Zhang, 21 sessions
    skew: float | None
    slope: float | None  # iv30 over iv90
    forecast: float | None
    variance_premium: float | None


def features_of(request: Request, day: I4, quotes: Columns | None, iv: F8, past: Past) -> Features:
    """The features of the one name of a request on the session `day`, an array of one.

    `quotes` are those of the session to TERMS, `iv` its 30-day volatility (NaN without quotes);
    what `past` has after the session is not looked at.
    """
    of = prices(past.bars, past.dividends, past.splits)
    forecast = _forecast(day, past)
    before = year_before(request, day) if np.isfinite(iv).all() else np.full((WINDOW, 1), np.nan)
    year = np.concatenate([before[:, 0], iv])
    skew, slope = (math.nan, math.nan) if quotes is None else _shape(day, quotes)
    told = {
        "iv30": iv[0],
        "iv_rank": iv_rank(year)[-1],
        "iv_percentile": iv_percentile(iv[:, np.newaxis], before)[0, 0],
        "realised": realised(day, [past])[0, 0],
        "range_based": on_days(day, past.bars.day, yang_zhang(of, REALISED))[0],
        "skew": skew,
        "slope": slope,
        "forecast": forecast.vol[0],
        "variance_premium": variance_premium(iv, forecast).variance[0],
    }
    return Features(**{name: _number(float(each)) for name, each in told.items()})


def _forecast(day: I4, past: Past) -> Forecast:
    """The forecast that was made on the session."""
    squared = close_variance(prices(past.bars, past.dividends, past.splits))
    made = expanding_forecast(har_terms(squared), squared)
    return Forecast(*(on_days(day, past.bars.day, each) for each in made))


def _shape(day: I4, quotes: Columns) -> tuple[float, float]:
    """Skew and slope of the session's smiles, as `market.features` has them."""
    names = ("session", "expiry", "right", "strike", "iv", "delta", "forward")
    read = smiles(pl.DataFrame({name: getattr(quotes, name) for name in names}))
    near, far = _at(read, read.atm, day, MONTH), _at(read, read.atm, day, QUARTER)
    put, call = _at(read, read.put, day, MONTH), _at(read, read.call, day, MONTH)
    return (put - call) / near, near / far


def _at(read: Smiles, vol: F8, day: I4, term: float) -> float:
    """One reading brought to a constant term of calendar days."""
    return float(constant_maturity(Curve(read.session, read.years, vol), day, term).vol[0])


def _number(value: float) -> float | None:
    """A number as JSON has it."""
    return value if math.isfinite(value) else None
