"""`data check`: what is wrong with what the lake holds."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from underwriter.app.holdings import absent, calendar_of, dates_of, table
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.market.calendar import Calendar
from underwriter.market.gates.days import DAY_GATES
from underwriter.market.lake.catalogue import Catalogue, reading
from underwriter.market.lake.gates import dropping, gates_of
from underwriter.market.lake.read import Lake
from underwriter.market.lake.segments import columns_of, read_segments
from underwriter.market.schema import KINDS, Kind
from underwriter.market.series_quality import (
    SERIES_GATES,
    Finding,
    bar_findings,
    dividend_findings,
    level_findings,
)

LEAST_THERE = 0.5  # of the sessions: with fewer, no week can be trusted to have its quotes
_SHOWN = 5  # gaps and days of a finding


class GateCount(msgspec.Struct, frozen=True):
    """How many rows a gate found in a year."""

    kind: str
    year: int  # 0 for series, which are not parted by years
    gate: str
    means: str
    dropped: bool  # taken out, else remarked on
    rows: int


class Gap(msgspec.Struct, frozen=True):
    """Sessions in a row without quotes."""

    first: str
    last: str
    sessions: int


class Doubt(msgspec.Struct, frozen=True):
    """What a gate says of some days, of quotes or of a series."""

    kind: str
    gate: str
    means: str
    days: list[str]


class Checked(msgspec.Struct, frozen=True):
    """What was found of one underlying or series."""

    name: str
    sessions: int  # that have quotes, bars or values
    missing: int  # of those between the first and the last
    unusable: bool
    gates: list[GateCount]
    gaps: list[Gap]
    doubts: list[Doubt]


class Listed(msgspec.Struct, frozen=True):
    """A row that a gate found, and where it stands."""

    file: str
    line: int | None
    name: str
    gate: str
    values: dict[str, str | float | None]


class Check(msgspec.Struct, frozen=True):
    """What `data check --json` prints."""

    lake: str
    underlyings: list[Checked]
    rows: list[Listed]


def check_of(home: Path, names: Sequence[str], gate: str | None, most: int) -> Check:
    """What is wrong with some names of the lake, or with all; of a gate, at most so many rows.

    InputError for a name that the lake has nothing of, and for a gate that there is not.
    """
    lake = Lake.open(home)
    if gate is not None:
        _require_gate(gate)
    with reading(lake.places) as catalogue:
        if catalogue is None:
            return Check(str(lake.places.root), _none_of(names, []), [])
        kinds = _kinds(catalogue)
        chosen = [name.upper() for name in names] or sorted(kinds)
        _none_of([name for name in chosen if name not in kinds], sorted(kinds))
        checked = [_checked(lake, catalogue, name, kinds[name]) for name in chosen]
        rows = [] if gate is None else list(_listed(lake, catalogue, chosen, gate, most))
    return Check(str(lake.places.root), checked, rows)


def _none_of(missing: Sequence[str], there: Sequence[str]) -> list[Checked]:
    """Nothing; InputError where something was asked for that is not there."""
    if missing:
        held = ", ".join(there) or "nothing yet"
        raise InputError(f"{missing[0]}: found nothing of it in the lake, which has {held}")
    return []


def _require_gate(gate: str) -> None:
    """Refuse a gate that there is not."""
    known = sorted({code for kind in KINDS for code in gates_of(kind)})
    if gate not in known:
        raise InputError(f"--gate: found {gate!r}; expected one of {', '.join(known)}")


def _kinds(catalogue: Catalogue) -> dict[str, list[Kind]]:
    """The kinds of each name that anything was imported of."""
    found: dict[str, list[Kind]] = {}
    rows = catalogue.rows("SELECT DISTINCT name, kind FROM count ORDER BY name")
    for name, said in rows:
        found.setdefault(str(name), []).extend(kind for kind in KINDS if kind == said)
    return found


def _checked(lake: Lake, catalogue: Catalogue, name: str, kinds: list[Kind]) -> Checked:
    """What is wrong with one name."""
    calendar = calendar_of(lake, name)
    dates = next((each for kind in kinds if (each := dates_of(lake, kind, name)) is not None), None)
    without = absent(calendar, dates) if dates is not None and len(dates) else []
    sessions = 0 if dates is None else dates.n_unique()
    lost = "chain" in kinds and sessions <= LEAST_THERE * (sessions + len(without))
    doubts = [doubt for kind in kinds for doubt in _doubts(lake, calendar, kind, name)]
    counts = _counts(catalogue, name)
    return Checked(name, sessions, len(without), lost, counts, _gaps(calendar, without), doubts)


def _counts(catalogue: Catalogue, name: str) -> list[GateCount]:
    """The rows of a name by gate and year."""
    found = catalogue.rows(
        "SELECT kind, year, gate, sum(rows) FROM count WHERE name = ? AND gate <> '' "
        "GROUP BY kind, year, gate ORDER BY kind, gate, year",
        (name,),
    )
    told = []
    for said, year, gate, rows in found:
        kind: Kind = next(one for one in KINDS if one == said)
        means = gates_of(kind)[str(gate)].means
        dropped = gate in dropping(kind)
        told.append(GateCount(kind, int(str(year)), str(gate), means, dropped, int(str(rows))))
    return told


def _gaps(calendar: Calendar, without: list[int]) -> list[Gap]:
    """Missing sessions, those in a row together."""
    if not without:
        return []
    at = np.searchsorted(calendar.sessions, without)
    runs = np.split(np.array(without), np.flatnonzero(np.diff(at) > 1) + 1)
    return [Gap(str(day_of(int(run[0]))), str(day_of(int(run[-1]))), len(run)) for run in runs]


def _doubts(lake: Lake, calendar: Calendar, kind: Kind, name: str) -> Iterator[Doubt]:
    """What the gates on days say of a chain, and those on series of the others."""
    if kind == "chain":
        days = lake.days(name).with_columns(pl.col("session", "spot_off").cast(pl.Boolean))
        for code, gate in DAY_GATES.items():
            if code != "gap":  # told with the sessions that are missing
                found = days.filter(gate.found)["date"].cast(pl.String).to_list()
                yield from [Doubt(kind, code, gate.means, found)] if found else []
        return
    findings: dict[str, list[str]] = {}
    for code, day, _ in _series_findings(lake, calendar, kind, name):
        findings.setdefault(code, []).append(str(day_of(day)))
    for code, found in findings.items():
        yield Doubt(kind, code, SERIES_GATES[code].means, found)


def _series_findings(lake: Lake, calendar: Calendar, kind: Kind, name: str) -> list[Finding]:
    """The remarks on a series, gaps of bars apart."""
    if kind == "bars":
        found = bar_findings(lake.bars(name), lake.splits(name), calendar)
        return [one for one in found if one.gate != "gap"]
    if kind == "dividends":
        return dividend_findings(lake.dividends(name), lake.splits(name))
    return level_findings(lake.levels(name), calendar) if kind == "levels" else []


def _listed(
    lake: Lake, catalogue: Catalogue, names: list[str], gate: str, most: int
) -> Iterator[Listed]:
    """The first rows that a gate found, in the order of names and days."""
    files = {file.number: file.path for file in catalogue.files()}
    left = most
    for name in names:
        for segment in catalogue.segments("name = ?", (name,)):
            kind: Kind = next(one for one in KINDS if one == segment.kind)
            rows = read_segments(lake.places, [segment], kind, pl.col("gate") == gate).head(left)
            left -= rows.height
            yield from (_row(name, files, row) for row in rows.iter_rows(named=True))
            if not left:
                return


def _row(name: str, files: dict[int, str], row: dict[str, object]) -> Listed:
    """A row with its file and line; days as text, and no number that is none."""
    told = {key: _plain(value) for key, value in row.items()}
    values = {key: value for key, value in told.items() if key not in {"gate", "file", "line"}}
    line = row["line"]
    return Listed(
        files[int(str(row["file"]))],
        int(line) if isinstance(line, int) else None,
        name,
        str(row["gate"]),
        values,
    )


def _plain(value: object) -> str | float | None:
    """A value as JSON can say it."""
    if value is None or isinstance(value, (int, float)):
        return value if value is None or np.isfinite(value) else str(value)
    return str(value)


def text_of(found: Check) -> str:
    """The same for people."""
    if not found.underlyings:
        return f"{found.lake}: nothing yet; underwriter data import PATH... brings files in"
    lines = [line for one in found.underlyings for line in (*_lines(one), "")]
    return "\n".join([*lines, *_rows(found.rows)]).rstrip()


def _lines(one: Checked) -> Iterable[str]:
    """What was found of one name."""
    told = f"{one.sessions:,} sessions, {one.missing:,} missing"
    verdict = "; cannot be used: half are missing, or more" if one.unusable else ""
    yield f"{one.name}: {told}{verdict}"
    sums: dict[tuple[str, str], list[GateCount]] = {}
    for count in one.gates:
        sums.setdefault((count.kind, count.gate), []).append(count)
    for (kind, gate), counts in sums.items():
        rows = sum(count.rows for count in counts)
        does = "taken out" if counts[0].dropped else "remarked"
        years = ", ".join(f"{count.year}: {count.rows:,}" for count in counts if count.year)
        yield f"  {rows:>10,} {kind:<11} {gate:<16} {does:<9}  {counts[0].means}"
        if len(counts) > 1:
            yield f"{'':13}{years}"
    for gap in one.gaps[:_SHOWN]:
        until = f" to {gap.last}" if gap.sessions > 1 else ""
        yield f"  gap of {gap.sessions} session{'s' * (gap.sessions > 1)}: {gap.first}{until}"
    if len(one.gaps) > _SHOWN:
        yield f"  and {len(one.gaps) - _SHOWN} more gaps (--json has all)"
    for doubt in one.doubts:
        days = ", ".join(doubt.days[:_SHOWN]) + (", ..." if len(doubt.days) > _SHOWN else "")
        told = f"{doubt.means} ({days})"
        yield f"  {len(doubt.days):>10,} {doubt.kind:<11} {doubt.gate:<16} days       {told}"


def _rows(rows: list[Listed]) -> list[str]:
    """The rows that were asked for, as a table for each kind of row."""
    if not rows:
        return []
    names = [key for key in columns_of("chain") if any(_said(row, key) for row in rows)]
    names += [key for key in rows[0].values if key not in names and _said(rows[0], key)]
    head = ("file", "line", *names, "gate")
    cells = [
        (row.file, str(row.line or ""), *(_shown(row.values.get(key)) for key in names), row.gate)
        for row in rows
    ]
    return table([head, *cells], right={1})


def _said(row: Listed, key: str) -> bool:
    """Whether a row says something in a column."""
    return row.values.get(key) is not None


def _shown(value: str | float | None) -> str:
    """A value in a table."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
