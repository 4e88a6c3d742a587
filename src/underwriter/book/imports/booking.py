"""A statement's rows as the events of a ledger.

    booked(book, statement, account)      events that the book takes in whole; nothing is written

What the book knows already is left out, by the ids of rows (`imports.writer`): the same file again,
or one that overlaps it, gives no event.  Trades are seated by `book.seating`, as records by hand;
those of a roll stay in the sleeve of the old leg (`imports.rolls`).
An assignment is one event with its shares, however a broker tells them; without them in the
statement it moves what its contracts deliver.  What cannot be said in an event is in `left`, and
its cash in an adjustment, so that cash stays true.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from underwriter.book.event import (
    AnyEvent,
    Assigned,
    CashAdjusted,
    Expired,
    Filled,
    Settled,
)
from underwriter.book.fold import Book, Folding
from underwriter.book.imports.actions import acted, actions
from underwriter.book.imports.ended import confirm, correct, take_back_expiry, told_before
from underwriter.book.imports.money import paid
from underwriter.book.imports.ordered import NO_ORDERS, Orders, fills_order
from underwriter.book.imports.pairs import ENDS, SWAPS, delivered
from underwriter.book.imports.rolls import Roll, Rolls, dealt, follow, move_in, take_back
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.typed import in_part, in_parts, told_as
from underwriter.book.imports.writer import (
    Figures,
    Known,
    NotBookableError,
    RefusedRowError,
    Writer,
    contract_of,
    is_unconfirmed,
    price_of,
    whole,
)
from underwriter.book.seating import MULTIPLIER, Leg, Place
from underwriter.core.contract import CALL, osi_tail
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO


class Left(NamedTuple):
    """A row that is booked by its cash alone."""

    row: Row
    why: str


class Booked(NamedTuple):
    """What a statement adds to a book."""

    events: tuple[AnyEvent, ...]
    book: Book  # with them
    known: tuple[Row, ...]  # rows that the book held before
    left: tuple[Left, ...]


def booked(
    book: Book,
    statement: Statement,
    account: str,
    paths: Mapping[str, str] | None = None,
    orders: Orders = NO_ORDERS,
) -> Booked:
    """The events of the rows that a book does not know; InputError where one does not fit it.

    Args:
        book: it is not changed.
        statement: rows oldest first.
        account: of the book, whose statement it is.
        paths: where the rows of several files stand, by their ids.
        orders: of a desk, that a row may fill after all.
    """
    booking = Booking(Folding(book), statement.rows, account, orders=orders)
    try:
        booking.book_all()
    except RefusedRowError as error:
        path = (paths or {}).get(error.row.id, statement.path)
        raise InputError(f"{path}, row {error.row.line}: {error}") from error
    writer = booking.writer
    return Booked(
        tuple(writer.events), writer.folding.book(), tuple(booking.known), tuple(booking.left)
    )


class Booking:
    """Rows while they are booked, on a fold of their own."""

    def __init__(
        self, folding: Folding, rows: Sequence[Row], account: str, known: Known = None,
        *, orders: Orders = NO_ORDERS,
    ) -> None:  # fmt: skip
        self.writer = Writer(folding, account, known)
        self.rows, self.orders = rows, orders
        self.known = [row for row in rows if self.writer.knows(row)]
        self.left: list[Left] = []
        self.pairs, self.legs = _together(rows), _orders(rows)
        self.actions, self.rolls = actions(rows), Rolls(rows)
        self.book_as: Mapping[Kind, Callable[[Row], None]] = {
            Kind.TRADE: self._trade,
            Kind.DELIVERY: self._delivery,
            Kind.ASSIGNMENT: self._end,
            Kind.EXERCISE: self._end,
            Kind.EXPIRATION: lambda row: self._ended(row, Expired, 0),
            Kind.SETTLEMENT: self._settle,
            Kind.CORRECTION: self._take_back,
            **dict.fromkeys(SWAPS, self._act),
        }

    def book_all(self) -> None:
        """Book every row that is not known, each once."""
        for row in self.rows:
            self.take(row)

    def take(self, row: Row) -> list[AnyEvent]:
        """Book a row, and what belongs to it; none where it is known. RefusedRowError as it may."""
        before = len(self.writer.events)
        if not self.writer.knows(row):
            try:
                self._book(row)
            except NotBookableError as error:
                if not self.writer.knows(row):  # else another row of its action cannot be
                    self._leave(row, str(error))
        return self.writer.events[before:]

    def _book(self, row: Row) -> None:
        if row.kind is Kind.UNKNOWN:
            raise NotBookableError(row.why)
        if row.instrument is not None and row.instrument.multiplier not in {1, MULTIPLIER}:
            raise NotBookableError(f"contracts of {row.instrument.multiplier} are not booked")
        if row.kind in self.book_as and row.kind not in SWAPS and row.quantity_u == 0:
            raise NotBookableError("a quantity of zero, which changes nothing that is held")
        if row.kind in self.book_as:
            self.book_as[row.kind](row)
        else:
            paid(self.writer, row, self.pairs.get(row.pair, [row]))

    def _leave(self, row: Row, why: str) -> None:
        """Book a row by its cash alone."""
        self.left.append(Left(row, why))
        identity = self.writer.took([row])
        if row.net_u:
            self.writer.say(row, CashAdjusted, identity, amount_u=row.net_u, why=why)

    def _trade(self, row: Row) -> None:
        """A trade, with all of its roll where it is of one, or of the order that it fills."""
        if fills_order(self.writer, self.rows, self.orders, row):
            return
        roll, last = self.rolls.of(self.writer, row), None
        if roll is None:
            last = self.rolls.after(self.writer, row)
            roll = follow(self.writer, row, last) if last else Roll((row,), (), ())
        for sold, found in dealt(roll):
            self._fill(sold, found)
        for bought in roll.old:
            self._fill(bought)
        if last is not None:
            self.writer.tell(row, replace(last, id=f"{last.id}.again"))
        move_in(self.writer, roll)

    def _fill(self, row: Row, found: Sequence[Place] = ()) -> None:
        """A fill, with the fills of its order; one that was told before goes by its id now."""
        quantity = whole(row)
        twin, rows = told_as(self.writer, self.rows, row)
        if twin is not None and (twin.price_u == price_of(row) or is_unconfirmed(twin)):
            self.writer.correct(rows, twin)
            return
        if twin is None and (told := in_parts(self.writer, row)):
            raise RefusedRowError(row, in_part(told[0], quantity))
        opens = row.effect != "close"
        beside = self.legs.get(_order(row), ()) if opens else ()
        trade = self.writer.trade_of(row, quantity, opens=opens, beside=beside)
        figures = Figures(quantity, amount_u=row.gross_u, fee_u=row.commission_u + row.fee_u)
        self.writer.move([row], Filled, trade, figures, found, price_u=price_of(row))

    def _delivery(self, row: Row) -> None:
        """The shares of an option: with it; alone they are a trade at the strike."""
        ends = [each for each in self.pairs.get(row.pair, []) if each.kind in ENDS]
        if not ends:
            self._trade(row)
            return
        for end in ends:
            if not self.writer.knows(end):
                self._end(end)
        if not self.writer.knows(row):
            self._told_with(row, _instrument(ends[0]))

    def _told_with(self, row: Row, option: Instrument) -> None:
        """Shares that the book holds since their option ended; the fee that it was not told of."""
        strike_u = delivered(option, 0, Kind.ASSIGNMENT)[1]
        less_u = row.net_u + whole(row) * strike_u
        self.writer.took([row])
        if less_u and not option.adjusted:
            why = "the fee of shares that an option moved"
            self.writer.say(row, CashAdjusted, row.id, amount_u=less_u, why=why)
        else:
            self.known.append(row)

    def _end(self, end: Row) -> None:
        """An assignment or an exercise, with the shares it moves.

        Where some of them were told before, the shares were, too: at the strike.
        """
        same = self.pairs.get(end.pair, [end])
        ends = [row for row in same if row.kind in ENDS]
        shares = [row for row in same if row.kind not in ENDS]
        if any(self.writer.knows(row) for row in ends):
            ends, shares = [end], []
        for row in shares:
            if self.writer.told(row):  # told before the option was: now they are of it
                self.writer.take_back(row, "shares of an assignment")
        moved, gross_u, fee_u = self._moved(ends, shares)
        count = sum(abs(whole(row)) for row in ends)
        figures = Figures(count, shares=moved, amount_u=gross_u, fee_u=fee_u)
        for at, row in enumerate(ends):
            rows = [row, *(shares if at == 0 else ())]
            self._assigned(rows, figures.part(abs(whole(row))))

    def _assigned(self, rows: list[Row], figures: dict[str, int]) -> None:
        """One option's part of an assignment: new, or one that the book was told of before."""
        row = rows[0]
        price_u = delivered(_instrument(row), row.quantity_u, row.kind)[1]
        known = told_before(self.writer, row)
        if known:
            correct(self.writer, rows, known, price_u, figures)
            return
        quantity = self._sided(row)
        seat = self.writer.inferred(_instrument(row), quantity)
        if seat is not None:
            confirm(self.writer, rows, seat, figures | {"quantity": quantity, "price_u": price_u})
            return
        take_back_expiry(self.writer, row, delivered_too=len(rows) > 1)
        trade = self.writer.trade_of(row, quantity, opens=False, beside=())
        self.writer.move(rows, Assigned, trade, Figures(quantity, **figures), price_u=price_u)

    def _moved(self, ends: Sequence[Row], shares: Sequence[Row]) -> tuple[int, int, int]:
        """Shares, money and fees of options that ended; as their contracts say, if not told."""
        rows = [*ends, *shares]
        fee_u = sum(row.commission_u + row.fee_u for row in rows)
        if shares:
            return sum(whole(row) for row in shares), sum(row.gross_u for row in rows), fee_u
        if _instrument(ends[0]).adjusted:
            raise NotBookableError("an adjusted contract, of which the shares are not told")
        moved_u, strike_u = delivered(_instrument(ends[0]), ends[0].quantity_u, ends[0].kind)
        return moved_u // MICRO, ends[0].gross_u - moved_u // MICRO * strike_u, fee_u

    def _sided(self, row: Row) -> int:
        """A quantity with the sign that ends what is held, where the statement has none."""
        quantity = whole(row)
        if row.sided:
            return quantity
        long = self.writer.holds(_instrument(row)) > 0
        return -abs(quantity) if long else abs(quantity)

    def _ended(self, row: Row, kind: type[Expired | Settled], price_u: int) -> None:
        """An end without shares: new, or one that the book was told of before."""
        money = {"amount_u": row.gross_u, "fee_u": row.commission_u + row.fee_u}
        known = told_before(self.writer, row)
        if known:
            correct(self.writer, [row], known, price_u, money)
            return
        quantity = self._sided(row)
        trade = self.writer.trade_of(row, quantity, opens=False, beside=())
        self.writer.move([row], kind, trade, Figures(quantity, **money), price_u=price_u)

    def _settle(self, row: Row) -> None:
        """Cash for an option: its settlement price is what the cash makes it."""
        contract = contract_of(_instrument(row))
        if contract is None:
            raise NotBookableError("a settlement of what is no option")
        worth_u = abs(row.gross_u) // (abs(whole(row)) * MULTIPLIER)
        sign = 1 if contract.right == CALL else -1
        self._ended(row, Settled, max(int(contract.strike * MICRO) + sign * worth_u, 0))

    def _take_back(self, row: Row) -> None:
        """A trade that never was: the last one of that thing, number and price."""
        fill = self.writer.last_fill(row, -whole(row))
        if fill is None:
            raise NotBookableError("found no trade that it takes back")
        take_back(self.writer, row, *fill)

    def _act(self, row: Row) -> None:
        """A corporate action, all of its rows at once."""
        acted(self.writer, self.actions[row.id])


def _instrument(row: Row) -> Instrument:
    return row.instrument or Instrument("")


def _together(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by the name of their pair."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.pair:
            found[row.pair].append(row)
    return found


def _order(row: Row) -> tuple[object, ...]:
    """What is the same for legs of one order; without an order's id their day and expiry."""
    instrument = _instrument(row)
    option = None if row.order else instrument.option
    expiry = None if option is None else osi_tail(option)[0]
    return row.order, row.day, instrument.symbol, instrument.root, expiry


def _orders(rows: Sequence[Row]) -> dict[tuple[object, ...], tuple[Leg, ...]]:
    """The legs that each order opens."""
    found: defaultdict[tuple[object, ...], tuple[Leg, ...]] = defaultdict(tuple)
    for row in rows:
        contract = contract_of(_instrument(row)) if row.is_option else None
        if row.kind is Kind.TRADE and row.effect != "close" and contract is not None:
            found[_order(row)] += (Leg(contract, row.quantity_u // MICRO),)
    return found
