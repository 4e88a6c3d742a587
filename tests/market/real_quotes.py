"""Real quotes of ../shared, each with its volatility and where it stands on its smile.

Used by bench/calibrate.py, which fits the model on them, and by the tests that judge it.  Read by
the readers of `market.sources`, kept where `market.quality` finds no fault, forwards by parity and
volatilities our own: nothing of a source is believed but its prices.
"""

import os
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.units import day_number
from underwriter.market.american import load_tables
from underwriter.market.calendar import load_calendar
from underwriter.market.chains import Held, ground_of
from underwriter.market.history import Bars, Levels, rates_from_bills, read_levels, read_volatility
from underwriter.market.instrument import PENNY, SPX_TICKS, Instrument
from underwriter.market.parity import Quotes
from underwriter.market.quality import GATES, Ground, judge
from underwriter.market.series import series_of, spread_out
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask
from underwriter.market.volatility import volatilities

SPX = Instrument("SPX", "SPXW", "european", "cash-pm", SPX_TICKS)
LAST = "SPY", "QQQ", "IWM", "AAPL", "KO"  # of us_option_last_2026
LEAN = "AAPL 2014"
_SPLIT = date(2014, 6, 9)  # AAPL, seven for one
_NEAREST = 4  # quotes on each side of the forward, between which the level there is drawn
_SMALLEST = 0.03  # volatility: what is below it at the forward is no smile


class Chain(NamedTuple):
    """One source: its name, its terms, its rows as read, dividends (ex-day, amount)."""

    name: str
    instrument: Instrument
    rows: pl.DataFrame
    dividends: dict[date, float]


def home() -> Path:
    """Where the calendar and the American table are kept."""
    return Path(os.environ["UNDERWRITER_HOME"])


def quotes(shared: Path, *names: str) -> pl.DataFrame:
    """The quotes of some sources ("SPX", those of LAST, LEAN), bid above zero, one row each.

    Columns: source, date, session, expiry (day numbers), dte, right (0 put, 1 call), strike, spot,
    forward, years, bid, ask, mid (dollars; of a last price all three are it), iv, delta (NaN where
    there is none), atm (the volatility at the forward), z (deviations from the forward), out (of
    the money), index (VIX, a fraction; null on days without).
    """
    return pl.concat([_of_source(shared, name) for name in names])


def smiles(shared: Path, *names: str) -> pl.DataFrame:
    """Of those quotes the ones out of the money that have a volatility."""
    return quotes(shared, *names).filter("out", pl.col("iv").is_not_nan())


@cache
def _of_source(shared: Path, name: str) -> pl.DataFrame:
    """The quotes of one source."""
    chain = _read(shared, name)
    return _with_index(shared, _placed(_solved(shared, chain), name))


def _read(shared: Path, name: str) -> Chain:
    """The rows of a source without fault."""
    data = shared / "data"
    if name == "SPX":
        paths = sorted((data / "spx_eod_2026").glob("spx_chain_*.csv.gz"))
        return Chain(name, SPX, _kept(paths, {"SPX": SPX}), {})
    if name == LEAN:
        path = data / "lean_options_aapl_2014/aapl_2014_quote_american.zip"
        terms = Instrument("AAPL", "AAPL", "american", "physical", PENNY)
        return Chain(name, terms, _kept([path], {}), {})
    terms = Instrument(name, name, "american", "physical", PENNY)
    paid = _paid(data / f"etf_daily/{name}_dividends.csv")
    rows = _kept([data / f"us_option_last_2026/{name}.csv.gz"], {})
    return Chain(name, terms, rows.filter(pl.col("volume") > 0), paid)


def _paid(path: Path) -> dict[date, float]:
    """Cash dividends by ex-day, where there is such a file."""
    if not path.exists():
        return {}
    rows = pl.read_csv(path, try_parse_dates=True)
    return dict(rows.select("ex_dividend_date", "cash_amount").sort("ex_dividend_date").iter_rows())


def _kept(paths: list[Path], terms: dict[str, Instrument]) -> pl.DataFrame:
    """The rows of some files in which no gate finds fault, with the spot the gates say."""
    parts = [part.frame for path in paths for part in recognise(path).read(path, Ask())]
    keys = ["date", "root", "right", "expiry", "strike"]
    judged = judge(pl.concat(parts).sort(keys), Ground(load_calendar("XNYS", home()), terms))
    faults = [name for name, gate in GATES.items() if gate.dropped]
    good = pl.col("gate").is_null() | ~pl.col("gate").cast(pl.String).is_in(faults)
    spots = judged.days.select("date", "spot")
    return judged.chain.filter(good).drop("spot").join(spots, on="date", how="left")


