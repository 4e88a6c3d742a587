"""What a statement's rows come to, and where that is not what the statement itself says.

positions = before + the rows' quantities        cash = before + the rows' net amounts
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import msgspec

from underwriter.book.imports.statement import Row, Statement
from underwriter.core.units import CENT_U

_SAY = frozenset({"ibkr"})  # brokers whose statements say cash and positions of their end


class Difference(msgspec.Struct, frozen=True):
    """One thing of which a statement says another amount than its rows make."""

    what: Literal["cash", "quantity"]
    key: str  # a currency, or an `Instrument.key`
    rows_u: int  # what stood before with the rows added, in millionths
    said_u: int  # what the statement says


def positions_of(statement: Statement, before: Mapping[str, int] | None = None) -> dict[str, int]:
    """Quantities in millionths by `Instrument.key`, none that are zero.

    A row without a side ends what stood before it: it takes the sign of that, where it is given.
    """
    held: Counter[str] = Counter(before or {})
    for row in statement.rows:
        if row.instrument is not None:
            held[row.instrument.key] += _change_u(row, held[row.instrument.key])
    return {key: quantity for key, quantity in sorted(held.items()) if quantity}


def _change_u(row: Row, held_u: int) -> int:
    """What a row adds to a position."""
    if row.sided or held_u == 0:
        return row.quantity_u if row.sided else 0
    return abs(row.quantity_u) if held_u < 0 else -abs(row.quantity_u)


def cash_of(statement: Statement, before: Mapping[str, int] | None = None) -> dict[str, int]:
    """Cash by currency in millionths, on what stood before, as given or as the statement says."""
    cash: Counter[str] = Counter(before if before is not None else statement.start_u or {})
    for row in statement.rows:
        cash[row.currency] += row.net_u
    return dict(sorted(cash.items()))


def differences(
    statement: Statement,
    *,
    cash: Mapping[str, int] | None = None,
    positions: Mapping[str, int] | None = None,
) -> tuple[Difference, ...]:
    """Where the rows, on what stood before them, do not come to what the statement says.

    Cash agrees to the cent; quantities to the millionth.  What a statement does not say is no
    difference.
    """
    found = [
        Difference("cash", key, rows_u, said_u)
        for key, rows_u, said_u in _beside(cash_of(statement, cash), statement.cash_u)
        if abs(rows_u - said_u) >= CENT_U
    ]
    found += [
        Difference("quantity", key, rows_u, said_u)
        for key, rows_u, said_u in _beside(positions_of(statement, positions), statement.holdings)
        if rows_u != said_u
    ]
    return tuple(found)


def untold(statement: Statement) -> list[str]:
    """What of cash and positions a statement does not say, though its broker's statements do."""
    said = {"cash": statement.cash_u, "positions": statement.holdings}
    return [what for what, end in said.items() if end is None and statement.broker in _SAY]


def _beside(rows: Mapping[str, int], said: Mapping[str, int] | None) -> list[tuple[str, int, int]]:
    """Each key of either with both amounts; nothing where nothing is said."""
    if said is None:
        return []
    return [(key, rows.get(key, 0), said.get(key, 0)) for key in sorted({*rows, *said})]
