"""What a policy sees beside the quotes it runs on: only what it asks for, and nothing of later.

What is made of daily bars, levels, filings and of how options trade stands on the session before,
since none of it is known when today is decided; what is made of the very quotes that are decided on
(implied volatility) and what is known ahead (announcements) stands on the session itself.  The
percentile compares today's volatility with the year before, today left out.

What is not known is read at its most careful, and said in `Sight.remarks`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from underwriter.app import wire
from underwriter.app.ground import Ground
from underwriter.app.policy_file import PolicyFile
from underwriter.app.request import Request
from underwriter.app.screen_keys import Screen, gates_of
from underwriter.app.subjects import Known, read_known, unknown_trading
from underwriter.app.toml_text import shown
from underwriter.core import screen as core
from underwriter.core.errors import InputError
from underwriter.core.record import F8, I4, I8, Rows
from underwriter.core.units import day_of
from underwriter.market.beside import Beside, Lens, columns_of, earnings_due, placed, together
from underwriter.market.calendar import Calendar
from underwriter.market.cluster import clusters
from underwriter.market.fundamentals import sectors
from underwriter.market.funds import moves_with_shares
from underwriter.market.joined import Mask, iv30, iv_percentile, realised
from underwriter.market.lake.holding import slope_on
from underwriter.market.rank import WINDOW
from underwriter.market.screened import Subject, days_ahead, gate_values
from underwriter.market.slab import Slab
from underwriter.market.sources.symbols import underlying_of

_TRADED = (core.INTEREST, core.CONTRACTS, core.WIDTH)


class _Asked(NamedTuple):
    """Which columns any of some policies looks at."""

    iv30: bool
    percentile: bool
    realised: bool
    slope: bool
    earnings: bool


@dataclass(slots=True)
class Sight:
    """A slab with what stands beside its quotes, and the lens of what runs on it."""

    slab: Slab
    known: Known | None  # None: nobody asked for anything
    symbols: tuple[str, ...]
    day: I4  # of the sessions
    eve: I4  # the session before each
    iv: F8 | None
    remarks: list[str] = field(default_factory=list)
    _lenses: dict[str, Lens | None] = field(default_factory=dict)
    _values: dict[tuple[str, tuple[str, ...], bool], F8] = field(default_factory=dict)
    _subjects: list[Subject] = field(default_factory=list)

    def lens(self, contents: Sequence[PolicyFile]) -> Lens | None:
        """What the policies of one account see of their names; None where they ask for nothing."""
        screens = [each.screen.model_dump_json() if each.screen else "" for each in contents]
        asked = _clustered(contents), _sectored(contents), any(screens)
        key = f"{asked} {screens}"
        if key not in self._lenses:
            self._lenses[key] = self._lens(contents) if any(asked) else None
        return self._lenses[key]

    def source(self, said: str) -> str:
        """Where the quotes are from, and what is not known beside them."""
        if not self.remarks:
            return said
        told = f"unknown, so read at its most careful: {', '.join(self.remarks)}"
        return f"{said}; {told}" if said else told

    def subjects(self) -> list[Subject]:
        """Every name apart from its options, read once."""
        if not self._subjects:
            assert self.known is not None  # noqa: S101  nobody asks without it
            self._subjects = [self.known.subject(each) for each in self.symbols]
        return self._subjects

    def told(self, what: str, unknown: Mask) -> None:
        """Remember on how many sessions something is unknown, (sessions,) or with names."""
        missing = unknown.reshape(len(self.day), -1)
        count = int(missing.any(axis=1).sum())
        names = [name for name, each in zip(self.symbols, missing.T, strict=False) if each.any()]
        of = f" of {', '.join(names)}" if missing.shape[1] == len(self.symbols) > 1 else ""
        said = f"{what}{of} on {count} of {len(self.day)} sessions"
        if count and said not in self.remarks:
            self.remarks.append(said)

    def _lens(self, contents: Sequence[PolicyFile]) -> Lens | None:
        """The columns of some policies; what each screen says is a bit of one."""
        shape = len(self.day), len(self.symbols)
        cluster, sector = np.zeros(shape, np.int64), np.zeros(shape[1], np.int64)
        if _clustered(contents):
            cluster = self._clusters()
        if _sectored(contents):
            sector = self._sectors()
        admitted = np.zeros(shape, np.int64)
        for at, content in enumerate(contents):
            admitted |= self._admitted(content.screen) << at
        return Lens(admitted, cluster, sector)

    def _clusters(self) -> I8:
        """Names that fall together; those of which no year is known count as one cluster."""
        pasts = [each.past for each in self.subjects()]
        shares = [moves_with_shares(underlying_of(each)) for each in self.symbols]
        found = clusters(self.eve, pasts, shares)
        self.told("cluster", found == 0)
        return together(found, len(pasts) + 1)

    def _sectors(self) -> I8:
        """The sector of each name as filed before the first session; unknown ones count as one.

        Terms hold for a whole run, so what is filed later comes too late.
        """
        numbers, names = sectors(self.eve, [each.firm for each in self.subjects()])
        fund = np.array([each.fund for each in self.subjects()])
        found = np.where(fund, 0, together(numbers[0], len(names) + 1))
        self.told("sector", np.broadcast_to((numbers[0] == 0) & ~fund, numbers.shape))
        return found

    def _admitted(self, screen: Screen | None) -> I8:
        """1 where the screen lets a name in."""
        gates = gates_of(screen)
        on = [at for at in range(len(core.NAMES)) if _is_on(gates, at)]
        if screen is None or not on:
            return np.ones((len(self.day), len(self.symbols)), np.int64)
        traded = any(at in _TRADED for at in on)
        values = self._gate_values(screen, traded=traded)
        for at in on:
            if not gates[at].lenient:
                self.told(f"screen.{core.NAMES[at]}", np.isnan(values[:, :, at]))
        return core.admitted(values, gates)

    def _gate_values(self, screen: Screen, *, traded: bool) -> F8:
        """The value of every gate, (sessions, underlyings, gates), made once."""
        key = screen.index, screen.exclude_sectors, traded
        if key not in self._values:
            assert self.known is not None  # noqa: S101  nobody asks without it
            index = self.known.against(screen.index)
            shape = len(self.day), len(self.symbols), len(core.NAMES)
            found = np.empty(shape)
            for at, subject in enumerate(self.subjects()):
                trading = unknown_trading(self.eve)
                if traded:
                    trading = self.known.trading(self.symbols[at], self.eve, subject.past)
                iv = np.full(len(self.day), np.nan) if self.iv is None else self.iv[:, at]
                excluded = screen.exclude_sectors
                found[:, at] = gate_values(self.eve, subject, index, iv, trading, excluded)
                found[:, at, core.EARNINGS] = days_ahead(self.day, subject)
            self._values[key] = found
        return self._values[key]


def look(request: Request, found: Ground, slab: Slab, contents: Sequence[PolicyFile]) -> Sight:
    """What some policies on one universe see on a ground; `slab` stands on its last sessions."""
    symbols, day = _symbols(request, slab), _days(slab)
    asked = _asked(contents)
    lensed = _clustered(contents) or _sectored(contents) or any(each.screen for each in contents)
    if not any(asked) and not lensed:
        return Sight(slab, None, symbols, day, day, None)
    eve = _eves(day, found.calendar)
    known = read_known(request, found.calendar)
    require_index(request, known)
    iv = iv30(day, [columns_of(slab, at) for at in range(len(symbols))]) if asked.iv30 else None
    sight = Sight(slab, known, symbols, day, eve, iv)
    sight.slab = placed(slab, _beside(sight, request, asked))
    return sight


def require_index(request: Request, known: Known) -> None:
    """InputError for an index that a policy names and that the lake has no prices of."""
    for policy in request.policies:
        screen = policy.content.screen
        if screen and "index" in screen.model_fields_set and not known.has(screen.index):
            raise policy.source.error(
                ("screen", "index"),
                f"found screen.index = {shown(screen.index)}, of which the lake has no prices",
                f"expected {Screen.model_fields['index'].description}",
            )


def _beside(sight: Sight, request: Request, asked: _Asked) -> Beside:
    """The columns that are asked for; what is unknown of them is told."""
    beside = Beside(iv30=sight.iv)
    if sight.iv is not None:
        sight.told("30-day volatility", np.isnan(sight.iv))
    if asked.percentile and sight.iv is not None:
        share = iv_percentile(sight.iv, year_before(request, sight.day))
        sight.told("IV percentile", np.isnan(share))
        beside = beside._replace(iv_percentile=share)
    if asked.realised:
        vol = realised(sight.eve, [each.past for each in sight.subjects()])
        sight.told("realised volatility", np.isnan(vol))
        beside = beside._replace(realised=vol)
    if asked.slope and sight.known is not None:
        slope = slope_on(sight.known.lake, sight.eve)
        sight.told("VIX over VIX3M", np.isnan(slope))
        beside = beside._replace(slope=slope)
    if asked.earnings:
        beside = beside._replace(next_earnings=_earnings(sight))
    return beside


def _earnings(sight: Sight) -> I8:
    """The next announcement of every name."""
    found = np.zeros((len(sight.day), len(sight.symbols)), np.int64)
    silent = np.zeros(found.shape, np.bool_)
    for at, subject in enumerate(sight.subjects()):
        if not subject.fund:
            due = earnings_due(sight.day, subject.announced)
            found[:, at], silent[:, at] = due.day, due.silent
    sight.told("earnings", silent)
    return found


def year_before(request: Request, day: I4) -> F8:
    """30-day volatility on the 252 sessions before the first, NaN where there are no quotes."""
    before = np.full((WINDOW, len(request.universe)), np.nan)
    whose = {each.symbol: each.policy for each in request.named}
    for at, symbol in enumerate(request.universe):
        policy = whose[symbol]
        alone = policy.content.model_copy(update={"universe": (symbol,), "own": {}})
        earlier = replace(
            request,
            policy=policy._replace(content=alone),
            others=(),
            first=None,
            last=day_of(int(day[0]) - 1),
        )
        found = _iv_of(earlier)
        before[WINDOW - len(found) :, at] = found
    return before


def _iv_of(request: Request) -> F8:
    """30-day volatility on the last year of a request's one name; nothing where it has none."""
    try:
        day = wire.ground(request).day[-WINDOW:]
        return iv30(day, [columns_of(wire.quoted_on(request, day), 0)])[:, 0]
    except InputError:  # no quotes, or no prices to read them by: it is unknown, and told
        return np.empty(0)


