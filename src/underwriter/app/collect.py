"""`data collect`: today's chains of a universe, so that a history of one's own grows.

Quotes are delayed by fifteen minutes and dated by the exchange's own session: before the opening
they are those of the session before.  Off hours Yahoo gives zeros, which the gates take out and
count.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from underwriter.core.errors import InputError, NetworkError, UnderwriterError
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar
from underwriter.market.sources.feeds import yahoo
from underwriter.market.sources.feeds.yahoo import Quotes

EXCHANGE = "XNYS"
_HOUR = 60


def collect(
    symbols: Sequence[str],
    quotes: Quotes,
    calendar: Calendar,
    now: datetime,
    pause: Callable[[], None] = lambda: None,
) -> list[pl.DataFrame]:
    """Today's chain of each symbol (`schema.CHAIN`), dated by the session that `now` falls in.

    `quotes` is the module yfinance or what stands for it (`open_yahoo`), `now` has its zone,
    `pause` is called before each request.  Raises InputError for a symbol without options, and
    NetworkError where Yahoo cannot be reached; all chains, or none.
    """
    date = day_of(session_at(calendar, now))
    return [_chain(symbol, quotes, date, pause) for symbol in symbols]


def session_at(calendar: Calendar, now: datetime) -> int:
    """The session (day number) whose quotes stand at a moment: today's once it has opened."""
    local = now.astimezone(ZoneInfo(calendar.tz))
    today = day_number(local.date())
    row = int(calendar.sessions.searchsorted(today))
    if not calendar.is_session(today):
        return calendar.on_or_before(today)
    opened = local.hour * _HOUR + local.minute >= int(calendar.opens[row])
    return today if opened else calendar.previous_session(today)


def open_yahoo(home: Path) -> Quotes:
    """The package yfinance, told to say what fails, and to keep its notes under the home.

    InputError where it is not installed.
    """
    try:
        module = import_module("yfinance")
    except ImportError as problem:
        raise InputError(
            "package yfinance: not found; chains and bars come through it: "
            "pip install underwriter[feeds]"
        ) from problem
    module.config.debug.hide_exceptions = False
    module.set_tz_cache_location(str(home / "cache" / "yfinance"))
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # we say what fails, on one line
    found: Quotes = module
    return found


@contextmanager
def asking_yahoo(symbol: str) -> Iterator[None]:
    """Say on one line what goes wrong while Yahoo is asked of a symbol."""
    try:
        yield
    except UnderwriterError:
        raise
    except Exception as problem:
        said = " ".join(str(problem).split()) or type(problem).__name__
        if type(problem).__module__.startswith("yfinance."):  # Yahoo was reached, and said no
            raise NetworkError(f"{yahoo.HOST} refuses {symbol} ({said[:200]})") from problem
        raise NetworkError(f"no network: could not reach {yahoo.HOST} ({said[:200]})") from problem


def _chain(symbol: str, quotes: Quotes, date: object, pause: Callable[[], None]) -> pl.DataFrame:
    """Today's chain of one symbol."""
    with asking_yahoo(symbol):
        return yahoo.chain(quotes, symbol, date, pause)
