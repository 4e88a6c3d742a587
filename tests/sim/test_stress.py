"""A held book through six falls; prices worked out here by Black-76 with scipy's normal."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from underwriter.market.single import Option, Terms, price
from underwriter.sim.episodes import EPISODES
from underwriter.sim.position import Leg, Position
from underwriter.sim.stress import moves

RATE, YEARS, VOL = 0.04, 35 / 365, 0.28
EUROPEAN = Terms(american=False, rate=RATE, payout=0.01)
FEBRUARY, MARCH = EPISODES[2], EPISODES[3]


def put(spot: float, strike: float, vol: float) -> float:
    """Black (1976), written out."""
    forward, v = spot * math.exp((RATE - 0.01) * YEARS), vol * math.sqrt(YEARS)
    d1 = math.log(forward / strike) / v + v / 2
    value = strike * norm.cdf(v - d1) - forward * norm.cdf(-d1)
    return math.exp(-RATE * YEARS) * float(value)


def leg(quantity: int, strike: float, vol: float = VOL) -> Leg:
    return Leg(quantity, Option(-1, strike, YEARS), put(100.0, strike, vol), vol)


def test_a_short_put_through_march_2020() -> None:
    """Spot 100 to 88; 28% times 1 + (82.69 / 57.83 - 1) * sqrt(30 / 35), 1.39799: 39.1%."""
    found = moves(Position(100.0, (leg(-1, 95.0),), 0, 100, EUROPEAN), MARCH)
    wild = VOL * 1.39799
    before = put(100.0, 95.0, VOL)
    assert found.spot_alone == pytest.approx(100 * (before - put(88.0, 95.0, VOL)), abs=0.01)
    assert found.vol_alone == pytest.approx(100 * (before - put(100.0, 95.0, wild)), abs=0.05)
    assert found.together == pytest.approx(100 * (before - put(88.0, 95.0, wild)), abs=0.05)


def test_a_spread_through_february_2018() -> None:
    spread = Position(100.0, (leg(-2, 95.0), leg(2, 90.0)), 0, 100, EUROPEAN)
    wild = VOL * (1 + (37.32 / 17.31 - 1) * math.sqrt(30 / 35))
    worth = [put(95.9, strike, wild) - put(100.0, strike, VOL) for strike in (95.0, 90.0)]
    assert moves(spread, FEBRUARY).together == pytest.approx(200 * (worth[1] - worth[0]))


def test_rises_by_life_are_those_of_cboes_indices() -> None:
    """2018-02-05: VIX9D 18.86 to 59.34, VIX3M 17.03 to 28.13."""
    assert FEBRUARY.factor(9) == pytest.approx(59.34 / 18.86, rel=0.02)
    assert FEBRUARY.factor(93) == pytest.approx(28.13 / 17.03, rel=0.01)


@pytest.mark.parametrize("episode", EPISODES)
def test_shares_alone_lose_what_the_spot_does(episode) -> None:  # noqa: ANN001
    found = moves(Position(50.0, (), 300, 100, EUROPEAN), episode)
    lost = pytest.approx(15_000 * episode.spot_move)
    assert (found.spot_alone, found.vol_alone, found.together) == (lost, 0.0, lost)


@given(
    st.floats(50, 150), st.floats(1, 30), st.floats(0.05, 1.5), st.sampled_from(EPISODES),
    st.booleans(),
)  # fmt: skip
def test_a_spread_loses_at_most_its_width_less_its_credit(strike, width, vol, episode, rates):  # noqa: ANN001, ANN201
    terms = EUROPEAN._replace(rate=RATE if rates else 0.0)
    legs = []
    for quantity, at in ((-1, strike), (1, strike - width)):
        option = Option(-1, at, YEARS)
        legs.append(Leg(quantity, option, price(option, 100.0, vol, terms), vol))
    spread = Position(100.0, tuple(legs), 0, 100, terms)
    if strike - width > 1.0:
        assert min(moves(spread, episode)) >= -(100 * width - spread.credit) - 1e-6
