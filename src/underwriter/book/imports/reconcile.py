"""Where a book is not what a statement says: typed breaks, each with its cause and its mend.

    rows that the book does not know     missing event, or another price than was recorded by hand
    a price in them out of all scale     scale, beside what is known (`book.plausible`)
    a row that ends what is not held     unknown position
    what the statement says of its end   quantity and cash that its rows do not explain

Breaks are values: nothing is changed.  The events of a mend are in the order in which they mend;
those of later breaks stand on those of earlier ones.  Where nothing in the statement says what
happened, the likely cause is inferred (an assignment where shares moved by its lots and the option
is gone), and marked as such in the event.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Busted,
    CashAdjusted,
    Charged,
    Corrected,
    Expired,
    Filled,
    LegEvent,
)
from underwriter.book.fold import Book, Folding
from underwriter.book.imports.booking import Booking
from underwriter.book.imports.draft import digest
from underwriter.book.imports.ended import LATE, against_the_close, told_before
from underwriter.book.imports.held import cash_u, held_u
from underwriter.book.imports.ordered import NO_ORDERS, Orders
from underwriter.book.imports.pairs import delivered
from underwriter.book.imports.statement import Instrument, Kind, Row, Statement
from underwriter.book.imports.symbols import bare, osi_option
from underwriter.book.imports.typed import in_part, in_parts, told_as
from underwriter.book.imports.writer import (
    RefusedRowError,
    Writer,
    contract_of,
    filled,
    is_unconfirmed,
    mean_u,
    price_of,
)
from underwriter.book.past import flow_u
from underwriter.book.plausible import doubts
from underwriter.core.units import CENT_U, MICRO

BreakKind = Literal["missing event", "price", "unknown position", "quantity", "cash", "scale"]
_OSI = 21
_HUNDRED = 100


class Break(msgspec.Struct, frozen=True):
    """One thing of which book and statement differ; quantities and money in millionths."""

    kind: BreakKind
    key: str  # a currency, shares, or an option's OSI symbol
    book_u: int
    statement_u: int
    cause: str
    mend: tuple[AnyEvent, ...]  # none where nobody can say what it is
    row: int | None = None  # of the statement


def reconciled(
    book: Book, statement: Statement, account: str, orders: Orders = NO_ORDERS
) -> list[Break]:
    """The breaks between a book that ends with a statement, and it: first its rows, then its end.

    Args:
        book: folded to the statement's last day.
        statement: as it was read.
        account: of the book.
        orders: of a desk, that a row may fill after all.
    """
    if not statement.rows and _agree(book, statement, account):
        return []
    booking = Booking(Folding(book), statement.rows, account, orders=orders)
    found = [one for row in statement.rows for one in _of_row(booking, row)]
    ends = _Ends(booking.writer, statement)
    found += [*ends.quantities(), *ends.cash()]
    return [*found, *_scales(book, found)]


def _agree(book: Book, statement: Statement, account: str) -> bool:
    """Whether what a statement says of its end is what a book has, to the last millionth."""
    said = statement.holdings, statement.cash_u
    return said == (held_u(book, account), cash_u(book, account))


def _scales(book: Book, found: list[Break]) -> Iterator[Break]:
    """Prices in what mends breaks that are out of scale: whether to mend so is for people."""
    told = [(one, event) for one in found for event in one.mend]
    for doubt in doubts(book, [event for _, event in told]):
        one = told[doubt.event - 1][0]
        yield Break("scale", one.key, doubt.known_u, doubt.found_u, doubt.text, (), one.row)


def _of_row(booking: Booking, row: Row) -> Iterator[Break]:
    """The break of a row that the book does not know."""
    writer = booking.writer
    if writer.knows(row):
        return
    key = row.instrument.key if row.instrument is not None else row.currency
    left = len(booking.left)
    if row.kind is Kind.TRADE and row.quantity_u % MICRO == 0:
        twin, rows = told_as(writer, booking.rows, row)
        if twin is not None:
            yield from _of_twin(writer, twin, rows)
            return
    if row.kind is Kind.TRADE and (part := _in_part(writer, row)):
        writer.took([row])
        yield Break("quantity", key, *part[:2], part[2], (), row.line)
        return
    ended = told_before(writer, row)
    try:
        mend = tuple(booking.take(row))
    except RefusedRowError as error:
        writer.took([row])
        cause = f"never opened in this book: {error}"
        yield Break("unknown position", key, 0, -row.quantity_u, cause, (), row.line)
        return
    if ended:
        yield from _of_end(ended, mend, key, row)
        return
    cause = f"{_words(row)}, which the book was not told"
    if len(booking.left) > left:
        cause = booking.left[-1].why
    elif not mend:
        return  # the shares of an assignment that the book holds with them
    amount_u = row.quantity_u or row.net_u
    yield Break("missing event", key, 0, amount_u, cause, mend, row.line)


def _of_twin(writer: Writer, twin: Filled, rows: list[Row]) -> Iterator[Break]:
    """The break of a fill that the book was told of before, at another price or fee."""
    before, row = len(writer.events), rows[0]
    writer.correct(rows, twin)
    mend = tuple(writer.events[before:])
    price_u = price_of(row) if len(rows) == 1 else mean_u(rows, twin.price_u)
    if (twin.price_u, flow_u(twin)) != (price_u, sum(one.net_u for one in rows)):
        key = row.instrument.key if row.instrument is not None else ""
        cause = _of_price(twin.price_u, price_u, by_desk=is_unconfirmed(twin))
        yield Break("price", key, twin.price_u, price_u, cause, mend, row.line)


def _in_part(writer: Writer, row: Row) -> tuple[int, int, str] | None:
    """What a desk told of a row's day and thing in another number: that, the row's, and a cause."""
    quantity, told = row.quantity_u // MICRO, in_parts(writer, row)
    if not told:
        return None
    return filled(told[0]) * MICRO, row.quantity_u, in_part(told[0], quantity)


def _of_end(
    ended: list[LegEvent], mend: tuple[AnyEvent, ...], key: str, row: Row
) -> Iterator[Break]:
    """The break of an end that the book was told of before, at another price or fee."""
    said = [one for one in mend if isinstance(one, Corrected)]
    if said and sum(one.amount_u - one.fee_u for one in said) != sum(map(flow_u, ended)):
        cause = f"{_words(row)} that was told before its price or fee was"
        yield Break("price", key, ended[0].price_u, said[0].price_u, cause, mend, row.line)


def _words(row: Row) -> str:
    """What a row is, with its article."""
    name = {Kind.TRADE: "a late fill", Kind.IN_LIEU: "a payment in lieu of a dividend"}
    word = row.kind.replace("_", " ")
    return name.get(row.kind, f"{'an' if word[0] in 'aeiou' else 'a'} {word}")


def _of_price(book_u: int, said_u: int, *, by_desk: bool) -> str:
    """Why a price may have been recorded otherwise."""
    if by_desk:
        how = "with another fee" if book_u == said_u else "at another price"
        return f"told by the desk {how}"
    if book_u in {said_u * _HUNDRED, said_u // _HUNDRED}:
        return "recorded by hand a hundred times too " + ("high" if book_u > said_u else "low")
    return "recorded by hand " + ("with another fee" if book_u == said_u else "at another price")


class _Ends:
    """What a statement says of its end, beside a book that knows all of its rows."""

    def __init__(self, writer: Writer, statement: Statement) -> None:
        self.writer, self.statement = writer, statement
        self.said = statement.holdings

    def quantities(self) -> Iterator[Break]:
        """Positions: options first, since what became of them explains shares."""
        if self.said is None:
            return
        for key in sorted(self._differing(), key=lambda key: (len(key) != _OSI, key)):
            held_now = self._held()
            book_u, said_u = held_now.get(key, 0), self.said.get(key, 0)
            if book_u == said_u:
                continue  # explained by an option's end
            before = len(self.writer.events)
            cause = self._cause(key, book_u, said_u)
            mend = tuple(self.writer.events[before:])
            kind: BreakKind = "unknown position" if book_u == 0 else "quantity"
            if any(isinstance(event, Assigned | Expired) for event in mend):
                kind = "missing event"
            yield Break(kind, key, book_u, said_u, cause, mend)

    def cash(self) -> Iterator[Break]:
        """Money that nothing above explains."""
        if self.statement.cash_u is None:
            return
        ours = cash_u(self.writer.folding.book(), self.writer.account)
        for currency in sorted({*ours, *self.statement.cash_u}):
            book_u, said_u = ours.get(currency, 0), self.statement.cash_u.get(currency, 0)
            less_u = said_u - book_u
            if abs(less_u) < CENT_U:
                continue
            common = self._common() | {"currency": currency, "amount_u": less_u}
            if less_u < 0:
                cause = "a fee of no trade"
                event: AnyEvent = Charged(what="fee", **common)
            else:
                cause = "a dividend or interest" if self._held() else "interest"
                event = CashAdjusted(why="as the statement has it", **common)
            yield Break("cash", currency, book_u, said_u, cause, (event,))

    def _held(self) -> dict[str, int]:
        return held_u(self.writer.folding.book(), self.writer.account)

    def _differing(self) -> list[str]:
        held_now, said = self._held(), self.said or {}
        return [key for key in {*held_now, *said} if held_now.get(key, 0) != said.get(key, 0)]

    def _common(self) -> dict[str, Any]:
        """What an event of the statement's end carries."""
        day = self.statement.last
        at = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) * 10**9
        return {"at": at, "session": day, "account": self.writer.account}

    def _cause(self, key: str, book_u: int, said_u: int) -> str:
        """The likely cause; what mends it is told to the writer."""
        if (book_u - said_u) % MICRO:
            return "parts of a share, which are not booked"
        if len(key) != _OSI:
            ratio = _ratio(abs(book_u), abs(said_u))
            if ratio:
                return f"a split {ratio}: record what it made of shares and contracts"
            if self._late(key, said_u - book_u):
                return "exercised against the close: it had expired, and its shares moved"
            where = "came from outside: record it with --owned-since" if book_u == 0 else "a fill"
            return f"{where}, which the statement's rows do not tell"
        return self._of_option(osi_option(key), book_u, said_u)

    def _of_option(self, option: Instrument, book_u: int, said_u: int) -> str:
        """What became of an option, by what became of the shares."""
        option = self._named(option)
        if option.adjusted or self._adjusted(option, book_u, said_u):
            return (
                "an adjusted root: hold it to its end, sell nothing on it, and cover it by what it "
                "delivers"
            )
        gone_u = said_u - book_u
        if book_u * gone_u >= 0 or abs(gone_u) > abs(book_u):
            return "a fill, which the statement's rows do not tell"
        kind = Kind.ASSIGNMENT if book_u < 0 else Kind.EXERCISE
        moved_u, strike_u = delivered(option, gone_u, kind)
        shares_u = (self.said or {}).get(option.symbol, 0) - self._held().get(option.symbol, 0)
        if abs(moved_u) <= abs(shares_u) and moved_u * shares_u > 0:
            self._infer(option, gone_u, Assigned, (moved_u // MICRO, strike_u))
            return f"an {kind} that nobody announced: the option is gone and its shares moved"
        contract = contract_of(option)
        if contract is not None and contract.expiry <= self.statement.last:
            self._infer(option, gone_u, Expired, (0, 0))
            return "an expiry that nobody announced"
        return "a fill, which the statement's rows do not tell"

    def _named(self, option: Instrument) -> Instrument:
        """An option with the underlying that the book has it on."""
        names = {one.root: one.underlying for one in self.writer.folding.instruments}
        return msgspec.structs.replace(option, symbol=names.get(option.root, option.symbol))

    def _adjusted(self, option: Instrument, book_u: int, said_u: int) -> bool:
        """Whether an option goes by an adjusted root of its underlying on the other side."""
        gone_u = said_u - book_u
        others = [osi_option(key) for key in self._differing() if len(key) == _OSI]
        return any(
            other.adjusted
            and bare(other.root) == bare(option.root)
            and (self.said or {}).get(other.key, 0) == -gone_u
            for other in others
        )

    def _infer(
        self,
        option: Instrument,
        gone_u: int,
        kind: type[Assigned | Expired],
        moved: tuple[int, int],
    ) -> None:
        """Tell the end of what is held of an option, part by part, as inferred."""
        shares, price_u = moved
        left, whole = gone_u // MICRO, gone_u // MICRO
        for leg in self.writer.legs_of(option):
            part = max(left, -leg.quantity) if left < 0 else min(left, -leg.quantity)
            if part * left <= 0:
                continue
            dealt = shares * part // whole
            what = {"option": option.option, "quantity": part, "shares": dealt, "price_u": price_u}
            self._tell(kind, leg.seat.told() | {"slot": leg.slot}, what)
            left -= part

    def _tell(
        self, kind: type[Assigned | Expired], place: dict[str, Any], what: dict[str, Any]
    ) -> None:
        """Tell an end as inferred, by an id that says the same of the same."""
        common, amount_u = self._common(), -what["shares"] * what["price_u"]
        parts = [str(each) for each in (common["session"], *place.values(), *what.values())]
        identity = f"inferred-{digest(*parts)}"
        event = kind(**common, **place, **what, id=identity, amount_u=amount_u, fee_u=0,
                     source="inferred")  # fmt: skip
        self.writer.folding.take(event)
        self.writer.events.append(event)

    def _late(self, symbol: str, moved_u: int) -> bool:
        """Whether shares are those of an option that is booked as expired; if so that is told."""
        last = self.statement.last
        for end, price_u in against_the_close(self.writer, symbol, moved_u):
            if not timedelta(0) <= last - end.session <= LATE:
                continue
            taken_back = Busted(
                **self._common(), of=end.id or "", why="exercised against the close"
            )
            self.writer.folding.take(taken_back)
            self.writer.events.append(taken_back)
            what = {"option": end.option, "quantity": end.quantity, "shares": moved_u // MICRO}
            place = {"sleeve": end.sleeve, "campaign": end.campaign, "policy": end.policy,
                     "slot": end.slot}  # fmt: skip
            self._tell(Assigned, place, what | {"price_u": price_u})
            return True
        return False


def _ratio(book: int, said: int) -> str:
    """How many became of how many, where one is a whole multiple of the other."""
    if not book or not said or (book % said and said % book):
        return ""
    return f"{said // book} for 1" if said > book else f"1 for {book // said}"


def mends(breaks: list[Break]) -> list[AnyEvent]:
    """All events that mend breaks, in order."""
    return [event for one in breaks for event in one.mend]
