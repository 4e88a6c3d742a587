"""What the model of Alpaca says of an account: cash, positions, activities.

Fees are no part of a fill: they are posted the morning after, one sum a day, and only then are
they out of the cash.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from conformance.alpaca_model import Model
from conformance.alpaca_words import ACCOUNT, JSON, asset, compact, is_option, mark, plain, stamp
from underwriter.book.imports.statement import Kind
from underwriter.desk.brokers.paper_account import Fact

CODES = {
    Kind.DEPOSIT: "CSD", Kind.ASSIGNMENT: "OPASN", Kind.DELIVERY: "OPTRD", Kind.EXERCISE: "OPEXC",
    Kind.EXPIRATION: "OPEXP", Kind.SETTLEMENT: "OPCSH", Kind.DIVIDEND: "DIV",
    Kind.INTEREST: "INT", Kind.SPLIT: "SPLIT",
}  # fmt: skip


class Telling:
    """What is told of one account."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.twice = False  # tell every activity twice
        self.hidden: set[str] = set()  # codes of activities that are not told yet

    # --- the account ---

    def account(self) -> JSON:
        """Cash, in which fees are only once they are posted."""
        told = self.model.paper.statement()
        cash = plain((told.cash_u or {})["USD"] + self._unposted_u())
        return {
            "id": ACCOUNT, "account_number": "PA3MODEL", "status": "ACTIVE", "currency": "USD",
            "cash": cash, "portfolio_value": cash, "equity": cash, "buying_power": cash,
            "options_buying_power": cash, "options_approved_level": 3, "options_trading_level": 3,
            "trading_blocked": False, "account_blocked": False, "transfers_blocked": False,
            "shorting_enabled": True, "multiplier": "2", "pattern_day_trader": False,
            "created_at": "2023-01-01T18:20:20.272275Z",
        }  # fmt: skip

    def positions(self) -> list[JSON]:
        """What is held."""
        held = self.model.paper.statement().holdings or {}
        return [
            {
                "asset_id": asset(key), "symbol": compact(key),
                "exchange": "", "asset_class": "us_option" if is_option(key) else "us_equity",
                "asset_marginable": False, "avg_entry_price": "0.0135", "qty": plain(quantity_u),
                "side": "long" if quantity_u > 0 else "short", "cost_basis": "0.0135",
                "qty_available": plain(quantity_u),
            }
            for key, quantity_u in held.items()
        ]  # fmt: skip

    # --- activities ---

    def activities(self, asked: Mapping[str, str]) -> list[JSON]:
        """A page of what happened, from after a day on."""
        told = [one for one in self._told() if one[1]["activity_type"] not in self.hidden]
        items = [item for _at, item in sorted(told, key=lambda pair: pair[0])]
        items = [item for item in items for _again in range(1 + self.twice)]
        after = asked.get("after", "")
        items = [one for one in items if (one.get("date") or one["transaction_time"][:10]) >= after]
        if asked.get("direction", "desc") == "desc":
            items.reverse()
        names = [one["id"] for one in items]
        token = asked.get("page_token")
        begin = len(names) - names[::-1].index(token) if token else 0
        return items[begin : begin + int(asked.get("page_size", "100"))]

    def _told(self) -> Iterator[tuple[tuple[int, int], JSON]]:
        """Activities with the moments at which they are told."""
        now = self.model.place.clock.now()
        self.model.paper.statement()  # lets come what has come by now
        for number, fact in enumerate(self.model.paper.account.facts):
            if fact.at <= now:
                yield (fact.at, number), self._activity(fact)
        for day, fee_u in self._fees().items():
            at = self._posted_at(day)
            if at <= now:
                item = self._other("FEE", day, f"fees of {day}", -fee_u, at)
                yield (at, 10**9), item

    def _activity(self, fact: Fact) -> JSON:
        """A fact in Alpaca's words."""
        row = fact.row
        if row.kind is Kind.TRADE:
            return self._fill(fact)
        name = row.id if row.kind is Kind.SPLIT else row.pair or row.id
        code = "OPCA" if row.kind is Kind.SPLIT and row.is_option else CODES[row.kind]
        item = self._other(code, row.day.isoformat(), name, row.gross_u, fact.at)
        if row.instrument is not None:
            item |= {"symbol": compact(row.instrument.key), "qty": plain(row.quantity_u)}
        if row.kind is Kind.DELIVERY:
            item["price"] = plain(row.price_u or 0)
        if row.kind is Kind.DIVIDEND:
            del item["qty"]
        return item

    @staticmethod
    def _other(code: str, day: str, name: str, net_u: int, at: int) -> JSON:
        """An activity that is no trade."""
        return {
            "id": f"{mark(at)}::{uuid5(NAMESPACE_OID, name)}", "activity_type": code, "date": day,
            "net_amount": plain(net_u), "description": "", "status": "executed",
        }  # fmt: skip

    def _fill(self, fact: Fact) -> JSON:
        """A fill, of its leg where there are several, and without its fees."""
        row = fact.row
        assert row.instrument is not None
        symbol = compact(row.instrument.key)
        taken = next(one for one in self.model.orders.values() if one.name == fact.client)
        return {
            "id": f"{mark(row.at or 0)}::{uuid5(NAMESPACE_OID, row.id)}", "activity_type": "FILL",
            "transaction_time": stamp(row.at or 0), "type": "fill", "symbol": symbol,
            "price": plain(row.price_u or 0), "qty": plain(abs(row.quantity_u)),
            "side": "buy" if row.quantity_u > 0 else "sell", "leaves_qty": "0", "cum_qty": "0",
            "order_id": taken.legs.get(symbol, taken.name), "order_status": "filled",
        }  # fmt: skip

    # --- fees, which are posted overnight, a sum a day ---

    def _fees(self) -> dict[str, int]:
        """What every day's trades and assignments were charged."""
        found: dict[str, int] = {}
        for row in (fact.row for fact in self.model.paper.account.facts):
            if row.fee_u:
                day = row.day.isoformat()
                found[day] = found.get(day, 0) + row.fee_u
        return found

    def _posted_at(self, day: str) -> int:
        """Seven in the morning after."""
        number = (datetime.fromisoformat(day) - datetime(1970, 1, 1)).days  # noqa: DTZ001  a date
        return self.model.place.calendar.at(number + 1, 7 * 60)

    def _unposted_u(self) -> int:
        now = self.model.place.clock.now()
        return sum(fee_u for day, fee_u in self._fees().items() if self._posted_at(day) > now)
