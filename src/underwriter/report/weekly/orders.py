"""The approvals of a week with their orders and fills, as a desk's journal tells them."""

from dataclasses import dataclass, field

from underwriter.book.event import Approved, Filled, OrderIntended, OrderTold
from underwriter.report.weekly.told import Told


@dataclass(slots=True)
class Worked:
    """An approval, and what was done about it; a backtest's has no orders."""

    number: int
    approved: Approved
    orders: dict[str, int] = field(default_factory=dict)  # client id -> number of its event
    states: dict[str, str] = field(default_factory=dict)  # client id -> how it stands
    fills: list[tuple[int, Filled]] = field(default_factory=list)

    def filled(self, option: str | None) -> int:
        """Contracts that were filled of an option, of shares where there is none; signed."""
        mine = [one for _, one in self.fills if one.option == option]
        return sum(one.quantity if option else one.shares for one in mine)

    @property
    def first(self) -> int:
        """How much of its first leg, or of its shares, was filled."""
        return abs(self.filled(self.approved.option))

    @property
    def even(self) -> bool:
        """Whether every leg, and the shares, are filled in the same part."""
        whole, part = self.approved.quantity, self.first
        legs = [(leg.quantity, self.filled(leg.option)) for leg in self.approved.legs]
        legs += [(self.approved.shares, self.filled(None))] if self.approved.shares else []
        return all(done * whole == wanted * part for wanted, done in legs)

    @property
    def paid_u(self) -> int:
        """Cash of its fills, before fees."""
        return sum(one.amount_u for _, one in self.fills)

    @property
    def events(self) -> list[int]:
        """Its number, and those of its orders and fills."""
        return [self.number, *self.orders.values(), *(at for at, _ in self.fills)]


def worked(told: Told) -> list[Worked]:
    """The approvals of the week, with the orders that followed each."""
    current: dict[tuple[int, str], Worked] = {}
    owner: dict[str, Worked] = {}
    found = []
    for at, one in told.events:
        if isinstance(one, Approved):
            current[one.sleeve, one.action] = mine = Worked(at, one)
            if told.week.holds(one.session):
                found.append(mine)
        elif isinstance(one, OrderIntended) and (one.sleeve, one.action) in current:
            owner[one.client] = mine = current[one.sleeve, one.action]
            mine.orders[one.client] = at
        elif isinstance(one, OrderTold) and one.client in owner:
            owner[one.client].states[one.client] = one.state
        elif isinstance(one, Filled) and one.client and one.client in owner:
            owner[one.client].fills.append((at, one))
    return found
