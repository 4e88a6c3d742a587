"""What a person asks of a desk that runs: a folder of wishes, each a file, each answered once.

    hand/1764400000000000000-3f2a.json        a wish, put there by rename
    hand/1764400000000000000-3f2a.said.json   what the desk said of it

The desk holds its journal, so a second process cannot write to it: it leaves a wish and waits for
the answer.  A wish is taken off only once what follows of it is in the journal under the wish's
name, by which it is known where the desk died in between.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from underwriter.core.errors import InputError
from underwriter.desk.guard import Setting

SAID = ".said.json"
TAKEN = ".taken"  # which a desk is at


class Wish(msgspec.Struct, frozen=True, kw_only=True, tag_field="wish"):
    """What is asked; `name` is filled in by the inbox."""

    name: str = ""


class Answer(Wish, frozen=True, kw_only=True, tag="answer"):
    """A yes or no to approved intents, by the sequences of their approvals."""

    of: tuple[int, ...]
    yes: bool


class Switch(Wish, frozen=True, kw_only=True, tag="switch"):
    """Let the desk on, pause it or halt it."""

    to: Setting
    why: str


class Close(Wish, frozen=True, kw_only=True, tag="close"):
    """Close what some sleeves hold; `keep` leaves their shares."""

    sleeves: tuple[int, ...]
    keep: bool = False


class Roll(Wish, frozen=True, kw_only=True, tag="roll"):
    """Roll a sleeve's short leg into another option, and its long one with it."""

    sleeve: int
    option: str  # OSI symbol of the new short leg
    least_u: int  # net, a share of one unit


class Said(msgspec.Struct, frozen=True, tag_field="wish", tag="said"):
    """What came of a wish."""

    done: bool
    lines: tuple[str, ...]


AnyWish = Answer | Switch | Close | Roll


class Inbox:
    """The folder; it need not be there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, wish: AnyWish, at: int) -> str:
        """Leave a wish; its name.  `at` is the moment, by which wishes are taken in order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{at:020d}-{secrets.token_hex(4)}"
        self._write(f"{name}.json", msgspec.structs.replace(wish, name=name))
        return name

    def waiting(self) -> Iterator[AnyWish]:
        """The wishes that wait, oldest first; one that cannot be read is answered so."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            if path.name.endswith(SAID):
                continue
            name = path.name.removesuffix(".json").removesuffix(TAKEN)
            try:
                taken = path.replace(self.folder / f"{name}{TAKEN}.json")
                wish = msgspec.json.decode(taken.read_bytes(), type=AnyWish | Said)
            except FileNotFoundError:  # it was taken back
                continue
            except msgspec.DecodeError as problem:
                self.say(name, Said(done=False, lines=(f"{path}: no wish: {problem}",)))
                continue
            if isinstance(wish, Said):  # who answered it died before it was told
                self._tell(name)
            else:
                yield msgspec.structs.replace(wish, name=name)

    def say(self, name: str, said: Said) -> None:
        """Answer a wish that was taken, and take it off: the answer takes the wish's place.

        So a wish that was refused is never judged again, and none has two answers.
        """
        self._write(f"{name}{TAKEN}.json", said)
        self._tell(name)

    def _tell(self, name: str) -> None:
        """Let the answer that stands in a wish's place be read."""
        (self.folder / f"{name}{TAKEN}.json").replace(self.folder / f"{name}{SAID}")

    def any_waits(self) -> bool:
        """Whether somebody asks for something that no desk has taken."""
        taken = SAID, f"{TAKEN}.json"
        return any(not path.name.endswith(taken) for path in self.folder.glob("*.json"))

    def said(self, name: str) -> Said | None:
        """What was said of a wish, once; None where nothing was so far."""
        path = self.folder / f"{name}{SAID}"
        if not path.exists():
            return None
        found = msgspec.json.decode(path.read_bytes(), type=Said)
        path.unlink()
        return found

    def take_back(self, name: str) -> None:
        """Withdraw a wish that nobody took; InputError where a desk is at it."""
        try:
            (self.folder / f"{name}.json").unlink()
        except FileNotFoundError as problem:
            raise InputError(
                f"{self.folder}: the desk has taken it and is at it, which may take until an order "
                "of before has ended: see underwriter watch"
            ) from problem

    def drop(self, name: str) -> None:
        """Withdraw a wish that somebody took who is no more."""
        (self.folder / f"{name}{TAKEN}.json").unlink(missing_ok=True)

    def _write(self, name: str, what: msgspec.Struct) -> None:
        part = self.folder / f".{name}.part"
        part.write_bytes(msgspec.json.encode(what))
        part.replace(self.folder / name)
