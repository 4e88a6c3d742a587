"""Probability of profit and expected value: DOMAIN.md 4.1 (T4) and what must hold for any trade."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.trades import AMERICAN, CONDOR, EUROPEAN, MONTH, SHORT_PUT, europeans, trade
from underwriter.market.cash_sweep import Dividends
from underwriter.market.single import Terms
from underwriter.sim import odds
from underwriter.sim.payoff import payoff
from underwriter.sim.position import Position, profit


def chance(position: Position) -> float:
    return odds.probability_of_profit(position, payoff(position).breakevens)


def test_the_example_of_the_domain_page() -> None:
    """T4: N(d2) 0.7195 at the strike, 0.7727 at the breakeven; not 0.748, which delta says."""
    put = trade((-1, -1, 95.0, None))
    assert odds.worthless(put, put.legs[0]) == pytest.approx(0.7195, abs=5e-5)
    assert chance(put) == pytest.approx(0.7727, abs=2e-4)


@pytest.mark.parametrize(
    ("drift", "vol", "expected"), [(0.08, 0.24, 46), (0.04, 0.28, 0), (0.08, 0.34, -51)]
)
def test_expected_value_of_the_domain_page(drift: float, vol: float, expected: float) -> None:
    """One put at 28%: +46 where the world is calmer, none where it is as priced, else -51."""
    put = trade((-1, -1, 95.0, None))
    assert odds.expected_value(put, vol, drift) == pytest.approx(expected, abs=0.7)


def test_each_breakeven_has_its_own_volatility() -> None:
    """Between two legs the smile is a line in ln(strike); beyond them it is flat."""
    condor = trade(*CONDOR)
    vols = [leg.vol for leg in condor.legs]
    assert odds.smile(condor, 95.0) == pytest.approx(vols[0])
    assert odds.smile(condor, np.sqrt(90.0 * 95.0)) == pytest.approx(0.5 * (vols[0] + vols[1]))
    assert odds.smile(condor, 50.0) == pytest.approx(vols[1])
    assert odds.smile(condor, 200.0) == pytest.approx(vols[3])


def test_two_legs_of_one_strike_share_a_volatility() -> None:
    straddle = trade((-1, -1, 100.0, 3.0), (-1, 1, 100.0, 3.6))
    assert odds.smile(straddle, 100.0) == pytest.approx(np.mean([leg.vol for leg in straddle.legs]))


def test_odds_agree_with_a_simulation() -> None:
    """200,000 draws of the same lognormal: a condor at one volatility, within three errors."""
    condor = trade(*[(*leg[:3], None) for leg in CONDOR])
    draws = np.random.default_rng(1).standard_normal(200_000)
    spread = 0.28 * np.sqrt(MONTH)
    ends = 100.0 * np.exp(0.03 * MONTH - 0.5 * spread**2 + spread * draws)
    gained = profit(condor, ends)
    assert chance(condor) == pytest.approx((gained > 0.0).mean(), abs=0.0035)
    drifted = ends * np.exp(0.06 * MONTH)
    interest = condor.credit * (np.exp(0.04 * MONTH) - 1.0)
    expected = odds.expected_value(condor, 0.28, 0.10)
    assert expected == pytest.approx(profit(condor, drifted).mean() + interest, abs=1.5)


def test_a_trade_that_cannot_lose_is_sure() -> None:
    assert chance(trade((1, 1, 105.0, 1.0), (-1, 1, 110.0, 1.2), vol=None)) == 1.0


@settings(max_examples=25)
@given(europeans)
def test_a_fair_price_is_worth_nothing(position: Position) -> None:
    """Real volatility as implied, drift as the rate: no edge, whatever the odds."""
    size = abs(position.credit) + position.shares * position.spot + 100.0
    assert odds.expected_value(position, None, 0.04) == pytest.approx(0.0, abs=1e-9 * size)
    assert 0.0 <= chance(position) <= 1.0


@settings(max_examples=10)
@given(st.floats(85.0, 115.0), st.floats(0.15, 0.5), st.sampled_from([-1, 1]))
def test_a_fair_calendar_is_worth_nothing(strike: float, vol: float, sign: int) -> None:
    """What lives on is a martingale too, with its integral."""
    calendar = trade(
        (-1, sign, strike, None), (1, sign, strike + 2.0, None, 3 * MONTH), vol=vol, terms=EUROPEAN
    )
    assert odds.expected_value(calendar, None, 0.04) == pytest.approx(0.0, abs=1e-4)


def test_an_american_price_pays_for_a_right_that_is_not_used() -> None:
    """Held to expiry, the seller keeps the early-exercise premium: 1.3710 less 1.3649 a share."""
    put = trade((-1, -1, 95.0, None), terms=AMERICAN)
    assert odds.expected_value(put, None, 0.04) == pytest.approx(0.6, abs=0.05)


def test_dividends_lower_the_forward() -> None:
    """A certain half dollar in the life: as a spot half a dollar lower, discounted."""
    paying = Terms(False, 0.04, 0.0, Dividends(np.array([0.05]), np.array([0.5])))
    plain = Terms(False, 0.04)
    put = trade((-1, -1, 95.0, 1.36), terms=paying)
    same = trade((-1, -1, 95.0, 1.36), terms=plain, spot=100.0 - 0.5 * np.exp(-0.002))
    level = put._replace(legs=same.legs)
    assert odds.below(level, 95.0) == pytest.approx(odds.below(same, 95.0))


def test_more_volatility_than_was_paid_for_is_a_loss_to_the_seller() -> None:
    sold = trade(SHORT_PUT)
    values = [odds.expected_value(sold, vol, 0.04) for vol in (0.2, 0.28, 0.4)]
    assert values == sorted(values, reverse=True)
