"""`underwriter book record`: what happened elsewhere, written into a journal by hand."""

import re
import time
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from typing import Any, Literal, NamedTuple

import msgspec

from underwriter.app.evening import book_of
from underwriter.book.currency import decimal
from underwriter.book.event import (
    AccountOpened,
    AnyEvent,
    Assigned,
    BookOpened,
    Charged,
    Collateral,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    LegEvent,
    Settled,
    Taxation,
    Transferred,
)
from underwriter.book.fold import Book, fold
from underwriter.book.journal import Journal, exists
from underwriter.book.place import Place
from underwriter.book.plausible import doubts
from underwriter.book.seating import MULTIPLIER, Trade, places
from underwriter.book.seating import Place as Seat
from underwriter.book.told import moved_u, told
from underwriter.core.contract import CALL, PUT, Contract, intrinsic_u, osi_root, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO

Action = Literal["sell", "buy", "expire", "assign", "exercise", "settle"]
_SYMBOL = re.compile(r"[A-Z][A-Z0-9./]{0,9}")
_RIGHTS = {"P": PUT, "C": CALL}
_SHOWN = 4  # characters of an account's number


class Terms(NamedTuple):
    """What a new account is."""

    broker: str = "by hand"
    number: str = ""
    collateral: Collateral = "cash"
    tax: Taxation = "us_taxable"
    currency: str = "USD"


class Where(NamedTuple):
    """Where something is written, and when it happened."""

    journal: Place
    account: str | None
    day: date
    terms: Terms | None  # of what is created; None: nothing may be
    source: str = "records by hand"  # of a journal that is made


class EventWritten(msgspec.Struct, frozen=True):
    """One event of a record."""

    event: int  # its sequence in the journal
    id: str  # by which it is corrected; "" of one that cannot be
    kind: str
    text: str


class Recorded(msgspec.Struct, frozen=True):
    """What `book record --json` prints."""

    journal: str
    account: str
    written: bool
    events: list[EventWritten]
    doubts: list[str]  # prices out of scale beside what is known


class Draft:
    """A record before it is written: checked in full against the book it goes into."""

    def __init__(self, where: Where) -> None:
        self.where = where
        fresh = not exists(where.journal)
        if fresh and where.terms is None:
            raise InputError(f"{where.journal}: found no such journal; expected one, or --create")
        self.book = fold(()) if fresh else book_of(where.journal, None).book
        self.fresh, self.began = fresh, self.book
        self.before = self.book.events
        self.events: list[AnyEvent] = []
        self.account = self._account()
        if fresh:
            self.add(
                BookOpened,
                version=version("underwriter"),
                quotes="none",
                source=where.source,
                policies={},
                settings={},
            )
        if self.account not in self.book.accounts and where.terms is not None:
            terms = where.terms
            hidden = "*" * (len(terms.number) - _SHOWN) + terms.number[-_SHOWN:]
            self.add(AccountOpened, broker=terms.broker, number=hidden,
                      collateral=terms.collateral, tax=terms.tax,
                      currency=terms.currency)  # fmt: skip

    def _account(self) -> str:
        """The account that is asked for, or the only one."""
        known, asked = self.book.accounts, self.where.account
        if asked is None and len(known) > 1:
            raise InputError(f"--account: found none; expected one of: {', '.join(known)}")
        name = asked or (known[0] if known else "main")
        if name not in known and self.where.terms is None:
            found = ", ".join(known) or "none"
            raise InputError(f"--account: found {name!r}; expected --create, or one of: {found}")
        return name

    def _common(self) -> dict[str, Any]:
        noon = datetime.combine(self.where.day, datetime.min.time(), UTC)
        return {
            "at": int(noon.timestamp()) * 10**9,
            "session": self.where.day,
            "account": self.account,
        }

    def add(self, kind: type[Any], **what: object) -> None:
        """Add an event without an id; InputError where the book does not take it."""
        event = kind(**{**self._common(), **what})
        book = fold([event], self.book)
        if len(book.strays) > len(self.book.strays):
            raise InputError(f"record: {book.strays[-1].text}")
        self.book = book
        self.events.append(event)

    def say(self, kind: type[Any], **what: object) -> None:
        """Add an event of this record, with an id of its own."""
        self.add(kind, id=f"hand-{self.book.events + 1}", **what)

    def trade(self, kind: type[LegEvent], trade: Trade, legs: "Figures", **more: object) -> None:
        """Add the parts of a trade, each where it belongs; the fee goes with the first."""
        found = places(self.book, trade)
        if sum(one.quantity for one in found) != trade.quantity:
            what = trade.contract or f"{trade.underlying} shares"
            held = abs(sum(one.quantity for one in found))
            raise InputError(
                f"record: found {abs(trade.quantity)} of {what} to end; expected at most the "
                f"{held} held"
            )
        fee_u = legs.fee_u
        for place in found:
            if place.opened is not None:
                self.book = fold([place.opened], self.book)
                self.events.append(place.opened)
            figures = legs.of(place, trade.contract)
            self.say(kind, **_seat(place), slot=place.slot, fee_u=fee_u, source="by hand",
                     option=None if trade.contract is None else trade.contract.osi(),
                     **figures, **more)  # fmt: skip
            fee_u = 0

    def trade_of(
        self, underlying: str, contract: Contract | None, quantity: int, *, opens: bool
    ) -> Trade:
        """A trade of this record."""
        common = self._common()
        return Trade(
            self.account, underlying, contract, quantity, opens, self.where.day, common["at"]
        )

    def said(self, *, written: bool) -> Recorded:
        """What is to be written, or was."""
        roots = {opened.sleeve: opened.root for opened in self.book.sleeves}
        listed = [
            EventWritten(number, event.id or "", kind_of(event), _words(event, roots))
            for number, event in enumerate(self.events, self.before + 1)
        ]
        doubted = [one.text for one in doubts(self.began, self.events)]
        return Recorded(str(self.where.journal), self.account, written, listed, doubted)

    def write(self) -> None:
        """Append all of it, or nothing; InputError where the journal has changed meanwhile."""
        make = Journal.create if self.fresh else Journal.open
        with make(self.where.journal) as journal:
            if journal.head.sequence != self.before:
                raise InputError(f"{self.where.journal}: found events that were written meanwhile; "
                                 "expected none, so record it again")  # fmt: skip
            journal.append(self.events, time.time_ns())


