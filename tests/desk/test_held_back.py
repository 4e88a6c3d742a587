"""What is held back, as it is told: only what could still go out."""

from pathlib import Path

import pytest

from desk.test_cycle import MOMENT, MORNING, World, history
from desk.world import day
from underwriter.book.event import Answered, Busted, Filled
from underwriter.book.journal import Journal
from underwriter.desk.brokers.paper import open_paper
from underwriter.desk.cycle import Desk
from underwriter.desk.ledger import Ledger
from underwriter.desk.router import Street


def taken_back(fill: Filled, at: int) -> Busted:
    return Busted(at=at, session=fill.session, account="main", of=fill.id or "", why="a test")


@pytest.mark.parametrize("filled", [True, False])
def test_t20_what_a_hand_refused_and_filled_all_the_same_is_held_back_no_more(
    tmp_path: Path, *, filled: bool
) -> None:
    """The no came while nobody knew of the order; after its fill nothing is left to refuse."""
    world = World(tmp_path, history())
    world.through([0], [MORNING, MOMENT])
    assert len(world.events(Filled)) == 1
    with Journal.open(world.folder / "journal.db") as journal:
        ledger = Ledger(journal, "main")
        (sequence,) = ledger.intents
        whose = {
            name: getattr(ledger.intents[sequence].event, name)
            for name in ("account", "sleeve", "campaign", "policy")
        }
        no = Answered(**whose, at=world.clock.at, session=day(0), of=sequence, yes=False)
        ledger.append([no], world.clock.at)
        if not filled:
            fill = next(one for _, one in journal.read() if isinstance(one, Filled))
            ledger.append([taken_back(fill, world.clock.at)], world.clock.at)
        street = Street(
            open_paper(world.place, 0), world.clock, world.quotes, world.calendar,
            {one.symbol: one for one in world.place.instruments}, guards=world.guards,
        )  # fmt: skip
        held = Desk(ledger, street, world.rules, world.beside).watch.barring()
    assert held == {} if filled else {sequence: "refused by hand"}
