"""Implied volatility against scipy, QuantLib and printed figures."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from underwriter.core.pricing import black76
from underwriter.market import blame
from underwriter.market.american import Tables, american
from underwriter.market.implied import (
    Contracts,
    american_volatility,
    european_volatility,
    first_guess,
    implied_volatilities,
)

SPOT = 100.0
EXACT = 1e-8  # the claim of issue 3, wherever
WORTH = 1e-4  # the time value is above this, at a spot of 100

Column = np.ndarray


def out_of_the_money(
    forward: Column, strike: Column, v: Column, discount: Column
) -> tuple[Column, Column]:
    """Price by scipy of the right out of the money; that of the put, by parity."""
    d1 = np.log(forward / strike) / v + 0.5 * v
    sign = np.where(forward > strike, -1, 1)
    price = discount * sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - v)))
    return price, price + discount * np.maximum(strike - forward, 0.0)


def contracts_of(
    moneyness: Column, vol: Column, years: Column, rate: Column
) -> tuple[Contracts, Column, Column]:
    """Puts and calls on a spot of 100, with time value and true volatility; yields of 1.5%."""
    strike, forward = SPOT * moneyness, SPOT * np.exp((rate - 0.015) * years)
    discount = np.exp(-rate * years)
    value, put = out_of_the_money(forward, strike, vol * np.sqrt(years), discount)
    call = value + discount * np.maximum(forward - strike, 0.0)
    twice = [np.tile(column, 2) for column in (strike, forward, discount, years, value, vol)]
    right = np.repeat([0, 1], len(strike))
    price = np.concatenate([put, call])
    strike, forward, discount, years, value, vol = twice
    spot = np.full(len(strike), SPOT)
    return Contracts(right, strike, price, spot, forward, discount, years), value, vol


def check(contracts: Contracts, value: Column, vol: Column) -> int:
    """Hold every contract with time value to the claim; return how many there were."""
    found = implied_volatilities(contracts)
    worth = value > WORTH
    assert (found.reason[worth] == blame.FINE).all()
    assert np.abs(found.iv - vol)[worth].max() < EXACT
    missing = found.reason != blame.FINE
    assert np.isnan(found.iv[missing]).all()
    return int(worth.sum())


def test_volatility_is_recovered_over_a_grid() -> None:
    """Moneyness 0.3 to 3, 2% to 300%, a day to three years, rates to 10%, both rights."""
    axes = (
        np.append(np.geomspace(0.3, 3.0, 61), 1.0),
        np.geomspace(0.02, 3.0, 25),
        np.array([1, 2, 5, 11, 30, 70, 180, 365, 730, 1095]) / 365,
        np.array([0.0, 0.015, 0.04, 0.1]),
    )
    grid = (column.ravel() for column in np.meshgrid(*axes, indexing="ij"))
    assert check(*contracts_of(*grid)) > 50_000


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.proof)])
def test_volatility_is_recovered_anywhere(seed: int) -> None:
    rng, count = np.random.default_rng(seed), 200_000
    vol, years = np.exp(rng.uniform(math.log(0.02), math.log(3.0), count)), rng.uniform(0, 3, count)
    years = np.where(rng.uniform(size=count) < 0.5, 1 / 365 + years / 40, 1 / 365 + years)
    near = np.exp(2.0 * rng.normal(size=count) * vol * np.sqrt(years))
    assert check(*contracts_of(np.clip(near, 0.3, 3.0), vol, years, rng.uniform(0, 0.1, count))) > (
        100_000
    )


def test_it_is_quantlibs() -> None:
    """QuantLib's own inversion, to 1e-12 of the deviation, of 500 prices that it made."""
    rng = np.random.default_rng(5)
    for _ in range(500):
        strike, v, right = rng.uniform(80, 120), rng.uniform(0.05, 0.5), int(rng.integers(0, 2))
        kind = ql.Option.Call if right else ql.Option.Put
        price = ql.blackFormula(kind, strike, 101.0, v, 0.97)
        expected = ql.blackFormulaImpliedStdDev(kind, strike, 101.0, price, 0.97, 0.0, v, 1e-12)
        found, reason = european_volatility(2 * right - 1, price, 101.0, strike, 0.97, 0.25)
        assert reason == blame.FINE
        assert found * 0.5 == pytest.approx(expected, abs=1e-9)


@given(
    st.sampled_from([-1, 1]),
    st.floats(1.0, 1e4),
    st.floats(0.2, 5.0),
    st.floats(1e-3, 6.0),
    st.floats(0.5, 1.0),
)
def test_the_volatility_found_gives_the_price(
    sign: int, forward: float, moneyness: float, v: float, discount: float
) -> None:
    strike = forward * moneyness
    price = black76(sign, forward, strike, v, discount)
    found, reason = european_volatility(sign, price, forward, strike, discount, 1.0)
    if reason == blame.FINE:
        again = black76(sign, forward, strike, found, discount)
        assert again == pytest.approx(price, rel=1e-12, abs=1e-13 * max(forward, strike))
    else:
        assert reason in {blame.NO_QUOTE, blame.NO_TIME_VALUE, blame.ABOVE_BOUND}
        assert math.isnan(found)


