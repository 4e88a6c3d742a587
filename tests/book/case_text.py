"""Ledgers of what goes wrong, in plain text: the lines of `ledger_text`, and what a broker tells.

2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 #7          #7: the id that its teller gave it
2026-02-20 inferred assigned KO 60 P, 100 shares        from a change of positions
2026-02-21 busted 7
2026-02-10 order c1 to close 1 KO 2026-02-20 P 60       signed: what it changes
2026-02-10 order c1 acknowledged                        or sent, cancelled, unknown ...
2026-02-10 adjusted KO 62 C to 60.76                    another strike
2026-02-10 adjusted KO 62 C to KO1, 12 shares and 5.00  another root, what it delivers
2026-02-20 delivered KO 62 C, 12 shares for 6,195.00    of a contract that was adjusted
2026-02-10 fewer KO shares 1:8                          a reverse split of the shares alone
2026-02-10 returned KO 5.00                             cash off what the shares cost
2026-02-10 ended KO for 0.00                            all shares, for cash or for nothing
2026-02-10 renamed KO to KOX

=> cash ...            the book, as in `ledger_text`
=> held KO1 ...        every leg by its own name
=> orders c1 sent      those that live, then how the others ended
=> told twice 4        events that were repeats
=> refused ...         the reason of the last stray, in part
=> income 2026-01 84.34 · 2026-02 -3.00
"""

# ruff: noqa: D102  each method takes the line of its name

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from book.ledger_text import MULTIPLIER, RIGHTS, Ledger, book_text, micro, money
from underwriter.book.event import (
    Adjusted,
    Assigned,
    Busted,
    CapitalReturned,
    Leg,
    OrderIntended,
    OrderTold,
    Renamed,
    Settled,
    Split,
)
from underwriter.book.fold import Book, fold
from underwriter.book.positions import holdings
from underwriter.core.contract import CALL, Contract
from underwriter.report.views import months

LEG = r"(?P<name>\w+) (?P<strike>[\d.]+) (?P<right>[PC])"


