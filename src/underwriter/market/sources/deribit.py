"""Deribit's options on coins: book summaries and tickers, as JSON or csv.

Layout: https://docs.deribit.com/api-reference/market-data/public-get_book_summary_by_currency
(JSON: the answer, or its `result` alone) and the order books of all instruments in a csv, as in
the file in hand.  Sure.  Strikes and the spot are in dollars; premiums are in the coin, which is
also what the contract pays in (inverse), so bid, ask and last are fractions of a coin.

The day is that of the time stamp in UTC; contracts expire at 08:00 UTC of their last.  Counts are
in coins and come in tenths; they are rounded to whole ones.  A bid or an ask that is not there is
0 in the csv and null in the JSON.  Instruments that are no options are passed over.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.schema import CALL, PUT, RIGHT, conform
from underwriter.market.sources.head import is_json, records_of
from underwriter.market.sources.rows import numbers, refuse_no_counts, wrong_cell
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked
from underwriter.market.sources.tabular import raw_columns
from underwriter.market.sources.text import blocks_of, first_bytes

_NAME = r"^([A-Z0-9]+(?:_[A-Z]+)?)-([0-9]{1,2}[A-Z]{3}[0-9]{2})-([0-9]+(?:d[0-9]+)?)-([CP])$"
_OPTION = r"-[CP]$"
_PERCENT = 0.01
_LATEST = 5e12  # milliseconds: the year 2128
_NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stamp": ("creation_timestamp", "timestamp"),
        "bid": ("bid_price", "best_bid_price"),
        "ask": ("ask_price", "best_ask_price"),
        "last": ("last", "last_price"),
        "iv": ("mark_iv",),
        "volume": ("volume",),
        "open_interest": ("open_interest",),
        "spot": ("index_price", "estimated_delivery_price", "underlying_price"),
    }
)
_WORDS = ("instrument_name", "greeks", "stats")
_DELTA = r"'delta': (-?[0-9.e\-]+)"
_VOLUME = r"'volume': ([0-9.e\-]+)"


class _Deribit:
    """The format of Deribit's option summaries."""

    name = "deribit"
    says = "Deribit book summaries of options on coins, JSON or csv"

    def recognises(self, head: Head) -> bool:
        """Whether it has instruments with an underlying index and a marked volatility."""
        return {"instrument_name", "underlying_index", "mark_iv"} <= set(head.names)

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain in the file, and what its contracts are."""
        seen: set[str] = set()
        for raw in _raw(path):
            chain = _chain(raw, str(path), asked(ask.underlying))
            fresh = sorted(set(chain["root"].unique()) - seen)
            seen.update(fresh)
            yield Part("instruments", _instruments(fresh))
            yield Part("chain", chain)


DERIBIT = _Deribit()


def _raw(path: Path) -> Iterator[pl.DataFrame]:
    """The instruments that are options, every column as text, and `line`."""
    frames = _of_json(path) if is_json(first_bytes(path)) else _of_text(path)
    options = pl.col("instrument_name").str.contains(_OPTION)
    empty = True
    for frame in frames:
        _refuse_nameless(frame, path)
        kept = frame.filter(options)
        if kept.height:
            empty = False
            yield kept
    if empty:
        raise InputError(f"{path}: found no option among the instruments; expected at least one")


def _refuse_nameless(frame: pl.DataFrame, path: Path) -> None:
    """Refuse a file without the column of names, and a row without a name."""
    if "instrument_name" not in frame.columns:
        raise InputError(f"{path}: found no column instrument_name; expected it")
    if frame["instrument_name"].null_count():
        line = frame.filter(pl.col("instrument_name").is_null())["line"][0]
        raise wrong_cell(str(path), line, "instrument_name", None, "as BTC-26MAR21-8000-P")


def _of_json(path: Path) -> Iterator[pl.DataFrame]:
    """The records of a JSON as text; their lines are their numbers."""
    records = records_of(path)
    texts = {
        name: [None if record.get(name) is None else str(record[name]) for record in records]
        for name in _names(tuple(records[0]))
    }
    yield pl.DataFrame(texts, dict.fromkeys(texts, pl.String)).with_row_index("line", 1)


def _of_text(path: Path) -> Iterator[pl.DataFrame]:
    """The rows of a csv as text."""
    names = next(blocks_of(path)).header.names
    yield from raw_columns(path, dict.fromkeys(_names(names), "word"))


def _names(names: tuple[str, ...]) -> list[str]:
    """Those of a file's columns that are read."""
    read = {*_WORDS, *(theirs for every in _NUMBERS.values() for theirs in every)}
    return [name for name in names if name in read]


