"""The worked example of Bailey & Lopez de Prado (2014), and what has no answer."""

import math

import pytest

from underwriter.sim.luck import Series, deflated, expected_maximum


def test_the_papers_best_of_a_hundred() -> None:
    """Annual variance 1/2 over 100 trials: 0.1132 a day of 250, here 0.1132 * sqrt(250) = 1.79."""
    found = expected_maximum(100, math.sqrt(0.5))
    assert found / math.sqrt(250) == pytest.approx(0.1132, abs=5e-5)


def test_t89_the_papers_deflated_ratio() -> None:
    """Annual ratio 2.5, five years of days, skewness -3, kurtosis 10, 100 trials: 0.9004.

    The paper's year has 250 days and ours 252, so both ratios are scaled to the same daily ones.
    """
    scale = math.sqrt(252 / 250)
    benchmark = expected_maximum(100, math.sqrt(0.5)) * scale
    found = deflated(Series(2.5 * scale, -3.0, 10.0, 1250), benchmark)
    assert found == pytest.approx(0.9004, abs=2e-4)


def test_more_tries_reach_further_by_luck() -> None:
    reached = [expected_maximum(trials, 0.2) for trials in (1, 2, 10, 100, 10_000)]
    assert reached == sorted(reached)
    assert reached[0] == 0.0


def test_against_nothing_it_is_the_probability_of_a_positive_ratio() -> None:
    """A normal series with a ratio of zero is as likely above zero as below."""
    assert deflated(Series(0.0, 0.0, 3.0, 1000), 0.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "series",
    [Series(math.nan, math.nan, math.nan, 100), Series(1.0, 0.0, 3.0, 1)],
)
def test_what_does_not_move_or_is_too_short_has_none(series: Series) -> None:
    assert math.isnan(deflated(series, 0.5))
