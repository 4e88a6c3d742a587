"""The events, frozen: the vocabulary of the ledger.

    Event                   at, session, account, currency
    |-- BookOpened          what wrote this book: policies, source, whether quotes are modelled
    |-- Deposited           money in
    |-- InterestPaid        bill interest on idle cash
    |-- Marked              an evening's equity, the market beside it, the regime in force
    '-- SleeveEvent         + sleeve, campaign, policy
        |-- SleeveOpened    capital that one policy runs on one underlying
        |-- Approved        an intent that passed every cap
        |-- Refused         an intent that did not, and why; or an order that came to nothing
        |-- DividendReceived
        |-- Split           more contracts of another strike, or more shares
        |-- Moved           an incoming leg of a roll takes the place of the old one
        '-- LegEvent        + slot, option, quantity, shares, price_u, amount_u, fee_u
            |-- Filled      an order traded
            |-- Expired     worthless
            |-- Assigned    or exercised: shares moved at the strike
            '-- Settled     in cash

Money and prices are whole millionths (``_u``) of the currency; quantities are whole contracts
and shares, signed as changes; an option is its OSI symbol.  An event says what happened and
never what follows from it: bases, campaigns and profits are folded.  Words of earlier schemas are
read as today's (see `upcast`).
"""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from underwriter.book.upcast import SCHEMA, upcast
from underwriter.core.errors import InputError


def _require_finite(where: str, numbers: Iterable[object]) -> None:
    """Refuse what JSON cannot hold, and what could therefore never be read again."""
    for number in numbers:
        if isinstance(number, float) and not math.isfinite(number):
            raise InputError(f"event {where}: expected finite numbers, found {number}")


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event carries: `at` is UTC nanoseconds, `session` the exchange's date."""

    at: int
    session: date
    account: str
    currency: str = "USD"


class BookOpened(Event, frozen=True, kw_only=True, tag="book_opened"):
    """The first event of a book: what wrote it, from what, under which policies."""

    version: str
    quotes: str  # "modelled", "quoted", "last" (real last prices, modelled spreads) or "mixed"
    source: str  # what the quotes come from, for people
    policies: dict[str, str]  # hash -> the policy's TOML text
    settings: dict[str, str | float | int]  # fill model, limits, starting cash, fees
    origins: dict[str, str] = {}  # root -> what its quotes are, as above

    def __post_init__(self) -> None:
        """Settings are finite."""
        _require_finite("book_opened", self.settings.values())


class Deposited(Event, frozen=True, kw_only=True, tag="deposited"):
    """Money came in."""

    amount_u: int


class InterestPaid(Event, frozen=True, kw_only=True, tag="interest_paid"):
    """Interest on idle cash."""

    amount_u: int


class Quoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """One underlying on one session: its close, the dividend ex on that day, its split."""

    close_u: int
    dividend_u: int = 0  # a share
    split: tuple[int, int] = (1, 1)  # new shares for old ones: (7, 1) on the first day of 7:1


class Marked(Event, frozen=True, kw_only=True, tag="marked", omit_defaults=True):
    """An account's evening: its money, and the market it was marked in."""

    equity_u: int
    cash_u: int
    shares_u: int  # value of the shares; what is left of equity is options
    rate: float  # bill rate in force until the next session, annual
    measure: float | None  # volatility index in points
    underlyings: dict[str, Quoted]
    regimes: dict[str, tuple[int, int, int]]  # of a policy: column kept, in force, pending; by its
    # hash, or by hash and underlying ("1f...9 SPY") where it goes by the underlying's own measure
    peak_u: int = 0  # highest equity marked so far: it may have stood before the session's fills
    reserved_u: int = 0  # cash that positions may come to need, fees in it
    puts_u: int = 0  # of it, for short puts
    margin_u: int = 0  # buying power in use
    exposure_u: dict[str, int] = {}  # by underlying, where there is any

    def __post_init__(self) -> None:
        """Rates and measures are finite; an unknown measure is None, not NaN."""
        _require_finite("marked", (self.rate, self.measure))


