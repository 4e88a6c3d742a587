"""Waiting: what ends it by the wall's clock, and what is on the disk by then."""

from pathlib import Path

import pytest

from desk.stand import PUT, Stand, quoted
from underwriter.desk.clocks import SECOND, Turned, WallClock


def test_a_file_is_told_once_as_it_comes_and_once_as_it_goes(tmp_path: Path) -> None:
    kill = tmp_path / "KILL"
    turned = Turned(kill)
    assert not turned()
    kill.touch()
    assert (turned(), turned()) == (True, False)
    kill.unlink()
    assert (turned(), turned()) == (True, False)


def test_what_is_there_already_wakes_nobody(tmp_path: Path) -> None:
    (tmp_path / "KILL").touch()
    assert not Turned(tmp_path / "KILL")()


def test_a_wait_ends_as_the_file_comes(tmp_path: Path) -> None:
    turned = Turned(tmp_path / "KILL")

    def wakes() -> bool:
        (tmp_path / "KILL").touch()
        return turned()

    clock = WallClock(wakes)
    begun = clock.now()
    clock.wait(begun + 3_600 * SECOND)
    assert clock.now() < begun + 60 * SECOND


def test_what_routing_said_is_on_the_disk_before_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = quoted(Stand(tmp_path))
    stand.approve("open", (PUT, -1))
    waits, seen = stand.clock.wait, list[bool]()

    def waiting(until: int) -> None:
        seen.append(stand.journal.head.sequence == stand.ledger.sequence)
        waits(until)

    monkeypatch.setattr(stand.clock, "wait", waiting)
    stand.route()
    assert seen
    assert all(seen)
