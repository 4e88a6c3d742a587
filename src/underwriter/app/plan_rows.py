"""What `plan --json` prints, as the rows that it is made of; docs/plan.md says what each figure is.

Money is in dollars for the whole order; rates, yields and odds are fractions.
"""

import msgspec


class Leg(msgspec.Struct, frozen=True):
    """One option of an order or a position."""

    option: str  # OSI symbol
    underlying: str
    right: str  # P or C
    strike: float
    expiry: str
    quantity: int  # contracts, signed: as the order changes it, or as it is held
    price: float | None  # a share, at which the fill model trades it; of what is held its mark


class Opening(msgspec.Struct, frozen=True):
    """What a new position is, beyond its order."""

    collateral: float  # what it secures, and shares at the close
    yield_on_collateral: float | None  # a year
    breakevens: list[float]  # of the underlying at the first expiry, before fees
    assignment_odds: float | None  # that a short option ends in the money
    theta: float  # dollars that a calendar day brings
    stress_loss: float
    share_of_equity: float | None  # of the collateral; null where there is no equity
    bound: str | None  # the cap that bound the size; null: the shares that are held


class Order(msgspec.Struct, frozen=True):
    """An order of this session."""

    sleeve: int
    name: str  # of the sleeve: policy, underlying, rung
    underlying: str
    action: str
    why: str
    quantity: int  # units: contracts of each leg, or shares where there is no leg
    legs: list[Leg]
    shares: int  # signed change
    limit: float | None  # a share of one unit: received positive, paid negative; shares apart
    credit: float | None  # of all its legs, before fees, shares apart
    fees: float | None
    no_fill: str | None  # why nothing would trade at these quotes
    opening: Opening | None


class Refusal(msgspec.Struct, frozen=True):
    """A wish that was refused."""

    sleeve: int
    name: str  # of the sleeve: policy, underlying, rung
    underlying: str
    action: str
    why: str
    legs: list[Leg]
    least_equity: float | None  # at which one contract would have been admitted


class Income(msgspec.Struct, frozen=True):
    """The month's income so far, expected and targeted."""

    month: str
    premium: float  # so far: credits of opening short legs, less long ones' cost, before fees
    so_far: float  # options that ended, dividends and interest
    expected: float  # what time takes until the month ends, if nothing else moves
    target: float | None
    shortfall: float | None
    binding: str | None  # the cap or refusal that stood most often in the way
    binding_count: int


class Money(msgspec.Struct, frozen=True):
    """An account before or after the plan."""

    equity: float
    cash: float
    collateral: float  # cash that positions may come to need, fees in it
    free_cash: float  # beside collateral and reserve
    margin: float  # buying power in use
    buying_power: float  # left, by the policy's share of equity in the regime in force


class Position(msgspec.Struct, frozen=True):
    """What one sleeve holds once the orders have filled."""

    sleeve: int
    name: str
    underlying: str
    shares: int
    legs: list[Leg]
    collateral: float


class Plan(msgspec.Struct, frozen=True):
    """What `plan --json` prints."""

    policy: str  # several with a plus between them, as their hashes
    policy_hash: str
    session: str
    as_of: str | None  # what was asked
    quotes: str
    source: str
    book: str | None
    remarks: list[str]
    orders: list[Order]
    refused: list[Refusal]
    income: Income
    before: Money
    after: Money
    positions: list[Position]
