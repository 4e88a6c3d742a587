"""The market in which an option was opened: its delta, from the price at which it was filled."""

import math
from dataclasses import replace
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import pytest

from report.hand_ledger import Ledger
from underwriter.report.figures import figures
from underwriter.report.opening import Opening, openings
from underwriter.report.tables import View
from underwriter.report.views import read

OPENED = date(2026, 1, 2)
CUMULATIVE = NormalDist().cdf


def price_and_delta(
    right: str, spot: float, strike: float, days: int, rate: float, volatility: float
) -> tuple[float, float]:
    """Black and Scholes, written once more: the price, and the delta to the forward."""
    years = days / 365.0
    spread = volatility * math.sqrt(years)
    discount = math.exp(-rate * years)
    d1 = math.log(spot / discount / strike) / spread + 0.5 * spread
    call = spot * CUMULATIVE(d1) - strike * discount * CUMULATIVE(d1 - spread)
    if right == "C":
        return call, CUMULATIVE(d1)
    return call - spot + strike * discount, CUMULATIVE(d1) - 1.0


def sold(right: str, strike: float, price: float, days: int, *, rate: float = 0.0) -> View:
    """A book whose one option was sold at a close of 60."""
    book = Ledger(quotes="modelled", underlying="SPY")
    book.deposit(str(OPENED), 100_000)
    expiry = OPENED + timedelta(days=days)
    option = f"SPY   {expiry:%y%m%d}{right}{round(strike * 1000):08d}"
    book.campaign = 1
    book.fill(str(OPENED), option, -2, price, 0.0)
    book.mark(str(OPENED), 100_000, rate=rate)
    book.expire(str(expiry), option, 2, 60.0)
    book.mark(str(expiry), 100_000, rate=rate)
    view = read(book.events)
    return replace(view, curve=replace(view.curve, measure=np.full(2, 28.0)))


def opening_of(view: View) -> Opening:
    """The one opening of a book."""
    (found,) = openings(view, {"modelled"})
    return found


@pytest.mark.parametrize("rate", [0.0, 0.05])
@pytest.mark.parametrize("strike", [45.0, 57.0, 60.0, 63.0, 66.0])
@pytest.mark.parametrize("right", ["P", "C"])
def test_the_delta_is_that_of_the_price_at_which_it_was_sold(
    right: str, strike: float, rate: float
) -> None:
    price, delta = price_and_delta(right, 60.0, strike, 30, rate, 0.30)
    found = opening_of(sold(right, strike, price, 30, rate=rate))
    assert found == ("SPY", 30, 28.0, pytest.approx(delta, abs=2e-4))  # prices are of millionths


@pytest.mark.parametrize(
    ("right", "strike", "price"), [("P", 70.0, 10.0), ("C", 50.0, 9.5), ("P", 50.0, 0.0)]
)
def test_a_price_without_time_value_has_no_delta(right: str, strike: float, price: float) -> None:
    view = sold(right, strike, price, 30)
    assert math.isnan(opening_of(view).delta)
    assert figures(view).extrapolated == 1.0


def test_an_underlying_without_a_close_gives_no_delta() -> None:
    view = sold("P", 57.0, 1.0, 30)
    assert math.isnan(opening_of(replace(view, curve=replace(view.curve, close_u={}))).delta)


def test_an_opening_on_a_day_without_an_evening_has_neither_index_nor_delta() -> None:
    view = sold("P", 57.0, 1.0, 30)
    legs = tuple(replace(leg, opened=OPENED + timedelta(days=1)) for leg in view.legs)
    found = opening_of(replace(view, legs=legs))
    assert math.isnan(found.level)
    assert math.isnan(found.delta)


def test_a_later_split_leaves_the_delta_of_the_opening() -> None:
    """2 for 1: strike and count at the end are not those of the day it was sold at 60."""
    price, delta = price_and_delta("P", 60.0, 57.0, 30, 0.0, 0.30)
    book = Ledger(quotes="modelled", underlying="SPY")
    book.deposit(str(OPENED), 100_000)
    book.campaign = 1
    was, now = (f"SPY   260201P{strike:08d}" for strike in (57_000, 28_500))
    book.fill(str(OPENED), was, -1, price, 0.0)
    book.mark(str(OPENED), 100_000)
    book.split("2026-01-12", (2, 1), now, -1)
    book.mark("2026-01-12", 100_000, close=30.0, split=(2, 1))
    book.expire("2026-02-01", now, 2, 30.0)
    book.mark("2026-02-01", 100_000, close=30.0)
    assert opening_of(read(book.events)).delta == pytest.approx(delta, abs=2e-4)


def test_calls_of_a_cell_without_quotes_are_counted_and_puts_beside_them_are_not() -> None:
    """A month out at an index of 28: SPX's puts of 0.10 are there, calls of 0.10 hardly."""
    put, at = price_and_delta("P", 60.0, 54.0, 30, 0.0, 0.28)
    call, to = price_and_delta("C", 60.0, 67.0, 30, 0.0, 0.28)
    assert -0.15 < at < -0.05
    assert 0.05 < to < 0.15
    assert figures(sold("P", 54.0, put, 30)).extrapolated == 0.0
    assert figures(sold("C", 67.0, call, 30)).extrapolated == 1.0
