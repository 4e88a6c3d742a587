"""A snapshot of a book: a cache that changes no answer, and is believed only where it is right."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.broker_histories import STEPS, History, Step
from book.engines import change
from book.journals import COMMON, NOON, SEAT, filled, flip, opening, write
from book.test_histories import EVENTS
from underwriter.book import snapshot
from underwriter.book.event import AnyEvent, Deposited, OrderIntended
from underwriter.book.fold import EMPTY, fold
from underwriter.book.journal import Journal, events
from underwriter.book.place import Place
from underwriter.book.snapshot import WORTH, Opened, decoded, encoded, opened

MANY = [*opening(), *(filled(i) for i in range(WORTH))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "books"


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*")) if folder.is_dir() else []


def folded(place: Place) -> Any:  # noqa: ANN401  a book
    return fold(event for _, event in events(place))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many events were folded since it was last asked."""
    seen: list[AnyEvent] = []
    whole = snapshot.fold

    def counting(told: Any, book: Any = None) -> Any:  # noqa: ANN401  as the fold
        batch = list(told)
        seen.extend(batch)
        return whole(batch, book)

    def asked() -> int:
        found = len(seen)
        seen.clear()
        return found

    monkeypatch.setattr(snapshot, "fold", counting)
    return asked


def test_a_book_is_opened_from_its_snapshot_and_is_the_same(
    place: Place, folder: Path, counted: Callable[[], int]
) -> None:
    write(place, MANY)
    first = opened(place, folder)
    assert (counted(), len(kept(folder))) == (len(MANY), 1)
    again = opened(place, folder)
    assert counted() == 0
    assert again.book == first.book == folded(place)
    assert again.last == first.last == date(2026, 1, 5)


def test_what_came_later_is_folded_on_and_kept_once_it_is_much(
    place: Place, folder: Path, counted: Callable[[], int]
) -> None:
    write(place, MANY)
    opened(place, folder)
    before = kept(folder)[0].read_bytes()
    later = {**COMMON, "session": date(2026, 3, 2)}
    with Journal.open(place) as journal:
        journal.append([Deposited(**later, at=1, amount_u=5)], NOON)
        counted()
        found = opened(place, folder)
        assert (counted(), found.last) == (1, date(2026, 3, 2))
        assert found.book == folded(place)
        assert kept(folder)[0].read_bytes() == before
        journal.append([filled(i) for i in range(WORTH)], NOON)
        assert opened(place, folder).book == folded(place)
        counted()
        assert opened(place, folder).last == date(2026, 3, 2)
        assert counted() == 0
    assert len(kept(folder)) == 1


def test_a_small_book_or_an_empty_one_is_not_kept(place: Place, folder: Path) -> None:
    write(place, [])
    assert opened(place, folder) == Opened(EMPTY, None)
    with Journal.open(place) as journal:
        journal.append(opening(), NOON)
    assert opened(place, folder).book == folded(place)
    assert kept(folder) == []


# what is not believed


@pytest.mark.parametrize("part", range(0, 100, 9))
def test_a_damaged_snapshot_is_made_again(tmp_path: Path, folder: Path, part: int) -> None:
    place = write(tmp_path / "book.journal", MANY)
    opened(place, folder)
    (path,) = kept(folder)
    whole = path.read_bytes()
    flip(path, len(whole) * part // 100)
    assert opened(place, folder).book == folded(place)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("size", [0, 1, 31, 32, 64, 65, 1_000, -1])
def test_a_snapshot_cut_short_is_made_again(tmp_path: Path, folder: Path, size: int) -> None:
    place = write(tmp_path / "book.journal", MANY)
    opened(place, folder)
    (path,) = kept(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:size])
    assert opened(place, folder).book == folded(place)
    assert path.read_bytes() == whole


def test_a_snapshot_of_another_version_is_made_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, counted: Callable[[], int]
) -> None:
    place = write(tmp_path / "book.journal", MANY)
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "made_by", lambda: bytes(32))
        opened(place, folder)
        counted()
        opened(place, folder)
        assert counted() == 0
    assert opened(place, folder).book == folded(place)
    assert counted() == len(MANY)
    opened(place, folder)
    assert counted() == 0


