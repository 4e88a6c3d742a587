"""How many contracts fit a risk budget; docs/session.md, Verdicts."""

import pytest

from markets import call, made, market, policy, put
from underwriter.core.chain import Session
from underwriter.core.contract import CALL
from underwriter.core.intent import Decision
from underwriter.core.sizing import NO_BOUND, budget_u, fits, shocked_u, stress_loss_u

CRASH = {"stresses": 1, "stress_spot": [-0.20], "stress_vol": [1.0]}
BOTH = {"stresses": 2, "stress_spot": [-0.04, -0.20], "stress_vol": [2.2, 1.5]}


def loss(
    quote: dict, *, close: float = 100.0, terms: dict | None = None, **stress: object
) -> float:
    """The unit loss of a quote in dollars."""
    quoted = market([quote], closes=[close], terms=[terms or {}])
    sold = made(Decision, legs=1, change=[-1])
    return stress_loss_u(quoted, sold, 0, 1, 1, 0, 0, policy(**(stress or CRASH))) / 1e6


def test_a_shocked_value_is_black_76_on_the_shocked_forward() -> None:
    """DOMAIN T4: S 100, K 95, 35 days, r 4%, q 1%, 28% -> 1.3649; forward 100.28808.

    Reached from a forward a quarter higher, moved by -20%, and half the volatility, doubled.
    """
    quote = put(95, 1.36, 1.36, expiry=35, forward=100.28808 / 0.8, iv=0.14)
    quoted = market([quote], sessions={"rate": [0.04]})
    value_u = shocked_u(quoted.quotes[0], quoted.sessions[0], 0.0, -0.20, 2.0)
    assert value_u == pytest.approx(1_364_900, abs=60)


def test_a_shocked_value_is_not_under_its_floor() -> None:
    quoted = market([put(95, 1.36, 1.36, iv=0.0)])
    assert shocked_u(quoted.quotes[0], made(Session), 15.5, -0.20, 1.0) == 15_500_000


def test_without_volatility_the_loss_is_intrinsic_less_mid() -> None:
    """95 - 80 - 1.36 = 13.64 a share."""
    assert loss(put(95, 1.35, 1.37, iv=0.0)) == 1_364.0


def test_an_unknown_volatility_is_none() -> None:
    assert loss(put(95, 1.35, 1.37, iv=float("nan"))) == 1_364.0


def test_the_worst_scenario_counts() -> None:
    """At 96 the put of 95 is worthless, at 80 it is worth 15."""
    assert loss(put(95, 1.36, 1.36, iv=0.0), **BOTH) == 1_364.0


def test_a_stress_that_costs_nothing_is_no_gain() -> None:
    assert loss(put(75, 0.10, 0.10, iv=0.0)) == 0.0


def test_a_policy_without_stress_sees_no_loss() -> None:
    assert loss(put(95, 1.36, 1.36), stresses=0) == 0.0


@pytest.mark.parametrize(("american", "lost"), [(1, 1_364.0), (0, 564.0)])
def test_an_american_put_is_worth_its_exercise_at_the_shocked_close(
    american: int, lost: float
) -> None:
    """With the forward at 110: 95 - 88 - 1.36 = 5.64; but exercised at 80 it is 13.64."""
    quote = put(95, 1.36, 1.36, iv=0.0, forward=110.0)
    assert loss(quote, terms={"american": american}) == lost


def test_a_call_loses_when_spot_rises() -> None:
    """100 * 1.2 - 105 - 1.00 = 14.00, on a multiplier of 10."""
    stress = {"stresses": 1, "stress_spot": [0.20], "stress_vol": [1.0]}
    quote = call(105, 1.0, 1.0, iv=0.0)
    assert quote["right"] == CALL
    assert loss(quote, terms={"multiplier": 10}, **stress) == 140.0


def test_the_budget_is_a_share_of_equity_by_the_regimes_size() -> None:
    """2% of 100,000.00, half of it in the second column."""
    obeyed = policy(risk_per_position=0.02, size_factor=[1.0, 0.5])
    assert budget_u(100_000_000_000, obeyed, 0) == 2_000_000_000
    assert budget_u(100_000_000_000, obeyed, 1) == 1_000_000_000


def test_a_budget_is_rounded_down() -> None:
    assert budget_u(3, policy(risk_per_position=0.5), 0) == 1
    assert budget_u(-3, policy(risk_per_position=0.5), 0) == -2


@pytest.mark.parametrize(
    ("limit_u", "used_u", "unit_u", "count"),
    [(10, 0, 5, 2), (9, 0, 5, 1), (10, 6, 5, 0), (10, 30, 5, 0), (10, 0, 0, NO_BOUND)],
)
def test_whole_units_fit_under_a_limit(limit_u: int, used_u: int, unit_u: int, count: int) -> None:
    assert fits(limit_u, used_u, unit_u) == count