def _solved(shared: Path, chain: Chain) -> pl.DataFrame:
    """Each quote with its forward, volatility and delta."""
    rows = _columns(chain)
    bars = _bars(rows)
    ex = np.array([day_number(day) for day in chain.dividends], np.int32)
    held = Held(chain.instrument, rows, bars, ex, np.array([*chain.dividends.values()]))
    series = series_of(*(rows[name].to_numpy() for name in ("session", "right", "expiry")))
    sides = Quotes(*(rows[name].to_numpy() for name in ("strike", "bid", "ask")))
    tables = load_tables(home() / "cache") if chain.instrument.style == "american" else None
    ground = ground_of(held, series, sides, _rates(shared, bars), tables)
    given = np.full(rows.height, np.nan, np.float32)
    found = volatilities(series, sides, given, ground, tables)
    row = spread_out(series, rows.height)
    return rows.with_columns(
        spot=pl.Series(ground.spot[row]),
        forward=pl.Series(ground.forward[row]),
        years=pl.Series(ground.years[row]),
        iv=pl.Series(found.iv.astype(np.float64)),
        delta=pl.Series(found.delta.astype(np.float64)),
    )


def _columns(chain: Chain) -> pl.DataFrame:
    """The rows in slab order, a last price as bid and ask; without expiries of the same day."""
    days = [
        pl.col(name).to_physical().cast(pl.Int32).alias(to)
        for name, to in (("date", "session"), ("expiry", "expiry"))
    ]
    sides = [pl.coalesce(name, "last").alias(name) for name in ("bid", "ask")]
    return (
        chain.rows.with_columns(*sides)
        .select(
            "date", *days, (pl.col("right") == "C").cast(pl.Int8), "strike", "bid", "ask", "spot"
        )
        .filter(pl.col("expiry") > pl.col("session"), pl.col("spot").is_not_null())
        .sort("session", "right", "expiry", "strike")
    )


def _bars(rows: pl.DataFrame) -> Bars:
    """The spot of each session as a bar."""
    days = rows.group_by("session").agg(pl.col("spot").first()).sort("session")
    close = days["spot"].to_numpy()
    return Bars(days["session"].to_numpy(), close, close, close, close, 0)


def _rates(shared: Path, bars: Bars) -> np.ndarray:
    """The bill rate of each session."""
    bills = read_levels(shared / "data/rates/IRX_13week_tbill_daily.csv", positive=False)
    return rates_from_bills(bills, bars.day)


def _placed(solved: pl.DataFrame, name: str) -> pl.DataFrame:
    """Quotes with the level of their smile, and where on it they stand."""
    above = pl.col("strike") >= pl.col("forward")
    rows = solved.filter(pl.col("bid") > 0.0).with_columns(
        apart=(pl.col("strike") / pl.col("forward")).log(), out=above == (pl.col("right") == 1)
    )
    out = rows.filter("out", pl.col("iv").is_not_nan())
    levels = pl.DataFrame(_levels(out), ["session", "expiry", "atm"], orient="row").cast(
        {"session": pl.Int32, "expiry": pl.Int32}
    )
    return rows.join(levels, on=["session", "expiry"], maintain_order="left").select(
        pl.lit(name).alias("source"),
        "date",
        "session",
        "expiry",
        (pl.col("expiry") - pl.col("session")).alias("dte"),
        *("right", "strike", "spot", "forward", "years", "bid", "ask"),
        ((pl.col("bid") + pl.col("ask")) / 2.0).alias("mid"),
        *("iv", "delta", "atm", "out"),
        (pl.col("apart") / (pl.col("atm") * pl.col("years").sqrt())).alias("z"),
    )


def _levels(out: pl.DataFrame) -> Iterator[tuple[int, int, float]]:
    """Of each series the volatility at the forward: a line through the nearest on both sides."""
    for (session, expiry), rows in out.group_by("session", "expiry"):
        sides = [
            rows.filter(side).sort(pl.col("apart").abs()).head(_NEAREST)
            for side in (pl.col("apart") < 0.0, pl.col("apart") >= 0.0)
        ]
        if min(len(side) for side in sides) == _NEAREST:
            near = pl.concat(sides)
            level = float(np.polyfit(near["apart"].to_numpy(), near["iv"].to_numpy(), 1)[1])
            if level > _SMALLEST:
                yield session, expiry, level


def _with_index(shared: Path, placed: pl.DataFrame) -> pl.DataFrame:
    """The quotes with VIX of their day."""
    vix: Levels = read_volatility(shared / "data/cboe_indices/VIX_History.csv")
    levels = pl.DataFrame({"session": vix.day, "index": vix.value / 100.0})
    return placed.join(levels, on="session", how="left", maintain_order="left")
