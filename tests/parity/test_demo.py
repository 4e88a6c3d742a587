"""On the demo itself: five years of every strategy, the engine against the reference."""

from pathlib import Path

import pytest

from parity.columns import expected, run_engine
from parity.shipped import Shipped, plain_case, shipped
from parity.test_reference import assert_same
from reference.plain import Backtest
from underwriter.app.shipped import names
from underwriter.sim.backtest import under

GOLDEN = Path(__file__).parents[1] / "golden"
UNSHIPPED = {"strangle": "reg_t", "call-spread": "cash_secured"}  # policies of the golden runs
TOGETHER = "wheel-index-managed+put-spread-index+iron-condor-index"  # in one account


@pytest.mark.proof
@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("name", [*names(), TOGETHER])
def test_the_engine_agrees_with_the_reference_on_the_demo(name: str, delay: int) -> None:
    agree(shipped(name), delay)


@pytest.mark.proof
@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("name", UNSHIPPED)
def test_the_engine_agrees_on_strategies_that_no_shipped_policy_has(name: str, delay: int) -> None:
    agree(shipped(str(GOLDEN / f"{name}.toml"), UNSHIPPED[name]), delay)


def agree(found: Shipped, delay: int, least: int = 900) -> None:
    """Both over one policy's five years."""
    case = plain_case(found, half_spread=0.5, delay=delay)
    ours = run_engine(found.slab.market, under(found.setup, half_spread=0.5, delay=delay))
    assert len(ours.log) > least  # or nothing was compared
    assert_same(ours, expected(Backtest(case).run()))
