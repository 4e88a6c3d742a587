"""What the lake holds of one root between two days, as `market.chains` takes it.

The price of the underlying on a session is its bar's close, unless the options of the day say that
it cannot be, else the spot that they imply; a session with neither is refused, since what expires
on it could not be settled.  What they allow is kept with the day, so that bars are judged as the
gate `spot_off` judges a spot, whenever they come.
"""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4
from underwriter.core.units import day_of
from underwriter.market.calendar import Calendar
from underwriter.market.chains import Held
from underwriter.market.gates.levels import beyond
from underwriter.market.history import BILLS, BILLS_AGE, VOLATILITY_AGE, Bars, Levels
from underwriter.market.instrument import Instrument
from underwriter.market.joined import slope
from underwriter.market.lake.catalogue import KEPT, reading
from underwriter.market.lake.read import Lake, Reader
from underwriter.market.maturity import last_known
from underwriter.market.schema import CALL
from underwriter.market.slab import Rates, Splits

Mask = npt.NDArray[np.bool_]

AGREE = 0.03  # of the spot, by which a close may differ where a day's bounds were not kept
MEASURE, FARTHER = "VIX", "VIX3M"
_FINEST = 100  # a split's ratio is of small whole numbers
_SIDES = ("open", "high", "low", "close")
CHAIN_COLUMNS = ("date", "expiry", "right", "strike", "bid", "ask", "last", "iv", "open_interest")


def underlyings(lake: Reader) -> list[str]:
    """The underlyings that the lake has quotes of, sorted."""
    query = "SELECT DISTINCT name FROM segment WHERE kind = 'chain' AND role = ? ORDER BY name"
    with reading(lake.places) as catalogue:
        rows = [] if catalogue is None else catalogue.rows(query, (KEPT,))
    return [str(name) for (name,) in rows]


def spans_of(lake: Lake) -> dict[str, tuple[int, int]]:
    """The first and the last session on which each underlying of the lake has quotes."""
    query = (
        "SELECT underlying, min(date), max(date) FROM day WHERE kept > 0 AND session = 1 "
        "GROUP BY underlying"
    )
    with reading(lake.places) as catalogue:
        rows = [] if catalogue is None else catalogue.rows(query)
    return {str(name): (int(str(first)), int(str(last))) for name, first, last in rows}


def files_of(lake: Lake, underlying: str, day: I4) -> list[str]:
    """The files that the quotes of an underlying on some sessions came from, by name, sorted."""
    query = (
        "SELECT DISTINCT path FROM file JOIN day ON file.number = day.file "
        "WHERE underlying = ? AND kept > 0 AND date BETWEEN ? AND ?"
    )
    with reading(lake.places) as catalogue:
        given = underlying, int(day[0]), int(day[-1])
        rows = [] if catalogue is None else catalogue.rows(query, given)
    return sorted(Path(str(path)).name for (path,) in rows)


def sessions_of(lake: Lake, underlying: str, calendar: Calendar) -> I4:
    """The sessions from the first that has quotes of an underlying to the last, gaps included."""
    days = lake.days(underlying).filter((pl.col("kept") > 0) & (pl.col("session") == 1))
    if not days.height:
        return np.empty(0, np.int32)
    number = days["date"].cast(pl.Int32)
    return calendar.between(int(number[0]), int(number[-1]))


def held_of(lake: Lake, underlying: str, instrument: Instrument, day: I4) -> Held:
    """The quotes of one root on the sessions `day`, with prices, dividends and splits.

    InputError where a session has no price of the underlying.
    """
    first, last = day_of(int(day[0])), day_of(int(day[-1]))
    chain = lake.chain(underlying, instrument.root, first, last, CHAIN_COLUMNS)
    bars, _ = bars_on(lake, underlying, day)
    paid = lake.dividends(underlying)
    return Held(
        instrument,
        plain(chain),
        bars,
        day_numbers(paid["ex_date"]),
        paid["amount"].to_numpy(),
        splits_of(lake.splits(underlying), unsaid_splits(lake, underlying)),
    )


def unsaid_splits(lake: Lake, underlying: str) -> pl.DataFrame:
    """The days on which strikes and spot show a split that no file says: `date`, `split_seen`."""
    seen = pl.col("split_seen").is_not_null() & pl.col("split_given").is_null()
    days = lake.days(underlying).filter(seen, pl.col("kept") > 0).select("date", "split_seen")
    return days.join(lake.splits(underlying), on="date", how="anti")


