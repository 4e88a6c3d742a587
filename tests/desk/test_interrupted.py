"""Ctrl-C while a desk is asked for something: what nobody took is never obeyed later."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desk.stand import Stand
from desk.test_facts import PUT, quoted
from underwriter.app import desk_hand
from underwriter.app.desk_folder import Folder
from underwriter.book.event import Approved
from underwriter.book.journal import Journal
from underwriter.desk.guard import Setting
from underwriter.desk.hearing import hear
from underwriter.desk.inbox import AnyWish, Close, Inbox, Switch


class Asked:
    """Somebody asks for a close of what is held, and is interrupted; `said` is what is told."""

    def __init__(self, tmp_path: Path) -> None:
        self.stand = quoted(Stand(tmp_path))
        self.stand.approve("open", (PUT, -1))
        self.stand.route()
        self.stand.journal.close()
        self.folder, self.said = Folder(tmp_path, tmp_path / "journal.db"), list[str]()

    def interrupted(self, wish: AnyWish | None = None) -> None:
        """Ask, and press Ctrl-C."""
        when = (self.stand.calendar, self.stand.clock)
        found: Any = SimpleNamespace(folder=self.folder, account="main", when=lambda: when)
        with pytest.raises(KeyboardInterrupt):
            desk_hand.ask(found, wish or Close(sleeves=(0,)), self.said.append)

    def left(self) -> list[Path]:
        """The wishes that are there."""
        return [*(self.folder.path / "hand").glob("*.json")]

    def closes(self) -> int:
        """How many closes were written down, once what is left was obeyed."""
        with Journal.open(self.folder.journal) as journal:
            ledger = type(self.stand.ledger)(journal, "main")
            hear(self.folder.inbox, ledger, (self.stand.calendar, self.stand.clock), nothing)
            events = [one for _, one in journal.read()]
        return sum(isinstance(one, Approved) and one.action == "close" for one in events)


def nothing() -> Any:  # noqa: ANN401
    raise AssertionError("a close needs no quotes")


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


@contextmanager
def another_has_it(asked: Asked) -> Iterator[None]:
    """Another process writes to the journal."""
    with Journal.open(asked.folder.journal):
        yield


def interrupting(after: Callable[[], object]) -> Callable[..., None]:
    def interrupt(*_: object) -> None:
        after()
        raise KeyboardInterrupt

    return interrupt


def test_t04_who_is_interrupted_before_a_desk_took_the_wish_asks_no_more(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_hand.time, "sleep", interrupting(lambda: None))
    with another_has_it(asked):
        asked.interrupted()
    assert (asked.left(), asked.said) == ([], ["underwriter: it was taken back: nothing was done"])
    assert asked.closes() == 0


def test_who_is_interrupted_after_a_desk_took_the_wish_is_told(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[AnyWish] = []
    inbox = asked.folder.inbox
    monkeypatch.setattr(
        desk_hand.time, "sleep", interrupting(lambda: taken.extend(inbox.waiting()))
    )
    with another_has_it(asked):
        asked.interrupted()
    (line,) = asked.said
    assert "the desk has taken it and is at it" in line
    assert len(asked.left()) == 1


@pytest.mark.parametrize(("written", "closes"), [(False, 0), (True, 1)])
def test_where_no_desk_runs_it_stands_only_once_it_is_written(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, *, written: bool, closes: int
) -> None:
    if written:
        monkeypatch.setattr(Inbox, "say", interrupting(lambda: None))
    else:
        monkeypatch.setattr("underwriter.desk.hearing._obeyed", interrupting(lambda: None))
    asked.interrupted()
    monkeypatch.undo()
    assert len(asked.left()) == closes, "what is begun is finished by who comes next"
    assert [("stands" in line) for line in asked.said] == [bool(closes)]
    assert asked.closes() == closes


@pytest.mark.parametrize(("to", "left"), [("halted", 1), ("paused", 1), ("on", 0)])
def test_t72_a_halt_stays_where_its_asker_is_interrupted_and_a_resume_does_not(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, to: Setting, left: int
) -> None:
    monkeypatch.setattr(desk_hand.time, "sleep", interrupting(lambda: None))
    with another_has_it(asked):
        asked.interrupted(Switch(to=to, why="a storm"))
    assert len(asked.left()) == left
    (line,) = asked.said
    assert ("left for the desk" in line) == bool(left)
