"""What a review is made from: an account's journal to the end of a week, read once."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from underwriter.book.amend import numbered
from underwriter.book.event import AnyEvent, BookOpened, Event, Filled, Marked, SleeveOpened
from underwriter.book.fold import Book, fold
from underwriter.book.naming import sleeve_names
from underwriter.book.positions import Holding, holdings
from underwriter.core.errors import InputError
from underwriter.market.calendar import Calendar
from underwriter.report.tables import View
from underwriter.report.views import read
from underwriter.report.weekly.week import Week


class Touch(NamedTuple):
    """The two sides of an option's quote, a share, in millionths."""

    bid_u: int
    ask_u: int

    @property
    def mid_u(self) -> int:
        """The middle, rounded down."""
        return (self.bid_u + self.ask_u) // 2

    def mark_u(self, quantity: int) -> int:
        """What an evening marks: the middle, of what is long no more than twice its bid."""
        return min(self.mid_u, 2 * self.bid_u) if quantity > 0 else self.mid_u


class Ahead(NamedTuple):
    """What is known of an underlying's days to come, on the week's last session."""

    ex_day: date | None
    dividend_u: int
    earnings: date | None


@dataclass(frozen=True, slots=True)
class Prices:
    """Quotes beside the journal: `touch` by session and option, `ahead` by underlying."""

    quotes: str = "none"  # what they are, as BookOpened says it
    touch: Mapping[tuple[date, str], Touch] = field(default_factory=dict)
    ahead: Mapping[str, Ahead] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


NO_PRICES = Prices()


@dataclass(frozen=True, slots=True)
class Told:
    """One account to the end of one week."""

    week: Week
    account: str
    currency: str
    events: tuple[tuple[int, AnyEvent], ...]  # as they truly were, with their numbers
    strays: tuple[tuple[int, str], ...]  # events of the week that could not be booked
    book: Book
    before: View | None  # as it stood on the evening before the week; None: it had none
    after: View  # on the week's last evening
    opened: BookOpened
    marks: dict[date, tuple[int, Marked]]  # the account's evenings, with their numbers
    traded: dict[tuple[date, str], int]  # what an option was first traded at on a session, a share
    names: dict[int, str]  # what the sleeves are called, by their numbers
    policies: dict[str, dict[str, Any]]  # hash -> what its text says
    calendar: Calendar
    prices: Prices = NO_PRICES

    def in_week(self) -> Iterator[tuple[int, AnyEvent]]:
        """The events of the week's days."""
        return ((at, one) for at, one in self.events if self.week.holds(one.session))

    @property
    def sleeves(self) -> tuple[SleeveOpened, ...]:
        """Those of the account."""
        return tuple(one for one in self.book.sleeves if one.account == self.account)

    @property
    def held(self) -> list[Holding]:
        """What the account holds at the week's end."""
        return [one for one in holdings(self.book) if one.opened.account == self.account]

    def close_u(self, underlying: str, day: date) -> int | None:
        """The close of an underlying on the last evening at or before a day."""
        for session in sorted(self.marks, reverse=True):
            quoted = self.marks[session][1].underlyings.get(underlying)
            if session <= day and quoted is not None and quoted.close_u > 0:
                return quoted.close_u
        return None

    def touch(self, day: date, option: str) -> Touch | None:
        """What an option was quoted at on a session; else what it was traded at then."""
        found = self.prices.touch.get((day, option))
        price_u = self.traded.get((day, option))
        return found if found or price_u is None else Touch(price_u, price_u)


def accounts_of(events: Iterable[AnyEvent]) -> tuple[str, ...]:
    """The accounts that a journal has marked, in their order."""
    return tuple(dict.fromkeys(one.account for one in events if isinstance(one, Marked)))


def account_asked(events: Sequence[AnyEvent], asked: str | None) -> str:
    """The account that is asked for, or the only one; InputError where there is no such."""
    known = accounts_of(events)
    if not known:
        raise InputError("found no Marked evening; expected a journal with one or more")
    if asked is None and len(known) > 1:
        raise InputError(f"found accounts {', '.join(known)}; expected one of them: --account")
    if asked is not None and asked not in known:
        raise InputError(f"--account: found {asked!r}; expected one of: {', '.join(known)}")
    return asked or known[0]


