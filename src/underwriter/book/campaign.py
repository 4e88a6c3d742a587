"""What a sleeve did from flat to flat, summed from its events."""

from dataclasses import dataclass
from datetime import date

from underwriter.book.event import (
    Adjusted,
    Assigned,
    CapitalReturned,
    DividendReceived,
    Filled,
    LegEvent,
    Moved,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.shares import moved
from underwriter.core.sleeve import LONG_CALL, LONG_PUT, ROLL_SHORT

_LONG = (LONG_PUT, LONG_CALL)
_TRADES = frozenset({Filled, Transferred})

Splits = tuple[tuple[date, int, int], ...]  # first day, new, old


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign of one sleeve; money in millionths, signless but for the result.

    Contracts count as on their day: between `sold` and `assigned` may lie `splits`.  `result_u` is
    every flow of the campaign once it is over, None while it runs.
    """

    sleeve: int
    number: int
    underlying: str
    opened: date
    closed: date | None
    premium_received_u: int
    premium_paid_u: int
    settled_u: int  # cash received, less paid, at cash settlement
    sold: int  # contracts sold to open
    assigned: int  # contracts of short puts that became shares
    called_away: int  # contracts of short calls that took shares
    rolls: int  # short legs that were replaced by another
    dividends_u: int
    fees_u: int
    money_u: int  # every flow so far, fees taken off
    cost_u: int  # of the shares still held, at average cost, fees in it
    result_u: int | None
    splits: Splits


@dataclass(slots=True)
class Tally:
    """A campaign while it is being summed."""

    sleeve: int
    number: int
    underlying: str
    opened: date
    closed: date | None = None
    received_u: int = 0
    paid_u: int = 0
    settled_u: int = 0
    sold: int = 0
    assigned: int = 0
    called_away: int = 0
    rolls: int = 0
    dividends_u: int = 0
    fees_u: int = 0
    money_u: int = 0  # every flow, fees taken off
    held: int = 0  # shares
    cost_u: int = 0  # theirs, at average cost, fees in it
    splits: Splits = ()

    def take(
        self, event: DividendReceived | CapitalReturned | LegEvent | Split | Moved | Adjusted
    ) -> None:
        """Add one event of the campaign."""
        if isinstance(event, LegEvent):
            self.fees_u += event.fee_u
            self.money_u += event.amount_u - event.fee_u
            if event.shares:
                self._take_shares(event.shares, event.amount_u - event.fee_u)
            elif event.quantity == 0:  # basis alone moves
                self.cost_u -= event.amount_u
            self._take_leg(event)
        elif isinstance(event, DividendReceived):
            self.dividends_u += event.amount_u
            self.money_u += event.amount_u
        elif isinstance(event, Moved):
            self.rolls += event.slot == ROLL_SHORT  # no money, and no more contracts
        elif isinstance(event, Split):
            split = event.session, event.new, event.old
            self.splits += () if split in self.splits else (split,)  # legs and shares are told each
            self.held += event.shares
        elif isinstance(event, CapitalReturned):
            self.money_u += event.amount_u
            self.cost_u -= event.amount_u

    def _take_shares(self, shares: int, net_u: int) -> None:
        self.held, self.cost_u, _ = moved(self.held, self.cost_u, shares, net_u)

    def _take_leg(self, event: LegEvent) -> None:
        kind = type(event)
        if kind in _TRADES and event.option is not None:
            if event.amount_u > 0:
                self.received_u += event.amount_u
            else:
                self.paid_u -= event.amount_u
            if event.quantity < 0 and event.slot not in _LONG:
                self.sold -= event.quantity
        elif kind is Assigned:
            self.assigned += event.quantity if event.shares > 0 < event.quantity else 0
            self.called_away += event.quantity if event.shares < 0 < event.quantity else 0
        elif kind is Settled:
            self.settled_u += event.amount_u

    def copy(self) -> "Tally":
        """The same, to be added to."""
        fresh = Tally(self.sleeve, self.number, self.underlying, self.opened)
        for name in self.__slots__:
            setattr(fresh, name, getattr(self, name))
        return fresh

    def freeze(self) -> Campaign:
        """The campaign as it stands."""
        return Campaign(
            self.sleeve,
            self.number,
            self.underlying,
            self.opened,
            self.closed,
            self.received_u,
            self.paid_u,
            self.settled_u,
            self.sold,
            self.assigned,
            self.called_away,
            self.rolls,
            self.dividends_u,
            self.fees_u,
            self.money_u,
            self.cost_u,
            None if self.closed is None else self.money_u,
            self.splits,
        )
