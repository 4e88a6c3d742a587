"""Alpaca, through alpaca-py, as the desk asks it: one account, on paper or with money.

    submit     a limit order for the day, with our id: an answer that there is one already is a yes
    look_up    by our id; that Alpaca knows none is an answer only in Alpaca's own words
    events     the account's activities, read by the same code as their export
    statement  cash and positions

alpaca-py is an extra (`pip install 'underwriter[alpaca]'`) and is imported when an account is
opened, not before.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from underwriter.book.imports.place import micro
from underwriter.book.imports.statement import Kind, Row, Statement
from underwriter.book.imports.symbols import osi_option
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.brokers.alpaca_orders import (
    NOBODYS,
    Whose,
    compact,
    field,
    found_of,
    has_ended,
    number,
    order_fields,
    whose,
    why_not,
)
from underwriter.desk.brokers.alpaca_read import nothing_of, readable
from underwriter.desk.brokers.alpaca_terms import CAN, AnsweredNoError, Keys, Terms, checked
from underwriter.desk.ports import (
    Capabilities,
    Clock,
    DoubtError,
    Found,
    RefusedError,
    Ticket,
    Told,
)
from underwriter.market.calendar import Calendar

if TYPE_CHECKING:
    from underwriter.desk.brokers.alpaca_client import Wire

_NO_ORDER, _TWICE = 40410000, 40010001
_NOT_FOUND, _NOT_NOW = 404, 422
_ORDERS = 500  # in one answer: the most
_NEW_YORK = ZoneInfo("America/New_York")
_DAY = timedelta(days=1)


def open_wire(keys: Keys, clock: Clock, terms: Terms) -> "Wire":
    """The clients of an account; InputError for terms that must not be, or without alpaca-py."""
    allowed = checked(terms)
    try:
        from underwriter.desk.brokers.alpaca_client import Wire  # noqa: PLC0415  an extra
    except ModuleNotFoundError as problem:
        raise InputError(
            f"alpaca: {problem.name} is not installed; expected: pip install 'underwriter[alpaca]'"
        ) from problem
    return Wire(keys, clock, allowed)


class Alpaca:
    """The broker."""

    def __init__(self, wire: "Wire", clock: Clock, calendar: Calendar) -> None:
        self.wire, self.clock, self.calendar = wire, clock, calendar
        self._whose: dict[str, Whose] = {}  # by order and by leg: what they are of never changes

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return CAN

    def submit(self, ticket: Ticket) -> None:
        """Send an order; that there is one of its id is no second order, and no error."""
        why = why_not(ticket)
        if why:
            raise RefusedError(f"alpaca: order {ticket.client} is not sent: {why}")
        try:
            self.wire.send(order_fields(ticket))
        except AnsweredNoError as problem:
            if problem.code != _TWICE or self._is_missing(ticket.client):
                raise

    def cancel(self, client: str) -> None:
        """Ask for the end of an order, unless it has ended."""
        order = self._order(client)
        if order is None:
            raise RefusedError(f"alpaca: found no order {client} to cancel")
        if has_ended(order):
            return
        try:
            self.wire.ask(lambda: self.wire.trading.cancel_order_by_id(field(order, "id")))
        except AnsweredNoError as problem:
            if problem.status not in {_NOT_FOUND, _NOT_NOW}:  # it ended meanwhile
                raise

    def look_up(self, client: str) -> Found | None:
        """How an order stands."""
        try:
            order = self._order(client)
        except RefusedError as problem:
            raise DoubtError(str(problem)) from problem
        return None if order is None else found_of(client, order)

    def events(self, since: date) -> Iterable[Told]:
        """The account's activities of a day and later, oldest first."""
        rows, items, unread = readable(self._activities(since))
        wanted = [_as_signed(row, items[row.line - 1]) for row in rows if row.day >= since]
        silent = self._learn({row.order for row in wanted} - {"", *self._whose}, since)
        return [
            *(Told(nothing_of(number, since, why), unread=why) for number, why in unread.items()),
            *(
                _told(row, self._whose.get(row.order, NOBODYS), silent.get(row.order, ""))
                for row in wanted
            ),
        ]

    def statement(self) -> Statement:
        """Cash and positions."""
        account = self.wire.ask(self.wire.trading.get_account)
        positions = self.wire.ask(self.wire.trading.get_all_positions)
        today = day_of(self.calendar.day_at(self.clock.now()))
        currency = field(account, "currency") or "USD"
        if not field(account, "cash"):
            raise DoubtError("alpaca: expected an account with its cash, found none")
        return Statement(
            path="alpaca", broker="alpaca", layout="account",
            account=field(account, "account_number"), currency=currency, first=today, last=today,
            rows=(), cash_u={currency: micro(number(account, "cash"))},
            holdings=dict(sorted(_held(each) for each in _listed(positions))),
        )  # fmt: skip

    # --- what is asked ---

    def _order(self, client: str) -> Any:  # noqa: ANN401  what JSON holds
        """An order by our id; None where Alpaca itself says that it knows none."""
        try:
            return self.wire.ask(lambda: self.wire.trading.get_order_by_client_id(client))
        except AnsweredNoError as problem:
            if (problem.status, problem.code) == (_NOT_FOUND, _NO_ORDER):
                return None
            raise

    def _is_missing(self, client: str) -> bool:
        """Whether Alpaca knows no order after it said that there is one; DoubtError if unsure."""
        return self.look_up(client) is None

    def _activities(self, since: date) -> list[Any]:
        """Every activity from a day on, oldest first, page by page.

        An option that ended and its shares may have one id, and the end of a page may fall between
        them: the next page begins before the last id, and what came twice is left out.
        """
        size, found, token = self.wire.terms.page, list[Any](), ""
        while True:
            asked: dict[str, Any] = {
                "after": (since - _DAY).isoformat(), "direction": "asc", "page_size": size,
            }  # fmt: skip
            page = self._page(
                "/account/activities", asked | ({"page_token": token} if token else {})
            )
            found += [each for each in page if each not in found[-size:]]
            if len(page) < size:
                return found
            names = [field(each, "id") for each in page]
            others = [name for name in names if name != names[-1]]
            after = others[-1] if others else names[-1]
            if not after or after == token:
                raise DoubtError("alpaca: expected another page of activities, found the same")
            token = after

    def _learn(self, names: set[str], since: date) -> dict[str, str]:
        """Learn whose some orders are: by the list of them, else one by one.

        Of which nobody says so, why: their fills are not booked as anybody else's.
        """
        silent: dict[str, str] = {}
        if not names:
            return silent
        for order in self._orders(since):
            self._whose |= whose(order)
        for name in sorted(names - {*self._whose}):
            try:
                order = self.wire.ask(partial(self.wire.trading.get_order_by_id, name))
            except AnsweredNoError as problem:
                if problem.status != _NOT_FOUND:
                    silent[name] = f"alpaca: whose order {name} is, is not known: {problem}"
                else:
                    self._whose[name] = NOBODYS
            else:
                self._whose |= {name: NOBODYS} | whose(order)
        return silent

    def _orders(self, since: date) -> list[Any]:
        """Every order from the day before a day on, with its legs, page by page."""
        found: dict[str, Any] = {}
        after = datetime.combine(since - _DAY, time(), _NEW_YORK).astimezone(UTC).isoformat()
        while True:
            page = self._page("/orders", {
                "status": "all", "nested": "true", "direction": "asc", "limit": _ORDERS,
                "after": after,
            })  # fmt: skip
            new = {field(each, "id"): each for each in page}
            if len(page) < _ORDERS or not new.keys() - found.keys():
                return [*(found | new).values()]
            found |= new
            after = field(page[-1], "submitted_at")

    def _page(self, path: str, asked: Mapping[str, Any]) -> list[Any]:
        return _listed(self.wire.ask(lambda: self.wire.trading.get(path, dict(asked))))


