"""Orders in Alpaca's words: a ticket as it is sent, an order as it stands, whose fills are whose.

Alpaca's net limit of several legs is a debit where it is positive and a credit where it is
negative; that of a single leg is its price.  Ours is a credit where it is positive.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import gcd
from typing import Any, NamedTuple

from underwriter.book.imports.cells import number_of
from underwriter.core.units import MICRO
from underwriter.desk.brokers.alpaca_terms import CAN
from underwriter.desk.ports import DoubtError, Found, OrderLeg, State, Ticket

LONGEST_ID = 128  # characters of a client's id
_STATES: Mapping[str, State] = {
    "filled": "filled",
    "canceled": "cancelled",
    "expired": "expired",
    "rejected": "rejected",
}
_LIVE = {
    "new", "partially_filled", "accepted", "pending_new", "accepted_for_bidding", "stopped",
    "suspended", "calculated", "held", "pending_cancel", "pending_replace", "pending_review",
    "done_for_day",
}  # fmt: skip


def compact(option: str) -> str:
    """An OSI symbol without the blanks of its root, as Alpaca writes it."""
    return option.replace(" ", "")


# --- what is sent ---


def why_not(ticket: Ticket) -> str:
    """Why Alpaca cannot take an order of this form, or nothing."""
    quantities = [leg.quantity for leg in ticket.legs] + [ticket.shares] * bool(ticket.shares)
    if not 0 < len(ticket.client) <= LONGEST_ID:
        return f"an id of {len(ticket.client)} characters; expected 1 to {LONGEST_ID}"
    if ticket.action == "exercise":
        return "an exercise has no id of ours there and could not be looked up: do it by hand"
    if ticket.limit_u is None:
        return "no limit"
    if not quantities or 0 in quantities or gcd(*quantities) != ticket.units:
        return f"quantities of {quantities} in {ticket.units} units, not in lowest terms"
    if ticket.legs and ticket.shares:
        return "shares beside options"
    if len(ticket.legs) > CAN.legs:
        return f"{len(ticket.legs)} legs, and {CAN.legs} are the most"
    if len(quantities) == 1 and ticket.limit_u * quantities[0] > 0:
        return "a purchase at a credit, or a sale at a debit"
    return ""


def order_fields(ticket: Ticket) -> dict[str, Any]:
    """A ticket that can be taken, as the fields of a limit order for the day."""
    common: dict[str, Any] = {
        "qty": str(ticket.units), "time_in_force": "day", "client_order_id": ticket.client,
        "limit_price": _dollars(_asked_u(ticket)),
    }  # fmt: skip
    if len(ticket.legs) > 1:
        legs = [_leg(leg, abs(leg.quantity) // ticket.units) for leg in ticket.legs]
        return common | {"order_class": "mleg", "legs": legs}
    if ticket.legs:
        (leg,) = ticket.legs
        named = {"symbol": compact(leg.option), **_way(leg.quantity, leg.effect)}
    else:
        named = {"symbol": ticket.symbol, **_of_shares(ticket.shares)}
    return common | {"order_class": "simple", **named}


def _leg(leg: OrderLeg, ratio: int) -> dict[str, str]:
    named = {"symbol": compact(leg.option), "ratio_qty": str(ratio)}
    return named | _way(leg.quantity, leg.effect)


def _way(quantity: int, effect: str) -> dict[str, str]:
    """Which way a leg goes, and whether it opens or closes, which is always said."""
    side = "buy" if quantity > 0 else "sell"
    return {"side": side, "position_intent": f"{side}_to_{effect}"}


def _of_shares(shares: int) -> dict[str, str]:
    """Which way shares go: a sale of ours never sells short, and says so.

    A purchase says nothing of what it opens or closes: Alpaca infers that from the whole account,
    of which a sleeve is a part, and refuses an order that says otherwise.
    """
    return _way(shares, "close") if shares < 0 else {"side": "buy"}


def _asked_u(ticket: Ticket) -> int:
    """A limit as Alpaca counts it."""
    limit_u = ticket.limit_u or 0
    return -limit_u if len(ticket.legs) > 1 else abs(limit_u)


def _dollars(price_u: int) -> str:
    """Millionths as decimal dollars, exactly."""
    return str(Decimal(price_u) / MICRO)


# --- how it stands ---


class Whose(NamedTuple):
    """What the fills of an order belong to."""

    client: str  # our id, or somebody else's
    effects: Mapping[str, str]  # "open" or "close" by symbol, as Alpaca writes it


NOBODYS = Whose("", {})


def field(told: object, name: str) -> str:
    """A field of an answer as text, "" where there is none; DoubtError for what is no object."""
    if not isinstance(told, Mapping):
        raise DoubtError("alpaca: expected an object, found another JSON")
    value = told.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def number(told: object, name: str) -> Decimal:
    """A number of an answer, exact, zero where there is none; DoubtError where it is not one."""
    text = field(told, name)
    try:
        return number_of(text) or Decimal(0)
    except ValueError as expected:
        raise DoubtError(f"alpaca: expected {expected} as {name}, found {text!r}") from None


def found_of(client: str, order: object) -> Found:
    """How an order stands; DoubtError where nobody can say so."""
    name, status = field(order, "id"), field(order, "status")
    if not name or field(order, "client_order_id") != client:
        raise DoubtError(f"alpaca: expected order {client}, found another one")
    if status == "replaced":
        raise DoubtError(
            f"alpaca: order {client} was replaced by hand with {field(order, 'replaced_by')}; "
            "end that one by hand"
        )
    if status not in _STATES and status not in _LIVE:
        raise DoubtError(f"alpaca: order {client} has a status that is not known: {status!r}")
    state = _STATES.get(status, "acknowledged")
    why = "" if state in {"filled", "acknowledged"} else f"alpaca: {status}"
    return Found(client, name, state, int(number(order, "filled_qty")), why)


def has_ended(order: object) -> bool:
    """Whether nothing more will come of an order."""
    return field(order, "status") in _STATES


def whose(order: object) -> dict[str, Whose]:
    """An order's own id and those of its legs, with whose they are."""
    legs = order.get("legs") if isinstance(order, Mapping) else None
    members = [order, *(legs if isinstance(legs, list) else ())]
    effects = {
        field(each, "symbol"): field(each, "position_intent").rpartition("_")[2]
        for each in members
        if field(each, "symbol")
    }
    mine = Whose(field(order, "client_order_id"), effects)
    return {field(each, "id"): mine for each in members}