def _chain(raw: pl.DataFrame, place: str, underlying: str | None) -> pl.DataFrame:
    """The options as rows of a chain."""
    parts = _parts(raw, place)
    values = raw.select(_number(raw, ours, place).alias(ours) for ours in _NUMBERS)
    found = parts.hstack(values).with_columns(
        date=_day(values["stamp"], raw, place),
        delta=_inside(raw, "greeks", _DELTA),
        volume=pl.coalesce("volume", _inside(raw, "stats", _VOLUME)).round(),
        open_interest=pl.col("open_interest").round(),
        iv=pl.when(pl.col("iv") > 0).then(pl.col("iv") * _PERCENT),
        last=pl.when(pl.col("last") > 0).then(pl.col("last")),
    )
    refuse_no_counts(found, ["volume", "open_interest"], place)
    _refuse_another(found, underlying, place)
    return conform("chain", found)


def _parts(raw: pl.DataFrame, place: str) -> pl.DataFrame:
    """What the name of each instrument says: root, expiry, strike, right."""
    groups = pl.col("instrument_name").str.extract_groups(_NAME).struct
    frame = raw.select(
        "line",
        root=groups.field("1"),
        underlying=groups.field("1"),
        expiry=groups.field("2").str.to_titlecase().str.to_date("%d%b%y", strict=False),
        strike=groups.field("3").str.replace("d", ".").cast(pl.Float64),
        right=groups.field("4").replace_strict({"C": CALL, "P": PUT}, return_dtype=RIGHT),
    )
    wrong = frame["expiry"].is_null().arg_true()
    if len(wrong):
        found, line = raw["instrument_name"][wrong[0]], frame["line"][wrong[0]]
        raise wrong_cell(place, line, "instrument_name", found, "as BTC-26MAR21-8000-P")
    return frame


def _number(raw: pl.DataFrame, ours: str, place: str) -> pl.Series:
    """A number of ours from the first of its columns that the file has; null without one."""
    theirs = next((name for name in _NUMBERS[ours] if name in raw.columns), None)
    if theirs is not None:
        return numbers(place, raw[theirs], raw["line"])
    if ours == "stamp":
        raise InputError(f"{place}: found no {' or '.join(_NUMBERS[ours])}; expected one of them")
    return pl.Series([None], dtype=pl.Float64).new_from_index(0, raw.height)


def _day(stamps: pl.Series, raw: pl.DataFrame, place: str) -> pl.Series:
    """The day in UTC of milliseconds since 1970; InputError for the first that are none."""
    fine = stamps.is_between(0, _LATEST).fill_null(value=False)
    if not fine.all():
        at = int((~fine).arg_true()[0])
        name = next(name for name in _NUMBERS["stamp"] if name in raw.columns)
        allowed = "milliseconds since 1970"
        raise wrong_cell(place, raw["line"][at], name, raw[name][at], allowed)
    return pl.from_epoch(stamps.cast(pl.Int64), "ms").dt.date()


def _inside(raw: pl.DataFrame, theirs: str, pattern: str) -> pl.Series:
    """A number inside a column that holds a whole record; null where it is not."""
    if theirs not in raw.columns:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, raw.height)
    return raw[theirs].str.extract(pattern).cast(pl.Float64, strict=False)


def _refuse_another(chain: pl.DataFrame, underlying: str | None, place: str) -> None:
    """Refuse an option on another underlying than was asked for."""
    other = chain.filter(pl.col("underlying") != underlying) if underlying else chain.clear()
    if other.height:
        found, line = other["underlying"][0], other["line"][0]
        raise InputError(
            f"{place}, line {line}: found underlying {found}; expected {underlying}, as "
            "--underlying says"
        )


def _instruments(roots: list[str]) -> pl.DataFrame:
    """What the inverse contracts on each coin are; linear ones (BTC_USDC) pay in dollars."""
    rows = pl.DataFrame(
        {"underlying": roots, "root": roots}, {"underlying": pl.String, "root": pl.String}
    )
    coins = rows.filter(~pl.col("root").str.contains("_", literal=True))
    terms = coins.with_columns(
        style=pl.lit("european"),
        settlement=pl.lit("coin"),
        multiplier=pl.lit(1),
        calendar=pl.lit("24/7"),
        line=pl.lit(1),
    )
    return conform("instruments", terms)
