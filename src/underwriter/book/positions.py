"""What a book holds, sleeve by sleeve, with the breakeven of each running campaign.

    sold 1 put 95 at 1.36, rolled to 94      put 94, breakeven 91.99: 94 - 1.36 + 2.10 - 2.75
    assigned                                 100 shares, breakeven 91.99
    sold 1 call 97 at 1.20                   the same: the call may yet be bought back
    it expires                               breakeven 90.79

A campaign's breakeven knows no tax: it is the price at which every flow of the campaign, fees and
dividends in it, comes to nothing.  It is never a tax basis.
"""

from typing import NamedTuple

from underwriter.book.campaign import Campaign
from underwriter.book.event import SleeveOpened
from underwriter.book.fold import Book
from underwriter.book.loose import is_flat, right_of, root_of, share_money_u, strike_of
from underwriter.book.naming import sleeve_names
from underwriter.core.contract import PUT, Contract, unpack
from underwriter.core.record import I8
from underwriter.core.sleeve import SLOTS, Sleeve


class HeldLeg(NamedTuple):
    """An option held: signed contracts, and its opening money net of fees, a credit positive."""

    contract: Contract
    quantity: int
    opened_u: int


class Holding(NamedTuple):
    """What one sleeve holds; money and prices in millionths."""

    name: str  # of the sleeve: policy:underlying[:rung]
    opened: SleeveOpened
    campaign: Campaign
    legs: tuple[HeldLeg, ...]
    shares: int
    money_u: int  # every flow of the running campaign, premiums still open in it
    breakeven_u: int | None  # of the underlying; None where several or none exist

    @property
    def open_u(self) -> int:
        """What the legs that are held brought at their opening, fees in it."""
        return sum(leg.opened_u for leg in self.legs)

    @property
    def realised_u(self) -> int:
        """What the running campaign has realised: ended legs, gains of shares, dividends."""
        return self.money_u - self.open_u + self.campaign.cost_u


def holdings(book: Book) -> list[Holding]:
    """What every sleeve that is not flat holds, in the order in which sleeves were opened."""
    running = {each.sleeve: each for each in book.campaigns if each.closed is None}
    found = []
    for at, (name, opened) in enumerate(zip(sleeve_names(book.sleeves), book.sleeves, strict=True)):
        sleeve = book.state.sleeves[at]
        if is_flat(sleeve):
            continue
        legs = tuple(
            HeldLeg(
                unpack(key := int(sleeve.contract[slot]), book.instruments[root_of(key) - 1].root),
                int(sleeve.quantity[slot]),
                int(sleeve.amount_u[slot]),
            )
            for slot in range(SLOTS)
            if sleeve.quantity[slot] != 0
        )
        edge_u = breakeven_u(sleeve, opened.multiplier)
        money_u, shares = int(sleeve.credit_u), int(sleeve.shares)
        found.append(Holding(name, opened, running[opened.sleeve], legs, shares, money_u, edge_u))
    return found


def breakeven_u(sleeve: Sleeve, multiplier: int) -> int | None:
    """The price at which a running campaign comes to nothing, downward to the millionth.

    Of shares: what they have cost so far, without premiums still open.  Of one short leg, alone or
    with a long one of its right: the strike less (put) or plus (call) the campaign's money a share.
    None where a long leg stands before that price, and for every other position.
    """
    if sleeve.shares != 0:
        return int(share_money_u(sleeve)) // int(sleeve.shares)
    held = [slot for slot in range(SLOTS) if sleeve.quantity[slot] != 0]
    short = [slot for slot in held if sleeve.quantity[slot] < 0]
    keys: I8 = sleeve.contract
    if len(short) != 1 or len({int(right_of(int(keys[slot]))) for slot in held}) != 1:
        return None
    key = int(keys[short[0]])
    sign = -1 if right_of(key) == PUT else 1
    shares = -int(sleeve.quantity[short[0]]) * multiplier
    edge_u = int(strike_of(key)) + int(sign * sleeve.credit_u) // shares
    wings_u = [int(strike_of(int(keys[slot]))) for slot in held if slot not in short]
    return None if any(sign * (edge_u - wing_u) > 0 for wing_u in wings_u) else edge_u
