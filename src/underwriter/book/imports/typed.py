"""Fills that a desk was told by hand, beside a broker's rows of them.

A broker tells an order in as many rows as it was filled in; a desk by hand was told it once.

typed 3 KO P 60     rows of 2 and 1     one fill, as its rows say it
typed 3 KO P 60     a row of 2          nobody can say: refused, with how to take the fill back
"""

from collections.abc import Sequence

from underwriter.book.event import Filled
from underwriter.book.imports.statement import Instrument, Kind, Row
from underwriter.book.imports.writer import Writer, confirms, filled, whole
from underwriter.core.units import MICRO


def told_as(writer: Writer, rows: Sequence[Row], row: Row) -> tuple[Filled | None, list[Row]]:
    """The fill that the book was told of before a trade's row, and all rows that it is of."""
    twin = writer.twin(row, whole(row))
    if twin is not None:
        return twin, [row]
    waiting = in_parts(writer, row)
    if not waiting:
        return None, []
    same = (row.day, row.instrument, row.currency)
    parts = [
        one for one in rows
        if one.kind is Kind.TRADE and (one.day, one.instrument, one.currency) == same
        and one.quantity_u * row.quantity_u > 0 and not writer.knows(one)
        and one.quantity_u % MICRO == 0 and writer.twin(one, whole(one)) is None
    ]  # fmt: skip
    count = sum(map(whole, parts))
    return next((one for one in waiting if filled(one) == count), None), parts


def in_parts(writer: Writer, row: Row) -> list[Filled]:
    """A desk's fills of a row's day, thing and side that wait for their rows."""
    told = writer.entries(row.instrument or Instrument(""), row.currency)
    return [
        each
        for _, each in told
        if isinstance(each, Filled) and each.session == row.day and confirms(row, each)
        and filled(each) * row.quantity_u > 0
    ]  # fmt: skip


def in_part(told: Filled, quantity: int) -> str:
    """What is said of a row that may be a part of what a desk told, or beside it."""
    return (
        f"found {abs(quantity)} on a day on which the desk told a fill of "
        f"{abs(filled(told))}; where they are of that fill, take it back first: "
        f"underwriter book record correct {told.id} --never; where not, record this one first"
    )
