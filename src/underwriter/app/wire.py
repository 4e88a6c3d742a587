"""The only file that names concrete adapters: where histories, quotes and calendars come from."""

from underwriter.app.ground import Ground
from underwriter.app.modelled import comes_along, own_history
from underwriter.app.request import Request
from underwriter.app.universe import instruments, share
from underwriter.market.calendar import load_calendar
from underwriter.market.sources.spx10 import SPX10

EXCHANGE = "XNYS"
QUOTES = "modelled"


def ground(request: Request) -> Ground:
    """The history that a request stands on, between its days."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    (instrument,) = instruments(request.policy, own=request.own is not None)
    if request.own is None:
        return comes_along(instrument, calendar, request)
    if instrument == SPX10:  # that name is of the history that comes along, not of the user's
        instrument = share(request.own.spot.name.split(".")[0])
    return own_history(instrument, calendar, request, request.own)
