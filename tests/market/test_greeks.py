"""Greeks in bulk against QuantLib and printed figures.

QuantLib prices a year's option whose volatility, rate and yield are those of the contract's whole
life, so a vega or rho of it is turned into the contract's by its years.
"""

import csv
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name

from underwriter.market import blame
from underwriter.market.american import Tables
from underwriter.market.greeks import Greeks, american_greeks, greeks_of
from underwriter.market.implied import Contracts

SPOT = 100.0
COUNT = 5_000
DAY = 1 / 365

Column = np.ndarray


class Drawn(NamedTuple):
    """Random contracts on a spot of 100."""

    right: Column
    strike: Column
    vol: Column
    years: Column
    rate: Column
    paid: Column


class Oracle:
    """QuantLib's price of a year's option, and its Greeks where its engine has them."""

    def __init__(self, *, american: bool) -> None:
        today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
        ql.Settings.instance().evaluationDate = today
        self.quotes = [ql.SimpleQuote(x) for x in (1.0, 0.0, 0.0, 0.2)]
        spot, rate, paid, vol = (ql.QuoteHandle(quote) for quote in self.quotes)
        process = ql.BlackScholesMertonProcess(
            spot,
            ql.YieldTermStructureHandle(ql.FlatForward(today, paid, count)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
            ql.BlackVolTermStructureHandle(
                ql.BlackConstantVol(today, ql.NullCalendar(), vol, count)
            ),
        )
        end, kinds = ql.Date(1, 1, 2022), (ql.Option.Put, ql.Option.Call)
        exercise = ql.AmericanExercise(today, end) if american else ql.EuropeanExercise(end)
        scheme = ql.QdFpAmericanEngine.accurateScheme()
        engine = (
            ql.QdFpAmericanEngine(process, scheme)
            if american
            else ql.AnalyticEuropeanEngine(process)
        )
        self.options = [
            ql.VanillaOption(ql.PlainVanillaPayoff(kind, 1.0), exercise) for kind in kinds
        ]
        for option in self.options:
            option.setPricingEngine(engine)

    def ask(self, right: int, level: float, v: float, carry: float, payout: float) -> object:
        """The option of a strike of one, a spot of `level` and these totals over its life."""
        for quote, figure in zip(self.quotes, (level, carry, payout, v), strict=True):
            quote.setValue(figure)
        return self.options[right]

    def price(self, right: int, level: float, v: float, carry: float, payout: float) -> float:
        """Its price."""
        return float(self.ask(right, level, v, carry, payout).NPV())


def drawn(seed: int, longest: int, least: float) -> Drawn:
    """Within two and a half deviations; rates to 8%, yields to 4%; `longest` days to expiry."""
    rng = np.random.default_rng(seed)
    years = rng.integers(2, longest + 1, COUNT) / 365
    vol = np.exp(rng.uniform(math.log(least), math.log(1.2), COUNT))
    away = np.clip(rng.uniform(-2.5, 2.5, COUNT) * vol * np.sqrt(years), -0.69, 0.69)
    right, rate = rng.integers(0, 2, COUNT), rng.uniform(0.0, 0.08, COUNT)
    paid = rng.uniform(0.0, 0.04, COUNT)
    return Drawn(right, SPOT * np.exp(away), vol, years, rate, paid)


def rows_of(drawn: Drawn) -> list[tuple[int, float, float, float, float]]:
    """What the oracle is asked, of each contract."""
    v = drawn.vol * np.sqrt(drawn.years)
    columns = (drawn.right, SPOT / drawn.strike, v, drawn.rate * drawn.years)
    columns = (*columns, drawn.paid * drawn.years)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def contracts_of(drawn: Drawn, oracle: Oracle) -> Contracts:
    """The contracts at QuantLib's prices."""
    price = drawn.strike * np.array([oracle.price(*row) for row in rows_of(drawn)])
    forward = SPOT * np.exp((drawn.rate - drawn.paid) * drawn.years)
    discount, spot = np.exp(-drawn.rate * drawn.years), np.full(COUNT, SPOT)
    return Contracts(drawn.right, drawn.strike, price, spot, forward, discount, drawn.years)


def tomorrow(row: tuple[int, float, float, float, float], years: float) -> tuple[float, ...]:
    """The same contract a day on: a day's part of its totals is gone."""
    right, level, v, carry, payout = row
    left = 1.0 - DAY / years
    return right, level, v * math.sqrt(left), carry * left, payout * left


def test_european_greeks_are_quantlibs() -> None:
    """Five thousand contracts, to a millionth of each Greek's usual size."""
    asked, oracle = drawn(1, 730, 0.05), Oracle(american=False)
    contracts = contracts_of(asked, oracle)
    found = greeks_of(contracts)
    assert (found.reason == blame.FINE).all()
    assert np.abs(found.iv - asked.vol).max() < 1e-8
    rows = []
    for row, strike, years in zip(rows_of(asked), asked.strike, asked.years, strict=True):
        option = oracle.ask(*row)
        now = [option.delta(), option.gamma() / strike, option.vega() * strike * years**0.5 / 100]
        rho, price = option.rho() * strike * years / 100, option.NPV()
        theta = strike * (oracle.price(*tomorrow(row, years)) - price)
        rows.append([*now, rho, theta])
    delta, gamma, vega, rho, theta = np.array(rows).T
    for name, expected in (("delta", delta), ("gamma", gamma), ("vega", vega), ("rho", rho)):
        assert getattr(found, name) == pytest.approx(expected, rel=1e-6, abs=1e-9), name
    assert found.theta == pytest.approx(theta, rel=1e-6, abs=1e-8)


def one(**change: float) -> Contracts:
    """A put at 95, 35 days, on a spot of 100 with 4%, 1% and 28%, changed."""
    years = change.pop("years", 35 / 365)
    right = np.array([int(change.pop("right", 0))])
    given = {
        "strike": 95.0,
        "price": 1.3649459840053773,
        "spot": SPOT,
        "forward": SPOT * math.exp(0.03 * years),
        "discount": math.exp(-0.04 * years),
        "years": years,
    }
    columns = {name: np.array([value]) for name, value in (given | change).items()}
    return Contracts(right=right, **columns)


def test_the_example_of_the_domain_page() -> None:
    """T4: price 1.3649, delta -0.2518, theta a day -0.0375, at 28%."""
    found = greeks_of(one())
    assert found.iv[0] == pytest.approx(0.28, abs=1e-9)
    assert found.delta[0] == pytest.approx(-0.2518, abs=5e-5)
    assert found.theta[0] == pytest.approx(-0.0375, abs=5e-5)


def test_haugs_prices_lead_back_to_his_volatilities(shared: Path) -> None:
    """Haug (1998): he prints four decimals, which is 5e-5 of the price."""
    with (shared / "reference/european_haug1998.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 20
    told = 0
    for row in rows:
        names = ("value", "spot", "strike", "years", "volatility", "rate", "dividend_yield")
        price, spot, strike, years, vol, rate, paid = (float(row[name]) for name in names)
        forward, discount = spot * math.exp((rate - paid) * years), math.exp(-rate * years)
        found = greeks_of(
            one(
                right=float(row["right"] == "call"),
                strike=strike,
                price=price,
                spot=spot,
                forward=forward,
                discount=discount,
                years=years,
            )
        )
        if found.reason[0] == blame.FINE:
            told += 1
            assert abs(found.iv[0] - vol) * 100 * found.vega[0] < 1e-4, row
    assert told > 20


@pytest.mark.parametrize("style", ["european", "american"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": math.nan}, blame.NO_QUOTE),
        ({"years": 0.0}, blame.EXPIRED),
        ({"forward": math.nan}, blame.NO_FORWARD),
        ({"strike": 110.0, "price": 1.0}, blame.BELOW_INTRINSIC),
    ],
)
def test_without_a_volatility_no_greek_is_a_number(
    tables: Tables, style: str, change: dict[str, float], reason: int
) -> None:
    found = greeks_of(one(**change), tables if style == "american" else None)
    assert found.reason[0] == reason
    assert all(np.isnan(column[0]) for column in found[:-1])


def test_on_the_last_day_theta_is_all_time_value() -> None:
    found = greeks_of(one(years=0.5 / 365, price=0.2, strike=99.0))
    assert found.theta[0] == pytest.approx(-0.2)
    found = greeks_of(one(years=0.5 / 365, price=1.3, strike=101.0))
    assert found.theta[0] == pytest.approx(1.0 - 1.3)


def test_without_a_spot_there_is_no_delta_but_a_vega() -> None:
    found = greeks_of(one(spot=math.nan))
    assert found.reason[0] == blame.FINE
    assert np.isnan([found.delta[0], found.gamma[0], found.theta[0]]).all()
    assert found.vega[0] == pytest.approx(greeks_of(one()).vega[0])
    assert found.rho[0] == pytest.approx(greeks_of(one()).rho[0])


@pytest.fixture(scope="module")
def american(tables: Tables) -> tuple[Drawn, Contracts, Greeks, Oracle]:
    """Five thousand American contracts of up to seventy days at QuantLib's prices, and Greeks."""
    asked, oracle = drawn(2, 70, 0.1), Oracle(american=True)
    contracts = contracts_of(asked, oracle)
    return asked, contracts, greeks_of(contracts, tables), oracle


def alive(contracts: Contracts) -> Column:
    """Contracts that nobody exercises, by more than the table may err."""
    sign = 2 * contracts.right - 1
    return contracts.price - np.maximum(sign * (SPOT - contracts.strike), 0.0) > 5e-3


def slopes(asked: Drawn, oracle: Oracle, place: int, steps: Column) -> Column:
    """Differences of QuantLib's prices in one of its arguments: spot, v, carry or payout."""
    found = []
    for row, strike, step in zip(rows_of(asked), asked.strike, steps, strict=True):
        high, low = list(row), list(row)
        high[place] += step
        low[place] -= step
        found.append(strike * (oracle.price(*high) - oracle.price(*low)) / (2.0 * step))
    return np.array(found)


def test_american_volatility_gives_quantlibs_price(
    american: tuple[Drawn, Contracts, Greeks, Oracle],
) -> None:
    """Where the volatility is off, the price is by less than 2e-3."""
    asked, contracts, found, _ = american
    kept = alive(contracts)
    assert kept.mean() > 0.8
    assert (found.reason[kept] == blame.FINE).all()
    error = np.abs(found.iv - asked.vol) * 100 * found.vega
    assert error[kept].max() < 2e-3


def test_american_delta_is_quantlibs(american: tuple[Drawn, Contracts, Greeks, Oracle]) -> None:
    asked, contracts, found, oracle = american
    expected = slopes(asked, oracle, 1, np.full(COUNT, 1e-4)) / asked.strike
    error = np.abs(found.delta - expected)[alive(contracts)]
    assert np.quantile(error, 0.999) < 1e-3
    assert error.max() < 3e-3


def test_american_vega_rho_and_theta_are_quantlibs(
    american: tuple[Drawn, Contracts, Greeks, Oracle],
) -> None:
    """Within a few thousandths of a dollar, where rates are all but zero a hundredth of rho."""
    asked, contracts, found, oracle = american
    kept, root = alive(contracts), np.sqrt(asked.years)
    vega = slopes(asked, oracle, 2, 0.01 * asked.vol * root) * root / 100
    step = np.minimum(0.001, asked.rate) * asked.years
    rho = slopes(asked, oracle, 3, step) * asked.years / 100
    rows = zip(rows_of(asked), asked.years, strict=True)
    theta = asked.strike * np.array([oracle.price(*tomorrow(*row)) for row in rows])
    theta -= contracts.price
    for name, expected, usual, most in (
        ("vega", vega, 2e-4, 3e-3),
        ("rho", rho, 3e-3, 0.02),
        ("theta", theta, 5e-5, 5e-4),
    ):
        error = np.abs(getattr(found, name) - expected)[kept]
        assert np.quantile(error, 0.99) < usual, name
        assert error.max() < most, name


def test_american_gamma_is_quantlibs(american: tuple[Drawn, Contracts, Greeks, Oracle]) -> None:
    asked, contracts, found, oracle = american
    steps, expected = 0.05 * asked.vol * np.sqrt(asked.years), []
    for row, strike, step in zip(rows_of(asked), asked.strike, steps, strict=True):
        right, level, *rest = row
        up, down = (oracle.price(right, level * (1.0 + x), *rest) for x in (step, -step))
        bent = up + down - 2.0 * oracle.price(*row)
        expected.append(strike * bent / (SPOT * step) ** 2)
    error = np.abs(found.gamma - np.array(expected))[alive(contracts)]
    assert np.quantile(error, 0.99) < 5e-4
    assert error.max() < 0.02  # where it jumps: at the edge of exercise


def test_where_exercise_is_due_all_but_delta_are_zero(tables: Tables) -> None:
    """A put at 130 on 100, a month of 8% and 10% volatility: worth 30, and 30 only."""
    boundary, premium = tables
    carry = 0.08 * 30 / 365
    found = american_greeks(boundary, premium, -1, SPOT, 130.0, 0.1, 30 / 365, carry, 0.0)
    assert found == (-1.0, 0.0, 0.0, 0.0, 0.0)
