"""What the lake knows of an underlying when a file is judged: calendar, terms, prices, days."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from underwriter.core.units import day_of
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.history import BILLS
from underwriter.market.instrument import Instrument
from underwriter.market.lake.admit import key_of
from underwriter.market.lake.catalogue import KEPT, Catalogue, Segment
from underwriter.market.lake.layout import Places
from underwriter.market.lake.segments import read_segments
from underwriter.market.quality import Ground
from underwriter.market.schema import CHAIN, SCHEMAS, Kind, empty

EXCHANGE = "XNYS"  # where nothing says another
_NEAR = 7  # days within which a session before is held against the first of a file


class Known:
    """What is in the lake, and what the file at hand adds to it."""

    def __init__(self, home: Path, places: Places, catalogue: Catalogue) -> None:
        self._home = home
        self._places = places
        self._catalogue = catalogue
        self._calendars: dict[str, Calendar] = {}

    def series(self, kind: Kind, name: str) -> pl.DataFrame:
        """The kept rows of a series, in the columns of its kind."""
        segments = self._catalogue.segments(
            "kind = ? AND role = ? AND name = ?", (kind, KEPT, name)
        )
        return read_segments(self._places, segments, kind).select(SCHEMAS[kind].names())

    def calendar(self, instruments: pl.DataFrame) -> Calendar:
        """The calendar that the terms of an underlying name."""
        name = calendar_name(instruments)
        if name not in self._calendars:
            self._calendars[name] = load_calendar(name, self._home)
        return self._calendars[name]

    def ground(self, underlying: str, fresh: Mapping[Kind, pl.DataFrame]) -> Ground:
        """What its chain is judged by; `fresh` are the series of the file itself."""
        instruments, bars, splits = (
            self._both(kind, underlying, fresh) for kind in ("instruments", "bars", "splits")
        )
        calendar = self.calendar(instruments)
        terms = {row["root"]: _terms(row, calendar) for row in instruments.iter_rows(named=True)}
        return Ground(calendar, terms, bars=bars, splits=splits, bills=self._bills())

    def _bills(self) -> pl.DataFrame:
        """The bill yields that backtests take too: the first series that there is."""
        found = (self.series("levels", name) for name in BILLS)
        return next((levels for levels in found if levels.height), empty("levels"))

    def _both(self, kind: Kind, name: str, fresh: Mapping[Kind, pl.DataFrame]) -> pl.DataFrame:
        """A series of the lake with what a file adds to it; where both say a day, the lake's."""
        own = fresh.get(kind, empty(kind)).filter(underlying=name)
        rows = pl.concat([self.series(kind, name), own])
        return rows.unique(key_of(kind), keep="first", maintain_order=True).sort(key_of(kind))

    def before(self, underlying: str, first: int) -> pl.DataFrame:
        """The kept rows of the day before a first one, where that is near."""
        query = (
            "SELECT max(date) FROM day WHERE underlying = ? AND date < ? AND date >= ? AND kept > 0"
        )
        ((day,),) = self._catalogue.rows(query, (underlying, first, first - _NEAR))
        return self.quotes(underlying, [] if day is None else [int(str(day))])

    def common(self, underlying: str, days: Iterable[int]) -> list[int]:
        """Which of the days the lake has quotes of already."""
        query = "SELECT DISTINCT date FROM day WHERE underlying = ? AND kept > 0"
        there = {int(str(day)) for (day,) in self._catalogue.rows(query, (underlying,))}
        return sorted(there & set(days))

    def quotes(self, underlying: str, days: list[int]) -> pl.DataFrame:
        """The kept rows of an underlying on some days, in the columns of a chain."""
        segments: list[Segment] = []
        if days:
            segments = self._catalogue.segments(
                "kind = 'chain' AND role = ? AND name = ? AND last >= ? AND first <= ?",
                (KEPT, underlying, days[0], days[-1]),
            )
        wanted = pl.col("date").is_in([day_of(day) for day in days])
        return read_segments(self._places, segments, "chain", wanted).select(CHAIN.names())


def calendar_name(instruments: pl.DataFrame) -> str:
    """The exchange that the terms of an underlying name, else New York's."""
    named = instruments["calendar"].drop_nulls()
    return str(named[0]) if len(named) else EXCHANGE


def _terms(row: dict[str, Any], calendar: Calendar) -> Instrument:
    """A row of instruments; what it does not say is as is usual for its root."""
    usual = Ground(calendar).terms(row["root"])
    said = {
        name: row[name] for name in ("style", "settlement", "multiplier") if row[name] is not None
    }
    return replace(usual, symbol=row["underlying"], **said)
