"""What an event changes in its sleeve, and whether that fits what the sleeve holds.

Slot 0 holds -1 SPX10 P 600:    filled  +1 SPX10 P 600    fits: it is bought back
                                filled  +1 SPX10 P 590    does not: another contract
                                split   -6 SPX10 P 85.71  fits 7:1, and no other ratio
                                expired +2 SPX10 P 600    does not: one is held
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from underwriter.book.event import (
    Adjusted,
    CapitalReturned,
    DividendReceived,
    Filled,
    LegEvent,
    Moved,
    Split,
    Transferred,
)
from underwriter.core.contract import NONE, RIGHT_SHIFT, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.record import I8
from underwriter.core.sleeve import ROLL_SHORT, SLOTS, home_of

Happening = DividendReceived | CapitalReturned | LegEvent | Split | Moved | Adjusted


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
    """What a sleeve holds, and how its contracts are named: by their roots' numbers in a book."""

    roots: Mapping[str, int]  # the sleeve's own first; then those of contracts that were adjusted
    contract: I8  # one a slot, as the next
    quantity: I8
    shares: int


_ROOT = slice(None, -15)  # of an OSI symbol


def root_of(option: str) -> str:
    """The root of an OSI symbol."""
    return option[_ROOT].rstrip()


@lru_cache(maxsize=65536)
def key_of(option: str, root: str, number: int) -> int:
    """The contract key of an OSI symbol; InputError where it is not one on this root."""
    contract = parse_osi(option, (root,))
    if contract.root != root:
        raise InputError(f"option {option!r}: expected one on {root}, which its sleeve trades")
    return contract.key(number)


def _key(option: str, held: Held) -> int:
    """The contract key of an option that a sleeve may hold."""
    root = root_of(option)
    if root not in held.roots:
        root = next(iter(held.roots))
    return key_of(option, root, held.roots[root])


def change_of(event: Happening, held: Held) -> Change:
    """What an event changes; InputError where it does not fit what is held."""
    if isinstance(event, DividendReceived):
        return Change(amount_u=event.amount_u)
    if isinstance(event, CapitalReturned):
        return _returned(event, held)
    if isinstance(event, Moved):
        return _moved(event, held)
    if isinstance(event, Adjusted):
        return _adjusted(event, held)
    return _changed(event, held)


def _moved(event: Moved, held: Held) -> Change:
    """An incoming leg of a roll moves into the place of the old one, which must be free."""
    slot = event.slot
    key = _key(event.option, held)
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
        key = _key(event.option, held)
    if isinstance(event, Split):
        _require_ratio(event, held, key)
        return Change(event.slot, key, event.quantity, event.shares)
    if NONE not in {key, int(held.contract[event.slot])} and held.contract[event.slot] != key:
        raise InputError(
            f"option {event.option!r}: expected the contract that slot {event.slot} of sleeve "
            f"{event.sleeve} holds, found another"
        )
    _require_held(event, held)
    money = event.amount_u, event.fee_u, event.price_u
    return Change(event.slot, key, event.quantity, event.shares, *money)


def _returned(event: CapitalReturned, held: Held) -> Change:
    """Cash comes off the basis of shares, of which there must be some."""
    if event.shares == 0 or event.shares != held.shares:
        raise InputError(
            f"capital returned on {event.shares} shares: expected the {held.shares} that sleeve "
            f"{event.sleeve} holds"
        )
    return Change(amount_u=event.amount_u)


def _adjusted(event: Adjusted, held: Held) -> Change:
    """A contract that is held gets another name."""
    inside = 0 <= event.slot < SLOTS and held.quantity[event.slot] != 0
    if not inside or held.contract[event.slot] != _key(event.was, held):
        raise InputError(
            f"adjusted {event.was!r} in slot {event.slot}: expected it there, where sleeve "
            f"{event.sleeve} holds it"
        )
    if event.shares < 0 or event.cash_u < 0 or event.shares + event.cash_u == 0:
        raise InputError(
            f"adjusted {event.was!r}: expected shares or cash that a contract delivers, found "
            f"{event.shares} and {event.cash_u}"
        )
    return Change(event.slot, _key(event.option, held))


def _require_held(event: LegEvent, held: Held) -> None:
    """InputError where a leg would go through zero, or ends that is not held."""
    there = int(held.quantity[event.slot])
    left = there + event.quantity
    opens = isinstance(event, Filled | Transferred)
    grows = there * event.quantity >= 0 and opens
    if event.quantity != 0 and not grows and (there * event.quantity >= 0 or left * there < 0):
        raise InputError(
            f"{event.quantity:+} contracts of {event.option}: expected at most what ends the "
            f"{there} that slot {event.slot} of sleeve {event.sleeve} holds"
        )


def _require_ratio(event: Split, held: Held, key: int) -> None:
    """InputError unless a split is of what is held, a leg or the shares, by its ratio."""
    before, added, other = held.shares, event.shares, event.quantity
    if event.option is not None:
        same = (key ^ int(held.contract[event.slot])) >> RIGHT_SHIFT == 0
        before = int(held.quantity[event.slot]) if same else 0
        added, other = other, added
    if before == 0 or other != 0 or not _is_split(event, before, before + added):
        what = event.option or "shares"
        raise InputError(
            f"split {event.new}:{event.old} of {what}: expected it of the {before} that sleeve "
            f"{event.sleeve} holds, found {added} added"
        )


def _is_split(event: Split, before: int, after: int) -> bool:
    """Whether so many become of so many: more of them exactly, fewer but for a part of a share."""
    if event.new > event.old > 0:
        return after * event.old == before * event.new
    fewer = event.option is None and event.old > event.new > 0
    return fewer and abs(after) == abs(before) * event.new // event.old and after * before >= 0
