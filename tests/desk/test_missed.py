"""A night whose closes are of another day is settled neither by paper nor by the desk."""

from pathlib import Path

import pytest

from desk.test_cycle import DAYS, MOMENT, MORNING, World, history
from desk.world import FRIDAY
from markets import START
from underwriter.book.event import Assigned, Marked
from underwriter.desk.replay import Replay
from underwriter.market.slab import Slab


def test_nothing_that_is_held_ends_at_a_price_that_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, history())
    cut = Replay.evening

    def standing(self: Replay, day: int) -> Slab | None:
        slab = cut(self, day)
        if slab is None or day != START + FRIDAY:
            return slab
        return slab._replace(origins=("standing",))

    with monkeypatch.context() as patch:
        patch.setattr(Replay, "evening", standing)
        world.through(DAYS[:5], [MORNING, MOMENT])
        for day in (5, 7):
            (report,) = world.through([day], [MORNING])
            assert [one.duty.session - START for one in report.left] == [FRIDAY]
            assert report.left[0].why.startswith("found no close of ")
            assert "data import of a file with its date and close" in report.left[0].why
            assert report.breaks == ()
        assert world.events(Assigned) == []
        assert len(world.events(Marked)) == 4
    world.through([7], [MORNING + 1])
    assert len(world.events(Assigned)) == 1
    assert len(world.events(Marked)) == 5
