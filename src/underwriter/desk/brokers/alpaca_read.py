"""Activities of Alpaca's interface, read so that one that is not understood holds up no other."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from underwriter.book.imports.alpaca import of_activities
from underwriter.book.imports.statement import Kind, Row
from underwriter.core.errors import InputError

SOURCE = Path("alpaca activities")  # as messages name it


class Read(NamedTuple):
    """Activities as rows, and those that are none."""

    rows: tuple[Row, ...]
    items: list[object]  # that were read: a row's `line` counts them from one
    unread: dict[int, str]  # by the activity's place in the answer, why


def readable(items: Sequence[object]) -> Read:
    """The rows of all activities that can be read, each by itself and beside the others."""
    found, unread = [*items], dict[int, str]()
    if _why_not(items):
        unread = {at: why for at, one in enumerate(items) if (why := _why_not([one]))}
        found = []
        for at, one in enumerate(items):
            if at not in unread:  # one may still gainsay another that was told before it
                if why := _why_not([*found, one]):
                    unread[at] = why
                else:
                    found.append(one)
    return Read(of_activities(SOURCE, found).rows if found else (), found, unread)


def nothing_of(number: int, day: date, why: str) -> Row:
    """What stands in place of an activity's row: nothing that moves anything."""
    return Row(line=number + 1, kind=Kind.UNKNOWN, day=day, why=why, id=f"unread.{number}")


def _why_not(items: Sequence[object]) -> str:
    """Why activities cannot be read, or nothing."""
    if not items:
        return ""
    try:
        of_activities(SOURCE, items)
    except InputError as problem:
        return f"not understood: {problem}"
    return ""
