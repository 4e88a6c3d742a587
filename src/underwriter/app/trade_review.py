"""The week's review of a desk, written once its last session is settled; it never stops a cycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from underwriter.app.desk_folder import Folder
from underwriter.app.review import Asked, write
from underwriter.app.settings import House
from underwriter.core.errors import UnderwriterError
from underwriter.core.units import day_number, day_of
from underwriter.desk.cadence import week_over
from underwriter.desk.cycle import Desk

REVIEWS = "reviews"  # below the desk's folder
_LINES = 8


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
    year, week, _ = day_of(last).isocalendar()
    name = f"{year}-W{week:02d}"
    there = (folder.path / REVIEWS).glob(f"{name}*.json")
    return None if any(there) else name


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
