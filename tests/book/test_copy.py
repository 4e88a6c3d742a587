"""A copy is the journal itself in another place: the same rows, the same hashes."""

from pathlib import Path

import pytest

from book.engines import change, stored
from book.journals import NOON, filled, opening, write
from first_release import chained, write_first_release
from underwriter.book.copy import copy
from underwriter.book.journal import Journal
from underwriter.book.place import Place
from underwriter.book.verify import verify
from underwriter.core.errors import InputError, JournalError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source")


def test_a_copy_has_every_row_and_its_hash_and_verifies(source: Path, place: Place) -> None:
    head = copy(source, place)
    assert stored(place) == stored(source)
    report = verify(place)
    assert report.ok, report.findings
    assert report.head == head == verify(source).head


def test_a_copy_of_a_copy_is_the_journal(source: Path, place: Place, tmp_path: Path) -> None:
    copy(source, place)
    copy(place, tmp_path / "back")
    assert stored(tmp_path / "back") == stored(source)


def test_a_copy_catches_up_with_a_journal_that_has_grown(source: Path, place: Place) -> None:
    copy(source, place)
    with Journal.open(source) as journal:
        journal.append([filled(i) for i in range(3_000)], NOON)
    assert copy(source, place).sequence == 3_006
    assert copy(source, place).sequence == 3_006
    assert stored(place) == stored(source)


def test_an_empty_journal_and_one_of_the_first_release_are_copied(
    place: Place, tmp_path: Path
) -> None:
    assert copy(write(tmp_path / "empty", []), place).sequence == 0
    copy(write_first_release(tmp_path / "first"), place)
    assert stored(place) == chained()


@pytest.mark.parametrize("more", [0, 5])
def test_another_journal_is_not_written_over(source: Path, place: Place, more: int) -> None:
    write(place, [filled(i) for i in range(3 + more)])
    before = stored(place)
    with pytest.raises(JournalError, match="expected the beginning of"):
        copy(source, place)
    assert stored(place) == before


def test_a_target_that_is_ahead_is_not_the_beginning(source: Path, place: Place) -> None:
    copy(source, place)
    with Journal.open(place) as journal:
        journal.append([filled(1)], NOON)
    with pytest.raises(JournalError, match="expected the beginning of"):
        copy(source, place)


def test_a_journal_is_not_copied_onto_itself(place: Place) -> None:
    write(place)
    with pytest.raises(InputError, match="as source and target"):
        copy(place, place)


def test_a_source_that_was_altered_is_copied_no_further(place: Place, tmp_path: Path) -> None:
    source = write(tmp_path / "source", [*opening(), *(filled(i) for i in range(3_000))])
    change(source, "UPDATE event SET at = 0 WHERE sequence = 2500")
    with pytest.raises(JournalError, match="event 2500 does not follow"):
        copy(source, place)
    assert verify(place).ok
    assert verify(place).events == 2_000


def test_what_is_no_journal_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a journal's file"):
        copy(tmp_path / "nothing", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
