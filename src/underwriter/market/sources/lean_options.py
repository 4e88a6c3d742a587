"""QuantConnect LEAN's daily option data: a zip a year and kind of tick.

Layout: https://github.com/QuantConnect/Lean/tree/master/Data/option and its readme.  Sure.  A zip
`aapl_2014_quote_american.zip` holds a csv a contract, its terms in the entry's name
(`aapl_quote_american_call_6500000_20140621.csv`, the strike times 10,000), its rows days, its
prices times 10,000: time, bid open, high, low, close, size, ask likewise (quote); time, open,
high, low, close, volume (trade); time, open interest.

The zips of one year belong together: reading the quotes brings last price, volume and open
interest from the trade and open-interest zips of the same name beside them, and those two, read by
themselves, then bring nothing more.  Without a quote zip they are read alone.  Open interest of a
day without quotes and trades is left out: so is all of the day of a split, which still stands
under the old strikes (Apple's of 2014-06-09 under 650.00, not 92.86).  A side that has no quote is
0.  Rows are numbered over the entries in the order of their names.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.schema import CALL, PUT, conform
from underwriter.market.sources.rows import columns_of, refuse_no_counts, wrong_cell
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of
from underwriter.market.sources.text import DAMAGE, Block, Header, entries_of

_ENTRY = re.compile(
    r"(?P<underlying>[a-z0-9.^]+)_(?P<kind>quote|trade|openinterest)_(?:american|european)_"
    r"(?P<right>call|put)_(?P<strike>[0-9]+)_(?P<expiry>[0-9]{8})\.csv"
)
FILE = re.compile(r"([a-z0-9.^]+)_[0-9]{4}_(quote|trade|openinterest)_(american|european)\.zip")
_BATCH = 8 << 20  # bytes of text read at once
_SCALE = 10_000.0
_DIGITS = 4  # polars divides by multiplying: 14000 would be 1.4000000000000001
_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "quote": ("time", *"abc", "bid", "bid_size", *"def", "ask", "ask_size"),
        "trade": ("time", *"abc", "last", "volume"),
        "openinterest": ("time", "open_interest"),
    }
)
_KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"quote": ("bid", "ask"), "trade": ("last", "volume"), "openinterest": ("open_interest",)}
)
_PRICES = frozenset({"bid", "ask", "last"})
_KEY = ("contract", "date")


class _Archive(NamedTuple):
    """One zip: its kind of tick, and its entries by the contract they are of."""

    path: Path
    kind: str
    entries: Mapping[str, str]


class _LeanOptions:
    """The format of LEAN's daily option data."""

    name = "lean-options"
    says = "QuantConnect LEAN daily option zips: quote, trade, open interest"

    def recognises(self, head: Head) -> bool:
        """Whether it is a zip of contracts, one entry each."""
        return bool(head.entries) and all(map(_ENTRY.fullmatch, head.entries))

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain of a zip and its neighbours; nothing where a neighbour brings it."""
        own = _archive(path)
        found = {own.kind: own} | {other.kind: other for other in _neighbours(own)}
        if own.kind == _first(found):
            yield from _zips(found, _symbol(own, asked(ask.underlying)))


LEAN_OPTIONS = _LeanOptions()


def _zips(found: Mapping[str, _Archive], symbol: str) -> Iterator[Part]:
    """The chain of the zips of one year."""
    start = 1
    for batch in _batches(found):
        frame = _chain(found, batch)
        lines = pl.int_range(start, start + frame.height, dtype=pl.Int64, eager=True)
        start += frame.height
        named = frame.with_columns(lines.alias("line"), underlying=pl.lit(symbol))
        yield Part("chain", conform("chain", named))


def _first(found: Mapping[str, _Archive]) -> str:
    """The kind of tick that the others are joined to."""
    return next(kind for kind in _COLUMNS if kind in found)


def _archive(path: Path) -> _Archive:
    """A zip's entries by contract; InputError where one is not named as LEAN does."""
    entries: dict[str, str] = {}
    kinds: set[str] = set()
    for name in entries_of(path):
        said = _ENTRY.fullmatch(name)
        if said is None:
            allowed = "names such as aapl_quote_american_call_6500000_20140621.csv"
            raise InputError(f"{path}: found entry {name}; expected {allowed}")
        kinds.add(said["kind"])
        entries["_".join(said.group("underlying", "right", "strike", "expiry"))] = name
    if len(kinds) > 1:
        raise InputError(f"{path}: found entries of {' and '.join(sorted(kinds))}; expected one")
    return _Archive(path, kinds.pop(), entries)


def _neighbours(own: _Archive) -> Iterator[_Archive]:
    """The zips of the other kinds of tick beside one."""
    said = FILE.fullmatch(own.path.name)
    for kind in _COLUMNS if said else ():
        other = own.path.with_name(own.path.name.replace(f"_{own.kind}_", f"_{kind}_"))
        if kind != own.kind and other.exists():
            yield _archive(other)


def _symbol(own: _Archive, underlying: str | None) -> str:
    """The one underlying of the entries; InputError for two, or another than was asked for."""
    found = sorted({name_of(contract.split("_")[0]) or "" for contract in own.entries})
    if len(found) > 1 or (underlying is not None and found[0] != underlying):
        raise InputError(
            f"{own.path}: found underlying {' and '.join(found)}; expected "
            f"{underlying or 'one'}{', as --underlying says' if underlying else ''}"
        )
    return found[0]


