"""Events -> tables, in one pass over the ledger: each event changes what it concerns, no more."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from msgspec.structs import replace

from underwriter.book.amend import amended
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Approved,
    BookOpened,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Deposited,
    DividendReceived,
    InterestPaid,
    LegEvent,
    Marked,
    Moved,
    Quoted,
    Refused,
    Renamed,
    SleeveEvent,
    SleeveOpened,
    Split,
    Transferred,
)
from underwriter.book.legs import ASSIGNED, CALLED_AWAY, EndedLeg, Position
from underwriter.book.shares import moved
from underwriter.core.contract import PUT
from underwriter.core.errors import InputError
from underwriter.core.units import day_number
from underwriter.report.tables import Campaign, Curve, Month, Refusal, View, reason_text


def read(events: Iterable[AnyEvent]) -> View:
    """Read a book's events, in ledger order, as they truly were: without what was taken back.

    InputError where there is nothing to report: no BookOpened, or no evening marked.
    """
    walk = _walked(events)
    if walk.opened is None or not walk.days:
        found = "no BookOpened" if walk.opened is None else "no Marked evening"
        raise InputError(f"report: found {found}; expected a BookOpened and one Marked or more")
    return walk.view(walk.opened)


def months(
    events: Iterable[AnyEvent], accounts: Collection[str] | None = None, currency: str = ""
) -> dict[str, Month]:
    """The months of a book in their order, as they truly were, evenings marked or not.

    Args:
        events: all that the journal has.
        accounts: those that are counted, all where left out.
        currency: whose money is counted, any where left out.
    """
    walk = _walked(events, accounts, currency)
    told = {f"{each:%Y-%m}" for each in walk.days} | set(walk.months)
    return {month: walk.months[month] for month in sorted(told)}


def _walked(
    events: Iterable[AnyEvent], accounts: Collection[str] | None = None, currency: str = ""
) -> "_Walk":
    """What was told in the end: what was busted never was, what was corrected was otherwise."""
    told = list(events)
    if any(event.id for event in told):  # a run's have none, and nothing of it is corrected
        told = amended(told)
    walk = _Walk()
    for event in told:
        counted = accounts is None or event.account in accounts
        if counted and currency in {"", event.currency}:
            walk.take(event)
    return walk


@dataclass(slots=True)
class _Day:
    """One session while it is read: the last mark of each account counts, as in the book."""

    marks: dict[str, Marked] = field(default_factory=dict)  # by account
    secured_u: int = 0
    rate: float = 0.0
    measure: float = math.nan
    underlyings: dict[str, Quoted] = field(default_factory=dict)

    def total_u(self, name: str) -> int:
        """A sum of money over all accounts."""
        return sum(int(getattr(each, name)) for each in self.marks.values())


class _Walk:
    """Reads events and remembers what the views need."""

    def __init__(self) -> None:
        self.opened: BookOpened | None = None
        self.sleeves: dict[int, SleeveOpened] = {}
        self.positions: dict[int, Position] = {}
        self.share_fees_u: Counter[int] = Counter()  # in the cost of the shares held, by sleeve
        self.days: dict[date, _Day] = {}
        self.deposits: Counter[date] = Counter()
        self.months: defaultdict[str, Month] = defaultdict(Month)
        self.campaigns: dict[tuple[int, int], Campaign] = {}
        self.legs: list[EndedLeg] = []
        self.refused: Counter[str] = Counter()
        self.needs_u: dict[str, int] = {}
        self.approvals: Counter[str] = Counter()

    def take(self, event: AnyEvent) -> None:
        """Read one event."""
        if isinstance(event, SleeveEvent):
            self._of_sleeve(event)
        else:
            self._of_account(event)

    def _of_account(self, event: AnyEvent) -> None:
        """What is of no sleeve: evenings, and money."""
        match event:
            case BookOpened():
                self.opened = event
            case Deposited():
                self.deposits[event.session] += event.amount_u
            case InterestPaid():
                self._month(event.session).interest_u += event.amount_u
            case Charged() | CashAdjusted():
                self._month(event.session).charges_u += event.amount_u
            case Converted():
                self._month(event.session).charges_u -= event.fee_u
            case Marked():
                self._mark(event)

    def _of_sleeve(self, event: SleeveEvent) -> None:
        """What is of a sleeve: decisions, then what changed it."""
        match event:
            case SleeveOpened():
                self.sleeves[event.sleeve] = event
                self.positions[event.sleeve] = Position(event.root, event.multiplier)
            case Approved():
                self.approvals[event.why] += 1
            case Refused():
                self._refuse(event)
            case DividendReceived():
                self._dividend(event)
            case Transferred():
                self.deposits[event.session] -= event.amount_u  # in kind
                self._transfer(event)
            case LegEvent():
                self._move(event)
            case _:
                self._action(event)

    def _action(self, event: SleeveEvent) -> None:
        """What a company, or a roll, made of what is held."""
        position = self.positions[event.sleeve]
        match event:
            case Split():
                self._split(event)
            case Moved():
                position.moved(event)
            case Adjusted():
                position.adjusted(event)
            case Renamed():
                position.renamed(event)
                opened = self.sleeves[event.sleeve]
                self.sleeves[event.sleeve] = replace(opened, underlying=event.underlying)
            case CapitalReturned():
                position.returned(event)
                self._campaign(event).money_u += event.amount_u

    def view(self, opened: BookOpened) -> View:
        """What was read, as tables; call it once, at the end."""
        curve = _curve(self.days, self.deposits)
        held = self.positions.values()
        return View(
            opened=opened,
            policies={each.policy: each.name for each in self.sleeves.values()},
            underlyings=tuple(sorted({each.underlying for each in self.sleeves.values()})),
            curve=curve,
            months={month: self.months[month] for month in sorted({*curve.months, *self.months})},
            campaigns=tuple(self.campaigns.values()),
            legs=tuple(self.legs),
            refusals=tuple(
                Refusal(why, reason_text(why), count, self.needs_u.get(why, 0))
                for why, count in self.refused.most_common()
            ),
            approvals=self.approvals,
            open_option_u=sum(
                leg.amount_u - leg.fee_u for each in held for leg in each.legs.values()
            ),
            open_share_u=sum(each.shares.cost_u for each in held),
            open_option_fees_u=sum(leg.fee_u for each in held for leg in each.legs.values()),
            open_share_fees_u=self.share_fees_u.total(),
        )

    def _month(self, session: date) -> Month:
        return self.months[f"{session:%Y-%m}"]

    def _mark(self, event: Marked) -> None:
        day = self.days.setdefault(event.session, _Day())
        day.marks[event.account] = event
        day.rate = event.rate
        day.measure = math.nan if event.measure is None else event.measure
        day.underlyings.update(event.underlyings)
        day.secured_u = sum(held.secured_u for held in self.positions.values())

    def _refuse(self, event: Refused) -> None:
        self.refused[event.why] += 1
        if event.needs_u > 0:
            least_u = self.needs_u.get(event.why, event.needs_u)
            self.needs_u[event.why] = min(least_u, event.needs_u)

    def _campaign(self, event: SleeveEvent) -> Campaign:
        key = event.sleeve, event.campaign
        if key not in self.campaigns:
            self.campaigns[key] = Campaign(
                sleeve=event.sleeve,
                number=event.campaign,
                policy=event.policy,
                underlying=self.sleeves[event.sleeve].underlying,
                opened=event.session,
            )
        return self.campaigns[key]

    def _dividend(self, event: DividendReceived) -> None:
        self._month(event.session).dividends_u += event.amount_u
        campaign = self._campaign(event)
        campaign.dividends_u += event.amount_u
        campaign.money_u += event.amount_u

    def _split(self, event: Split) -> None:
        self.positions[event.sleeve].split(event)
        told, campaign = f"{event.new}:{event.old} on {event.session}", self._campaign(event)
        if told not in campaign.splits:  # it is told of each leg and of the shares
            campaign.splits.append(told)

    def _transfer(self, event: Transferred) -> None:
        """A position came in or left; or basis alone moved."""
        if event.quantity == event.shares == 0:
            self.positions[event.sleeve].returned(event)
            self._campaign(event).money_u += event.amount_u
        else:
            self._move(event)

    def _move(self, event: LegEvent) -> None:
        """Legs, shares, the month and the campaign, in this order."""
        position, month = self.positions[event.sleeve], self._month(event.session)
        campaign = self._campaign(event)
        ended = position.take(event)
        if ended is None:
            _opened(event, position, month, campaign)
        else:
            self.legs.append(ended)
            month.options_u += ended.result_u
            _count(ended, campaign)
        month.share_fees_u += self._bear(event, position.shares.held)
        gain_u = _shares(event, position, campaign)
        month.shares_u += gain_u
        month.fees_u += event.fee_u
        campaign.shares_u += gain_u
        campaign.money_u += event.amount_u - event.fee_u
        if position.flat:
            campaign.closed = event.session

    def _bear(self, event: LegEvent, held: int) -> int:
        """Take the fee of shares into their cost; return what of it the gain bears."""
        if event.shares == 0:
            return 0
        fees_u = self.share_fees_u[event.sleeve]
        _, left_u, gain_u = moved(held, fees_u, event.shares, -event.fee_u)
        self.share_fees_u[event.sleeve] = left_u
        return -gain_u


def _opened(event: LegEvent, position: Position, month: Month, campaign: Campaign) -> None:
    """Note the credit of a short leg that was opened, and what a long one cost."""
    if event.option is None or isinstance(event, Transferred):
        return
    month.premium_u += event.amount_u
    campaign.premium_u += event.amount_u
    if event.quantity >= 0:
        return
    if position.legs[event.slot].right == PUT:
        campaign.puts -= event.quantity
    else:
        campaign.calls -= event.quantity


def _count(ended: EndedLeg, campaign: Campaign) -> None:
    """Note an assignment in its campaign."""
    if ended.how == ASSIGNED:
        campaign.assigned += ended.contracts
    elif ended.how == CALLED_AWAY:
        campaign.called_away += ended.contracts


def _shares(event: LegEvent, position: Position, campaign: Campaign) -> int:
    """Move shares, note the spell in them, and return what was gained."""
    if event.shares == 0:
        return 0
    before = position.shares.held
    gain_u = position.shares.move(event.shares, event.amount_u - event.fee_u)
    if before == 0:
        campaign.held.append((event.session, None))
    elif position.shares.held == 0:
        campaign.held[-1] = (campaign.held[-1][0], event.session)
    return gain_u


def _curve(days: dict[date, _Day], deposits: Counter[date]) -> Curve:
    """The sessions that were marked, in order; a deposit counts on the next of them."""
    sessions = tuple(sorted(days))
    rows = [days[session] for session in sessions]
    day = np.array([day_number(session) for session in sessions], np.int64)
    paid_u = np.zeros(len(sessions), np.int64)
    for session, amount_u in deposits.items():
        at = int(np.searchsorted(day, day_number(session)))
        paid_u[min(at, len(sessions) - 1)] += amount_u
    names = sorted({name for row in rows for name in row.underlyings})
    return Curve(
        sessions=sessions,
        day=day,
        equity_u=np.array([row.total_u("equity_u") for row in rows], np.int64),
        cash_u=np.array([row.total_u("cash_u") for row in rows], np.int64),
        shares_u=np.array([row.total_u("shares_u") for row in rows], np.int64),
        deposited_u=paid_u,
        secured_u=np.array([row.secured_u for row in rows], np.int64),
        rate=np.array([row.rate for row in rows], np.float64),
        measure=np.array([row.measure for row in rows], np.float64),
        close_u={name: _closes(name, rows) for name in names},
        dividend_u={
            name: np.array([_quoted(name, row).dividend_u for row in rows], np.int64)
            for name in names
        },
        split={
            name: np.array([_grown(_quoted(name, row)) for row in rows], np.float64)
            for name in names
        },
    )


def _quoted(name: str, row: _Day) -> Quoted:
    """An underlying on a session; nothing where it was not quoted."""
    return row.underlyings.get(name, Quoted(0))


def _grown(quoted: Quoted) -> float:
    """How many shares became of one."""
    new, old = quoted.split
    return new / old


def _closes(name: str, rows: Iterable[_Day]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Closes, the last one standing where a session has none; zero before the first."""
    found, last_u = [], 0
    for row in rows:
        last_u = _quoted(name, row).close_u or last_u
        found.append(last_u)
    return np.array(found, np.int64)
