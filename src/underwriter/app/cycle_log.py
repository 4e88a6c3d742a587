"""What a cycle did, as lines of the log: for the loop that runs the desk."""

from typing import Any

from structlog.typing import FilteringBoundLogger

from underwriter.core.units import day_of
from underwriter.desk.cycle import Report


class CycleLog:
    """The cycles of a desk, each a line where it is not as the one before it was.

    What somebody should look at is a warning; a cycle in which nothing is due is no line.
    """

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._last: dict[str, Any] = {}

    def note(self, report: Report, head: int) -> None:
        """Note a cycle; `head` is the journal's last sequence after it."""
        said = _said(report)
        if said and said != self._last:
            (self._log.warning if report.attention else self._log.info)("cycle", head=head, **said)
        self._last = said


def _said(report: Report) -> dict[str, Any]:
    """What of a report there is."""
    found = {
        "done": [f"{duty.kind} {day_of(duty.session)}" for duty in report.done],
        "left": len(report.left),
        "skipped": [str(day_of(day)) for day in report.skipped],
        "breaks": [f"{one.kind} {one.key}: {one.cause}" for one in report.breaks],
        "odd": list(report.odd),
        "held_back": {str(sequence): why for sequence, why in report.held_back.items()},
        "ended": {str(sequence): why or "filled" for sequence, why in report.ended.items()},
        "blind": report.blind,
        "beside": list(report.beside),
        "account": [f"{one.what}: {one.found}" for one in report.faults],
    }
    return {name: value for name, value in found.items() if value}
