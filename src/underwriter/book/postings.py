"""The books as double entry: every event that moves something, as postings that sum to zero.

    sold 1 KO put 60 at 0.85       Assets:Main:Cash                           84.34
                                   Expenses:Main:Wheel-KO:Fees                 0.66
                                   Liabilities:Main:Wheel-KO    -1 put       -85.00
    assigned                       Liabilities:Main:Wheel-KO     1 put        85.00
                                   Income:Main:Wheel-KO:Options              -85.00
                                   Assets:Main:Wheel-KO        100 KO      6,000.00
                                   Assets:Main:Cash                       -6,000.00

Money is whole millionths.  What is held stands in the books at what it was opened at, at average
cost, fees apart, by the same lines of `book.legs` as in the report: long in Assets, short in
Liabilities.  A leg, and the shares of a sleeve, are one lot each: a change that leaves the cost of
a unit as it was is one posting, any other takes the old lot out and brings the new one in.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from underwriter.book.amend import numbered
from underwriter.book.chart import Chart, Seat
from underwriter.book.event import (
    Adjusted,
    AnyEvent,
    Assigned,
    CapitalReturned,
    CashAdjusted,
    Charged,
    Converted,
    Deposited,
    DividendReceived,
    Event,
    InterestPaid,
    LegEvent,
    Moved,
    Renamed,
    SleeveEvent,
    SleeveOpened,
    Split,
    Transferred,
)
from underwriter.book.fold import fold
from underwriter.book.legs import Position
from underwriter.book.naming import sleeve_names
from underwriter.book.told import told
from underwriter.core.sleeve import SLOTS

_SHARES = SLOTS  # the place of shares, after those of legs


class Posting(NamedTuple):
    """One side of a transaction.

    Of money: `units` are millionths, and so is `weight_u`.  Of a lot: `units` are contracts or
    shares, `weight_u` what all of them were opened at, `opened` the day from which they are held.
    """

    account: str
    commodity: str
    units: int
    weight_u: int
    opened: date | None = None


class Transaction(NamedTuple):
    """What one event moved; `sequence` is the event's in the journal."""

    sequence: int
    day: date
    kind: str
    text: str
    currency: str
    postings: tuple[Posting, ...]


class _Lot(NamedTuple):
    """A leg or the shares of a sleeve, as they stand in the books."""

    commodity: str
    units: int
    weight_u: int
    opened: date


class _Sleeve:
    """One sleeve while its events are read."""

    def __init__(self, event: SleeveOpened, seat: Seat) -> None:
        self.underlying = event.underlying
        self.seat = seat
        self.position = Position(event.root, event.multiplier)
        self.since = event.session  # from when the shares are held

    def lots(self, chart: Chart) -> dict[int, _Lot]:
        """What is held now, by place."""
        found = {
            slot: _Lot(chart.option(leg.option), leg.quantity, -leg.amount_u, leg.opened)
            for slot, leg in self.position.legs.items()
        }
        shares = self.position.shares
        if shares.held != 0:
            name = chart.shares(self.underlying)
            found[_SHARES] = _Lot(name, shares.held, shares.cost_u, self.since)
        return found

    def move_shares(self, shares: int, money_u: int, day: date) -> int:
        """Shares for money; what was gained."""
        before = self.position.shares.held
        gain_u = self.position.shares.move(shares, money_u)
        if before * self.position.shares.held <= 0:
            self.since = day
        return gain_u


