"""One option, exactly: against ../shared/reference, DOMAIN T4, and QuantLib's finite differences.

The American answers of ../shared/reference are QuantLib's QdFp, high precision; finite differences
are another method of QuantLib's, good to about 1e-3 at 400 x 400.
"""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market import single
from underwriter.market.blame import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    FINE,
    NO_QUOTE,
    NO_TIME_VALUE,
)
from underwriter.market.cash_sweep import Dividends
from underwriter.market.single import Option, Terms

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
SIGN = {"call": 1, "put": -1}
YEARS = 35 / 365
EUROPEAN, AMERICAN = Terms(False, 0.04, 0.01), Terms(True, 0.04, 0.01)
PAYING = Terms(True, 0.04, 0.0, Dividends(np.array([0.05]), np.array([0.5])))
PUT = Option(-1, 95.0, YEARS)

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="needs ../shared/reference: not here"
)
options = st.builds(
    Option,
    st.sampled_from([-1, 1]),
    st.floats(60.0, 160.0),
    st.integers(2, 1_000).map(lambda days: days / 365),
)
vols = st.floats(0.08, 1.2)
terms = st.builds(
    Terms, st.booleans(), st.floats(0.0, 0.08), st.floats(0.0, 0.06), st.just(single.NO_DIVIDENDS)
)


def peer(option: Option, vol: float, at: Terms) -> ql.VanillaOption:
    """The option in QuantLib, American by finite differences, on a spot of 100."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    last = today + round(option.years * 365)
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(100.0)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, at.payout, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, at.rate, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), vol, count)),
    )
    right = ql.Option.Call if option.sign > 0 else ql.Option.Put
    exercise = ql.AmericanExercise(today, last) if at.american else ql.EuropeanExercise(last)
    made = ql.VanillaOption(ql.PlainVanillaPayoff(right, option.strike), exercise)
    fine = ql.FdBlackScholesVanillaEngine(process, 400, 400)
    made.setPricingEngine(fine if at.american else ql.AnalyticEuropeanEngine(process))
    return made


def test_the_example_of_the_domain_page() -> None:
    """T4: S 100, K 95, 35 days, r 4%, q 1%, 28%: P 1.3649, delta -0.2518, theta -0.0375 a day."""
    assert single.price(PUT, 100.0, 0.28, EUROPEAN) == pytest.approx(1.3649, abs=5e-5)
    found = single.greeks(PUT, 100.0, 0.28, EUROPEAN)
    assert found.delta == pytest.approx(-0.2518, abs=5e-5)
    assert found.theta == pytest.approx(-0.0375, abs=5e-5)


@needs_reference
def test_american_prices_with_a_yield() -> None:
    with (REFERENCE / "american_continuous_yield.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 20
    for row in rows:
        strike, spot, payout, rate, years, vol, value = map(float, list(row.values())[1:])
        found = single.price(
            Option(SIGN[row["right"]], strike, years), spot, vol, Terms(True, rate, payout)
        )
        assert found == pytest.approx(value, abs=1e-4), row


@needs_reference
def test_american_prices_with_cash_dividends() -> None:
    answers = json.loads((REFERENCE / "american_cash_dividends.json").read_text(encoding="utf-8"))
    assert len(answers) > 10
    for each in answers:
        days, amounts = zip(*each["dividends_days"], strict=True)
        paid = Dividends(np.array(days) / 365, np.array(amounts, float))
        option = Option(SIGN[each["type"]], each["strike"], each["days"] / 365)
        found = single.price(option, each["spot"], each["vol"], Terms(True, each["r"], 0.0, paid))
        assert found == pytest.approx(each["value"], abs=1e-2), each


@given(options, vols, terms)
def test_prices_are_quantlibs(option: Option, vol: float, at: Terms) -> None:
    """Years of life, high rates and wild volatilities too, which the table is not made for."""
    near = 2e-2 if at.american else 1e-9  # FD at 400 nodes is the coarser one
    assert single.price(option, 100.0, vol, at) == pytest.approx(
        peer(option, vol, at).NPV(), abs=near
    )


@given(options, st.floats(0.15, 0.6), terms)
def test_greeks_are_quantlibs(option: Option, vol: float, at: Terms) -> None:
    found, answer = single.greeks(option, 100.0, vol, at), peer(option, vol, at)
    assert found.delta == pytest.approx(answer.delta(), abs=0.02)
    dearer = peer(option, vol + 0.01, at).NPV() - peer(option, vol - 0.01, at).NPV()
    assert found.vega == pytest.approx(dearer / 2.0, abs=0.01)


def test_what_american_greeks_are_where_exercise_never_pays() -> None:
    """A call on what pays nothing is European: Black's closed forms are the answer."""
    call = Option(1, 105.0, YEARS)
    plain = single.greeks(call, 100.0, 0.28, Terms(False, 0.04))
    found = single.greeks(call, 100.0, 0.28, Terms(True, 0.04))
    assert list(found) == pytest.approx(list(plain), rel=1e-3)


