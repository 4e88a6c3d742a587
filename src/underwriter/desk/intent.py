"""What was approved, as routing takes it: an intent with its legs, signs, effects and floor.

An intent is made of an `Approved` event and of nothing else, so that what routing sends is what
the journal says was approved, before and after a restart.  `Approved` events are made of decisions
whose verdict is the step's own.

    open       what it opens; one leg alone is always sold
    close      what ends what is held, its sign the other one
    roll       what closes, and what opens in the slots of incoming legs
    exercise   a long option leaves
"""

from collections.abc import Mapping
from functools import reduce
from math import gcd
from typing import NamedTuple, cast

from underwriter.book.event import Approved, SleeveOpened
from underwriter.book.naming import contract_of, named
from underwriter.core.contract import CALL
from underwriter.core.errors import InputError
from underwriter.core.sleeve import (
    LONG_CALL,
    LONG_PUT,
    ROLL_LONG,
    ROLL_SHORT,
    SHORT_CALL,
    SHORT_PUT,
)
from underwriter.desk.ports import Action, Capabilities, Effect, OrderLeg


class Part(NamedTuple):
    """One leg: its slot in the sleeve, and what it changes."""

    slot: int
    leg: OrderLeg


class Intent(NamedTuple):
    """An approved intent."""

    sequence: int  # of its approval in the journal
    event: Approved
    action: Action
    symbol: str
    root: str
    multiplier: int
    parts: tuple[Part, ...]
    shares: int
    units: int

    @property
    def limit_u(self) -> int | None:
        """The net price a share of a unit under which nothing is sent."""
        return self.event.limit_u


def intent_of(
    sequence: int, event: Approved, opened: SleeveOpened, held: Mapping[str, int]
) -> Intent:
    """The intent of an approval; `held` is what its sleeve holds by then, by option.

    InputError for a closing leg that the sleeve does not hold.
    """
    shares = event.shares
    if event.option is None:
        shares = event.quantity if event.action == "buy_shares" else -event.quantity
    parts = tuple(_part(event, option, quantity, held) for option, quantity in _legs(event, held))
    quantities = [abs(part.leg.quantity) for part in parts]
    return Intent(
        sequence, event, cast("Action", event.action), opened.underlying, opened.root,
        opened.multiplier, parts, shares, reduce(gcd, quantities) if quantities else abs(shares),
    )  # fmt: skip


def _legs(event: Approved, held: Mapping[str, int]) -> list[tuple[str, int]]:
    """The legs with their signs."""
    if event.legs:
        return [(leg.option, leg.quantity) for leg in event.legs]
    if event.option is None:
        return []
    if event.action == "open":
        return [(event.option, -event.quantity)]
    if event.option not in held:
        raise InputError(
            f"sleeve {event.sleeve}: approved to {event.action} {named(event.option)}, which it "
            "does not hold"
        )
    return [(event.option, event.quantity if held[event.option] < 0 else -event.quantity)]


def _part(event: Approved, option: str, quantity: int, held: Mapping[str, int]) -> Part:
    """A leg with its slot and effect."""
    closes = event.action in {"close", "exercise"}
    if event.action == "roll":
        closes = held.get(option, 0) * quantity < 0
    effect: Effect = "close" if closes else "open"
    return Part(slot_of(event.action, option, quantity, effect), OrderLeg(option, quantity, effect))


def slot_of(action: str, option: str, quantity: int, effect: Effect) -> int:
    """Where a leg stands in its sleeve."""
    short = (quantity < 0) == (effect == "open")
    if action == "roll" and effect == "open":
        return ROLL_SHORT if short else ROLL_LONG
    if contract_of(option).right == CALL:
        return SHORT_CALL if short else LONG_CALL
    return SHORT_PUT if short else LONG_PUT


class Phase(NamedTuple):
    """What goes into one order, a part of an intent or all of it."""

    parts: tuple[Part, ...]
    shares: int


def phases(intent: Intent, can: Capabilities) -> tuple[Phase, ...]:
    """The orders that a broker takes an intent in, one after another: all at once where it can.

    Else shares that are bought come first and those that are sold last, unless an exercise moves
    them; what closes before what opens, and what is bought before what is sold: so no order on its
    way leaves more at risk than the intent does, and no call is short of the shares that cover it.
    """
    parts = intent.parts
    if intent.action == "exercise":
        return (Phase(parts, 0),)
    beside = not (intent.shares and parts) or can.beside_shares
    mixed = len({part.leg.effect for part in parts}) > 1
    if beside and len(parts) <= can.legs and (can.rolls or not mixed):
        return (Phase(parts, intent.shares),)
    alone = [] if beside or not intent.shares else [Phase((), intent.shares)]
    found = alone if intent.shares > 0 else []
    shares = intent.shares if beside else 0
    for effect in ("close", "open"):
        same = sorted(
            (part for part in parts if part.leg.effect == effect),
            key=lambda part: part.leg.quantity < 0,
        )
        for at in range(0, len(same), can.legs):
            found.append(Phase(tuple(same[at : at + can.legs]), shares))
            shares = 0
    return tuple(found if intent.shares > 0 else found + alone)
