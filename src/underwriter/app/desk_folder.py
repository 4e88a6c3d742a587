"""The folder of a desk: its journal, its paper account, what it decided on, and the hand's wishes.

    desk/main/journal.db      the book, unless it is kept elsewhere
    desk/main/paper.db      the paper account
    desk/main/slabs/          what each session was decided on, for `shadow`
    desk/main/hand/           what a person asks of it
    desk/main/KILL            while this file is there, nothing that adds risk goes out
    desk/main/kind.json       what the folder is of: replay, paper, live or manual

A folder is of one kind for good, so that no practice is ever continued with money.
"""

import json
from pathlib import Path
from typing import Literal, NamedTuple

from underwriter.app.run_folder import JOURNAL
from underwriter.book.place import Place, place_of
from underwriter.core.errors import InputError
from underwriter.desk.inbox import Inbox

KILL = "KILL"
_PART = ".kind.part"
_OURS = {KILL, _PART, "live.agreed.json"}  # what may stand in a folder that no desk has made yet

Kind = Literal["replay", "paper", "live", "manual"]


class Folder(NamedTuple):
    """One desk's folder, and where its journal is kept."""

    path: Path
    journal: Place

    @property
    def paper(self) -> Path:
        """The paper account's file."""
        return self.path / "paper.db"

    @property
    def slabs(self) -> Path:
        """What sessions were decided on."""
        return self.path / "slabs"

    @property
    def kill(self) -> Path:
        """The kill switch."""
        return self.path / KILL

    @property
    def inbox(self) -> Inbox:
        """The hand's wishes."""
        return Inbox(self.path / "hand")


def folder_at(path: Path, book: str | None) -> Folder:
    """The folder of a desk at a path, its journal in it unless it is said to be elsewhere."""
    return Folder(path, place_of(book) if book else path / JOURNAL)


def claim(folder: Folder, kind: Kind) -> None:
    """Make the folder one of a kind; InputError where it is of another, or somebody's."""
    said = kind_of(folder)
    if said is None:
        _needs_room(folder.path)
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.path.chmod(0o700)
        part = folder.path / _PART
        part.write_text(json.dumps({"kind": kind}) + "\n", encoding="utf-8")
        part.replace(_kind_file(folder))
    elif said != kind:
        raise InputError(
            f"{folder.path}: found a desk that is of {said}; expected one of {kind}, or a folder "
            "that is not there yet (--folder)"
        )


def _needs_room(path: Path) -> None:
    """InputError where a folder that no desk has made yet holds what is somebody's."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: found a file; expected a folder, or nothing yet")
    names = {each.name for each in path.iterdir()} if path.is_dir() else set()
    if found := sorted(names - _OURS):
        raise InputError(
            f"{path}: found {found[0]}, which no desk made; expected a folder of a desk, an empty "
            "one, or nothing yet"
        )


def kind_of(folder: Folder) -> str | None:
    """What a folder is of; None where it is no desk's."""
    file = _kind_file(folder)
    if not file.is_file():
        return None
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["kind"])
    except (ValueError, KeyError, TypeError) as problem:
        raise InputError(f'{file}: expected {{"kind": ...}}, found something else') from problem


def _kind_file(folder: Folder) -> Path:
    return folder.path / "kind.json"
