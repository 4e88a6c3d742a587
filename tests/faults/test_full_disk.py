"""A full disk refuses a batch and loses nothing: at SQLite's limit, and on disks that are small."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from book.journals import NOON, filled, opening
from conftest import NEEDS_LEAVE
from postgres import Server
from underwriter.book.event import AnyEvent
from underwriter.book.journal import Journal, events
from underwriter.book.place import Place, place_of
from underwriter.book.sqlite import SqliteStore
from underwriter.book.verify import verify
from underwriter.core.errors import JournalError, UnderwriterError

SIZE = 768  # kilobytes of the small disk


def long(count: int) -> list[AnyEvent]:
    """Events that take more than a page each."""
    return [opening()[0]] * count


def mounted(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A small disk in memory; the reason to skip where nobody may mount one."""
    folder.mkdir()
    options = f"size={kilobytes}k,mode=777"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", folder],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"{NEEDS_LEAVE} to mount a small disk: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "small", SIZE)


def filled_up(journal: Journal, batch: list[AnyEvent]) -> str:
    """What is said when a batch is appended until the disk is full: a line."""
    try:
        for _ in range(1_000):
            journal.append(batch, NOON)
    except JournalError as error:
        refused = str(error)
    assert "\n" not in refused
    return refused


def attempted(attempt: Callable[[], object]) -> None:
    """Do it, or be refused in a line."""
    try:
        attempt()
    except UnderwriterError as error:
        refused = str(error)
        assert "\n" not in refused


def require(place: Place, count: int) -> None:
    """It is sound and has so many events."""
    report = verify(place)
    assert report.ok, report.findings
    assert report.events == count == len([*events(place)])


@pytest.mark.parametrize("pages", range(8, 40, 6))
@pytest.mark.parametrize("cache", [4, 2_000])
def test_t82_a_database_at_its_limit_refuses_the_batch_alone(
    tmp_path: Path, pages: int, cache: int
) -> None:
    """With a small cache pages are written before the commit, with a large one within it."""
    path = tmp_path / "book.journal"
    with Journal.create(path) as journal:
        journal.append(opening(), NOON)
        assert isinstance(journal._store, SqliteStore)
        link = journal._store.connection
        link.execute(f"PRAGMA max_page_count = {pages}")
        link.execute(f"PRAGMA cache_size = {cache}")
        with pytest.raises(JournalError, match=r"after event 6, .*full; nothing of the batch"):
            journal.append(long(30), NOON)
        assert verify(path).ok
        journal.append([filled(1)], NOON)
        link.execute("PRAGMA max_page_count = 1000000")
        journal.append(long(30), NOON)
        assert verify(path).ok
    require(path, 37)


@pytest.mark.parametrize("size", [1, 7, 15])
def test_t82_a_file_on_a_full_disk_keeps_all_it_acknowledged(small: Path, size: int) -> None:
    path, ballast = small / "book.journal", small / "ballast"
    ballast.write_bytes(bytes(SIZE * 600))  # more than folding the log will need
    journal = Journal.create(path)
    journal.append(opening(), NOON)
    said = filled_up(journal, long(size))
    assert "nothing of the batch was written" in said
    count = journal.head.sequence
    assert count > 6
    assert verify(path).ok
    assert verify(path).events == count
    ballast.unlink()
    count = journal.append(long(2), NOON).sequence
    journal.close()
    require(path, count)


@pytest.mark.parametrize("room", range(0, 80_000, 8_000))
def test_t82_a_disk_that_fills_while_it_closes_or_opens_loses_nothing(
    small: Path, room: int
) -> None:
    """However little room is left: the next writer goes on once there is some."""
    path = small / "book.journal"
    journal = Journal.create(path)
    count = journal.append(long(40), NOON).sequence
    with (small / "ballast").open("wb", buffering=0) as ballast:
        free = os.statvfs(small).f_bavail * os.statvfs(small).f_bsize
        ballast.write(bytes(max(free - room, 0)))
    attempted(journal.close)
    attempted(lambda: Journal.open(path).close())
    (small / "ballast").unlink()
    with Journal.open(path) as again:
        assert again.head.sequence == count
        count = again.append([filled(1)], NOON).sequence
    assert {each.name for each in small.iterdir()} == {"book.journal", "book.journal.head"}
    require(path, count)


def test_t82_a_file_that_cannot_be_made_on_a_full_disk_leaves_nothing_in_the_way(
    small: Path,
) -> None:
    path = small / "book.journal"
    (small / "ballast").write_bytes(bytes(SIZE * 1_024 - 12_000))
    with pytest.raises(UnderwriterError) as refused:
        Journal.create(path)
    assert "\n" not in str(refused.value)
    (small / "ballast").unlink()
    with Journal.create(path) as journal:
        journal.append(opening(), NOON)
    require(path, 6)


def test_t82_a_server_whose_disk_is_full_keeps_all_it_acknowledged(
    server: Server,
) -> None:
    """The tables stand on a small disk of their own, the server's log on another."""
    for disk in mounted(server.folder / "small", 2_048):
        os.chown(disk, *server.owner())
        server.run(f"CREATE TABLESPACE small LOCATION '{disk}'")
        try:
            url = server.url()
            text = f"{url.text}&options=-c%20default_tablespace%3Dsmall"
            place = place_of(text)
            journal = Journal.create(place)
            journal.append(opening(), NOON)
            said = filled_up(journal, [opening()[1]] * 400)
            assert "No space left on device; nothing of the batch" in said
            count = journal.head.sequence
            assert count > 6
            journal.close()
            require(place, count)
            server.run(f"ALTER TABLE {url.journal}.event SET TABLESPACE pg_default")
            with closing(Journal.open(place)) as again:
                count = again.append(opening(), NOON).sequence
            require(place, count)
        finally:
            server.run(f"DROP SCHEMA {url.journal} CASCADE", "DROP TABLESPACE small")
