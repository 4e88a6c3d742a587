"""What the model of Alpaca quotes, and its clock and calendar."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from conformance.alpaca_words import JSON, asset, compact, is_option, padded, stamp
from desk.world import Board
from underwriter.core.contract import parse_osi
from underwriter.core.units import day_of
from underwriter.desk.brokers.paper_place import Place


class Market:
    """A board, by Alpaca's forms."""

    def __init__(self, place: Place, board: Board) -> None:
        self.place, self.board = place, board

    def quotes(self, symbols: Sequence[str]) -> JSON:
        """The latest quotes of what is quoted."""
        found = {name: self._quote(name) for name in symbols}
        return {"quotes": {name: quote for name, quote in found.items() if quote}}

    def _quote(self, symbol: str) -> JSON:
        """A quote, in dollars as JSON has them."""
        touch = self.board.touches.get(padded(symbol) if is_option(symbol) else symbol)
        if touch is None:
            return {}
        at = stamp(self.place.clock.now())
        return {"t": at, "bp": touch[0], "ap": touch[1], "bs": 10, "as": 10, "bx": "N", "ax": "N",
                "c": ["A"] if is_option(symbol) else ["R"], "z": "A"}  # fmt: skip

    def trades(self, symbols: Sequence[str]) -> JSON:
        """Last trades, at the middle of the quotes."""
        found = {name: self._quote(name) for name in symbols}
        return {
            "trades": {
                name: {"t": one["t"], "p": round((one["bp"] + one["ap"]) / 2, 4), "s": 100,
                       "x": "N", "i": 1, "c": ["@"], "z": "A"}
                for name, one in found.items() if one
            }
        }  # fmt: skip

    def options(self, symbol: str, asked: Mapping[str, str]) -> list[str]:
        """The options of an underlying that expire between two days, by their symbols."""
        first = asked.get("expiration_date_gte", "0001-01-01")
        last = asked.get("expiration_date_lte", "9999-12-31")
        found = []
        for key in sorted(self.board.touches):
            if is_option(key) and key[:6].rstrip() == symbol:
                expiry = parse_osi(key, (symbol,)).expiry.isoformat()
                found += [compact(key)] if first <= expiry <= last else []
        return found

    def snapshots(self, symbol: str, asked: Mapping[str, str]) -> JSON:
        """A page of an option chain."""
        names, begin = self.options(symbol, asked), int(asked.get("page_token") or 0)
        end = begin + int(asked.get("limit", "100"))
        found = {
            name: {
                "latestQuote": self._quote(name),
                "latestTrade": self.trades([name])["trades"][name],
                "impliedVolatility": 0.21,
                "greeks": {"delta": -0.3, "gamma": 0.1, "rho": 0.0, "theta": -0.02, "vega": 0.05},
            }
            for name in names[begin:end]
        }  # fmt: skip
        return {"snapshots": found, "next_page_token": str(end) if end < len(names) else None}

    def contracts(self, asked: Mapping[str, str]) -> JSON:
        """The contracts of an underlying."""
        symbol = asked["underlying_symbols"]
        found = []
        for name in self.options(symbol, asked):
            contract = parse_osi(padded(name), (symbol,))
            found.append({
                "id": asset(name), "symbol": name, "name": name,
                "status": "active", "tradable": True,
                "expiration_date": contract.expiry.isoformat(),
                "root_symbol": symbol, "underlying_symbol": symbol,
                "underlying_asset_id": asset(symbol),
                "type": "put" if contract.right == 0 else "call", "style": "american",
                "strike_price": str(contract.strike), "size": "100", "open_interest": "237",
                "open_interest_date": "2024-01-01", "close_price": "1.35",
            })  # fmt: skip
        return {"option_contracts": found, "next_page_token": None}

    # --- time ---

    def clock(self) -> JSON:
        """Its clock."""
        calendar, now = self.place.calendar, self.place.clock.now()
        day = self.place.today()
        ahead = [one for one in range(day, day + 9) if calendar.is_session(one)]
        opens = next(one for one in ahead if calendar.opens_at(one) > now)
        closes = next(one for one in ahead if calendar.closes_at(one) > now)
        return {
            "timestamp": stamp(now), "is_open": self.place.is_open(),
            "next_open": stamp(calendar.opens_at(opens)),
            "next_close": stamp(calendar.closes_at(closes)),
        }  # fmt: skip

    def days(self, asked: Mapping[str, str]) -> list[JSON]:
        """The sessions between two days, in New York's time."""
        first = datetime.fromisoformat(asked["start"]) - datetime(1970, 1, 1)  # noqa: DTZ001  a date
        last = datetime.fromisoformat(asked["end"]) - datetime(1970, 1, 1)  # noqa: DTZ001  likewise
        return [
            {"date": day_of(day).isoformat(), "open": "09:30", "close": "16:00"}
            for day in range(first // timedelta(days=1), last // timedelta(days=1) + 1)
            if self.place.calendar.is_session(day)
        ]