def _words(event: AnyEvent, roots: dict[int, str]) -> str:
    """What is said of an event before it is written, and the cash that it moves."""
    cash_u = moved_u(event)
    return told(event, roots) + (
        "" if cash_u is None else f", cash {decimal(cash_u, event.currency)}"
    )


def _seat(place: Seat) -> dict[str, Any]:
    return {"sleeve": place.sleeve, "campaign": place.campaign, "policy": place.policy}


class Figures(NamedTuple):
    """What a unit of a trade brings: money by its price, shares where the option moves them."""

    price_u: int
    money_u: int  # a share or a contract's share, signed as of what leaves
    fee_u: int
    delivers: int = 0  # shares a contract that leaves brings in

    def of(self, place: Seat, contract: Contract | None) -> dict[str, int]:
        """The figures of a part."""
        size = 1 if contract is None else MULTIPLIER
        shares = place.quantity if contract is None else -place.quantity * self.delivers
        return {
            "quantity": 0 if contract is None else place.quantity,
            "shares": shares,
            "price_u": self.price_u,
            "amount_u": -place.quantity * size * self.money_u,
        }


def paid(where: Where, kind: Literal["deposit", "withdraw", "fee"], amount: str) -> Draft:
    """Money that came, went, or was charged."""
    draft, amount_u = Draft(where), money_of("AMOUNT", amount)
    if kind == "fee":
        draft.say(Charged, amount_u=-amount_u, what="fee")
    else:
        draft.say(Deposited, amount_u=amount_u if kind == "deposit" else -amount_u)
    return draft


class Priced(NamedTuple):
    """What a trade was done at; `owned` is the day since which it was held before this book."""

    price: str
    fee: str
    owned: date | None

    def figures(self, **more: int) -> Figures:
        """The same in millionths."""
        price_u = money_of("PRICE", self.price, least=0)
        return Figures(price_u, price_u, money_of("--fee", self.fee, least=0), **more)


def shares(where: Where, symbol: str, count: int, priced: Priced) -> Draft:
    """Shares bought, or sold where `count` is negative; or owned before, at their basis."""
    draft = Draft(where)
    trade = draft.trade_of(symbol_of(symbol), None, count, opens=True)
    _trade(draft, trade, priced)
    return draft


def _trade(draft: Draft, trade: Trade, priced: Priced) -> None:
    """A fill, or a position that was owned before."""
    if priced.owned is None:
        draft.trade(Filled, trade, priced.figures())
    elif priced.owned > draft.where.day:
        raise InputError(f"--owned-since {priced.owned}: expected a day up to {draft.where.day}")
    else:
        draft.trade(Transferred, trade, priced.figures(), acquired=priced.owned)


