"""After each cycle: a line of the log, and what somebody should hear of in time."""

from collections.abc import Callable
from contextlib import suppress

from underwriter.app.cycle_log import CycleLog
from underwriter.app.desk_folder import Folder
from underwriter.app.log import open_log
from underwriter.app.notify import Notifier
from underwriter.app.settings import House
from underwriter.app.trade_review import review_due, write_review
from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.desk.ahead import Latch, ahead
from underwriter.desk.burdened import burdens, owed
from underwriter.desk.cycle import Desk, Report
from underwriter.desk.exposed import pressed, shorts
from underwriter.desk.looking import look
from underwriter.desk.newest import newest
from underwriter.desk.present import Moment, present
from underwriter.desk.tidings import Tiding, review_written


def telling(
    house: House, desk: Desk, folder: Folder, say: Callable[[str], None]
) -> Callable[[Report], None]:
    """What is to be called after each cycle of a desk; nothing in it stops a cycle."""
    log, ledger = open_log(house.home), desk.ledger
    notifier = Notifier(house, folder.path, ledger.account, log)
    notifier.begin(ledger.journal.head.sequence)
    lines, tried, latch = CycleLog(log), set[str](), Latch()

    def tell(report: Report) -> None:
        lines.note(report, ledger.journal.head.sequence)
        rows = list[Tiding]()
        if house.settings.notify.channels:  # else nobody is told, and nobody's quotes are asked for
            rows += burdens(report.faults) + owed(ledger.book, ledger.account)
            rows += _standing(desk, latch)
        week = review_due(desk, folder)
        if week and week not in tried:
            tried.add(week)  # one that cannot be written is tried again by the next process
            came = write_review(house, desk, folder, week)
            (log.info if came.path else log.warning)("review", week=week, path=str(came.path))
            say(f"review of {week}: {came.path or came.text}")
            rows.append(review_written(week, came.text))
        notifier.tell(ledger.journal.read, ledger.book, report, rows)

    return tell


def _standing(desk: Desk, latch: Latch) -> list[Tiding]:
    """What stands of what is held, at this moment; nothing where nothing is quoted."""
    street, ledger = desk.street, desk.ledger
    moment = Moment(street.calendar, street.clock.now(), street.stale)
    try:
        slab = newest(street.quotes, street.calendar, moment.now)
    except InputError:
        return []
    now = present(slab, ledger.book, ledger.account, street.quotes, moment)
    rows = pressed(shorts(ledger.book, now.slab, ledger.account))
    busy = {one.event.sleeve for one in ledger.waiting().values()}
    with suppress(InputError):  # of what has no seat, which the cycle says
        looks = look(ledger.book, now.slab, desk.rules, street.calendar)
        day = day_of(moment.day)
        rows += latch.held(ahead(looks, now.quoted, busy, day), day)
    return rows
