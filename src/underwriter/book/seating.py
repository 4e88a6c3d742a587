"""Where a trade belongs that no policy decided: the one rule for records by hand and for imports.

    sold 2 KO C 62 elsewhere; a sleeve of a policy holds +1      1 ends it there, 1 is sold by hand

What ends something that the account holds ends it where it is, the sleeves in their order,
whichever policy they are of.  What is left opens a sleeve "by hand": one an account, underlying and
root, and a further rung where its place is taken by another contract.  Legs that one order opens
are seated where there is room for all of them.  Nothing here changes a book.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from underwriter.book.event import SleeveOpened
from underwriter.book.folded import Instrument
from underwriter.book.loose import is_flat
from underwriter.core.contract import CALL, NONE, Contract
from underwriter.core.record import Rows
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    SHORT_CALL,
    SHORT_PUT,
    SLOTS,
    Sleeve,
)

BY_HAND: Final = "by hand"  # the policy that is none
MULTIPLIER: Final = 100


class Holding(Protocol):
    """What sleeves hold, in arrays or loose."""

    @property
    def sleeves(self) -> Rows[Sleeve] | list[Sleeve]:
        """Row by row."""
        ...


class Seated(Protocol):
    """A book, folded or while it is."""

    @property
    def sleeves(self) -> Sequence[SleeveOpened]:
        """As they were opened."""
        ...

    @property
    def instruments(self) -> Sequence[Instrument]:
        """Their underlyings and roots."""
        ...

    @property
    def state(self) -> Holding:
        """What is held."""
        ...


class Leg(NamedTuple):
    """What an order opens beside the trade."""

    contract: Contract
    quantity: int


class Trade(NamedTuple):
    """A change of what an account holds: contracts, or shares where there is no contract."""

    account: str
    underlying: str
    contract: Contract | None
    quantity: int  # signed
    opens: bool  # whether what ends nothing may open something
    day: date
    at: int  # UTC nanoseconds
    currency: str = "USD"
    beside: tuple[Leg, ...] = ()  # the other legs that its order opens: they stay together


class Place(NamedTuple):
    """Where a part of a trade belongs; `opened` is to be told before it where the sleeve is new."""

    sleeve: int
    campaign: int
    policy: str
    slot: int
    quantity: int
    opened: SleeveOpened | None


def places(book: Seated, trade: Trade) -> list[Place]:
    """The parts of a trade, in the order in which they are to be told.

    They sum to less than the trade where it may not open and so much is not held.
    """
    found, left = [], trade.quantity
    for at, slot, held in _held(book, trade):
        if held * left < 0:
            part = max(left, -held) if left < 0 else min(left, -held)
            found.append(_place(book, at, slot, part))
            left -= part
    if left and trade.opens:
        found.append(_opening(book, trade, left))
    return found


def _sleeves(book: Seated, trade: Trade) -> Iterator[int]:
    """The account's sleeves on the underlying, as they were opened."""
    for at, opened in enumerate(book.sleeves):
        if (opened.account, opened.underlying) == (trade.account, trade.underlying):
            yield at


def _held(book: Seated, trade: Trade) -> Iterator[tuple[int, int, int]]:
    """Sleeve, slot and quantity of what the account holds of the thing that is traded."""
    for at in _sleeves(book, trade):
        sleeve = book.state.sleeves[at]
        if trade.contract is None:
            yield at, 0, int(sleeve.shares)
            continue
        key = _key(book, trade.contract, trade.underlying)
        for slot in range(SLOTS):
            if key != NONE and sleeve.contract[slot] == key:
                yield at, slot, int(sleeve.quantity[slot])


def _key(book: Seated, contract: Contract, underlying: str) -> int:
    """The key of a contract in a book, or that of none where its root is new."""
    instrument = Instrument(underlying, contract.root)
    if instrument not in book.instruments:
        return NONE
    return contract.key(book.instruments.index(instrument) + 1)


def _opening(book: Seated, trade: Trade, quantity: int) -> Place:
    """Where something new is opened: the first free sleeve by hand, or one more."""
    contract = trade.contract
    slot = 0 if contract is None else home_slot(contract, quantity)
    wanted = {} if contract is None else {slot: contract}
    for leg in trade.beside:
        wanted.setdefault(home_slot(leg.contract, leg.quantity), leg.contract)
    keys = {at: {NONE, _key(book, each, trade.underlying)} for at, each in wanted.items()}
    for at in _sleeves(book, trade):
        opened, sleeve = book.sleeves[at], book.state.sleeves[at]
        if opened.policy != BY_HAND or (contract is not None and opened.root != contract.root):
            continue
        if all(sleeve.contract[at_slot] in free for at_slot, free in keys.items()):
            return _place(book, at, slot, quantity)
    number = max((opened.sleeve for opened in book.sleeves), default=-1) + 1
    root = trade.underlying.replace(".", "") if contract is None else contract.root
    told = SleeveOpened(
        at=trade.at, session=trade.day, account=trade.account, currency=trade.currency,
        sleeve=number, campaign=0, policy=BY_HAND, name=BY_HAND, underlying=trade.underlying,
        root=root, multiplier=MULTIPLIER,
    )  # fmt: skip
    return Place(number, 1, BY_HAND, slot, quantity, told)


def home_slot(contract: Contract, quantity: int) -> int:
    """The slot of a kind of leg."""
    if contract.right == CALL:
        return SHORT_CALL if quantity < 0 else LONG_CALL
    return SHORT_PUT if quantity < 0 else LONG_PUT


def _place(book: Seated, at: int, slot: int, quantity: int) -> Place:
    """A place in a sleeve that there is."""
    opened, sleeve = book.sleeves[at], book.state.sleeves[at]
    campaign = int(sleeve.campaign) + int(is_flat(sleeve))
    return Place(opened.sleeve, campaign, opened.policy, slot, quantity, None)
