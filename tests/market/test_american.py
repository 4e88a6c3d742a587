"""American prices in bulk against QuantLib's QdFp engine and printed figures.

Expected prices come from QuantLib's QdFp engine with 32 nodes of the exercise boundary, ten
iterations and a hundred points of the last integral, which is within 4e-6 of its high-precision
scheme on a spot of 100, and three to twenty times as fast; or from ../shared/reference.  The tables
under test were filled by two far coarser schemes.
"""

import csv
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.pricing import black76
from underwriter.market import american as module
from underwriter.market.american import (
    LONG,
    SHORT,
    Tables,
    american,
    american_columns,
    load_tables,
)

SPOT = 100.0
MOST = 2e-3  # the error that issue 2 allows
FARTHEST = math.log(2.0)  # strikes from half to twice the spot
LAST_MINUTES = 15 / (365 * 24 * 60)  # of an expiry day
FAMILIES = ["domain", "near", "level", "edge", "short", "deep", "bare"]

Column = np.ndarray
Engine = Callable[[float, float, float, float, float], float]


class Contracts(NamedTuple):
    """American options on a spot of 100; `v`, `carry` and `payout` as `american` takes them."""

    sign: Column
    strike: Column
    v: Column
    carry: Column
    payout: Column


def quantlib(scheme: tuple[int, int, int, int]) -> Engine:
    """Price over strike of a year's option, of (sign, spot / strike, v, carry, payout)."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    spot, rate, payout, vol = quotes = [ql.SimpleQuote(x) for x in (1.0, 0.0, 0.0, 0.2)]
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(payout), count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(rate), count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(vol), count)
        ),
    )
    engine = ql.QdFpAmericanEngine(process, ql.QdFpLegendreScheme(*scheme))
    options = {}
    for sign, kind in ((1, ql.Option.Call), (-1, ql.Option.Put)):
        exercise = ql.AmericanExercise(today, ql.Date(1, 1, 2022))
        options[sign] = ql.VanillaOption(ql.PlainVanillaPayoff(kind, 1.0), exercise)
        options[sign].setPricingEngine(engine)

    def price(sign: float, level: float, v: float, carry: float, yielded: float) -> float:
        for quote, figure in zip(quotes, (level, carry, yielded, v), strict=True):
            quote.setValue(figure)
        return float(options[sign].NPV())

    return price


def expected(contracts: Contracts) -> Column:
    engine, other = quantlib((32, 10, 60, 100)), quantlib((25, 5, 13, 60))

    def price(*contract: float) -> float:
        try:
            return engine(*contract)
        except RuntimeError:  # it found no root: one contract of 21,000, where rate equals yield
            return other(*contract)

    rows = zip(*(column.tolist() for column in contracts), strict=True)
    return np.array([k * price(s, SPOT / k, v, carry, paid) for s, k, v, carry, paid in rows])


def ours(tables: Tables, contracts: Contracts, spot: float = SPOT) -> tuple[Column, Column]:
    size = contracts.sign.size
    price, delta = np.empty(size), np.empty(size)
    american_columns(
        *tables, contracts.sign, np.full(size, spot), *contracts[1:], price=price, delta=delta
    )
    return price, delta


def edge(gain: float, loss: float, v: float, engine: Engine) -> float:
    """How many deviations out of the money a put is at its exercise boundary."""
    low, high = -min(FARTHEST / v, 60.0), 0.3
    for _ in range(12):
        middle = 0.5 * (low + high)
        level = math.exp(middle * v)
        kept = engine(-1, level, v, gain, loss) > 1.0 - level + 3e-6
        low, high = (low, middle) if kept else (middle, high)
    return high


def drawn(family: str, count: int, seed: int) -> Contracts:
    """Contracts of the domain of issue 2, or of one of the corners where a table errs most.

    domain: half to twice the spot, a day to seventy or the last fifteen minutes, 5% to 150%,
    rates to 8% (a third near zero), yields to 6% or a cash dividend up to 1.5% of spot;
    near: within five deviations; level: rate and yield nearly equal; edge: about the exercise
    boundary; short: a few days of low volatility with a dividend; deep: in the money, where
    exercise earns and forgoes about the same; bare: without a rate, a yield, or nearly so.
    """
    rng = np.random.default_rng((seed, FAMILIES.index(family)))
    uniform = rng.uniform
    sign, years = rng.choice([-1, 1], count), rng.integers(1, 71, count) / 365
    vol = np.exp(uniform(math.log(0.05), math.log(1.5), count))
    if family == "short":
        years, vol = rng.integers(1, 5, count) / 365, uniform(0.05, 0.12, count)
    rate = np.where(uniform(size=count) < 1 / 3, uniform(0, 0.002, count), uniform(0, 0.08, count))
    cash = uniform(size=count) < (0.6 if family == "short" else 0.25)
    if family == "domain":
        years = np.where(uniform(size=count) < 0.1, LAST_MINUTES, years)
        cash &= years > LAST_MINUTES
    carry, v = rate * years, vol * np.sqrt(years)
    payout = np.where(cash, uniform(0, 0.015, count), uniform(0, 0.06, count) * years)
    away = uniform(-FARTHEST, FARTHEST, count)  # ln(spot / strike)
    if family not in {"domain", "edge", "deep"}:
        away = np.where(uniform(size=count) < 0.8, uniform(-5.0, 5.0, count) * v, away)
    if family in {"level", "bare"}:
        carry, payout = cornered(family, carry, payout, years, rng)
    if family in {"edge", "deep"}:
        carry, payout, away = exercised(family, sign, carry, payout, v, rng)
    strike = SPOT * np.exp(-np.clip(away, -FARTHEST, FARTHEST))
    return Contracts(sign, strike, v, carry, payout)


def cornered(
    family: str, carry: Column, payout: Column, years: Column, rng: np.random.Generator
) -> tuple[Column, Column]:
    """Carry and payout nearly equal, or one of them (nearly) none."""
    count = carry.size
    if family == "level":
        carry = rng.uniform(0.0, 0.08, count) * years
        ratio = np.exp(rng.normal(size=count) * 10 ** rng.uniform(-3.0, 0.0, count))
        return carry, np.minimum(carry * np.where(rng.uniform(size=count) < 0.1, 1.0, ratio), 0.015)
    without = rng.integers(0, 3, count)
    faint = 10 ** rng.uniform(-4.0, 0.0, (2, count))
    return (
        carry * np.choose(without, [np.zeros(count), np.ones(count), faint[0]]),
        payout * np.choose(without, [np.ones(count), np.zeros(count), faint[1]]),
    )


def exercised(
    family: str, sign: Column, carry: Column, payout: Column, v: Column, rng: np.random.Generator
) -> tuple[Column, Column, Column]:
    """Carry, payout and ln(spot / strike) about the boundary, or about where it ends at expiry."""
    gain, loss = np.where(sign < 0, [carry, payout], [payout, carry])
    if family == "edge":
        engine = quantlib((7, 2, 7, 27))
        rows = zip(gain.tolist(), loss.tolist(), v.tolist(), strict=True)
        z = np.array([edge(*row, engine) if row[0] > 0.0 else 0.0 for row in rows])
        z += rng.normal(size=v.size) * 10 ** rng.uniform(-2.0, 0.3, v.size)
        return carry, payout, -sign * z * v
    z_v = -rng.uniform(0.1, FARTHEST, v.size)
    gain = np.minimum(loss * np.exp(z_v + rng.normal(size=v.size) * v), 0.0153)
    return *np.where(sign < 0, [gain, loss], [loss, gain]), -sign * z_v


@pytest.mark.parametrize("family", FAMILIES)
def test_prices_are_within_two_thousandths_of_quantlib(tables: Tables, family: str) -> None:
    contracts = drawn(family, 60, seed=7)
    error = np.abs(ours(tables, contracts)[0] - expected(contracts))
    assert error.max() <= MOST, [float(column[error.argmax()]) for column in contracts]


@pytest.mark.proof
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("family", FAMILIES)
def test_prices_of_many_are_within_two_thousandths_of_quantlib(
    tables: Tables, family: str, seed: int
) -> None:
    contracts = drawn(family, 1_500, seed)  # times seven families and two seeds: 21,000
    error = np.abs(ours(tables, contracts)[0] - expected(contracts))
    assert error.max() <= MOST, [float(column[error.argmax()]) for column in contracts]


def lasting(days: Column, seed: int) -> Contracts:
    """Contracts of so many days each, 5% to 100%, rates to 8%, yields to 6%, a quarter without.

    Within four deviations, from half to twice the spot; some with rate and yield nearly equal.
    """
    rng = np.random.default_rng(seed)
    count, years = days.size, days / 365
    uniform = rng.uniform
    v = np.exp(uniform(math.log(0.05), 0.0, count)) * np.sqrt(years)
    away = np.clip(uniform(-4.0, 4.0, count) * v, -FARTHEST, FARTHEST)
    carry = np.where(uniform(size=count) < 0.15, 0.002, 0.08) * uniform(0, 1, count) * years
    payout = np.where(uniform(size=count) < 0.25, 0.0, uniform(0.0, 0.06, count)) * years
    near = carry * np.exp(rng.normal(size=count) * 10 ** uniform(-3.0, 0.0, count))
    payout = np.where(uniform(size=count) < 0.15, np.minimum(near, 0.06 * years), payout)
    return Contracts(rng.choice([-1, 1], count), SPOT * np.exp(-away), v, carry, payout)


LIVES = [(1, 70), (71, 180), (181, 365), (366, 545), (546, 730)]


def of_lives(first: int, last: int, count: int) -> Contracts:
    """Contracts of random days between two, each tenth of the last of them."""
    days = np.random.default_rng(last).integers(first, last + 1, count)
    days[::10] = last
    return lasting(days, first)


@pytest.fixture(scope="module")
def long() -> Tables:
    return load_tables(Path(os.environ["UNDERWRITER_HOME"]) / "cache", LONG)  # kept between runs


@pytest.mark.parametrize(("first", "last"), LIVES)
def test_the_long_reach_is_within_two_thousandths_to_two_years(
    tables: Tables, long: Tables, first: int, last: int
) -> None:
    """Where lives are of a year, the short reach errs by dimes."""
    contracts = of_lives(first, last, 300)
    right = expected(contracts)
    error = np.abs(ours(long, contracts)[0] - right)
    assert error.max() <= MOST, [float(column[error.argmax()]) for column in contracts]
    if first > 180:
        assert np.abs(ours(tables, contracts)[0] - right).max() > 0.1


@pytest.mark.proof
@pytest.mark.parametrize(("first", "last"), LIVES)
def test_many_of_the_long_reach_are_within_two_thousandths_to_two_years(
    long: Tables, first: int, last: int
) -> None:
    contracts = of_lives(first, last, 3_000)
    error = np.abs(ours(long, contracts)[0] - expected(contracts))
    assert error.max() <= MOST, [float(column[error.argmax()]) for column in contracts]


@pytest.mark.parametrize("family", FAMILIES)
def test_within_the_short_reach_the_long_one_is_no_worse(long: Tables, family: str) -> None:
    contracts = drawn(family, 60, seed=8)
    assert np.abs(ours(long, contracts)[0] - expected(contracts)).max() <= MOST


def test_haugs_contracts_lie_at_the_end_of_the_domain_and_stay_within_two_thousandths(
    tables: Tables, shared: Path
) -> None:
    with (shared / "reference/american_continuous_yield.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if float(row["years"]) <= 70 / 365]
    assert len(rows) == 18
    for row in rows:
        spot, strike, years, vol, rate, payout, expected = (
            float(row[name])
            for name in (
                "spot strike years volatility rate dividend_yield value".split()  # noqa: SIM905
            )
        )
        sign = 1 if row["right"] == "call" else -1
        v = vol * math.sqrt(years)
        price, _ = american(*tables, sign, spot, strike, v, rate * years, payout * years)
        assert price == pytest.approx(expected, abs=MOST), row  # rate and yield are 10%


@pytest.mark.parametrize("family", FAMILIES)
def test_delta_is_the_slope_of_the_price(tables: Tables, family: str) -> None:
    contracts = drawn(family, 2_000, seed=3)
    contracts = contracts._replace(v=np.maximum(contracts.v, 0.005))  # else a cent is too far
    high, low = (ours(tables, contracts, SPOT + move)[0] for move in (0.005, -0.005))
    kept = [
        price > np.maximum(contracts.sign * (spot - contracts.strike), 0.0) + 1e-9
        for price, spot in ((high, SPOT + 0.005), (low, SPOT - 0.005))
    ]
    smooth = kept[0] == kept[1]  # a price leaves what exercise pays by a step below 5e-4
    error = np.abs((high - low) / 0.01 - ours(tables, contracts)[1])[smooth]
    assert smooth.mean() > 0.98
    assert np.quantile(error, 0.995) < 2e-3
    assert error.max() < 0.02


@given(
    st.sampled_from([-1, 1]),
    st.floats(20.0, 500.0),
    st.floats(0.0, 3.0),
    st.floats(0.0, 0.02),
    st.floats(0.0, 0.03),
)
def test_never_below_intrinsic_or_european_nor_above_its_bound(
    tables: Tables, sign: int, strike: float, v: float, carry: float, payout: float
) -> None:
    price, delta = american(*tables, sign, SPOT, strike, v, carry, payout)
    european = black76(sign, SPOT * math.exp(carry - payout), strike, v, math.exp(-carry))
    assert price >= max(sign * (SPOT - strike), 0.0)
    assert price >= european - 1e-12
    assert price <= (SPOT if sign > 0 else strike) + 1e-9
    assert 0.0 <= sign * delta <= 1.0


def test_without_dividends_a_call_is_european(tables: Tables) -> None:
    price, _ = american(*tables, 1, SPOT, 95.0, 0.1, 0.01, 0.0)
    assert price == black76(1, SPOT * math.exp(0.01), 95.0, 0.1, math.exp(-0.01))


def test_at_zero_rates_a_put_is_european(tables: Tables) -> None:
    price, _ = american(*tables, -1, SPOT, 105.0, 0.1, 0.0, 0.004)
    assert price == black76(-1, SPOT * math.exp(-0.004), 105.0, 0.1, 1.0)


def test_tables_are_kept_and_read_again(tables: Tables, tmp_path: Path) -> None:
    kept = tmp_path / "cache"
    kept.mkdir()
    first = load_tables(kept)
    (path,) = kept.iterdir()
    written = path.stat().st_mtime_ns
    again = load_tables(kept)
    assert path.stat().st_mtime_ns == written
    assert np.array_equal(first.premium, again.premium)
    assert np.allclose(first.boundary, tables.boundary, rtol=0.0, atol=1e-12)  # of any processor


@pytest.mark.parametrize("name", ["VERSION", "_GRID"])
def test_another_grid_is_kept_under_another_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = module._table_path(Path(), SHORT)
    assert module._table_path(Path(), LONG) != before
    monkeypatch.setattr(module, name, (getattr(module, name), "changed"))
    assert module._table_path(Path(), SHORT) != before
