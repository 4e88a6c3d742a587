"""A slab as it stands at this moment: today's date, and what is quoted now of what is held.

For looking and telling alone.  What is decided and recorded is the session's own slab.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from underwriter.book.folded import Book
from underwriter.book.loose import root_of
from underwriter.core.chain import find
from underwriter.core.contract import CALL, Contract, osi_root, parse_osi, unpack
from underwriter.core.kernel import plain
from underwriter.core.pricing import black76_delta
from underwriter.core.units import DAYS_A_YEAR, MICRO
from underwriter.desk.cadence import MORNING
from underwriter.desk.ladder import fresh
from underwriter.desk.ports import Quotes, Touch
from underwriter.market.calendar import Calendar
from underwriter.market.slab import Slab

_find, _delta = plain(find), plain(black76_delta)
_NO_HINT: Final = -1


class Moment(NamedTuple):
    """When it is, and how old a quote may be, in nanoseconds."""

    calendar: Calendar
    now: int
    stale: int

    @property
    def day(self) -> int:
        """The session that is on or ahead today from six in the morning on, else the last one."""
        today = self.calendar.day_at(self.now)
        begun = self.calendar.is_session(today) and self.now >= self.calendar.at(today, MORNING)
        return today if begun else self.calendar.previous_session(today)

    @property
    def trading(self) -> bool:
        """Whether the exchange is open."""
        day, calendar = self.day, self.calendar
        return calendar.opens_at(day) <= self.now < calendar.closes_at(day)


class Present(NamedTuple):
    """A slab of now, and the options in it that are quoted at this moment."""

    slab: Slab
    quoted: frozenset[str]  # OSI symbols


def present(slab: Slab, book: Book, account: str, quotes: Quotes, moment: Moment) -> Present:
    """A session's slab with the date and the touches of a moment; the slab itself is unchanged."""
    market, day = slab.market, moment.day
    if day > int(market.sessions[0].day):
        sessions: Any = _copy(market.sessions)
        sessions[0].day, sessions[0].tomorrow = day, moment.calendar.next_session(day)
        market = market._replace(sessions=sessions)
    keys = [*_keys(book, account)] if moment.trading else []
    touches = fresh(quotes.touch(keys), moment.now, moment.stale) if keys else {}
    moved = slab._replace(market=market)
    return Present(_touched(moved, touches) if touches else moved, frozenset(touches))


def _copy(table: Any) -> Any:  # noqa: ANN401  rows
    return table.copy()


def _keys(book: Book, account: str) -> Iterator[str]:
    """What an account holds and is short of: underlyings by symbol, options by their own."""
    for row, opened in enumerate(book.sleeves):
        sleeve: Any = book.state.sleeves[row]
        pairs = zip(sleeve.contract, sleeve.quantity, strict=True)
        held = [int(key) for key, quantity in pairs if quantity]
        if opened.account == account and (held or sleeve.shares):
            yield opened.underlying
            for key in held:
                yield unpack(key, book.instruments[root_of(key) - 1].root).osi()


def _touched(slab: Slab, touches: Mapping[str, Touch]) -> Slab:
    """A copy with touches in it: of an underlying its middle, where it has one."""
    market = slab.market._replace(bars=_copy(slab.market.bars), quotes=_copy(slab.market.quotes))
    for place, instrument in enumerate(slab.instruments):
        bar: Any = market.bars[0, place]
        was_u, touch = int(bar.close_u), touches.get(instrument.symbol)
        if touch is not None and 0 < touch.bid_u <= touch.ask_u:
            bar.close_u = (touch.bid_u + touch.ask_u) // 2
        for key, one in touches.items():
            if osi_root(key) == instrument.root:
                contract = parse_osi(key, (instrument.root,))
                row = int(_find(market.quotes, bar, 0, contract.key(place + 1), _NO_HINT))
                if row >= 0:
                    quote: Any = market.quotes[row]
                    quote.bid_u, quote.ask_u = one.bid_u, one.ask_u
                    day = int(market.sessions[0].day)
                    quote.delta = _moved(quote, contract, day, int(bar.close_u) / max(was_u, 1))
    return slab._replace(market=market)


def _moved(quote: Any, contract: Contract, day: int, grown: float) -> float:  # noqa: ANN401
    """The delta of a quote, its underlying so many times what it was, its volatility the same."""
    iv, forward, delta = float(quote.iv), float(quote.forward), float(quote.delta)
    years = (int(quote.expiry) - day) / DAYS_A_YEAR
    if not (iv > 0.0 and forward > 0.0 and years > 0.0 and math.isfinite(delta)):
        return delta
    sign, strike = (1 if contract.right == CALL else -1), int(quote.strike_u) / MICRO
    deviation = iv * math.sqrt(years)
    change = _delta(sign, forward * grown, strike, deviation) - _delta(
        sign, forward, strike, deviation
    )
    return sign * min(max(sign * (delta + change), 0.0), 1.0)
