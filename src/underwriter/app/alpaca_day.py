"""Alpaca's market data as a desk reads it: today's chains taken once into the lake, touches live.

The chain of a session is asked for when it is decided, put into the lake like any other that was
collected, and read back through the one door that makes slabs; a second run of the same day reads
what the first one took.  Bars, dividends and rates come from the lake: `data fetch` brings them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from underwriter.app.lake import Asked, Row, bring_all
from underwriter.app.lake_quotes import LakeQuotes
from underwriter.core.contract import CALL, Contract, parse_osi
from underwriter.core.errors import InputError, NetworkError
from underwriter.core.units import MICRO, day_number, day_of
from underwriter.desk.brokers.alpaca_quotes import AlpacaQuotes, Listed
from underwriter.desk.clocks import SECOND
from underwriter.desk.ladder import fresh
from underwriter.desk.ports import BrokerError, RefusedError, Touch
from underwriter.market.schema import conform
from underwriter.market.slab import Slab
from underwriter.market.sources.symbols import underlying_of
from underwriter.sim.backtest import Setup

_SOURCE = "chains of Alpaca, taken as each session is decided"
FURTHEST = 120  # calendar days to expiry for which a chain is asked
_STALE = 900  # seconds: an underlying that was quoted longer ago is no underlying of a chain


class EarlyError(InputError):
    """A desk cannot begin yet; `until` is the moment (UTC nanoseconds) at which it may."""

    def __init__(self, said: str, until: int) -> None:
        super().__init__(said)
        self.until = until


class AlpacaDay:
    """The quotes of a desk at Alpaca."""

    def __init__(
        self, lake: LakeQuotes, feed: AlpacaQuotes, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.lake, self.feed, self.say = lake, feed, say
        self._untaken = ""  # why a night that waits for today's chains still does

    def latest(self) -> tuple[Slab, Setup, str]:
        """The last session there is; today's is taken where the lake has none yet."""
        try:
            slab, setup, _ = self.lake.latest()
        except InputError as problem:  # nothing yet: what is quoted now says what the names are
            day = self.lake.calendar.day_at(self.lake.clock.now())
            if not self._is_time(day):  # a chain of earlier would be what the session is decided on
                raise EarlyError(
                    f"{problem}; the first chains of Alpaca are taken when a session is decided",
                    self._next_time(),
                ) from problem
            try:
                self._fill(day)
            except BrokerError as silent:
                raise NetworkError(
                    f"{silent}; the desk begins once its first chains came"
                ) from silent
            slab, setup, _ = self.lake.latest()
        return slab, setup, _SOURCE

    def _fill(self, day: int) -> None:
        """Have today's session in the lake; InputError where that cannot be, else BrokerError.

        A name of which nothing is held, and whose chain does not come or is dropped whole by the
        gates, is left out of the session, and said.
        """
        lake, missing = self.lake, self._take(day_of(day))
        lake.without[day] = frozenset(missing)
        if not lake.has(day):
            lacks = lake.idle() - lake.collected(day) - {*missing}
            dropped = {name: f"{name}: the gates of the lake left none of it" for name in lacks}
            lake.without[day] = frozenset({**missing, **dropped})
            if not lake.has(day):
                raise InputError(self._dropped(day_of(day), missing))
            missing |= dropped
        for why in missing.values():
            self.say(f"{day_of(day)} is decided without a name of which nothing is held: {why}")

    def _dropped(self, day: date, missing: Mapping[str, str]) -> str:
        """What is said where too little came for a session."""
        names = " ".join(self.lake.request.universe)
        if missing:
            lacks = "; ".join(missing.values())
            return (
                f"Alpaca's chains of {day} make no session of {names}: {lacks}; a name that the "
                "lake never had a chain of cannot be left out: take it out of the universe, or wait"
            )
        return (
            f"Alpaca's chains of {day} came, and the gates of the lake left no session of {names}: "
            f"underwriter data check {names} says which dropped what (docs/gates.md); they are "
            "taken anew at the next cycle, and nothing that is collected stands in for them"
        )

    def slab(self, day: int) -> Slab:
        """One session; of today as it is quoted when it is decided, or first asked for after.

        What the lake had of today before is of another moment: InputError for it (`_take`).
        """
        if self._is_time(day) and not self._is_taken(day):
            try:
                self._fill(day)
            except BrokerError as silent:  # told, and tried again at the next cycle
                raise InputError(str(silent)) from silent
        try:
            return self.lake.slab(day)
        except InputError as problem:
            raise InputError(f"{problem}{self._untaken}") from problem

    def _is_taken(self, day: int) -> bool:
        """Whether the lake has a session, and of the moment at which this desk decides it."""
        without = self.lake.without.get(day, frozenset())
        asked = (one for one in self.lake.request.universe if underlying_of(one) not in without)
        return self.lake.has(day) and all(self._path(one, day_of(day)).exists() for one in asked)

    def _path(self, symbol: str, day: date) -> Path:
        """Where a chain is kept as it came; its name says for which moment it was taken."""
        clock = self.lake.request.policy.content.decide_at.replace(":", "")
        name = f"{symbol.replace('/', '-')}_chain_{day}_{clock}.parquet"
        return self.lake.request.house.home / "downloads" / "alpaca" / name

    def _next_time(self) -> int:
        """The next moment at which a session is decided."""
        now, calendar = self.lake.clock.now(), self.lake.calendar
        decide_at = self.lake.request.policy.content.decide_at
        day = calendar.next_session(calendar.day_at(now) - 1)
        return calendar.decide_at(day, decide_at)

    def _is_time(self, day: int) -> bool:
        """Whether a day is today's session, and the moment has come at which it is decided."""
        now, calendar = self.lake.clock.now(), self.lake.calendar
        decide_at = self.lake.request.policy.content.decide_at
        today = day == calendar.day_at(now) and calendar.is_session(day)
        return bool(today and now >= calendar.decide_at(day, decide_at))

    def evening(self, day: int) -> Slab | None:
        """One session as it ended, once the lake knows it.

        One that was missed waits for the chains of a later one: today's are taken for it when their
        moment has come, since nothing is decided, and none taken, before it is settled.
        """
        found, self._untaken = self.lake.evening(day), ""
        today = self.lake.calendar.day_at(self.lake.clock.now())
        if found is None and day < today and self._is_time(today):
            try:
                self.slab(today)
            except InputError as problem:  # as long as they are not there either, it waits
                self._untaken = f"; those of today are not there either: {problem}"
            else:
                found = self.lake.evening(day)
        return found

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is quoted now; nothing while Alpaca does not answer."""
        try:
            return self.feed.touch(keys)
        except BrokerError:
            return {}

    def _take(self, day: date) -> dict[str, str]:
        """Put today's chains into the lake; the names that go without, and why each does.

        One that was taken before is not taken again: the session is decided on it.  One that was
        collected otherwise is of another moment, and no session is decided on it: a lake keeps
        what it had.  InputError where one is not there of a name that is held, else BrokerError.
        """
        home = self.lake.request.house.home
        waited = {*map(underlying_of, self.lake.request.universe)} - self.lake.idle()
        there = self.lake.collected(day_number(day))
        paths, missing, silent = list[str](), dict[str, str](), False
        for symbol in self.lake.request.universe:
            path = self._path(symbol, day)
            if underlying_of(symbol) in there:
                if not path.exists():
                    raise InputError(_of_another_moment(symbol, day))
                continue
            try:
                paths.append(str(self._put(path, symbol, day)))
            except (InputError, BrokerError) as problem:
                down = silent and isinstance(problem, BrokerError)  # it is Alpaca, and no name
                if underlying_of(symbol) in waited or down:
                    raise
                silent = silent or isinstance(problem, BrokerError)
                missing[underlying_of(symbol)] = str(problem)
                if not paths and not there and symbol == self.lake.request.universe[-1]:
                    raise
        if not paths:
            return missing
        came = bring_all(home, Asked(tuple(paths)), self.lake.clock.now, _Silent())
        if came.refused:
            raise InputError("; ".join(f"{one.path}: {one.said}" for one in came.refused))
        return missing

    def _put(self, path: Path, symbol: str, day: date) -> Path:
        """Today's chain of an underlying as a file, in place whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        self._chain(symbol, day).write_parquet(part)
        return part.replace(path)

    def _chain(self, symbol: str, day: date) -> pl.DataFrame:
        """Today's chain of an underlying in the columns of `schema.CHAIN`."""
        try:
            listed = self.feed.chain(symbol, day, day + timedelta(days=FURTHEST))
            spot = self._spot(symbol)
        except RefusedError as problem:  # a credential or a feed that is not allowed: to be mended
            raise InputError(f"{symbol}: {problem}") from problem
        except BrokerError as problem:
            raise type(problem)(f"{symbol}: {problem}") from problem
        if not listed:
            raise InputError(f"{symbol}: found no options of it at Alpaca that are quoted")
        named = [(one, _contract(one.option)) for one in listed]
        rows = [_row(one, named_as, (symbol, day, spot)) for one, named_as in named if named_as]
        return conform("chain", pl.DataFrame(rows).with_row_index("line", offset=1))

    def _spot(self, symbol: str) -> float:
        """The middle of the underlying's quote; InputError where it is stale or one-sided."""
        quoted = self.feed.touch([symbol])
        found = fresh(quoted, self.lake.clock.now(), _STALE * SECOND).get(symbol)
        if found is None or not 0 < found.bid_u <= found.ask_u:
            raise InputError(
                f"{symbol}: expected a two-sided quote of it under {_STALE} seconds old beside its "
                "chain, found none"
            )
        return (found.bid_u + found.ask_u) / 2 / MICRO


