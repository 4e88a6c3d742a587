"""Trailing windows of a column, by rows: each value comes from its own window and nothing else.

A running sum would be faster and would carry the rounding of the whole past along; here each window
is added up afresh, so that what stands before it, or after it, cannot move a digit.  A window that
is not full, or holds an unknown (NaN), has no value.
"""

import numpy as np

from underwriter.core.kernel import kernel
from underwriter.core.record import F8


@kernel
def trailing_mean(values: F8, window: int) -> F8:
    """The mean of each row and the `window - 1` rows before it; NaN until there are as many."""
    means = np.full(len(values), np.nan)
    for row in range(window - 1, len(values)):
        total = 0.0
        for at in range(row - window + 1, row + 1):
            total += values[at]
        means[row] = total / window
    return means


@kernel
def trailing_variance(values: F8, window: int) -> F8:
    """The sample variance (`window - 1` in the divisor) about each window's own mean."""
    means = trailing_mean(values, window)
    variances = np.full(len(values), np.nan)
    for row in range(window - 1, len(values)):
        total = 0.0
        for at in range(row - window + 1, row + 1):
            total += (values[at] - means[row]) ** 2
        variances[row] = total / (window - 1)
    return variances
