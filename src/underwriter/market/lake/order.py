"""The order of the slab: underlying, date, root, right, expiry, strike.

One whole number a row stands for all six, so that a chain is put in order by sorting a column.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from underwriter.core.record import I8

ORDER = ("underlying", "date", "root", "right", "expiry", "strike")
_BITS = 63
_FINEST = 1_000.0  # OSI symbols write strikes in thousandths
_ROUNDING = 1e-6  # of a thousandth
_MOST = 2.0**31


def ordered(chain: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of the slab; a root that nobody says comes first; ties stay."""
    if chain.height < 2:  # noqa: PLR2004  one is in order
        return chain
    chain = chain.rechunk()  # of which rows are picked three times as fast
    key = _key(chain)
    if key is None:
        return chain.sort(ORDER, maintain_order=True)
    if bool((key[1:] >= key[:-1]).all()):
        return chain
    rows = pl.Series(np.argsort(key, kind="stable"))
    return chain.select(pl.all().gather(rows))


def _key(chain: pl.DataFrame) -> I8 | None:
    """The number of each row; None where its parts need more bits than there are."""
    key, used = np.zeros(chain.height, np.int64), 0
    for name in ORDER:
        rank = _rank(chain[name])
        bits = 0 if rank is None else int(rank.max()).bit_length()
        used += bits
        if rank is not None:
            key <<= bits
            key |= rank
    return key if used <= _BITS else None


def _rank(column: pl.Series) -> I8 | None:
    """Numbers from zero that order as the column does, nothing first; None where all are alike."""
    if column.dtype == pl.String:
        return _words(column)
    if column.dtype == pl.Float64:
        return _strikes(column)
    number = column.to_physical().cast(pl.Int64)
    least = number.min()
    if not isinstance(least, int):
        return None
    filled: I8 = number.fill_null(least - 1).to_numpy()
    found = filled - filled.min()
    return found if found.any() else None


def _words(column: pl.Series) -> I8 | None:
    """Words by the alphabet."""
    absent = column.null_count()
    if absent == len(column) or (not absent and bool((column == column[0]).all())):
        return None
    words = column.unique().sort()
    ranks = pl.int_range(len(words), dtype=pl.Int64, eager=True)
    return column.replace_strict(words, ranks).to_numpy()


def _strikes(column: pl.Series) -> I8 | None:
    """Strikes in thousandths, or where they are no such numbers, by their rank."""
    fine: NDArray[np.float64] = column.fill_null(np.nan).to_numpy() * _FINEST
    whole = np.rint(fine)
    with np.errstate(invalid="ignore"):  # of what is no number, nothing is below a bound
        plain = np.abs(fine - whole).max() < _ROUNDING and np.abs(whole).max() < _MOST
    if plain:
        return (whole - whole.min()).astype(np.int64)
    return column.rank("dense").fill_null(0).to_numpy().astype(np.int64)
