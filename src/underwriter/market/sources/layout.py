"""A format as a table: which of its columns is which of ours, and the engine that reads by it.

What no format means is handled here once: a volatility of zero, a last price of zero and a spot
of zero are how files write that they do not know; a delta of zero beside an unknown volatility
likewise.  A row without date, expiry, right or strike names no contract: it is refused.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.schema import CALL, PUT, RIGHT, conform
from underwriter.market.sources.rows import Wanted, refuse_no_counts, wrong_cell
from underwriter.market.sources.symbols import line_of, named

Columns = Mapping[str, tuple[str, ...]]
NONE: Columns = MappingProxyType({})
ISO = ("%Y-%m-%d",)
CALLS, PUTS = frozenset({"c", "call"}), frozenset({"p", "put"})
PRICES = ("bid", "ask", "last")
COUNTS = ("volume", "open_interest")
WORDS = frozenset({"date", "expiry", "right", "underlying", "root", "symbol"})
OURS = frozenset(
    {*WORDS, *PRICES, *COUNTS, "strike", "iv", "delta", "spot", "spot_bid", "spot_ask"}
)
_KEY = ("date", "expiry", "strike")
_FIRST, _END = dt.date(1970, 1, 1), dt.date(2150, 1, 1)
_DIGITS = 9  # of a scaled number: 102300 times 0.001 is 102.3
_SAID = {"%Y": "yyyy", "%m": "mm", "%d": "dd", "%H": "hh", "%M": "mm", "%S": "ss"}


class Layout(NamedTuple):
    """How a file's columns become ours.

    `columns` maps ours to the names the file may use, the first present counts; `call` and `put`
    do so for a file that has both in one row.  Beside the chain's own columns there are `symbol`
    (OSI, which holds the root) and `spot_bid` with `spot_ask` (their middle is the spot).
    `scale` multiplies; a column of `optional` may be missing; `dates` are strftime patterns.
    """

    columns: Columns
    call: Columns = NONE
    put: Columns = NONE
    optional: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ISO
    scale: Mapping[str, float] = MappingProxyType({})
    calls: frozenset[str] = CALLS
    puts: frozenset[str] = PUTS
    underlying: str | None = None  # where every file of the layout has the same


class Side(NamedTuple):
    """The columns of one right in a row, ours to theirs; `right` is None where a column says."""

    right: str | None
    columns: Mapping[str, str]


class Bound(NamedTuple):
    """A layout on the columns that one file really has."""

    layout: Layout
    place: str
    sides: tuple[Side, ...]
    underlying: str | None  # that the person or the file's name says
    formats: Mapping[str, str]  # of the dates, by their column

    def wanted(self) -> Wanted:
        """The columns to read from the file."""
        pairs = [pair for side in self.sides for pair in side.columns.items()]
        return {theirs: "word" if ours in WORDS else "number" for ours, theirs in pairs}


def columns(**ours: str | tuple[str, ...]) -> Columns:
    """A table of columns: ours = theirs, or ours = (theirs, as some versions call it)."""
    return {name: (said,) if isinstance(said, str) else said for name, said in ours.items()}


def bind(layout: Layout, where: str, names: tuple[str, ...], underlying: str | None) -> Bound:
    """The layout on a header; `where` names file and line.

    Raises InputError for a column that is missing or stands there twice.
    """
    place = where.rpartition(", line ")[0] or where
    both = _bound(layout.columns, layout, where, names)
    if layout.call:
        found = {CALL: layout.call, PUT: layout.put}
        sides = tuple(
            Side(right, {**both, **_bound(own, layout, where, names)})
            for right, own in found.items()
        )
    else:
        sides = (Side(None, both),)
    return Bound(layout, place, sides, underlying or layout.underlying, {})


def chain_of(raw: pl.DataFrame, bound: Bound) -> pl.DataFrame:
    """Raw columns and their lines, as rows of a chain; InputError names the row that is none."""
    shared = _shared(raw, bound)
    sides = [_side(raw, shared, side, bound) for side in bound.sides]
    return pl.concat(sides) if len(sides) > 1 else sides[0]


def with_formats(bound: Bound, raw: pl.DataFrame) -> Bound:
    """The same with the date formats that the first row of a file shows, for all its rows."""
    theirs = [bound.sides[0].columns[ours] for ours in ("date", "expiry")]
    texts = [name for name in theirs if raw.schema[name] == pl.String]
    return bound._replace(formats={name: _format(raw, name, bound) for name in texts})


def _bound(table: Columns, layout: Layout, where: str, names: tuple[str, ...]) -> dict[str, str]:
    """Ours to theirs, as written in the header; the optional ones it lacks are left out."""
    written = {name.casefold(): name for name in names}
    found: dict[str, str] = {}
    for ours, theirs in table.items():
        name = next((written[one.casefold()] for one in theirs if one.casefold() in written), None)
        if name is not None:
            found[ours] = _once(name, where, names)
        elif ours not in layout.optional:
            raise _missing(theirs, where, names)
    return found


def _once(name: str, where: str, names: tuple[str, ...]) -> str:
    """The name, where the header has it once."""
    if names.count(name) > 1:
        raise InputError(f"{where}: found column {name} twice; expected each once")
    return name


def _missing(theirs: tuple[str, ...], where: str, names: tuple[str, ...]) -> InputError:
    """The refusal of a header without a column."""
    shown = ",".join(names)[:120]
    return InputError(f"{where}: found no column {' or '.join(theirs)} in {shown}; expected it")


def _shared(raw: pl.DataFrame, bound: Bound) -> pl.DataFrame:
    """What both rights of a row share: line, date, expiry, strike, spot."""
    found = bound.sides[0].columns
    frame = raw.select(
        "line",
        _date(raw, found["date"], bound).alias("date"),
        _date(raw, found["expiry"], bound).alias("expiry"),
        _number("strike", bound, found),
        _spot(found, bound).alias("spot"),
    )
    _refuse_keyless(raw, frame, bound)
    return frame


def _side(raw: pl.DataFrame, shared: pl.DataFrame, side: Side, bound: Bound) -> pl.DataFrame:
    """The rows of one right, or of both where a column says which."""
    counts = [side.columns[ours] for ours in COUNTS if ours in side.columns]
    refuse_no_counts(raw, counts, bound.place)
    own = raw.select(
        _right(raw, side, bound).alias("right"),
        *named(raw, side.columns, bound.underlying, bound.place),
        *(_price(ours, bound, side.columns) for ours in PRICES),
        _known_iv(bound, side.columns).alias("iv"),
        _known_delta(bound, side.columns).alias("delta"),
        *(_number(ours, bound, side.columns).fill_nan(None) for ours in COUNTS),
    )
    frame = conform("chain", shared.hstack(own))
    if side.right is None:
        return frame
    return frame.filter(pl.any_horizontal(pl.col(PRICES).is_not_null()))


def _number(ours: str, bound: Bound, found: Mapping[str, str]) -> pl.Expr:
    """A number of ours, scaled; null where the file has no such column."""
    if ours not in found:
        return pl.lit(None, pl.Float64).alias(ours)
    column = pl.col(found[ours])
    factor = bound.layout.scale.get(ours)
    return (column if factor is None else (column * factor).round(_DIGITS)).alias(ours)


def _price(ours: str, bound: Bound, found: Mapping[str, str]) -> pl.Expr:
    """A price; a last price of zero is none."""
    price = _number(ours, bound, found)
    return pl.when(price != 0).then(price).alias(ours) if ours == "last" else price


def _known_iv(bound: Bound, found: Mapping[str, str]) -> pl.Expr:
    """The source's volatility; none where it writes zero or less."""
    iv = _number("iv", bound, found)
    return pl.when(iv > 0).then(iv)  # NaN is above all numbers, and stays


