"""What the desk tells of what is held, cycle after cycle, on a channel that really is posted to."""

from pathlib import Path

import pytest

from app.trading import DAYS, office_of
from app.webhook import webhook
from command_line import Command
from desk.test_looking import PUT
from desk.test_looking import Desk as Held
from desk.test_tidings import QUIET
from desk.world import FRIDAY
from markets import put
from underwriter.app.desk_folder import folder_at
from underwriter.app.lake_quotes import LakeQuotes
from underwriter.app.notify import variable_of
from underwriter.app.settings import House, Notify, NotifyChannel, Settings
from underwriter.app.trade_told import telling
from underwriter.app.watch import UNQUOTED
from underwriter.desk.cycle import Desk
from underwriter.desk.inbox import Inbox
from underwriter.desk.router import Street
from underwriter.desk.watching import Beside

ROOM = NotifyChannel(level="fact")


def desk_of(held: Held, folder: Path) -> Desk:
    """A desk that holds it."""
    street: Street = held.stand.router.street
    beside = Beside(folder / "KILL", Inbox(folder / "hand"))
    return Desk(held.stand.ledger, street, held.rules, beside)


def test_without_a_channel_no_quotes_are_asked_for(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, asked = Held(tmp_path), list[object]()
    monkeypatch.setattr(held.stand.board, "touch", lambda keys: asked.append(keys) or {})
    house = House(home, Settings(), None)
    telling(house, desk_of(held, tmp_path), folder_at(tmp_path, None), print)(QUIET)
    assert asked == []


def test_a_profit_target_between_two_decisions_is_told_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reached, lost and reached again within a session: one message of it, and nothing is sent."""
    held = Held(tmp_path, take_profit=0.5)
    held.stand.board.day(0, quotes=[put(59.0, 1.7, 1.8, expiry=FRIDAY)])
    desk = desk_of(held, tmp_path)
    before = held.stand.ledger.sequence
    with webhook() as hook:
        monkeypatch.setenv(variable_of("phone"), hook.url("secret-path-1"))
        house = House(home, Settings(notify=Notify(channels={"phone": ROOM})), None)
        tell = telling(house, desk, folder_at(tmp_path, None), print)
        for ask in (1.8, 1.0, 1.1, 0.9):
            held.stand.board.touches[PUT] = (0.8, ask)
            tell(QUIET)
            held.stand.clock.at += 60 * 10**9
    (said,) = [said for _, said in hook.got]
    assert said["title"] == "Underwriter main: At its profit target: -1 KO 2024-01-12 P 59"
    assert "keeps 50% of its credit" in said["message"]
    assert held.stand.ledger.sequence == before


def test_watch_says_where_nothing_is_quoted_at_the_moment(
    home: Path, tmp_path: Path, underwriter: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of(home, tmp_path, underwriter, monkeypatch)
    office.bring(DAYS[:2])
    assert office.trade(DAYS[1], "15:45").code == 0
    assert office.underwriter("watch", "--once", "--json").json["remarks"] == []
    monkeypatch.setattr(LakeQuotes, "touch", lambda *_: {})
    assert office.underwriter("watch", "--once", "--json").json["remarks"] == [UNQUOTED]
    office.to(DAYS[1], "16:01")
    assert office.underwriter("watch", "--once", "--json").json["remarks"] == []
