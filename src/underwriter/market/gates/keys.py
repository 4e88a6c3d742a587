"""One contract, one row a day: what stands more than once under one key."""

from underwriter.core.kernel import kernel
from underwriter.core.record import I8
from underwriter.market.gates.codes import DOUBLED, FINE, REPEATED
from underwriter.market.gates.runs import Codes, Columns, says_the_same


@kernel
def mark_doubles(columns: Columns, start: I8, code: Codes) -> None:
    """Mark rows of one key: all but the first where they say the same, all where they differ.

    Rows that a gate before has found fault with do not count, so that of two series under one key
    the one that is still quoted stays.
    """
    for run in range(start.size - 1):
        row, end = start[run], start[run + 1]
        while row < end:
            after = row + 1
            while after < end and columns.strike[after] == columns.strike[row]:
                after += 1
            if after > row + 1:
                mark_one_key(columns, row, after, code)
            row = after


@kernel
def mark_one_key(columns: Columns, lo: int, hi: int, code: Codes) -> None:
    """Mark the rows lo to hi, which share a key."""
    first = lo
    while first < hi and code[first] != FINE:
        first += 1
    differ = False
    for row in range(first + 1, hi):
        if code[row] == FINE and not says_the_same(columns, first, row):
            differ = True
    for row in range(first if differ else first + 1, hi):
        if code[row] == FINE:
            code[row] = DOUBLED if differ else REPEATED