class SleeveEvent(Event, frozen=True, kw_only=True):
    """What belongs to one sleeve; `campaign` counts from one, zero before the first."""

    sleeve: int
    campaign: int
    policy: str  # hash


class SleeveOpened(SleeveEvent, frozen=True, kw_only=True, tag="sleeve_opened"):
    """A sleeve, or one rung of a ladder, was given to a policy."""

    name: str  # of the policy
    underlying: str
    root: str
    multiplier: int


class Leg(msgspec.Struct, frozen=True):
    """One leg of an order: its option, and contracts signed as the change it makes."""

    option: str
    quantity: int


class Approved(SleeveEvent, frozen=True, kw_only=True, tag="approved", omit_defaults=True):
    """An intent passed every check.

    `option` and `quantity` are of the first leg, contracts without a sign, or of shares where there
    is no option; `legs` names every leg where there are several, `shares` what is traded with them.
    """

    action: str  # open, close, roll, exercise, buy_shares, sell_shares
    option: str | None
    quantity: int
    why: str
    legs: tuple[Leg, ...] = ()
    shares: int = 0


class Refused(SleeveEvent, frozen=True, kw_only=True, tag="refused", omit_defaults=True):
    """An intent was refused, or its order came to nothing; `needs_u` is the least equity."""

    action: str  # as Approved, or hold where nothing qualified
    option: str | None
    why: str  # reason code's name
    needs_u: int = 0
    legs: tuple[Leg, ...] = ()
    shares: int = 0


class DividendReceived(SleeveEvent, frozen=True, kw_only=True, tag="dividend_received"):
    """Cash dividend on shares held; owed, and negative, on shares sold short."""

    shares: int
    per_share_u: int
    amount_u: int


class Split(SleeveEvent, frozen=True, kw_only=True, tag="split"):
    """What a share split, `new` for `old`, made of a leg or of the shares; no money moved.

    `option` is what the leg holds from now on, null for shares.
    """

    slot: int
    option: str | None
    quantity: int  # contracts added, signed as the leg
    shares: int  # added
    new: int
    old: int


class Moved(SleeveEvent, frozen=True, kw_only=True, tag="moved"):
    """The incoming leg of a roll took the place of the one it replaces; no money moved."""

    slot: int  # where it was
    option: str


class LegEvent(SleeveEvent, frozen=True, kw_only=True):
    """A change of a leg or of shares; `price_u` is the fill, or the settlement price."""

    slot: int
    option: str | None
    quantity: int  # contracts, signed change
    shares: int  # signed change
    price_u: int
    amount_u: int  # cash, signed, before the fee
    fee_u: int


class Filled(LegEvent, frozen=True, kw_only=True, tag="filled"):
    """An order traded."""


class Expired(LegEvent, frozen=True, kw_only=True, tag="expired"):
    """An option ended without value."""


class Assigned(LegEvent, frozen=True, kw_only=True, tag="assigned"):
    """An option was assigned or exercised: shares moved at its strike."""


class Settled(LegEvent, frozen=True, kw_only=True, tag="settled"):
    """An option ended in cash."""


AnyEvent = (
    BookOpened
    | Deposited
    | InterestPaid
    | Marked
    | SleeveOpened
    | Approved
    | Refused
    | DividendReceived
    | Split
    | Moved
    | Filled
    | Expired
    | Assigned
    | Settled
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event as JSON, the form that is stored and hashed."""
    return _encoder.encode(event)


def decode(payload: bytes, schema: int = SCHEMA) -> AnyEvent:
    """The event behind its stored form, of this schema or an earlier one.

    Raises msgspec.DecodeError where it is not one.
    """
    if schema < SCHEMA:
        payload = _upcast(payload, schema)
    return _decoder.decode(payload)


def _upcast(payload: bytes, schema: int) -> bytes:
    """The stored form of an earlier event as it would be stored today."""
    found = msgspec.json.decode(payload, type=dict[str, Any])
    try:
        return msgspec.json.encode(upcast(found, schema))
    except (KeyError, TypeError) as error:
        raise msgspec.ValidationError(f"no event of schema {schema}: {error!r}") from error
