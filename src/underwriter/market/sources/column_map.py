"""Any csv or parquet of quotes, through a map of its columns that its owner writes in TOML.

    underlying = "SPX"             # where no column says it
    date-format = "%m/%d/%Y"       # or several in a list; without it, 2026-01-31

    [columns]                      # ours = as the file calls it
    date = "Trade Date"
    expiry = "Expiration"
    right = "Put/Call"
    strike = "Strike"
    bid = "Bid"
    ask = "Ask"

    [right]                        # without it, C, call, P and put, in any case
    call = ["Call", "1"]
    put = ["Put", "2"]

    [scale]                        # what to multiply with, where a number is written otherwise
    strike = 0.001
    iv = 0.01

A file with a call and a put in every row has tables [call] and [put] instead of a column `right`,
each with the columns of its own side.  Every column of the map must be in the file.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from underwriter.core.errors import InputError
from underwriter.market.sources.layout import CALLS, ISO, NONE, OURS, PUTS, WORDS, Columns, Layout
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.sources.tabular import read_table

_KEYS = ("underlying", "date-format", "columns", "call", "put", "right", "scale")
_SIDED = OURS - {"date", "expiry", "right", "strike", "underlying", "spot", "spot_bid", "spot_ask"}
_NEEDED = ("date", "expiry", "strike")
_A_DAY = dt.date(2026, 1, 31)
_QUOTED = frozenset({"bid", "ask", "last"})


class _ColumnMap:
    """The format that a TOML file describes."""

    name = "column-map"
    says = "any csv or parquet, through a map of its columns: --columns MAP.toml"

    def recognises(self, head: Head) -> bool:  # noqa: ARG002  the map says what a file is
        """Never: a file does not say that it is read through a map."""
        return False

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain in the file, by the map that came with it."""
        if ask.column_map is None:
            raise InputError("--format column-map: found no map; expected --columns MAP.toml")
        layout = layout_of(ask.column_map)
        yield from read_table(path, layout, _underlying(layout, ask))


COLUMN_MAP = _ColumnMap()


def layout_of(path: Path) -> Layout:
    """The layout that a map describes; InputError that names the key which is wrong."""
    said = _content(path)
    _refuse_unknown(path, "", said, _KEYS)
    columns = _table(path, "columns", said, OURS)
    call, put = (_table(path, side, said, _SIDED) for side in ("call", "put"))
    right = said.get("right", {})
    _refuse_unknown(path, "right.", right, ("call", "put"))
    _refuse_incomplete(path, columns, call, put)
    return Layout(
        columns=columns,
        call=call,
        put=put,
        dates=_dates(path, said.get("date-format", list(ISO))),
        scale=_scale(path, said.get("scale", {})),
        calls=_words(path, "right.call", right.get("call"), CALLS),
        puts=_words(path, "right.put", right.get("put"), PUTS),
        underlying=_symbol(path, said.get("underlying")),
    )


def _underlying(layout: Layout, ask: Ask) -> str | None:
    """The underlying that the person or the map says; InputError where they differ."""
    wanted = asked(ask.underlying)
    if wanted and layout.underlying and wanted != layout.underlying:
        raise InputError(
            f"{ask.column_map}, key underlying: found {layout.underlying}; expected {wanted}, as "
            "--underlying says"
        )
    return wanted or layout.underlying


def _content(path: Path) -> Mapping[str, Any]:
    """What the map holds."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        said = (problem.strerror or str(problem)).lower()
        raise InputError(f"{path}: {said}; expected a column map in TOML") from problem
    except ValueError as problem:
        raise InputError(f"{path}: found {problem}; expected TOML (key = value)") from problem


def _refuse_unknown(path: Path, above: str, table: object, allowed: tuple[str, ...]) -> None:
    """Refuse what is no table, or has a key that none of ours is."""
    if not isinstance(table, dict):
        raise _wrong(path, above.rstrip("."), table, "a table")
    for key in table:
        if key not in allowed:
            shown = f"unknown key {above}{key}"
            raise InputError(f"{path}: found {shown}; expected one of {', '.join(allowed)}")


def _table(path: Path, name: str, said: Mapping[str, Any], ours: frozenset[str]) -> Columns:
    """A table of columns, ours to theirs."""
    table = said.get(name, {})
    _refuse_unknown(path, f"{name}.", table, tuple(sorted(ours)))
    for key, theirs in table.items():
        if not isinstance(theirs, str) or not theirs:
            raise _wrong(path, f"{name}.{key}", theirs, "the name of a column of the file")
    return {key: (theirs.strip(),) for key, theirs in table.items()} or NONE


def _refuse_incomplete(path: Path, columns: Columns, call: Columns, put: Columns) -> None:
    """Refuse a map that cannot name a contract, or has no price of it."""
    wide = bool(call or put)
    needed = _NEEDED if wide else (*_NEEDED, "right")
    for ours in needed:
        if ours not in columns:
            raise _wrong(path, f"columns.{ours}", None, "the name of a column of the file")
    if wide and "right" in columns:
        raise _wrong(path, "columns.right", columns["right"][0], "none beside [call] and [put]")
    sides = {"call": call, "put": put} if wide else {"columns": columns}
    for name, side in sides.items():
        if not _QUOTED & set(side):
            raise _wrong(path, name, None, "at least one of bid, ask and last")


def _dates(path: Path, said: object) -> tuple[str, ...]:
    """The patterns of the dates."""
    patterns = [said] if isinstance(said, str) else said
    allowed = "a pattern such as %m/%d/%Y, or several in a list"
    if not isinstance(patterns, list) or not patterns:
        raise _wrong(path, "date-format", said, allowed)
    for pattern in patterns:
        if not isinstance(pattern, str) or not _is_pattern(pattern):
            raise _wrong(path, "date-format", pattern, allowed)
    return tuple(patterns)


def _is_pattern(pattern: str) -> bool:
    """Whether a text is a pattern of dates: a day written by it reads back as itself."""
    try:
        back = pl.Series([_A_DAY.strftime(pattern)]).str.to_date(pattern, strict=False)
    except PolarsError:
        return False
    return back.to_list() == [_A_DAY]


def _scale(path: Path, said: object) -> Mapping[str, float]:
    """What each number is multiplied with."""
    _refuse_unknown(path, "scale.", said, tuple(sorted(OURS - WORDS)))
    table: Mapping[str, Any] = said if isinstance(said, dict) else {}
    for key, factor in table.items():
        if type(factor) not in {int, float} or not factor > 0:
            raise _wrong(path, f"scale.{key}", factor, "a number above 0")
    return {key: float(factor) for key, factor in table.items()}


def _words(path: Path, key: str, said: object, default: frozenset[str]) -> frozenset[str]:
    """The words of a right, in any case."""
    if said is None:
        return default
    words = [said] if isinstance(said, str) else said
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _wrong(path, key, said, "a word, or several in a list")
    return frozenset(word.strip().casefold() for word in words)


def _symbol(path: Path, said: object) -> str | None:
    """The underlying of every row."""
    if said is None:
        return None
    if not isinstance(said, str) or name_of(said) is None:
        raise _wrong(path, "underlying", said, "a symbol such as SPX or BRK.B")
    return asked(said)


def _wrong(path: Path, key: str, found: object, allowed: str) -> InputError:
    """What to raise for one key of a map."""
    shown = "nothing" if found is None else repr(found)
    return InputError(f"{path}, key {key}: found {shown}; expected {allowed}")
