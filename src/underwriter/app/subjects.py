"""What is known of the names of a universe: their past, their filings, when they report."""

from typing import NamedTuple

import numpy as np

from underwriter.app.request import Request
from underwriter.app.tables import read_earnings, read_fundamentals
from underwriter.app.universe import COMES_ALONG
from underwriter.core.record import F8, I4
from underwriter.market.calendar import Calendar
from underwriter.market.fundamentals import Filing, firm_of
from underwriter.market.funds import is_fund
from underwriter.market.history import Bars, read_bars
from underwriter.market.joined import Announced, Past
from underwriter.market.lake.past import class_of, past_of
from underwriter.market.lake.read import Lake
from underwriter.market.realised import Actions
from underwriter.market.screened import MONTH, Subject, Trading, trading_of
from underwriter.market.sources.spx10 import read_spx10
from underwriter.market.sources.symbols import underlying_of


class Known(NamedTuple):
    """What the lake, the user's tables and a file of prices say of every name."""

    lake: Lake
    calendar: Calendar
    filings: dict[str, list[Filing]]
    announced: dict[str, Announced]
    own: Past | None  # the prices of a history of the user's own, which stands for every name

    def against(self, symbol: str) -> Past:
        """The prices of an index that names are held against."""
        return past_of(self.lake, symbol)[0]

    def has(self, symbol: str) -> bool:
        """Whether the lake has prices of an index."""
        return len(self.against(symbol).bars.day) > 0

    def subject(self, symbol: str) -> Subject:
        """One name, apart from how its options trade."""
        past, volume = self._past(symbol)
        filings = self.filings.get(symbol, [])
        fund = any(each.kind == "fund" for each in filings) or is_fund(underlying_of(symbol))
        return Subject(past, volume, firm_of(filings), self.announced.get(symbol), fund)

    def trading(self, symbol: str, day: I4, past: Past) -> Trading:
        """How the options of a name trade on the sessions `day`; unknown of modelled ones."""
        if self.own is not None or symbol == COMES_ALONG.symbol:
            return unknown_trading(day)
        since = past.bars.day[past.bars.day <= day[0]][-MONTH:]
        month = np.concatenate([since, day])
        return trading_of(day, class_of(self.lake, underlying_of(symbol), month), past)

    def _past(self, symbol: str) -> tuple[Past, F8]:
        """The prices of a name, and the shares traded."""
        if self.own is not None:
            return self.own, np.full(len(self.own.bars.day), np.nan)
        if symbol == COMES_ALONG.symbol:
            return _comes_along(self.calendar)
        return past_of(self.lake, underlying_of(symbol))


def unknown_trading(day: I4) -> Trading:
    """What is said of options that nobody trades, or nobody asks about."""
    return Trading(*np.full((3, len(day)), np.nan))


def read_known(request: Request, calendar: Calendar) -> Known:
    """The lake, the tables that the settings name, and the user's own prices."""
    house, tables = request.house, request.settings.tables
    fundamentals, earnings = (house.table(each) for each in (tables.fundamentals, tables.earnings))
    return Known(
        Lake.open(house.home),
        calendar,
        read_fundamentals(fundamentals) if fundamentals else {},
        read_earnings(earnings) if earnings else {},
        Past(read_bars(request.own.spot)) if request.own else None,
    )


def _comes_along(calendar: Calendar) -> tuple[Past, F8]:
    """The past of SPX/10, of which no volume is known."""
    known = read_spx10(calendar)
    paid = known.dividend > 0.0
    bars = Bars(known.day, known.open, known.high, known.low, known.close, 0)
    past = Past(bars, Actions(known.day[paid], known.dividend[paid]))
    return past, np.full(len(known.day), np.nan)
