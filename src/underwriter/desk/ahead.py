"""What of a position wants telling between two decisions: target, stop, last day, pin, earnings.

A session is decided once, and closes at the target then; until then a hand may (`desk close`).
Profit and stop are told of what is quoted at this moment alone, and not while a close is on its
way.  What was told of in a session stands until its end, though quotes flicker about a target.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

from underwriter.book.naming import named
from underwriter.desk.looking import Note, SleeveLook
from underwriter.desk.tidings import Level, Tiding

_TITLES: Final[dict[str, tuple[Level, str]]] = {
    "profit": ("fact", "At its profit target"),
    "stop": ("warning", "At its stop"),
    "expires": ("fact", "Expires today"),
    "pin": ("warning", "Near its strike on its last day"),
    "earnings": ("warning", "Earnings ahead"),
}
_NOW: Final = {"profit", "stop"}  # told of quotes of this moment alone


def ahead(
    looks: Iterable[SleeveLook], quoted: Collection[str], busy: Collection[int], day: date
) -> list[Tiding]:
    """What is to be told of positions; `busy` are the sleeves whose close is on its way."""
    return [
        _tiding(one, note, day)
        for one in looks
        for note in dict.fromkeys(one.notes)
        if note.kind and (note.kind not in _NOW or _is_told(one, quoted, busy))
    ]


def _is_told(one: SleeveLook, quoted: Collection[str], busy: Collection[int]) -> bool:
    return one.sleeve not in busy and all(leg.option in quoted for leg in one.legs)


def _tiding(one: SleeveLook, note: Note, day: date) -> Tiding:
    level, title = _TITLES[note.kind]
    legs = ", ".join(f"{leg.quantity:+} {named(leg.option)}" for leg in one.legs)
    when = "" if note.kind == "earnings" else f" {day}"
    key = f"{note.kind} {one.sleeve} {legs}{when}"
    said = f"{note.text[0].upper()}{note.text[1:]}. {_does(note.kind, one)}"
    return Tiding(level, key, f"{title}: {legs}", f"{said} [{one.name} on {one.underlying}]")


def _does(kind: str, one: SleeveLook) -> str:
    """What becomes of it, and what a hand may do."""
    close = f"`underwriter desk close {one.sleeve}` closes it before"
    if kind in _NOW:
        return f"The next decision closes it where that still holds; {close}."
    return f"Sleeve {one.sleeve}; {close}."


class Latch:
    """What was told of in a session: it stands until the next one."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._rows: dict[str, Tiding] = {}

    def held(self, rows: Iterable[Tiding], day: date) -> Iterator[Tiding]:
        """What stands now and stood before in this session, as it was first said."""
        if day != self._day:
            self._day, self._rows = day, {}
        for one in rows:
            self._rows.setdefault(one.key, one)
        yield from self._rows.values()
