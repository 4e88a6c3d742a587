"""What Alpaca quotes: shares and options now, and the chain of an underlying.

A price is rounded once, by the one rounding function.  What is no price (not a number, below zero,
no time to it) is no quote: the key is left out, and nobody trades on it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from underwriter.book.imports.cells import moment_of
from underwriter.book.imports.symbols import osi_option
from underwriter.core.units import to_u
from underwriter.desk.brokers.alpaca_orders import compact, field
from underwriter.desk.ports import DoubtError, Touch

if TYPE_CHECKING:
    from underwriter.desk.brokers.alpaca_client import Wire

_AT_ONCE = 100  # symbols in one question: the most
_OSI = 21
_CONTRACTS = 10_000  # in one answer: the most
_MOST = 10**9  # dollars a share


class Listed(NamedTuple):
    """An option of a chain; what Alpaca does not say is NaN, or -1 of what is counted."""

    option: str  # OSI symbol
    touch: Touch
    last_u: int  # of the last trade, a share; 0 where there was none
    iv: float
    delta: float
    open_interest: int


class Last(NamedTuple):
    """A last trade, a share."""

    price_u: int
    at: int  # UTC nanoseconds


class AlpacaQuotes:
    """Quotes through the clients of an account."""

    def __init__(self, wire: "Wire") -> None:
        self.wire = wire

    def touch(self, keys: Sequence[str]) -> dict[str, Touch]:
        """What is quoted now of shares (by symbol) and options (by OSI symbol), where it is."""
        named = {compact(key): key for key in keys}
        found: dict[str, Touch] = {}
        for some in _by_hundred([compact(key) for key in keys if len(key) == _OSI]):
            found |= _touches(self.wire.quoted(some))
        for some in _by_hundred([key for key in keys if len(key) != _OSI]):
            found |= _touches(self.wire.quoted_shares(some))
        return {named[name]: touch for name, touch in found.items() if name in named}

    def last(self, symbols: Sequence[str]) -> dict[str, Last]:
        """The last trades of shares."""
        found: dict[str, Last] = {}
        for some in _by_hundred(symbols):
            for name, told in _objects(self.wire.traded_shares(some)):
                price_u, at = _price_u(told, "p"), _moment(told)
                if price_u and at is not None:
                    found[name] = Last(price_u, at)
        return found

    def chain(self, symbol: str, first: date, last: date) -> list[Listed]:
        """The options of an underlying that expire from a day to another, where they are quoted."""
        interest = self._interest(symbol, first, last)
        found = []
        for name, told in _objects(self.wire.chain(symbol, first, last)):
            touch = _touch(_inner(told, "latestQuote"))
            if touch is not None:
                greeks, trade = _inner(told, "greeks"), _inner(told, "latestTrade")
                found.append(Listed(
                    _osi(name), touch, _price_u(trade, "p") or 0, _float(told, "impliedVolatility"),
                    _float(greeks, "delta"), interest.get(name, -1),
                ))  # fmt: skip
        return sorted(found)

    def _interest(self, symbol: str, first: date, last: date) -> dict[str, int]:
        """Open interest by Alpaca's symbol, of contracts of which it is known, page by page."""
        asked: dict[str, Any] = {
            "underlying_symbols": symbol, "expiration_date_gte": first.isoformat(),
            "expiration_date_lte": last.isoformat(), "limit": _CONTRACTS,
        }  # fmt: skip
        found: dict[str, int] = {}
        while True:
            page = self.wire.ask(lambda: self.wire.trading.get("/options/contracts", dict(asked)))
            contracts = page.get("option_contracts") if isinstance(page, Mapping) else None
            if not isinstance(contracts, list):
                raise DoubtError("alpaca: expected option contracts, found another JSON")
            for each in contracts:
                count = field(each, "open_interest")
                if count.isdigit():
                    found[field(each, "symbol")] = int(count)
            token = page.get("next_page_token")
            if not token or token == asked.get("page_token"):
                return found
            asked["page_token"] = token


def _by_hundred(names: Sequence[str]) -> Iterator[list[str]]:
    """As many at once as one question takes."""
    return (list(names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE))


def _objects(told: object) -> list[tuple[str, Mapping[str, Any]]]:
    """An answer by symbol; what is no object is left out."""
    if not isinstance(told, Mapping):
        raise DoubtError("alpaca: expected quotes by symbol, found another JSON")
    return [(str(name), one) for name, one in told.items() if isinstance(one, Mapping)]


def _inner(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = told.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _touches(told: object) -> dict[str, Touch]:
    """The quotes of an answer that are quotes."""
    made = ((name, _touch(one)) for name, one in _objects(told))
    return {name: touch for name, touch in made if touch is not None}


def _touch(quote: Mapping[str, Any]) -> Touch | None:
    """Bid and offer of a quote; None where it is none."""
    bid_u, ask_u, at = _price_u(quote, "bp"), _price_u(quote, "ap"), _moment(quote)
    return None if bid_u is None or ask_u is None or at is None else Touch(bid_u, ask_u, at)


def _price_u(told: Mapping[str, Any], name: str) -> int | None:
    """A price in millionths, zero where there is none on that side; None for what is no price."""
    price = _float(told, name)
    return int(to_u(price)) if 0 <= price < _MOST else None


def _float(told: Mapping[str, Any], name: str) -> float:
    """A number, NaN for everything else."""
    value = told.get(name)
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    )


def _moment(told: Mapping[str, Any]) -> int | None:
    """The time of a quote or a trade, UTC nanoseconds; None where it has none."""
    try:
        return moment_of(str(told.get("t")))[0]
    except ValueError:
        return None


def _osi(name: str) -> str:
    """An OSI symbol as Alpaca writes it, with its blanks; DoubtError where it is none."""
    try:
        return osi_option(name).key
    except ValueError as expected:
        raise DoubtError(f"alpaca: expected {expected}, found {name!r}") from None
