"""Several exports of one account as one statement, whatever they overlap and in whatever order."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from underwriter.book.imports import robinhood, schwab
from underwriter.book.imports.pairs import paired
from underwriter.book.imports.statement import Row, Statement
from underwriter.core.errors import InputError

_UNMARKED = (schwab.BROKER, robinhood.BROKER)  # who do not mark what an option delivered


def merged(statements: Sequence[Statement]) -> tuple[Statement, dict[str, str]]:
    """One statement, oldest row first, and the file of each row by its id.

    Raises:
        InputError: where they are of several brokers, accounts or currencies.
    """
    told = sorted(statements, key=lambda each: (each.first, each.last))
    first, last = told[0], max(told, key=lambda each: each.last)
    for each in told[1:]:
        for name in ("broker", "account", "currency"):
            wanted, found = getattr(first, name), getattr(each, name)
            if wanted != found and (name != "account" or (wanted and found)):
                raise InputError(
                    f"{each.path}: expected {name} {wanted}, as in {first.path}, found {found}"
                )
    paths = {row.id: Path(each.path).name for each in told[::-1] for row in each.rows}
    if len(told) == 1:
        return first, dict.fromkeys(paths, first.path)
    rows: dict[str, Row] = {}
    for row in (row for each in told for row in each.rows):
        if row.id not in rows or (row.pair and not rows[row.id].pair):
            rows[row.id] = row
    ordered = sorted(rows.values(), key=lambda row: (row.day, row.at is None, row.at or 0))
    whole = msgspec.structs.replace(
        last,
        path=", ".join(each.path for each in told),
        account=next((each.account for each in told if each.account), ""),
        first=first.first,
        rows=tuple(paired(ordered, marked=first.broker not in _UNMARKED)),
        start_u=first.start_u,
    )
    return whole, paths
