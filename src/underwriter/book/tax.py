"""A tax year out of the events: what ended in it, in which term, with which losses put off.

    2026  short term  $141.00   long term  $715.00   section 1256  none

Events are taken by session, since tax goes by dates; what happened within thirty days after the
year is taken in for wash sales.  US rules as docs/tax.md tells them: a record to give to who
prepares a return, and no advice.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from underwriter.book.amend import numbered
from underwriter.book.event import (
    AccountOpened,
    AnyEvent,
    CapitalReturned,
    DividendReceived,
    InterestPaid,
    LegEvent,
    Marked,
    Renamed,
    Split,
    Taxation,
)
from underwriter.book.fold import fold
from underwriter.book.holding import long_term_from
from underwriter.book.lot import Closing, Opened
from underwriter.book.lot_order import Order, fifo
from underwriter.book.lots import Lots
from underwriter.book.tax_rules import Rules, rules_of
from underwriter.book.wash import WashSales, is_index
from underwriter.book.written import CoveredCall, DeepPut, Written
from underwriter.book.year_mark import Evenings, YearMark, year_marks
from underwriter.core.errors import InputError


class Treatment(NamedTuple):
    """How lots are taken, and whether an option's premium goes into the shares it moves.

    `accounts` are those that said how they are taxed; the others are taxable.
    """

    order: Order = fifo
    folds: bool = True
    accounts: Mapping[str, Taxation] = MappingProxyType({})

    def of(self, taxation: Taxation) -> frozenset[str]:
        """The accounts that are taxed in a way."""
        return frozenset(name for name, found in self.accounts.items() if found == taxation)


@dataclass(frozen=True, slots=True)
class TaxYear:
    """What a year came to; money in millionths, all accounts together but deferred ones."""

    year: int
    through: date  # the last session taken in of the year
    over: bool  # whether the journal goes on after it
    rules: Rules
    closings: tuple[Closing, ...]  # not of section 1256
    index: tuple[Closing, ...]  # of section 1256
    taken_before: tuple[YearMark, ...]  # marks of the year before, which have been taxed
    marks: tuple[YearMark, ...]
    calls: tuple[CoveredCall, ...]
    puts: tuple[DeepPut, ...]  # written in the money within the window of a loss on their shares
    waiting: tuple[Closing, ...]  # losses whose window was not over when the journal ended
    lots: tuple[Opened, ...]  # open when the year ended
    strays: int  # events of the whole journal that could not be booked, and are left out
    dividends_u: int
    in_lieu_u: int  # paid for dividends on shares sold short, negative
    interest_u: int

    def is_long(self, closing: Closing) -> bool:
        """Whether it is long-term; what was written or sold short never is."""
        since = long_term_from(closing.since, self.rules.long_years)
        return not closing.short and closing.closed >= since

    @property
    def short_u(self) -> int:
        """Short-term gain less loss, what was put off left out."""
        return sum(one.taxed_u for one in self.closings if not self.is_long(one))

    @property
    def long_u(self) -> int:
        """Long-term gain less loss, likewise."""
        return sum(one.taxed_u for one in self.closings if self.is_long(one))

    @property
    def disallowed_u(self) -> int:
        """Losses that wash sales put off."""
        return sum(one.disallowed_u for one in self.closings)

    @property
    def index_u(self) -> int | None:
        """Section 1256 gain less loss, None where a mark is not known."""
        total = sum(one.gain_u for one in self.index)
        for sign, marks in ((-1, self.taken_before), (1, self.marks)):
            for mark in marks:
                if mark.gain_u is None:
                    return None
                total += sign * mark.gain_u
        return total


class Reading:
    """Lots, wash sales and what was written, while events are taken in by session."""

    def __init__(self, rules: Rules, treatment: Treatment) -> None:
        separate, deferred = treatment.of("separate"), treatment.of("us_deferred")
        self.lots = Lots(treatment.order, folds=treatment.folds, separate=separate)
        self.rules = rules
        self.washes, self.written = WashSales(rules, deferred), Written(rules)
        self.closings: list[Closing] = []
        self.marked: dict[str, Marked] = {}
        self.changed: dict[str, date] = {}
        self.day: date | None = None

    def take(self, event: AnyEvent) -> None:
        """Take in one event; those of a session follow one another."""
        if event.session != self.day:
            self.end_day()
            self.day = event.session
        if isinstance(event, Renamed):
            self.washes.renamed(self.lots.underlying(event), event)
        moves = self.lots.take(event)
        if isinstance(event, LegEvent):
            if event.option is not None:
                self.changed[event.account] = event.session
            self.washes.see(self.lots, moves)
            self.closings += moves.closed
        elif isinstance(event, Split):
            self.washes.split(event, self.lots.underlying(event))
            self.closings += moves.closed
        elif isinstance(event, CapitalReturned):
            self.closings += moves.closed
        elif isinstance(event, Marked):
            self.marked[event.account] = event
        self.written.see(event, self.lots, moves)

    def end_day(self) -> None:
        """Nothing more of the session is told."""
        self.washes.end_day(self.lots)

    def take_all(self, events: Iterable[AnyEvent]) -> None:
        """Take in all of some sessions."""
        for event in events:
            self.take(event)
        self.end_day()

    def marks(self, year: int, *, over: bool) -> tuple[YearMark, ...]:
        """Open section 1256 contracts as the last evening marked them."""
        evenings = Evenings(self.marked, self.changed)
        return tuple(year_marks(self.lots, evenings, self.rules, year, over=over))

    def held(self) -> tuple[Opened, ...]:
        """The open lots as they stand."""
        return tuple(
            Opened(account, asset, replace(lot))
            for (account, asset), lots in sorted(self.lots.open.items(), key=_by_name)
            for lot in lots
        )


def _by_name(item: tuple[tuple[str, tuple[str, str | None]], object]) -> tuple[str, str, str]:
    (account, (underlying, option)), _ = item
    return account, underlying, option or ""


def taxed(events: Iterable[AnyEvent], year: int, treatment: Treatment | None = None) -> TaxYear:
    """The tax year of a book's events; InputError for a year that they do not tell of."""
    treatment = _told_of(events := list(events), treatment or Treatment())
    deferred = treatment.of("us_deferred")
    told, strays = _by_session(events)
    _require(told, year)
    _require_dollars(told, year, deferred)
    rules = rules_of(year)
    through = date(year, 12, 31) + timedelta(days=rules.wash_days)
    reading = Reading(rules, treatment)
    during = [event for event in told if event.session.year == year]
    over = told[-1].session.year > year
    reading.take_all(event for event in told if event.session.year < year)
    before = reading.marks(year - 1, over=True)
    reading.take_all(during)
    marks, lots = reading.marks(year, over=over), reading.held()
    reading.take_all(e for e in told if e.session.year > year and e.session <= through)
    closed = [one for one in reading.closings if one.closed.year == year]
    mine = [one for one in closed if one.account not in deferred]
    closings = tuple(one for one in mine if not is_index(one.asset, rules))
    waiting = reading.washes.still_open(told[-1].session)
    return TaxYear(
        year=year,
        through=during[-1].session if during else date(year, 12, 31),
        over=over,
        rules=rules,
        closings=closings,
        index=tuple(one for one in mine if is_index(one.asset, rules)),
        taken_before=tuple(one for one in before if one.account not in deferred),
        marks=tuple(one for one in marks if one.account not in deferred),
        calls=_calls(reading.written.calls, year, deferred),
        puts=_near_losses(reading.written.puts, closings, rules),
        waiting=tuple(one for one in waiting if one.closed.year == year),
        lots=tuple(one for one in lots if one.account not in deferred),
        strays=strays,
        **_income(event for event in during if event.account not in deferred),
    )


