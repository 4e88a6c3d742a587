"""American prices in bulk against QuantLib's high-precision engine and printed figures.

Expected prices come from QuantLib's QdFp engine in its high-precision scheme, or from
../shared/reference; the tables under test were filled by its fast scheme.
"""

import csv
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.pricing import black76
from underwriter.market.american import Tables, american, american_columns, load_tables

SPOT = 100.0


class Contract(NamedTuple):
    """One American option on a spot of 100."""

    sign: int
    strike: float
    days: int
    volatility: float
    rate: float
    payout: float  # dividend yield a year


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return load_tables(tmp_path_factory.mktemp("home") / "cache")


def random_contracts(count: int, seed: int) -> list[Contract]:
    """From one day to seventy, 5% to 150%, with continuous yields and single cash dividends."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(count):
        days = int(rng.integers(1, 71))
        volatility = math.exp(rng.uniform(math.log(0.05), math.log(1.5)))
        spread = volatility * math.sqrt(days / 365)
        strike = SPOT * math.exp(min(max(rng.uniform(-5.0, 5.0) * spread, -0.35), 0.35))
        rate = rng.uniform(0.0, 0.002) if n % 3 == 0 else rng.uniform(0.0, 0.08)
        cash = rng.uniform(0.0, 0.015) / (days / 365)
        payout = cash if n % 5 == 0 else rng.uniform(0.0, 0.06)
        found.append(Contract(1 if n % 2 else -1, strike, days, volatility, rate, payout))
    return found


def quantlib(contracts: list[Contract]) -> np.ndarray:
    """QdFp in high precision."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    spot, rate, payout, vol = (ql.SimpleQuote(x) for x in (SPOT, 0.0, 0.0, 0.2))
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(payout), count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(rate), count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(vol), count)
        ),
    )
    scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
    engine = ql.QdFpAmericanEngine(process, scheme)
    prices = []
    for one in contracts:
        rate.setValue(one.rate)
        payout.setValue(one.payout)
        vol.setValue(one.volatility)
        kind = ql.Option.Call if one.sign > 0 else ql.Option.Put
        option = ql.VanillaOption(
            ql.PlainVanillaPayoff(kind, one.strike), ql.AmericanExercise(today, today + one.days)
        )
        option.setPricingEngine(engine)
        prices.append(option.NPV())
    return np.array(prices)


def ours(tables: Tables, contracts: list[Contract]) -> tuple[np.ndarray, np.ndarray]:
    sign, strike, days, volatility, rate, payout = (
        np.array(c) for c in zip(*contracts, strict=True)
    )
    years, price, delta = days / 365, np.empty(len(sign)), np.empty(len(sign))
    american_columns(
        *tables,
        sign.astype(np.int64),
        np.full(len(sign), SPOT),
        strike,
        volatility * np.sqrt(years),
        rate * years,
        payout * years,
        price,
        delta,
    )
    return price, delta


def test_random_contracts_are_within_two_thousandths_of_quantlib(tables: Tables) -> None:
    contracts = random_contracts(500, seed=7)
    price, _ = ours(tables, contracts)
    error = np.abs(price - quantlib(contracts))
    assert error.max() <= 2e-3, contracts[int(error.argmax())]


def test_haugs_contracts_lie_outside_the_domain_and_stay_within_four_thousandths(
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
        assert price == pytest.approx(expected, abs=4e-3), row  # rate and yield are 10%


def test_delta_is_the_slope_of_the_price(tables: Tables) -> None:
    up, down = (
        [one._replace(strike=one.strike * SPOT / (SPOT + move)) for one in random_contracts(300, 3)]
        for move in (0.01, -0.01)
    )  # the price of a moved spot, by scaling: C(S, K) = S/100 * C(100, 100 K/S)
    high, low = ours(tables, up)[0] * 1.0001, ours(tables, down)[0] * 0.9999
    _, delta = ours(tables, random_contracts(300, 3))
    error = np.abs((high - low) / 0.02 - delta)
    assert np.quantile(error, 0.98) < 5e-3


@given(
    st.sampled_from([-1, 1]),
    st.floats(20.0, 500.0),
    st.floats(0.0, 0.9),
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
    assert -1.01 <= delta * 1.0 <= 1.01
    assert sign * delta >= -0.01


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
    assert np.array_equal(first.boundary, tables.boundary)
