"""A row as a reader has it, before it is put in order, numbered and paired."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
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


def currency_of(drafts: Iterable[Draft]) -> str:
    """The currency of the rows, the commonest where there are several; dollars of none."""
    counted = Counter(draft.row.currency for draft in drafts)
    return counted.most_common(1)[0][0] if counted else "USD"


def oldest_first(path: str, drafts: Sequence[Draft]) -> list[Draft]:
    """The rows of a file that runs one way in time, oldest first.

    A file that turns round has days and months in the other places, or is two files: refused.
    """
    told = _forward(drafts)
    for before, draft in pairwise(told):
        if time_of(draft) < time_of(before):
            raise Place(path, draft.row.line).refuse(
                f"rows in order of time, after row {before.row.line} of {before.row.day}",
                f"{draft.row.day} (are day and month in each other's place?)",
            )
    return told


def by_time(drafts: Sequence[Draft]) -> list[Draft]:
    """The rows of a file that need not run one way, oldest first; ties as time runs in it."""
    return sorted(_forward(drafts), key=time_of)


def time_of(draft: Draft) -> tuple[date, bool, int]:
    """What rows are ordered by: those without a time come after those of that day with one."""
    row = draft.row
    return row.day, row.at is None, row.at or 0


def _forward(drafts: Sequence[Draft]) -> list[Draft]:
    """The rows in the order in which they happened: exports run backward, unless they do not."""
    backward = not drafts or time_of(drafts[0]) >= time_of(drafts[-1])
    return list(drafts[::-1] if backward else drafts)
