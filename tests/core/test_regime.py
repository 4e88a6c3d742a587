"""Regimes by hand: edges 15, 20, 30, 40; two sessions confirm, one point of hysteresis."""

from math import nan

import pytest

from markets import made, policy
from underwriter.core.regime import observe
from underwriter.core.sleeve import UNKNOWN, Regime

EDGES = [15.0, 20.0, 30.0, 40.0]


def columns(*measures: float, confirm: int = 2, hysteresis: float = 1.0) -> list[int]:
    """The columns in force on each session."""
    obeyed = policy(bands=4, edge=EDGES, confirm=confirm, hysteresis=hysteresis)
    state = made(Regime, column=UNKNOWN)
    return [observe(state, measure, obeyed) for measure in measures]


@pytest.mark.parametrize(
    ("measure", "column"), [(14.99, 0), (15.0, 1), (19.99, 1), (20.0, 2), (39.0, 3), (82.69, 4)]
)
def test_the_first_measure_counts_the_edges_at_or_below_it(measure: float, column: int) -> None:
    assert columns(measure) == [column]


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param((14, 16, 16), [0, 0, 1], id="two sessions confirm"),
        pytest.param((14, 16, 14, 16, 16), [0, 0, 0, 0, 1], id="in a row"),
        pytest.param((14, 16, 31), [0, 0, 3], id="the one asked for last, higher"),
        pytest.param((14, 31, 16), [0, 0, 1], id="the one asked for last, lower"),
        pytest.param((14, 15, 15), [0, 0, 1], id="the edge itself"),
        pytest.param((14, 31, 31, 41, 41), [0, 0, 3, 3, 4], id="the count starts again"),
    ],
)
def test_the_way_up(measures: tuple[float, ...], expected: list[int]) -> None:
    assert columns(*measures) == expected


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param((16, 14.5, 14.5), [1, 1, 1], id="less than a point under the edge"),
        pytest.param((16, 14, 14, 14), [1, 1, 1, 1], id="a point under is not enough"),
        pytest.param((16, 13.9, 13.9), [1, 1, 0], id="more than a point is"),
        pytest.param((16, 13.9, 14.5, 13.9), [1, 1, 1, 1], id="in a row"),
        pytest.param((45, 13, 13), [4, 4, 0], id="several columns at once"),
        pytest.param((45, 13, 32), [4, 4, 3], id="the one asked for last"),
    ],
)
def test_the_way_down(measures: tuple[float, ...], expected: list[int]) -> None:
    assert columns(*measures) == expected


def test_another_direction_starts_the_count_at_one() -> None:
    assert columns(16, 21, 13.9, 21, 21) == [1, 1, 1, 1, 2]
    assert columns(16, 21, 13.9, 13.9) == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param((16, nan, 16), [1, 4, 1], id="the last column, for that session"),
        pytest.param((16, 21, nan, 21, 21), [1, 1, 4, 1, 2], id="the count is zeroed"),
        pytest.param((nan, nan, 16), [4, 4, 1], id="before the first known measure"),
    ],
)
def test_an_unknown_measure(measures: tuple[float, ...], expected: list[int]) -> None:
    assert columns(*measures) == expected


def test_an_unknown_measure_goes_to_the_column_that_the_policy_names_for_it() -> None:
    obeyed, state = policy(bands=2, edge=EDGES[:2], careful=3), made(Regime, column=0)
    assert [observe(state, measure, obeyed) for measure in (nan, 14.0)] == [3, 0]


def test_one_session_confirms_where_the_policy_says_so() -> None:
    assert columns(14, 15, 14, confirm=1, hysteresis=0.0) == [0, 1, 0]


def test_a_policy_without_bands_has_one_column() -> None:
    state = made(Regime, column=UNKNOWN)
    assert [observe(state, measure, policy()) for measure in (12.0, 80.0, nan)] == [0, 0, 0]


def test_the_column_kept_stays_while_the_measure_is_unknown() -> None:
    state = made(Regime, column=1, pending=1)
    observe(state, nan, policy(bands=4, edge=EDGES))
    assert (state.column, state.pending) == (1, 0)
