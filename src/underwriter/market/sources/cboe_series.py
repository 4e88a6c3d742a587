"""Cboe's indices from csv: volatility, skew, and the strategies that write options.

    DATE,OPEN,HIGH,LOW,CLOSE     VIX_History.csv: the series is named by the file, or --underlying
    DATE,VVIX                    named by the header
    Date,BXM,BXMD,...,PUT,...    many in one file, a blank where a series has not begun

Days are month first.  Cboe's file of PUT begins with six scattered points before its first
unbroken run of days, VVIX with a few in 2006: all are read here, and the gates of
`series_quality` take out, and count, what stands before the run.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.history import numbers
from underwriter.market.sources.series import (
    BLANK,
    Columns,
    Days,
    Values,
    date_column,
    days_of,
    frame_of,
    is_series,
    plain_names,
    stem_of,
)
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.table import Table, is_date_name, read_table

VOLATILITIES = frozenset(
    {"VIX", "VIX1D", "VIX9D", "VIX3M", "VIX6M", "VIX1Y", "VXO", "VVIX", "VXN", "RVX", "VXD"}
    | {"GVZ", "OVX", "VXEEM", "VXTLT", "SKEW"}
)
STRATEGIES = frozenset(
    {"PUT", "PUTR", "PUTY", "WPUT", "WPTR", "BXM", "BXMD", "BXMC", "BXMW", "BXY", "BXN", "BXR"}
    | {"CLL", "CLLZ", "CMBO", "CNDR", "BFLY", "PPUT", "RXM", "VPD", "VPN"}
)
_BESIDE = frozenset({"SPTR", "SPX", "GS3M"})  # that Cboe prints beside its strategies
_BARS = ("open", "high", "low", "close")
_STEM = re.compile(r"\^?([A-Z0-9]+)(?:_History|_daily.*|$)", re.IGNORECASE)
_SERIES = re.compile(r"[A-Z][A-Z0-9]*")


class CboeSeries:
    """Volatility and strategy indices, as Cboe publishes them."""

    name = "cboe-series"
    says = "Cboe's indices: VIX and its kin, SKEW, PUT, BXM and the other strategies"

    def recognises(self, head: Head) -> bool:
        """Whether every column is an index of Cboe's, or the file's name is one."""
        if not is_series(head):
            return False
        named = {name.upper() for name in plain_names(head) if not is_date_name(name)}
        known = VOLATILITIES | STRATEGIES
        if named & known and named <= known | _BESIDE:
            return True
        return "CLOSE" in named and _by_name(head.path) in known

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The levels of a file, series after series; see `sources.source.Format`."""
        table = read_table(path)
        day = days_of(table, date_column(table))
        for column, series in _columns(table, ask).items():
            value = numbers(table, column, positive=True, missing=BLANK)
            yield Part("levels", levels_frame(table, day, series, value))


def levels_frame(table: Table, day: Days, series: str, value: Values) -> pl.DataFrame:
    """The days of a series that have a value, in the columns of `schema.LEVELS`."""
    columns: Columns = {"series": [series] * len(day), "value": value}
    return frame_of("levels", table, day, columns).filter(pl.col("value").is_not_null())


def _columns(table: Table, ask: Ask) -> dict[str, str]:
    """The columns to read, with the series that each of them is."""
    names = [name for name in table.names if name and not is_date_name(name)]
    if "close" in names:
        return {"close": _named(table, ask)}
    odd = [name for name in names if not _SERIES.fullmatch(name.upper())]
    if odd or set(names) & set(_BARS):
        found = ", ".join(odd or names)
        raise InputError(f"{table.path}: found columns {found}; expected close, or names of series")
    return {name: name.upper() for name in names}


def _named(table: Table, ask: Ask) -> str:
    """The series of a file of bars: as the person says, else as the file's name begins."""
    if ask.underlying is not None:
        return ask.underlying.upper()
    found = _by_name(table.path)
    if not found:
        expected = "--underlying SERIES, or a name such as VIX_History.csv"
        raise InputError(f"{table.path}: found no series in its name; expected {expected}")
    return found


def _by_name(path: Path) -> str:
    """The series that the name of a file begins with, else an empty text."""
    found = _STEM.match(stem_of(path))
    return found[1].upper() if found else ""


CBOE = CboeSeries()
