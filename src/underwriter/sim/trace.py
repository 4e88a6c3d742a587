"""Engine trace -> the same book events that a broker's facts become.

A run's lines are facts and decisions in order; here each becomes one event, and each session ends
with one `Marked` an account.  Folding the events gives the engine's own state back: parity proof 4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import TypedDict

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
    Marked,
    Quoted,
    Refused,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.core import reason, sleeve
from underwriter.core.chain import Bar, Session
from underwriter.core.contract import NONE, root_of, unpack
from underwriter.core.intent import APPROVED, BUY_TO_CLOSE, HOLD, SELL_SHARES, SELL_TO_OPEN
from underwriter.core.units import day_of
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Run, Setup
from underwriter.sim.ledger import DECISION, Line

ACTIONS = {
    HOLD: "hold",
    SELL_TO_OPEN: "sell_to_open",
    BUY_TO_CLOSE: "buy_to_close",
    SELL_SHARES: "sell_shares",
}
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
        if line.what == DECISION:
            return self.decision(line)
        if line.kind in _LEG_EVENTS:
            return self.leg(line)
        if line.kind == sleeve.DIVIDEND:
            return self.dividend(line)
        if line.kind == sleeve.SPLIT:
            return self.split(line)
        kind = Deposited if line.kind == sleeve.DEPOSIT else InterestPaid
        return kind(amount_u=int(line.amount_u), **self.when(line.session, line.account))

    def decision(self, line: Line) -> Approved | Refused:
        """An intent, approved or refused."""
        action, option = ACTIONS[line.kind], self.option(line.contract)
        whose = self.whose(line)
        if line.verdict == APPROVED:
            why, quantity = reason.NAMES[line.why], int(line.quantity)
            return Approved(action=action, option=option, quantity=quantity, why=why, **whose)
        why, needs_u = reason.NAMES[line.verdict], int(line.needs_u)
        return Refused(action=action, option=option, why=why, needs_u=needs_u, **whose)

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
            **self.when(session, account),
        )

    def quoted(self, session: int) -> dict[str, Quoted]:
        """Closes, dividends and splits of one session."""
        bars = self.slab.market.bars
        return {
            instrument.symbol: _quoted(bars[session, u])
            for u, instrument in enumerate(self.slab.instruments)
        }

    def regimes(self, session: int) -> dict[str, tuple[int, int, int]]:
        """Each policy's regime as the session left it."""
        states = self.run.curve.regimes[session]
        return {
            key: (int(kept), int(now), int(pending))
            for (key, _, _), (kept, now, pending) in zip(self.labels.policies, states, strict=True)
        }

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
    for line in run.lines:
        while session < line.session:
            yield from (scribe.marked(session, account) for account in accounts)
            session += 1
        yield scribe.event(line)
    for left in range(session, len(labels.moments)):
        yield from (scribe.marked(left, account) for account in accounts)