def _batches(found: Mapping[str, _Archive]) -> Iterator[list[str]]:
    """The contracts with quotes or trades (else with open interest), some megabytes at a time."""
    priced = [archive for kind, archive in found.items() if kind != "openinterest"]
    contracts = sorted({name for each in priced or found.values() for name in each.entries})
    sizes = {kind: _sizes(archive) for kind, archive in found.items()}
    batch: list[str] = []
    held = 0
    for contract in contracts:
        batch.append(contract)
        held += sum(each.get(contract, 0) for each in sizes.values())
        if held > _BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _sizes(archive: _Archive) -> dict[str, int]:
    """The bytes of text of each contract."""
    with zipfile.ZipFile(archive.path) as packed:
        sizes = {each.filename: each.file_size for each in packed.infolist()}
    return {contract: sizes[name] for contract, name in archive.entries.items()}


def _chain(found: Mapping[str, _Archive], batch: list[str]) -> pl.DataFrame:
    """The rows of some contracts, the kinds of tick joined by contract and day."""
    first = _first(found)
    frames = {kind: _ticks(archive, batch) for kind, archive in found.items()}
    rows = frames[first]
    if "trade" in frames and first == "quote":
        rows = rows.join(frames["trade"], on=_KEY, how="full", coalesce=True)
    if "openinterest" in frames and first != "openinterest":
        rows = rows.join(frames["openinterest"], on=_KEY, how="left")
    if first == "quote":
        rows = rows.with_columns(_sided("bid", "ask"), _sided("ask", "bid"))
    terms = pl.DataFrame([_terms(contract) for contract in batch]).with_row_index("contract")
    return rows.sort(_KEY).join(terms, on="contract", how="left", maintain_order="left")


def _sided(one: str, other: str) -> pl.Expr:
    """One side of the quotes: 0 where the other is there alone."""
    alone = pl.col(one).is_null() & pl.col(other).is_not_null()
    return pl.when(alone).then(0.0).otherwise(pl.col(one)).alias(one)


def _terms(contract: str) -> dict[str, object]:
    """What the name of a contract says: right, strike, expiry."""
    _, right, strike, expiry = contract.split("_")
    day = f"{expiry[:4]}-{expiry[4:6]}-{expiry[6:]}"
    return {
        "right": CALL if right == "call" else PUT,
        "strike": int(strike) / _SCALE,
        "expiry": np.datetime64(day).item(),
    }


def _ticks(archive: _Archive, batch: list[str]) -> pl.DataFrame:
    """The days of some contracts in one zip: number of the contract, date, values."""
    bodies: list[tuple[int, bytes]] = []
    with zipfile.ZipFile(archive.path) as packed:
        for number, contract in enumerate(batch):
            name = archive.entries.get(contract)
            if name is not None:
                bodies.append((number, _entry(packed, archive.path, name)))
    raw = _parsed(archive, batch, bodies)
    values = [_value(name) for name in _KEPT[archive.kind]]
    return raw.select("contract", "date", *values)


def _entry(packed: zipfile.ZipFile, path: Path, name: str) -> bytes:
    """The text of an entry, ending in one line end; InputError where it does not unpack."""
    try:
        body = packed.read(name)
    except DAMAGE as problem:
        said = str(problem).lower()
        raise InputError(f"{path}/{name}: found damage ({said}); expected a whole zip") from problem
    return body.replace(b"\r", b"").strip(b"\n") + b"\n"


def _value(name: str) -> pl.Expr:
    """A price, which is written times 10,000; or a count."""
    if name in _PRICES:
        return (pl.col(name) / _SCALE).round(_DIGITS)
    return pl.col(name).fill_nan(None)


def _parsed(
    archive: _Archive, batch: list[str], bodies: Sequence[tuple[int, bytes]]
) -> pl.DataFrame:
    """The rows of some entries; InputError that names the entry and its line."""
    try:
        raw = _rows(archive, str(archive.path), b"".join(body for _, body in bodies))
    except InputError:
        for number, body in bodies:
            _rows(archive, f"{archive.path}/{archive.entries[batch[number]]}", body)
        raise
    counts = [body.count(b"\n") for _, body in bodies]
    numbers = np.repeat([number for number, _ in bodies], counts).astype(np.uint32)
    return raw.with_columns(pl.Series("contract", numbers))


def _rows(archive: _Archive, place: str, body: bytes) -> pl.DataFrame:
    """The rows of a text of one kind of tick, dated; InputError for one that is not a day's."""
    header = Header(place, 0, _COLUMNS[archive.kind], ",")
    kept = _KEPT[archive.kind]
    wanted = {"time": "word"} | dict.fromkeys(kept, "number")
    raw = columns_of(Block(header, 1, body), wanted)  # type: ignore[arg-type]
    refuse_no_counts(raw, [name for name in kept if name not in _PRICES], place)
    dated = raw.with_columns(date=pl.col("time").str.to_date("%Y%m%d 00:00", strict=False))
    wrong = dated["date"].is_null().arg_true()
    if len(wrong):
        found, line = raw["time"][wrong[0]], raw["line"][wrong[0]]
        raise wrong_cell(place, line, "time", found, "a day, yyyymmdd 00:00")
    return dated
