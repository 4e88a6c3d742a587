"""American options on a share that pays cash, against three answers that no code of ours computed.

- ../shared/reference: QuantLib's finite differences, 2000 x 2000, good to 6e-5.
- QuantLib's finite differences at 400 steps and 500 nodes, with damping, on random contracts; with
  four times as many of both they move by up to 7e-3 in long, wild ones, towards ours.
- One dividend only: the exact price of a European option, and of an American call at rates not
  below zero, is an integral over the spot just before the ex-date of Black's price after it, or of
  what exercise pays; here by the trapezoid rule on 8,001 points.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  its usual name
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtr

from underwriter.core.pricing import black76
from underwriter.market.american import Tables, american
from underwriter.market.american_cash import (
    Contracts,
    american_cash,
    american_cash_columns,
    european_cash,
    implied_cash,
)
from underwriter.market.blame import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    EXPIRED,
    FINE,
    NO_FORWARD,
    NO_QUOTE,
    NO_TIME_VALUE,
)
from underwriter.market.cash_sweep import LEAST_VOL, MOST_VOL, Contract, Dividends

NEAR = 2e-3  # of a spot of 100
FAMILIES = ["quarterly", "short"]
NONE = Dividends(np.empty(0), np.empty(0))
USUAL = Contract(1, 100.0, 100.0, 60 / 365, 0.25, 0.04)

signs = st.sampled_from([-1, 1])
moneyness = st.floats(-2.5, 2.5)  # deviations
lives = st.integers(2, 400).map(lambda days: days / 365)
vols, rates = st.floats(0.08, 0.9), st.floats(0.0, 0.08)
shares, amounts = st.floats(0.01, 1.0), st.floats(0.05, 3.0)  # of the life; per share


def paying(*pairs: tuple[float, float]) -> Dividends:
    """Dividends of (years to the ex-date, amount)."""
    ex, amount = zip(*pairs, strict=True)
    return Dividends(np.array(ex, float), np.array(amount, float))


def contract(sign: int, z: float, years: float, vol: float, rate: float) -> Contract:
    """A contract on a spot of 100, its strike `z` deviations above."""
    return Contract(sign, 100.0, 100.0 * math.exp(z * vol * math.sqrt(years)), years, vol, rate)


contracts = st.builds(contract, signs, moneyness, lives, vols, rates)


def black(sign: int, spot: np.ndarray, one: Contract, years: float) -> np.ndarray:
    """Black's price of columns of spots, `years` before expiry (Hull, 2018, chapter 15)."""
    discount, v = math.exp(-one.rate * years), one.vol * math.sqrt(years)
    spot = np.maximum(spot, 1e-12)
    d1 = np.log(spot / (one.strike * discount)) / v + 0.5 * v
    return sign * (spot * ndtr(sign * d1) - one.strike * discount * ndtr(sign * (d1 - v)))


def integral(one: Contract, ex: float, amount: float, *, early: bool) -> float:
    """The exact price with one dividend: European, or an American call."""
    x, s = np.linspace(-9.0, 9.0, 8001), one.vol * math.sqrt(ex)
    spot = one.spot * np.exp(one.rate * ex + s * x - 0.5 * s * s)
    value = black(one.sign, spot - amount, one, one.years - ex)
    if early:
        value = np.maximum(value, spot - one.strike)
    density = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return math.exp(-one.rate * ex) * float((value * density).sum() * (x[1] - x[0]))