def told(events: Sequence[AnyEvent], account: str, week: Week, calendar: Calendar) -> Told:
    """Read a journal's events, in their order, up to a week's end.

    InputError for a week in which the account was not marked.
    """
    numbers = [at for at, one in enumerate(events, 1) if one.session <= week.sunday]
    until = [events[at - 1] for at in numbers]
    evenings = [at for at, one in enumerate(until, 1) if _marks(one, account)]
    if not evenings or not week.holds(until[evenings[-1] - 1].session):
        raise _no_evening(events, account, week)
    book = fold(until)
    if book.opened is None:
        raise InputError("found no BookOpened; expected the journal of a book")
    currency = book.bases[book.accounts.index(account)]
    eve = [at for at in evenings if until[at - 1].session < week.monday]
    mine = [
        (numbers[at - 1], one)
        for at, one in numbered(until, book)
        if _counts(one, account, currency)
    ]
    return Told(
        week=week,
        account=account,
        currency=currency,
        events=tuple(mine),
        strays=_strays(book, until, numbers, (account, week)),
        book=book,
        before=_view(until[: eve[-1]], account, currency) if eve else None,
        after=_view(until[: evenings[-1]], account, currency),
        opened=book.opened,
        marks={one.session: (at, one) for at, one in mine if isinstance(one, Marked)},
        traded=_traded(one for _, one in mine),
        names=dict(
            zip((one.sleeve for one in book.sleeves), sleeve_names(book.sleeves), strict=True)
        ),
        policies=_policies(until),
        calendar=calendar,
    )


def _traded(events: Iterable[AnyEvent]) -> dict[tuple[date, str], int]:
    """What each option was first traded at on each session."""
    found: dict[tuple[date, str], int] = {}
    for one in events:
        if isinstance(one, Filled) and one.option is not None:
            found.setdefault((one.session, one.option), one.price_u)
    return found


def _no_evening(events: Iterable[AnyEvent], account: str, week: Week) -> InputError:
    """The refusal of a week in which an account was not marked."""
    days = [one.session for one in events if _marks(one, account)]
    return InputError(
        f"--week {week.name}: found no evening of account {account} in it; expected a week "
        f"from {min(days)} to {max(days)}"
    )


def _strays(
    book: Book, until: Sequence[AnyEvent], numbers: Sequence[int], of: tuple[str, Week]
) -> tuple[tuple[int, str], ...]:
    """The events of an account's week that could not be booked, with their numbers."""
    account, week = of
    found = [(stray, until[stray.event - 1]) for stray in book.strays]
    return tuple(
        (numbers[stray.event - 1], stray.text)
        for stray, one in found
        if one.account == account and week.holds(one.session)
    )


def _marks(event: AnyEvent, account: str) -> bool:
    return isinstance(event, Marked) and event.account == account


def _counts(event: Event, account: str, currency: str) -> bool:
    return event.account == account and event.currency == currency


def _view(events: Sequence[AnyEvent], account: str, currency: str) -> View:
    """An account's events as tables; of a session that was marked twice, the last mark holds."""
    last = {one.session: at for at, one in enumerate(events) if _marks(one, account)}
    return read(
        one
        for at, one in enumerate(events)
        if isinstance(one, BookOpened)
        or (
            _counts(one, account, currency)
            and not (isinstance(one, Marked) and last[one.session] != at)
        )
    )


def _policies(events: Iterable[AnyEvent]) -> dict[str, dict[str, Any]]:
    """What every policy of a book says, by its hash; nothing of one that cannot be read."""
    texts: dict[str, str] = {}
    for one in events:
        if isinstance(one, BookOpened):
            texts.update(one.policies)
    return {name: table_of(text) for name, text in texts.items()}


def table_of(policy: str) -> dict[str, Any]:
    """A policy's text as its tables, whatever this version says of it."""
    try:
        return tomllib.loads(policy)
    except tomllib.TOMLDecodeError:
        return {}


def target_of(opened: BookOpened) -> float | None:
    """Dollars a month that the policies of a book shall bring together; None where none says."""
    tables = [table_of(text).get("income", {}) for text in opened.policies.values()]
    said = [float(table["target"]) for table in tables if "target" in table]
    return sum(said) if said else None
