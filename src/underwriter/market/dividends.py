"""What the S&P 500 paid: cash dividends a share, by calendar year, from a table with its sources.

The table is `sources/spx_dividends.csv`, in index points (dollars a share of the index); its
column `sure` says V where the figure was read in its source and M where it comes from memory or
is an assumption.  A year's figure stands for all of its days: most of what will be paid in the
life of a short option has been declared when it is written, and the years differ by under a
tenth, which is less than a thousandth of the index in a month's forward.
"""

import csv
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from underwriter.core.errors import InputError

Values = npt.NDArray[np.float64]

TABLE = "spx_dividends.csv"


def spx_dividends(years: npt.NDArray[np.integer]) -> Values:
    """Dollars a year that one share of the S&P 500 paid in each of `years`.

    InputError for a year that the table does not hold; it begins with 1988.
    """
    first, paid = _table()
    unknown = (years < first) | (years >= first + len(paid))
    if unknown.any():
        raise InputError(
            f"{TABLE}: found no dividends of {int(years[unknown][0])}; "
            f"expected years {first} to {first + len(paid) - 1}"
        )
    return paid[years - first]


def years_of(days: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The calendar years of day numbers."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


@cache
def _table() -> tuple[int, Values]:
    """The first year of the table, and what every year from then on paid."""
    text = (files("underwriter.market.sources") / TABLE).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    paid = np.array([float(row["dividends"]) for row in rows])
    paid.setflags(write=False)
    return int(rows[0]["year"]), paid
