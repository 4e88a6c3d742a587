"""After a power cut a file has what was put on the disk: its log, and a head that may be older."""

import shutil
from pathlib import Path

import pytest

from book.journals import NOON
from faults.test_kill import require_whole
from faults.writer import batch
from underwriter.book import open_log
from underwriter.book.head import head_path
from underwriter.book.journal import Journal
from underwriter.book.layout import beside
from underwriter.book.verify import verify
from underwriter.book.wal import FRAME, HEADER, read_log


@pytest.fixture
def cut(tmp_path: Path) -> tuple[Path, list[bytes]]:
    """A journal as it stood while it was written to, and every head that it had since its log."""
    path, heads = tmp_path / "book.journal", []
    with Journal.create(path) as journal:
        for size in (3, 1, 40, 1, 1, 5):
            journal.append(batch(journal.head.sequence, size), NOON)
            heads.append(head_path(path).read_bytes())
        shutil.copytree(tmp_path, tmp_path / "cut")
    return tmp_path / "cut" / "book.journal", heads


@pytest.mark.parametrize("age", range(6))
def test_t82_an_older_head_loses_nothing_that_is_in_the_log(
    cut: tuple[Path, list[bytes]], age: int
) -> None:
    path, heads = cut
    head_path(path).write_bytes(heads[-1 - age])
    report = verify(path)
    assert (report.ok, report.events) == (True, 51)
    assert ("events are written after the head" in report.note) == (age > 0)
    with Journal.open(path) as journal:
        assert journal.head.sequence == 51
        journal.append(batch(51, 2), NOON)
    assert require_whole(path, 0) == 53
    assert verify(path).ok


@pytest.mark.parametrize("age", range(5))
@pytest.mark.parametrize("lost", [1, FRAME // 2, FRAME])
def test_t82_a_tail_that_the_head_does_not_count_ends_at_a_whole_batch(
    cut: tuple[Path, list[bytes]], age: int, lost: int
) -> None:
    """What was not on the disk yet is a batch that nobody was told of: it is not there at all."""
    path, heads = cut
    log = beside(path, "-wal")
    end = read_log(log).length
    with log.open("r+b") as file:
        file.seek(end - lost)
        file.write(bytes(lost))
    head_path(path).write_bytes(heads[-2 - age])
    report = verify(path)
    assert (report.ok, report.events) == (True, 46)
    with Journal.open(path) as journal:
        assert journal.head.sequence == 46
    assert require_whole(path, 0) == 46


def test_t82_a_tail_that_the_head_counts_is_missed(cut: tuple[Path, list[bytes]]) -> None:
    path, _ = cut
    log = beside(path, "-wal")
    for end in reversed(range(HEADER, read_log(log).length, FRAME)):
        with log.open("r+b") as file:
            file.truncate(end)
        assert not verify(path).ok


def test_t82_a_log_begun_anew_over_another_is_read_to_its_own_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames of the log before stand behind its commits, at every moment in another place."""
    monkeypatch.setattr(open_log, "LIMIT", HEADER + 9 * FRAME)
    path = tmp_path / "book.journal"
    with Journal.create(path) as journal:
        for moment in range(60):
            journal.append(batch(journal.head.sequence, 1 + moment % 7), NOON)
            there = tmp_path / f"cut {moment}"
            there.mkdir()
            for each in tmp_path.glob("book.journal*"):
                shutil.copy(each, there)
            report = verify(there / "book.journal")
            assert (report.ok, report.note) == (True, "")
            assert report.head == journal.head
            with Journal.open(there / "book.journal") as again:
                assert again.head == journal.head
