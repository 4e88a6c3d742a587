"""The fact that an event is in its sleeve, and whether that fits what the sleeve holds.

Slot 0 holds -1 SPX10 P 600:    filled  +1 SPX10 P 600    fits: it is bought back
                                filled  +1 SPX10 P 590    does not: another contract
                                split   -6 SPX10 P 85.71  fits 7:1, and no other ratio
                                expired +2 SPX10 P 600    does not: one is held
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from underwriter.book.campaign import Tally
from underwriter.book.event import (
    Adjusted,
    Assigned,
    CapitalReturned,
    DividendReceived,
    Event,
    Expired,
    Filled,
    LegEvent,
    Moved,
    Settled,
    Split,
    Transferred,
)
from underwriter.book.loose import home_of, pack
from underwriter.core.contract import MIL_U, NONE, RIGHT_SHIFT, osi_root, osi_tail, parse_osi
from underwriter.core.errors import InputError
from underwriter.core.sleeve import (
    ASSIGNED,
    DIVIDEND,
    EXPIRED,
    FILL,
    MOVED,
    RENAMED,
    ROLL_SHORT,
    SETTLED,
    SLOTS,
    SPLIT,
    Fact,
    Sleeve,
)
from underwriter.core.units import day_number

Happening = DividendReceived | CapitalReturned | LegEvent | Split | Moved | Adjusted


KINDS: Final[dict[type[Event], int]] = {
    Filled: FILL,
    Expired: EXPIRED,
    Assigned: ASSIGNED,
    Settled: SETTLED,
    Split: SPLIT,
    Moved: MOVED,
    DividendReceived: DIVIDEND,
    CapitalReturned: DIVIDEND,  # cash of the campaign, as a dividend is
    Adjusted: RENAMED,
    Transferred: FILL,
}


@dataclass(slots=True)
class Held:
    """A sleeve while its book is folded: what it holds, and how its contracts are named."""

    at: int  # its place in the book
    account: str
    sleeve: Sleeve
    roots: Mapping[str, int]  # and their numbers: its own first; then of contracts that changed
    tally: Tally | None = None  # of its last campaign, once that is added to
    keys: dict[str, int] = field(default_factory=dict)  # of contracts under these roots, by symbol

    def with_roots(self, roots: Mapping[str, int]) -> "Held":
        """The same with contracts under other roots."""
        return replace(self, roots=roots, keys={})


def _key_of(option: str, root: str, number: int) -> int:
    """The contract key of an OSI symbol; InputError where it is not one on this root."""
    if osi_root(option) != root:
        parse_osi(option)  # which says more of a root that is adjusted
        raise InputError(f"option {option!r}: expected one on {root}, which its sleeve trades")
    expiry, right, mils = osi_tail(option)
    return pack(number, day_number(expiry), right, mils * MIL_U)


def _key(option: str, held: Held) -> int:
    """The contract key of an option that a sleeve may hold."""
    key = held.keys.get(option)
    if key is None:
        root = osi_root(option)
        if root not in held.roots:
            root = next(iter(held.roots))
        key = held.keys[option] = _key_of(option, root, held.roots[root])
    return key


def fact_of(event: Happening, held: Held) -> Fact:
    """What an event changes; InputError where it does not fit what is held."""
    return _FACTS[type(event)](event, held)


def _fact(event: Happening, held: Held, change: tuple[int, int, int, int, int]) -> Fact:
    """An event as a fact: the slot, its contract, how many more of it, shares and cash."""
    kind, day, account = KINDS[type(event)], day_number(event.session), held.sleeve.account
    return Fact(kind, day, account, held.at, *change, 0, 0)


def _received(event: DividendReceived, held: Held) -> Fact:
    """Cash alone."""
    return _fact(event, held, (0, NONE, 0, 0, event.amount_u))


def _moved(event: Moved, held: Held) -> Fact:
    """An incoming leg of a roll moves into the place of the old one, which must be free."""
    slot = event.slot
    key = _key(event.option, held)
    sleeve = held.sleeve
    there = ROLL_SHORT <= slot < SLOTS and sleeve.contract[slot] == key
    if not there or sleeve.quantity[home_of(slot, key)] != 0:
        raise InputError(
            f"moved {event.option!r} from slot {slot}: expected it there, and its place free"
        )
    return _fact(event, held, (slot, key, 0, 0, 0))


def _legged(event: LegEvent, held: Held) -> Fact:
    """A leg, shares or both: of the contract that the slot holds, where it holds one."""
    slot, quantity, key = event.slot, event.quantity, _key_in_slot(event, held)
    sleeve = held.sleeve
    there = sleeve.contract[slot]
    if key != there and NONE not in {key, there}:
        raise InputError(
            f"option {event.option!r}: expected the contract that slot {slot} of sleeve "
            f"{event.sleeve} holds, found another"
        )
    if quantity != 0:
        _require_held(event, sleeve.quantity[slot])
    return Fact(
        KINDS[type(event)], day_number(event.session), sleeve.account, held.at, slot, key, quantity,
        event.shares, event.amount_u, event.fee_u, event.price_u,
    )  # fmt: skip


def _split(event: Split, held: Held) -> Fact:
    """A leg or the shares, by the split's ratio."""
    key = _key_in_slot(event, held)
    _require_ratio(event, held, key)
    return _fact(event, held, (event.slot, key, event.quantity, event.shares, 0))