def _listed(answer: object) -> list[Any]:
    """An answer that has to be a list."""
    if not isinstance(answer, list):
        raise DoubtError("alpaca: expected a list, found another JSON")
    return answer


def _as_signed(row: Row, item: object) -> Row:
    """A row of an option that ended without shares, with the sign that Alpaca gives, and unsure.

    An export is read from its first day, and what is held then gives the sign.  These rows begin
    anywhere: what is held in the book gives it, when they are booked.
    """
    if row.kind not in {Kind.EXPIRATION, Kind.SETTLEMENT}:
        return row
    return msgspec.structs.replace(row, quantity_u=micro(number(item, "qty")), sided=False)


def _told(row: Row, of: Whose, unread: str = "") -> Told:
    """A fact with our id of its order, and whether its option opens or closes, as was said then."""
    if unread:
        return Told(row, unread=unread)
    if row.kind is not Kind.TRADE or row.instrument is None or row.instrument.option is None:
        return Told(row, of.client)
    effect = of.effects.get(compact(row.instrument.option), row.effect)
    return Told(msgspec.structs.replace(row, effect=effect), of.client)


def _held(position: object) -> tuple[str, int]:
    """What a position is of, and how much, short below zero whichever way that is written."""
    symbol, quantity = field(position, "symbol"), micro(number(position, "qty"))
    if field(position, "side") == "short":
        quantity = -abs(quantity)
    if field(position, "asset_class") != "us_option":
        return symbol, quantity
    try:
        return osi_option(symbol).key, quantity
    except ValueError as expected:
        raise DoubtError(f"alpaca: expected {expected}, found {symbol!r}") from None
