"""The lines of `ledger_text`, and what a broker tells: events of the ledgers of `case_text`.

2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 #7          #7: the id that its teller gave it
2026-01-05 sold 1 KO 2026-02-20 P 60 @ 0.85 by c1 #7    a fill of the order c1
2026-02-20 inferred assigned KO 60 P, 100 shares        from a change of positions; or by hand
2026-01-05 in ira bought 100 KO shares @ 60.00          another account than main
2026-01-01 account cash, us_deferred                    its collateral, and how it is taxed
2026-02-21 busted 7
2026-02-21 corrected 7 to 100 shares for -5,210.00
2026-02-10 order c1 to roll 1 KO 2026-02-20 P 60 and -1 KO 2026-03-20 P 58
2026-02-10 order c1 acknowledged                        or sent, cancelled, unknown ...
2026-02-10 moved KO 58 P                                of a roll, into the place of the old one
2026-02-10 adjusted KO 62 C to 60.76                    another strike
2026-02-10 adjusted KO 62 C to KO1, 12 shares and 5.00  another root, what it delivers
2026-02-20 delivered KO 62 C, 12 shares for 6,195.00    of a contract that was adjusted
2026-03-13 dividend KO 0.51 on 100 shares               that may be gone
2026-02-10 fewer KO shares 1:8                          a reverse split of the shares alone
2026-02-10 returned KO 5.00                             cash off what the shares cost
2026-02-10 ended KO for 0.00                            all shares, for cash or for nothing
2026-02-10 ended KO 62 C for -300.00                    a leg, in cash
2026-02-10 renamed KO to KOX
2026-01-05 owned 100 KO shares for 5,210.00 since 2024-03-01
2026-02-20 spun off 10 PEP shares for 600.00 of KO since 2026-01-05
2026-01-20 wrote 1 KO1 2026-03-20 P 60 @ 0.50 on KO     an option of another root than its sleeve's
2026-02-20 charged 3.00                                 a fee of no trade
"""

# ruff: noqa: D102  each method takes the line of its name

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from book.ledger_text import MULTIPLIER, RIGHTS, Ledger, micro
from underwriter.book.event import (
    AccountOpened,
    Adjusted,
    Assigned,
    Busted,
    CapitalReturned,
    Charged,
    Corrected,
    DividendReceived,
    Filled,
    Leg,
    Moved,
    OrderIntended,
    OrderTold,
    Renamed,
    Settled,
    Split,
    Transferred,
)
from underwriter.core.contract import CALL, Contract

LEG = r"(?P<name>\w+) (?P<strike>[\d.]+) (?P<right>[PC])"
ORDERED = r"(?P<n>-?\d+) (?P<name>\w+) (?P<expiry>[\d-]+) (?P<right>[PC]) (?P<strike>[\d.]+)"
SHARES = r"(?P<n>\d+) (?P<name>\w+) shares"


