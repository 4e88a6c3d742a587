"""Where the share of American options stood when they were quoted: the close, or what parity says.

A European price needs its forward alone; the right to exercise needs the spot too.  A close of
another moment than the quotes, be it off by a tenth of a percent, drives the volatilities of puts
and calls of one strike apart: what it is off by, taken for a dividend, is a yield of 5% a year at a
week.  At a week the true yield is worth less than that, at three months more.  So

    to NEAR days     a series says its spot itself, as if nothing were paid by then;
    further out      the spot is that of those near ones of its session, else the close, and what
                     is left to the forward is a yield;
    beyond MOST_YIELD a year   that is none but a wrong spot, and the series says its own.

Where the forward is above what the spot carries to, it says the spot too (`implied.carried`).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from underwriter.core.record import F8
from underwriter.market.blame import EXPIRED, FINE
from underwriter.market.parity import Forwards, spot_of
from underwriter.market.series import Series

NEAR = 14  # days to expiry
MOST_YIELD = 0.10  # a year
LEAST_PAIRS = 4  # of a series whose forward speaks for others

Mask = npt.NDArray[np.bool_]


class Stood(NamedTuple):
    """The spot of each series, two ways."""

    exercised: F8  # by which early exercise is priced
    carried: F8  # of the session: from which forwards are carried where parity is silent


def stood_at(
    series: Series, implied: Forwards, discount: F8, years: F8, close: F8, paying: Mask
) -> Stood:
    """Where the share stood, a value a series.

    `implied` is by European parity, which is off by 0.01% to NEAR days; `close` is of the session;
    `paying` series have dividends in their life.
    """
    spot = _of_session(series, implied, discount, close, paying)
    own = implied.forward * discount
    with np.errstate(invalid="ignore", divide="ignore"):
        too_far = np.log(spot / own) > MOST_YIELD * years
    near = series.expiry - series.session <= NEAR
    itself = (implied.reason == FINE) & (near | too_far)
    return Stood(np.where(itself, own, spot), spot)


def _of_session(series: Series, implied: Forwards, discount: F8, close: F8, paying: Mask) -> F8:
    """The spot of each series by the near ones of its session, else the close.

    Silent are those with dividends, and an expiry on its last day, which may have stopped trading.
    """
    days = series.expiry - series.session
    speaks = (days > 0) & (days <= NEAR) & (implied.pairs >= LEAST_PAIRS) & ~paying
    heard = implied._replace(reason=np.where(speaks, implied.reason, EXPIRED).astype(np.int8))
    none = np.zeros(len(discount))
    found = spot_of(series, heard, discount, none, none)
    if not len(found.session):
        return close
    at = np.minimum(np.searchsorted(found.session, series.session), len(found.session) - 1)
    return np.where(found.session[at] == series.session, found.spot[at], close)