def _known_delta(bound: Bound, found: Mapping[str, str]) -> pl.Expr:
    """The source's delta; none where it is zero because the volatility is not known."""
    delta = _number("delta", bound, found)
    if "iv" not in found:
        return delta
    return pl.when((delta != 0) | _known_iv(bound, found).is_not_null()).then(delta)


def _spot(found: Mapping[str, str], bound: Bound) -> pl.Expr:
    """The underlying's price: its column, else the middle of its quotes, where not zero."""
    spot = _number("spot", bound, found)
    bid, ask = (_number(ours, bound, found) for ours in ("spot_bid", "spot_ask"))
    middle = pl.when((bid > 0) & (ask > 0)).then((bid + ask) / 2)
    return pl.coalesce(pl.when(spot != 0).then(spot), middle)


def _date(raw: pl.DataFrame, theirs: str, bound: Bound) -> pl.Expr:
    """A column of dates."""
    column = pl.col(theirs)
    if raw.schema[theirs] == pl.String:
        column = column.str.to_date(bound.formats[theirs], strict=False)
    return pl.when(column.is_between(_FIRST, _END)).then(column)


def _format(raw: pl.DataFrame, theirs: str, bound: Bound) -> str:
    """The one of the layout's date formats that the first date of a column has.

    InputError where it has none, and where two of them read it as two days.
    """
    first = raw[theirs].drop_nulls().head(1)
    patterns = bound.layout.dates
    days = {pattern: first.str.to_date(pattern, strict=False).to_list() for pattern in patterns}
    found = {pattern: day for pattern, day in days.items() if _possible(day)}
    if found and len({day[0] for day in found.values()}) == 1:
        return next(iter(found))
    allowed = f"a date, {' or '.join(map(_pattern_said, patterns))}"
    if found:
        allowed = f"one date-format, since {' and '.join(map(_pattern_said, found))} both fit"
    at = int(raw[theirs].is_not_null().arg_true()[0])
    raise wrong_cell(bound.place, raw["line"][at], theirs, raw[theirs][at], allowed)


