"""Volatility, delta and forward of American options on a share that goes ex within their life.

Prices are those of the sweep of finite differences (`market.american_cash`), which is held to
QuantLib in test_american_cash.py.
"""

import math
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market import blame, cash_volatility
from underwriter.market.american import Tables
from underwriter.market.american_cash import american_cash
from underwriter.market.cash_sweep import Contract, Dividends
from underwriter.market.cash_volatility import NO_DIVIDENDS, cash_of, paid_of, pays
from underwriter.market.chains import Held, ground_of
from underwriter.market.history import Bars
from underwriter.market.instrument import PENNY, Instrument
from underwriter.market.parity import Quotes
from underwriter.market.series import Series, series_of
from underwriter.market.volatility import Ground, Smile, volatilities

DAY, RATE = 20_000, 0.04
QUARTER = 91
COUNT = 9  # strikes
NEAR = 0.75  # delta, up to which a quote is near the money
KO = Instrument("KO", "KO", "american", "physical", PENNY)


class Share(NamedTuple):
    """A share as it was about: price, quarterly dividend, and a low and a high volatility."""

    spot: float
    amount: float
    vols: tuple[float, float]


SHARES = {
    "SPY": Share(600.0, 1.80, (0.09, 0.30)),
    "KO": Share(70.0, 0.51, (0.12, 0.28)),
    "AAPL": Share(230.0, 0.26, (0.18, 0.45)),
}


class Case(NamedTuple):
    """One series quoted at the sweep's prices, by its dividends ({day: amount}), and the truth."""

    held: Held
    series: Series
    quotes: Quotes
    vol: float
    delta: np.ndarray


def years_to(day: int) -> float:
    """From fifteen minutes before the close of DAY to the open of a later day: see greeks.md."""
    return (day - DAY - 6.5 / 24 + 15 / 1440) / 365


def case(
    share: Share,
    vol: float,
    days: int,
    paid: dict[int, float],
    told: dict[int, float] | None = None,
) -> Case:
    """Puts and calls within a deviation, priced by `paid` and held with the dividends `told`."""
    years = (days + 15 / 1440) / 365
    strikes = share.spot * np.exp(vol * math.sqrt(years) * np.linspace(-1.0, 1.0, COUNT))
    schedule = Dividends(np.array([years_to(day) for day in paid]), np.array([*paid.values()]))
    price, delta = np.array(
        [
            american_cash(Contract(sign, share.spot, strike, years, vol, RATE), schedule)[:2]
            for sign in (-1, 1)
            for strike in strikes.tolist()
        ]
    ).T
    right, both = np.repeat([0, 1], COUNT), 2 * COUNT
    nothing = np.full(1, np.nan)
    bars = Bars(np.array([DAY], np.int32), nothing, nothing, nothing, np.array([share.spot]), 0)
    known = paid if told is None else told
    ex_day, amount = np.array([*known], np.int32), np.array([*known.values()], float)
    return Case(
        Held(KO, pl.DataFrame(), bars, ex_day, amount),
        series_of(np.full(both, DAY), right, np.full(both, DAY + days)),
        Quotes(np.tile(strikes, 2), price - 2e-4, price + 2e-4),
        vol,
        delta,
    )


def grounded(one: Case, tables: Tables) -> Ground:
    return ground_of(one.held, one.series, one.quotes, np.array([RATE]), tables)


def smile_of(one: Case, ground: Ground, tables: Tables) -> Smile:
    nothing = np.full(2 * COUNT, np.nan, np.float32)
    return volatilities(one.series, one.quotes, nothing, ground, tables)


def errors(one: Case, smile: Smile) -> tuple[float, float]:
    """The largest error near the money: of volatility, and of delta."""
    near = np.abs(one.delta) < NEAR
    assert near.sum() > COUNT
    assert (smile.reason[near] == blame.FINE).all()
    return (
        float(np.abs(smile.iv[near] - one.vol).max()),
        float(np.abs(smile.delta[near] - one.delta[near]).max()),
    )


