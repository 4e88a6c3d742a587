"""Waiting by the wall's clock: what ends it."""

from pathlib import Path

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
