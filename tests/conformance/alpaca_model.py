"""Alpaca's account as its documentation has it: orders here, what is told and quoted beside.

What the market does to the account is the paper broker's; its rules of orders, its words and its
forms are Alpaca's own (docs.alpaca.markets: orders, options level 3, account activities, non-trade
activities for option events, option data).  No network: `alpaca_server` puts it behind HTTP.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import gcd
from typing import NamedTuple
from uuid import uuid4

from conformance.alpaca_words import (
    BAD,
    FORBIDDEN,
    JSON,
    NO_ORDER,
    UNFIT,
    NoError,
    asset,
    is_option,
    padded,
    stamp,
)
from underwriter.core.contract import parse_osi
from underwriter.core.units import MICRO
from underwriter.desk.brokers.paper import Paper, open_paper
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.ports import OrderLeg, RefusedError, Ticket

STATES = {"filled": "filled", "cancelled": "canceled", "expired": "expired"}


class Taken(NamedTuple):
    """An order that was taken: as it was asked for, and the ids of its legs by symbol."""

    name: str
    asked: JSON
    at: str
    legs: Mapping[str, str]


class Model:
    """The orders of one account."""

    def __init__(self, place: Place, deposit_u: int) -> None:
        self.orders: dict[str, Taken] = {}  # by client order id
        self.overruled: dict[str, JSON] = {}  # what an order says otherwise, by client order id
        self.again(place, deposit_u)

    def again(self, place: Place, deposit_u: int = 0) -> None:
        """Go on with other manners."""
        self.place = place
        self.paper: Paper = open_paper(place, deposit_u)

    def submit(self, asked: JSON) -> JSON:
        """Take an order, or raise NoError."""
        client = asked.get("client_order_id") or str(uuid4())
        if client in self.orders:
            raise NoError(422, BAD, "client_order_id must be unique")
        name = str(uuid4())
        ticket = self._ticket(name, asked)
        try:
            self.paper.submit(ticket)
        except RefusedError as problem:
            raise NoError(403, FORBIDDEN, f"account not eligible: {problem}") from problem
        legs = {leg["symbol"]: str(uuid4()) for leg in asked.get("legs", ())}
        now = stamp(self.place.clock.now())
        self.orders[client] = Taken(name, asked | {"client_order_id": client}, now, legs)
        return self.order(client)

    def _ticket(self, name: str, asked: JSON) -> Ticket:
        """An order in the paper broker's words."""
        if asked.get("type") != "limit" or asked.get("time_in_force") != "day":
            raise NoError(422, UNFIT, "only limit orders for the day are modelled")
        units, price = int(float(asked["qty"])), Decimal(str(asked["limit_price"]))
        legs = self._legs(asked, units)
        if legs and price.as_tuple().exponent < -2:  # type: ignore[operator]  # a finite number
            raise NoError(
                422, UNFIT, f"invalid limit_price {price}. sub-penny increment does not fulfill "
                "minimum pricing criteria",
            )  # fmt: skip
        several, buys = len(legs) > 1, asked.get("side") == "buy"
        if not several and price <= 0:
            raise NoError(422, UNFIT, "limit price must be > 0")
        limit_u = int((-price if several or buys else price) * MICRO)
        shares = 0 if legs else units if buys else -units
        if shares > 0:
            self._purchase(asked)
        first = asked.get("symbol") or asked["legs"][0]["symbol"]
        symbol = parse_osi(padded(first), (first[:-15],)).root if is_option(first) else first
        return Ticket(name, "open", symbol, legs, shares, units, limit_u)

    def _purchase(self, asked: JSON) -> None:
        """What a purchase of shares says it does has to be what it does."""
        short = self.paper.account.held.get(asked["symbol"], 0) < 0
        inferred = "buy_to_close" if short else "buy_to_open"
        if asked.get("position_intent", inferred) != inferred:
            raise NoError(
                422, UNFIT, f"position intent mismatch, inferred: {inferred}, "
                f"specified: {asked['position_intent']}",
            )  # fmt: skip

    def _legs(self, asked: JSON, units: int) -> tuple[OrderLeg, ...]:
        """The options of an order, each fit to what is held."""
        if asked.get("order_class") != "mleg":
            if "legs" in asked:
                raise NoError(422, UNFIT, "legs are of mleg orders")
            single = [asked | {"ratio_qty": "1"}] if is_option(asked["symbol"]) else []
            return tuple(self._leg(each, units) for each in single)
        if "symbol" in asked or "side" in asked:
            raise NoError(422, UNFIT, "an mleg order has neither symbol nor side")
        ratios = [int(float(leg["ratio_qty"])) for leg in asked["legs"]]
        if not 2 <= len(ratios) <= 4:
            raise NoError(422, UNFIT, "mleg orders have 2 to 4 legs")
        if gcd(*ratios) != 1:
            raise NoError(422, UNFIT, "leg ratio quantities must be relatively prime")
        if any(not is_option(leg["symbol"]) for leg in asked["legs"]):
            raise NoError(422, UNFIT, "mleg orders have no equity legs")
        return tuple(self._leg(each, units) for each in asked["legs"])

    def _leg(self, leg: JSON, units: int) -> OrderLeg:
        """A leg; what it says it closes has to be held."""
        side, intent = leg["side"], leg.get("position_intent", "")
        option, sign = padded(leg["symbol"]), 1 if side == "buy" else -1
        quantity = sign * units * int(float(leg["ratio_qty"]))
        if intent not in {f"{side}_to_open", f"{side}_to_close"}:
            raise NoError(422, UNFIT, f"position_intent {intent!r} is not of side {side}")
        held = self.paper.account.held.get(option, 0)
        if intent.endswith("close") and held * sign >= 0:
            raise NoError(
                422, UNFIT,
                f"position intent mismatch, inferred: {side}_to_open, specified: {intent}",
            )  # fmt: skip
        if intent.endswith("close") and abs(quantity) > abs(held):
            raise NoError(
                403, FORBIDDEN, "insufficient qty available for order "
                f"(requested: {abs(quantity)}, available: {abs(held)})",
            )  # fmt: skip
        return OrderLeg(option, quantity, "close" if intent.endswith("close") else "open")

    def cancel(self, name: str) -> None:
        """End an order, unless it has ended."""
        client = next((key for key, one in self.orders.items() if one.name == name), None)
        if client is None:
            raise NoError(404, NO_ORDER, f"order not found for {name}")
        status = self.order(client)["status"]
        if status not in {"new", "partially_filled"}:
            raise NoError(422, UNFIT, f'order is already in "{status}" state')
        self.paper.cancel(name)

    def order(self, client: str) -> JSON:
        """An order with its legs."""
        taken = self.orders.get(client)
        if taken is None:
            raise NoError(404, NO_ORDER, f"order not found for {client}")
        found = self.paper.look_up(taken.name)
        assert found is not None
        status = STATES.get(found.state, "partially_filled" if found.filled else "new")
        units = int(float(taken.asked["qty"]))
        legs = [
            self._order(taken, leg | {"id": taken.legs[leg["symbol"]]}, status,
                        (units * int(float(leg["ratio_qty"])), found.filled))
            for leg in taken.asked.get("legs", ())
        ]  # fmt: skip
        top = taken.asked | {"id": taken.name}
        made = self._order(taken, top, status, (units, found.filled))
        return made | {"legs": legs or None} | self.overruled.get(client, {})

    def _order(self, taken: Taken, of: JSON, status: str, counts: tuple[int, int]) -> JSON:
        """An order or a leg of one, in full."""
        symbol, own = of.get("symbol"), of["id"] == taken.name
        ratio = int(float(of.get("ratio_qty", 1)))
        made: JSON = dict.fromkeys((
            "filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at", "replaced_by",
            "replaces", "notional", "filled_avg_price", "stop_price", "trail_percent",
            "trail_price", "hwm", "legs",
        ))  # fmt: skip
        return made | {
            "id": of["id"],
            "client_order_id": taken.asked["client_order_id"] if own else of["id"],
            "created_at": taken.at, "updated_at": taken.at, "submitted_at": taken.at,
            "asset_id": asset(symbol) if symbol else None,
            "symbol": symbol or "",
            "asset_class": "us_option" if symbol and is_option(symbol) else "us_equity",
            "qty": str(counts[0]), "filled_qty": str(counts[1] * ratio),
            "order_class": taken.asked.get("order_class", "simple"),
            "order_type": "limit", "type": "limit", "time_in_force": "day",
            "side": of.get("side"), "position_intent": of.get("position_intent"),
            "limit_price": str(taken.asked["limit_price"]) if own else None,
            "status": status, "extended_hours": False,
            "ratio_qty": None if own else str(ratio),
        }  # fmt: skip

    def listed(self, after: str, limit: int) -> list[JSON]:
        """Orders submitted after a moment, oldest first."""
        begin = datetime.fromisoformat(after) if after else datetime.min.replace(tzinfo=UTC)
        return [
            self.order(client)
            for client, one in self.orders.items()
            if datetime.fromisoformat(one.at) > begin
        ][:limit]

    def by_id(self, name: str) -> JSON:
        """An order by its own id."""
        client = next((key for key, one in self.orders.items() if one.name == name), name)
        return self.order(client)