def _key_in_slot(event: LegEvent | Split, held: Held) -> int:
    """The contract that an event says a slot has; InputError for a slot that no sleeve has."""
    option = event.option
    if not 0 <= event.slot < SLOTS:
        raise InputError(f"slot {event.slot}: expected 0 to {SLOTS - 1}")
    if (option is None) != (event.quantity == 0):
        raise InputError(f"{event.quantity} contracts of option {option}: expected both")
    return NONE if option is None else _key(option, held)


def _returned(event: CapitalReturned, held: Held) -> Fact:
    """Cash comes off the basis of shares, of which there must be some."""
    there = held.sleeve.shares
    if event.shares == 0 or event.shares != there:
        raise InputError(
            f"capital returned on {event.shares} shares: expected the {there} that sleeve "
            f"{event.sleeve} holds"
        )
    return _fact(event, held, (0, NONE, 0, 0, event.amount_u))


def _adjusted(event: Adjusted, held: Held) -> Fact:
    """A contract that is held gets another name."""
    inside = 0 <= event.slot < SLOTS and held.sleeve.quantity[event.slot] != 0
    if not inside or held.sleeve.contract[event.slot] != _key(event.was, held):
        raise InputError(
            f"adjusted {event.was!r} in slot {event.slot}: expected it there, where sleeve "
            f"{event.sleeve} holds it"
        )
    if event.shares < 0 or event.cash_u < 0 or event.shares + event.cash_u == 0:
        raise InputError(
            f"adjusted {event.was!r}: expected shares or cash that a contract delivers, found "
            f"{event.shares} and {event.cash_u}"
        )
    return _fact(event, held, (event.slot, _key(event.option, held), 0, 0, 0))


def _require_held(event: LegEvent, there: int) -> None:
    """InputError where a leg would go through zero, or ends that is not held."""
    same = there * event.quantity >= 0
    if same and type(event) in _OPENS:
        return
    if same or (there + event.quantity) * there < 0:
        raise InputError(
            f"{event.quantity:+} contracts of {event.option}: expected at most what ends the "
            f"{there} that slot {event.slot} of sleeve {event.sleeve} holds"
        )


def _require_ratio(event: Split, held: Held, key: int) -> None:
    """InputError unless a split is of what is held, a leg or the shares, by its ratio."""
    sleeve = held.sleeve
    before, added, other = sleeve.shares, event.shares, event.quantity
    if event.option is not None:
        same = (key ^ sleeve.contract[event.slot]) >> RIGHT_SHIFT == 0
        before = sleeve.quantity[event.slot] if same else 0
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


_OPENS: Final = frozenset({Filled, Transferred})
_FACTS: Final[dict[type[Event], Callable[[Any, Held], Fact]]] = {
    DividendReceived: _received,
    CapitalReturned: _returned,
    Split: _split,
    Moved: _moved,
    Adjusted: _adjusted,
    **dict.fromkeys((Filled, Expired, Assigned, Settled, Transferred), _legged),
}
