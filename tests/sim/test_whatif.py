"""One trade before it is made: DOMAIN.md 4.1 (T4), and what must hold for any trade."""

import numpy as np
import pytest
from hypothesis import given, settings

from sim.trades import CONDOR, EUROPEAN, europeans, trade
from underwriter.core.margin import EQUITY
from underwriter.sim.position import Entered, Position
from underwriter.sim.whatif import Analysis, Belief, Trade, analyse, greeks_of, scenarios

FAIR = Belief(None, 0.04)


def found(position: Position) -> Analysis:
    return analyse(Trade(position, EQUITY, cash_settled=False), FAIR)


def test_the_example_of_the_domain_page() -> None:
    """T4, one put sold: owed 136.49, delta +25.18 shares, +3.75 a day, odds 0.7727."""
    told = found(trade((-1, -1, 95.0, None)))
    assert told.price == pytest.approx(-136.49, abs=0.01)
    assert told.credit == pytest.approx(136.49, abs=0.01)
    assert told.greeks.delta == pytest.approx(25.18, abs=0.01)
    assert told.greeks.theta == pytest.approx(3.75, abs=0.01)
    assert told.probability_of_profit == pytest.approx(0.7727, abs=2e-4)
    assert told.payoff.breakevens == pytest.approx([93.635], abs=1e-3)
    assert told.margin == pytest.approx((9_500, 1_636.5, 1_636.5))


def test_shares_have_a_delta_and_nothing_else() -> None:
    call = trade((-1, 1, 105.0, 1.67))
    bare, covered = greeks_of(call), greeks_of(call._replace(shares=100))
    assert covered.delta - bare.delta == 100.0
    assert covered[1:] == bare[1:]


@settings(max_examples=25)
@given(europeans)
def test_where_nothing_moves_nothing_changes(position: Position) -> None:
    table = scenarios(position)
    here = next(each for each in table if each.spot_move == 0.0 and each.vol_factor == 1.0)
    size = 1e-9 * position.spot * 100
    assert here.price == pytest.approx(found(position).price, abs=size)
    assert here.price == pytest.approx(-position.credit, abs=size)
    assert here.profit == pytest.approx(0.0, abs=size)


def test_a_scenario_is_a_full_revaluation() -> None:
    """DOMAIN 3.2: short 95 put at 28%: 227 lost at -6%, 875 at -15%; ours at -5%, -10%, -20%.

    The gaps are bridged by Black's price itself, at the same volatility, of scipy's normal law.
    """
    from scipy.special import ndtr  # noqa: PLC0415  the oracle

    table = {
        (each.spot_move, each.vol_factor): each for each in scenarios(trade((-1, -1, 95.0, None)))
    }
    years = 35 / 365
    for (move, factor), each in table.items():
        spot, spread = 100.0 * (1.0 + move), 0.28 * factor * np.sqrt(years)
        forward, bill = spot * np.exp(0.03 * years), np.exp(-0.04 * years)
        d1 = np.log(forward / 95.0) / spread + 0.5 * spread
        put = bill * (95.0 * ndtr(spread - d1) - forward * ndtr(-d1))
        assert each.price == pytest.approx(-100.0 * put, abs=1e-6)
    assert -404 > table[-0.10, 1.0].profit > -623


def test_a_condor_adds_up() -> None:
    told = found(trade(*CONDOR))
    assert told.credit == pytest.approx(194)
    assert told.payoff.max_loss == pytest.approx(306)
    assert told.expected_value == pytest.approx(0.0, abs=1e-6)
    assert len(told.scenarios) == 28


def test_what_is_held_ties_up_and_yields_what_it_would_anew() -> None:
    """A put sold for 300 that is worth 136.49: profit since then, margin and what is ahead now."""
    new = trade((-1, -1, 95.0, None))
    fresh, held = found(new), found(new._replace(entered=Entered(300.0, 0.0)))
    assert (held.credit, held.payoff.max_profit) == (300.0, 300.0)
    assert held.ahead.max_profit == pytest.approx(136.49, abs=0.01)
    assert (held.price, held.margin) == (fresh.price, fresh.margin)
    earned = (300.0 - 136.49) * np.exp(0.04 * 35 / 365)  # fair from now on: no more, no less
    assert held.expected_value == pytest.approx(earned, abs=0.01)


def test_shares_alone_never_expire() -> None:
    """Bought at 90: 1,000 ahead at 100, all of 9,000 at stake, and no odds."""
    told = found(Position(100.0, (), 100, 100, EUROPEAN, Entered(0.0, 90.0)))
    assert (told.probability_of_profit, told.expected_value) == (None, None)
    assert (told.payoff.max_loss, told.payoff.max_profit) == (9_000.0, None)
    assert told.payoff.breakevens == pytest.approx((90.0,))
    assert told.margin == (10_000.0, 5_000.0, 2_500.0)
    assert [each.profit for each in told.scenarios if each.spot_move == 0.0] == [1_000.0] * 4
