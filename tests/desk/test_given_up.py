"""What a desk lets go: intents that a hand said no to, a hand's order before the decision."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from desk.stand import CALL, PUT, Stand, quoted
from desk.test_cycle import MOMENT, World, history
from desk.test_hand import ask, at
from desk.world import moment
from markets import START
from underwriter.app import desk_hand
from underwriter.app.desk_folder import Folder
from underwriter.book.event import Answered, OrderIntended, Refused
from underwriter.book.journal import Journal
from underwriter.desk.inbox import Close
from underwriter.desk.watching import Watch


def said_no(stand: Stand, of: int) -> None:
    """A hand's no to an intent, and what the watch gives up."""
    whose = {"sleeve": 0, "campaign": 0, "policy": "p"}
    stand.ledger.append([Answered(**stand.common(), **whose, of=of, yes=False)], stand.clock.at)
    nothing: Any = None
    Watch(stand.ledger, stand.router.street, nothing, nothing)._give_up()


def test_a_no_to_what_has_filled_refuses_nothing_and_to_what_waits_refuses_it_at_once(
    tmp_path: Path,
) -> None:
    stand = quoted(Stand(tmp_path))
    filled, waiting = stand.approve("open", (PUT, -1)), stand.approve("open", (CALL, -1))
    assert stand.route(barred={waiting: "waits"})[filled] == ""
    said_no(stand, filled)
    assert stand.events(Refused) == []
    said_no(stand, waiting)
    assert [(one.why, one.option) for one in stand.events(Refused)] == [("hand", CALL)]


def test_a_cycle_leaves_a_hands_order_after_a_ladders_time(tmp_path: Path) -> None:
    """Before the decision there is time: what works on is looked after by the next cycle."""
    world = World(tmp_path, history())
    at(world, 0, MOMENT)
    world.place = world.place._replace(manners=world.place.manners._replace(half_spread=2.0))
    ask(world, Close(sleeves=(0,)))
    at(world, 1, 600)
    assert [one for one in world.events(OrderIntended) if one.action == "close"]
    ladder = 5 * 60 * 10**9
    begun = world.calendar.at(START + 1, 600)
    assert begun < world.clock.at <= begun + ladder + 60 * 10**9


def test_a_close_beside_an_order_that_works_is_taken_down_where_no_desk_runs(
    tmp_path: Path,
) -> None:
    stand = quoted(Stand(tmp_path))
    sequence = stand.approve("open", (PUT, -1))
    stand.once(moment(stand.calendar, 0, "15:55"), {})
    stand.journal.close()
    folder = Folder(tmp_path, tmp_path / "journal.db")
    when = (stand.calendar, stand.clock)
    found: Any = SimpleNamespace(folder=folder, account="main", when=lambda: when)
    came = desk_hand.ask(found, Close(sleeves=(0,)), print, patience=0.0)
    assert (came.done, came.running) == (True, False)
    assert came.lines == ["taken down; the next trade does it"]
    (wish,) = folder.inbox.waiting()
    assert isinstance(wish, Close), "it stays"
    with Journal.open(folder.journal) as journal:
        (no,) = [one for _, one in journal.read() if isinstance(one, Answered)]
    assert (no.of, no.yes) == (sequence, False)
