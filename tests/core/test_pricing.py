"""Black-76 against Haug's textbook and DOMAIN.md 4.1; no expected value is ours."""

import csv
from math import exp, inf, nan, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.pricing import black76, black76_delta, black76_greeks, normal_cdf

HAUG = Path(__file__).resolve().parents[3] / "shared" / "reference" / "european_haug1998.csv"
SIGN = {"call": 1, "put": -1}

# DOMAIN T4: S 100, K 95, 35 days, r 4%, q 1%, 28%
YEARS = 35 / 365
FORWARD, DEVIATION, DISCOUNT = 100 * exp(0.03 * YEARS), 0.28 * sqrt(YEARS), exp(-0.04 * YEARS)


@pytest.mark.skipif(not HAUG.is_file(), reason="needs ../shared/reference: not here")
def test_european_prices_are_haugs() -> None:
    """Haug (1998), to the four decimals he prints."""
    with HAUG.open(encoding="utf-8", newline="") as file:
        examples = [
            (row["right"], *(float(row[name]) for name in list(row)[1:]))
            for row in csv.DictReader(file)
        ]
    assert len(examples) > 20
    for right, strike, spot, dividend_yield, rate, years, volatility, value in examples:
        forward = spot * exp((rate - dividend_yield) * years)
        deviation, discount = volatility * sqrt(years), exp(-rate * years)
        found = black76(SIGN[right], forward, strike, deviation, discount)
        assert found == pytest.approx(value, abs=1e-4), (right, strike, spot, years, volatility)


def test_the_example_of_the_domain_page() -> None:
    """P = 1.3649, spot delta -0.2518 = exp(-qT) times the forward's."""
    assert black76(-1, FORWARD, 95.0, DEVIATION, DISCOUNT) == pytest.approx(1.3649, abs=5e-5)
    delta = black76_delta(-1, FORWARD, 95.0, DEVIATION)
    assert delta * exp(-0.01 * YEARS) == pytest.approx(-0.2518, abs=5e-5)


@pytest.mark.parametrize(("x", "below"), [(0.0, 0.5), (1.0, 0.8413447460685429), (-inf, 0.0)])
def test_the_normal_distribution(x: float, below: float) -> None:
    """Abramowitz and Stegun, table 26.1."""
    assert normal_cdf(x) == pytest.approx(below, abs=1e-15)


def test_the_far_tail_is_exact() -> None:
    """N(-10) = 7.6198530241605e-24, Abramowitz and Stegun, table 26.2."""
    assert normal_cdf(-10.0) == pytest.approx(7.6198530241605e-24, rel=1e-12)


@pytest.mark.parametrize("deviation", [0.0, -0.1, nan])
@pytest.mark.parametrize(
    ("sign", "strike", "value", "delta"),
    [(1, 95.0, 4.5, 1.0), (1, 105.0, 0.0, 0.0), (-1, 105.0, 4.5, -1.0), (-1, 95.0, 0.0, 0.0)],
)
def test_where_nothing_moves_it_is_the_discounted_intrinsic(
    deviation: float, sign: int, strike: float, value: float, delta: float
) -> None:
    assert black76(sign, 100.0, strike, deviation, 0.9) == value
    assert black76_delta(sign, 100.0, strike, deviation) == delta


@pytest.mark.parametrize(("forward", "strike"), [(0.0, 95.0), (-1.0, 95.0), (100.0, 0.0)])
def test_a_worthless_forward_or_strike_is_intrinsic(forward: float, strike: float) -> None:
    assert black76(-1, forward, strike, 0.2, 1.0) == max(strike - forward, 0.0)
    assert black76(1, forward, strike, 0.2, 1.0) == max(forward - strike, 0.0)
    assert black76_delta(-1, forward, strike, 0.2) == (-1.0 if strike > forward else 0.0)


@given(st.floats(1.0, 1e4), st.floats(1.0, 1e4), st.floats(1e-3, 3.0), st.floats(0.5, 1.0))
def test_a_call_less_a_put_is_the_forward_less_the_strike(
    forward: float, strike: float, deviation: float, discount: float
) -> None:
    call, put = (black76(sign, forward, strike, deviation, discount) for sign in (1, -1))
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-8)
    deltas = [black76_delta(sign, forward, strike, deviation) for sign in (1, -1)]
    assert deltas[0] - deltas[1] == pytest.approx(1.0)


def test_the_greeks_of_the_domain_page() -> None:
    """Delta -0.2518 and theta -0.0375 a day; the rest are slopes of the price over small moves."""
    found = black76_greeks(-1, 100.0, FORWARD, 95.0, 0.28, YEARS, DISCOUNT)
    assert found.delta == pytest.approx(-0.2518, abs=5e-5)
    assert found.theta == pytest.approx(-0.0375, abs=5e-5)

    def price(spot: float, volatility: float, rate: float) -> float:
        forward = spot * exp((rate - 0.01) * YEARS)
        return black76(-1, forward, 95.0, volatility * sqrt(YEARS), exp(-rate * YEARS))

    up, middle, down = (price(100.0 + move, 0.28, 0.04) for move in (0.1, 0.0, -0.1))
    assert found.delta == pytest.approx((up - down) / 0.2, rel=1e-4)
    assert found.gamma == pytest.approx((up + down - 2.0 * middle) / 0.01, rel=1e-4)
    vega = price(100.0, 0.2805, 0.04) - price(100.0, 0.2795, 0.04)
    assert found.vega == pytest.approx(10.0 * vega, rel=1e-4)
    rho = price(100.0, 0.28, 0.0405) - price(100.0, 0.28, 0.0395)
    assert found.rho == pytest.approx(10.0 * rho, rel=1e-4)


@pytest.mark.parametrize(("sign", "strike"), [(1, 99.0), (-1, 101.0)])
def test_the_last_day_takes_all_time_value(sign: int, strike: float) -> None:
    years = 0.5 / 365
    price = black76(sign, 100.0, strike, 0.3 * sqrt(years), 1.0)
    found = black76_greeks(sign, 100.0, 100.0, strike, 0.3, years, 1.0)
    assert found.theta == pytest.approx(1.0 - price, rel=1e-12)
