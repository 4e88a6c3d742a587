"""Gates: their bounds, what unknown counts as, and who is admitted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core import screen
from underwriter.core.record import Rows, rows
from underwriter.core.screen import (
    EXEMPT,
    FAILED,
    OFF,
    PASSED,
    UNKNOWN,
    Gate,
    admitted,
    judge,
    refuses,
)


def gates(*bounds: tuple[float, float, int]) -> Rows[Gate]:
    """Gates with least, most and whether unknown passes."""
    made = rows(Gate, len(bounds))
    for at, (least, most, lenient) in enumerate(bounds):
        made[at].least, made[at].most, made[at].lenient = least, most, lenient
    return made


NONE = math.nan


@pytest.mark.parametrize(
    ("value", "least", "most", "code", "by"),
    [
        (20.0, 20.0, NONE, PASSED, 0.0),
        (19.5, 20.0, NONE, FAILED, -0.5),
        (1.6, NONE, 1.6, PASSED, 0.0),
        (1.75, NONE, 1.5, FAILED, -0.25),
        (0.25, 0.125, 0.5, PASSED, 0.125),
        (0.75, 0.125, 0.5, FAILED, -0.25),
        (0.75, NONE, NONE, OFF, NONE),
        (NONE, NONE, NONE, OFF, NONE),
        (NONE, 20.0, NONE, UNKNOWN, NONE),
        (math.inf, 20.0, NONE, EXEMPT, NONE),
        (math.inf, NONE, 20.0, EXEMPT, NONE),
    ],
)
def test_a_gate_tells_by_how_much(
    value: float, least: float, most: float, code: int, by: float
) -> None:
    found = judge(value, gates((least, most, 0))[0])
    assert found.code == code
    assert found.by == by or (math.isnan(found.by) and math.isnan(by))


def test_unknown_refuses_unless_the_gate_is_lenient() -> None:
    strict, lenient = gates((1.0, NONE, 0), (1.0, NONE, 1))
    assert [refuses(code, strict) for code in range(5)] == [False, False, True, True, False]
    assert [refuses(code, lenient) for code in range(5)] == [False, False, True, False, False]


VALUES = st.one_of(st.floats(-5, 5), st.sampled_from([NONE, math.inf]))
BOUNDS = st.tuples(
    st.one_of(st.floats(-5, 5), st.just(NONE)),
    st.one_of(st.floats(-5, 5), st.just(NONE)),
    st.integers(0, 1),
)


@given(st.lists(st.tuples(VALUES, BOUNDS), min_size=1, max_size=5))
def test_a_name_is_admitted_where_no_gate_refuses_it(given_: list) -> None:
    made = gates(*(bounds for _, bounds in given_))
    values = np.array([value for value, _ in given_])
    wanted = 1
    for value, (least, most, lenient) in given_:
        off = math.isnan(least) and math.isnan(most)
        if off or math.isinf(value):
            continue
        if math.isnan(value):
            wanted *= lenient
        elif (not math.isnan(least) and value < least) or (not math.isnan(most) and value > most):
            wanted = 0
    assert admitted(values[None, None, :], made).tolist() == [[wanted]]


def test_every_gate_has_its_name() -> None:
    assert len(screen.NAMES) == screen.SECTOR + 1
    assert screen.NAMES[screen.NET_DEBT] == "net_debt"
    assert screen.SAID[EXEMPT] == "exempt"
