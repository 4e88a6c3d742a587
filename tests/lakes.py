"""Lakes that tests fill: a small made-up market in the free history's columns, or any files."""

from collections.abc import Iterable
from datetime import date, timedelta
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist

import polars as pl

from underwriter.market.lake.ingest import Source, importing
from underwriter.market.sources.formats import recognise
from underwriter.market.sources.source import Ask

RATE, VOLATILITY = 0.03, 0.22
_HOLIDAYS = {date(2024, 1, 1), date(2024, 1, 15), date(2024, 2, 19), date(2024, 3, 29)}
_CDF = NormalDist().cdf


def sessions(first: date = date(2024, 1, 2), last: date = date(2024, 4, 12)) -> list[date]:
    """The exchange's sessions of early 2024."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in _HOLIDAYS]


def black(right: str, spot: float, strike: float, years: float) -> float:
    """Black's formula on the forward; intrinsic value when no time is left."""
    sign = 1 if right == "call" else -1
    if years <= 0:
        return max(sign * (spot - strike), 0.0)
    deviation = VOLATILITY * sqrt(years)
    forward = spot * exp(RATE * years)
    d1 = log(forward / strike) / deviation + deviation / 2
    worth = sign * (forward * _CDF(sign * d1) - strike * _CDF(sign * (d1 - deviation)))
    return exp(-RATE * years) * worth


def closes(days: list[date]) -> list[float]:
    """A path that falls by a seventh and comes back, so that puts are assigned and calls too."""
    half = len(days) // 2
    return [
        round(100 - 14 * (1 - abs(n - half) / half) + 0.3 * (n % 3), 2) for n in range(len(days))
    ]


def chain(
    symbol: str, days: list[date], spots: list[float], *, quoted: bool = True
) -> pl.DataFrame:
    """Quotes of every Friday's expiry up to six weeks out, a dime wide; or last prices alone."""
    fridays = set(_fridays(days[0], days[-1] + timedelta(days=42)))
    rows = []
    for day, spot in zip(days, spots, strict=True):
        for expiry in sorted(each for each in fridays if 0 <= (each - day).days <= 42):
            years = (expiry - day).days / 365
            for strike in range(70, 131):
                for right in ("call", "put"):
                    price = black(right, spot, float(strike), years)
                    low = max(round(price - 0.05, 2), 0.0)
                    rows.append((day, expiry, float(strike), right, low, round(price + 0.05, 2)))
    columns = ("date", "expiration", "strike", "type", "bid", "ask")
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    name = pl.format(
        "{}{}{}{}",
        pl.lit(symbol),
        pl.col("expiration").dt.strftime("%y%m%d"),
        pl.col("type").str.slice(0, 1).str.to_uppercase(),
        (pl.col("strike") * 1000).cast(pl.Int64).cast(pl.String).str.zfill(8),
    )
    found = frame.with_columns(
        contract_id=name,
        symbol=pl.lit(symbol),
        volume=pl.lit(10, pl.Int32),
        open_interest=pl.lit(500, pl.Int32),
        implied_volatility=pl.lit(VOLATILITY),
        delta=pl.lit(None, pl.Float64),
        last=pl.lit(None, pl.Float64),
    )
    if quoted:
        return found
    none = pl.lit(None, pl.Float64)
    return found.with_columns(
        last=((pl.col("bid") + pl.col("ask")) / 2).round(2), bid=none, ask=none
    )


def _fridays(first: date, last: date) -> Iterable[date]:
    """Fridays, or the Thursday before a holiday."""
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if day.weekday() == 4:
            yield day - timedelta(days=1) if day in _HOLIDAYS else day


def written(
    folder: Path,
    symbol: str = "SYN",
    settlement: str = "cash-pm",
    *,
    quoted: bool = True,
    last: date = date(2024, 4, 12),
) -> Path:
    """A folder of the free history's files, of one made-up underlying."""
    place = folder / symbol
    place.mkdir()
    days = sessions(last=last)
    spots = closes(days)
    chain(symbol, days, spots, quoted=quoted).write_parquet(place / "options.parquet")
    flat = {"date": days, **dict.fromkeys(("open", "high", "low", "close"), spots)}
    pl.DataFrame(flat).with_columns(
        symbol=pl.lit(symbol),
        adjusted_close=pl.col("close"),
        volume=pl.lit(1_000_000),
        dividend_amount=pl.lit(0.0),
        split_coefficient=pl.lit(1.0),
    ).write_parquet(place / "underlying.parquet")
    style = "american" if settlement == "physical" else "european"
    (place / "underlying.toml").write_text(
        f'symbol = "{symbol}"\nstyle = "{style}"\nsettlement = "{settlement}"\n'
        'multiplier = 100\ncalendar = "XNYS"\n',
        encoding="utf-8",
    )
    return place


def filled(home: Path, paths: Iterable[Path]) -> None:
    """Bring files, or the files of folders, into the lake of a home."""
    files = [
        file
        for path in paths
        for file in (sorted(path.glob("*.parquet")) if path.is_dir() else [path])
    ]
    with importing(home) as importer:
        for at, file in enumerate(files):
            importer.bring(Source(file, recognise(file), Ask()), at)
