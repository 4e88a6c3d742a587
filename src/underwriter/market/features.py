"""What is known of an underlying at the close of each session, in one table.

Row t is made of rows up to t and nothing later: cutting the history off after t, or writing
nonsense there, leaves it as it is.  A decision before the close of t joins the row of the session
before.  NaN is unknown, never zero.  Windows count sessions (rows); terms of options count
calendar days.  docs/features.md has the formula, unit, window and source of each column.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from underwriter.core.record import F8, I4
from underwriter.market.forecast import expanding_forecast, har_terms, variance_premium
from underwriter.market.maturity import Constant, Curve, constant_maturity
from underwriter.market.rank import iv_percentile, iv_rank
from underwriter.market.realised import Prices, close_variance, volatility, yang_zhang
from underwriter.market.smile import Smiles

MONTH, QUARTER = 30.0, 90.0  # calendar days: the constant terms

FEATURES = pl.Schema(
    {
        "day": pl.Int32(),  # day number of the session
        "rv21": pl.Float64(),  # close to close, annual fractions, over 21, 63 and 252 sessions
        "rv63": pl.Float64(),
        "rv252": pl.Float64(),
        "yz21": pl.Float64(),  # Yang-Zhang, likewise
        "yz63": pl.Float64(),
        "yz252": pl.Float64(),
        "iv30": pl.Float64(),  # at the forward, 30 days, annual fraction
        "iv30_reason": pl.Int8(),  # a place in maturity.REASONS: why iv30 is not there
        "iv90": pl.Float64(),
        "iv_rank": pl.Float64(),  # of iv30: 0 lowest, 1 highest of the year before
        "iv_percentile": pl.Float64(),  # of iv30: share of the year before that lies below
        "skew": pl.Float64(),  # (25-delta put - 25-delta call) / at the forward, 30 days
        "put_skew": pl.Float64(),  # 25-delta put - at the forward, 30 days, volatility
        "slope": pl.Float64(),  # iv30 / iv90; over 1 is inverted
        "forecast": pl.Float64(),  # volatility of the next 21 sessions, annual fraction
        "variance_premium": pl.Float64(),  # iv30^2 - forecast variance, annual
        "premium_points": pl.Float64(),  # 100 (iv30 - forecast)
    }
)


class Features(NamedTuple):
    """The columns of FEATURES, one row a session, by `day` ascending."""

    day: I4
    rv21: F8
    rv63: F8
    rv252: F8
    yz21: F8
    yz63: F8
    yz252: F8
    iv30: F8
    iv30_reason: NDArray[np.int8]
    iv90: F8
    iv_rank: F8
    iv_percentile: F8
    skew: F8
    put_skew: F8
    slope: F8
    forecast: F8
    variance_premium: F8
    premium_points: F8

    def frame(self) -> pl.DataFrame:
        """The same as a frame of FEATURES, for a join on `day`."""
        return pl.DataFrame(self._asdict(), FEATURES)


def features(day: I4, of: Prices, quoted: Smiles) -> Features:
    """Every feature on the sessions `day` (ascending), whose prices stand in the same rows.

    `quoted` are the smiles of any sessions; those of other days are passed over.
    """
    squared = close_variance(of)
    forecast = expanding_forecast(har_terms(squared), squared)
    atm, far = _at(quoted, quoted.atm, day, MONTH), _at(quoted, quoted.atm, day, QUARTER)
    put = _at(quoted, quoted.put, day, MONTH).vol
    call = _at(quoted, quoted.call, day, MONTH).vol
    over = variance_premium(atm.vol, forecast)
    return Features(
        day=day,
        rv21=volatility(squared, 21),
        rv63=volatility(squared, 63),
        rv252=volatility(squared, 252),
        yz21=yang_zhang(of, 21),
        yz63=yang_zhang(of, 63),
        yz252=yang_zhang(of, 252),
        iv30=atm.vol,
        iv30_reason=atm.reason,
        iv90=far.vol,
        iv_rank=iv_rank(atm.vol),
        iv_percentile=iv_percentile(atm.vol),
        skew=(put - call) / atm.vol,
        put_skew=put - atm.vol,
        slope=atm.vol / far.vol,
        forecast=forecast.vol,
        variance_premium=over.variance,
        premium_points=over.points,
    )


def _at(quoted: Smiles, vol: F8, day: I4, days: float) -> Constant:
    """One reading of the smiles, brought to a constant term."""
    return constant_maturity(Curve(quoted.session, quoted.years, vol), day, days)