class _Books:
    """Events read one after another."""

    def __init__(self, names: Iterable[str], chart: Chart) -> None:
        self.names = iter(names)
        self.chart = chart
        self.sleeves: dict[int, _Sleeve] = {}

    def take(self, event: AnyEvent) -> list[Posting]:
        """The postings of one event; none where nothing moves."""
        match event:
            case SleeveOpened():
                seat = self.chart.seat(event.account, next(self.names))
                self.sleeves[event.sleeve] = _Sleeve(event, seat)
            case Deposited():
                return self._paid(event, self.chart.deposits(event.account), event.amount_u)
            case InterestPaid():
                return self._paid(event, self.chart.interest(event.account), event.amount_u)
            case Charged():
                source = self.chart.charges(event.account, event.what)
                return self._paid(event, source, event.amount_u)
            case CashAdjusted():
                return self._paid(event, self.chart.adjustments(event.account), event.amount_u)
            case Converted():
                return self._converted(event)
            case DividendReceived():
                source = self.sleeves[event.sleeve].seat.dividends
                return self._paid(event, source, event.amount_u)
            case Moved():
                self.sleeves[event.sleeve].position.moved(event)
            case Transferred():
                return self._transferred(event)
            case LegEvent():
                return self._leg(event)
            case Split() | Adjusted() | Renamed() | CapitalReturned():
                return self._action(event)
        return []

    def _paid(self, event: Event, source: str, amount_u: int) -> list[Posting]:
        """Cash from somewhere."""
        cash = self.chart.cash(event.account)
        posted = [_money(cash, event.currency, amount_u), _money(source, event.currency, -amount_u)]
        return [one for one in posted if one.units != 0]

    def _converted(self, event: Converted) -> list[Posting]:
        """Two currencies, each with what takes it from the other: each sums to zero."""
        between = self.chart.conversions(event.account)
        given = self._paid(event, between, event.amount_u)
        fee = self._paid(event, self.chart.charges(event.account, "fee"), -event.fee_u)
        into = self._paid(replace(event, currency=event.into), between, event.into_u)
        return [*given, *fee, *into]

    def _action(self, event: Split | Adjusted | Renamed | CapitalReturned) -> list[Posting]:
        """Other lots at the same money, or at what a company gave back less."""
        sleeve = self.sleeves[event.sleeve]
        before, position = sleeve.lots(self.chart), sleeve.position
        match event:
            case Split():
                position.split(event)
            case Adjusted():
                position.adjusted(event)
            case Renamed():
                position.renamed(event)
                sleeve.underlying = event.underlying
            case CapitalReturned():
                position.returned(event)
        cash_u = event.amount_u if isinstance(event, CapitalReturned) else 0
        cash = [_money(self.chart.cash(event.account), event.currency, cash_u)]
        return self._balanced(
            event, [*cash, *_changes(sleeve.seat, before, sleeve.lots(self.chart))]
        )

    def _balanced(self, event: SleeveEvent, posted: list[Posting]) -> list[Posting]:
        """The postings of a sleeve, with what they lack: what shares without a number gained."""
        lacks_u = -sum(weights(posted))
        rest = _money(self.sleeves[event.sleeve].seat.gains, event.currency, lacks_u)
        return [one for one in (*posted, rest) if one.units != 0]

    def _transferred(self, event: Transferred) -> list[Posting]:
        """What came in was put into the account, at its basis; what left was taken out of it."""
        sleeve = self.sleeves[event.sleeve]
        if event.quantity == event.shares == 0:
            before = sleeve.lots(self.chart)
            sleeve.position.returned(event)
            posted = _changes(sleeve.seat, before, sleeve.lots(self.chart))
        else:
            cash = self.chart.cash(event.account)
            posted = [
                one._replace(account=self.chart.deposits(event.account))
                if one.account == cash
                else one
                for one in self._leg(replace(event, fee_u=0))
            ]
            return [*posted, *self._paid(event, sleeve.seat.fees, -event.fee_u)]
        given = _money(self.chart.deposits(event.account), event.currency, event.amount_u)
        return self._balanced(event, [given, *posted])

    def _leg(self, event: LegEvent) -> list[Posting]:
        """A leg, shares or both: cash, the fee, the lots, and what was realised.

        Of an assignment the money belongs to the shares, of anything else to the option.
        """
        sleeve, seat = self.sleeves[event.sleeve], self.sleeves[event.sleeve].seat
        before = sleeve.lots(self.chart)
        ended = sleeve.position.take(replace(event, fee_u=0))
        options_u = 0 if ended is None else ended.result_u
        shares_u = 0
        if event.shares != 0:
            of_shares = event.option is None or isinstance(event, Assigned)
            money_u = event.amount_u if of_shares else 0
            shares_u = sleeve.move_shares(event.shares, money_u, event.session)
        currency = event.currency
        posted = [
            _money(self.chart.cash(event.account), currency, event.amount_u - event.fee_u),
            _money(seat.fees, currency, event.fee_u),
            *_changes(seat, before, sleeve.lots(self.chart)),
            _money(seat.options, currency, -options_u),
            _money(seat.gains, currency, -shares_u),
        ]
        rest = _money(self.chart.unexplained(event.account), currency, -sum(weights(posted)))
        return [one for one in (*posted, rest) if one.units != 0]


def weights(posted: Iterable[Posting]) -> list[int]:
    """What each posting weighs in money: of one transaction they sum to zero."""
    return [one.weight_u for one in posted]


def _money(account: str, currency: str, amount_u: int) -> Posting:
    """A posting of money."""
    return Posting(account, currency, amount_u, amount_u)


def _changes(seat: Seat, before: dict[int, _Lot], after: dict[int, _Lot]) -> list[Posting]:
    """What takes the lots of a sleeve from how they were to how they are, by place."""
    posted = []
    for place in sorted({*before, *after}):
        old, new = before.get(place), after.get(place)
        if old == new:
            continue
        if old is not None and new is not None and _same_unit(old, new):
            change = new._replace(units=new.units - old.units, weight_u=new.weight_u - old.weight_u)
            posted.append(_lot(seat.side(new.units), change))
            continue
        if old is not None:
            out = old._replace(units=-old.units, weight_u=-old.weight_u)
            posted.append(_lot(seat.side(old.units), out))
        if new is not None:
            posted.append(_lot(seat.side(new.units), new))
    return posted


def _same_unit(old: _Lot, new: _Lot) -> bool:
    """Whether two states of a lot differ in number alone."""
    same = (old.commodity, old.opened, old.units > 0) == (new.commodity, new.opened, new.units > 0)
    return same and old.weight_u * new.units == new.weight_u * old.units


def _lot(account: str, lot: _Lot) -> Posting:
    """A posting of a lot."""
    return Posting(account, *lot)


def transactions(events: Sequence[AnyEvent], chart: Chart) -> Iterator[Transaction]:
    """Every event that moves money or positions, in the order of the journal.

    Those that the fold could not book are left out, as they are there.  A day never runs
    backwards: what is told late stands on the day of what was told before it.
    """
    book = fold(events)
    books, day = _Books(sleeve_names(book.sleeves), chart), date.min
    roots: dict[int, str] = {opened.sleeve: opened.root for opened in book.sleeves}
    for sequence, event in numbered(events, book):
        posted = books.take(event)
        if posted:
            day = max(day, event.session)
            kind = str(event.__struct_config__.tag)
            text = told(event, roots)
            yield Transaction(sequence, day, kind, text, event.currency, tuple(posted))
