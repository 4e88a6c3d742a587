"""Many underlyings on one session, read together: a file each and a query each would take long.

`Abreast.held` gives what `holding.held_of` gives of each on that session, which a test holds
against it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.record import F8, I4
from underwriter.core.units import day_of
from underwriter.market.chains import Held
from underwriter.market.history import Bars
from underwriter.market.instrument import Instrument
from underwriter.market.lake.catalogue import KEPT, Catalogue, reading
from underwriter.market.lake.holding import (
    CHAIN_COLUMNS,
    SAID,
    Said,
    bars_on,
    day_numbers,
    fitted,
    plain,
    rates_on,
    splits_of,
)
from underwriter.market.lake.layout import Places
from underwriter.market.lake.order import ordered
from underwriter.market.lake.read import Lake, name_of
from underwriter.market.lake.segments import DAY_OF, collected_all, columns_of
from underwriter.market.schema import Kind
from underwriter.market.slab import NO_SPLITS, Rates, Splits

Frames = Mapping[str, pl.DataFrame]
Sides = tuple[F8, F8, F8, F8]
_CHAIN = ("underlying", "root", *CHAIN_COLUMNS)
_SIDES = ("open", "high", "low", "close")
_UNKNOWN = np.full(1, np.nan)
_NO_BAR: Sides = (_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN)
_NOTHING_SAID = Said(_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN)
_NO_DIVIDENDS: tuple[I4, F8] = (np.empty(0, np.int32), np.empty(0, np.float64))


class Listed(NamedTuple):
    """Which roots some underlyings have and what they are, and a name for all that is known."""

    places: Places
    told: Frames  # of instruments
    untold: pl.DataFrame  # such a frame without rows
    named: Mapping[str, list[str]]  # roots
    state: str  # another one as soon as anything has changed of the session or of what is beside it

    def instruments(self, underlying: str) -> pl.DataFrame:
        """What the roots of an underlying are."""
        return self.told.get(underlying, self.untold)

    def roots(self, underlying: str) -> list[str]:
        """The roots of an underlying that have quotes, on whichever day."""
        return self.named.get(underlying, [])


class Abreast(NamedTuple):
    """One session of some underlyings."""

    day: I4  # the session
    chains: Mapping[tuple[str, str], pl.DataFrame]  # by underlying and root, as `Held` has them
    none: pl.DataFrame  # such a chain without rows
    sides: Mapping[str, Sides]  # of the bar
    said: Mapping[str, Said]  # of the spot, by the options
    dividends: Mapping[str, tuple[I4, F8]]
    splits: Mapping[str, Splits]
    ended: Mapping[str, Bars]  # of those that have had no quotes for a while
    rates: Rates
    remarks: tuple[str, ...]  # on what is missing of the rates

    def held(self, underlying: str, instrument: Instrument) -> Held:
        """What the lake holds of one root on the session; errors as of `holding.held_of`."""
        return Held(
            instrument,
            self.chains.get((underlying, instrument.root), self.none),
            self._bars(underlying),
            *self.dividends.get(underlying, _NO_DIVIDENDS),
            self.splits.get(underlying, NO_SPLITS),
        )

    def _bars(self, underlying: str) -> Bars:
        """The bar of the session."""
        if underlying in self.ended:
            return self.ended[underlying]
        sides = Bars(self.day, *self.sides.get(underlying, _NO_BAR), 0)
        return fitted(underlying, sides, self.said.get(underlying, _NOTHING_SAID))[0]


def read_abreast(lake: Lake, names: Iterable[str], day: I4, ended: Iterable[str] = ()) -> Abreast:
    """What the lake has of some underlyings on one session; of those `ended`, the last price."""
    none = plain(pl.DataFrame(schema=columns_of("chain")).select(CHAIN_COLUMNS))
    rates, remarks = rates_on(lake, day)
    with reading(lake.places) as catalogue:
        if catalogue is None:
            return Abreast(day, {}, none, {}, {}, {}, {}, {}, rates, remarks)
        asked = _Asked(lake.places, catalogue, set(names), int(day[0]))
        read = _read(asked, ("chain", "bars", "dividends", "splits"))
        return Abreast(
            day,
            _chains(read["chain"]),
            none,
            {name: _sides(rows) for name, rows in _by_name("bars", read["bars"]).items()},
            _said(asked),
            {name: _paid(rows) for name, rows in _by_name("dividends", read["dividends"]).items()},
            _splits(asked, _by_name("splits", read["splits"])),
            {name: bars_on(lake, name, day)[0] for name in ended},
            rates,
            remarks,
        )


def list_abreast(lake: Lake, names: Iterable[str], day: I4, levels: Iterable[str]) -> Listed:
    """What the lake says of the roots of some underlyings; `state` is of some levels too."""
    untold = pl.DataFrame(schema=columns_of("instruments"))
    with reading(lake.places) as catalogue:
        if catalogue is None:
            return Listed(lake.places, {}, untold, {}, name_of([], []))
        asked = _Asked(lake.places, catalogue, set(names), int(day[0]))
        told = _by_name("instruments", _read(asked, ("instruments",))["instruments"])
        named = _roots(catalogue)
        return Listed(lake.places, told, untold, named, _state(asked, set(levels)))


class _Asked(NamedTuple):
    """What is read: of which lake, which underlyings, which session."""

    places: Places
    catalogue: Catalogue
    names: set[str]
    day: int


def _read(asked: _Asked, kinds: Sequence[Kind]) -> Mapping[Kind, pl.DataFrame | None]:
    """The underlyings' rows of some kinds, whose files are read at once; None where there are none.

    Of chains and bars those of the session.
    """
    plans = {kind: plan for kind in kinds if (plan := _plan(asked, kind)) is not None}
    found = collected_all(asked.places, list(plans.values()))
    return dict.fromkeys(kinds) | dict(zip(plans, found, strict=True))


def _plan(asked: _Asked, kind: Kind) -> pl.LazyFrame | None:
    """How the rows of a kind are read; None where no segment has any."""
    where, on = "kind = ? AND role = ?", pl.lit(value=True)
    values: tuple[str | int, ...] = (kind, KEPT)
    if kind == "chain":
        where += " AND first <= ? AND last >= ?"
        values += (asked.day, asked.day)
    if kind in {"chain", "bars"}:
        on = pl.col("date") == day_of(asked.day)
    segments = asked.catalogue.segments(where, values)
    paths = [asked.places.segments / one.path for one in segments if one.name in asked.names]
    if not paths:
        return None
    columns = _CHAIN if kind == "chain" else columns_of(kind).names()
    return pl.scan_parquet(paths, glob=False).filter(on).select(columns)


def _chains(rows: pl.DataFrame | None) -> Mapping[tuple[str, str], pl.DataFrame]:
    """Quotes by underlying and root, in the order of the slab."""
    if rows is None:
        return {}
    rows = ordered(rows)
    keyed = pl.concat([rows.select("underlying", "root"), plain(rows)], how="horizontal")
    parts = keyed.partition_by("underlying", "root", as_dict=True, include_key=False)
    return {(str(name), str(root)): part for (name, root), part in parts.items()}


def _by_name(kind: Kind, rows: pl.DataFrame | None) -> Frames:
    """The rows of a kind by underlying, in the order of their days."""
    if rows is None:
        return {}
    key = "root" if kind == "instruments" else DAY_OF.get(kind, "date")
    parts = rows.sort(key, "file", "line").partition_by("underlying")
    return {part["underlying"][0]: part for part in parts}


def _sides(bar: pl.DataFrame) -> Sides:
    """The prices of a bar, NaN where there is none."""
    opens, high, low, close = (bar[name][-1] for name in _SIDES)
    return _side(opens), _side(high), _side(low), _side(close)


def _side(price: float | None) -> F8:
    """One price of the session."""
    return np.full(1, np.nan if price is None else price)


def _paid(rows: pl.DataFrame) -> tuple[I4, F8]:
    """Dividends by ex-date."""
    return day_numbers(rows["ex_date"]), rows["amount"].to_numpy()


def _splits(asked: _Asked, said: Frames) -> Mapping[str, Splits]:
    """The splits of each underlying: those of files, and that of the session if only it shows."""
    none = pl.DataFrame(schema=columns_of("splits"))
    query = "SELECT underlying, split_seen FROM day WHERE date = ? AND split_seen > 0 AND kept > 0"
    day, seen = day_of(asked.day), {}
    for name, ratio in asked.catalogue.rows(query, (asked.day,)):
        if not said.get(str(name), none).filter(date=day).height:
            seen[str(name)] = pl.DataFrame({"date": [day], "split_seen": [float(str(ratio))]})
    unseen = pl.DataFrame(schema={"date": pl.Date(), "split_seen": pl.Float64()})
    return {
        name: splits_of(said.get(name, none), seen.get(name, unseen)) for name in {*said, *seen}
    }


def _said(asked: _Asked) -> Mapping[str, Said]:
    """What the options of the session say of the spot, by underlying."""
    columns = ", ".join(SAID)
    query = f"SELECT underlying, {columns} FROM day WHERE date = ? ORDER BY kept = 0, file"  # noqa: S608  ours
    found: dict[str, Said] = {}
    for name, *told in asked.catalogue.rows(query, (asked.day,)):
        said = Said(*(_side(None if each is None else float(str(each))) for each in told))
        found.setdefault(str(name), said)
    return found


def _state(asked: _Asked, levels: set[str]) -> str:
    """A name for what the lake has of the underlyings, of the session and of levels."""
    segments = [
        one
        for one in asked.catalogue.segments("role = ?", (KEPT,))
        if one.name in (levels if one.kind == "levels" else asked.names)
    ]
    days = "SELECT * FROM day WHERE date = ? ORDER BY underlying, file"
    return name_of(segments, asked.catalogue.rows(days, (asked.day,)))


def _roots(catalogue: Catalogue) -> Mapping[str, list[str]]:
    """The roots of every underlying."""
    found: dict[str, list[str]] = {}
    query = "SELECT DISTINCT underlying, root FROM root ORDER BY underlying, root"
    for name, root in catalogue.rows(query):
        found.setdefault(str(name), []).append(str(root))
    return found
