"""The chart of accounts, and what commodities are called, in names that Beancount takes.

    account "main", sleeve "wheel:SPX/10:2"    Assets:Main:Wheel-SPX-10-2
    KO    260220P00060000                      KO260220P00060000
    SPX/10                                     SPX-10

Two names that would be alike are told apart by a number, in the order in which they are met.
"""

import re
from typing import NamedTuple

_WORD = re.compile(r"[^A-Za-z0-9-]+")
_SIGN = re.compile(r"[^A-Z0-9._-]+")


class Seat(NamedTuple):
    """The accounts of one sleeve."""

    held: str  # shares and long options
    owed: str  # short options, and shares sold short
    options: str  # what ended legs realised
    gains: str  # what shares realised
    dividends: str
    fees: str

    def side(self, units: int) -> str:
        """Where a lot stands: long or short."""
        return self.held if units > 0 else self.owed


class Chart:
    """Names given once and kept."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], str] = {}
        self._signs: dict[tuple[str, str], str] = {}

    def cash(self, account: str) -> str:
        """The cash of an account."""
        return f"Assets:{self._account(account)}:Cash"

    def deposits(self, account: str) -> str:
        """Where the money of an account came from, and went to."""
        return f"Equity:{self._account(account)}:Deposits"

    def interest(self, account: str) -> str:
        """Interest on its idle cash."""
        return f"Income:{self._account(account)}:Interest"

    def charges(self, account: str, what: str) -> str:
        """Costs that belong to no sleeve."""
        return f"Expenses:{self._account(account)}:{what.capitalize()}"

    def adjustments(self, account: str) -> str:
        """What was put right."""
        return f"Equity:{self._account(account)}:Adjustments"

    def conversions(self, account: str) -> str:
        """Between currencies: what was given of one and taken of another."""
        return f"Equity:{self._account(account)}:Conversions"

    def unexplained(self, account: str) -> str:
        """Money that an event moved for neither a leg nor shares: in a sound book there is none."""
        return f"Equity:{self._account(account)}:Unexplained"

    def seat(self, account: str, sleeve: str) -> Seat:
        """The accounts of a sleeve, by the name that people call it."""
        below = f"{self._account(account)}:{self._word(account, sleeve)}"
        income = f"Income:{below}"
        return Seat(
            f"Assets:{below}",
            f"Liabilities:{below}",
            f"{income}:Options",
            f"{income}:Shares",
            f"{income}:Dividends",
            f"Expenses:{below}:Fees",
        )

    def option(self, osi: str) -> str:
        """The commodity of an option."""
        return self._sign("option", osi)

    def shares(self, underlying: str) -> str:
        """The commodity of shares."""
        return self._sign("shares", underlying)

    @property
    def commodities(self) -> dict[str, str]:
        """Every commodity that was asked for, with what it stands for."""
        return {name: what for (_, what), name in self._signs.items()}

    def _account(self, name: str) -> str:
        return self._word("", name)

    def _word(self, scope: str, name: str) -> str:
        """A part of an account's name: it begins with a capital or a digit."""
        if (scope, name) not in self._words:
            plain = _WORD.sub("-", name).strip("-") or "Main"
            taken = {word for (where, _), word in self._words.items() if where == scope}
            self._words[scope, name] = _free(plain[0].upper() + plain[1:], taken)
        return self._words[scope, name]

    def _sign(self, kind: str, name: str) -> str:
        """The name of a commodity: it begins with a letter, and is no currency of ours."""
        if (kind, name) not in self._signs:
            plain = _SIGN.sub("-" if kind == "shares" else "", name.upper()).strip("._-")
            if not plain[:1].isalpha():
                plain = f"X{plain}"
            taken = {"USD", *self._signs.values()}
            self._signs[kind, name] = _free(plain, taken)
        return self._signs[kind, name]


def _free(name: str, taken: set[str]) -> str:
    """The name, or the name and the first number from 2 that is not taken."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found
