"""Slabs of the lake's quotes: of some roots on some sessions, built once and kept in the home."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import underwriter
from underwriter.core.kernel import source_key
from underwriter.core.record import F8, I4
from underwriter.market.american import LONG, load_tables
from underwriter.market.calendar import Calendar
from underwriter.market.chains import Held
from underwriter.market.gathered import listings_of
from underwriter.market.history import BILLS
from underwriter.market.instrument import Instrument
from underwriter.market.lake.abreast import Abreast, read_abreast
from underwriter.market.lake.holding import MEASURE, held_of, rates_on
from underwriter.market.lake.read import Lake
from underwriter.market.slab import Listing, Slab, build_slab
from underwriter.market.slab_store import kept_slab

_SLABS = Path("cache") / "slabs"
_SESSIONS = Path("cache") / "sessions"  # slabs of one: many fit where one of years does


class Quoted(NamedTuple):
    """One entry of a universe: whose options, on which terms."""

    underlying: str
    instrument: Instrument


class State(NamedTuple):
    """What the lake says of a session: whose quotes have ended, and a name for all of it."""

    ended: tuple[str, ...]
    state: str


def kept(lake: Lake, calendar: Calendar, quoted: tuple[Quoted, ...], day: I4, home: Path) -> Slab:
    """The slab of some roots on some sessions, built once and kept in the home."""
    build = partial(built, lake, calendar, quoted, day, home)
    return kept_slab(home / _SLABS, _name(lake, quoted, day), build)


def _name(lake: Lake, quoted: tuple[Quoted, ...], day: I4) -> str:
    """A name made of all that a slab is made of: quotes, terms, sessions, rates, and this code."""
    levels = (*BILLS, MEASURE)
    return _digest(quoted, day, [lake.fingerprint(each.underlying, levels) for each in quoted])


def _digest(quoted: tuple[Quoted, ...], day: I4, states: Iterable[str]) -> str:
    """A name made of the state of the lake, of terms, sessions, and this code."""
    made = blake2b(digest_size=16)
    for part in (*states, *map(repr, quoted)):
        made.update(part.encode())
    made.update(day.tobytes())
    made.update(source_key(Path(underwriter.__file__).parent).encode())
    return made.hexdigest()


def built(lake: Lake, calendar: Calendar, quoted: tuple[Quoted, ...], day: I4, home: Path) -> Slab:
    """The slab of some roots on some sessions, one after another: each may be millions of rows."""
    rates, ready = rates_on(lake, day)[0], _maker(quoted, calendar, home)
    listings = [
        listing for each in quoted for listing in ready([held_of(lake, *each, day)], rates.bill)
    ]
    return build_slab(listings, rates, calendar)


def kept_session(
    lake: Lake, calendar: Calendar, quoted: tuple[Quoted, ...], day: I4, told: State, home: Path
) -> Slab:
    """The slab of some roots on one session, built once and kept in the home."""

    def build() -> Slab:
        found = read_abreast(lake, [each.underlying for each in quoted], day, told.ended)
        return together(calendar, quoted, found, home)

    return kept_slab(home / _SESSIONS, _digest(quoted, day, [told.state]), build)


def together(calendar: Calendar, quoted: tuple[Quoted, ...], found: Abreast, home: Path) -> Slab:
    """The slab of some roots on one session, of which all was read together."""
    ready = _maker(quoted, calendar, home)
    listings = ready([found.held(*each) for each in quoted], found.rates.bill)
    return build_slab(listings, found.rates, calendar)


def _maker(
    quoted: tuple[Quoted, ...], calendar: Calendar, home: Path
) -> Callable[[Sequence[Held], F8], list[Listing]]:
    """What makes the quotes of roots ready, from what is held of them and the bill rate."""
    american = any(each.instrument.style == "american" for each in quoted)
    tables = load_tables(home / "cache", LONG) if american else None
    return partial(listings_of, tables=tables, short=calendar.short())
