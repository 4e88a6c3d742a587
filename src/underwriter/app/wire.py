"""The only file that names concrete adapters: where histories, quotes and calendars come from."""

from datetime import date

from underwriter.app.from_lake import from_lake, from_lake_on
from underwriter.app.ground import Ground
from underwriter.app.modelled import comes_along, comes_along_on, own_history
from underwriter.app.request import Request
from underwriter.app.universe import COMES_ALONG, own_instrument, stands_alone
from underwriter.market.calendar import load_calendar

EXCHANGE = "XNYS"


def ground(request: Request) -> Ground:
    """What a request stands on: the user's files, the history that comes along, or the lake."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    if request.own is not None:
        instrument = own_instrument(request.policy, request.own.spot)
        return own_history(instrument, calendar, request, request.own)
    if stands_alone(request.policy):
        return comes_along(COMES_ALONG, calendar, request)
    return from_lake(request, calendar)


def moment(request: Request, asked: date | None) -> Ground:
    """One session to decide: the last there is at or before a day, or the last of all."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    if stands_alone(request.policy):
        return comes_along_on(COMES_ALONG, calendar, asked)
    return from_lake_on(request, calendar, asked)
