"""The journal, on every engine: what is acknowledged stays, what is not leaves nothing."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256

import msgspec
import pytest

from book.engines import await_let_go, change, stored
from book.journals import COMMON, NOON, filled, given, killed, opening, write
from underwriter.book.event import AnyEvent, CashAdjusted, Deposited
from underwriter.book.journal import Journal, events
from underwriter.book.layout import GENESIS
from underwriter.book.place import Place
from underwriter.book.stored import encode
from underwriter.book.upcast import SCHEMA
from underwriter.book.verify import verify
from underwriter.core.errors import InputError, JournalError

OPEN = """
import sys
from underwriter.book.journal import Journal
Journal.open(sys.argv[1])
"""


def test_events_are_read_in_the_order_in_which_they_were_appended(place: Place) -> None:
    batch = opening()
    with Journal.create(place) as journal:
        assert journal.head == GENESIS
        journal.append(batch[:2], NOON)
        head = journal.append(batch[2:], NOON)
        assert head == journal.head
        assert list(journal.read()) == list(enumerate(batch, 1))
        assert [sequence for sequence, _ in journal.read(after=4)] == [5, 6]
    assert list(events(place)) == list(enumerate(batch, 1))
    assert [sequence for sequence, _ in events(place, after=5)] == [6]


def test_the_head_is_the_chained_hash_of_every_column(place: Place) -> None:
    digest = bytes(32)
    for sequence, event in enumerate(opening(), 1):
        kind, payload = event.__struct_config__.tag.encode(), encode(event)
        frame = struct.pack(
            ">qqqIII", sequence, event.at, NOON + 1, SCHEMA, len(kind), len(payload)
        )
        digest = sha256(digest + frame + kind + payload).digest()
    with Journal.create(place) as journal:
        assert journal.append(opening(), NOON + 1) == (6, digest)


def test_a_journal_opened_again_goes_on_where_it_ended(place: Place) -> None:
    write(place)
    with Journal.open(place) as journal:
        assert journal.head.sequence == 6
        assert journal.append([filled(7)], NOON).sequence == 7
    report = verify(place)
    assert report.ok
    assert (report.events, report.note) == (7, "")


def test_an_empty_batch_changes_nothing(place: Place) -> None:
    with Journal.create(place) as journal:
        assert journal.append([], NOON) == GENESIS
        assert journal.take([]) == GENESIS


def test_a_batch_that_cannot_be_made_leaves_nothing(place: Place) -> None:
    def batch() -> Iterator[AnyEvent]:
        yield filled(1)
        raise RuntimeError("the source broke")

    with Journal.create(place) as journal:
        with pytest.raises(RuntimeError, match="source broke"):
            journal.append(batch(), NOON)
        assert list(journal.read()) == []
        assert journal.append([filled(1)], NOON).sequence == 1


def test_a_journal_is_not_written_over(place: Place) -> None:
    write(place)
    before = stored(place)
    with pytest.raises(InputError, match="expected a new name"):
        Journal.create(place)
    assert stored(place) == before


def test_t05_a_second_writer_is_refused_with_who_holds_it(place: Place) -> None:
    with Journal.create(place) as journal:
        journal.append(opening(), NOON)
        for attempt in (Journal.open, Journal.create):
            with pytest.raises(JournalError, match=rf"process {os.getpid()}\b.* writing to it"):
                attempt(place)
        done = subprocess.run(
            [sys.executable, "-c", OPEN, given(place)], check=False, capture_output=True, text=True
        )
        assert f"process {os.getpid()} " in done.stderr
        assert "expected no other writer" in done.stderr
    with Journal.open(place) as journal:
        assert journal.head.sequence == 6


def test_a_reader_sees_events_while_they_are_written(place: Place) -> None:
    with Journal.create(place) as journal:
        journal.append([filled(i) for i in range(3_000)], NOON)
        reading = events(place)
        assert next(reading)[0] == 1
        journal.append([filled(i) for i in range(20_000)], NOON)
        assert sum(1 for _ in reading) == 22_999
        assert verify(place).ok
    assert verify(place).ok


def test_events_of_a_later_schema_and_unreadable_ones_are_named(place: Place) -> None:
    write(place)
    change(
        place,
        ("UPDATE event SET payload = ? WHERE sequence = 2", (b"{",)),
        "UPDATE event SET schema = 9 WHERE sequence = 3",
    )
    with pytest.raises(JournalError, match="event 2 cannot be read"):
        list(events(place))
    with pytest.raises(JournalError, match=f"event 3: expected schema 1 to {SCHEMA}, found 9"):
        list(events(place, after=2))


def test_times_that_go_back_are_written_as_they_came_and_sequence_orders_them(
    place: Place,
) -> None:
    later, earlier = NOON + 10**12, NOON - 10**12
    with Journal.create(place) as journal:
        journal.append([filled(9)], later)
        journal.append([filled(-9)], earlier)
        journal.append([filled(3)], 0)
        assert [event.at for _, event in journal.read()] == [NOON + 9, NOON - 9, NOON + 3]
    assert [row[2] for row in stored(place)] == [later, earlier, 0]
    assert verify(place).ok


@pytest.mark.parametrize(
    ("moment", "kept"), [("at rest", 8), ("in mid-append", 8), ("while closing", 8)]
)
def test_t82_a_killed_writer_leaves_what_it_acknowledged_and_no_lock(
    place: Place, moment: str, kept: int
) -> None:
    killed(place, moment)
    assert verify(place).ok
    assert [sequence for sequence, _ in events(place)] == list(range(1, kept + 1))
    await_let_go(place)
    with Journal.open(place) as journal:
        assert journal.append([filled(99)], NOON).sequence == kept + 1
    assert verify(place).ok


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM event WHERE sequence > 4"],
        [
            "DELETE FROM event WHERE sequence = 6",
            "UPDATE event SET sequence = 6 WHERE sequence = 5",
        ],
        ["UPDATE event SET hash = payload WHERE sequence = 6"],
    ],
)
def test_a_journal_that_does_not_agree_with_its_head_is_not_written_to(
    place: Place, statements: list[str]
) -> None:
    write(place)
    change(place, *statements)
    before = stored(place)
    with pytest.raises(JournalError) as refused:
        Journal.open(place)
    assert "\n" not in str(refused.value)
    assert stored(place) == before
    assert not verify(place).ok


def test_a_writer_of_an_earlier_version_does_not_write_after_events_of_a_later(
    place: Place,
) -> None:
    write(place)
    change(place, f"UPDATE event SET schema = {SCHEMA + 1} WHERE sequence = 6")  # noqa: S608
    with pytest.raises(JournalError, match=f"event 6: expected schema 1 to {SCHEMA}"):
        Journal.open(place)


def test_an_event_with_a_number_beyond_64_bits_is_refused_and_nothing_is_written(
    place: Place,
) -> None:
    paid = Deposited(**COMMON, at=NOON, amount_u=2**63)
    with Journal.create(place) as journal:
        journal.append([filled(0)], NOON)
        with pytest.raises(InputError, match=r"event 3: expected whole numbers of 64 bits") as said:
            journal.append([filled(1), paid], NOON)
        assert "9223372036854775808" in str(said.value)
        assert "\n" not in str(said.value)
        late = msgspec.structs.replace(paid, at=9_223 * 10**15, amount_u=2**63 - 1)
        worded = CashAdjusted(**COMMON, at=NOON, amount_u=1, why="row 12345678901234567890123")
        journal.append([late, worded], NOON)
    assert [event for _, event in events(place)] == [filled(0), late, worded]
