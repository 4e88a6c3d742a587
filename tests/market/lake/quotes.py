"""Chains of our own making: quotes that no gate objects to, as files in the lake's own columns."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from underwriter.market.lake.ingest import Brought, Source, importing
from underwriter.market.schema import conform
from underwriter.market.sources.own import OWN
from underwriter.market.sources.source import Ask

JANUARY = [dt.date(2015, 1, day) for day in (5, 6, 7, 8, 9, 12)]  # sessions of New York
FEBRUARY = [dt.date(2015, 2, day) for day in (2, 3, 4)]
FRIDAY = dt.date(2015, 3, 20)
NOON = 1_420_459_200_000_000_000  # UTC nanoseconds


def chain(
    days: Iterable[dt.date] = JANUARY,
    underlying: str = "ABC",
    root: str | None = "ABC",
    strikes: Sequence[float] = (95.0, 100.0, 105.0),
) -> pl.DataFrame:
    """A put and a call at each strike on each day: what exercise is worth, and two dollars."""
    rows = []
    for line, day in enumerate(days):
        spot = 98.0 + day.day * 0.37
        for strike in strikes:
            for right, inside in (("P", strike - spot), ("C", spot - strike)):
                price = round(max(inside, 0.0) + 2.0 + day.day * 0.01, 2)
                rows.append(
                    {
                        "underlying": underlying,
                        "root": root,
                        "date": day,
                        "expiry": FRIDAY,
                        "right": right,
                        "strike": strike,
                        "bid": price - 0.05,
                        "ask": price + 0.05,
                        "spot": spot,
                        "line": 2 + line,
                    }
                )
    made = conform("chain", pl.DataFrame(rows, infer_schema_length=None))
    return made.with_columns(pl.col("bid", "ask").round(2))


def laid_down(path: Path, frame: pl.DataFrame) -> Source:
    """A frame as a file, and how it is read."""
    frame.write_parquet(path)
    return Source(path, OWN, Ask())


def brought(home: Path, *sources: Source, at: int = NOON) -> list[Brought]:
    """What an import of some files brings."""
    with importing(home) as importer:
        return [importer.bring(source, at) for source in sources]


def counted(found: Brought) -> dict[str, int]:
    """Rows by gate over all names and years."""
    sums: dict[str, int] = {}
    for count in found.counts:
        sums[count.gate] = sums.get(count.gate, 0) + count.rows
    return sums