def by_yield(one: Case, tables: Tables) -> tuple[Ground, Smile]:
    """The same series where no dividend is known: parity's forward as a continuous yield."""
    unknown = one._replace(
        held=one.held._replace(ex_day=np.empty(0, np.int32), dividend=np.empty(0))
    )
    ground = grounded(unknown, tables)
    return ground, smile_of(unknown, ground, tables)


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("days", [10, 20, 40, 60])
def test_the_sweeps_prices_lead_back_to_its_volatility_and_delta(
    tables: Tables, name: str, days: int
) -> None:
    worst = np.zeros((2, 2))
    for ahead in (1, days // 2, days - 1, days):
        for vol in SHARES[name].vols:
            one = case(SHARES[name], vol, days, {DAY + ahead: SHARES[name].amount})
            ours = errors(one, smile_of(one, grounded(one, tables), tables))
            worst = np.maximum(worst, [ours, errors(one, by_yield(one, tables)[1])])
    (iv, delta), (other_iv, other_delta) = worst
    assert iv <= 0.003
    assert delta <= 0.02
    if name != "AAPL":  # whose dividend is small: there the equivalent yield may do as well
        assert other_iv > 3.0 * iv
        assert other_delta > 3.0 * delta


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("ahead", [3, 28])
def test_parity_by_dividends_finds_the_forward_that_they_leave(
    tables: Tables, name: str, ahead: int
) -> None:
    share = SHARES[name]
    one = case(share, share.vols[0], 30, {DAY + ahead: share.amount})
    present = share.amount * math.exp(-RATE * years_to(DAY + ahead))
    expected = (share.spot - present) * math.exp(RATE * (30 + 15 / 1440) / 365)
    found = grounded(one, tables)
    assert found.forward[0] == pytest.approx(expected, rel=3e-5)
    assert pays(found.paid, 0)


def test_two_dividends_in_the_life_are_still_nearer_than_a_yield(tables: Tables) -> None:
    share = SHARES["KO"]
    paid = {DAY + 20: share.amount, DAY + 20 + QUARTER: share.amount}
    one = case(share, 0.2, 150, paid)
    ours = errors(one, smile_of(one, grounded(one, tables), tables))
    other = errors(one, by_yield(one, tables)[1])
    assert ours[0] < 0.5 * other[0]
    assert ours[1] < 0.5 * other[1]


def same(one: tuple[Ground, Smile], other: tuple[Ground, Smile]) -> bool:
    """Whether forward, volatility, delta and reason are the same to the last bit."""
    return one[0].forward.tobytes() == other[0].forward.tobytes() and [
        column.tobytes() for column in one[1]
    ] == [column.tobytes() for column in other[1]]


@given(st.lists(st.integers(-100, 0) | st.integers(31, 400), max_size=4), st.floats(0.01, 30.0))
def test_what_goes_ex_by_today_or_after_expiry_changes_nothing(
    tables: Tables, away: list[int], amount: float
) -> None:
    """No look-ahead, and options without a dividend in their life stay as they were, to the bit."""
    told = dict.fromkeys((DAY + days for days in away), amount)
    one = case(SHARES["KO"], 0.2, 30, {}, told)
    found = grounded(one, tables)
    assert not pays(found.paid, 0)
    assert same((found, smile_of(one, found, tables)), by_yield(one, tables))


def test_european_options_know_of_no_dividends(tables: Tables) -> None:
    share = SHARES["KO"]
    one = case(share, 0.2, 30, {DAY + 10: share.amount})
    assert pays(grounded(one, tables).paid, 0)
    european = ground_of(one.held, one.series, one.quotes, np.array([RATE]), None)
    assert not pays(european.paid, 0)


@pytest.mark.parametrize("off", [-0.2, 0.2])
def test_a_spot_of_another_moment_is_taken_from_parity(tables: Tables, off: float) -> None:
    """A close after the quotes: puts and calls still agree on the volatility."""
    share = SHARES["KO"]
    one = case(share, 0.2, 30, {DAY + 10: share.amount})
    bars = one.held.bars._replace(close=np.array([share.spot + off]))
    moved = one._replace(held=one.held._replace(bars=bars))
    ground = grounded(moved, tables)
    assert pays(ground.paid, 0)
    iv, delta = errors(moved, smile_of(moved, ground, tables))
    assert iv <= 0.003
    assert delta <= 0.02


@pytest.mark.parametrize(("special", "off"), [(1.5, 0.0), (0.0, 1.0), (0.0, -1.0)])
def test_where_dividends_explain_less_than_they_leave_parity_wins(
    tables: Tables, special: float, off: float
) -> None:
    """An unknown special, or a wrong spot: as if no dividend were known."""
    share = SHARES["KO"]
    one = case(share, 0.2, 30, {DAY + 10: share.amount + special}, {DAY + 10: share.amount})
    bars = one.held.bars._replace(close=np.array([share.spot + off]))
    one = one._replace(held=one.held._replace(bars=bars))
    found = grounded(one, tables)
    assert not pays(found.paid, 0)
    assert same((found, smile_of(one, found, tables)), by_yield(one, tables))


def test_without_pairs_the_dividends_are_believed(tables: Tables) -> None:
    share = SHARES["KO"]
    one = case(share, 0.2, 30, {DAY + 10: share.amount})
    one.quotes.ask[COUNT:] = np.nan  # nobody quotes the calls
    ground = grounded(one, tables)
    assert pays(ground.paid, 0)
    smile = smile_of(one, ground, tables)
    near = (np.abs(one.delta) < NEAR) & ~np.isnan(one.quotes.ask)
    assert smile.iv[near] == pytest.approx(0.2, abs=0.003)


def test_dividends_of_one_day_count_as_one() -> None:
    series = series_of(np.array([DAY]), np.array([0]), np.array([DAY + 30]))
    days = np.array([DAY + 40, DAY + 9, DAY + 9, DAY], np.int32)
    paid = paid_of(series, days, np.array([1.0, 2.0, 3.0, 4.0]))
    cash = cash_of(paid, 0, DAY, 100.0, 0.99, 30 / 365)
    assert cash.dividends.amount.tolist() == [5.0]
    assert cash.dividends.ex == pytest.approx([years_to(DAY + 9)])
    assert cash.spot == pytest.approx(99.0 + 5.0 * 0.99 ** (cash.dividends.ex[0] * 365 / 30))


def test_what_the_source_says_is_kept_where_it_fits_and_lent(tables: Tables) -> None:
    share = SHARES["KO"]
    one = case(share, 0.2, 30, {DAY + 10: share.amount})
    strike, bid, ask = one.quotes
    wide = one._replace(quotes=Quotes(strike, bid - 0.02, ask + 0.02))
    told = np.full(2 * COUNT, 0.2, np.float32)
    found = volatilities(wide.series, wide.quotes, told, grounded(one, tables), tables)
    assert (found.iv == np.float32(0.2)).all()
    quotes = one.quotes._replace(bid=one.quotes.bid.copy())
    quotes.bid[COUNT] -= 2.0  # its middle is below what exercise is worth, its ask is not
    nothing = np.full(2 * COUNT, np.nan, np.float32)
    found = volatilities(one.series, quotes, nothing, grounded(one, tables), tables)
    assert found.reason[COUNT] == blame.BORROWED
    assert found.iv[COUNT] == found.iv[0]
    assert found.delta[COUNT] == pytest.approx(one.delta[COUNT], abs=0.02)


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (4.0, blame.BELOW_INTRINSIC),
        (5.0, blame.NO_TIME_VALUE),
        (5.05, blame.NO_TIME_VALUE),  # exercise before the ex-date is worth more
        (80.0, blame.ABOVE_BOUND),
        (69.9, blame.NOT_FOUND),  # more than five hundred percent
    ],
)
def test_a_price_without_volatility_has_a_reason(tables: Tables, price: float, reason: int) -> None:
    series = series_of(np.array([DAY]), np.array([1]), np.array([DAY + 30]))
    paid = paid_of(series, np.array([DAY + 29], np.int32), np.array([0.5]))
    years = (30 + 15 / 1440) / 365
    bill = math.exp(-RATE * years)
    present = 0.5 * math.exp(-RATE * years_to(DAY + 29))
    cash = cash_of(paid, 0, DAY, (70.0 - present) / bill, bill, years)
    assert cash.spot == pytest.approx(70.0)
    vol, delta, code = cash_volatility.cash_volatility(tables, 1, price, 65.0, cash)
    assert code == reason
    assert math.isnan(vol)
    assert math.isnan(delta)


@given(st.sampled_from([-1, 1]), st.floats(0.9, 1.1), st.floats(0.05, 1.0), st.integers(1, 60))
def test_interpreted_and_compiled_say_the_same(
    tables: Tables, sign: int, moneyness: float, vol: float, days: int
) -> None:
    series = series_of(np.array([DAY]), np.array([1]), np.array([DAY + 60]))
    paid = paid_of(series, np.array([DAY + days], np.int32), np.array([0.5]))
    plain = getattr(cash_volatility.cash_volatility, "py_func", cash_volatility.cash_volatility)
    found = []
    for each in (cash_of, getattr(cash_of, "py_func", cash_of)):
        cash = each(paid, 0, DAY, 70.0, 0.99, 60 / 365)
        price, _ = cash_volatility.cash_price(tables, sign, 70.0 * moneyness, vol, cash)
        solve = cash_volatility.cash_volatility if each is cash_of else plain
        found.append(solve(tables, sign, price, 70.0 * moneyness, cash))
    assert found[0] == pytest.approx(found[1], rel=1e-9, nan_ok=True)


def test_nothing_known_is_no_dividend() -> None:
    assert not pays(NO_DIVIDENDS, 0)
