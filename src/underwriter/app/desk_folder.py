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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from underwriter.app.run_folder import JOURNAL
from underwriter.book.journal import events, exists
from underwriter.book.place import Place, place_of
from underwriter.core.errors import InputError, JournalError
from underwriter.desk.inbox import Inbox

KILL = "KILL"
ACCOUNT = "paper.db"  # of paper, and of what is typed by hand
_PART = ".kind.part"
AGREED = "live.agreed.json"  # what a person agreed to
_OURS = {KILL, _PART, AGREED}  # what may stand in a folder that no desk has made yet

Kind = Literal["replay", "paper", "live", "manual"]


class Folder(NamedTuple):
    """One desk's folder, and where its journal is kept."""

    path: Path
    journal: Place

    @property
    def paper(self) -> Path:
        """The paper account's file."""
        return self.path / ACCOUNT

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


@contextmanager
def claimed(folder: Folder, kind: Kind) -> Iterator[None]:
    """A folder that is of a kind; a new one with money is given back where nobody agreed to it.

    So a start that is refused, or not agreed to, leaves no desk behind that is of money for good.
    """
    new = kind_of(folder) is None
    claim(folder, kind)
    try:
        yield
    except JournalError:
        raise  # of another writer, perhaps, whose folder it is by now
    except BaseException:
        if new and kind == "live":
            _give_back(folder)
        raise


def _give_back(folder: Folder) -> None:
    """Leave a folder as it was before it was claimed, unless somebody agreed, or it has begun."""
    journal = folder.journal
    if (folder.path / AGREED).exists() or (exists(journal) and any(events(journal))):
        return
    _kind_file(folder).unlink(missing_ok=True)
    if isinstance(journal, Path) and journal.parent == folder.path:
        for ours in folder.path.glob(f"{journal.name}*"):
            ours.unlink(missing_ok=True)
    with suppress(OSError):  # something of somebody's is in it
        folder.path.rmdir()


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
