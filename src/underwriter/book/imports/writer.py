"""Events on their way into a book: each is told to a copy of it at once, and refused if it strays.

An event of a row has the row's id; one that is made of several has all of theirs, joined by a plus
(an assignment and the shares it delivered), and the further parts of what was held in several
sleeves have a number behind a dot.  So a book knows which rows it holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, NamedTuple

from underwriter.book.event import (
    AnyEvent,
    Busted,
    Corrected,
    Filled,
    LegEvent,
    SleeveEvent,
    SleeveOpened,
)
from underwriter.book.fold import Folding
from underwriter.book.imports.statement import Instrument, Row
from underwriter.book.seating import Leg, Place, Trade, places
from underwriter.core.contract import NONE, Contract, parse_osi, root_of, unpack
from underwriter.core.sleeve import SLOTS
from underwriter.core.units import MICRO

SECOND = 10**9
UNCONFIRMED = "desk-"  # begins the ids of fills that a desk told and no broker has confirmed


class RefusedRowError(Exception):
    """A row that does not fit the book."""

    def __init__(self, row: Row, text: str) -> None:
        super().__init__(text)
        self.row = row


class NotBookableError(Exception):
    """A row that is understood and of which an event cannot say what it says."""


class Figures:
    """Money of a change, dealt out over its parts to the last millionth."""

    def __init__(self, whole: int, **money: int) -> None:
        self.whole, self.money = whole, money
        self._done = 0

    def part(self, quantity: int) -> dict[str, int]:
        """What a part has of each."""
        before, self._done = self._done, self._done + quantity
        return {
            name: amount * self._done // self.whole - amount * before // self.whole
            for name, amount in self.money.items()
        }


Known = AbstractSet[str] | None  # ids that were told, where somebody has them


class Seat(NamedTuple):
    """A sleeve that holds shares, or might."""

    sleeve: int
    campaign: int
    policy: str
    shares: int

    def told(self) -> dict[str, Any]:
        """As an event says it."""
        return {"sleeve": self.sleeve, "campaign": self.campaign, "policy": self.policy}


class HeldLeg(NamedTuple):
    """An option in its slot."""

    seat: Seat
    slot: int
    quantity: int


class Writer:
    """A book that takes in events, and what it was told."""

    def __init__(self, folding: Folding, account: str, known: Known = None) -> None:
        """A fold of its own; `known` are the ids that the account was told (`ids_of`)."""
        self.folding, self.account = folding, account
        self.events: list[AnyEvent] = []
        self.known = known_in(folding.told, account) if known is None else {*known}

    def knows(self, row: Row) -> bool:
        """Whether the book holds a row, from a statement or from the broker itself."""
        return row.id in self.known or bool(row.execution and row.execution in self.known)

    def told(self, row: Row) -> bool:
        """Whether an event is of this row alone."""
        return (self.account, row.id) in self.folding.told

    def take_back(self, row: Row, why: str) -> None:
        """Tell that the events of this row alone never were, the last first."""
        ids, number = [row.id], 2
        while (self.account, f"{row.id}.{number}") in self.folding.told:
            ids.append(f"{row.id}.{number}")
            number += 1
        for each in ids[::-1]:
            self.say(row, Busted, "", of=each, why=why)

    def took(self, rows: Iterable[Row]) -> str:
        """The id of an event that is made of rows, which are known from here on."""
        ids = [row.id for row in rows]
        self.known.update(ids)
        return "+".join(ids)

    def tell(self, row: Row, event: AnyEvent) -> None:
        """Take in an event; RefusedRowError where the book does not."""
        before = len(self.folding.strays)
        self.folding.take(event)
        if len(self.folding.strays) > before:
            raise RefusedRowError(row, self.folding.strays[-1].text)
        self.events.append(event)

    def common(self, row: Row, identity: str) -> dict[str, Any]:
        """What every event of a row carries."""
        at = row.at
        if at is None:
            noon = datetime.combine(row.day, datetime.min.time(), UTC)
            at = int(noon.timestamp()) * SECOND
        told = {"at": at, "session": row.day, "account": self.account, "currency": row.currency}
        return told | ({"id": identity} if identity else {})

    def say(self, row: Row, kind: type[Any], identity: str, **what: object) -> None:
        """Tell an event of a row."""
        made = kind(**self.common(row, identity), **what)
        self.tell(row, made)

    def trade_of(self, row: Row, quantity: int, *, opens: bool, beside: Sequence[Leg]) -> Trade:
        """What a row changes of what is held."""
        instrument = row.instrument or Instrument("")
        common = self.common(row, "")
        return Trade(
            self.account, instrument.symbol, contract_of(instrument), quantity, opens,
            row.day, common["at"], row.currency, tuple(beside),
        )  # fmt: skip

    def move(
        self,
        rows: Sequence[Row],
        kind: type[LegEvent],
        trade: Trade,
        figures: Figures,
        found: Sequence[Place] = (),
        **more: object,
    ) -> None:
        """Tell the parts of a change, each where it belongs; RefusedRowError where less is held.

        Where it belongs is `found` where that is given, else by the rule of `book.seating`.
        """
        row, identity = rows[0], self.took(rows)
        found = found or places(self.folding, trade)
        held = sum(place.quantity for place in found)
        if held != trade.quantity:
            what = trade.contract or f"{trade.underlying} shares"
            raise RefusedRowError(
                row,
                f"expected at most the {abs(held)} of {what} that account {self.account!r} holds, "
                f"found {abs(trade.quantity)} to end (import what is older first, or record what "
                "was owned before)",
            )
        for number, place in enumerate(found, 1):
            if place.opened is not None:
                self.tell(row, place.opened)
            name = identity if number == 1 else f"{identity}.{number}"
            told = figures.part(place.quantity) | seat(place)
            told["quantity"] = place.quantity if trade.contract else 0
            told.setdefault("shares", 0 if trade.contract else place.quantity)
            osi = trade.contract.osi() if trade.contract else None
            self.say(row, kind, name, slot=place.slot, option=osi, **told, **more)

    def sleeves(self, symbol: str) -> Iterable[tuple[SleeveOpened, Any]]:
        """The account's sleeves on an underlying, and what they hold."""
        book = self.folding
        for opened, sleeve in zip(book.sleeves, book.state.sleeves, strict=True):
            if (opened.account, opened.underlying) == (self.account, symbol):
                yield opened, sleeve

    def seats_of(self, symbol: str) -> list[Seat]:
        """Who holds shares of a symbol; if nobody does, who dealt in it last."""
        seats = [
            Seat(opened.sleeve, int(sleeve.campaign), opened.policy, int(sleeve.shares))
            for opened, sleeve in self.sleeves(symbol)
            if sleeve.campaign > 0
        ]
        return [one for one in seats if one.shares] or seats[-1:]

    def legs_of(self, instrument: Instrument) -> list[HeldLeg]:
        """Who holds an option, and where."""
        found, names = [], self.folding.instruments
        for opened, sleeve in self.sleeves(instrument.symbol):
            seat = Seat(opened.sleeve, int(sleeve.campaign), opened.policy, int(sleeve.shares))
            for slot in range(SLOTS):
                key = int(sleeve.contract[slot])
                if key == NONE or sleeve.quantity[slot] == 0:
                    continue
                if unpack(key, names[root_of(key) - 1].root).osi() == instrument.option:
                    found.append(HeldLeg(seat, slot, int(sleeve.quantity[slot])))
        return found

    def holds(self, instrument: Instrument) -> int:
        """What the account holds of shares or an option, as units."""
        if instrument.option is not None:
            return sum(leg.quantity for leg in self.legs_of(instrument))
        return sum(int(sleeve.shares) for _, sleeve in self.sleeves(instrument.symbol))

    def inferred(self, instrument: Instrument, quantity: int) -> Seat | None:
        """Where an end of so many contracts was inferred that nobody has told yet."""
        for opened, sleeve in self.sleeves(instrument.symbol):
            waiting = self.folding.inferred.get((opened.sleeve, instrument.option or ""), 0)
            if waiting * quantity > 0 and abs(quantity) <= abs(waiting):
                return Seat(opened.sleeve, int(sleeve.campaign), opened.policy, 0)
        return None

    def entries(self, instrument: Instrument, currency: str | None) -> list[tuple[int, LegEvent]]:
        """What happened to an option, to the shares, or, of no currency, to all of a symbol.

        Only what was told with an id, in campaigns that can be corrected; numbered as told.
        """
        ours = {opened.sleeve for opened, _ in self.sleeves(instrument.symbol)}
        told = instrument.option, currency
        return [
            (number, each)
            for runs in self.folding.runs.values()
            for run in runs
            for number, each in run.entries
            if isinstance(each, LegEvent)
            and each.id
            and each.sleeve in ours
            and (currency is None or (each.option, each.currency) == told)
        ]

    def fills(self, row: Row, quantity: int) -> list[tuple[int, Filled]]:
        """The fills of a row's thing and currency, of so many, with an id; numbered as told."""
        return [
            (number, each)
            for number, each in self.entries(row.instrument or Instrument(""), row.currency)
            if isinstance(each, Filled) and filled(each) == quantity
        ]

    def last_fill(self, row: Row, quantity: int) -> tuple[int, Filled] | None:
        """The last fill of a row's thing, of so many at its price, and its number."""
        fits = [(number, each) for number, each in self.fills(row, quantity)
                if row.price_u in {None, each.price_u}]  # fmt: skip
        return max(fits, key=lambda fill: fill[0], default=None)

    def recorded(self, row: Row) -> bool:
        """Whether a row's fill was recorded by hand."""
        return self.twin(row, whole(row)) is not None

    def twin(self, row: Row, quantity: int) -> Filled | None:
        """A fill of that day, thing and number that waits for its row: a hand's, or a desk's."""
        fits = [each for _, each in self.fills(row, quantity)
                if each.session == row.day and (confirms(row, each) or (
                    each.source == "by hand" and (each.id or "").startswith("hand-")))]  # fmt: skip
        return min(fits, key=lambda each: abs(each.price_u - (row.price_u or 0)), default=None)

    def correct(self, rows: Sequence[Row], twin: Filled) -> None:
        """A record by hand is as its rows say it, and goes by their id from then on."""
        self.say(rows[0], Corrected, self.took(rows), of=twin.id, quantity=twin.quantity,
                 shares=twin.shares, price_u=mean_u(rows, twin.price_u),
                 amount_u=sum(one.gross_u for one in rows),
                 fee_u=sum(one.commission_u + one.fee_u for one in rows))  # fmt: skip


