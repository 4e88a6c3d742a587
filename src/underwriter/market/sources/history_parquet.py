"""The free history of SPY, QQQ and IWM: parquet files of chains, prices and volatility.

Layout: https://github.com/philippdubach/options-dataset-hist (README, "Schema"): a chain
(`options.parquet`, `options_2024.parquet`) with dates as text there and as dates in other copies,
and the underlying's days (`underlying.parquet`) as Alpha Vantage gives them: prices as traded, the
dividend on its ex-date, the split on its first day.  Sure.  The same columns in a csv are read
alike.  A third file, `volatility.parquet`, is the VIX: `cboe_series` reads it.

`underlying.toml` beside a chain says what the contracts are, which no column does:

    symbol = "SPY"
    style = "american"          # or "european"
    settlement = "physical"     # or "cash-pm", "cash-am"
    multiplier = 100
    calendar = "XNYS"
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from underwriter.core.errors import InputError
from underwriter.market.schema import INSTRUMENTS, conform
from underwriter.market.sources.head import head_of
from underwriter.market.sources.layout import Layout, columns
from underwriter.market.sources.rows import Wanted, wrong_cell
from underwriter.market.sources.source import Ask, Head, Part
from underwriter.market.sources.symbols import asked, name_of, named
from underwriter.market.sources.tabular import raw_columns, read_table

SIDECAR = "underlying.toml"
_CHAIN = frozenset({"contract_id", "symbol", "expiration", "type", "implied_volatility"})
_DAYS = frozenset({"symbol", "adjusted_close", "dividend_amount", "split_coefficient"})
_FINEST = 1_000  # a split's ratio is of small whole numbers
_PRICES = ("open", "high", "low", "close", "volume")
_LAYOUT = Layout(
    columns=columns(
        underlying="symbol",
        symbol="contract_id",
        date="date",
        expiry="expiration",
        right="type",
        strike="strike",
        bid="bid",
        ask="ask",
        last="last",
        iv="implied_volatility",
        delta="delta",
        volume="volume",
        open_interest="open_interest",
    ),
    optional=frozenset({"last"}),
)
_SIDECAR_KEYS: Mapping[str, tuple[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        "symbol": ("a symbol", lambda said: isinstance(said, str) and name_of(said) is not None),
        "style": ('"american" or "european"', ("american", "european").__contains__),
        "settlement": (
            '"physical", "cash-pm", "cash-am" or "coin"',
            ("physical", "cash-pm", "cash-am", "coin").__contains__,
        ),
        "multiplier": ("a whole number above 0", lambda said: type(said) is int and said > 0),
        "calendar": (
            'a calendar such as "XNYS"',
            lambda said: isinstance(said, str) and said != "",
        ),
    }
)


class _HistoryParquet:
    """The format of the free parquet history, its two kinds of files."""

    name = "history-parquet"
    says = "the free SPY, QQQ and IWM history in parquet: chains, and days of the underlying"

    def recognises(self, head: Head) -> bool:
        """Whether the file is a chain, or the days of an underlying."""
        names = {name.casefold() for name in head.names}
        return names >= _CHAIN or names >= _DAYS

    def read(self, path: Path, ask: Ask) -> Iterator[Part]:
        """The chain with its instrument; or bars, dividends and splits."""
        names = {name.casefold() for name in head_of(path).names}
        if names >= _DAYS:
            yield from _days(path, asked(ask.underlying))
        else:
            yield from _chain(path, asked(ask.underlying))


HISTORY_PARQUET = _HistoryParquet()


def _chain(path: Path, underlying: str | None) -> Iterator[Part]:
    """The instrument of the sidecar, where there is one, and the chain."""
    sidecar = path.with_name(SIDECAR)
    instrument = _instrument(sidecar) if sidecar.exists() else None
    for part in read_table(path, _LAYOUT, underlying):
        if instrument is not None:
            _refuse_another(part.frame, instrument, path)
            yield Part("instruments", instrument)
            instrument = None
        yield part


def _instrument(sidecar: Path) -> pl.DataFrame:
    """What a sidecar says of an underlying; InputError for a key that is missing or wrong."""
    try:
        said = tomllib.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"{sidecar}: found {problem}; expected TOML (key = value)") from problem
    for key, (allowed, fine) in _SIDECAR_KEYS.items():
        if key not in said or not fine(said[key]):
            found = repr(said[key]) if key in said else "nothing"
            raise InputError(f"{sidecar}, key {key}: found {found}; expected {allowed}")
    symbol = asked(said["symbol"])
    row = {**said, "underlying": symbol, "root": symbol, "line": 1}
    return conform("instruments", pl.DataFrame({name: [row[name]] for name in INSTRUMENTS}))


def _refuse_another(chain: pl.DataFrame, instrument: pl.DataFrame, path: Path) -> None:
    """Refuse a sidecar of another underlying than the chain's."""
    said = instrument["underlying"][0]
    found = chain["underlying"][0]
    if found != said:
        raise InputError(
            f"{path}: found underlying {found}; expected {said}, as {SIDECAR} beside it says"
        )


def _days(path: Path, underlying: str | None) -> Iterator[Part]:
    """The bars of an underlying, its dividends and its splits."""
    numbers = (*_PRICES, "dividend_amount", "split_coefficient")
    wanted: Wanted = {"symbol": "word", "date": "word", **dict.fromkeys(numbers, "number")}
    for raw in raw_columns(path, wanted):
        symbol, _ = named(raw, {"underlying": "symbol"}, underlying, str(path))
        days = raw.with_columns(symbol, _dated(raw, path))
        yield Part("bars", conform("bars", days))
        paid = days.filter(pl.col("dividend_amount") > 0)
        yield Part("dividends", conform("dividends", _dividends(paid)))
        split = days.filter((pl.col("split_coefficient") > 0) & (pl.col("split_coefficient") != 1))
        yield Part("splits", conform("splits", _splits(split)))


def _dividends(paid: pl.DataFrame) -> pl.DataFrame:
    """The days that paid, as dividends."""
    return paid.select("underlying", "line", ex_date="date", amount="dividend_amount")


def _splits(split: pl.DataFrame) -> pl.DataFrame:
    """The days of a split, with its ratio in whole numbers: 1.5 is 3 for 2."""
    ratios = [Fraction(ratio).limit_denominator(_FINEST) for ratio in split["split_coefficient"]]
    new = pl.Series("new", [ratio.numerator for ratio in ratios], pl.Int32)
    old = pl.Series("old", [ratio.denominator for ratio in ratios], pl.Int32)
    return split.select("underlying", "date", "line").with_columns(new, old)


def _dated(raw: pl.DataFrame, path: Path) -> pl.Series:
    """The column of dates, read where it is text; InputError for the first that is none."""
    dates = raw["date"]
    if dates.dtype == pl.String:
        dates = dates.str.to_date("%Y-%m-%d", strict=False)
    if dates.null_count():
        at = int(dates.is_null().arg_true()[0])
        allowed = "a date, yyyy-mm-dd"
        raise wrong_cell(str(path), raw["line"][at], "date", raw["date"][at], allowed)
    return dates
