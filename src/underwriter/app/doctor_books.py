"""What `doctor` looks at in the books and the lake: the journal, its writer, the newest quotes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

from underwriter.app.books import verified
from underwriter.app.doctor import Finding, Patient, bad, ok, warn
from underwriter.app.doctor_house import policies_of
from underwriter.app.evening import snapshots
from underwriter.app.holdings import Holding, holdings_of
from underwriter.app.run_folder import JOURNAL
from underwriter.app.universe import COMES_ALONG
from underwriter.app.wire import EXCHANGE
from underwriter.book.journal import exists, reader_of
from underwriter.book.layout import beside
from underwriter.book.place import Place, Url
from underwriter.book.snapshot import decoded, opened
from underwriter.core.errors import InputError, JournalError
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import Calendar, load_calendar

FRESH: Final = 1  # sessions that quotes may be behind
_FETCH: Final = "underwriter data collect {0}, or data import of a vendor's files"


def lake(patient: Patient) -> Iterator[Finding]:
    """How old the newest quotes of each underlying are, and where they are from."""
    try:
        found = policies_of(patient)
    except InputError:
        return  # said of the policies
    names = list(dict.fromkeys(name for one in found for name in one.content.universe))
    held = holdings_of(patient.house.home).holdings
    calendar = load_calendar(EXCHANGE, patient.house.home)
    over = last_over(calendar, patient.now)
    for name in names:
        yield _quotes(name, held, calendar, over)
    measured = any(one.content.regime and one.content.regime.measure == "VIX" for one in found)
    if measured and names != [COMES_ALONG.symbol]:
        yield _measure(held, over)


def last_over(calendar: Calendar, now: int) -> int:
    """The last session that has closed."""
    today = calendar.day_at(now)
    if calendar.is_session(today) and now >= calendar.closes_at(today):
        return today
    return calendar.previous_session(today)


def _quotes(name: str, held: list[Holding], calendar: Calendar, over: int) -> Finding:
    """The newest quotes of one underlying or root."""
    if name == COMES_ALONG.symbol:
        return ok("lake", f"{name}: the history that comes along, modelled; for practice")
    chains = [one for one in held if one.kind == "chain" and one.last is not None]
    mine = [one for one in chains if name == one.name or name in {each.root for each in one.roots}]
    if not mine:
        return bad("lake", f"{name}: no quotes", _FETCH.format(name))
    newest = max(mine, key=lambda one: one.last or "")
    last = day_number(date.fromisoformat(str(newest.last)))
    behind = len(calendar.between(last + 1, over)) if last < over else 0
    said = f"{name}: to {newest.last}, {newest.quotes} ({', '.join(newest.formats)})"
    if behind > FRESH:
        found = f"{said}, {behind} sessions behind {day_of(over)}"
        return warn("lake", found, _FETCH.format(name))
    if newest.quotes == "last price":
        return warn("lake", said, "import quotes with bids and asks: spreads are modelled else")
    return ok("lake", said)


def _measure(held: list[Holding], over: int) -> Finding:
    """Whether the index that the regime goes by is there, and of late."""
    last = max(
        (one.last or "" for one in held if (one.kind, one.name) == ("levels", "VIX")), default=""
    )
    if not last:
        found = "VIX: not there, so the regime is unknown and its last column holds"
        return bad("lake", found, "underwriter data fetch vix")
    if last < str(day_of(over)):
        return warn("lake", f"VIX: to {last}", "underwriter data fetch vix")
    return ok("lake", f"VIX: to {last}")


def journal(patient: Patient) -> Iterator[Finding]:
    """Whether the book is there, as written, and folds."""
    place = patient.journal or patient.desk / JOURNAL
    if isinstance(place, Url):
        yield from _database(place)
    if not exists(place):
        if patient.journal is not None:
            yield bad("journal", f"{place}: found none", "name a journal, or make one: book record")
        else:
            yield ok("journal", "no desk has run yet, so there is none")
        return
    if isinstance(place, Path):
        yield from _writer(place)
    yield from _verified(place)
    yield from _folded(place)


def _database(place: Url) -> Iterator[Finding]:
    """Whether the server answers; what it says otherwise is the finding."""
    exists(place)
    yield ok("database", f"{place}: reached")


def _writer(path: Path) -> Iterator[Finding]:
    """Who writes to a journal now, if anybody."""
    lock = beside(path, ".lock")
    if not lock.exists():
        return
    holder = lock.read_text(encoding="utf-8").strip() or "unknown"
    handle = os.open(lock, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        yield ok("journal", f"process {holder} is writing to it")
    else:
        yield ok(
            "journal", f"process {holder} ended without closing it; the next goes on from there"
        )
    finally:
        os.close(handle)


def _verified(place: Place) -> Iterator[Finding]:
    """Whether it is what was written."""
    try:
        found = verified(place)
    except JournalError as problem:
        yield warn("journal", str(problem), "run doctor again when its writer rests")
        return
    report = found.report
    if report.ok:
        yield ok("journal", f"{place}: {report.events} events, as written")
        return
    text = "; ".join(f"{one.code}: {one.text}" for one in report.findings[:3])
    mend = "stop, and restore a copy: underwriter book verify says more, book copy makes copies"
    yield bad("journal", f"{place}: {text}", mend)


def _folded(place: Place) -> Iterator[Finding]:
    """Whether it folds, by its snapshot where there is one, and what it could not book."""
    how = _snapshot(place)
    book = opened(place, snapshots()).book
    if book.strays:
        first = book.strays[0]
        found = f"{len(book.strays)} events that could not be booked, the first: {first.text}"
        yield bad("book", found, "underwriter book journal shows them; record a correction")
        return
    yield ok("book", f"{book.events} events fold, {how}")


def _snapshot(place: Place) -> str:
    """From where on it folds: a snapshot is named by the journal's first event."""
    with closing(reader_of(place)) as reader:
        first = next(iter(reader.rows(0, 1)), None)
    path = None if first is None else snapshots() / first[1].hash.hex()
    if path is None or not path.exists():
        return "from the first on: there is no snapshot yet, and none is needed"
    try:
        _, kept = decoded(path.read_bytes())
    except (OSError, ValueError):
        return "from the first on: the snapshot is of another version, and is made anew"
    return f"from the snapshot at event {kept.book.events} on"