def quantlib(one: Contract, days: int, ex: list[int], amounts: list[float]) -> tuple[float, float]:
    """Price and delta of QuantLib's finite differences in the spot model; days from the quote."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(one.spot)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, one.rate, count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), one.vol, count)
        ),
    )
    kind = ql.Option.Call if one.sign > 0 else ql.Option.Put
    exercise = ql.AmericanExercise(today, today + days)
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, one.strike), exercise)
    paid = ql.DividendVector([today + day for day in ex], amounts)
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, paid, 400, 500, 2))
    return float(option.NPV()), float(option.delta())


def drawn(family: str, rng: np.random.Generator) -> tuple[Contract, int, list[int], list[float]]:
    """A contract on a spot of 100, its life in days, its ex-days and dividends.

    quarterly: 3 to 730 days, volatility 8% to 100%, a dividend of 0.05 to 2 each quarter;
    short: 1 to 70 days, 5% to 150%, one or two of 0.05 to 5 on any day, the last one too.
    Rates from 0 to 8%, strikes within three deviations, from half to twice the spot.
    """
    rate = float(rng.uniform(0.0, 0.08)) if rng.uniform() > 0.2 else 0.0
    if family == "quarterly":
        days, (low, high) = round(float(np.exp(rng.uniform(*np.log([3, 730]))))), (0.08, 1.0)
        ex = list(range(int(rng.integers(1, 92)), days + 1, 91))
        amounts = [float(rng.uniform(0.05, 2.0))] * len(ex)
    else:
        days, (low, high) = int(rng.integers(1, 71)), (0.05, 1.5)
        ex = np.unique(rng.integers(1, days + 1, rng.integers(1, 3))).tolist()
        amounts = np.exp(rng.uniform(*np.log([0.05, 5.0]), len(ex))).tolist()
    vol = float(np.exp(rng.uniform(math.log(low), math.log(high))))
    away = np.clip(rng.uniform(-3.0, 3.0) * vol * math.sqrt(days / 365), -math.log(2), math.log(2))
    strike = 100.0 * math.exp(away)
    sign = int(rng.choice([-1, 1]))
    return Contract(sign, 100.0, strike, days / 365, vol, rate), days, ex, amounts


def errors(family: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of price and of delta, against QuantLib's, over random contracts."""
    rng = np.random.default_rng((seed, FAMILIES.index(family)))
    found = []
    for _ in range(count):
        one, days, ex, amounts = drawn(family, rng)
        ours = american_cash(one, Dividends(np.array(ex) / 365, np.array(amounts)))
        price, delta = quantlib(one, days, ex, amounts)
        found.append((ours.price - price, ours.delta - delta))
    price, delta = np.array(found).T
    return price, delta


def test_the_references_contracts_are_met_within_a_thousandth(shared: Path) -> None:
    rows = json.loads((shared / "reference/american_cash_dividends.json").read_text())
    assert len(rows) == 12
    found = []
    for row in rows:
        one = Contract(
            1 if row["type"] == "call" else -1,
            *(row["spot"], row["strike"], row["days"] / 365, row["vol"], row["r"]),
        )
        paid = paying(*((day / 365, amount) for day, amount in row["dividends_days"]))
        found.append(american_cash(one, paid).price - row["value"])
    assert np.abs(found).max() <= 1e-3  # the reference allows 1e-2
    assert np.sqrt(np.mean(np.square(found))) <= 5e-4  # issue 3 allows 7e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_random_contracts_agree_with_quantlib(family: str) -> None:
    price, delta = errors(family, 60, seed=7)
    assert np.abs(price).max() <= 7e-3
    assert np.sqrt(np.mean(price**2)) <= 2e-3
    assert np.abs(delta).max() <= 2e-3


@pytest.mark.proof
@pytest.mark.parametrize("family", FAMILIES)
def test_five_thousand_random_contracts_agree_with_quantlib(family: str) -> None:
    price, delta = errors(family, 2_500, seed=11)
    assert np.abs(price).max() <= 1e-2
    assert np.sqrt(np.mean(price**2)) <= 2e-3
    assert np.quantile(np.abs(delta), 0.999) <= 2e-3


@given(contracts, shares, amounts)
def test_with_one_dividend_the_european_price_is_the_exact_integral(
    one: Contract, share: float, amount: float
) -> None:
    assume(share < 0.99)  # the integral wants life after the ex-date
    found = european_cash(one, paying((share * one.years, amount))).price
    assert found == pytest.approx(integral(one, share * one.years, amount, early=False), abs=NEAR)


@given(contracts, shares, amounts)
def test_with_one_dividend_the_american_call_is_the_exact_integral(
    one: Contract, share: float, amount: float
) -> None:
    assume(share < 0.99)
    one = one._replace(sign=1)
    found = american_cash(one, paying((share * one.years, amount))).price
    assert found == pytest.approx(integral(one, share * one.years, amount, early=True), abs=NEAR)


@given(contracts)
def test_without_dividends_european_figures_are_blacks(one: Contract) -> None:
    sign, _, _, years, vol, rate = one
    found = european_cash(one, NONE)
    v, discount = vol * math.sqrt(years), math.exp(-rate * years)
    forward = one.spot / discount
    assert found.price == pytest.approx(black76(sign, forward, one.strike, v, discount), abs=NEAR)
    d1 = math.log(forward / one.strike) / v + 0.5 * v  # the Greeks as in Hull (2018), chapter 19
    bell = math.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    interest = rate * one.strike * discount * float(ndtr(sign * (d1 - v)))
    decay = -one.spot * bell * vol / (2.0 * math.sqrt(years)) - sign * interest
    assert found.delta == pytest.approx(sign * float(ndtr(sign * d1)), abs=1e-4)
    assert found.gamma == pytest.approx(bell / (one.spot * v), rel=2e-3, abs=1e-5)
    assert found.theta == pytest.approx(decay, rel=2e-3, abs=1e-2)


