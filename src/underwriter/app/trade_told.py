"""After each cycle: a line of the log, and what somebody should hear of in time."""

from collections.abc import Callable

from underwriter.app.cycle_log import CycleLog
from underwriter.app.desk_folder import Folder
from underwriter.app.log import open_log
from underwriter.app.notify import Notifier
from underwriter.app.settings import House
from underwriter.app.trade_review import review_due, write_review
from underwriter.core.errors import InputError
from underwriter.desk.cycle import Desk, Report
from underwriter.desk.exposed import pressed, shorts
from underwriter.desk.newest import newest
from underwriter.desk.tidings import Tiding, review_written


def telling(
    house: House, desk: Desk, folder: Folder, say: Callable[[str], None]
) -> Callable[[Report], None]:
    """What is to be called after each cycle of a desk; nothing in it stops a cycle."""
    log, ledger = open_log(house.home), desk.ledger
    notifier = Notifier(house, folder.path, ledger.account, log)
    notifier.begin(ledger.journal.head.sequence)
    lines, tried = CycleLog(log), set[str]()

    def tell(report: Report) -> None:
        lines.note(report, ledger.journal.head.sequence)
        rows = _pressed(desk)
        week = review_due(desk, folder)
        if week and week not in tried:
            tried.add(week)  # one that cannot be written is tried again by the next process
            came = write_review(house, desk, folder, week)
            (log.info if came.path else log.warning)("review", week=week, path=str(came.path))
            say(f"review of {week}: {came.path or came.text}")
            rows.append(review_written(week, came.text))
        notifier.tell(ledger.journal.read, ledger.book, report, rows)

    return tell


def _pressed(desk: Desk) -> list[Tiding]:
    """What is held and pressed, on the newest quotes; nothing where there are none."""
    street, ledger = desk.street, desk.ledger
    try:
        slab = newest(street.quotes, street.calendar, street.clock.now())
    except InputError:
        return []
    return pressed(shorts(ledger.book, slab, ledger.account))
