"""Backtests on the user's own chains: what of a policy's universe the lake holds, and its slab."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import numpy as np
import polars as pl

from underwriter.app.ground import Ground, rows_between, session_at
from underwriter.app.lake_slab import Quoted, State, built, kept, kept_session, together
from underwriter.app.request import Named, Request
from underwriter.app.toml_text import suggestion
from underwriter.app.universe import needs_shares
from underwriter.core.errors import InputError
from underwriter.core.record import I4
from underwriter.core.units import day_of
from underwriter.market.calendar import Calendar
from underwriter.market.gates.ground import listed
from underwriter.market.history import BILLS
from underwriter.market.instrument import Instrument
from underwriter.market.lake.abreast import Abreast, Listed, list_abreast, read_abreast
from underwriter.market.lake.holding import (
    MEASURE,
    bars_on,
    files_of,
    kinds_of,
    rates_on,
    sessions_of,
    spans_of,
    underlyings,
    unsaid_splits,
)
from underwriter.market.lake.read import Lake, Reader
from underwriter.market.slab import Slab
from underwriter.market.sources.symbols import underlying_of

T = TypeVar("T")
Spans = dict[str, tuple[int, int]]

_LATE = 10  # days after which a name without quotes has ended, rather than not come in yet
_SHOWN = 12  # names in a refusal
_TOLD = ("style", "settlement", "multiplier")


def from_lake(request: Request, calendar: Calendar) -> Ground:
    """The sessions on which the lake has quotes of all that a request's policies name.

    InputError for a symbol that it has no quotes of, and where they have no session in common.
    """
    lake = Lake.open(request.house.home)
    quoted = _quoted(lake, request)
    spans = [sessions_of(lake, each.underlying, calendar) for each in quoted]
    day = _common(spans, quoted)
    day = day[rows_between(day, request.first, request.last)]
    build = partial(kept, lake, calendar, quoted, day)
    return Ground(calendar, day, _source(lake, quoted, day), "building the slab", build)


def quoted_on(request: Request, calendar: Calendar, day: I4) -> Slab:
    """What the lake quotes of a request's universe on some sessions: made anew, and not kept."""
    lake = Lake.open(request.house.home)
    quoted = _quoted(lake, request)
    return built(lake, calendar, quoted, day, request.house.home)


def from_lake_on(
    request: Request, calendar: Calendar, asked: date | None, idle: Collection[str] = ()
) -> Ground:
    """One session of the lake: the last that all of a universe have at or before a day.

    `idle` are underlyings that are not waited for: theirs stand at their last price, and nothing is
    opened.  All are read together, since five hundred one after another would take long.
    InputError as of `from_lake`, and for a day before the first session in common.
    """
    lake = Lake.open(request.house.home)
    names, spans = _underlyings(request), spans_of(lake)
    on = np.array([_in_common(spans, calendar, (names, idle), asked)], np.int32)
    found = list_abreast(lake, names, on, (*BILLS, MEASURE))
    quoted, ended = _quoted(found, request), _ended(spans, names, int(on[0]))
    told = State(tuple(ended), found.state)
    build = partial(kept_session, lake, calendar, quoted, on, told)
    remarks = _grouped((name, [_since(day)]) for name, day in ended.items())
    return _moment(calendar, names, on, build, [*remarks, *rates_on(lake, on)[1]])


def _since(day: int) -> str:
    """What is said of a name whose quotes have ended."""
    return f"no quotes after {day_of(day)}, whose price stands: nothing is opened"


def _ended(spans: Spans, names: Sequence[str], on: int) -> dict[str, int]:
    """The names whose quotes have ended by a session, and the last day of each."""
    return {name: spans[name][1] for name in names if name in spans and spans[name][1] < on}


def each_from_lake_on(
    requests: Sequence[Request], calendar: Calendar, asked: date | None
) -> list[Ground | InputError]:
    """The same for each of some requests by itself, or why it has none.

    Those that come to the same session are read together: a catalogue is gone through once a
    session, not once a name.
    """
    lake = Lake.open(requests[0].house.home)
    spans = spans_of(lake)
    days = [
        _or_why(partial(_in_common, spans, calendar, (_underlyings(each), ()), asked))
        for each in requests
    ]
    names: dict[int, list[str]] = {}
    for each, day in zip(requests, days, strict=True):
        if isinstance(day, int):
            names.setdefault(day, []).extend(_underlyings(each))
    read = {day: _Read.of(lake, of, day) for day, of in names.items()}
    return [
        _or_why(partial(read[day].ground, calendar, each)) if isinstance(day, int) else day
        for each, day in zip(requests, days, strict=True)
    ]


