"""Days and expirations that an exchange could have had.

    standard expirations before 2015-02-01   written as the Saturday after the third Friday (OCC)
    third Fridays of SPX, NDX, RUT           one series settles in the morning, one at the close

No calendar says which weekly or daily series an exchange listed, so an expiration that is a
session is believed.  What lies beyond the calendar is judged by its weekday alone.
"""

import numpy as np
import polars as pl

from underwriter.core.record import I4
from underwriter.market.calendar import Calendar, third_fridays
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.runs import Mask, Runs
from underwriter.market.instrument import Instrument

_SATURDAY, _SUNDAY = 2, 3  # 1970-01-03 was a Saturday: what day numbers leave modulo 7


def moved_expiries(chain: pl.DataFrame, calendar: Calendar) -> dict[int, int]:
    """Expirations written as the Saturday after a third Friday, each with the session it means.

    Whenever they expire: OCC's rule of 2013 (SR-OCC-2013-04) left series that were listed
    before it on their Saturdays.  Where a Saturday is a session, as for coins, it means itself.
    """
    expiry = chain["expiry"].unique().drop_nulls().to_physical().to_numpy()
    if not len(expiry):
        return {}
    known = expiry[(expiry > calendar.first) & (expiry <= calendar.last)]
    saturdays = third_fridays(int(expiry.min()) - 7, int(expiry.max()) + 7) + 1
    wrong = np.isin(known, saturdays) & ~np.isin(known, calendar.sessions)
    return {int(day): calendar.previous_session(day) for day in known[wrong]}


def sessions_among(days: I4, calendar: Calendar) -> Mask:
    """Which days are sessions; beyond the calendar, which are weekdays."""
    within = (days >= calendar.first) & (days <= calendar.last)
    weekend = (days % 7 == _SATURDAY) | (days % 7 == _SUNDAY)
    return np.where(within, np.isin(days, calendar.sessions), ~weekend)


def expired(runs: Runs, terms: list[Instrument]) -> Mask:
    """Which runs are quoted after their last trading day: of a morning's series, the day before.

    `terms` are those of each root.
    """
    morning = runs.by_root([one.settlement == "cash-am" for one in terms])
    return (runs.expiry < runs.date) | (morning & (runs.expiry == runs.date))


def adjusted(runs: Runs, ground: Ground) -> Mask:
    """Which runs are of contracts that deliver something else than their underlying's lot."""
    return runs.by_root([root is not None and ground.adjusted(root) for root in runs.roots])


def root_unknown(runs: Runs, underlying: str, ground: Ground) -> Mask:
    """Which runs may mix a series settled in the morning with one settled at the close.

    Those without a root that expire on a standard expiration of an underlying that has both,
    before that day: on it, the morning's series no longer trades.
    """
    calendar = ground.calendar
    lo, hi = max(int(runs.expiry.min()), calendar.first), min(int(runs.expiry.max()), calendar.last)
    if ground.closing_root(underlying) is None or None not in runs.roots or lo > hi:
        return np.zeros(len(runs.date), np.bool_)
    standard = np.isin(runs.expiry, calendar.monthly_expirations(lo, hi))
    rootless = runs.by_root([root is None for root in runs.roots])
    return rootless & standard & (runs.date < runs.expiry)