def _calls(
    calls: Iterable[CoveredCall], year: int, deferred: Container[str]
) -> tuple[CoveredCall, ...]:
    """The calls on shares that were written in a year, where that is told."""
    return tuple(one for one in calls if one.written.year == year and one.account not in deferred)


def _by_session(events: Iterable[AnyEvent]) -> tuple[list[AnyEvent], int]:
    """The events as they truly were, by session, and how many the fold could not book."""
    book = fold(told := list(events))
    true = (event for _, event in numbered(told, book))
    return sorted(true, key=lambda event: event.session), len(book.strays)


def _told_of(events: Iterable[AnyEvent], treatment: Treatment) -> Treatment:
    """The treatment with what the accounts say of themselves."""
    found = {each.account: each.tax for each in events if isinstance(each, AccountOpened)}
    return treatment._replace(accounts={**found, **treatment.accounts})


def _require_dollars(told: Iterable[AnyEvent], year: int, deferred: Container[str]) -> None:
    """Refuse what was taxable in another currency: a journal has no rates of exchange."""
    for event in told:
        taxable = isinstance(event, LegEvent | DividendReceived | InterestPaid | CapitalReturned)
        within = event.session.year <= year and event.account not in deferred
        if taxable and within and event.currency != "USD":
            raise InputError(
                f"{event.session}: found {event.currency} in account {event.account}; expected "
                "USD, since a journal has no rates of exchange"
            )


def _require(told: list[AnyEvent], year: int) -> None:
    """Refuse a year that no event is of."""
    if not told:
        raise InputError(f"found tax year {year} and a journal without events; expected some")
    first, last = told[0].session.year, told[-1].session.year
    if not first <= year <= last:
        years = f"{first} to {last}" if first < last else f"{first}"
        raise InputError(f"found tax year {year}; expected {years}, of which the journal tells")


def _near_losses(
    puts: Iterable[DeepPut], closings: Iterable[Closing], rules: Rules
) -> tuple[DeepPut, ...]:
    """The puts that were written near a loss on shares which is not put off in full."""
    window = timedelta(days=rules.wash_days)
    losses = [
        (one.asset.underlying, one.closed)
        for one in closings
        if one.asset.option is None and not one.short and one.taxed_u < 0
    ]
    return tuple(
        put
        for put in puts
        if any(put.underlying == name and abs(put.written - day) <= window for name, day in losses)
    )


def _income(events: Iterable[AnyEvent]) -> dict[str, int]:
    """Dividends received, paid in lieu of them, and interest."""
    found = {"dividends_u": 0, "in_lieu_u": 0, "interest_u": 0}
    for event in events:
        if isinstance(event, DividendReceived):
            found["dividends_u" if event.amount_u > 0 else "in_lieu_u"] += event.amount_u
        elif isinstance(event, InterestPaid):
            found["interest_u"] += event.amount_u
    return found
