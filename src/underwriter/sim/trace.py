"""Engine trace -> the same book events that a broker's facts become.

A run's lines are facts and decisions in order; here each becomes one event, and each session ends
with one `Marked` an account.  Folding the events gives the engine's own state back: parity proof 4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import TypedDict

from underwriter.book.decided import Judged, decided
from underwriter.book.event import (
    AnyEvent,
    Approved,
    Assigned,
    BookOpened,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Leg,
    Marked,
    Moved,
    Quoted,
    Refused,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.core import sleeve
from underwriter.core.chain import Bar, Session
from underwriter.core.contract import NONE, root_of, unpack
from underwriter.core.policy import OWN_PERCENTILE
from underwriter.core.record import Rows
from underwriter.core.units import day_of
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Run, Setup
from underwriter.sim.ledger import DECISION, Line

_LEG_EVENTS: dict[int, type[Filled | Expired | Assigned | Settled]] = {
    sleeve.FILL: Filled,
    sleeve.EXPIRED: Expired,
    sleeve.ASSIGNED: Assigned,
    sleeve.SETTLED: Settled,
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The names behind a run's numbers, and what its book's first event says."""

    accounts: tuple[str, ...]
    policies: tuple[tuple[str, str, str], ...]  # hash, name, TOML text
    moments: tuple[int, ...]  # UTC nanoseconds of each session's decision
    version: str
    source: str
    settings: Mapping[str, str | float | int]


class _When(TypedDict):
    at: int
    session: date
    account: str


class _Whose(_When):
    sleeve: int
    campaign: int
    policy: str