class _Read(NamedTuple):
    """One session of the underlyings of several requests, read."""

    listed: Listed
    abreast: Abreast

    @classmethod
    def of(cls, lake: Lake, names: Sequence[str], day: int) -> Self:
        """Read it."""
        on = np.array([day], np.int32)
        return cls(list_abreast(lake, names, on, ()), read_abreast(lake, names, on))

    def ground(self, calendar: Calendar, request: Request) -> Ground:
        """What one of the requests stands on."""
        quoted, on = _quoted(self.listed, request), self.abreast.day
        build = partial(together, calendar, quoted, self.abreast)
        return _moment(calendar, _underlyings(request), on, build, self.abreast.remarks)


def _or_why(asked: Callable[[], T]) -> T | InputError:
    """What is asked for, or why there is none."""
    try:
        return asked()
    except InputError as problem:
        return problem


def _underlyings(request: Request) -> list[str]:
    """The underlyings of a request's universe."""
    return [underlying_of(symbol) for symbol in request.universe]


def _moment(
    calendar: Calendar, names: Sequence[str], on: I4, build: Callable[[Path], Slab],
    remarks: Iterable[str],
) -> Ground:  # fmt: skip
    """One session of some underlyings."""
    whose = ", ".join(names) if len(names) <= _SHOWN else f"{len(names)} underlyings"
    source = "; ".join([f"the lake's quotes of {whose}", *remarks])
    return Ground(calendar, on, source, "reading the chains", build)


def _in_common(
    spans: Spans, calendar: Calendar, of: tuple[Sequence[str], Collection[str]], asked: date | None
) -> int:
    """The last session at or before a day, of those from the latest beginning to the earliest end.

    `of` are names, and those of them that are idle.  Such a one, and one whose quotes ended long
    before those of another, holds nobody back.  Without any quotes, the day itself: what is not
    there is then refused by its name.
    """
    names, idle = of
    known = {name: spans[name] for name in names if name in spans}
    first = max((span[0] for span in known.values()), default=0)
    latest = max((span[1] for span in known.values()), default=0)
    waited = [end for name, (_, end) in known.items() if end >= latest - _LATE and name not in idle]
    last = min(waited, default=latest)
    if len(known) < len(set(names)):
        return last
    if first > last:
        told = "; ".join(
            f"{name} {day_of(spans[name][0])} to {day_of(spans[name][1])}" for name in names
        )
        raise InputError(f"found quotes of {told}; expected a session in common")
    day = calendar.between(first, last)
    if not len(day):
        raise InputError(f"found no session with quotes of {', '.join(names)}; expected one")
    return int(day[session_at(day, asked)])


def _quoted(lake: Reader, request: Request) -> tuple[Quoted, ...]:
    """What the symbols of a request mean, in the order of their numbers."""
    _refuse_two_roots(request)
    found: dict[str, Quoted] = {}
    for each in request.named:
        if each.symbol in found:
            needs_shares(each, found[each.symbol].instrument)
        else:
            found[each.symbol] = _meant(lake, each)
    return tuple(found.values())


def _refuse_two_roots(request: Request) -> None:
    """Refuse two option roots of one underlying: each would have the whole of its caps."""
    first: dict[str, str] = {}
    for each in request.named:
        underlying = underlying_of(each.symbol)
        other = first.setdefault(underlying, each.symbol)
        if other != each.symbol:
            raise each.policy.source.error(
                ("universe", each.at),
                f"found {each.symbol} in universe beside {other}, both of {underlying}",
                "expected one root of an underlying, since caps are of each symbol",
            )


def _meant(lake: Reader, named: Named) -> Quoted:
    """What one symbol of a universe means: an option root, or the underlying that is its own."""
    symbol = named.symbol
    underlying = underlying_of(symbol)
    instrument = _terms(lake, underlying, symbol)
    needs_shares(named, instrument)
    if instrument.settlement == "coin":
        raise named.policy.source.error(
            ("universe", named.at),
            f"found {symbol} in universe, whose premiums are in coin",
            "expected an underlying that is quoted in dollars",
        )
    if symbol not in lake.roots(underlying):
        raise named.policy.source.error(
            ("universe", named.at),
            f"found {symbol} in universe, of which the lake has no quotes",
            f"{_names(lake, symbol)}; underwriter data import brings more",
        )
    return Quoted(underlying, instrument)


