"""What `trade` says: the lines of what happened, and one object at its end."""

from collections.abc import Iterable
from datetime import date

import msgspec

from underwriter.book.event import (
    Answered,
    AnyEvent,
    Approved,
    Assigned,
    CashAdjusted,
    DividendReceived,
    Expired,
    Filled,
    OrderTold,
    Refused,
    Settled,
    SleeveEvent,
    SleeveOpened,
    Split,
    Switched,
)
from underwriter.book.told import moved_u, told
from underwriter.core.units import MICRO, day_of
from underwriter.desk.cycle import Report

_HAPPENINGS = (
    Filled, Assigned, Expired, Settled, DividendReceived, Split, Switched, Answered, CashAdjusted,
)  # fmt: skip
_TROUBLE = {"rejected", "unknown"}
_DESKS_OWN = {"guard", "hand", "lapsed"}


class BreakSaid(msgspec.Struct, frozen=True):
    """Where the book is not what the broker says; quantities and money as they are read."""

    kind: str
    key: str
    book: float
    broker: float
    cause: str


class DutySaid(msgspec.Struct, frozen=True):
    """What is due and was not possible."""

    duty: str
    session: date
    why: str


class Traded(msgspec.Struct, frozen=True):
    """The object of `trade --json`: what came of the cycles that were run."""

    policy: str
    kind: str  # replay, paper, live, manual
    folder: str
    journal: str
    first: date | None  # sessions decided
    last: date | None
    sessions: int
    cycles: int
    approved: int
    refused: dict[str, int]  # by reason code
    orders: int
    fills: int
    assigned: int
    expired: int
    equity: float | None  # of the last evening
    cash: float | None
    held: list[str]  # what the book holds, a line a leg
    breaks: list[BreakSaid]
    odd: list[str]
    held_back: dict[str, str]  # by sequence of the approval
    left: list[DutySaid]
    skipped: list[date]
    unknown: list[str]  # orders of which nobody knows
    beside: list[str]  # what is short by hand, beside which nothing that adds risk is approved
    blind: str  # why the broker told nothing, or ""
    account: list[str]  # why the broker's account, or its quotes, let nothing that adds risk go out
    setting: str  # on, paused or halted
    why: str  # of the setting

    @property
    def attention(self) -> bool:
        """Whether somebody should look."""
        looked = (self.breaks, self.odd, self.held_back, self.left, self.skipped, self.unknown)
        return any((*looked, self.beside, self.account)) or bool(self.blind) or self.setting != "on"


def lines_of(events: Iterable[AnyEvent], roots: dict[int, str]) -> Iterable[str]:
    """What happened, a line each; `roots` are those of the sleeves, and grow with them."""
    for event in events:
        if isinstance(event, SleeveOpened):
            roots[event.sleeve] = event.root
        if _is_told(event):
            yield _line(event, roots)


def _is_told(event: AnyEvent) -> bool:
    """Whether an event is something that a person wants to read as it happens."""
    if isinstance(event, Refused):
        return event.why in _DESKS_OWN
    if isinstance(event, OrderTold):
        return event.state in _TROUBLE
    return isinstance(event, _HAPPENINGS)


def _line(event: AnyEvent, roots: dict[int, str]) -> str:
    paid_u = moved_u(event)
    money = f"  {paid_u / MICRO:+,.2f}" if paid_u else ""
    said = told(event, roots)
    root = roots[event.sleeve] if isinstance(event, SleeveEvent) else ""
    where = f"  {root}" if not money and root not in said else ""
    return f"{event.session}  {said}{money}{where}"


def sessions_of(report: Report) -> list[date]:
    """The sessions that a cycle decided."""
    return [day_of(duty.session) for duty in report.done if duty.kind == "decide"]


def breaks_of(report: Report) -> list[BreakSaid]:
    """Its breaks."""
    return [
        BreakSaid(one.kind, one.key, one.book_u / MICRO, one.statement_u / MICRO, one.cause)
        for one in report.breaks
    ]


def left_of(report: Report) -> list[DutySaid]:
    """What it could not do."""
    return [DutySaid(one.duty.kind, day_of(one.duty.session), one.why) for one in report.left]


class Counts:
    """What was counted over many cycles; no more than numbers, so that memory stays flat."""

    def __init__(self) -> None:
        self.cycles = self.approved = self.orders = self.fills = self.assigned = self.expired = 0
        self.refused: dict[str, int] = {}
        self.first: date | None = None  # sessions decided
        self.last: date | None = None
        self.count = 0
        self.skipped: list[date] = []

    def take(self, event: AnyEvent) -> None:
        """Count an event."""
        self.approved += isinstance(event, Approved)
        self.orders += isinstance(event, OrderTold) and event.state == "sent"
        self.fills += isinstance(event, Filled)
        self.assigned += isinstance(event, Assigned)
        self.expired += isinstance(event, Expired)
        if isinstance(event, Refused):
            self.refused[event.why] = self.refused.get(event.why, 0) + 1

    def cycle(self, report: Report) -> None:
        """Count a cycle."""
        self.cycles += 1
        for session in sessions_of(report):
            self.first, self.last = self.first or session, session
            self.count += 1
        self.skipped += [day_of(day) for day in report.skipped]
