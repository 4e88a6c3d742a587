"""Legs and their prices; what a position is worth, and what it gains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.trades import AMERICAN, MONTH, SHORT_PUT, strikes, trade, wish
from underwriter.core.errors import InputError
from underwriter.market.single import Option
from underwriter.sim.position import Entered, Leg, Position, priced, profit, worth


def test_a_price_of_ones_own_says_the_volatility() -> None:
    """T4: 1.3649 is the price at 28%, whatever --vol says."""
    (leg,) = priced([wish(-1, -1, 95.0, 1.3649)], 100.0, trade(SHORT_PUT).terms, 0.5)
    assert leg.vol == pytest.approx(0.28, abs=1e-4)
    assert leg.price == 1.3649


def test_a_leg_without_a_price_has_the_models() -> None:
    (leg,) = trade((-1, -1, 95.0, None), vol=0.28).legs
    assert leg == (-1, Option(-1, 95.0, MONTH), pytest.approx(1.3649, abs=5e-5), 0.28)


def test_credit_and_worth_are_of_all_contracts() -> None:
    """Two puts of DOMAIN 4.1 sold: 273 in, and owed."""
    position = trade((-2, -1, 95.0, None))
    assert position.credit == pytest.approx(273, abs=0.1)
    assert worth(position, 100.0) == pytest.approx(-position.credit)


def test_a_price_without_time_value_takes_the_volatility_that_is_known() -> None:
    """A put of 120 at 20 is worth exercising."""
    deep = (-1, -1, 120.0, 20.0)
    assert trade(deep, terms=AMERICAN, vol=0.33).legs[0].vol == 0.33
    both = trade(deep, SHORT_PUT, terms=AMERICAN, vol=None)
    assert both.legs[0].vol == both.legs[1].vol


@pytest.mark.parametrize(
    ("words", "vol", "said"),
    [
        ((-1, -1, 95.0, None), None, "found neither a price nor --vol"),
        ((-1, -1, 120.0, 20.0), None, "without time value"),
        ((-1, -1, 120.0, 19.0), None, "below what exercise is worth"),
        ((-1, -1, 95.0, 99.0), None, "expected a price from 0.0000 to"),
    ],
)
def test_what_cannot_be_priced(words: tuple[int, int, float, float], vol: None, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        trade(words, vol=vol, terms=AMERICAN)
    assert str(caught.value).startswith("a leg: found")


def test_profit_is_counted_from_the_spot_and_the_credit() -> None:
    """DOMAIN 3.1, covered call at 1.67: 667 when called at 105, 167 where nothing moves."""
    covered = trade((-1, 1, 105.0, 1.67), shares=100)
    assert profit(covered, np.array([90.0, 100.0, 105.0, 120.0])) == pytest.approx(
        [-833.0, 167.0, 667.0, 667.0]
    )


def test_a_leg_that_lives_on_is_worth_its_models_price_then() -> None:
    """At the strike, with the same time left as before, it is the option of today."""
    calendar = trade((-1, -1, 100.0, None), (1, -1, 100.0, None, 2 * MONTH))
    gained = profit(calendar, np.array([100.0]))[0] - calendar.credit
    assert gained == pytest.approx(-worth(trade((-1, -1, 100.0, None)), 100.0))
    assert (len(calendar.ending), len(calendar.living)) == (1, 1)


@given(strikes, st.floats(0.1, 0.6), st.floats(70.0, 130.0))
def test_parity(strike: float, vol: float, spot: float) -> None:
    """Call less put is the forward less the strike, discounted (Stoll, 1969)."""
    both = trade((1, 1, strike, None), (-1, -1, strike, None), vol=vol)
    terms = both.terms
    parity = spot * np.exp(-terms.payout * MONTH) - strike * np.exp(-terms.rate * MONTH)
    assert worth(both, spot) == pytest.approx(100 * parity, abs=1e-8)


def test_expiries_decide_what_ends_first() -> None:
    near, far = Option(-1, 95.0, MONTH), Option(-1, 95.0, 2 * MONTH)
    legs = (Leg(1, far, 2.0, 0.28), Leg(-1, near, 1.0, 0.28))
    assert Position(100.0, legs, 0, 100, AMERICAN).years == MONTH


def test_what_is_held_counts_from_its_entry() -> None:
    """A covered call of 105: shares at 96, the call for 210, now 100 and 1.67: 443 ahead."""
    now = trade((-1, 1, 105.0, 1.67), shares=100)
    held = now._replace(entered=Entered(210.0, 96.0))
    assert (held.credit, held.share, held.anew) == (210.0, 96.0, now)
    assert profit(held, np.array([90.0, 105.0])) == pytest.approx([-390.0, 1_110.0])
    assert profit(held, np.array([80.0])) - profit(now, np.array([80.0])) == pytest.approx(443.0)
