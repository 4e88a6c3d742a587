"""Margin of any number of legs: DOMAIN.md 3.1, and how legs pair."""

import pytest
from hypothesis import given

from sim.trades import CONDOR, MONTH, SHORT_PUT, europeans, trade
from underwriter.core.margin import BROAD_INDEX, EQUITY
from underwriter.sim.collateral import Margin, largest_claim, margin_of
from underwriter.sim.position import Position

LONG_90 = (1, -1, 90.0, 0.53)
CALL = (-1, 1, 105.0, 1.67)


def tied(position: Position, rate: float = EQUITY, *, cash: bool = False) -> Margin:
    return margin_of(position, rate, cash_settled=cash)


@pytest.mark.parametrize(
    ("legs", "shares", "expected"),
    [
        ([SHORT_PUT], 0, (9_500, 1_636, 1_636)),
        ([(-1, -1, 80.0, 0.10)], 0, (8_000, 810, 810)),
        ([CALL], 0, (None, 1_667, 1_667)),
        ([SHORT_PUT, CALL], 0, (None, 1_803, 1_803)),
        ([SHORT_PUT, LONG_90], 0, (500, 500, 500)),
        (CONDOR, 0, (1_000, 500, 500)),
        ([CALL], 100, (10_000, 5_000, 2_500)),
        ([(1, -1, 95.0, 1.36)], 0, (136, 136, 0)),
        ([(1, -1, 95.0, 1.36)], 100, (10_136, 5_136, 1_450)),
        ([(1, -1, 95.0, 1.36), (-1, 1, 110.0, 0.61)], 100, (10_075, 5_075, 1_450)),
    ],
)
def test_worked_cases(
    legs: list[tuple[int, int, float, float]],
    shares: int,
    expected: tuple[float | None, float, float],
) -> None:
    found = tied(trade(*legs, shares=shares))
    assert found.cash_secured == (None if expected[0] is None else pytest.approx(expected[0]))
    assert found[1:] == pytest.approx(expected[1:], abs=1.0)


def test_a_put_that_outlives_its_cover_secures_its_strike() -> None:
    assert tied(trade((-1, -1, 95.0, 2.5, 2 * MONTH), LONG_90)).cash_secured == 9_500.0


def test_a_broad_index() -> None:
    """SPX 6000, a put of 5700 at 45: 64,500."""
    put = trade((-1, -1, 5_700.0, 45.0), spot=6_000.0)
    assert tied(put, BROAD_INDEX).reg_t_maintenance == 64_500.0


def test_what_settles_in_cash_may_lose_its_width_and_no_more() -> None:
    assert tied(trade(SHORT_PUT, LONG_90), cash=True).cash_secured == 500.0
    assert tied(trade(*CONDOR), cash=True).cash_secured == 500.0
    assert tied(trade(SHORT_PUT), cash=True).cash_secured == 9_500.0


def test_a_butterfly_is_paid_for() -> None:
    """FINRA Notice 12-44: a spread of many legs ties up the most it may lose: here its debit."""
    butterfly = trade((1, -1, 100.0, 3.0), (-2, -1, 95.0, 1.36), (1, -1, 90.0, 0.53))
    assert tied(butterfly)[1:] == (pytest.approx(81.0), 0.0)


def test_a_ratio_is_a_spread_and_a_naked_option() -> None:
    """Two sold at 95, one held at 90: 500 and 1636; two expiries do not change it."""
    ratio = trade((-2, -1, 95.0, 1.36), (1, -1, 90.0, 0.9, 2 * MONTH))
    assert tied(ratio).reg_t_maintenance == pytest.approx(2_136)


def test_what_expires_first_covers_nothing() -> None:
    diagonal = trade((-1, -1, 95.0, 2.5, 2 * MONTH), LONG_90)
    assert tied(diagonal).reg_t_maintenance == pytest.approx(100 * (2.5 + 15))


def test_spreads_of_two_expiries_are_no_condor() -> None:
    calls = ((-1, 1, 105.0, 2.8, 2 * MONTH), (1, 1, 110.0, 1.5, 2 * MONTH))
    assert tied(trade(SHORT_PUT, LONG_90, *calls)).reg_t_maintenance == 1_000.0


def test_shares_cover_the_lowest_strike_and_puts_make_collars() -> None:
    """200 shares: the 105 call collared, the 110 call and 50 shares of 250 alone."""
    legs = (CALL, (-1, 1, 110.0, 0.61), (1, -1, 95.0, 1.36))
    found = tied(trade(*legs, shares=250))
    assert found.reg_t_maintenance == pytest.approx(1_450 + 2_500 + 1_250)
    more = tied(trade(CALL, (3, -1, 95.0, 1.36), shares=250))
    assert more.reg_t_maintenance == pytest.approx(2 * 1_450 + 1_250)


def test_calls_beyond_the_shares_are_naked() -> None:
    assert tied(trade((-2, 1, 105.0, 1.67), shares=100)).reg_t_maintenance == pytest.approx(4_167)


def test_a_covered_call_spread_in_a_cash_account() -> None:
    assert tied(trade(CALL, (1, 1, 110.0, 0.56))).cash_secured == 500.0


@given(europeans)
def test_margin_never_exceeds_what_may_be_claimed(position: Position) -> None:
    found = tied(position)
    assert 0.0 <= found.reg_t_maintenance <= largest_claim(position) + 0.01
    assert found.reg_t_initial >= found.reg_t_maintenance - 0.01


@given(europeans)
def test_a_long_option_never_adds_to_what_is_kept(position: Position) -> None:
    sold = tuple(leg for leg in position.legs if leg.quantity < 0)
    if sold:
        bare = tied(position._replace(legs=sold)).reg_t_maintenance
        assert tied(position).reg_t_maintenance <= bare + 0.1


def test_shares_sold_short_cover_nothing() -> None:
    """FINRA 4210(c): 30% of 100 to keep; a call sold beside them is naked, and no cash account."""
    short = trade(CALL, shares=-100)
    found, bare = tied(short), tied(trade(CALL))
    assert found.cash_secured is None
    assert found.reg_t_maintenance - bare.reg_t_maintenance == pytest.approx(3_000.0)
