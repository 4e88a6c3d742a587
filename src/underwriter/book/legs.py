"""What became of each option leg, and what shares cost: the accounting under the views.

A leg is opened by a fill and ends by another, by expiry, by assignment or in cash; where only
part of it ends, that part takes its share of the opening money with it.  An assigned leg
realises its premium; the strike and the fee of the shares belong to the shares, which are
carried at average cost.  A share split changes counts and strikes, and no money.
"""

from dataclasses import dataclass, field
from datetime import date

from underwriter.book.event import (
    Adjusted,
    Assigned,
    CapitalReturned,
    Expired,
    Filled,
    LegEvent,
    Moved,
    Renamed,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.shares import Shares
from underwriter.core.contract import CALL, MIL_U, PUT, osi_root, parse_osi
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, SHORT_CALL, SHORT_PUT

BOUGHT_BACK, EXPIRED, ASSIGNED, CALLED_AWAY, SETTLED, SOLD, EXERCISED, TRANSFERRED = (
    "bought back",
    "expired",
    "assigned",
    "called away",
    "settled",
    "sold",
    "exercised",
    "transferred",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedLeg:
    """An option leg from its opening to its end, money in millionths of a dollar."""

    sleeve: int
    campaign: int
    option: str
    right: int
    expiry: date
    strike_u: int
    multiplier: int
    contracts: int
    short: bool
    opened: date
    ended: date
    how: str
    opened_u: int  # cash at the opening, before fees: a credit is positive
    closed_u: int  # cash at the end, before fees, shares apart: a cost is negative
    fees_u: int
    handed_u: int  # intrinsic value handed over at assignment or settlement

    @property
    def result_u(self) -> int:
        """What the leg realised, net of its fees: an assigned one its premium."""
        return self.opened_u + self.closed_u - self.fees_u

    @property
    def kept_u(self) -> int:
        """What was kept of the premium, before fees, counting intrinsic value handed over."""
        given_u = self.handed_u if self.how in {ASSIGNED, CALLED_AWAY} else 0
        return self.opened_u + self.closed_u - given_u

    @property
    def early(self) -> bool:
        """Whether it was assigned before its last day."""
        return self.how in {ASSIGNED, CALLED_AWAY} and self.ended < self.expiry


@dataclass(slots=True)
class OpenLeg:
    """A leg that is held: signed contracts, and the money and fees of its opening."""

    option: str
    opened: date
    right: int
    strike_u: int
    expiry: date
    multiplier: int  # of its price and its strike
    delivers: int  # shares a contract
    quantity: int = 0
    amount_u: int = 0
    fee_u: int = 0

    @property
    def home(self) -> int:
        """The slot of its kind."""
        if self.right == CALL:
            return SHORT_CALL if self.quantity < 0 else LONG_CALL
        return SHORT_PUT if self.quantity < 0 else LONG_PUT


@dataclass(slots=True)
class Position:
    """What one sleeve holds."""

    root: str
    multiplier: int
    shares: Shares = field(default_factory=Shares)
    legs: dict[int, OpenLeg] = field(default_factory=dict)  # by slot

    @property
    def flat(self) -> bool:
        """Whether nothing is held."""
        return not self.legs and self.shares.held == 0

    @property
    def secured_u(self) -> int:
        """What its short legs tie up: strikes, a spread its width, a condor its wider one."""
        puts_u, calls_u = self._tied_u(SHORT_PUT, LONG_PUT), self._tied_u(SHORT_CALL, LONG_CALL)
        winged = len(self.legs) == 4  # noqa: PLR2004  one leg of each kind
        once = winged and len({leg.expiry for leg in self.legs.values()}) == 1
        return max(puts_u, calls_u) if once else puts_u + calls_u

    def covers(self, leg: OpenLeg) -> int:
        """How many contracts of a call the shares that are held deliver, cash apart."""
        if leg.right == PUT:
            return 0
        held = max(self.shares.held, 0)
        return held // leg.delivers if leg.delivers else -leg.quantity

    def _tied_u(self, short: int, long: int) -> int:
        """Strike money of the short legs of one right, less what shares or long legs cover."""
        leg, wing = self.legs.get(short), self.legs.get(long)
        if leg is None:
            return 0
        bare = max(-leg.quantity - self.covers(leg), 0)
        if wing is None or wing.expiry < leg.expiry:
            return bare * leg.strike_u * self.multiplier
        pairs, sign = min(bare, wing.quantity), 1 if leg.right == PUT else -1
        width_u = max(sign * (leg.strike_u - wing.strike_u), 0)
        return (pairs * width_u + (bare - pairs) * leg.strike_u) * self.multiplier

    def take(self, event: LegEvent) -> EndedLeg | None:
        """Change the leg that an event names; return what ended, if anything did."""
        if event.option is None or event.quantity == 0:
            return None
        leg = self.legs.get(event.slot)
        if leg is None or (leg.quantity > 0) == (event.quantity > 0):
            self._open(event, event.option)
            return None
        ended = _end(leg, event)
        leg.amount_u -= ended.opened_u
        leg.fee_u -= ended.fees_u - _option_fee_u(event)
        leg.quantity += event.quantity
        if leg.quantity == 0:
            del self.legs[event.slot]
        return ended

    def split(self, event: Split) -> None:
        """More contracts of another strike, or more shares, for the same money."""
        if event.option is None:
            self.shares.held += event.shares
        else:
            leg = self.legs[event.slot]
            leg.option, leg.strike_u = event.option, _strike_u(event.option)
            leg.quantity += event.quantity

    def adjusted(self, event: Adjusted) -> None:
        """A leg goes by another name and delivers something else, for the same money."""
        leg = self.legs[event.slot]
        leg.option, leg.strike_u = event.option, _strike_u(event.option)
        leg.delivers = event.shares

    def renamed(self, event: Renamed) -> None:
        """Legs of the sleeve's root go by the new one."""
        for leg in self.legs.values():
            if osi_root(leg.option) == self.root:
                contract = parse_osi(leg.option, (self.root,))
                leg.option = contract._replace(root=event.root).osi()
        self.root = event.root

    def returned(self, event: CapitalReturned | Transferred) -> None:
        """Money comes off what the shares cost."""
        self.shares.cost_u -= event.amount_u

    def moved(self, event: Moved) -> None:
        """The incoming leg of a roll takes the place of the one it replaces."""
        leg = self.legs.pop(event.slot)
        self.legs[leg.home] = leg

    def _open(self, event: LegEvent, option: str) -> None:
        """Begin a leg, or add to it."""
        leg = self.legs.get(event.slot)
        if leg is None:
            contract = parse_osi(option, (osi_root(option),))
            since = event.acquired if isinstance(event, Transferred) else event.session
            sizes = self.multiplier, self.multiplier
            leg = OpenLeg(option, since, contract.right, _strike_u(option), contract.expiry, *sizes)
            self.legs[event.slot] = leg
        leg.quantity += event.quantity
        leg.amount_u += event.amount_u
        leg.fee_u += event.fee_u


def _strike_u(option: str) -> int:
    """The strike of an OSI symbol."""
    return int(parse_osi(option, (osi_root(option),)).strike * 1_000) * MIL_U


def _option_fee_u(event: LegEvent) -> int:
    """The fee that belongs to the option: of an assignment it belongs to the shares."""
    return 0 if isinstance(event, Assigned) else event.fee_u


def _how(event: LegEvent, leg: OpenLeg) -> str:
    """How the leg ended, in the field's words."""
    short = leg.quantity < 0
    match event:
        case Expired():
            return EXPIRED
        case Settled():
            return SETTLED
        case Transferred():
            return TRANSFERRED
        case Assigned():
            return (CALLED_AWAY if leg.right == CALL else ASSIGNED) if short else EXERCISED
        case Filled() | _:
            return BOUGHT_BACK if short else SOLD


def _handed_u(event: LegEvent, leg: OpenLeg, contracts: int) -> int:
    """Intrinsic value that a short leg handed over."""
    if leg.quantity > 0 or not isinstance(event, Assigned | Settled):
        return 0
    gain_u = event.price_u - leg.strike_u if leg.right == CALL else leg.strike_u - event.price_u
    return max(gain_u, 0) * leg.multiplier * contracts


def _end(leg: OpenLeg, event: LegEvent) -> EndedLeg:
    """The part of a leg that an event ended, with its share of the opening money."""
    part, whole = abs(event.quantity), abs(leg.quantity)
    return EndedLeg(
        sleeve=event.sleeve,
        campaign=event.campaign,
        option=leg.option,
        right=leg.right,
        expiry=leg.expiry,
        strike_u=leg.strike_u,
        multiplier=leg.multiplier,
        contracts=part,
        short=leg.quantity < 0,
        opened=leg.opened,
        ended=event.session,
        how=_how(event, leg),
        opened_u=leg.amount_u * part // whole,
        closed_u=0 if isinstance(event, Assigned) else event.amount_u,
        fees_u=leg.fee_u * part // whole + _option_fee_u(event),
        handed_u=_handed_u(event, leg, part),
    )
