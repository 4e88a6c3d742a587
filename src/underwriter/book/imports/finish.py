"""A statement out of what a reader found: in order, told apart, with signs and pairs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from underwriter.book.imports.draft import Draft, identified
from underwriter.book.imports.pairs import paired
from underwriter.book.imports.sides import with_sides
from underwriter.book.imports.statement import Statement
from underwriter.core.errors import InputError


class Head(NamedTuple):
    """What a reader knows of a file beside its rows."""

    path: str
    broker: str
    layout: str
    account: str = ""
    currency: str = "USD"
    period: tuple[date, date] | None = None  # None: from the first row to the last
    marked: bool = True  # whether the shares of an assignment are marked as such
    start_u: Mapping[str, int] | None = None
    cash_u: Mapping[str, int] | None = None
    holdings: Mapping[str, int] | None = None


def finished(head: Head, drafts: Sequence[Draft]) -> Statement:
    """The statement of a file whose drafts are oldest first; InputError where it has no row."""
    if not drafts and head.period is None:
        raise InputError(f"{head.path}: expected at least one row, found a header alone")
    told, repeated = identified(head.path, drafts)
    rows = tuple(paired(with_sides(told), marked=head.marked))
    days = [row.day for row in rows]
    first, last = head.period or (min(days), max(days))
    return Statement(
        path=head.path,
        broker=head.broker,
        layout=head.layout,
        account=head.account,
        currency=head.currency,
        first=first,
        last=last,
        rows=rows,
        repeated=repeated,
        start_u=head.start_u,
        cash_u=head.cash_u,
        holdings=head.holdings,
    )