def _possible(day: list[dt.date | None]) -> bool:
    """Whether what was read of a date, if anything, is a day that quotes can be of."""
    return all(one is not None and _FIRST <= one <= _END for one in day)


def _pattern_said(pattern: str) -> str:
    """A strftime pattern as people write it: yyyy-mm-dd."""
    for mark, said in _SAID.items():
        pattern = pattern.replace(mark, said)
    return pattern


def _refuse_keyless(raw: pl.DataFrame, frame: pl.DataFrame, bound: Bound) -> None:
    """Refuse a row without a date, an expiry or a strike, or of another date format."""
    for ours in _KEY:
        if frame[ours].null_count():
            at = int(frame[ours].is_null().arg_true()[0])
            theirs = bound.sides[0].columns[ours]
            allowed = _allowed(ours, theirs, bound)
            raise wrong_cell(bound.place, raw["line"][at], theirs, raw[theirs][at], allowed)


def _allowed(ours: str, theirs: str, bound: Bound) -> str:
    """What a cell of the key may hold."""
    if ours == "strike":
        return "a strike"
    pattern = bound.formats.get(theirs)
    return f"a date, {_pattern_said(pattern)} as in the first row" if pattern else "a date"


def _right(raw: pl.DataFrame, side: Side, bound: Bound) -> pl.Expr:
    """The right of each row."""
    if side.right is not None:
        return pl.lit(side.right, RIGHT)
    theirs = side.columns["right"]
    words = raw[theirs].unique(maintain_order=True).to_list()
    found = {word: _right_said(word, bound) for word in words}
    wrong = next((word for word, right in found.items() if right is None), "")
    if wrong != "":
        allowed = " or ".join(sorted({*bound.layout.calls, *bound.layout.puts}))
        raise wrong_cell(bound.place, line_of(raw, raw[theirs], wrong), theirs, wrong, allowed)
    calls = [word for word, right in found.items() if right == CALL]
    return (
        pl.when(pl.col(theirs).is_in(calls)).then(pl.lit(CALL, RIGHT)).otherwise(pl.lit(PUT, RIGHT))
    )


def _right_said(word: str | None, bound: Bound) -> str | None:
    """CALL or PUT for a word of the file; None where it is neither."""
    plain = (word or "").casefold()
    if plain in bound.layout.calls:
        return CALL
    return PUT if plain in bound.layout.puts else None