class Told(Ledger):
    """A ledger with a broker's own words in it."""

    def read(self, line: str) -> None:
        line, _, identity = line.partition(" #")
        line, _, client = line.partition(" by c")
        day, _, what = " ".join(line.replace(",", "").split()).partition(" ")
        self.day = date.fromisoformat(day)
        source, what = next(
            ((each, what.removeprefix(f"{each} ")) for each in SOURCES if what.startswith(each)),
            ("", what),
        )
        if not self.read_told(what):
            super().read(f"{day} {what}")
        more = {"id": identity, "source": source, "client": client and f"c{client}"}
        told = {name: text for name, text in more.items() if text}
        self.events[-1] = replace(self.events[-1], **told)  # type: ignore[arg-type]

    def read_told(self, what: str) -> bool:
        """Take a line of this language, if it is one."""
        ways: dict[str, Callable[[dict[str, str]], None]] = {
            r"account (?P<collateral>\w+) (?P<tax>\w+)": self.opened,
            r"busted (?P<of>\w+)": self.busted,
            r"corrected (?P<of>\w+) to (?P<n>\d+) shares for (?P<cash>-?[\d.]+)": self.corrected,
            r"order (?P<client>\w+) to (?P<action>\w+) (?P<legs>.*\d.*)": self.intended,
            r"order (?P<client>\w+) (?P<state>\w+)": self.stands,
            rf"moved {LEG}": self.moved,
            rf"adjusted {LEG} to (?P<new>[\d.]+)": self.lowered,
            rf"adjusted {LEG} to (?P<root>\w+) (?P<n>\d+) shares "
            r"and (?P<cash>[\d.]+)": self.renewed,
            rf"delivered {LEG} (?P<n>\d+) shares for (?P<cash>[\d.]+)": self.delivered,
            r"dividend (?P<name>\w+) (?P<each>[\d.]+) on (?P<n>\d+) shares": self.paid,
            r"fewer (?P<name>\w+) shares (?P<new>\d+):(?P<old>\d+)": self.fewer,
            r"returned (?P<name>\w+) (?P<cash>[\d.]+)": self.returned,
            rf"ended {LEG} for (?P<cash>-?[\d.]+)": self.ended_leg,
            r"ended (?P<name>\w+) for (?P<cash>[\d.]+)": self.ended,
            r"renamed (?P<name>\w+) to (?P<new>\w+)": self.renamed,
            rf"owned {SHARES} for (?P<cash>[\d.]+) since (?P<since>[\d-]+)": self.owned,
            rf"spun off {SHARES} for (?P<cash>[\d.]+) of (?P<of>\w+) "
            r"since (?P<since>[\d-]+)": self.spun_off,
            rf"wrote {ORDERED} @ (?P<price>[\d.]+) on (?P<on>\w+)": self.wrote,
            r"charged (?P<cash>[\d.]+)": self.charged,
        }
        for pattern, way in ways.items():
            match = re.fullmatch(pattern, what)
            if match:
                way(match.groupdict())
                return True
        return False

    def opened(self, got: dict[str, str]) -> None:
        told: Any = got
        self.events.append(AccountOpened(**self.common(), broker="B", number="*1", **told))

    def busted(self, got: dict[str, str]) -> None:
        self.events.append(Busted(**self.common(), of=got["of"], why="told otherwise"))

    def corrected(self, got: dict[str, str]) -> None:
        figures = {"shares": int(got["n"]), "amount_u": micro(got["cash"])}
        none = {"quantity": 0, "price_u": 0, "fee_u": 0}
        self.events.append(Corrected(**self.common(), of=got["of"], **figures, **none))

    def intended(self, got: dict[str, str]) -> None:
        legs = []
        for text in got["legs"].split(" and "):
            match = re.fullmatch(ORDERED, text)
            assert match, f"ledger: cannot read the leg {text!r}"
            expiry, strike = date.fromisoformat(match["expiry"]), Decimal(match["strike"])
            contract = Contract(match["name"], expiry, RIGHTS[match["right"]], strike.normalize())
            legs.append(Leg(contract.osi(), int(match["n"])))
        self.events.append(
            OrderIntended(**self.seat(match["name"]), client=got["client"], action=got["action"],
                          legs=tuple(legs), shares=0, limit_u=0)
        )  # fmt: skip

    def stands(self, got: dict[str, str]) -> None:
        state: Any = got["state"]
        (name,) = self.sleeves
        self.events.append(OrderTold(**self.seat(name), client=got["client"], state=state))

    def moved(self, got: dict[str, str]) -> None:
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        told = {"slot": slot, "option": contract.osi()}
        self.events.append(Moved(**self.seat(got["name"]), **told))  # type: ignore[arg-type]
        del self.legs[got["name"], slot]
        sign = -1 if held < 0 else 1
        self.legs[got["name"], self.slot_for(got["name"], contract, sign)] = contract, held

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

    def paid(self, got: dict[str, str]) -> None:
        shares, each_u = int(got["n"]), micro(got["each"])
        told = {"shares": shares, "per_share_u": each_u, "amount_u": shares * each_u}
        self.events.append(DividendReceived(**self.seat(got["name"]), **told))

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

    def ended_leg(self, got: dict[str, str]) -> None:
        slot, contract, held = self.find(got["name"], got["strike"], got["right"])
        change = {"slot": slot, "quantity": -held, "amount_u": micro(got["cash"])}
        self.move(Settled, got["name"], contract, **change)

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

    def owned(self, got: dict[str, str]) -> None:
        what = {"shares": int(got["n"]), "amount_u": -micro(got["cash"])}
        self.move(Transferred, got["name"], None, **what, acquired=date.fromisoformat(got["since"]))

    def spun_off(self, got: dict[str, str]) -> None:
        since: Any = date.fromisoformat(got["since"])
        self.move(Transferred, got["of"], None, amount_u=micro(got["cash"]), acquired=since)
        self.owned(got)

    def wrote(self, got: dict[str, str]) -> None:
        expiry, strike = date.fromisoformat(got["expiry"]), Decimal(got["strike"]).normalize()
        contract = Contract(got["name"], expiry, RIGHTS[got["right"]], strike)
        change = {"slot": 0, "quantity": -int(got["n"]), "price_u": micro(got["price"])}
        self.move(Filled, got["on"], contract, **change, amount_u=micro(got["price"]) * MULTIPLIER)

    def charged(self, got: dict[str, str]) -> None:
        self.events.append(Charged(**self.common(), amount_u=-micro(got["cash"]), what="fee"))


SOURCES = "inferred", "by hand"