@given(st.floats(-4.0, 0.0), st.floats(0.005, 6.0))
def test_the_first_guess_is_within_seven_hundredths(x: float, s: float) -> None:
    """Stefanica and Radoicic (2017) bound its error; of prices that an option may have."""
    price = black76(1, math.exp(0.5 * x), math.exp(-0.5 * x), s, 1.0)
    if 1e-9 < price < math.exp(0.5 * x) * (1.0 - 1e-9):
        assert first_guess(x, price) == pytest.approx(s, rel=0.07)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": math.nan}, blame.NO_QUOTE),
        ({"price": 0.0}, blame.NO_QUOTE),
        ({"price": -1.0}, blame.NO_QUOTE),
        ({"price": math.inf}, blame.NO_QUOTE),
        ({"years": 0.0}, blame.EXPIRED),
        ({"years": -0.1}, blame.EXPIRED),
        ({"years": math.nan}, blame.EXPIRED),
        ({"forward": math.nan}, blame.NO_FORWARD),
        ({"forward": 0.0}, blame.NO_FORWARD),
        ({"strike": -5.0}, blame.NO_FORWARD),
        ({"discount": math.nan}, blame.NO_FORWARD),
        ({"price": 8.9}, blame.BELOW_INTRINSIC),
        ({"price": 9.0}, blame.NO_TIME_VALUE),
        ({"price": 90.0}, blame.ABOVE_BOUND),
        ({"price": 95.0}, blame.ABOVE_BOUND),
    ],
)
def test_a_bad_quote_has_no_volatility_but_a_reason(change: dict[str, float], reason: int) -> None:
    """A call at 90 on a forward of 100, at a discount of 0.9: worth from 9 to 90."""
    good = {"price": 10.0, "forward": 100.0, "strike": 90.0, "discount": 0.9, "years": 0.5}
    assert european_volatility(1, *good.values())[1] == blame.FINE
    found, why = european_volatility(1, *(good | change).values())
    assert math.isnan(found)
    assert why == reason


def test_american_volatility_is_what_the_table_was_asked_for(tables: Tables) -> None:
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(1_000):
        sign, years = int(rng.choice([-1, 1])), rng.integers(1, 71) / 365
        vol, rate, paid = rng.uniform(0.08, 0.9), rng.uniform(0, 0.06), rng.uniform(0, 0.04)
        strike = SPOT * math.exp(1.5 * rng.normal() * vol * math.sqrt(years))
        v, carry, payout = vol * math.sqrt(years), rate * years, paid * years
        price, _ = american(*tables, sign, SPOT, strike, v, carry, payout)
        forward, discount = SPOT * math.exp(carry - payout), math.exp(-carry)
        found, reason = american_volatility(
            *tables, sign, price, SPOT, forward, strike, discount, years
        )
        time_value = price - max(sign * (SPOT - strike), sign * (forward - strike) * discount, 0.0)
        if time_value > 0.01:  # a table steps over less
            told += 1
            assert reason == blame.FINE
            assert found == pytest.approx(vol, abs=1e-6)
        elif reason == blame.FINE:
            again, _ = american(
                *tables, sign, SPOT, strike, found * math.sqrt(years), carry, payout
            )
            assert again == pytest.approx(price, abs=1e-3)
    assert told > 700


def test_american_volatility_of_printed_prices(tables: Tables, shared: Path) -> None:
    """The contracts of Haug (1998) p. 24 up to 70 days: within 2e-3 of the price, by vega."""
    with (shared / "reference/american_continuous_yield.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if float(row["years"]) <= 70 / 365]
    assert len(rows) == 18
    for row in rows:
        names = ("value", "spot", "strike", "years", "volatility", "rate", "dividend_yield")
        price, spot, strike, years, vol, rate, paid = (float(row[name]) for name in names)
        sign = 1 if row["right"] == "call" else -1
        forward, discount = spot * math.exp((rate - paid) * years), math.exp(-rate * years)
        found, reason = american_volatility(
            *tables, sign, price, spot, forward, strike, discount, years
        )
        d1 = (math.log(forward / strike) + 0.5 * vol * vol * years) / (vol * math.sqrt(years))
        vega = discount * forward * math.exp(-0.5 * d1 * d1) * math.sqrt(years / (2.0 * math.pi))
        assert reason == blame.FINE
        assert abs(found - vol) * vega <= 2e-3, row


@pytest.mark.parametrize(
    ("price", "spot", "reason"),
    [
        (9.9, 90.0, blame.BELOW_INTRINSIC),
        (10.0, 90.0, blame.NO_TIME_VALUE),
        (99.9, 90.0, blame.ABOVE_BOUND),
        (10.5, math.nan, blame.NO_FORWARD),
        (math.nan, 90.0, blame.NO_QUOTE),
    ],
)
def test_an_american_put_is_worth_exercise_at_least(
    tables: Tables, price: float, spot: float, reason: int
) -> None:
    """A put at 100 on a spot of 90: what its European twin may cost is no price for it."""
    found, why = american_volatility(*tables, -1, price, spot, 90.9, 100.0, 0.99, 0.25)
    assert math.isnan(found)
    assert why == reason


def test_in_bulk_it_is_the_same(tables: Tables) -> None:
    contracts, _, _ = contracts_of(*(np.full(30_000, x) for x in (1.05, 0.3, 0.1, 0.04)))
    for given_tables in (None, tables):
        found = implied_volatilities(contracts, given_tables)
        assert (found.reason == blame.FINE).all()
        assert len(np.unique(found.iv[:30_000])) == 1
    call, put = implied_volatilities(contracts).iv[[-1, 0]]
    assert call == pytest.approx(put, abs=EXACT)
    assert implied_volatilities(contracts, tables).iv[0] < put  # exercise is worth something
