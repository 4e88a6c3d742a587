"""The worked cases of docs/margin.md, which are those of DOMAIN 3.1, to the dollar."""

import math
from dataclasses import replace

import pytest

from reference.margin import reg_t_u
from reference.securing import Holding

FRIDAY, LATER = 8, 15


def u(dollars: float) -> int:
    """Dollars in millionths."""
    return round(dollars * 1e6)


Legs = dict[str, tuple[int, float, float]]  # contracts, strike, mark


@pytest.mark.parametrize(
    ("spot", "shares", "legs", "broad", "required"),
    [
        (209, 0, {"short put": (1, 200, 1.20)}, False, 3_400),
        (100, 0, {"short put": (1, 95, 1.36)}, False, 1_636),
        (100, 0, {"short put": (1, 80, 0.10)}, False, 810),
        (100, 0, {"short call": (1, 105, 1.67)}, False, 1_667),
        (100, 0, {"short call": (1, 130, 0.05)}, False, 1_005),
        (100, 0, {"short put": (1, 95, 1.36), "short call": (1, 105, 1.67)}, False, 1_803),
        (6_000, 0, {"short put": (1, 5_700, 45.0)}, True, 64_500),
        (600, 0, {"short put": (1, 570, 4.50)}, True, 6_450),
        (600, 0, {"short put": (1, 570, 4.50)}, False, 9_450),
        (100, 0, {"short put": (1, 95, 1.36), "long put": (1, 90, 0.53)}, False, 500),
        (
            100,
            0,
            {
                "short put": (1, 95, 1.36), "long put": (1, 90, 0.53),
                "short call": (1, 105, 1.67), "long call": (1, 110, 0.56),
            },
            False,
            500,
        ),
        (100, 100, {"short call": (1, 105, 1.67)}, False, 2_500),
        (100, 100, {"long put": (1, 95, 1.36), "short call": (1, 110, 0.61)}, False, 1_450),
        (100, -100, {}, False, 3_000),
        (100, -100, {"long call": (1, 105, 1.67)}, False, 1_550),
        (100, 0, {"short put": (3, 95, 1.36), "long put": (1, 90, 0.53)}, False, 500 + 3_272),
    ],
)  # fmt: skip
def test_the_margin_of_a_sleeve(
    spot: float,
    shares: int,
    legs: Legs,
    broad: bool,  # noqa: FBT001  of a table
    required: float,
) -> None:
    """The worked cases of docs/margin.md, from DOMAIN 3.1."""
    holding = Holding(
        shares,
        {slot: count for slot, (count, _, _) in legs.items()},
        {slot: u(strike) for slot, (_, strike, _) in legs.items()},
        dict.fromkeys(legs, FRIDAY),
    )
    marks_u = {slot: u(mark) for slot, (_, _, mark) in legs.items()}
    found = reg_t_u(holding, marks_u, u(spot), 100, broad=broad) / 1e6
    assert math.isclose(found, required, abs_tol=1.0)


def test_sides_that_expire_apart_are_no_condor() -> None:
    """A condor of 5 and 5 ties up 500 only while one day ends both."""
    strikes = {"short put": 95, "long put": 90, "short call": 105, "long call": 110}
    holding = Holding(
        0,
        dict.fromkeys(strikes, 1),
        {slot: u(strike) for slot, strike in strikes.items()},
        {slot: FRIDAY if slot.endswith("put") else LATER for slot in strikes},
    )
    marks_u = dict.fromkeys(strikes, u(1))
    assert reg_t_u(holding, marks_u, u(100), 100, broad=False) == u(1_000)
    together = replace(holding, expiry=dict.fromkeys(strikes, FRIDAY))
    assert reg_t_u(together, marks_u, u(100), 100, broad=False) == u(500)
