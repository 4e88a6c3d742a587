"""A desk's own journal under review: it adds up, it is in good order, and its orders are told."""

from pathlib import Path

import pytest

from desk.test_cycle import MOMENT, MORNING, World
from desk.test_strategies import CASES, DAYS, RULES, month
from desk.world import weekdays
from markets import START, limits, policies
from underwriter.book.journal import events as read_journal
from underwriter.core.policy import REG_T
from underwriter.core.units import day_of
from underwriter.report.review import review, told
from underwriter.report.weekly.week import week_of


@pytest.mark.parametrize("name", ["wheel", "iron_condor", "strangle"])
def test_the_weeks_of_a_desk_add_up_and_break_no_rule(tmp_path: Path, name: str) -> None:
    world = World(tmp_path, month())
    world.rules = world.rules._replace(
        policies=policies(RULES | CASES[name]), limits=limits(collateral=REG_T)
    )
    world.through([*DAYS, 26], [MORNING, MOMENT])
    events = [one for _, one in read_journal(tmp_path / "journal.db")]
    end = None
    for monday in range(0, 28, 7):
        week = week_of(weekdays(), day_of(START + monday))
        found = review(told(events, "main", week, weekdays()))
        one = found.results
        assert sum(round(each.amount * 100) for each in one.causes) == round(one.earned * 100)
        assert one.causes[-1].amount == 0.0  # nothing that no event explains
        assert end is None or one.start == end
        assert found.breaches == []
        untold = {each.kind for each in found.checks if not each.told}
        assert untold == {"held past exit_dte"}  # the policy of this world has no text
        assert all("no decision" not in each.cause for each in found.ended.legs)
        end = one.end
