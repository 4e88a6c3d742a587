"""A tax lot, and what its end came to.

Lots keep totals, never prices a share: a part of a lot takes its share of the money, rounded down
to a millionth, and the rest stays with the rest.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

How = Literal["traded", "expired", "assigned", "settled", "returned", "transferred"]


class Asset(NamedTuple):
    """What lots are of: an option, or the shares of its underlying where `option` is None."""

    underlying: str
    option: str | None  # OSI


@dataclass(slots=True, eq=False)
class Lot:
    """One acquisition, or one short sale, as much of it as is open; two lots are never equal.

    `money_u` is what opening it brought, fees taken off: minus the basis of what is held, the
    proceeds of what was sold short.
    """

    purchase: int  # which acquisition it is of, kept by its parts
    quantity: int  # signed; contracts or shares
    money_u: int
    opened: date
    since: date  # the holding period counts from the day after
    growing: bool = False  # whether fills of the same session still join it
    replaces: bool = False  # whether it took the disallowed loss of a wash sale

    def part(self, quantity: int) -> "Lot":
        """Take `quantity`, signed as the lot and less than all of it, off as a lot of its own."""
        money_u = self.money_u * quantity // self.quantity
        self.quantity -= quantity
        self.money_u -= money_u
        self.growing = False
        return replace(self, quantity=quantity, money_u=money_u)


@dataclass(slots=True, eq=False)
class Closing:
    """The end of a lot, or of a part of one: a row of a tax return.

    A written option and a short sale have their proceeds first and their cost when they end.
    `disallowed_u` is the part of a loss that a wash sale puts off, positive.
    """

    account: str
    asset: Asset
    quantity: int  # without a sign
    short: bool
    opened: date
    since: date
    closed: date
    how: How
    proceeds_u: int
    basis_u: int
    purchase: int
    disallowed_u: int = 0

    @property
    def gain_u(self) -> int:
        """What it earned, before a loss is put off."""
        return self.proceeds_u - self.basis_u

    @property
    def taxed_u(self) -> int:
        """What of it counts now."""
        return self.gain_u + self.disallowed_u


class Opened(NamedTuple):
    """A lot that an event opened, or added to."""

    account: str
    asset: Asset
    lot: Lot