def test_greeks_with_cash_are_differences_of_prices() -> None:
    found = single.greeks(PUT, 100.0, 0.28, PAYING)
    up, down = (single.price(PUT, spot, 0.28, PAYING) for spot in (101.0, 99.0))
    assert found.delta == pytest.approx((up - down) / 2.0, abs=2e-3)
    assert found.theta < 0.0 < found.vega
    assert found.rho < 0.0


def test_a_share_of_no_worth() -> None:
    """An American put is exercised, a European one waits, a call is nothing."""
    assert single.price(PUT, 0.0, 0.28, AMERICAN) == 95.0
    assert single.price(PUT, 0.0, 0.28, EUROPEAN) == pytest.approx(95 * math.exp(-0.04 * YEARS))
    assert single.price(Option(1, 95.0, YEARS), 0.0, 0.28, AMERICAN) == 0.0


def test_at_its_end_an_option_is_worth_what_exercise_pays() -> None:
    assert single.price(Option(-1, 95.0, 0.0), 90.0, 0.28, AMERICAN) == 5.0


def test_no_volatility_leaves_intrinsic_value() -> None:
    assert single.price(PUT, 90.0, 0.0, AMERICAN) == 5.0


@pytest.mark.parametrize("at", [EUROPEAN, AMERICAN, PAYING, PAYING._replace(american=False)])
@pytest.mark.parametrize("vol", [0.05, 0.28, 1.5])
@pytest.mark.parametrize("option", [PUT, Option(1, 102.0, YEARS)])
def test_a_price_says_its_volatility(option: Option, vol: float, at: Terms) -> None:
    paid = single.price(option, 100.0, vol, at)
    found, reason = single.volatility(option, 100.0, paid, at)
    assert reason == FINE
    assert single.price(option, 100.0, found, at) == pytest.approx(paid, abs=1e-7)


@pytest.mark.parametrize(
    ("at", "paid", "reason"),
    [
        (EUROPEAN, 0.0, NO_QUOTE),
        (AMERICAN, -1.0, NO_QUOTE),
        (AMERICAN, 14.9, BELOW_INTRINSIC),
        (AMERICAN, 15.0, NO_TIME_VALUE),
        (AMERICAN, 96.0, ABOVE_BOUND),
        (EUROPEAN, 14.0, BELOW_INTRINSIC),
        (PAYING, 15.01, NO_TIME_VALUE),
        (PAYING, 94.9, ABOVE_BOUND),
    ],
)
def test_why_there_is_no_volatility(at: Terms, paid: float, reason: int) -> None:
    """A put of 95 at 80: 15 is what exercise pays; the dividend makes 15.01 too little as well."""
    found, why = single.volatility(PUT, 80.0, paid, at)
    assert (math.isnan(found), why) == (True, reason)


def test_bounds_enclose_every_price() -> None:
    least, most = single.bounds(PUT, 100.0, AMERICAN)
    assert 0.0 <= least < single.price(PUT, 100.0, 0.28, AMERICAN) < most < 95.0


def test_time_brings_dividends_nearer() -> None:
    assert single.later(PAYING, 0.02).dividends.ex == pytest.approx([0.03])
    assert single.forward(100.0, YEARS, PAYING, 0.0) == 99.5
    assert single.forward(100.0, 0.04, PAYING, 0.0) == 100.0