class AlpacaGlance:
    """The same for who only looks: sessions as the lake has them, touches live, nothing taken."""

    def __init__(self, lake: LakeQuotes, feed: Callable[[], AlpacaQuotes]) -> None:
        self.lake, self.feed = lake, feed

    def slab(self, day: int) -> Slab:
        """One session, as it was taken when it was decided."""
        return self.lake.slab(day)

    def evening(self, day: int) -> Slab | None:
        """One session as it ended."""
        return self.lake.evening(day)

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is quoted now; nothing without a credential, or while Alpaca does not answer."""
        try:
            return self.feed().touch(keys)
        except (BrokerError, InputError):
            return {}


def _of_another_moment(symbol: str, day: date) -> str:
    """What is said of a chain of today that was not taken for the decision."""
    return (
        f"{symbol}: the lake has a chain of {day} that was collected at another moment, and a "
        "session is decided on quotes of its own: collect after it is decided, and let desks that "
        "share a home decide at one time, or give each a home of its own"
    )


def _contract(option: str) -> Contract | None:
    """What an option is; None of an adjusted one, which is never traded."""
    try:
        return parse_osi(option)
    except InputError:
        return None


def _row(one: Listed, contract: Contract, whose: tuple[str, date, float]) -> dict[str, object]:
    """One option of a chain."""
    symbol, day, spot = whose
    return {
        "underlying": symbol, "root": contract.root, "date": day, "expiry": contract.expiry,
        "right": "C" if contract.right == CALL else "P", "strike": float(contract.strike),
        "bid": one.touch.bid_u / MICRO, "ask": one.touch.ask_u / MICRO,
        "last": one.last_u / MICRO if one.last_u else None, "iv": one.iv, "delta": one.delta,
        "volume": None, "open_interest": one.open_interest if one.open_interest >= 0 else None,
        "spot": spot,
    }  # fmt: skip


class _Silent:
    """Nobody is told how the import goes."""

    def begin(self, path: Path, at: int, of: int) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""

    def done(self, row: Row) -> None:
        """Nothing."""

    def passed_over(self, path: Path) -> None:
        """Nothing."""

    def refused(self, path: Path) -> None:
        """Nothing."""

    def stopped(self, done: int, left: int, *, compiling: bool) -> None:
        """Nothing."""
