"""The gate: whether modelled options reproduce a real index, year by year and month by month.

`check` reads files, replays PUT or BXM (`replay`) and says what the replay earned; laying that
beside the real index is the reader's part, and docs/model.md does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from underwriter.core.errors import InputError
from underwriter.core.units import day_number, day_of
from underwriter.market.dividends import spx_dividends
from underwriter.market.history import (
    BILLS_AGE,
    VOLATILITY_AGE,
    as_of,
    naming,
    rates_from_bills,
    read_bars,
    read_levels,
    read_volatility,
)
from underwriter.market.replay import Column, Days, Track, replay_bxm, replay_put, track, years_of
from underwriter.market.surface import SURFACE, Surface

Index = Literal["put", "bxm"]

_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a replay earned, in percent, and at which price its options settled, by year."""

    index: Index
    settlement: Mapping[str, Literal["open", "close"]]
    by_year: Mapping[str, float]
    by_month: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """The result as one object ready for JSON."""
        return {
            "index": self.index,
            "quotes": "modelled",
            "settlement": dict(self.settlement),
            "by_year": dict(self.by_year),
            "by_month": dict(self.by_month),
        }


def check(
    index: Index,
    spot: Path,
    vol: Path,
    bills: Path,
    from_: date | None = None,
    to: date | None = None,
) -> CheckResult:
    """Replay PUT or BXM on options modelled from files; see `replay` for the rules.

    `spot` is the S&P 500, with opens where it has them; `vol` is VIX in points; `bills` are
    13-week bill yields in percent.  `from_` and `to` bound what is reported; days before them
    still serve as the run-up.  Raises InputError for a file that cannot be used, and where no
    whole month is left.
    """
    on = read_track(spot, vol, bills)
    result = checked(index, on, from_, to)
    if not result.by_month:
        first, last = day_of(int(on.day[0])), day_of(int(on.day[-1]))
        raise InputError(
            f"{spot}: found no whole month to replay from {from_ or first} to {to or last}; the "
            f"histories together reach from {first} to {last}, and the first option is sold on "
            "the first third Friday"
        )
    return result


def checked(
    index: Index,
    on: Track,
    from_: date | None = None,
    to: date | None = None,
    surface: Surface = SURFACE,
) -> CheckResult:
    """Replay PUT or BXM on a track that is already laid."""
    level = (replay_put if index == "put" else replay_bxm)(on, surface)
    lo = day_number(from_) if from_ else int(on.day[0])
    hi = day_number(to) if to else int(on.day[-1])
    inside = (on.day >= lo) & (on.day <= hi)
    return CheckResult(
        index=index,
        settlement=_settlement(on, inside),
        by_year=_by_year(on.day, level, lo, hi),
        by_month=_by_month(on.day, level, lo, hi),
    )


def read_track(spot: Path, vol: Path, bills: Path) -> Track:
    """The days that all three files cover, as a track; dividends come from the dated table."""
    bars, levels = read_bars(spot), read_volatility(vol)
    yields = read_levels(bills, positive=False)
    first = max(levels.day[0], yields.day[0])
    last = min(levels.day[-1], yields.day[-1] + BILLS_AGE)
    on = (bars.day >= first) & (bars.day <= last)
    if not on.any():
        raise InputError(
            f"{spot}: found no day on which {vol} and {bills} have begun; expected histories that "
            "overlap"
        )
    day = bars.day[on]
    paid = spx_dividends(years_of(day))
    prices = (bars.open[on], bars.close[on])
    with naming(vol):
        index = as_of(levels, day, VOLATILITY_AGE)
    with naming(bills):
        rate = rates_from_bills(yields, day, BILLS_AGE)
    return track(day, prices, index, rate, paid)


def _settlement(on: Track, inside: NDArray[np.bool_]) -> dict[str, Literal["open", "close"]]:
    """Where options settled, by year."""
    year = years_of(on.day)
    return {
        str(y): "open" if bool(on.morning[year == y].any()) else "close"
        for y in np.unique(year[inside])
    }


def month_ends(day: Days) -> NDArray[np.int64]:
    """Rows of the last sessions of whole months; a last month that is not over is left out."""
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    after = np.busday_offset(day[-1:].astype("datetime64[D]"), 1).astype("datetime64[M]")
    return np.flatnonzero(np.concatenate((month, after))[1:] != month)


def _by_month(day: Days, level: Column, lo: int, hi: int) -> dict[str, float]:
    """Percent from month-end to month-end, of months wholly inside."""
    return _between(day, level, month_ends(day), "M", (lo, hi))


def _by_year(day: Days, level: Column, lo: int, hi: int) -> dict[str, float]:
    """Percent from year-end to year-end, of years wholly inside."""
    ends = month_ends(day)
    month = day[ends].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    return _between(day, level, ends[month == _LAST_MONTH], "Y", (lo, hi))


def _between(
    day: Days, level: Column, ends: NDArray[np.int64], unit: str, bounds: tuple[int, int]
) -> dict[str, float]:
    """Percent from each of `ends` to the next, by month or year, within day bounds."""
    period = day[ends].astype("datetime64[D]").astype(f"datetime64[{unit}]")
    first, count = period.astype("datetime64[D]").astype(np.int64), period.astype(np.int64)
    found = {}
    for n in range(1, len(ends)):
        whole = count[n] - count[n - 1] == 1
        start, end = level[ends[n - 1]], level[ends[n]]
        within = first[n] >= bounds[0] and day[ends[n]] <= bounds[1]
        if whole and within and np.isfinite(start):
            found[str(period[n])] = float(100.0 * (end / start - 1.0))
    return found
