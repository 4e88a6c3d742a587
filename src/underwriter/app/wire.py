"""The only file that names concrete adapters: where histories, quotes and calendars come from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from underwriter.app.desk_folder import Folder
from underwriter.app.desk_rules import (
    cash_of,
    guards_of,
    ladder_of,
    manners_of,
    rules_of,
    stale_of,
)
from underwriter.app.from_lake import each_from_lake_on, from_lake, from_lake_on
from underwriter.app.from_lake import quoted_on as quoted_in_lake
from underwriter.app.ground import Ground
from underwriter.app.lake_quotes import LakeQuotes
from underwriter.app.modelled import comes_along, comes_along_on, own_history
from underwriter.app.recorded import Recorder, recorder
from underwriter.app.request import Request
from underwriter.app.setting_up import seen, setup_of
from underwriter.app.universe import COMES_ALONG, own_instrument, stands_alone
from underwriter.core.errors import InputError
from underwriter.core.record import I4
from underwriter.core.units import day_of
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.clocks import LeapingClock, WallClock
from underwriter.desk.deciding import Rules
from underwriter.desk.ports import Broker, Clock, Quotes
from underwriter.desk.replay import Replay
from underwriter.desk.router import Street
from underwriter.market.beside import through
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.instrument import Instrument
from underwriter.market.slab import Slab

EXCHANGE = "XNYS"


def ground(request: Request) -> Ground:
    """What a request stands on: the user's files, the history that comes along, or the lake."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    if request.own is not None:
        instrument = own_instrument(request, request.own.spot)
        return own_history(instrument, calendar, request, request.own)
    if stands_alone(request):
        return comes_along(COMES_ALONG, calendar, request)
    return from_lake(request, calendar)


def quoted_on(request: Request, day: I4) -> Slab:
    """What is quoted on some sessions, one after another, which are a ground's: made anew."""
    if request.own is None and not stands_alone(request):
        return quoted_in_lake(request, load_calendar(EXCHANGE, request.house.home), day)
    ends = replace(request, first=day_of(int(day[0])), last=day_of(int(day[-1])))
    return ground(ends).slab(request.house.home)


def moments(requests: Sequence[Request], asked: date | None) -> list[Ground | InputError]:
    """The same as `moment` for each of some requests by itself, or why it has none."""
    calendar = load_calendar(EXCHANGE, requests[0].house.home)
    quoted = [each for each in requests if not stands_alone(each)]
    found = iter(each_from_lake_on(quoted, calendar, asked) if quoted else ())
    return [moment(each, asked) if stands_alone(each) else next(found) for each in requests]


def moment(request: Request, asked: date | None) -> Ground:
    """One session to decide: the last there is at or before a day, or the last of all."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    if stands_alone(request):
        return comes_along_on(COMES_ALONG, calendar, asked)
    return from_lake_on(request, calendar, asked)


def replay_street(
    request: Request, folder: Folder, slab: Slab, clock: Clock, calendar: Calendar
) -> Street:
    """A history's quotes, a clock that leaps over it, and the paper broker."""
    quotes = Replay(slab, clock, calendar)
    place = Place(
        folder.paper, clock, quotes, calendar, slab.instruments, manners_of(request)
    )  # fmt: skip
    paper = _paper(request, place)
    return _street(request, paper, quotes, clock, slab.instruments, calendar)


def when(request: Request, at: int | None) -> tuple[Calendar, Clock]:
    """The exchange's calendar, and the wall's clock or one that stands at a moment."""
    clock = WallClock() if at is None else LeapingClock(at)
    return load_calendar(EXCHANGE, request.house.home), clock


def replay_again(request: Request, at: int) -> tuple[Quotes, Clock, Calendar, Rules]:
    """A history's quotes as they stood at a moment."""
    found = ground(request)
    found, slab, setup = seen(request, found, found.slab(request.house.home))
    slab = slab._replace(market=through(slab.market, setup.lens))
    clock = LeapingClock(at)
    rules = rules_of(request, slab, setup, found.source)
    return Replay(slab, clock, found.calendar), clock, found.calendar, rules


def live_again(request: Request) -> tuple[Quotes, Clock, Calendar, Rules]:
    """The quotes of today, and of the sessions before."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    clock = WallClock()
    quotes = LakeQuotes(request, clock, calendar)
    slab, setup, source = quotes.latest()
    return quotes, clock, calendar, rules_of(request, slab, setup, source)


def rules_again(request: Request, slab: Slab, day: int) -> tuple[Rules, Calendar]:
    """The rules of a request for one session that is there, and the calendar."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    setup = setup_of(request, slab, np.array([day], np.int32))
    return rules_of(request, slab, setup, ""), calendar


def live_street(request: Request, folder: Folder) -> tuple[Street, Rules, Recorder]:
    """Today's quotes, the wall's clock, and the broker that the settings name."""
    if request.own is not None or stands_alone(request):
        names = ", ".join(request.universe)
        raise InputError(
            f"universe {names}: its quotes are a history that has ended; expected a history to "
            "run over (--from, --to), or a universe that is traded"
        )
    calendar = load_calendar(EXCHANGE, request.house.home)
    clock = WallClock(lambda: any(folder.inbox.waiting()))
    quotes = LakeQuotes(request, clock, calendar)
    slab, setup, source = quotes.latest()
    rules = rules_of(request, slab, setup, source)
    place = Place(folder.paper, clock, quotes, calendar, slab.instruments, manners_of(request))
    broker = _paper(request, place)
    street = _street(request, broker, quotes, clock, slab.instruments, calendar)
    return street, rules, recorder(folder.slabs)


def _paper(request: Request, place: Place) -> Broker:
    """The paper account of a folder, or a new one."""
    return open_paper(place, cash_of(request), request.settings.holdings)


def _street(
    request: Request, broker: Broker, quotes: Quotes, clock: Clock,
    instruments: Sequence[Instrument], calendar: Calendar,
) -> Street:  # fmt: skip
    """Where orders go."""
    symbols = {one.symbol: one for one in instruments}
    return Street(
        broker, clock, quotes, calendar, symbols, ladder_of(request), guards_of(request),
        stale_of(request),
    )  # fmt: skip
