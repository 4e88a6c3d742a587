"""What a weekly review says, as rows: money in dollars to the cent, shares as fractions.

    Review
    |-- results     equity from one week's last evening to the next, and what changed it
    |-- ended       campaigns and option legs that ended, each with its cause
    |-- open        what is held, with what is captured so far
    |-- breaches    rules that were broken, with the numbers of their events; and what was checked
    |-- refused     entries that were refused, and what they would have made
    |-- income      the month against its target
    '-- watch       what next week holds

The schema is docs/schemas/review.json; docs/review.md says what each figure means.  None (null) is
what the journal and the quotes do not say.
"""

import msgspec


class Cause(msgspec.Struct, frozen=True):
    """One part of the week's change of equity."""

    name: str
    amount: float


class Evening(msgspec.Struct, frozen=True):
    """Equity on one evening."""

    session: str
    equity: float


class Results(msgspec.Struct, frozen=True):
    """The causes add up to the change less the deposits, to the cent."""

    since: str | None  # the evening it is counted from; null: the account began in the week
    until: str  # the week's last evening that is marked
    start: float
    end: float
    change: float
    deposits: float  # money and positions that came in from outside, less what left
    earned: float  # the change without them
    return_: float | None = msgspec.field(name="return")  # over the start with the deposits
    causes: list[Cause]
    premium_received: float  # no cause: credits of opening short legs, less long ones' cost


class CampaignEnded(msgspec.Struct, frozen=True):
    """A campaign that came to its end in the week."""

    sleeve: str
    number: int
    underlying: str
    opened: str
    closed: str
    cause: str
    why: str | None  # reason code of the decision that ended it; null: no decision did
    result: float
    won: bool
    premium: float  # credits of opening short legs, less long ones' cost
    assigned: int  # contracts
    called_away: int


class LegEnded(msgspec.Struct, frozen=True):
    """An option leg, or a part of one, that ended in the week."""

    sleeve: str
    option: str
    contracts: int
    short: bool
    ended: str
    cause: str
    why: str | None  # as of a campaign
    decision: int | None  # number of the event that decided it
    credit: float  # cash of its opening, before fees: negative where it was bought
    closed: float  # cash of its end, before fees, shares apart
    kept: float  # credit and end, less intrinsic value handed over in shares
    capture: float | None  # kept, as a share of the credit; null for a leg that was bought


class Ended(msgspec.Struct, frozen=True):
    """What ended in the week."""

    campaigns: list[CampaignEnded]
    won: int
    lost: int
    result: float
    legs: list[LegEnded]
    credit: float  # of the legs, less what long ones cost
    kept: float  # of it, with what long ones brought
    capture: float | None  # kept, as a share of the credit; null where there is no credit


class LegOpen(msgspec.Struct, frozen=True):
    """An option that is held."""

    option: str
    quantity: int
    strike: float
    expiry: str
    dte: int  # calendar days from the week's last session
    distance: float | None  # out of the money is positive, as a share of the spot
    price: float | None  # a share: the middle of its quote, of a long leg at most twice its bid


class PositionOpen(msgspec.Struct, frozen=True):
    """What one sleeve holds."""

    sleeve: str
    number: int  # of its campaign
    underlying: str
    opened: str
    shares: int
    spot: float | None
    breakeven: float | None
    credit: float  # that the legs held brought, fees taken off
    cost: float | None  # to close them at those prices
    capture: float | None  # of the credit so far
    legs: list[LegOpen]


class Breach(msgspec.Struct, frozen=True):
    """A rule that was broken, or something that a person must look at."""

    kind: str
    session: str
    text: str
    events: list[int]  # their numbers in the journal


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked for, and whether this journal can tell it."""

    kind: str
    found: int
    told: bool
    note: str


class RefusedReason(msgspec.Struct, frozen=True):
    """How often one reason refused an entry."""

    why: str
    text: str
    times: int
    least_equity: float | None  # that one contract would have needed


class RefusedEntry(msgspec.Struct, frozen=True):
    """An entry that was refused, one unit of it, at the sides a trade would have met, no fees."""

    event: int
    session: str
    sleeve: str
    why: str
    legs: list[str]  # -1 or +1 and its option, a unit
    credit: float | None  # then: sold at the bid, bought at the ask
    cost: float | None  # to close at the week's end: the other sides; intrinsic where it expired
    made: float | None  # what it would have made, shares in it
    note: str  # why it is not known, or by what


class Refused(msgspec.Struct, frozen=True):
    """What was refused in the week."""

    reasons: list[RefusedReason]
    entries: list[RefusedEntry]
    known: int
    would_have_paid: int  # of the known
    made: float  # of the known together, a unit each


class MonthIncome(msgspec.Struct, frozen=True):
    """A month's income and its parts, as `book income` counts them."""

    month: str
    income: float
    options: float
    dividends: float
    interest: float
    charges: float


class Income(msgspec.Struct, frozen=True):
    """The month of the week's end, against the target."""

    month: str
    so_far: float
    target: float | None  # dollars a month, of all policies that name one
    of_target: float | None
    sessions: int  # of the month, to the week's last
    of_sessions: int
    pace: float | None  # so far, over the sessions that are over, times all of the month
    average: float | None  # a month, of the months before, twelve at most
    months: list[MonthIncome]  # the last twelve and this one


class Day(msgspec.Struct, frozen=True):
    """Something that the calendar says of a day."""

    day: str
    what: str


class Near(msgspec.Struct, frozen=True):
    """A leg to look at."""

    sleeve: str
    option: str
    quantity: int
    distance: float | None
    dte: int


class Free(msgspec.Struct, frozen=True):
    """A sleeve that may sell something."""

    sleeve: str
    holds: str  # nothing, or shares without a call
    opens: str | None  # the first day on which its policy may open; null: not known


class Watch(msgspec.Struct, frozen=True):
    """What the week after holds."""

    week: str
    sessions: list[str]
    calendar: list[Day]  # holidays, early closes, expirations
    expiring: list[Near]
    near: list[Near]  # strikes that are close to the spot, or through it
    ex_dividends: list[Day]
    earnings: list[Day]
    dates_known: bool  # whether dividends and earnings could be asked for
    free: list[Free]


class Review(msgspec.Struct, frozen=True):
    """One week of one account."""

    week: str
    account: str
    currency: str
    sessions: list[str]
    policies: list[str]
    quotes: str  # of the book: modelled, quoted, last, mixed or none
    source: str
    prices: str  # of this review's own quotes, as above; none: the journal's alone
    remarks: list[str]
    results: Results
    ended: Ended
    open: list[PositionOpen]
    breaches: list[Breach]
    checks: list[Check]
    refused: Refused
    income: Income
    watch: Watch
    evenings: list[Evening]  # of thirteen weeks
