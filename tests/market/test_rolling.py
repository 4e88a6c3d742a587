"""Trailing windows against numpy's own mean and variance, and against their promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from underwriter.market.rolling import trailing_mean, trailing_variance

VALUES = hnp.arrays(np.float64, st.integers(0, 30), elements=st.floats(-1e3, 1e3))


@given(VALUES, st.integers(2, 8))
def test_each_window_is_numpys(values: np.ndarray, window: int) -> None:
    mean, variance = trailing_mean(values, window), trailing_variance(values, window)
    assert np.isnan(mean[: window - 1]).all()
    assert np.isnan(variance[: window - 1]).all()
    for row in range(window - 1, len(values)):
        inside = values[row - window + 1 : row + 1]
        assert mean[row] == pytest.approx(inside.mean(), rel=1e-12, abs=1e-9)
        assert variance[row] == pytest.approx(inside.var(ddof=1), rel=1e-9, abs=1e-9)


def test_an_unknown_has_no_value_until_it_has_left_the_window() -> None:
    values = np.array([1.0, math.nan, 3.0, 5.0, 10.0])
    np.testing.assert_array_equal(trailing_mean(values, 2), [math.nan] * 3 + [4.0, 7.5])
    np.testing.assert_array_equal(trailing_variance(values, 2), [math.nan] * 3 + [2.0, 12.5])


def test_a_huge_past_leaves_no_rounding_behind() -> None:
    values = np.concatenate([[1e300], np.full(9, 0.1)])
    assert trailing_mean(values, 4)[-1] == trailing_mean(values[1:], 4)[-1]
