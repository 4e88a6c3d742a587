"""Ledgers in plain text: the journal, then the expected book.

2026-01-02 deposit 20,000.00
2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 fee 0.66
2026-02-20 assigned KO 60 P, 100 shares
=> cash 14,084.34 · KO 100 shares · breakeven 59.1566 · campaign open

Also: interest 1.25; bought (as sold); sold 100 KO shares @ 61.20 fee 0.02; expired KO 60 P;
assigned, called away or exercised KO 60 P, 100 shares [fee 0.02]; settled SPX 5900 P at 5,850.00;
dividend KO 0.51; split AAPL 7:1.  A first mention of an underlying opens its sleeve.  What is sold
closes a long leg of that contract, else opens or adds to a short one; a second short leg takes the
roll's slot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from underwriter.book.event import (
    AnyEvent,
    Assigned,
    Deposited,
    DividendReceived,
    Expired,
    Filled,
    InterestPaid,
    Settled,
    SleeveOpened,
    Split,
)
from underwriter.book.fold import Book, fold
from underwriter.core.contract import CALL, PUT, Contract, unpack
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_LONG,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
    share_money_u,
)
from underwriter.core.units import MICRO

MULTIPLIER = 100
RIGHTS = {"P": PUT, "C": CALL}
SLOT = {(-1, PUT): SHORT_PUT, (1, PUT): LONG_PUT, (-1, CALL): SHORT_CALL, (1, CALL): LONG_CALL}
ROLL = {-1: ROLL_SHORT, 1: ROLL_LONG}

OPTION = r"(?P<side>sold|bought) (?P<n>\d+) (?P<name>\w+) (?P<expiry>[\d-]+) (?P<right>[PC]) "
OPTION += r"(?P<strike>[\d.]+) @ (?P<price>[\d.]+)"
SHARES = r"(?P<side>sold|bought) (?P<n>\d+) (?P<name>\w+) shares @ (?P<price>[\d.]+)"
ASSIGNED = r"(?:assigned|called away|exercised) (?P<name>\w+) (?P<strike>[\d.]+) (?P<right>[PC]), "
ASSIGNED += r"(?P<n>\d+) shares"
EXPIRED = r"expired (?P<name>\w+) (?P<strike>[\d.]+) (?P<right>[PC])"
SETTLED = r"settled (?P<name>\w+) (?P<strike>[\d.]+) (?P<right>[PC]) at (?P<price>[\d.]+)"
SPLIT = r"split (?P<name>\w+) (?P<new>\d+):(?P<old>\d+)"
DIVIDEND = r"dividend (?P<name>\w+) (?P<price>[\d.]+)"


def micro(text: str) -> int:
    return int(Decimal(text) * MICRO)


@dataclass
class Ledger:
    """A ledger being read: the events so far, and what is open."""

    events: list[AnyEvent] = field(default_factory=list)
    sleeves: dict[str, int] = field(default_factory=dict)
    legs: dict[tuple[str, int], tuple[Contract, int]] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    day: date = date(2026, 1, 1)
    account: str = "main"
    first: int = 0  # the number of its first sleeve

    def common(self) -> dict[str, Any]:
        """What every event carries on the day being read."""
        at = datetime.combine(self.day, datetime.min.time(), UTC)
        return {"at": int(at.timestamp()) * 10**9, "session": self.day, "account": self.account}

    def seat(self, name: str) -> dict[str, Any]:
        """What every event of a sleeve carries; the sleeve is opened where it is new."""
        seat = {**self.common(), "campaign": 0, "policy": "p"}
        if name not in self.sleeves:
            self.sleeves[name] = self.first + len(self.sleeves)
            seat["sleeve"] = self.sleeves[name]
            opened = SleeveOpened(
                **seat, name="ledger", underlying=name, root=name, multiplier=MULTIPLIER
            )
            self.events.append(opened)
        return seat | {"sleeve": self.sleeves[name]}

    def slot_for(self, name: str, contract: Contract, sign: int) -> int:
        """The slot that a sale (-1) or a purchase (1) of a contract moves."""
        opposite, own = SLOT[-sign, contract.right], SLOT[sign, contract.right]
        for ended in (opposite, ROLL[-sign]):
            if self.legs.get((name, ended), (None,))[0] == contract:
                return ended
        held = self.legs.get((name, own))
        return own if held is None or held[0] == contract else ROLL[sign]

    def find(self, name: str, strike: str, right: str) -> tuple[int, Contract, int]:
        """The slot, contract and quantity of an open leg."""
        for (owner, slot), (contract, quantity) in self.legs.items():
            same = contract.strike == Decimal(strike) and contract.right == RIGHTS[right]
            if owner == name and same:
                return slot, contract, quantity
        raise AssertionError(f"ledger: no open leg {name} {strike} {right}")

    def move(self, kind: type[Any], name: str, contract: Contract | None, **what: int) -> None:
        """Add one event of a leg or of shares, and remember what is open."""
        change = {"slot": 0, "quantity": 0, "shares": 0, "amount_u": 0, "fee_u": 0} | what
        option = contract.osi() if contract else None
        self.events.append(kind(**self.seat(name), option=option, **{"price_u": 0} | change))
        self.shares[name] = self.shares.get(name, 0) + change["shares"]
        if contract is None:
            return
        at = name, change["slot"]
        left = self.legs.get(at, (contract, 0))[1] + change["quantity"]
        self.legs[at] = contract, left
        if left == 0:
            del self.legs[at]

    def option(self, got: dict[str, str], fee_u: int) -> None:
        """A trade in an option."""
        sign = -1 if got["side"] == "sold" else 1
        expiry = date.fromisoformat(got["expiry"])
        contract = Contract(
            got["name"], expiry, RIGHTS[got["right"]], Decimal(got["strike"]).normalize()
        )
        quantity, price_u = sign * int(got["n"]), micro(got["price"])
        self.move(
            Filled,
            got["name"],
            contract,
            slot=self.slot_for(got["name"], contract, sign),
            quantity=quantity,
            price_u=price_u,
            amount_u=-quantity * price_u * MULTIPLIER,
            fee_u=fee_u,
        )

    def stock(self, got: dict[str, str], fee_u: int) -> None:
        """A trade in shares."""
        shares = int(got["n"]) * (-1 if got["side"] == "sold" else 1)
        price_u = micro(got["price"])
        amount_u = -shares * price_u
        self.move(
            Filled,
            got["name"],
            None,
            shares=shares,
            price_u=price_u,
            amount_u=amount_u,
            fee_u=fee_u,
        )

    def assigned(self, got: dict[str, str], fee_u: int) -> None:
        """Shares moved at the strike, at our side or at theirs."""
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        contracts = int(got["n"]) // MULTIPLIER * (1 if held > 0 else -1)
        shares = contracts * MULTIPLIER * (1 if contract.right == CALL else -1)
        self.move(
            Assigned,
            got["name"],
            contract,
            slot=slot,
            quantity=-contracts,
            shares=shares,
            amount_u=-shares * micro(got["strike"]),
            fee_u=fee_u,
        )

    def expired(self, got: dict[str, str], fee_u: int) -> None:
        """The whole leg ended without value."""
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        self.move(Expired, got["name"], contract, slot=slot, quantity=-held, fee_u=fee_u)

    def settled(self, got: dict[str, str], fee_u: int) -> None:
        """The whole leg ended in cash."""
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        gain_u = micro(got["price"]) - micro(got["strike"])
        inside_u = max(gain_u if contract.right == CALL else -gain_u, 0)
        self.move(
            Settled,
            got["name"],
            contract,
            slot=slot,
            quantity=-held,
            price_u=micro(got["price"]),
            amount_u=held * MULTIPLIER * inside_u,
            fee_u=fee_u,
        )

    def dividend(self, got: dict[str, str], fee_u: int) -> None:
        """Cash on the shares held."""
        assert fee_u == 0
        shares, each_u = self.shares[got["name"]], micro(got["price"])
        self.events.append(
            DividendReceived(
                **self.seat(got["name"]),
                shares=shares,
                per_share_u=each_u,
                amount_u=shares * each_u,
            )
        )

    def split(self, got: dict[str, str], fee_u: int) -> None:
        """More of every leg and of the shares; strikes to the nearest cent."""
        assert fee_u == 0
        name, new, old = got["name"], int(got["new"]), int(got["old"])
        told = {**self.seat(name), "new": new, "old": old}
        for (owner, slot), (contract, quantity) in list(self.legs.items()):
            if owner == name:
                exact = contract.strike * old / new
                strike = exact.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
                became, count = contract._replace(strike=strike), quantity * new // old
                change = {"slot": slot, "quantity": count - quantity, "shares": 0}
                self.events.append(Split(**told, **change, option=became.osi()))
                self.legs[owner, slot] = became, count
        held = self.shares.get(name, 0)
        if held:
            change = {"slot": 0, "quantity": 0, "shares": held * new // old - held}
            self.events.append(Split(**told, **change, option=None))
            self.shares[name] = held * new // old

    def read(self, line: str) -> None:
        """Take one line."""
        day, _, what = " ".join(line.replace(",", "").split()).partition(" ")
        self.day = date.fromisoformat(day)
        what, _, fee = what.partition(" fee ")
        word, _, amount = what.partition(" ")
        if word == "deposit":
            self.events.append(Deposited(**self.common(), amount_u=micro(amount)))
        elif word == "interest":
            self.events.append(InterestPaid(**self.common(), amount_u=micro(amount)))
        else:
            self.read_sleeve_line(what, micro(fee or "0"))

    def read_sleeve_line(self, what: str, fee_u: int) -> None:
        """Take what a line says of one underlying."""
        for pattern, book in (
            (OPTION, self.option),
            (SHARES, self.stock),
            (ASSIGNED.replace(",", ""), self.assigned),
            (EXPIRED, self.expired),
            (SETTLED, self.settled),
            (DIVIDEND, self.dividend),
            (SPLIT, self.split),
        ):
            match = re.fullmatch(pattern, what)
            if match:
                book(match.groupdict(), fee_u)
                return
        raise AssertionError(f"ledger: cannot read {what!r}")


def money(amount_u: int, places: int = 2) -> str:
    return f"{Decimal(amount_u) / MICRO:,.{places}f}"


def leg_text(name: str, key: int, quantity: int) -> str:
    contract = unpack(key, name)
    right = "C" if contract.right == CALL else "P"
    return f"{name} {quantity} {contract.expiry} {right} {contract.strike.normalize():f}"


def sleeve_parts(book: Book, at: int) -> Iterator[str]:
    sleeve, name = book.state.sleeves[at], book.sleeves[at].underlying
    if sleeve.shares:
        yield f"{name} {sleeve.shares} shares"
    for key, quantity in zip(sleeve.contract, sleeve.quantity, strict=True):
        if quantity:
            yield leg_text(name, int(key), int(quantity))
    if sleeve.shares:
        yield f"breakeven {money(int(share_money_u(sleeve)) // int(sleeve.shares), 4)}"
    last = [c for c in book.campaigns if c.sleeve == book.sleeves[at].sleeve][-1]
    yield "campaign open" if last.result_u is None else f"campaign earned {money(last.result_u)}"


def book_text(book: Book) -> str:
    """A book in one line, as ledgers expect it."""
    assert not book.strays
    parts = [f"cash {money(int(book.state.accounts[0].cash_u))}"]
    for at in range(len(book.sleeves)):
        parts += sleeve_parts(book, at)
    return " · ".join(parts)


def events_of(text: str) -> list[AnyEvent]:
    """The events of a ledger's lines."""
    ledger = Ledger()
    for line in text.strip().splitlines():
        if not line.strip().startswith("=>"):
            ledger.read(line.strip())
    return ledger.events


def check(text: str) -> Book:
    """Fold a ledger piece by piece; the book must say what each `=>` expects."""
    ledger, book, done = Ledger(), fold([]), 0
    for line in map(str.strip, text.strip().splitlines()):
        if line.startswith("=>"):
            book = fold(ledger.events[done:], book)
            done = len(ledger.events)
            assert book_text(book) == line.removeprefix("=>").strip()
        else:
            ledger.read(line)
    assert done == len(ledger.events), "a ledger ends with what it expects"
    return book
