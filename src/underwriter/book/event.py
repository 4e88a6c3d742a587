"""The events, frozen: the vocabulary of the ledger.

    Event                   at, session, account, currency, id         (`event_base`)
    |-- BookOpened, AccountOpened; Busted, Corrected                   what was told before
    |-- Deposited, InterestPaid, Charged, CashAdjusted, Converted      money of an account
    |-- Decided, Skipped, Switched, Marked       (`event_desk`)        sessions of a desk
    '-- SleeveEvent         + sleeve, campaign, policy
        |-- SleeveOpened
        |-- Approved, Refused, Answered; OrderIntended, OrderTold
        |-- DividendReceived, CapitalReturned; Split, Adjusted, Renamed, Moved
        '-- LegEvent        + slot, option, quantity, shares, price_u, amount_u, fee_u
            '-- Filled, Expired, Assigned, Settled, Transferred

Money and prices are whole units (``_u``) of the currency: millionths, of a coin hundred-millionths
(`book.currency`).  Quantities are whole contracts and shares, signed as changes; an option is its
OSI symbol.  What follows from events (bases, campaigns, profits) is folded.  They are stored as
JSON (`stored`); words of earlier schemas are read as today's (`upcast`).
"""

from datetime import date
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from underwriter.book.event_base import Event, require_finite
from underwriter.book.event_desk import Decided, Marked, Quoted, Skipped, Switched
from underwriter.book.number import Whole

__all__ = [
    "AccountOpened", "Adjusted", "Answered", "AnyEvent", "Approved", "Assigned", "BookOpened",
    "Busted", "CapitalReturned", "CashAdjusted", "Charged", "Collateral", "Converted",
    "Corrected", "Decided", "Deposited", "DividendReceived", "Event", "Expired", "Filled",
    "InterestPaid", "Leg", "LegEvent", "Marked", "Moved", "OrderIntended", "OrderState",
    "OrderTold", "Quoted", "Refused", "Renamed", "Settled", "Skipped", "SleeveEvent",
    "SleeveOpened", "Split", "Standing", "Switched", "Taxation", "Transferred",
]  # fmt: skip


class BookOpened(Event, frozen=True, kw_only=True, tag="book_opened"):
    """The first event of a book: what wrote it, from what, under which policies."""

    version: str
    quotes: str  # modelled, quoted, last (real last prices, modelled spreads), mixed or none
    source: str  # what the quotes come from, for people
    policies: dict[str, str]  # hash -> the policy's TOML text
    settings: dict[str, str | float | int]  # fill model, limits, starting cash, fees
    # root -> what its quotes are, as above
    origins: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Settings are finite."""
        require_finite("book_opened", self.settings.values())


Collateral = Literal["cash", "reg_t"]
Taxation = Literal["us_taxable", "us_deferred", "separate"]


class AccountOpened(Event, frozen=True, kw_only=True, tag="account_opened"):
    """What an account is, its base currency too; told again, the last one holds.

    Of tax, "us_deferred" has no forms and relieves no wash sale; "separate" folds no premium.
    """

    broker: str
    number: str  # as its broker numbers it, all but the last four characters hidden
    collateral: Collateral
    tax: Taxation


class Deposited(Event, frozen=True, kw_only=True, tag="deposited"):
    """Money came in, or went out where it is negative."""

    amount_u: Whole


class InterestPaid(Event, frozen=True, kw_only=True, tag="interest_paid"):
    """Interest on idle cash; negative on what is owed."""

    amount_u: Whole


class Charged(Event, frozen=True, kw_only=True, tag="charged"):
    """A cost that belongs to no fill: negative, positive where it is given back."""

    amount_u: Whole
    what: Literal["fee", "withholding", "borrow"]


class CashAdjusted(Event, frozen=True, kw_only=True, tag="cash_adjusted"):
    """Money that a broker, or who keeps the book, put right."""

    amount_u: Whole
    why: str


class Converted(Event, frozen=True, kw_only=True, tag="converted"):
    """Money of one currency or coin became money of another."""

    amount_u: Whole  # of `currency`, signed as cash
    into: str  # the other currency
    into_u: Whole  # of it, signed likewise
    fee_u: Whole  # of `currency`


class Busted(Event, frozen=True, kw_only=True, tag="busted"):
    """The event with the id `of` never happened."""

    of: str
    why: str


class Corrected(Event, frozen=True, kw_only=True, tag="corrected"):
    """The event with the id `of` has these figures, and this `id` from then on if there is one."""

    of: str
    quantity: Whole
    shares: Whole
    price_u: Whole
    amount_u: Whole
    fee_u: Whole


class SleeveEvent(Event, frozen=True, kw_only=True):
    """What belongs to one sleeve; `campaign` counts from one, zero before the first."""

    sleeve: Whole
    campaign: Whole
    policy: str  # hash


class SleeveOpened(SleeveEvent, frozen=True, kw_only=True, tag="sleeve_opened"):
    """A sleeve, or one rung of a ladder, was given to a policy."""

    name: str  # of the policy
    underlying: str
    root: str
    multiplier: Whole


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One leg of an order: its option, and contracts signed as the change it makes."""

    option: str
    quantity: Whole


