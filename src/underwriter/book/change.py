"""What an event changes in its sleeve, and whether that fits what the sleeve holds.

Slot 0 holds -1 SPX10 P 600:    filled  +1 SPX10 P 600    fits: it is bought back
                                filled  +1 SPX10 P 590    does not: another contract
                                split   -6 SPX10 P 85.71  fits 7:1, and no other ratio
"""

from functools import lru_cache
from typing import NamedTuple

from underwriter.book.event import DividendReceived, LegEvent, Moved, Split
from underwriter.core.contract import NONE, RIGHT_SHIFT, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.record import I8
from underwriter.core.sleeve import ROLL_SHORT, SLOTS, home_of

Happening = DividendReceived | LegEvent | Split | Moved  # what changes a sleeve


class Change(NamedTuple):
    """What an event changes in a sleeve: the fields of a fact that differ by kind."""

    slot: int = 0
    contract: int = NONE
    quantity: int = 0
    shares: int = 0
    amount_u: int = 0
    fee_u: int = 0
    price_u: int = 0


class Held(NamedTuple):
    """What a sleeve holds, and how its contracts are named: by a root, and its number in a book."""

    root: str
    number: int
    contract: I8  # one a slot, as the next
    quantity: I8
    shares: int


@lru_cache(maxsize=65536)
def key_of(option: str, root: str, number: int) -> int:
    """The contract key of an OSI symbol; InputError where it is not one on this root."""
    contract = parse_osi(option, (root,))
    if contract.root != root:
        raise InputError(f"option {option!r}: expected one on {root}, which its sleeve trades")
    return contract.key(number)


def change_of(event: Happening, held: Held) -> Change:
    """What an event changes; InputError where it does not fit what is held."""
    if isinstance(event, DividendReceived):
        return Change(amount_u=event.amount_u)
    if isinstance(event, Moved):
        return _moved(event, held)
    return _changed(event, held)


def _moved(event: Moved, held: Held) -> Change:
    """An incoming leg of a roll moves into the place of the old one, which must be free."""
    slot = event.slot
    key = key_of(event.option, held.root, held.number)
    there = ROLL_SHORT <= slot < SLOTS and held.contract[slot] == key
    if not there or held.quantity[home_of(slot, key)] != 0:
        raise InputError(
            f"moved {event.option!r} from slot {slot}: expected it there, and its place free"
        )
    return Change(slot, key)


def _changed(event: LegEvent | Split, held: Held) -> Change:
    """A leg, shares or both: of the contract that the slot holds, where it holds one."""
    if not 0 <= event.slot < SLOTS:
        raise InputError(f"slot {event.slot}: expected 0 to {SLOTS - 1}")
    if (event.option is None) != (event.quantity == 0):
        raise InputError(f"{event.quantity} contracts of option {event.option}: expected both")
    key = NONE
    if event.option is not None:
        key = key_of(event.option, held.root, held.number)
    if isinstance(event, Split):
        _require_ratio(event, held, key)
        return Change(event.slot, key, event.quantity, event.shares)
    if NONE not in {key, int(held.contract[event.slot])} and held.contract[event.slot] != key:
        raise InputError(
            f"option {event.option!r}: expected the contract that slot {event.slot} of sleeve "
            f"{event.sleeve} holds, found another"
        )
    money = event.amount_u, event.fee_u, event.price_u
    return Change(event.slot, key, event.quantity, event.shares, *money)


def _require_ratio(event: Split, held: Held, key: int) -> None:
    """InputError unless a split is of what is held, a leg or the shares, by its ratio."""
    before, added, other = held.shares, event.shares, event.quantity
    if event.option is not None:
        same = (key ^ int(held.contract[event.slot])) >> RIGHT_SHIFT == 0
        before = int(held.quantity[event.slot]) if same else 0
        added, other = other, added
    grown = event.new > event.old > 0 and (before + added) * event.old == before * event.new
    if before == 0 or other != 0 or not grown:
        what = event.option or "shares"
        raise InputError(
            f"split {event.new}:{event.old} of {what}: expected it of the {before} that sleeve "
            f"{event.sleeve} holds, found {added} added"
        )