def _names(lake: Reader, symbol: str) -> str:
    """What the lake has quotes of, for a refusal: a few names, or those that look alike."""
    found = underlyings(lake)
    roots = [root for name in found[:_SHOWN] for root in lake.roots(name)]
    if not found:
        return "the lake is empty"
    if len(found) > _SHOWN:
        near = ", ".join(get_close_matches(symbol, found, n=_SHOWN)) or f"{', '.join(roots)}, ..."
        return f"of {len(found)} underlyings that it has: {near}"
    return f"it has {suggestion(symbol, roots)}"


def _terms(lake: Reader, underlying: str, root: str) -> Instrument:
    """The terms of a root: as the lake was told, else as is usual for it."""
    usual = replace(listed(root), symbol=underlying)
    for row in lake.instruments(underlying).iter_rows(named=True):
        if row["root"] != root:
            continue
        told = {name: row[name] for name in _TOLD if row[name] is not None}
        return replace(usual, **told)
    return usual


def _common(spans: list[I4], quoted: tuple[Quoted, ...]) -> I4:
    """The sessions from the latest beginning to the latest end; all have some in common.

    A name whose quotes end sooner ends nobody else's run: `bars_on` says what becomes of it.
    """
    if without := [
        each.underlying for each, span in zip(quoted, spans, strict=True) if not len(span)
    ]:
        raise InputError(f"found no session with quotes of {', '.join(without)}; expected some")
    first, last = max(int(span[0]) for span in spans), min(int(span[-1]) for span in spans)
    if first >= last:
        told = "; ".join(
            f"{each.instrument.root} {day_of(int(span[0]))} to {day_of(int(span[-1]))}"
            for each, span in zip(quoted, spans, strict=True)
        )
        raise InputError(f"found quotes of {told}; expected sessions in common")
    longest = max(spans, key=lambda span: int(span[-1]))
    return longest[longest >= first]


def _source(lake: Lake, quoted: tuple[Quoted, ...], day: I4) -> str:
    """Where the quotes are from, and what is to be said of them."""
    told = _grouped((each.instrument.root, [_told(lake, each, day)]) for each in quoted)
    remarks = _grouped((each.underlying, _remarks(lake, each, day)) for each in quoted)
    return "; ".join([*told, *remarks, *rates_on(lake, day)[1]])


def _grouped(said: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """The same sentences once, with all the names that they are said of."""
    names: dict[str, list[str]] = {}
    for name, sentences in said:
        for sentence in sentences:
            names.setdefault(sentence, []).append(name)
    return [f"{', '.join(dict.fromkeys(of))}: {sentence}" for sentence, of in names.items()]


def _told(lake: Lake, quoted: Quoted, day: I4) -> str:
    """What the quotes of one root are, and the files they came from."""
    kinds = kinds_of(lake, quoted.underlying, day)
    said = {
        "real bids and asks": kinds.quoted,
        "real last prices with modelled spreads": kinds.last,
    }
    there = {kind: days for kind, days in said.items() if days}
    told = " and ".join(f"{kind} on {days} sessions" for kind, days in there.items())
    if kinds.left_out:
        told += f", {kinds.left_out:,} rows without quotes left out"
    files = files_of(lake, quoted.underlying, day)
    return f"{told} ({_listed(files)})"


def _listed(files: list[str]) -> str:
    """The first file, and how many more."""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0] if files else 'no file'}{more}"


def _remarks(lake: Lake, quoted: Quoted, day: I4) -> tuple[str, ...]:
    """What a reader should know of an underlying's prices and dividends."""
    _, remarks = bars_on(lake, quoted.underlying, day)
    seen = unsaid_splits(lake, quoted.underlying)
    within = seen.filter(pl.col("date").is_between(day_of(int(day[0])), day_of(int(day[-1]))))
    if within.height:
        on = ", ".join(map(str, within["date"]))
        remarks = (*remarks, f"a split that no file says, as strikes and spot show it, on {on}")
    if quoted.instrument.physical and not lake.dividends(quoted.underlying).height:
        return (*remarks, "no dividends in the lake")
    return remarks