class Approved(SleeveEvent, frozen=True, kw_only=True, tag="approved", omit_defaults=True):
    """An intent passed every check.

    `option` and `quantity` are of the first leg, contracts without a sign, or of shares where there
    is no option; `legs` names every leg where there are several, `shares` what is traded with them.
    A desk says the net price a share of a unit, a credit positive, under which no order is sent,
    and its own mark of the same, at the middle of the quotes that it was decided on.
    """

    action: str  # open, close, roll, exercise, buy_shares, sell_shares
    option: str | None
    quantity: Whole
    why: str
    legs: tuple[Leg, ...] = ()
    shares: Whole = 0
    limit_u: Whole | None = None  # None: of a backtest, or without such a price
    mark_u: Whole | None = None  # likewise


class Refused(SleeveEvent, frozen=True, kw_only=True, tag="refused", omit_defaults=True):
    """An intent was refused, or its order came to nothing; `needs_u` is the least equity."""

    action: str  # as Approved, or hold where nothing qualified
    option: str | None
    why: str  # reason code's name
    needs_u: Whole = 0
    legs: tuple[Leg, ...] = ()
    shares: Whole = 0


class Answered(SleeveEvent, frozen=True, kw_only=True, tag="answered"):
    """Somebody said yes or no to the intent whose `approved` event has the sequence `of`."""

    of: Whole
    yes: bool


class OrderIntended(SleeveEvent, frozen=True, kw_only=True, tag="order_intended"):
    """An order, written down before it is sent: one lives at a time for a sleeve and an action."""

    client: str  # its id, which is ours
    action: str  # as Approved
    legs: tuple[Leg, ...]
    shares: Whole
    limit_u: Whole  # of the whole order a unit, a credit positive
    replaces: str = ""  # the client id of a live order that this one takes over


Standing = Literal["sent", "acknowledged", "unknown"]
OrderState = Standing | Literal["filled", "cancelled", "rejected", "expired", "replaced"]


class OrderTold(SleeveEvent, frozen=True, kw_only=True, tag="order_told"):
    """How an order stands; an unknown one lives until it has been looked up."""

    client: str
    state: OrderState
    order: str = ""  # its id at the broker
    why: str = ""


class DividendReceived(SleeveEvent, frozen=True, kw_only=True, tag="dividend_received"):
    """Cash dividend on shares held; owed, and negative, on shares sold short."""

    shares: Whole
    per_share_u: Whole
    amount_u: Whole


class CapitalReturned(SleeveEvent, frozen=True, kw_only=True, tag="capital_returned"):
    """Cash on shares that comes off their basis: capital, a merger's cash, a part of a share."""

    shares: Whole  # that are held
    amount_u: Whole


class Adjusted(SleeveEvent, frozen=True, kw_only=True, tag="adjusted"):
    """What a corporate action made of an option that is held; its contracts and money stay."""

    slot: Whole
    was: str
    option: str
    shares: Whole  # that a contract delivers from now on
    cash_u: Whole  # that it delivers beside them
    why: str


class Renamed(SleeveEvent, frozen=True, kw_only=True, tag="renamed"):
    """The underlying of a sleeve, its shares and its options of its root, go by another symbol."""

    underlying: str
    root: str


class Split(SleeveEvent, frozen=True, kw_only=True, tag="split"):
    """What a share split, `new` for `old`, made of a leg or of the shares; no money moved.

    `option` is what the leg holds from now on, null for shares.
    """

    slot: Whole
    option: str | None
    quantity: Whole  # contracts added, signed as the leg
    shares: Whole  # added
    new: Whole
    old: Whole


class Moved(SleeveEvent, frozen=True, kw_only=True, tag="moved"):
    """The incoming leg of a roll took the place of the one it replaces; no money moved."""

    slot: Whole  # where it was
    option: str


class LegEvent(SleeveEvent, frozen=True, kw_only=True):
    """A change of a leg or of shares; `price_u` is the fill, or the settlement price.

    `source` says where it is known from, if no broker told it: inferred from positions, or by hand.
    """

    slot: Whole
    option: str | None
    quantity: Whole  # contracts, signed change
    shares: Whole  # signed change
    price_u: Whole
    amount_u: Whole  # cash, signed, before the fee
    fee_u: Whole
    source: Literal["inferred", "by hand"] | UnsetType = UNSET


class Filled(LegEvent, frozen=True, kw_only=True, tag="filled"):
    """An order traded; `client` is the order's id."""

    client: str | UnsetType = UNSET


class Expired(LegEvent, frozen=True, kw_only=True, tag="expired"):
    """An option ended without value."""


class Assigned(LegEvent, frozen=True, kw_only=True, tag="assigned"):
    """An option was assigned or exercised: shares moved at its strike."""


class Settled(LegEvent, frozen=True, kw_only=True, tag="settled"):
    """An option, or shares, ended in cash, none of it where they became worthless."""


class Transferred(LegEvent, frozen=True, kw_only=True, tag="transferred"):
    """A position came in from outside, owned before, or left; cash stays as it is.

    `amount_u` is as if it had been bought or sold at its basis that day: -6,000 for 100 shares that
    cost 6,000, +85 for a put that was sold for 85.  Without any of them, basis alone moves.
    """

    acquired: date  # from the day after which it counts as held


AnyEvent = (
    BookOpened
    | AccountOpened
    | Deposited
    | InterestPaid
    | Charged
    | CashAdjusted
    | Converted
    | Busted
    | Corrected
    | Decided
    | Skipped
    | Switched
    | Marked
    | SleeveOpened
    | Approved
    | Refused
    | Answered
    | OrderIntended
    | OrderTold
    | DividendReceived
    | CapitalReturned
    | Split
    | Adjusted
    | Renamed
    | Moved
    | Filled
    | Expired
    | Assigned
    | Settled
    | Transferred
)
