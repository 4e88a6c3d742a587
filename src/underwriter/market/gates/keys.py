"""One contract, one row a day: what stands more than once under one key."""

from underwriter.core.kernel import kernel
from underwriter.core.record import I8
from underwriter.market.gates.codes import DOUBLED, FINE, REPEATED
from underwriter.market.gates.runs import Codes, Columns, Said, same


@kernel
def mark_doubles(columns: Columns, start: I8, code: Codes) -> None:
    """Mark rows of one key: all but the first where they say the same, all where they differ.

    Rows that a gate before has found fault with do not count, so that of two series under one key
    the one that is still quoted stays.
    """
    strike = columns.strike
    for run in range(start.size - 1):
        row, end = start[run], start[run + 1]
        while row < end:
            after = row + 1
            while after < end and strike[after] == strike[row]:
                after += 1
            if after > row + 1:
                mark_one_key(columns, row, after, code)
            row = after


@kernel
def mark_one_key(columns: Columns, lo: int, hi: int, code: Codes) -> None:
    """Mark the rows lo to hi, which share a key."""
    _, bid, ask, last, volume, interest = columns
    first = lo
    while first < hi and code[first] != FINE:
        first += 1
    what = REPEATED
    for n in range(first + 1, hi):
        one = Said(bid[first], ask[first], last[first], volume[first], interest[first])
        other = Said(bid[n], ask[n], last[n], volume[n], interest[n])
        if code[n] == FINE and not same(one, other):
            what = DOUBLED
    for n in range(first if what == DOUBLED else first + 1, hi):
        if code[n] == FINE:
            code[n] = what
