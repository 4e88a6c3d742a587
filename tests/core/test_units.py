"""Scales and the one rounding function; docs/session.md, Numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.units import (
    cents_up,
    day_number,
    day_of,
    round_u,
    tick_down,
    tick_up,
    to_u,
)


@pytest.mark.parametrize(
    ("amount", "whole"), [(0.5, 1), (1.5, 2), (-0.5, 0), (-1.5, -1), (0.49, 0), (-0.51, -1)]
)
def test_halves_are_rounded_upward(amount: float, whole: int) -> None:
    assert round_u(amount) == whole


def test_dollars_become_millionths() -> None:
    assert to_u(1.36) == 1_360_000
    assert to_u(-0.000_000_5) == 0


@pytest.mark.parametrize(
    ("price_u", "tick_u", "down_u", "up_u"),
    [
        (1_234_567, 10_000, 1_230_000, 1_240_000),
        (1_230_000, 10_000, 1_230_000, 1_230_000),
        (3_010_000, 50_000, 3_000_000, 3_050_000),
        (3_010_000, 100_000, 3_000_000, 3_100_000),
        (-1, 10_000, -10_000, 0),
    ],
)
def test_a_tick_below_and_a_tick_above(price_u: int, tick_u: int, down_u: int, up_u: int) -> None:
    assert tick_down(price_u, tick_u) == down_u
    assert tick_up(price_u, tick_u) == up_u


@pytest.mark.parametrize(("fee_u", "cents_u"), [(0, 0), (1, 10_000), (705_940, 710_000)])
def test_a_fee_is_rounded_up_to_a_whole_cent(fee_u: int, cents_u: int) -> None:
    assert cents_up(fee_u) == cents_u


def test_days_count_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2000, 1, 1)) == 10_957  # POSIX: 946,684,800 seconds / 86,400


@given(st.dates())
def test_a_day_number_names_its_day(day: date) -> None:
    assert day_of(day_number(day)) == day
