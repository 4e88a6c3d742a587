"""On the demo itself: five years of every shipped policy, the engine against the reference."""

import pytest

from parity.columns import expected, run_engine
from parity.shipped import plain_case, shipped
from parity.test_reference import assert_same
from reference.plain import Backtest
from underwriter.app.shipped import names
from underwriter.sim.backtest import under

TOGETHER = "wheel-index-managed+put-spread-index+iron-condor-index"  # in one account


@pytest.mark.proof
@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("name", [*names(), TOGETHER])
def test_the_engine_agrees_with_the_reference_on_the_demo(name: str, delay: int) -> None:
    found = shipped(name)
    case = plain_case(found, half_spread=0.5, delay=delay)
    ours = run_engine(found.slab.market, under(found.setup, half_spread=0.5, delay=delay))
    assert len(ours.log) > 1_000  # or nothing was compared
    assert_same(ours, expected(Backtest(case).run()))
