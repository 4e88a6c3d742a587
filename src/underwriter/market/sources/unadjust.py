"""What a vendor divided by later splits, as it was on the day."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from underwriter.market.sources.series import Days, Values

_SINGLE = 2e-7  # of a price: what a number of single precision leaves uncertain
_GRIDS = (100.0, 64.0)  # prices in cents; in sixty-fourths, before 2001


def shares_later(day: Days, symbol: Sequence[str], ratio: Sequence[Fraction | None]) -> Values:
    """How many of today's shares one share of each row has become: 1 after its last split.

    `ratio` holds new shares to old on the first day at the new count, None on the others.
    """
    later = np.ones(len(day))
    name = np.asarray(symbol)
    for row, one in enumerate(ratio):
        if one is not None:
            before = (name == name[row]) & (day < day[row])
            later[before] *= float(one)
    return later


def as_traded(adjusted: Values, later: Values) -> Values:
    """Prices as they were on the day, from prices divided by all later splits.

    A product within single precision of a price that could be quoted, in cents or sixty-fourths,
    is that price; other prices are left as they come out.
    """
    price = np.asarray(adjusted * later)
    for grid in reversed(_GRIDS):
        near = np.round(price * grid) / grid
        price = np.where(np.abs(near - price) <= _SINGLE * price, near, price)
    return price
