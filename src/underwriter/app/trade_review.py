"""The week's review of a desk, written once its last session is settled; it never stops a cycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from underwriter.app.desk_folder import Folder
from underwriter.app.review import Asked, write
from underwriter.app.run_folder import JOURNAL
from underwriter.app.settings import House
from underwriter.core.errors import UnderwriterError
from underwriter.core.units import day_number, day_of
from underwriter.desk.cadence import week_over
from underwriter.desk.cycle import Desk

REVIEWS = "reviews"  # below the desk's folder
_LINES = 8
_WEEK = timedelta(days=7)


class Reviewed(NamedTuple):
    """What came of a week's review."""

    week: str
    text: str  # the first lines of it, or why there is none
    path: Path | None  # of its page; None where it could not be written


def review_due(desk: Desk, folder: Folder) -> str | None:
    """The week whose review is to be written, by its name; None where there is none."""
    ledger, calendar = desk.ledger, desk.street.calendar
    last = week_over(calendar, desk.street.clock.now())
    mark = ledger.folding.marks.get(ledger.account)
    if last is None or mark is None or ledger.begun is None:
        return None
    if not day_number(ledger.begun) <= last <= day_number(mark.session):
        return None
    name = _named(day_of(last))
    there = (folder.path / REVIEWS).glob(f"{name}*.json")
    return None if any(there) else name


def weeks_before(desk: Desk, folder: Folder, week: str) -> str:
    """What is said of the weeks before one that a replay ran through, and does not review.

    A review asks for quotes and takes up to a second, a replayed week some hundredths of one.
    Those in which earlier replays ended have theirs.
    """
    first, there = desk.ledger.begun or date.max, folder.path / REVIEWS
    while _named(first) < week and any(there.glob(f"{_named(first)}*.json")):
        first += _WEEK
    if _named(first) >= week:
        return ""
    place = folder.path if folder.journal == folder.path / JOURNAL else folder.journal
    return (
        f"the weeks from {_named(first)} on are not all reviewed, as a replay reviews its last: "
        f"underwriter review --book {place} --out {folder.path / REVIEWS} --week WEEK"
    )


def _named(day: date) -> str:
    """The week of a day, as reviews are named."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def write_review(house: House, desk: Desk, folder: Folder, week: str) -> Reviewed:
    """Write a week's review below a desk's folder."""
    account = desk.ledger.account
    asked = Asked(house, folder.journal, week, account, folder.path / REVIEWS)
    try:
        found = write(asked, _quietly)
    except (OSError, UnderwriterError) as problem:
        return Reviewed(week, f"the review of {week} could not be written: {problem}", None)
    lines = [line for line in found.text.splitlines() if line.strip()]
    return Reviewed(week, "\n".join(lines[:_LINES]), found.files[0])


@contextmanager
def _quietly(_name: str, _note: str) -> Iterator[None]:
    """Say nothing of what is being done."""
    yield
