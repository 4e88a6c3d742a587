"""A row as a reader has it, before it is put in order, numbered and paired."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from underwriter.book.imports.place import Place
from underwriter.book.imports.statement import Row


class Draft(NamedTuple):
    """A row, and what it is known by in every export that has it.

    `key` is a broker's own id where that names one happening for good: then the same key again is
    the same happening told twice, not a second one like it.
    """

    row: Row
    mark: tuple[str, ...]  # what the broker wrote, in one form whatever the layout
    key: str = ""


def identified(path: str, drafts: Iterable[Draft]) -> tuple[list[Row], int]:
    """Rows with the id of their content, and how many were told twice, which are left out.

    Two identical rows without a broker's own id are two (two true fills may be alike): they are
    numbered, so that a file that overlaps this one gives them the same two ids.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    known: dict[str, tuple[str, ...]] = {}
    rows: list[Row] = []
    repeated = 0
    for row, mark, key in drafts:
        if key in known:
            if known[key] != mark:
                expected = f"one content of id {key!r}"
                raise Place(path, row.line).refuse(expected, "another than in a row before")
            repeated += 1
            continue
        if key:
            known[key] = mark
            name = digest(key)
        else:
            seen[mark] += 1
            name = digest(*mark, str(seen[mark]))
        rows.append(msgspec.structs.replace(row, id=name))
    return rows, repeated


def digest(*parts: str) -> str:
    """24 hexadecimal digits of some words."""
    return hashlib.blake2b("\x1e".join(parts).encode(), digest_size=12).hexdigest()


def oldest_first(path: str, drafts: Sequence[Draft]) -> list[Draft]:
    """The rows of a file that runs one way in time, oldest first.

    A file that turns round has days and months in the other places, or is two files: refused.
    """
    times = [_time(draft) for draft in drafts]
    if times and times[0] > times[-1]:
        return oldest_first(path, drafts[::-1])
    for at, draft in enumerate(drafts[1:], 1):
        if times[at] < times[at - 1]:
            before = drafts[at - 1].row
            raise Place(path, draft.row.line).refuse(
                f"rows in order of time, after row {before.line} of {before.day}",
                f"{draft.row.day} (are day and month in each other's place?)",
            )
    return list(drafts)


def by_day(drafts: Sequence[Draft]) -> list[Draft]:
    """The rows of a file whose days need not run one way, oldest first; ties as time runs in it."""
    falling = bool(drafts) and drafts[0].row.day > drafts[-1].row.day
    return sorted(drafts[::-1] if falling else drafts, key=lambda draft: draft.row.day)


def _time(draft: Draft) -> int:
    """What a file is ordered by."""
    return draft.row.at if draft.row.at is not None else draft.row.day.toordinal()
