"""What every gate of a screen looks at, on each session of some underlying: as-of.

The values stand in the order of `core.screen.NAMES`, NaN where unknown, infinite where a gate does
not concern the name.  docs/screen.md has each one's unit and formula.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core import screen
from underwriter.core.record import F8, I4
from underwriter.market.fundamentals import Firm, measures, sectors
from underwriter.market.joined import Announced, Past, next_earnings, on_days
from underwriter.market.schema import CALL
from underwriter.market.strength import strength

MONTH = 21  # sessions over which contracts a day are averaged
NEAR_DTE = (7, 70)  # calendar days: the expiries that income is sold on
NEAR_MONEY = 0.10  # of the price: how far out of the money a width is looked at
_DOLLAR = 1.0  # of mid, under which a width counts as if it were one


class Trading(NamedTuple):
    """How the options of an underlying trade, a value a session; NaN unknown."""

    interest: F8  # open contracts of the class
    contracts: F8  # a day, mean of a month
    width: F8  # median share of the mid


class Subject(NamedTuple):
    """An underlying and what is known of it, apart from its options."""

    past: Past
    volume: F8  # shares, a value a bar
    firm: Firm
    announced: Announced | None  # None: nobody said when it reports
    fund: bool


def gate_values(
    day: I4, subject: Subject, index: Past, iv30: F8, trading: Trading, excluded: tuple[str, ...]
) -> F8:
    """The value of every gate on the sessions `day`, (sessions, gates).

    `iv30` and `trading` stand on the same sessions; `excluded` are sectors that are not wanted.
    """
    strong = strength(day, subject.past, subject.volume, index)
    filed = measures(day, subject.firm, strong.price)
    spared = np.full(len(day), np.inf)
    fund = subject.fund
    by_name = {
        **strong._asdict(),
        **filed._asdict(),
        **trading._asdict(),
        "iv30": iv30,
        "earnings": days_ahead(day, subject),
        "sector": spared if fund else _allowed(day, subject.firm, excluded),
    }
    if fund:
        by_name |= dict.fromkeys(("piotroski", "altman", "net_debt"), spared)
    return np.column_stack([by_name[name] for name in screen.NAMES])


def trading_of(day: I4, quotes: pl.DataFrame, past: Past) -> Trading:
    """How the options of an underlying trade on the sessions `day`.

    `quotes` as `lake.past.class_of` has them; those of the month before `day` make the first mean.
    A width counts from the close to a tenth out of the money, of expiries in 7 to 70 days.
    """
    closes = pl.DataFrame({"session": past.bars.day, "close": past.bars.close})
    days = (
        quotes.lazy()
        .join(closes.lazy(), on="session", how="left")
        .group_by("session")
        .agg(
            pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Float64).sum()).alias(name)
            for name in ("open_interest", "volume")
        )
        .sort("session")
    )
    widths = (
        quotes.lazy()
        .join(closes.lazy(), on="session", how="left")
        .filter(_is_near())
        .group_by("session")
        .agg(_width().median().alias("width"))
    )
    found = days.join(widths, on="session", how="left").collect().sort("session")
    columns = {
        name: found[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in ("open_interest", "volume", "width")
    }
    of = found["session"].to_numpy()
    mean = pl.Series(columns["volume"]).fill_nan(None).rolling_mean(MONTH, min_samples=1)
    return Trading(
        on_days(day, of, columns["open_interest"]),
        on_days(day, of, mean.fill_null(np.nan).to_numpy()),
        on_days(day, of, columns["width"]),
    )


def _is_near() -> pl.Expr:
    """Quotes with two sides, of the next weeks, from the money to a tenth out of it."""
    out = pl.when(pl.col("right") == CALL).then(1.0).otherwise(-1.0)
    money = out * (pl.col("strike") / pl.col("close") - 1.0)
    left = pl.col("expiry") - pl.col("session")
    sides = (pl.col("bid") > 0.0) & (pl.col("ask") >= pl.col("bid"))
    return sides & left.is_between(*NEAR_DTE) & money.is_between(0.0, NEAR_MONEY)


def _width() -> pl.Expr:
    """The width of a quote as a share of its mid, or of a dollar where the mid is under it."""
    mid = (pl.col("bid") + pl.col("ask")) / 2.0
    return (pl.col("ask") - pl.col("bid")) / pl.max_horizontal(mid, pl.lit(_DOLLAR))


def days_ahead(day: I4, subject: Subject) -> F8:
    """Calendar days to the next announcement; infinite for a fund, and where none is to come."""
    if subject.fund:
        return np.full(len(day), np.inf)
    if subject.announced is None:
        return np.full(len(day), np.nan)
    ahead = next_earnings(day, [subject.announced])[:, 0]
    return np.where(ahead > 0, ahead - day, np.inf)


def _allowed(day: I4, firm: Firm, excluded: tuple[str, ...]) -> F8:
    """1 for a sector that is wanted, 0 for one that is not, NaN where it is not known."""
    number, names = sectors(day, [firm])
    unwanted = {name.casefold() for name in excluded}
    wanted = np.array([np.nan, *(float(name.casefold() not in unwanted) for name in names)])
    return wanted[number[:, 0]]