@dataclass(frozen=True, slots=True)
class _Scribe:
    """Writes one run's lines as events."""

    run: Run
    slab: Slab
    setup: Setup
    labels: Labels

    def when(self, session: int, account: int) -> _When:
        """The fields that every event carries."""
        return {
            "at": self.labels.moments[session],
            "session": day_of(self.slab.market.sessions[session].day),
            "account": self.labels.accounts[account],
        }

    def whose(self, line: Line) -> _Whose:
        """The fields that every event of a sleeve carries."""
        return {
            **self.when(line.session, line.account),
            "sleeve": int(line.sleeve),
            "campaign": int(line.campaign),
            "policy": self.labels.policies[self.setup.seats[line.sleeve].policy][0],
        }

    def option(self, key: int) -> str | None:
        """The OSI symbol of a contract, or None where the line is about shares."""
        if key == NONE:
            return None
        return unpack(key, self.slab.instruments[root_of(key) - 1].root).osi()

    def event(self, line: Line) -> AnyEvent:
        """The event of one line."""
        if line.kind in _LEG_EVENTS:
            return self.leg(line)
        if line.kind == sleeve.DIVIDEND:
            return self.dividend(line)
        if line.kind == sleeve.SPLIT:
            return self.split(line)
        if line.kind == sleeve.MOVED:
            option = self.option(line.contract) or ""
            return Moved(slot=int(line.slot), option=option, **self.whose(line))
        kind = Deposited if line.kind == sleeve.DEPOSIT else InterestPaid
        return kind(amount_u=int(line.amount_u), **self.when(line.session, line.account))

    def decision(self, lines: Sequence[Line]) -> Approved | Refused:
        """An intent, approved or refused, from its lines: one a leg."""
        line = lines[0]
        legs = tuple(
            Leg(self.option(each.contract) or "", int(each.quantity))
            for each in lines
            if each.contract != NONE
        )
        numbers = (line.kind, line.shares, line.why, line.verdict, line.needs_u)
        action, shares, why, verdict, needs_u = (int(each) for each in numbers)
        judged = Judged(action, legs, shares, why, verdict, needs_u)
        return decided(judged, {**self.whose(line)})

    def leg(self, line: Line) -> Filled | Expired | Assigned | Settled:
        """A change of a leg or of shares."""
        return _LEG_EVENTS[line.kind](
            slot=int(line.slot),
            option=self.option(line.contract),
            quantity=int(line.quantity),
            shares=int(line.shares),
            price_u=int(line.price_u),
            amount_u=int(line.amount_u),
            fee_u=int(line.fee_u),
            **self.whose(line),
        )

    def dividend(self, line: Line) -> DividendReceived:
        """A dividend on shares held."""
        return DividendReceived(
            shares=int(line.amount_u // line.price_u),
            per_share_u=int(line.price_u),
            amount_u=int(line.amount_u),
            **self.whose(line),
        )

    def split(self, line: Line) -> Split:
        """What a split made of a leg or of the shares."""
        underlying = self.setup.seats[line.sleeve].underlying
        new, old = _ratio(self.slab.market.bars[line.session, underlying])
        return Split(
            slot=int(line.slot),
            option=self.option(line.contract),
            quantity=int(line.quantity),
            shares=int(line.shares),
            new=new,
            old=old,
            **self.whose(line),
        )

    def marked(self, session: int, account: int) -> Marked:
        """An account's evening."""
        now: Session = self.slab.market.sessions[session]
        curve = self.run.curve
        return Marked(
            equity_u=int(curve.equity_u[session, account]),
            cash_u=int(curve.cash_u[session, account]),
            shares_u=int(curve.shares_u[session, account]),
            rate=float(now.rate),
            measure=None if isnan(now.measure) else float(now.measure),
            underlyings=self.quoted(session),
            regimes=self.regimes(session),
            peak_u=int(curve.peak_u[session, account]),
            reserved_u=int(curve.reserved_u[session, account]),
            puts_u=int(curve.puts_u[session, account]),
            margin_u=int(curve.margin_u[session, account]),
            exposure_u=self.exposed(session, account),
            **self.when(session, account),
        )

    def quoted(self, session: int) -> dict[str, Quoted]:
        """Closes, dividends and splits of one session."""
        bars = self.slab.market.bars
        return {
            instrument.symbol: _quoted(bars[session, u])
            for u, instrument in enumerate(self.slab.instruments)
        }

    def exposed(self, session: int, account: int) -> dict[str, int]:
        """What an account is exposed to, by underlying."""
        found = self.run.curve.exposure_u[session, account].tolist()
        return {
            instrument.symbol: exposure_u
            for instrument, exposure_u in zip(self.slab.instruments, found, strict=True)
            if exposure_u
        }

    def regimes(self, session: int) -> dict[str, tuple[int, int, int]]:
        """Each policy's regime as the session left it, by underlying where it goes by its own."""
        found: dict[str, tuple[int, int, int]] = {}
        for p, (key, _, _) in enumerate(self.labels.policies):
            for u, instrument in enumerate(self.slab.instruments):
                own = self.setup.policies[p].measure == OWN_PERCENTILE
                kept, now, pending = self.run.curve.regimes[session, p, u].tolist()
                found[f"{key} {instrument.symbol}" if own else key] = (kept, now, pending)
        return found

    def origins(self) -> dict[str, str]:
        """What the quotes of each root are."""
        roots = (instrument.root for instrument in self.slab.instruments)
        return dict(zip(roots, self.slab.origins, strict=True))

    def opened(self) -> Iterator[AnyEvent]:
        """The first events of the book, one of each account and sleeve."""
        for account in range(len(self.labels.accounts)):
            origins = set(self.slab.origins)
            yield BookOpened(
                version=self.labels.version,
                quotes=origins.pop() if len(origins) == 1 else "mixed",
                origins=self.origins(),
                source=self.labels.source,
                policies={key: text for key, _, text in self.labels.policies},
                settings=dict(self.labels.settings),
                **self.when(0, account),
            )
        for number, seat in enumerate(self.setup.seats):
            key, name, _ = self.labels.policies[seat.policy]
            instrument = self.slab.instruments[seat.underlying]
            yield SleeveOpened(
                sleeve=number,
                campaign=0,
                policy=key,
                name=name,
                underlying=instrument.symbol,
                root=instrument.root,
                multiplier=instrument.multiplier,
                **self.when(0, seat.account),
            )


def _ratio(bar: Bar) -> tuple[int, int]:
    """New shares for old ones: one for one where there is no split."""
    new, old = int(bar.split_new), int(bar.split_old)
    return (new, old) if new != old else (1, 1)


def _quoted(bar: Bar) -> Quoted:
    """An underlying on one session."""
    return Quoted(int(bar.close_u), int(bar.dividend_u), _ratio(bar))


def events(run: Run, slab: Slab, setup: Setup, labels: Labels) -> Iterator[AnyEvent]:
    """A run as the events of its book, in order."""
    scribe = _Scribe(run, slab, setup, labels)
    yield from scribe.opened()
    accounts, session = range(len(labels.accounts)), 0
    for lines in together(run.lines):
        while session < lines[0].session:
            yield from (scribe.marked(session, account) for account in accounts)
            session += 1
        judged = lines[0].what == DECISION
        yield scribe.decision(lines) if judged else scribe.event(lines[0])
    for left in range(session, len(labels.moments)):
        yield from (scribe.marked(left, account) for account in accounts)


def together(lines: Rows[Line]) -> Iterator[list[Line]]:
    """The lines of each decision together, and each fact alone."""
    group: list[Line] = []
    for line in lines:
        if group and not (line.what == DECISION and line.leg > 0):
            yield group
            group = []
        group.append(line)
    if group:
        yield group