def splits_of(said: pl.DataFrame, seen: pl.DataFrame) -> Splits:
    """The splits that files say and those that a chain shows, by day."""
    ratios = [Fraction(ratio).limit_denominator(_FINEST) for ratio in seen["split_seen"]]
    rows = [
        *zip(day_numbers(said["date"]).tolist(), said["new"], said["old"], strict=True),
        *(
            (day, ratio.numerator, ratio.denominator)
            for day, ratio in zip(day_numbers(seen["date"]).tolist(), ratios, strict=True)
        ),
    ]
    table = np.array(sorted(rows), np.int64).reshape(-1, 3)
    return Splits(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 2].copy())


class Said(NamedTuple):
    """What the options of each session say of the spot; NaN is unknown."""

    spot: F8  # the one to use
    off: F8  # 1: the quoted spot cannot be
    least: F8  # the lowest that they allow
    most: F8  # the highest


SAID = ("spot", "spot_off", "spot_least", "spot_most")  # the columns of a day that `Said` has


class Kinds(NamedTuple):
    """On how many sessions an underlying is quoted, on how many it has last prices alone."""

    quoted: int
    last: int
    left_out: int  # rows without quotes on sessions that have some


def kinds_of(lake: Lake, underlying: str, day: I4) -> Kinds:
    """What the quotes of an underlying are on some sessions, all of its roots together.

    The catalogue counts each day of an underlying, and each root's rows of a year: a root's days
    would take reading its quotes, which a slab that was kept does without.
    """
    between = pl.col("date").cast(pl.Int32).is_between(int(day[0]), int(day[-1]))
    days = lake.days(underlying).filter(between & (pl.col("kept") > 0))
    quoted = days.filter(pl.col("quoted") > 0)
    left_out = (quoted["kept"] - quoted["quoted"]).to_numpy().sum()
    return Kinds(quoted.height, days.height - quoted.height, int(left_out))


def rates_on(lake: Lake, day: I4) -> tuple[Rates, tuple[str, ...]]:
    """Bill rate and volatility index on sessions, as of each; and what is missing of them.

    Where no bill yield is known, cash earns nothing; an unknown index is NaN.
    """
    names = [name for name in BILLS if lake.levels(name).height]
    bill = np.zeros(len(day))
    remarks = []
    if names:
        percent = last_known(_levels(lake, names[0]), day, BILLS_AGE)
        bill = np.nan_to_num(percent / 100.0)
        remarks += _absent(percent, f"bill yield ({names[0]}); cash earns nothing there")
    else:
        remarks.append("no bill yields in the lake: cash earns nothing")
    measure = np.full(len(day), np.nan)
    if lake.levels(MEASURE).height:
        measure = last_known(_levels(lake, MEASURE), day, VOLATILITY_AGE)
        remarks += _absent(measure, f"{MEASURE}; the regime is unknown there")
    else:
        remarks.append(f"no {MEASURE} in the lake: the regime is unknown")
    return Rates(bill, measure), tuple(remarks)


def slope_on(lake: Lake, day: I4) -> F8:
    """VIX over VIX3M on sessions, as of each; NaN where unknown."""
    return slope(day, _levels(lake, MEASURE), _levels(lake, FARTHER))


def _absent(values: F8, what: str) -> list[str]:
    """The remark on sessions without a value, if there are any."""
    missing = int(np.isnan(values).sum())
    return [f"{missing} sessions without {what}"] if missing else []


def _levels(lake: Lake, name: str) -> Levels:
    """A series of the lake, the days that have a value."""
    frame = lake.levels(name).drop_nulls("value")
    return Levels(day_numbers(frame["date"]), frame["value"].to_numpy(), 0)


def plain(chain: pl.DataFrame) -> pl.DataFrame:
    """A chain with days as numbers and rights as 0 and 1, in the same order."""
    return chain.select(
        pl.col("date").cast(pl.Int32).alias("session"),
        pl.col("expiry").cast(pl.Int32),
        (pl.col("right") == CALL).cast(pl.Int8),
        *("strike", "bid", "ask", "last", "iv"),
        pl.col("open_interest").fill_null(-1),
    )


