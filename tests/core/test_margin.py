"""Strategy-based margin: the worked cases of DOMAIN.md 3.1, to the dollar as published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core import margin
from underwriter.core.contract import CALL, PUT
from underwriter.core.margin import BROAD_INDEX, EQUITY, NO_LEG, Leg
from underwriter.core.units import CENT_U, to_u

Slots = tuple[Leg, Leg, Leg, Leg]
HUNDRED = to_u(100)
DOLLAR = 1.0  # the tolerance to which the cases are published


def leg(quantity: int, strike: float, price: float) -> Leg:
    return Leg(quantity, to_u(strike), to_u(price))


def slots(
    short_put: Leg = NO_LEG,
    long_put: Leg = NO_LEG,
    short_call: Leg = NO_LEG,
    long_call: Leg = NO_LEG,
) -> Slots:
    return short_put, long_put, short_call, long_call


def held(spot: float, legs: Slots, shares: int = 0, rate: float = EQUITY) -> float:
    """The maintenance requirement in dollars."""
    return margin.reg_t_u(to_u(spot), rate, shares, *legs, 100) / 1e6


def opened(spot: float, legs: Slots, shares: int = 0, rate: float = EQUITY) -> float:
    """The initial requirement in dollars."""
    return margin.reg_t_initial_u(to_u(spot), rate, shares, *legs, 100) / 1e6


def test_a_cash_secured_put_ties_up_its_strike() -> None:
    """95 put: 9,500 dollars, or 9,364 net of its 1.36."""
    assert margin.cash_secured_put_u(to_u(95)) * 100 == to_u(9_500)


@pytest.mark.parametrize(
    ("spot", "strike", "price", "rate", "required"),
    [
        (209, 200, 1.20, EQUITY, 3_400),  # T2, a published example
        (100, 95, 1.36, EQUITY, 1_636),
        (100, 80, 0.10, EQUITY, 810),  # T2: a tenth of the strike, not of the spot
        (6_000, 5_700, 45, BROAD_INDEX, 64_500),
        (600, 570, 4.50, BROAD_INDEX, 6_450),
        (600, 570, 4.50, EQUITY, 9_450),
    ],
)
def test_a_naked_put(spot: float, strike: float, price: float, rate: float, required: int) -> None:
    each_u = margin.naked_put_u(to_u(spot), to_u(strike), to_u(price), rate)
    assert each_u * 100 / 1e6 == pytest.approx(required, abs=DOLLAR)
    assert held(spot, slots(leg(1, strike, price)), 0, rate) == each_u * 100 / 1e6
    assert opened(spot, slots(leg(1, strike, price)), 0, rate) == each_u * 100 / 1e6


@pytest.mark.parametrize(("strike", "price", "required"), [(105, 1.67, 1_667), (130, 0.05, 1_005)])
def test_a_naked_call(strike: float, price: float, required: int) -> None:
    each_u = margin.naked_call_u(HUNDRED, to_u(strike), to_u(price), EQUITY)
    assert each_u * 100 / 1e6 == pytest.approx(required, abs=DOLLAR)
    assert held(100, slots(short_call=leg(1, strike, price))) == each_u * 100 / 1e6


def test_a_strangle_is_the_greater_side_and_the_other_price() -> None:
    """T3: max(1636, 1667) + 136 = 1803."""
    both = slots(short_put=leg(1, 95, 1.36), short_call=leg(1, 105, 1.67))
    assert held(100, both) == pytest.approx(1_803, abs=DOLLAR)
    assert margin.strangle_u(20, 3, 16, 2) == 22  # puts ask more: the call's price is added
    assert margin.strangle_u(16, 3, 16, 2) == 19  # neither: the greater sum


def test_a_bull_put_is_its_width() -> None:
    """95/90 for 0.83: 500; the credit may go towards it, so 417 may be lost."""
    spread = slots(leg(1, 95, 1.36), leg(1, 90, 0.53))
    assert held(100, spread) == opened(100, spread) == 500.0


def test_a_long_option_that_covers_better_leaves_nothing() -> None:
    assert margin.vertical_u(to_u(95), to_u(90), PUT) == to_u(5)
    assert margin.vertical_u(to_u(90), to_u(95), PUT) == 0
    assert margin.vertical_u(to_u(105), to_u(110), CALL) == to_u(5)
    assert margin.vertical_u(to_u(110), to_u(105), CALL) == 0


def test_a_debit_is_paid_in_full() -> None:
    """Long 105 call at 1.67, short 110 at 0.61: 1.06 at opening, nothing to keep it."""
    debit = slots(short_call=leg(1, 110, 0.61), long_call=leg(1, 105, 1.67))
    assert opened(100, debit) == pytest.approx(106)
    assert held(100, debit) == 0.0
    assert opened(100, slots(long_put=leg(2, 95, 1.36))) == pytest.approx(272)
    assert held(100, slots(long_put=leg(2, 95, 1.36))) == 0.0


def test_an_iron_condor_is_its_greater_side() -> None:
    """T3: 90/95/105/110, 5 wide on both sides: 500, not 1000; a wider side counts alone."""
    condor = slots(leg(1, 95, 1.36), leg(1, 90, 0.53), leg(1, 105, 1.67), leg(1, 110, 0.56))
    assert held(100, condor) == 500.0
    wider = slots(leg(2, 95, 1.36), leg(2, 90, 0.53), leg(2, 105, 1.67), leg(2, 112, 0.4))
    assert held(100, wider) == 1_400.0


def test_a_covered_call_asks_for_the_shares_alone() -> None:
    """Buy 100 at 100, sell the 105 call at 1.67: 5000, of which 167 come in: 4833 in cash."""
    call = slots(short_call=leg(1, 105, 1.67))
    assert opened(100, call, 100) - 167 == pytest.approx(4_833, abs=DOLLAR)
    assert held(100, call, 100) == 2_500.0


def test_covered_shares_count_for_the_strike_at_most() -> None:
    """In the money by 5: 25% of 95; lent is half of 95, so 52.50 a share is called for."""
    assert margin.covered_call_u(HUNDRED, to_u(95)) == to_u(23.75)
    assert margin.covered_call_initial_u(HUNDRED, to_u(95)) == to_u(52.50)


def test_shares_alone() -> None:
    assert held(100, slots(), 150) == 3_750.0
    assert opened(100, slots(), 150) == 7_500.0


def test_a_protected_share_ties_up_what_it_may_lose() -> None:
    """10% of 95 and the 5 to it: 14.50 a share; a far put helps nothing: 25."""
    assert held(100, slots(long_put=leg(1, 95, 1.36)), 100) == 1_450.0
    assert held(100, slots(long_put=leg(1, 70, 0.05)), 100) == 2_500.0


def test_a_collar() -> None:
    """95P/110C on 100: min(9.50 + 5, 27.50) = 1450 to maintain."""
    collar = slots(long_put=leg(1, 95, 1.36), short_call=leg(1, 110, 0.61))
    assert held(100, collar, 100) == pytest.approx(1_450, abs=DOLLAR)
    assert margin.collar_u(HUNDRED, to_u(95), to_u(50)) == to_u(12.50)


def test_a_put_beside_a_covered_call_never_adds() -> None:
    """The collar's 25% of a far call's strike is more than 25% of the share."""
    far = slots(long_put=leg(1, 70, 0.05), short_call=leg(1, 200, 0.05))
    assert held(100, far, 100) == 2_500.0


def test_partial_quantities_stand_alone() -> None:
    """Three short puts, one covered: 500 and twice 1636. 150 shares cover one call of two."""
    puts = slots(leg(3, 95, 1.36), leg(1, 90, 0.53))
    assert held(100, puts) == pytest.approx(500 + 2 * 1_636)
    calls = slots(short_call=leg(2, 105, 1.67))
    assert held(100, calls, 150) == pytest.approx(3_750 + 1_667)
    condors = slots(leg(2, 95, 1.36), leg(2, 90, 0.53), leg(1, 105, 1.67), leg(1, 110, 0.56))
    assert held(100, condors) == 1_000.0
    naked = slots(short_put=leg(3, 95, 1.36), short_call=leg(1, 105, 1.67))
    assert held(100, naked) == pytest.approx(1_803 + 2 * 1_636)


def test_shares_cover_calls_before_options_do() -> None:
    """Two calls, 100 shares, one 110 call held: one covered, one spread of 5."""
    calls = slots(short_call=leg(2, 105, 1.67), long_call=leg(1, 110, 0.56))
    assert held(100, calls, 100) == 3_000.0


def test_puts_protect_shares_after_short_puts() -> None:
    """Of three puts one is a spread's, one a collar's, one protects 100 shares; 50 are bare."""
    legs = slots(leg(1, 100, 3.0), leg(3, 95, 1.36), leg(1, 110, 0.61))
    assert held(100, legs, 250) == 500 + 1_450 + 1_450 + 1_250


def test_a_spread_asks_no_more_than_its_short_option_alone() -> None:
    """FINRA Notice 12-44: the lesser; a put of 10 under the 95 put is 85 below it."""
    assert held(100, slots(leg(1, 95, 1.36), leg(1, 10, 0.01))) == pytest.approx(1_636)


def test_shares_sold_short() -> None:
    """FINRA 4210(c): 30%, at least 5 dollars a share; under 5 dollars all, at least 2.50."""
    assert held(100, slots(), -100) == 3_000.0
    assert held(10, slots(), -100) == 500.0
    assert held(4, slots(), -100) == 400.0
    assert held(2, slots(), -100) == 250.0
    assert opened(100, slots(), -100) == 5_000.0


def test_a_call_protects_shares_sold_short() -> None:
    """10% of 105 and the 5 to it: 15.50; a far one helps nothing: 30; what is left is bare."""
    assert held(100, slots(long_call=leg(1, 105, 1.67)), -100) == 1_550.0
    assert held(100, slots(long_call=leg(1, 150, 0.01)), -100) == 3_000.0
    assert held(100, slots(long_call=leg(2, 105, 1.67)), -150) == 1_550 + 1_500


def test_a_requirement_is_rounded_up_to_the_cent() -> None:
    """30.0001 a share: 25% is 7.500025, of one share 7.51."""
    assert held(30.0001, slots(), 1) == pytest.approx(7.51)


strikes = st.integers(1, 400).map(lambda n: n * to_u(0.5))
legs = st.builds(Leg, st.integers(0, 5), strikes, st.integers(0, 2_000).map(lambda n: n * CENT_U))
sleeves = st.tuples(legs, legs, legs, legs)
spots = st.integers(100, 40_000).map(lambda n: n * CENT_U)


@given(spots, st.sampled_from([EQUITY, BROAD_INDEX]), st.integers(-300, 700), sleeves)
def test_a_requirement_is_whole_cents_and_never_negative(
    spot_u: int, rate: float, shares: int, sleeve: Slots
) -> None:
    found = margin.reg_t_u(spot_u, rate, shares, *sleeve, 100)
    assert found >= 0
    assert found % CENT_U == 0


@given(spots, st.integers(0, 700), sleeves)
def test_what_is_held_never_adds(spot_u: int, shares: int, sleeve: Slots) -> None:
    """Not even where it breaks a strangle up: without it the requirement is at least as large."""
    alone = slots(sleeve[0], NO_LEG, sleeve[2], NO_LEG)
    found = margin.reg_t_u(spot_u, EQUITY, shares, *sleeve, 100)
    assert found <= margin.reg_t_u(spot_u, EQUITY, shares, *alone, 100) + CENT_U


@given(spots, st.integers(-300, 700), sleeves)
def test_twice_the_sleeve_asks_at_most_twice(spot_u: int, shares: int, sleeve: Slots) -> None:
    """Whole lots double exactly; odd shares may make another lot, never a dearer one."""
    twice = [Leg(2 * each.quantity, each.strike_u, each.price_u) for each in sleeve]
    found = margin.reg_t_u(spot_u, EQUITY, 2 * shares, *twice, 100)
    assert found <= 2 * margin.reg_t_u(spot_u, EQUITY, shares, *sleeve, 100)
    if shares % 100 == 0:
        once = margin.reg_t_u(spot_u, EQUITY, shares, *sleeve, 100)
        assert found == pytest.approx(2 * once, abs=2 * CENT_U)
