"""QuantConnect LEAN's universe files: the chain of one day, the day in the file's name.

Layout: https://github.com/QuantConnect/Lean/tree/master/Data/option/usa/universes, as
`universes/aapl/20140602.csv`.  Sure.  A contract has the close of the day (the middle of its last
quotes: it is `last` here), volatility, delta and open interest; no bid, no ask, no root.  The first
row is the underlying's; in the files in hand it is often of another hour than the contracts, once
of the day before.  The underlying is the folder's name below `universes`; else that of the daily
zips above it, where they are all of one; else `--underlying`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.sources.layout import Layout, bind, chain_of, columns, with_formats
from underwriter.market.sources.lean_options import FILE
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.sources.tabular import raw_columns

_MARKS = frozenset({"#expiry", "strike", "right", "implied_volatility"})
_DAY = re.compile(r"([0-9]{8})\.csv(?:\.gz)?")
_FOLDER = "universes"
_ADDED = ("day", "spot")  # that stand outside the rows of the contracts
_LAYOUT = Layout(
    columns=columns(
        date="day",
        expiry="#expiry",
        right="right",
        strike="strike",
        last="close",
        iv="implied_volatility",
        delta="delta",
        volume="volume",
        open_interest="open_interest",
        spot="spot",
    ),
    dates=("%Y%m%d",),
)


class _LeanUniverse:
    """The format of LEAN's universe files."""

    name = "lean-universe"
    says = "QuantConnect LEAN option universes: the closes of one day, yyyymmdd.csv"

    def recognises(self, head: Head) -> bool:
        """Whether it has the columns of a universe."""
        return set(head.names) >= _MARKS

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain of the day."""
        day = _DAY.fullmatch(path.name)
        if day is None:
            raise InputError(f"{path}: found no day in the file's name; expected yyyymmdd.csv")
        names = tuple(theirs for each in _LAYOUT.columns.values() for theirs in each)
        bound = bind(_LAYOUT, f"{path}, line 1", names, _underlying(path, asked(ask.underlying)))
        wanted = {name: kind for name, kind in bound.wanted().items() if name not in _ADDED}
        for raw in raw_columns(path, wanted):
            rows = _contracts(raw, day[1], path)
            yield Part("chain", chain_of(rows, with_formats(bound, rows)))


LEAN_UNIVERSE = _LeanUniverse()


def _contracts(raw: pl.DataFrame, day: str, path: Path) -> pl.DataFrame:
    """The rows of the contracts, with the day and the underlying's close from the first row."""
    own = pl.col("#expiry").is_null()
    rows = raw.filter(~own)
    if not rows.height:
        raise InputError(f"{path}: found a universe without contracts; expected at least one")
    spot = raw.filter(own)["close"].first()
    return rows.with_columns(day=pl.lit(day), spot=pl.lit(spot, pl.Float64))


def _underlying(path: Path, wanted: str | None) -> str:
    """The underlying that the folder or the person says; InputError where they differ."""
    found = _of_folder(path.absolute().parent)
    if found is None and wanted is None:
        raise InputError(f"{path}: found no underlying in its folder; expected --underlying SYMBOL")
    if found is not None and wanted is not None and found != wanted:
        raise InputError(
            f"{path}: found underlying {found} by its folder; expected {wanted}, as --underlying "
            "says"
        )
    return str(wanted or found)


def _of_folder(folder: Path) -> str | None:
    """The underlying that a folder of universes is of; None where it does not say."""
    if folder.parent.name == _FOLDER:
        return name_of(folder.name)
    zips = {said[1] for each in folder.parent.iterdir() if (said := FILE.fullmatch(each.name))}
    return name_of(zips.pop()) if folder.name == _FOLDER and len(zips) == 1 else None
