"""Medians of few values, against NumPy's, and the weighted one against its definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.median import median, second_least, sort, weighted_median

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)
WEIGHED = st.lists(
    st.tuples(st.integers(-20, 20).map(float), st.integers(1, 9).map(float)),
    min_size=1,
    max_size=40,
)


@given(VALUES)
def test_values_are_put_in_order(values: list[float]) -> None:
    found = np.array(values)
    sort(found)
    assert found.tolist() == sorted(values)


@given(VALUES)
def test_the_median_is_numpys(values: list[float]) -> None:
    assert median(np.array(values)) == pytest.approx(float(np.median(values)), rel=1e-15, abs=0.0)


@given(VALUES)
def test_the_second_least_may_be_as_small_as_the_least(values: list[float]) -> None:
    assert second_least(np.array(values)) == sorted(values)[min(1, len(values) - 1)]


@given(WEIGHED)
def test_half_the_weight_is_not_above_the_weighted_median(pairs: list[tuple[float, float]]) -> None:
    values, weights = (np.array(each) for each in zip(*pairs, strict=True))
    found = weighted_median(values, weights)
    assert found in values
    assert weights[values <= found].sum() >= 0.5 * weights.sum()
    assert weights[values < found].sum() < 0.5 * weights.sum()


def test_weights_that_are_no_numbers_have_no_median() -> None:
    assert math.isnan(weighted_median(np.array([1.0, 2.0]), np.array([math.nan, 1.0])))
    assert math.isnan(weighted_median(np.empty(0), np.empty(0)))
