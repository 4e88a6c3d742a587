"""An account that owes for shares that were put to it (T56): an alarm of its own, with figures."""

from pathlib import Path

from desk.stand import Stand
from desk.world import moment, osi
from underwriter.book.event import Assigned
from underwriter.desk.burdened import owed
from underwriter.desk.tidings import of_events

PUT = osi(60.0)


def assigned(folder: Path, cash: float) -> Stand:
    """One put at 60 sold for 1.30 with so much cash, and assigned on Friday at a close of 58."""
    stand = Stand(folder, cash=cash)
    stand.board.touches |= {PUT: (1.30, 1.40), "KO": (59.99, 60.01)}
    stand.approve("open", (PUT, -1))
    stand.route()
    stand.board.day(4, closes=[(58.0, 500.0)])
    stand.clock.at = moment(stand.calendar, 7, "9:00")
    stand.router.take_facts()
    return stand


def test_t56_an_assignment_that_takes_cash_under_zero_is_an_alarm_with_its_figures(
    tmp_path: Path,
) -> None:
    """1,800 and 130 less a commission of 0.65 and fees come to 1,929; the shares cost 6,000."""
    stand = assigned(tmp_path, 1_800.0)
    book = stand.ledger.book
    assert -4_071_500_000 < book.balance_u("main", "USD") < -4_070_000_000
    (one,) = owed(book, "main")
    assert (one.level, one.key) == ("alarm", "owed main")
    assert one.title.startswith("Cash is under zero: 4,07")
    assert one.title.endswith(" are owed, 100 KO shares are held")
    assert "Until it is paid nothing opens that needs cash" in one.text
    assert "The broker may sell shares by itself." in one.text
    assert one.text.endswith("Deposit it, or let shares go: `underwriter desk close 0`.")
    told = of_events(stand.events(Assigned), {})
    assert [each.level for each in told] == ["warning"], "the assignment itself is told beside"


def test_t56_an_assignment_that_cash_carries_is_none(tmp_path: Path) -> None:
    stand = assigned(tmp_path, 20_000.0)
    assert stand.ledger.held(0) == {}
    assert owed(stand.ledger.book, "main") == []
    assert owed(stand.ledger.book, "another") == []
