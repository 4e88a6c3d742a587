"""The sign of a quantity that a statement leaves out, by what the rows before it left held."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from underwriter.book.imports.statement import Kind, Row


def with_sides(rows: Sequence[Row]) -> list[Row]:
    """The rows with a sign wherever what is held gives one.

    An expiry ends what there is, whatever sign a broker gave it.  Where nothing is held in this
    file (it was opened before the file begins), `sided` stays as it is.
    """
    held: Counter[str] = Counter()
    told: list[Row] = []
    for row in rows:
        given = row
        if row.instrument is not None:
            key = row.instrument.key
            if held[key] and (not row.sided or row.kind is Kind.EXPIRATION):
                sign = -1 if held[key] > 0 else 1
                given = msgspec.structs.replace(
                    row, sided=True, quantity_u=sign * abs(row.quantity_u)
                )
            if given.sided:
                held[key] += given.quantity_u
        told.append(given)
    return told
