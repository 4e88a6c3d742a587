"""The only file that names concrete adapters: histories, quotes, calendars, and the broker."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from underwriter.app.from_lake import each_from_lake_on, from_lake, from_lake_on
from underwriter.app.from_lake import quoted_on as quoted_in_lake
from underwriter.app.ground import Ground
from underwriter.app.modelled import comes_along, comes_along_on, own_history
from underwriter.app.request import Request
from underwriter.app.universe import COMES_ALONG, own_instrument, stands_alone
from underwriter.core.errors import InputError
from underwriter.core.record import I4
from underwriter.core.units import day_of
from underwriter.market.calendar import load_calendar
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