@given(signs, moneyness, st.integers(2, 70).map(lambda days: days / 365), vols, rates)
def test_without_dividends_it_agrees_with_the_table(
    tables: Tables, sign: int, z: float, years: float, vol: float, rate: float
) -> None:
    one = contract(sign, z, years, vol, rate)
    table, _ = american(*tables, sign, 100.0, one.strike, vol * math.sqrt(years), rate * years, 0.0)
    assert american_cash(one, NONE).price == pytest.approx(table, abs=2e-3)


@given(contracts, shares, amounts)
def test_never_below_exercise_or_the_european_option(
    one: Contract, share: float, amount: float
) -> None:
    paid = paying((share * one.years, amount))
    found = american_cash(one, paid)
    assert found.price >= max(one.sign * (one.spot - one.strike), 0.0) - 1e-9
    assert found.price >= european_cash(one, paid).price - 1e-4
    assert found.price <= (one.spot if one.sign > 0 else one.strike) + 1e-6
    assert -1e-6 <= one.sign * found.delta <= 1.0 + 2e-3


@given(contracts, shares, amounts)
def test_the_price_moves_the_right_way(one: Contract, share: float, amount: float) -> None:
    paid = paying((share * one.years, amount))
    here = american_cash(one, paid).price
    higher = american_cash(one._replace(spot=101.0), paid).price
    struck = american_cash(one._replace(strike=one.strike * 1.01), paid).price
    wilder = american_cash(one._replace(vol=one.vol * 1.05), paid).price
    richer = american_cash(one, paying((share * one.years, amount + 0.5))).price
    assert one.sign * (higher - here) >= -1e-3
    assert abs(higher - here) <= 1.0 + 1e-3
    assert one.sign * (here - struck) >= -1e-3
    assert wilder >= here - 1e-3
    assert one.sign * (here - richer) >= -1e-3  # a dividend hurts the call and helps the put


@given(contracts, shares, st.floats(0.02, 50.0))
def test_all_money_scales_together(one: Contract, share: float, scale: float) -> None:
    small = american_cash(one, paying((share * one.years, 1.0)))
    other = one._replace(spot=one.spot * scale, strike=one.strike * scale)
    large = american_cash(other, paying((share * one.years, scale)))
    assert large.price == pytest.approx(scale * small.price, rel=1e-6, abs=1e-6 * scale)
    assert large.delta == pytest.approx(small.delta, abs=1e-6)


@given(st.floats(-1.5, 0.5), lives, vols, rates, amounts)
def test_a_call_is_exercised_before_the_ex_date_when_the_dividend_beats_put_and_interest(
    z: float, years: float, vol: float, rate: float, amount: float
) -> None:
    # early exercise is rational where D > P(K, T) + K (1 - exp(-r T)), P the European put after it
    one = contract(1, z, years, vol, rate)
    after = np.array([one.spot - amount])
    put = float(black(-1, after, one, years)[0])
    gain = amount - put + one.strike * math.expm1(-rate * years)
    # where both are worth the same the price has a kink, which no grid has to the point
    assume(abs(gain) > 0.6 and one.spot > one.strike)
    found = american_cash(one, paying((1e-9, amount)))
    kept = float(black(1, after, one, years)[0])
    assert found.price == pytest.approx(max(one.spot - one.strike, kept), abs=3e-3)
    if gain > 0.0:
        assert found.delta == pytest.approx(1.0, abs=5e-3)
        assert found.price > kept
    else:
        assert found.delta < 1.0 - 1e-4


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("strike", [90.0, 100.0, 112.0])
def test_a_dividend_that_moves_across_expiry(sign: int, strike: float) -> None:
    one = USUAL._replace(sign=sign, strike=strike)
    before, at, beyond = (
        american_cash(one, paying((one.years * (1.0 + shift), 2.0))).price
        for shift in (-1e-7, 0.0, 1e-7)
    )
    assert before == pytest.approx(at, abs=2e-3)
    assert beyond == american_cash(one, NONE).price
    if sign > 0:  # exercised before it: as though there were none
        assert at == pytest.approx(beyond, abs=2e-3)
    else:  # the put is worth as much as one struck by the dividend higher, held to the end
        held = european_cash(one._replace(strike=strike + 2.0), NONE).price
        assert at >= held - 2e-3
        assert at > beyond + 0.3


def test_dividends_of_other_days_do_not_count() -> None:
    within = american_cash(USUAL, paying((0.1, 1.0)))
    assert american_cash(USUAL, paying((-0.1, 3.0), (0.0, 3.0), (0.1, 1.0), (0.5, 3.0))) == within
    assert within.price < american_cash(USUAL, NONE).price - 0.1


