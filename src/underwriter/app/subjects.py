"""What is known of the names that are scanned: their past, their filings, when they report."""

from typing import NamedTuple

import numpy as np

from underwriter.app.request import Request
from underwriter.app.screen_keys import Screen
from underwriter.app.tables import read_earnings, read_fundamentals
from underwriter.app.universe import COMES_ALONG
from underwriter.core.record import F8, I4
from underwriter.core.units import MICRO
from underwriter.market.calendar import Calendar
from underwriter.market.fundamentals import Filing, firm_of
from underwriter.market.funds import is_fund
from underwriter.market.history import Bars
from underwriter.market.joined import Announced, Past
from underwriter.market.lake.past import class_of, past_of
from underwriter.market.lake.read import Lake
from underwriter.market.quoting import Columns
from underwriter.market.realised import Actions
from underwriter.market.screened import MONTH, Subject, Trading, trading_of
from underwriter.market.slab import Slab
from underwriter.market.sources.spx10 import read_spx10
from underwriter.market.sources.symbols import underlying_of


class Known(NamedTuple):
    """What the lake and the user's tables say of every name."""

    lake: Lake
    calendar: Calendar
    against: str  # the symbol of the index
    market: Past  # its prices
    filings: dict[str, list[Filing]]
    announced: dict[str, Announced]

    def subject(self, symbol: str, day: I4) -> tuple[Subject, Trading]:
        """One name, and how its options trade on the session `day`."""
        if symbol == COMES_ALONG.symbol:
            past, volume = _comes_along(self.calendar)
            trading = Trading(*np.full((3, len(day)), np.nan))
        else:
            underlying = underlying_of(symbol)
            past, volume = past_of(self.lake, underlying)
            since = past.bars.day[past.bars.day <= day[0]][-MONTH:]
            month = np.concatenate([since, day])
            trading = trading_of(day, class_of(self.lake, underlying, month), past)
        filings = self.filings.get(symbol, [])
        fund = any(each.kind == "fund" for each in filings) or is_fund(symbol)
        told = self.announced.get(symbol)
        return Subject(past, volume, firm_of(filings), told, fund), trading


def read_known(request: Request, calendar: Calendar) -> Known:
    """The lake, the index of the screen, and the tables that the settings name."""
    house, tables = request.house, request.settings.tables
    screen = request.policy.content.screen or Screen()
    lake = Lake.open(house.home)
    fundamentals, earnings = (house.table(each) for each in (tables.fundamentals, tables.earnings))
    return Known(
        lake,
        calendar,
        screen.index,
        past_of(lake, screen.index)[0],
        read_fundamentals(fundamentals) if fundamentals else {},
        read_earnings(earnings) if earnings else {},
    )


def columns_of(slab: Slab) -> Columns:
    """The quotes of a slab of one underlying as columns, in slab order."""
    quotes = np.asarray(slab.market.quotes)
    right = np.zeros(len(quotes), np.int8)
    for session in range(slab.market.sessions.shape[0]):
        bar = slab.market.bars[session, 0]
        right[bar.calls : bar.end] = 1
    day = np.asarray(slab.market.sessions)["day"].astype(np.int32)
    strike, bid, ask = (quotes[name] / MICRO for name in ("strike_u", "bid_u", "ask_u"))
    return Columns(
        day[quotes["session"]],
        quotes["expiry"],
        right,
        strike,
        bid,
        ask,
        quotes["delta"],
        quotes["iv"],
        quotes["forward"].astype(np.float64),
        quotes["open_interest"],
    )


def _comes_along(calendar: Calendar) -> tuple[Past, F8]:
    """The past of SPX/10, of which no volume is known."""
    known = read_spx10(calendar)
    paid = known.dividend > 0.0
    bars = Bars(known.day, known.open, known.high, known.low, known.close, 0)
    past = Past(bars, Actions(known.day[paid], known.dividend[paid]))
    return past, np.full(len(known.day), np.nan)