class Told(Ledger):
    """A ledger with a broker's own words in it."""

    def read(self, line: str) -> None:
        line, _, identity = line.partition(" #")
        day, _, what = " ".join(line.replace(",", "").split()).partition(" ")
        self.day = date.fromisoformat(day)
        inferred = what.startswith("inferred ")
        what = what.removeprefix("inferred ")
        if not self.read_told(what):
            super().read(f"{day} {what}")
        if identity:
            self.events[-1] = replace(self.events[-1], id=identity)
        if inferred:
            self.events[-1] = replace(self.events[-1], source="inferred")  # type: ignore[call-arg]

    def read_told(self, what: str) -> bool:
        """Take a line of this language, if it is one."""
        ways: dict[str, Callable[[dict[str, str]], None]] = {
            r"busted (?P<of>\w+)": self.busted,
            r"order (?P<client>\w+) to (?P<action>\w+) (?P<n>-?\d+) (?P<name>\w+) "
            r"(?P<expiry>[\d-]+) (?P<right>[PC]) (?P<strike>[\d.]+)": self.intended,
            r"order (?P<client>\w+) (?P<state>\w+)": self.stands,
            rf"adjusted {LEG} to (?P<new>[\d.]+)": self.lowered,
            rf"adjusted {LEG} to (?P<root>\w+) (?P<n>\d+) shares "
            r"and (?P<cash>[\d.]+)": self.renewed,
            rf"delivered {LEG} (?P<n>\d+) shares for (?P<cash>[\d.]+)": self.delivered,
            r"fewer (?P<name>\w+) shares (?P<new>\d+):(?P<old>\d+)": self.fewer,
            r"returned (?P<name>\w+) (?P<cash>[\d.]+)": self.returned,
            r"ended (?P<name>\w+) for (?P<cash>[\d.]+)": self.ended,
            r"renamed (?P<name>\w+) to (?P<new>\w+)": self.renamed,
        }
        for pattern, way in ways.items():
            match = re.fullmatch(pattern, what)
            if match:
                way(match.groupdict())
                return True
        return False

    def busted(self, got: dict[str, str]) -> None:
        self.events.append(Busted(**self.common(), of=got["of"], why="told otherwise"))

    def intended(self, got: dict[str, str]) -> None:
        expiry, strike = date.fromisoformat(got["expiry"]), Decimal(got["strike"]).normalize()
        option = Contract(got["name"], expiry, RIGHTS[got["right"]], strike).osi()
        self.events.append(
            OrderIntended(**self.seat(got["name"]), client=got["client"], action=got["action"],
                          legs=(Leg(option, int(got["n"])),), shares=0, limit_u=0)
        )  # fmt: skip

    def stands(self, got: dict[str, str]) -> None:
        state: Any = got["state"]
        (name,) = self.sleeves
        self.events.append(OrderTold(**self.seat(name), client=got["client"], state=state))

    def lowered(self, got: dict[str, str]) -> None:
        self.adjust(got, MULTIPLIER, "0", strike=Decimal(got["new"]))

    def renewed(self, got: dict[str, str]) -> None:
        self.adjust(got, int(got["n"]), got["cash"], root=got["root"])

    def adjust(self, got: dict[str, str], shares: int, cash: str, **new: Any) -> None:  # noqa: ANN401
        slot, was, held = self.find(got["name"], got["strike"], got["right"])
        became = was._replace(**new)
        self.legs[got["name"], slot] = became, held
        self.events.append(
            Adjusted(**self.seat(got["name"]), slot=slot, was=was.osi(), option=became.osi(),
                     shares=shares, cash_u=micro(cash), why="by the OCC")
        )  # fmt: skip

    def delivered(self, got: dict[str, str]) -> None:
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        sign = (1 if held > 0 else -1) * (1 if contract.right == CALL else -1)
        shares = sign * int(got["n"])
        self.move(Assigned, got["name"], contract, slot=slot, quantity=-held, shares=shares,
                  amount_u=-sign * micro(got["cash"]))  # fmt: skip

    def fewer(self, got: dict[str, str]) -> None:
        held, new, old = self.shares[got["name"]], int(got["new"]), int(got["old"])
        change = {"slot": 0, "quantity": 0, "shares": held * new // old - held}
        self.shares[got["name"]] += change["shares"]
        told = self.seat(got["name"])
        self.events.append(Split(**told, **change, option=None, new=new, old=old))

    def returned(self, got: dict[str, str]) -> None:
        shares, amount_u = self.shares[got["name"]], micro(got["cash"])
        told = self.seat(got["name"])
        self.events.append(CapitalReturned(**told, shares=shares, amount_u=amount_u))

    def ended(self, got: dict[str, str]) -> None:
        held = self.shares[got["name"]]
        self.move(Settled, got["name"], None, shares=-held, amount_u=micro(got["cash"]))

    def renamed(self, got: dict[str, str]) -> None:
        name, new = got["name"], got["new"]
        self.events.append(Renamed(**self.seat(name), underlying=new, root=new))
        self.sleeves[new] = self.sleeves.pop(name)
        self.shares[new] = self.shares.pop(name, 0)
        for (owner, slot), (contract, held) in list(self.legs.items()):
            if owner == name:
                del self.legs[owner, slot]
                self.legs[new, slot] = contract._replace(root=new), held


def said(ledger: Told, book: Book, wanted: str) -> str:
    """What a book says of the thing that an expectation begins with."""
    word, _, rest = wanted.partition(" ")
    if word == "held":
        legs = [str(leg.contract) for each in holdings(book) for leg in each.legs]
        return " · ".join(["held", *legs]).replace(" · ", " ", 1)
    if word == "orders":
        live = [f"{client} {order.state}" for (_, client), order in book.orders.live.items()]
        return "orders " + " · ".join(
            live + [f"{client} {state}" for (_, client), state in book.orders.ended.items()]
        )
    if word == "told":
        return f"told twice {' '.join(map(str, book.repeats))}"
    if word == "refused":
        return (
            f"refused {rest}" if book.strays and rest in book.strays[-1].text else str(book.strays)
        )
    if word == "income":
        found = months(ledger.events).items()
        return "income " + " · ".join(f"{name} {money(month.income_u)}" for name, month in found)
    return book_text(book)


def check(text: str) -> Book:
    """Fold a ledger piece by piece; the book must say what each `=>` expects."""
    ledger, book, done = Told(), fold([]), 0
    for line in map(str.strip, text.strip().splitlines()):
        if line.startswith("=>"):
            book = fold(ledger.events[done:], book)
            done = len(ledger.events)
            wanted = line.removeprefix("=>").strip()
            found = said(ledger, book, wanted)
            assert found == wanted, f"{found!r}, not {wanted!r}"
        else:
            ledger.read(line)
    assert done == len(ledger.events), "a ledger ends with what it expects"
    return book
