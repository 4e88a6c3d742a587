"""One writer at a time, in processes of their own; and a clock that jumps back orders nothing."""

import subprocess
import sys
from datetime import date

import pytest

from book.journals import COMMON, NOON, given, write
from underwriter.app.record import Draft, Terms, Where
from underwriter.book.event import Deposited
from underwriter.book.fold import fold
from underwriter.book.journal import Journal, events
from underwriter.book.place import Place
from underwriter.book.verify import verify
from underwriter.core.errors import InputError, JournalError

HOLDING = """
import sys
from underwriter.book.journal import Journal
from underwriter.book.place import place_of
with Journal.open(place_of(sys.argv[1])):
    print("holds", flush=True)
    sys.stdin.read()
"""


def test_t05_of_two_writers_the_second_is_told_who_holds_the_journal(place: Place) -> None:
    write(place)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, given(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds\n"
        for attempt in (Journal.open, Journal.create):
            with pytest.raises(JournalError) as refused:
                attempt(place)
            assert f"process {holder.pid}" in str(refused.value)
            assert "wait until it ends" in str(refused.value)
            assert "\n" not in str(refused.value)
        assert len([*events(place)]) == 6  # who only reads is not refused
        holder.communicate()
    assert holder.returncode == 0
    with Journal.open(place) as journal:
        assert journal.head.sequence == 6


def test_t05_what_was_drafted_beside_another_writer_is_not_written(place: Place) -> None:
    """Read before the other wrote, it would be booked after what it does not know."""
    terms = Terms()
    first = Draft(Where(place, None, date(2026, 1, 5), terms))
    first.write()
    one, other = (Draft(Where(place, None, date(2026, 1, 5), None)) for _ in range(2))
    for draft in (one, other):
        draft.say(Deposited, amount_u=1)
    one.write()
    with pytest.raises(InputError, match="found events that were written meanwhile"):
        other.write()
    assert fold(event for _, event in events(place)).balance_u("main", "USD") == 1


@pytest.mark.parametrize("back", [1, 3_600 * 10**9, NOON - 1, 2 * NOON])
def test_a_clock_that_jumps_back_orders_nothing(place: Place, back: int) -> None:
    """What is received earlier than what stands before it comes after it all the same."""
    told = [Deposited(**COMMON, at=at, amount_u=at) for at in (NOON, NOON - back, NOON + 1)]
    with Journal.create(place) as journal:
        for event, received in zip(told, (NOON, NOON - back, -back), strict=True):
            journal.append([event], received)
    with Journal.open(place) as journal:
        journal.append(told[:1], NOON - back)
    report = verify(place)
    assert report.ok, report.findings
    assert [event for _, event in events(place)] == [*told, told[0]]
    assert [at for at, _ in events(place)] == [1, 2, 3, 4]
