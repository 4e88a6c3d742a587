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


def ordered(chain: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of the slab; a root that nobody says comes first; ties stay."""
    if chain.height < 2:  # noqa: PLR2004  one is in order
        return chain
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
        bits = int(rank.max()).bit_length()
        used += bits
        key = key << bits | rank
    return key if used <= _BITS else None


def _rank(column: pl.Series) -> I8:
    """Numbers from zero that order as the column does, nothing first."""
    if column.dtype == pl.String:
        words = column.unique().sort()
        if len(words) == 1:
            return np.zeros(len(column), np.int64)
        ranks = pl.int_range(len(words), dtype=pl.Int64, eager=True)
        return column.replace_strict(words, ranks).to_numpy()
    if column.dtype == pl.Float64:
        return _strikes(column)
    number = column.to_physical().cast(pl.Int64)
    least = number.min()
    lowered = number - (least - 1 if number.null_count() else least)  # type: ignore[operator]
    return lowered.fill_null(0).to_numpy()


def _strikes(column: pl.Series) -> I8:
    """Strikes in thousandths, or where they are no such numbers, by their rank."""
    fine: NDArray[np.float64] = column.fill_null(np.nan).to_numpy() * _FINEST
    with np.errstate(invalid="ignore"):
        whole = np.rint(fine)
        plain = bool((np.abs(fine - whole) < 1e-6).all()) and float(np.abs(whole).max()) < 2**31  # noqa: PLR2004
    if plain:
        found = whole.astype(np.int64)
        return found - found.min()
    return column.rank("dense").fill_null(0).to_numpy().astype(np.int64)