def test_what_made_a_snapshot_is_the_source_of_book_and_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = snapshot.made_by()
    read = Path.read_bytes
    for room in ("book/fold.py", "core/sleeve.py", "book/event.py"):

        def edited(path: Path, room: str = room) -> bytes:
            return read(path) + b"#" * path.as_posix().endswith(room)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", edited)
            assert snapshot.made_by.__wrapped__() != ours
    assert snapshot.made_by.__wrapped__() == ours


def test_a_snapshot_of_another_journal_is_not_believed(tmp_path: Path, folder: Path) -> None:
    one = write(tmp_path / "one", MANY)
    other = write(tmp_path / "other", [filled(7), *MANY])
    opened(one, folder)
    (of_one,) = kept(folder)
    opened(other, folder)
    (of_other,) = {*kept(folder)} - {of_one}
    of_other.write_bytes(of_one.read_bytes())
    assert opened(other, folder).book == folded(other)


def test_a_journal_that_went_another_way_is_not_given_the_old_book(
    tmp_path: Path, folder: Path
) -> None:
    """Restored from a copy and written on, it begins as the one that was folded does."""
    place = write(tmp_path / "book.journal", MANY)
    opened(place, folder)
    (tmp_path / "book.journal").unlink()
    (tmp_path / "book.journal.head").unlink()
    write(place, [*MANY[:-3], *(filled(i) for i in range(9))])
    assert opened(place, folder).book == folded(place)


def test_a_journal_that_lost_its_end_is_not_given_the_old_book(place: Place, folder: Path) -> None:
    write(place, MANY)
    opened(place, folder)
    change(place, ("DELETE FROM event WHERE sequence > ?", (len(MANY) - 3,)))
    found = opened(place, folder)
    assert found.book.events == len(MANY) - 3
    assert found.book == folded(place)


def test_a_journal_with_a_hole_is_never_kept(place: Place, folder: Path) -> None:
    """Its events are fewer than their sequences say: what follows the last would be told twice."""
    write(place, MANY)
    change(place, "DELETE FROM event WHERE sequence = 4")
    assert opened(place, folder).book == folded(place)
    assert kept(folder) == []


# the cache as a folder


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    place = write(tmp_path / "book.journal", MANY)
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert opened(place, tmp_path / "file").book == folded(place)


def test_those_not_made_for_longest_give_way(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "WORTH", 1)
    monkeypatch.setattr(snapshot, "KEPT", 3)
    made = []
    for i in range(6):
        opened(write(tmp_path / f"{i}", [filled(i)]), folder)
        made.append(*({*kept(folder)} - {*made}))
        os.utime(made[-1], ns=(i, i))  # files have coarse clocks
    assert {*kept(folder)} == {*made[-3:]}


# a fold that goes on from a snapshot is the fold of all


def through(history: list[AnyEvent], cut: int) -> None:
    earlier = fold(history[:cut])
    told = Opened(earlier, date(2026, 1, 5))
    _, found = decoded(encoded(told, b"first", b"last"))
    assert found == told
    assert fold(history[cut:], found.book) == fold(history)


@given(st.lists(EVENTS, max_size=30), st.integers(0, 30))
def test_a_fold_from_a_snapshot_is_the_fold_of_all(history: list[AnyEvent], cut: int) -> None:
    through(history, cut)


@given(STEPS, st.floats(0, 1))
def test_a_fold_from_a_snapshot_is_the_fold_of_all_a_broker_told(
    steps: list[Step], part: float
) -> None:
    told = History(steps).events
    through(told, int(part * len(told)))


def test_orders_that_live_and_money_of_others_are_kept_too() -> None:
    order = OrderIntended(**SEAT, at=1, client="c1", action="open", legs=(), shares=100, limit_u=-5)
    euro = Deposited(**{**COMMON, "currency": "EUR"}, at=2, amount_u=7)
    history = [*opening(), order, euro]
    through(history, len(history))
    book = fold(history)
    assert book.orders.live
    assert book.others
