"""`data list`: what the lake holds."""

from collections.abc import Collection, Iterable
from pathlib import Path
from textwrap import wrap

import msgspec
import polars as pl

from underwriter.core.units import day_of
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.lake.catalogue import KEPT, Catalogue, reading
from underwriter.market.lake.known import calendar_name
from underwriter.market.lake.read import Lake

_KINDS = ("chain", "bars", "dividends", "splits", "levels", "instruments")
_SIZES = ("B", "kB", "MB", "GB", "TB")
_STEP = 1_000


class RootHeld(msgspec.Struct, frozen=True):
    """The quotes of one option root."""

    root: str
    rows: int
    quoted: int  # rows that have an ask; the others have a last price only


class Holding(msgspec.Struct, frozen=True):
    """What the lake holds of one kind, of one underlying or series."""

    kind: str
    name: str
    first: str | None  # days
    last: str | None
    sessions: int | None  # of chains and bars: that have rows
    missing: int | None  # and that have none between the first and the last
    rows: int
    dropped: int  # rows that the gates took out and that are kept apart
    quotes: str | None  # of chains: "bid and ask", "last price" or "both"
    roots: list[RootHeld]
    formats: list[str]
    files: int
    bytes: int  # on the disk


class Holdings(msgspec.Struct, frozen=True):
    """What `data list --json` prints."""

    lake: str
    bytes: int
    holdings: list[Holding]


def holdings_of(home: Path) -> Holdings:
    """What the lake of a home holds; nothing where there is none."""
    lake = Lake.open(home)
    with reading(lake.places) as catalogue:
        found = [] if catalogue is None else list(_held(lake, catalogue))
    return Holdings(str(lake.places.root), sum(one.bytes for one in found), found)


def _held(lake: Lake, catalogue: Catalogue) -> Iterable[Holding]:
    """Every kind of every name, chains first."""
    rows = catalogue.rows(
        "SELECT kind, name, sum(rows * (role = ?1)), sum(rows * (role <> ?1)), sum(bytes), "
        "min(CASE WHEN role = ?1 THEN first END), max(CASE WHEN role = ?1 THEN last END) "
        "FROM segment GROUP BY kind, name",
        (KEPT,),
    )
    for kind, name, kept, dropped, size, first, last in sorted(rows, key=_rank):
        roots = _roots(catalogue, str(name)) if kind == "chain" else []
        sessions, missing = _sessions(lake, str(kind), str(name))
        files = catalogue.rows(
            "SELECT DISTINCT format, number FROM count JOIN file ON file = number "
            "WHERE kind = ? AND name = ?",
            (kind, name),
        )
        yield Holding(
            str(kind),
            str(name),
            _day(first),
            _day(last),
            sessions,
            missing,
            int(str(kept)),
            int(str(dropped)),
            _quotes(roots),
            roots,
            sorted({str(format_) for format_, _ in files}),
            len(files),
            int(str(size)),
        )


def _rank(row: tuple[object, ...]) -> tuple[int, str]:
    """Where a kind and a name stand in the list."""
    return _KINDS.index(str(row[0])), str(row[1])


def _day(number: object) -> str | None:
    """A day number as people write it; none where there are no days."""
    return str(day_of(int(str(number)))) if number else None


def _roots(catalogue: Catalogue, underlying: str) -> list[RootHeld]:
    """The roots of an underlying."""
    query = (
        "SELECT root, sum(rows), sum(quoted) FROM root WHERE underlying = ? "
        "GROUP BY root ORDER BY root"
    )
    found = catalogue.rows(query, (underlying,))
    return [RootHeld(str(root), int(str(rows)), int(str(asks))) for root, rows, asks in found]


def _quotes(roots: list[RootHeld]) -> str | None:
    """Whether quotes have bids and asks, or last prices alone."""
    rows, quoted = sum(one.rows for one in roots), sum(one.quoted for one in roots)
    if not rows:
        return None
    return {0: "last price", rows: "bid and ask"}.get(quoted, "both")


def calendar_of(lake: Lake, name: str) -> Calendar:
    """The calendar of an underlying."""
    return load_calendar(calendar_name(lake.instruments(name)), lake.home)


def dates_of(lake: Lake, kind: str, name: str) -> pl.Series | None:
    """The days that a chain or the bars of a name have rows of; None for other kinds."""
    if kind == "chain":
        return lake.days(name).filter(pl.col("kept") > 0)["date"]
    return lake.bars(name)["date"] if kind == "bars" else None


def absent(calendar: Calendar, dates: pl.Series) -> list[int]:
    """The sessions between the first and the last of some days that are not among them."""
    there = set(dates.to_physical().to_list())
    first, last = max(min(there), calendar.first), min(max(there), calendar.last)
    return [day for day in calendar.between(first, last).tolist() if day not in there]


def _sessions(lake: Lake, kind: str, name: str) -> tuple[int | None, int | None]:
    """How many days have rows, and how many sessions between them have none."""
    dates = dates_of(lake, kind, name)
    if dates is None or not len(dates):
        return None, None
    return dates.n_unique(), len(absent(calendar_of(lake, name), dates))


def text_of(found: Holdings) -> str:
    """The same for people: a table."""
    if not found.holdings:
        return f"{found.lake}: nothing yet; underwriter data import PATH... brings files in"
    head = ("what", "name", "first", "last", "sessions", "missing", "rows", "size", "quotes, roots")
    rows = [head, *(_cells(one) for one in found.holdings)]
    return "\n".join([*table(rows, right={4, 5, 6, 7}), "", f"{found.lake}: {size(found.bytes)}"])


def _cells(one: Holding) -> tuple[str, ...]:
    """One holding, a text a column."""
    roots = ", ".join(each.root for each in one.roots)
    told = f"{one.quotes}: {roots}" if one.roots else ""
    counts = ("" if count is None else f"{count:,}" for count in (one.sessions, one.missing))
    days = one.first or "", one.last or ""
    said = f"{told} ({', '.join(one.formats)})".strip()
    return one.kind, one.name, *days, *counts, f"{one.rows:,}", size(one.bytes), said


def table(rows: list[tuple[str, ...]], right: set[int]) -> list[str]:
    """Rows of texts in columns; those in `right` stand to the right."""
    wide = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            f"{cell:>{wide[at]}}" if at in right else f"{cell:<{wide[at]}}"
            for at, cell in enumerate(row)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def fitting(
    rows: list[tuple[str, ...]], right: Collection[str], spare: Iterable[str], width: int
) -> list[str]:
    """The same under their head, without as many columns of `spare`, in turn, as do not fit.

    A line below it says which were left out.
    """
    head, lines = rows[0], []
    names, out = list(head), list[str]()
    for spared in (None, *spare):
        out += [name for name in names if name == spared]
        names = [name for name in names if name != spared]
        at = [head.index(name) for name in names]
        cells = [tuple(row[column] for column in at) for row in rows]
        lines = table(cells, {number for number, name in enumerate(names) if name in right})
        if max(map(len, lines)) <= width:
            break
    told = f"left out for want of room: {', '.join(out)}" if out else ""
    return [*lines, *wrap(told, width)]


def size(count: int) -> str:
    """Bytes as people say them."""
    amount, unit = float(count), 0
    while amount >= _STEP and unit < len(_SIZES) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.0f} {_SIZES[unit]}" if unit < 2 else f"{amount:.1f} {_SIZES[unit]}"  # noqa: PLR2004
