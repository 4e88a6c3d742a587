"""Where a desk stands: its quotes, clock and broker, for a history, for paper, with money.

With `wire` the only files that name concrete adapters; apart from it, since who plans or runs a
backtest need not load what trades.
"""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from underwriter.app.alpaca_day import AlpacaDay, AlpacaGlance
from underwriter.app.desk_folder import Folder, Kind, folder_at
from underwriter.app.desk_rules import (
    cash_of,
    guards_of,
    ladder_of,
    manners_of,
    rules_of,
    stale_of,
)
from underwriter.app.doctor import Setup
from underwriter.app.lake_quotes import Held, LakeQuotes
from underwriter.app.left_out import as_recorded, with_chains
from underwriter.app.recorded import Recorder, recorder
from underwriter.app.request import Request
from underwriter.app.run_folder import DESKS
from underwriter.app.secrets import find_secret
from underwriter.app.setting_up import seen, setup_of
from underwriter.app.settings import House
from underwriter.app.wire import EXCHANGE, ground
from underwriter.core.errors import InputError
from underwriter.desk.account import AccountCheck, Fed, PaperCheck
from underwriter.desk.brokers.alpaca import Alpaca, open_wire
from underwriter.desk.brokers.alpaca_account import FEEDS, AlpacaCheck
from underwriter.desk.brokers.alpaca_quotes import AlpacaQuotes
from underwriter.desk.brokers.alpaca_terms import HOSTS, KEY, SECRET, Hosts, Terms, keys_of
from underwriter.desk.brokers.manual import open_manual
from underwriter.desk.brokers.manual_words import Teller
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.brokers.paper_account import Cabinet
from underwriter.desk.brokers.paper_place import Place
from underwriter.desk.clocks import LeapingClock, Turned, WallClock
from underwriter.desk.deciding import Rules
from underwriter.desk.ladder import Ladder
from underwriter.desk.ports import Broker, Clock, Quotes
from underwriter.desk.replay import Replay
from underwriter.desk.router import Street
from underwriter.market.beside import through
from underwriter.market.calendar import Calendar, load_calendar
from underwriter.market.instrument import Instrument
from underwriter.market.slab import Slab

if TYPE_CHECKING:
    from underwriter.desk.brokers.alpaca_client import Wire


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


def live_again(request: Request, held: Held) -> tuple[Quotes, Clock, Calendar, Rules]:
    """The quotes of today, and of the sessions before; of what is held, whatever else is not."""
    of_lake = request.settings.desk.quotes == "lake"
    request = with_chains(request, held()) if of_lake else request
    calendar = load_calendar(EXCHANGE, request.house.home)
    clock = WallClock()
    lake = LakeQuotes(request, clock, calendar, held)
    lake.hurried = True
    slab, setup, source = lake.latest()
    rules = rules_of(request, slab, setup, source)
    if of_lake:
        return lake, clock, calendar, rules
    wire = alpaca_wire(request.house, clock, live=False)
    return AlpacaGlance(lake, lambda: AlpacaQuotes(wire())), clock, calendar, rules


def rules_again(request: Request, slab: Slab, day: int) -> tuple[Rules, Calendar]:
    """The rules of a request for one session that is there, and the calendar."""
    calendar = load_calendar(EXCHANGE, request.house.home)
    request = as_recorded(request, slab)
    setup = setup_of(request, slab, np.array([day], np.int32))
    return rules_of(request, slab, setup, ""), calendar


def live_street(
    request: Request, kind: Kind, folder: Folder, held: Held, teller: Teller,
    say: Callable[[str], None],
) -> tuple[Street, Rules, Recorder]:  # fmt: skip
    """Today's quotes, the wall's clock, and the broker that the settings name.

    `held` says which underlyings are held, `teller` asks the person of `--manual`.
    """
    of_lake = request.settings.desk.quotes == "lake"
    request = with_chains(request, held(), say) if of_lake else request
    calendar = load_calendar(EXCHANGE, request.house.home)
    killed = Turned(folder.kill)
    clock = WallClock(lambda: folder.inbox.any_waits() or killed())
    wire = alpaca_wire(request.house, clock, live=kind == "live")
    lake = LakeQuotes(request, clock, calendar, held)
    quotes = lake if of_lake else AlpacaDay(lake, AlpacaQuotes(wire()), say)
    slab, setup, source = quotes.latest()
    rules = rules_of(request, slab, setup, source)
    place = Place(folder.paper, clock, quotes, calendar, slab.instruments, manners_of(request))
    broker: Broker
    check: AccountCheck = _paper_check(folder.paper)
    if kind == "manual":
        broker = open_manual(place, cash_of(request), request.settings.holdings, teller)
    elif kind == "live" or request.settings.desk.broker == "alpaca":
        broker, check = Alpaca(wire(), clock, calendar), AlpacaCheck(wire())
    else:
        broker = _paper(request, place)
    street = _street(request, broker, quotes, clock, slab.instruments, calendar)
    street = street._replace(account=_fed(request.house, check))
    if kind == "manual":  # a person is asked once, at a price between the middle and the touch
        street = street._replace(ladder=Ladder(rungs=1, attempts=1))
    return street, rules, recorder(folder.slabs)


def alpaca_wire(house: House, clock: Clock, *, live: bool) -> "Callable[[], Wire]":
    """The clients of the account at Alpaca, opened where they are first asked for.

    The credential is in the environment or in `secrets.env` of the home; `live` is the switch of
    the command line, beside that of the settings.
    """
    desk = house.settings.desk

    @cache
    def opened() -> "Wire":
        if live and not desk.live:
            raise InputError("found --live without live = true in [desk] of the settings")
        usual = HOSTS["live" if live else "paper"]
        named = (os.environ.get(name, "") for name in ("APCA_API_BASE_URL", "APCA_API_DATA_URL"))
        hosts = Hosts(*(one or other for one, other in zip(named, usual, strict=True)))
        option, share = desk.option_feed, desk.share_feed
        terms = Terms(hosts, live=live, option_feed=option, share_feed=share)
        found = {name: find_secret(name, house.home) for name in (KEY, SECRET)}
        return open_wire(
            keys_of({name: one.value for name, one in found.items() if one}), clock, terms
        )

    return opened


def broker_setup(house: House) -> Setup:
    """The broker of the settings, as `doctor` looks at it."""
    desk = house.settings.desk
    if desk.broker == "alpaca":
        opened = alpaca_wire(house, WallClock(), live=desk.live)
        return Setup("alpaca", (KEY, SECRET), desk.live, lambda: _fed(house, AlpacaCheck(opened())))
    path = folder_at(house.home / DESKS / house.settings.account.name, None).paper
    return Setup(live=desk.live, look=lambda: _fed(house, _paper_check(path)))


def _paper_check(path: Path) -> PaperCheck:
    """The paper account of a file, where it is there."""
    return PaperCheck(lambda: Cabinet(path).read() if path.exists() else None)


def _fed(house: House, check: AccountCheck) -> AccountCheck:
    """An account beside the quotes that the settings name."""
    desk = house.settings.desk
    if desk.quotes == "lake":
        return Fed(check, "collected", "chains that were collected into the lake")
    return Fed(check, FEEDS[desk.option_feed], desk.option_feed)


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
