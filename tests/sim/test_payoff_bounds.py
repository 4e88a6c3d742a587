"""Bounds and breakevens of a pay-off: DOMAIN.md 3.1 and 4.1, and what must hold for any trade."""

import numpy as np
import pytest
from hypothesis import given

from sim.trades import AMERICAN, CONDOR, MONTH, SHORT_PUT, europeans, trade
from underwriter.sim.payoff import nothing, payoff
from underwriter.sim.position import Position, profit


@pytest.mark.parametrize(
    ("legs", "shares", "max_loss", "max_profit", "breakevens"),
    [
        ([SHORT_PUT], 0, 9_364, 136, [93.64]),  # the strike to zero, less the credit
        ([SHORT_PUT, (1, -1, 90.0, 0.53)], 0, 417, 83, [94.17]),
        (CONDOR, 0, 306, 194, [93.06, 106.94]),
        ([(-1, 1, 105.0, 1.67)], 0, None, 167, [106.67]),  # a naked call: no bound
        ([(1, 1, 105.0, 1.67)], 0, 167, None, [106.67]),
        ([(-1, 1, 105.0, 1.67)], 100, 9_833, 667, [98.33]),
        ([(1, -1, 95.0, 1.36), (-1, 1, 110.0, 0.61)], 100, 575, 925, [100.75]),
        ([SHORT_PUT, (-1, 1, 105.0, 1.67)], 0, None, 303, [91.97, 108.03]),
        ([(1, -1, 95.0, 1.36)], 200, 10_636, None, [100.68]),  # half protected
    ],
)
def test_worked_cases(
    legs: list[tuple[int, int, float, float]],
    shares: int,
    max_loss: float | None,
    max_profit: float | None,
    breakevens: list[float],
) -> None:
    """DOMAIN 3.1 for the first seven; the others by the same sums."""
    found = payoff(trade(*legs, shares=shares))
    assert found.max_loss == (None if max_loss is None else pytest.approx(max_loss))
    assert found.max_profit == (None if max_profit is None else pytest.approx(max_profit))
    assert found.breakevens == pytest.approx(breakevens)


def test_a_trade_that_never_wins_has_no_breakeven() -> None:
    """A box of 5 bought for 5.50: 50 are lost wherever it ends."""
    spread = trade((1, -1, 95.0, 2.0), (-1, -1, 90.0, 1.0), (1, 1, 90.0, 12.0), (-1, 1, 95.0, 7.5))
    found = payoff(spread)
    assert found.breakevens == ()
    assert (found.max_loss, found.max_profit) == (pytest.approx(50.0), pytest.approx(-50.0))


def test_a_trade_that_never_loses() -> None:
    found = payoff(trade((1, 1, 105.0, 1.0), (-1, 1, 110.0, 1.2), vol=None))
    assert (found.max_loss, found.breakevens) == (0.0, ())


def test_a_calendar_loses_its_debit_at_most() -> None:
    """Far from the strike both puts are worth the same; at the strike the far one has most left."""
    calendar = trade((-1, -1, 100.0, None), (1, -1, 100.0, None, 3 * MONTH), terms=AMERICAN)
    found = payoff(calendar)
    assert found.max_loss == pytest.approx(-calendar.credit, rel=1e-3)
    best = float(found.spot[np.argmax(found.profit)])
    assert best == pytest.approx(100.0, abs=1.5)
    low, high = found.breakevens
    assert low < 100.0 < high
    assert profit(calendar, np.array([low, high])) == pytest.approx([0.0, 0.0], abs=1e-4)


def test_a_bent_pay_off_is_followed_to_its_top() -> None:
    """Four calls on 250 shares, three years and a day: no spot of 2,000 gains more."""
    calls = ((-2, 1, 105.0, None, 1200 / 365), (-2, 1, 120.0, None, 1 / 365))
    covered = trade(*calls, shares=250, vol=0.2)
    gained = profit(covered, np.linspace(50.0, 150.0, 2_001))
    assert payoff(covered).max_profit == pytest.approx(gained.max(), rel=1e-4)


@given(europeans)
def test_no_spot_loses_more_or_gains_more(position: Position) -> None:
    found = payoff(position)
    gained = profit(position, np.linspace(0.0, 400.0, 801))
    if found.max_loss is not None:
        assert found.max_loss >= -gained.min() - 1e-6
    if found.max_profit is not None:
        assert found.max_profit >= gained.max() - 1e-6


@given(europeans)
def test_breakevens_ascend_and_part_profit_from_none(position: Position) -> None:
    found = payoff(position)
    edges = np.array([0.0, *found.breakevens, 3.0 * found.spot[-1]])
    assert (np.diff(edges) >= 0.0).all()
    middles = 0.5 * (edges[1:] + edges[:-1])
    wins = profit(position, middles) > nothing(position)
    assert (wins[1:] != wins[:-1]).all()
