"""Where in a statement something stands, and the one line that refuses it."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from underwriter.core.errors import InputError
from underwriter.core.units import CENT_U, MICRO

_LONGEST = 60  # characters of a cell that a message repeats


class Place(NamedTuple):
    """A row of a file."""

    path: str
    row: int

    def refuse(self, expected: str, found: str, column: str = "") -> InputError:
        """`file, row n, column c: expected ..., found ...`, to be raised."""
        where = f", column {column}" if column else ""
        return InputError(f"{self.path}, row {self.row}{where}: expected {expected}, found {found}")


def quoted(text: str) -> str:
    """A cell as a message repeats it: short, and in one line."""
    shown = repr(text) if text else "nothing"
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def dollars(amount_u: int) -> str:
    """1,234.50, or as many decimals as there are."""
    amount = Decimal(amount_u) / MICRO
    return f"{amount:,.2f}" if amount_u % CENT_U == 0 else f"{amount.normalize():,f}"


def micro(number: Decimal) -> int:
    """A number in whole millionths, halves away from zero."""
    return int((number * MICRO).to_integral_value(ROUND_HALF_UP))