def option(where: Where, action: Action, name: str, contracts: int, priced: Priced) -> Draft:
    """Contracts traded, or what became of them; `contracts` without a sign."""
    draft, contract = Draft(where), contract_of(name)
    underlying = _underlying(draft.book, contract.root)
    if action in {"sell", "buy"}:
        quantity = -contracts if action == "sell" else contracts
        _trade(draft, draft.trade_of(underlying, contract, quantity, opens=True), priced)
        return draft
    quantity = contracts if action in {"assign", "expire", "settle"} else -contracts
    if action in {"expire", "settle"} and _is_long(draft, underlying, contract):
        quantity = -contracts
    trade = draft.trade_of(underlying, contract, quantity, opens=False)
    fee_u, strike_u = money_of("--fee", priced.fee, least=0), int(contract.strike * MICRO)
    if action == "expire":
        draft.trade(Expired, trade, Figures(0, 0, fee_u))
    elif action == "settle":
        price_u = money_of("PRICE", priced.price, least=0)
        worth_u = int(intrinsic_u(contract.key(1), price_u))
        draft.trade(Settled, trade, Figures(price_u, worth_u, fee_u))
    else:
        sign = 1 if contract.right == CALL else -1
        delivers = sign * MULTIPLIER
        draft.trade(Assigned, trade, Figures(strike_u, -sign * strike_u, fee_u, delivers))
    return draft


def _is_long(draft: Draft, underlying: str, contract: Contract) -> bool:
    """Whether the account holds a contract rather than owes it."""
    return bool(places(draft.book, draft.trade_of(underlying, contract, -1, opens=False)))


def _underlying(book: Book, root: str) -> str:
    """What the options of a root are on, as far as the book knows; else what they are called."""
    return next((one.underlying for one in book.instruments if one.root == root), root)


def dividend(where: Where, symbol: str, amount: str) -> Draft:
    """Cash on the shares an account holds; owed where it is short of them."""
    draft, name = Draft(where), symbol_of(symbol)
    amount_u = money_of("AMOUNT", amount)
    held = [
        (opened, int(sleeve.shares), int(sleeve.campaign))
        for opened, sleeve in zip(draft.book.sleeves, draft.book.state.sleeves, strict=True)
        if (opened.account, opened.underlying) == (draft.account, name) and sleeve.shares
    ]
    total = sum(count for _, count, _ in held)
    if total == 0:
        raise InputError(f"record: found a dividend on {name}; expected shares of it to be held")
    given, done = 0, 0
    for opened, count, campaign in held:
        done += count
        due = amount_u * done // total
        draft.say(DividendReceived, sleeve=opened.sleeve, campaign=campaign, policy=opened.policy,
                  shares=count, per_share_u=amount_u // abs(total),
                  amount_u=(due - given) * (1 if total > 0 else -1))  # fmt: skip
        given = due
    return draft


def kind_of(event: AnyEvent) -> str:
    """The type of an event, as it is stored."""
    return str(event.__struct_config__.tag)


def symbol_of(text: str) -> str:
    """A symbol; InputError for what is none."""
    if not _SYMBOL.fullmatch(text):
        raise InputError(f"SYMBOL: found {text!r}; expected one such as KO or BRK.B")
    return text


def contract_of(text: str) -> Contract:
    """A contract as "KO 2026-02-20 P 60" or as its OSI symbol; InputError for what is none."""
    words = text.split()
    if len(words) == len(("root", "expiry", "right", "strike")) and words[2] in _RIGHTS:
        root, expiry, right, strike = words
        strike_u = money_of("CONTRACT", strike)
        if strike_u % 1_000:
            raise InputError(f"CONTRACT: found a strike of {strike}; expected whole thousandths")
        contract = Contract(root, day_of("CONTRACT", expiry), _RIGHTS[right], Decimal(strike))
        return parse_osi(contract.osi(), (root,) if _SYMBOL.fullmatch(root) else ())
    return parse_osi(text, (osi_root(text),) if _SYMBOL.fullmatch(osi_root(text)) else ())


def day_of(where: str, text: str) -> date:
    """A day; InputError for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{where}: found {text!r}; expected a day, such as 2026-11-02") from error


def money_of(where: str, text: str, least: int = 1) -> int:
    """An amount in millionths; InputError for one that is under the least or finer than one."""
    try:
        amount_u = Decimal(text.replace(",", "")) * MICRO
        whole = amount_u == amount_u.to_integral_value()
    except InvalidOperation:
        whole, amount_u = False, Decimal(0)
    if not whole or not least <= amount_u < 10**18:
        sign = "above zero" if least else "of zero or more"
        raise InputError(
            f"{where}: found {text!r}; expected an amount {sign}, of at most six decimals"
        )
    return int(amount_u)