def bars_on(lake: Lake, underlying: str, day: I4) -> tuple[Bars, tuple[str, ...]]:
    """A bar on every session, of the lake where it fits the options, else as they imply; remarks.

    After the last session with quotes a price that is not known is the last one that was.
    InputError where a session before that has neither.
    """
    days = lake.days(underlying)
    last = _last_quoted(days)
    if day[0] > last:  # what it stands still at is the price of a session before
        (_, *sides, _), told = bars_on(lake, underlying, np.insert(day, 0, last).astype(np.int32))
        opens, high, low, close = (side[1:] for side in sides)
        return Bars(day, opens, high, low, close, 0), told
    frame = lake.bars(underlying)
    of = day_numbers(frame["date"])
    opens, high, low, close = (
        _on(day, of, frame[name]) for name in ("open", "high", "low", "close")
    )
    said = Said(*(_on(day, day_numbers(days["date"]), days[name]) for name in SAID))
    bars = Bars(day, opens, high, low, close, 0)
    standing: tuple[str, ...] = ()
    ended = day > last
    if ended.any():
        bars, standing = _standing(bars, said.spot, ended)
    found, remarks = fitted(underlying, bars, said)
    return found, (*remarks, *standing)


def _last_quoted(days: pl.DataFrame) -> int:
    """The last session on which an underlying has quotes."""
    quoted = days.filter((pl.col("kept") > 0) & (pl.col("session") == 1))
    return int(day_numbers(quoted["date"])[-1])


def unpriced(lake: Lake, underlying: str, day: int) -> bool:
    """Whether neither a bar nor the options say what an underlying was worth on a session."""
    on = pl.col("date") == day_of(day)
    closes = lake.bars(underlying).filter(on)["close"]
    spots = lake.days(underlying).filter(on)["spot"]
    return not closes.drop_nulls().len() and not spots.drop_nulls().len()


def _standing(bars: Bars, spot: F8, ended: Mask) -> tuple[Bars, tuple[str, ...]]:
    """Prices that go on after a name's quotes have ended, as they are known or as they last were.

    What expires then settles against them, shares stand at them, and nothing is opened.
    """
    close = bars.close.copy()
    known = np.flatnonzero(~np.isnan(np.where(np.isnan(close), spot, close)))
    last = int(known[-1])
    still = ended & (np.arange(len(close)) > last)
    close[still] = close[last] if not np.isnan(close[last]) else spot[last]
    first = day_of(int(bars.day[ended][0]))
    told = f"no quotes from {first} on: nothing is opened, what expires settles at the close"
    if still.any():
        told += f", which stands still from {day_of(int(bars.day[still][0]))} on"
    return bars._replace(close=close), (told,)


def fitted(underlying: str, bars: Bars, said: Said) -> tuple[Bars, tuple[str, ...]]:
    """The bars where the options allow them, else the spots that they say; remarks.

    InputError where a session has neither.
    """
    day, opens, high, low, close, _ = bars
    odd = _odd(close, said)
    taken = np.isnan(close) | odd
    price = np.where(taken, said.spot, close)
    if np.isnan(price).any():
        without = day[np.isnan(price)]
        raise InputError(
            f"{underlying}: found no price on {len(without)} sessions, the first "
            f"{day_of(int(without[0]))}; expected quotes on each, or its daily bars: "
            "underwriter data import"
        )
    opens, high, low = (np.where(taken, np.nan, side) for side in (opens, high, low))
    return Bars(day, opens, high, low, price, 0), _remarks(taken, odd)


def _odd(close: F8, said: Said) -> Mask:
    """Which closes cannot be; by AGREE where an older version of the lake kept no bounds."""
    far = np.abs(close / said.spot - 1.0) > AGREE
    wrong = far | ((said.off == 1.0) & (close != said.spot))
    return np.where(np.isnan(said.least), wrong, beyond(close, said.least, said.most))


def _remarks(taken: Mask, odd: Mask) -> tuple[str, ...]:
    """What is to be said of the prices of an underlying."""
    told = []
    if taken.all() and not odd.any():
        told.append("closes as the options have them")
    if odd.any():
        told.append(
            f"closes cannot be, by the options, on {int(odd.sum())} sessions, where the options' "
            "spot is taken"
        )
    return tuple(told)


def _on(day: I4, of: I4, column: pl.Series) -> F8:
    """A column's value on each of `day`, NaN where it has none."""
    found = np.full(len(day), np.nan)
    if len(of):
        at = np.minimum(np.searchsorted(of, day), len(of) - 1)
        there = of[at] == day
        found[there] = column.cast(pl.Float64).fill_null(np.nan).to_numpy()[at[there]]
    return found


def day_numbers(dates: pl.Series) -> I4:
    """The day numbers of a column of dates."""
    return dates.cast(pl.Int32).to_numpy()