@pytest.mark.parametrize("vol", [0.2, 0.6])
def test_a_dividend_above_the_spot_leaves_nothing(vol: float) -> None:
    ex, one = 0.1, USUAL._replace(vol=vol)
    v, growth = vol * math.sqrt(ex), math.exp(one.rate * ex)
    paid = paying((ex, 400.0))
    until = black76(1, 100.0 * growth, 100.0, v, 1.0 / growth)
    assert american_cash(one, paid).price == pytest.approx(until, abs=2e-3)  # or it is lost
    assert european_cash(one, paid).price == pytest.approx(0.0, abs=1e-3)
    put = one._replace(sign=-1)
    assert american_cash(put, paid).price == pytest.approx(100.0 / growth, abs=2e-3)
    bill = 100.0 * math.exp(-one.rate * one.years)
    assert european_cash(put, paid).price == pytest.approx(bill, abs=2e-3)


def test_at_expiry_it_is_what_exercise_pays() -> None:
    assert american_cash(USUAL._replace(years=0.0, strike=95.0), NONE) == (5.0, 1.0, 0.0, 0.0)
    assert european_cash(USUAL._replace(years=0.0, strike=105.0), NONE) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("field", "figure"),
    [
        *(("sign", 0), ("sign", 2), ("spot", 0.0), ("spot", -1.0), ("strike", 0.0)),
        *(("strike", math.inf), ("years", -0.1), ("vol", 0.0), ("vol", LEAST_VOL / 2)),
        *(("vol", MOST_VOL * 2), ("rate", math.inf), ("spot", math.nan), ("strike", math.nan)),
        *(("years", math.nan), ("vol", math.nan), ("rate", math.nan)),
    ],
)
def test_what_cannot_be_is_no_number(field: str, figure: float) -> None:
    one = USUAL._replace(**{field: figure})
    assert np.isnan(american_cash(one, NONE)).all()
    assert np.isnan(european_cash(one, NONE)).all()
    assert implied_cash(5.0, one, NONE)[1] != FINE


@pytest.mark.parametrize(
    "paid",
    [
        *(paying((0.1, -1.0)), paying((0.1, math.nan)), paying((0.1, math.inf))),
        *(paying((math.nan, 1.0)), paying((0.1, 1.0), (0.05, 1.0))),
    ],
)
def test_a_schedule_that_cannot_be_gives_no_number(paid: Dividends) -> None:
    assert np.isnan(american_cash(USUAL, paid)).all()
    assert implied_cash(5.0, USUAL, paid)[1] == NO_FORWARD


def test_columns_are_the_contracts_one_by_one() -> None:
    rng = np.random.default_rng(5)
    rows = [drawn("short", rng)[0] for _ in range(20)]
    paid, out = paying((0.02, 0.5), (0.1, 0.5)), np.empty((20, 4))
    american_cash_columns(
        Contracts(*(np.array(each) for each in zip(*rows, strict=True))), paid, out
    )
    assert [tuple(row) for row in out] == [tuple(american_cash(one, paid)) for one in rows]


@given(contracts, shares, amounts)
def test_implied_volatility_is_what_the_price_was_made_of(
    one: Contract, share: float, amount: float
) -> None:
    paid = paying((share * one.years, amount))
    price = american_cash(one, paid).price
    lower = american_cash(one._replace(vol=0.98 * one.vol), paid).price
    assume(price > lower + 1e-3)  # else volatility makes next to no price
    found, reason = implied_cash(price, one._replace(vol=0.3), paid)
    assert reason == FINE
    assert found == pytest.approx(one.vol, abs=1e-6)


def test_a_price_without_a_volatility_says_why() -> None:
    put = USUAL._replace(sign=-1, strike=110.0)
    paid = paying((0.1, 0.5))
    assert implied_cash(0.0, put, paid)[1] == NO_QUOTE
    assert implied_cash(math.nan, put, paid)[1] == NO_QUOTE
    assert implied_cash(11.0, put._replace(years=0.0), paid)[1] == EXPIRED
    assert implied_cash(9.9, put, paid)[1] == BELOW_INTRINSIC
    assert implied_cash(10.0, put, paid)[1] == NO_TIME_VALUE
    assert implied_cash(109.5, put, paid)[1] == ABOVE_BOUND
    low = american_cash(put._replace(strike=100.0, vol=LEAST_VOL), paid).price
    assert implied_cash(0.5 * low, put._replace(strike=100.0), paid)[1] == NO_TIME_VALUE
    for price in (0.0, 9.9, 10.0, 109.5):
        assert math.isnan(implied_cash(price, put, paid)[0])