def mean_u(rows: Sequence[Row], other_u: int) -> int:
    """The price a share of rows together; another where they have none."""
    told = [(abs(one.quantity_u), one.price_u) for one in rows if one.price_u is not None]
    worth, units_u = sum(units * price_u for units, price_u in told), sum(one for one, _ in told)
    return worth // units_u if units_u else other_u


def filled(fill: Filled) -> int:
    """How many contracts or shares a fill is of, signed."""
    return fill.quantity or fill.shares


def is_unconfirmed(told: SleeveEvent) -> bool:
    """Whether a desk told what no statement of a broker has told yet."""
    return (told.id or "").startswith(UNCONFIRMED)


def confirms(row: Row, told: SleeveEvent) -> bool:
    """Whether a row may be a broker's word of what a desk told; a desk's own is another fact."""
    return is_unconfirmed(told) and not row.id.startswith(UNCONFIRMED)


def known_in(told: Iterable[tuple[str, str]], account: str) -> set[str]:
    """The ids that an account was told, and of events of several rows the ids of each."""
    return {each for name, one in told if name == account for each in ids_of(one)}


def ids_of(told: str) -> Iterator[str]:
    """The ids that an event's own stands for: itself, and of several rows that of each."""
    yield told
    for part in told.split("+"):
        yield part.partition(".")[0]


def seat(place: Place) -> dict[str, Any]:
    """Where a part belongs, as its event says it."""
    return {"sleeve": place.sleeve, "campaign": place.campaign, "policy": place.policy}


def contract_of(instrument: Instrument) -> Contract | None:
    """The contract of an option; None of shares."""
    if instrument.option is None:
        return None
    return parse_osi(instrument.option, (instrument.root,))


def whole(row: Row) -> int:
    """A quantity in contracts or shares; NotBookableError for parts of one."""
    if row.quantity_u % MICRO:
        raise NotBookableError("parts of a share are not booked")
    return row.quantity_u // MICRO


def price_of(row: Row) -> int:
    """The price of a share; where none is told, what its money makes it."""
    if row.price_u is not None:
        return row.price_u
    units_u = abs(row.quantity_u) * (row.instrument or Instrument("")).multiplier
    return abs(row.gross_u) * MICRO // units_u if units_u else 0