def _asked(contents: Sequence[PolicyFile]) -> _Asked:
    """Which columns the policies look at."""
    regimes = [each.regime for each in contents if each.regime]
    percentile = any(each.measure == "IV percentile" and each.bands for each in regimes)
    against = any(each.below_realised > 0.0 for each in regimes)
    capped = any(each.admit_iv_max is not None for each in regimes)
    gated = any(_is_on(gates_of(each.screen), core.IV30) for each in contents)
    return _Asked(
        iv30=percentile or against or capped or gated,
        percentile=percentile,
        realised=against,
        slope=any(each.slope_above > 0.0 for each in regimes),
        earnings=any(each.entry.avoid_earnings for each in contents),
    )


def _clustered(contents: Sequence[PolicyFile]) -> bool:
    """Whether any policy caps what falls together; a cap of everything is none."""
    return any(each.size.per_cluster < 1.0 for each in contents)


def _sectored(contents: Sequence[PolicyFile]) -> bool:
    """Whether any policy caps sectors."""
    return any(each.size.per_sector < 1.0 for each in contents)


def _is_on(gates: Rows[core.Gate], at: int) -> bool:
    """Whether a gate has a bound."""
    return bool(np.isfinite(gates[at].least) or np.isfinite(gates[at].most))


def _symbols(request: Request, slab: Slab) -> tuple[str, ...]:
    """What the names are called: a history of the user's own goes by its own name."""
    if request.own is not None:
        return tuple(each.symbol for each in slab.instruments)
    return request.universe


def _days(slab: Slab) -> I4:
    """The sessions of a slab."""
    return np.asarray(slab.market.sessions)["day"].astype(np.int32)


def _eves(day: I4, calendar: Calendar) -> I4:
    """The session before each; the day before, where the calendar does not reach back so far."""
    before = calendar.sessions[calendar.sessions < day[0]]
    first = before[-1] if len(before) else day[0] - 1
    return np.concatenate([[first], day[:-1]]).astype(np.int32)
