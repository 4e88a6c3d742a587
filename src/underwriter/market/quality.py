"""Gates on option chains: what is wrong with rows and days, before anything is believed of them.

`judge` takes the rows of one underlying and gives them back, each with the code of the first gate
that found something (`gates.codes`), and says of each day what there was and which spot to use.
Nothing is taken out here: who calls it keeps the rows whose gate only remarks, puts the others in
quarantine, and counts both.

    one day      whether it was a session; whether it is a copy of the session before
    one series   adjusted, expired, unlisted, or settled nobody can tell when
    one quote    whether it can be: by itself, under its key, against what exercise is worth
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.record import F8
from underwriter.market.gates import codes, copies, listing
from underwriter.market.gates.bounds import bounds_of, mark_bounds
from underwriter.market.gates.codes import GATE, GATES, Gate
from underwriter.market.gates.days import DAY_GATES, DAYS, DayGate, days_of, with_splits
from underwriter.market.gates.ground import Ground
from underwriter.market.gates.keys import mark_doubles
from underwriter.market.gates.levels import Levels, levels_of, quoted_spots, quotes_of
from underwriter.market.gates.prices import mark_prices, nonsense, steps_of
from underwriter.market.gates.repair import beside, told, without_saturdays
from underwriter.market.gates.runs import Codes, Columns, Mask, Runs, columns_of, runs_of
from underwriter.market.gates.splits import left_behind, of_old_strikes, splits_between
from underwriter.market.instrument import Instrument

__all__ = ["DAYS", "DAY_GATES", "GATE", "GATES", "DayGate", "Gate", "Ground", "Judged", "judge"]


class Judged(NamedTuple):
    """The rows with their gates, and the days.

    `chain` has the columns of `schema.CHAIN` and `gate` (null: nothing to be said), sorted by
    date, root, right, expiry and strike; `days` those of `DAYS`, a row a date.
    """

    chain: pl.DataFrame
    days: pl.DataFrame


class _Case(NamedTuple):
    """What is judged, and by what: the rows in three shapes, the terms of each root, the ground."""

    rows: pl.DataFrame
    runs: Runs
    columns: Columns
    terms: list[Instrument]
    ground: Ground
    rate: F8  # of each day

    @property
    def underlying(self) -> str:
        """Whose options the rows are."""
        return str(self.rows["underlying"][0])


def judge(chain: pl.DataFrame, ground: Ground) -> Judged:
    """What is wrong with the rows of one underlying, and with their days.

    `chain` holds the columns of `schema.CHAIN` for one underlying, sorted by date, root, right,
    expiry and strike.  Put right are an expiry on the Saturday after a third Friday, which becomes
    the session before, and a root that the source does not say, where the expiry tells it.
    """
    if not chain.height:
        return Judged(chain.with_columns(pl.lit(None, GATE).alias("gate")), DAYS.to_frame())
    case = _case(without_saturdays(beside(ground.before, chain), ground.calendar), ground)
    copied = copies.copied(case.columns, case.runs)
    code = case.runs.to_rows(_series_codes(case, copied))
    _mark_quotes(case, code)
    levels = _levels(case, code)
    _mark_bounds(case, levels, code)
    _remark(case, code)
    days = days_of(case.runs, code, copied, levels.spots, ground.calendar)
    seen = splits_between(case.columns, case.runs, levels.spots.spot)
    return Judged(
        told(case.rows, code, ground)[-chain.height :],
        with_splits(days, seen, ground.splits).filter(pl.col("date") >= chain["date"][0]),
    )


def _case(rows: pl.DataFrame, ground: Ground) -> _Case:
    """The rows in every shape that a gate asks for."""
    runs = runs_of(rows)
    terms = ground.terms_of(runs.roots, str(rows["underlying"][0]))
    return _Case(rows, runs, columns_of(rows), terms, ground, ground.rates_on(runs.days))


def _series_codes(case: _Case, copied: copies.Copied) -> Codes:
    """What is wrong with each run as a whole: the first that applies."""
    runs, calendar = case.runs, case.ground.calendar
    found = [
        (codes.NOT_SESSION, ~listing.sessions_among(runs.date, calendar)),
        (codes.STALE, copied.stale[runs.day]),
        (codes.ADJUSTED, listing.adjusted(runs, case.ground)),
        (codes.EXPIRED, listing.expired(runs, case.terms)),
        (codes.UNLISTED, ~listing.sessions_among(runs.expiry, calendar)),
        (codes.ROOT_UNKNOWN, listing.root_unknown(runs, case.underlying, case.ground)),
    ]
    return np.select([mask for _, mask in found], [code for code, _ in found]).astype(np.uint8)


def _mark_quotes(case: _Case, code: Codes) -> None:
    """Mark what is wrong with single rows without knowing where the underlying stands."""
    if case.ground.splits.height:
        _mark(code, codes.ADJUSTED, left_behind(case.rows, case.ground.splits))
    _mark(code, codes.NONSENSE, nonsense(case.rows))
    mark_prices(case.columns, case.runs.start, steps_of(case.runs, case.terms), code)
    mark_doubles(case.columns, case.runs.start, code)


def _levels(case: _Case, code: Codes) -> Levels:
    """Where the underlying stands, by the rows without fault."""
    quoted = quoted_spots(case.rows, case.runs, case.ground)
    quotes = quotes_of(case.columns, code)
    return levels_of(quoted, case.runs, quotes, case.terms, case.rate)


def _mark_bounds(case: _Case, levels: Levels, code: Codes) -> None:
    """Mark the rows that exercise, or all an option can pay, rules out."""
    european = case.runs.by_root([one.style == "european" for one in case.terms])
    bounds = bounds_of(case.runs, levels, european, case.rate)
    mark_bounds(case.columns, case.runs.start, case.runs.right, bounds, code)
    spot = levels.spots.spot
    _mark(code, codes.OLD_STRIKE, of_old_strikes(case.rows, case.columns, case.runs, spot, code))


def _remark(case: _Case, code: Codes) -> None:
    """Mark what is to be said of the rows that stay."""
    quoted, bid = ~np.isnan(case.columns.ask), case.columns.bid
    _mark(code, codes.SATURDAY, case.rows["moved"].to_numpy())
    _mark(code, codes.NO_BID, quoted & ~(bid > 0.0))


def _mark(code: Codes, what: int, found: Mask) -> None:
    """Give a code to rows that have none."""
    code[(code == codes.FINE) & found] = what
