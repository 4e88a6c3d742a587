"""American options with cash dividends in bulk, against the sweep of finite differences.

The sweep (`market.cash_sweep`) is itself held to QuantLib in test_american_cash.py, within a few
thousandths on a spot of 100; what is promised here is in docs/model.md.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from underwriter.core.pricing import black76
from underwriter.market.american import Tables, american
from underwriter.market.american_cash import Contracts, american_cash
from underwriter.market.cash_sweep import Contract, Dividends
from underwriter.market.escrowed import american_escrowed, american_escrowed_columns


class Share(NamedTuple):
    """A share as it was about: price, quarterly dividend, and the volatilities to try."""

    spot: float
    amount: float
    vols: tuple[float, float]


SHARES = {
    "SPY": Share(600.0, 1.80, (0.09, 0.30)),
    "KO": Share(70.0, 0.51, (0.12, 0.28)),
    "AAPL": Share(230.0, 0.26, (0.18, 0.45)),
}
NONE = Dividends(np.empty(0), np.empty(0))
USUAL = Contract(1, 100.0, 100.0, 60 / 365, 0.25, 0.04)


def paying(*pairs: tuple[float, float]) -> Dividends:
    """Dividends of (years to the ex-date, amount)."""
    ex, amount = zip(*pairs, strict=True)
    return Dividends(np.array(ex, float), np.array(amount, float))


def drawn(share: Share, sign: int, count: int, seed: int) -> list[tuple[Contract, Dividends]]:
    """Contracts of 7 to 70 days and 0.05 to 0.7 delta, that go ex on any day of their life."""
    rng, found = np.random.default_rng((seed, sign + 1)), []
    for _ in range(count):
        days, vol = int(rng.integers(7, 71)), float(rng.uniform(*share.vols))
        rate = float(rng.choice([0.0, 0.02, 0.04, 0.055]))
        ex, years, v = int(rng.integers(1, days + 1)) / 365, days / 365, vol * math.sqrt(days / 365)
        forward = (share.spot - share.amount * math.exp(-rate * ex)) * math.exp(rate * years)
        away = NormalDist().inv_cdf(float(rng.uniform(0.05, 0.7)))
        strike = forward * math.exp(-sign * away * v + 0.5 * v * v)
        found.append(
            (Contract(sign, share.spot, strike, years, vol, rate), paying((ex, share.amount)))
        )
    return found


def errors(tables: Tables, rows: list[tuple[Contract, Dividends]]) -> np.ndarray:
    """Of price, on a spot of 100, and of delta, against the sweep: a row a contract."""
    found = []
    for one, paid in rows:
        exact, (price, delta) = american_cash(one, paid), american_escrowed(tables, one, paid)
        found.append(((price - exact.price) * 100.0 / one.spot, delta - exact.delta))
    return np.abs(found)


@pytest.mark.parametrize("name", SHARES)
def test_calls_with_one_dividend_agree_with_the_sweep(tables: Tables, name: str) -> None:
    price, delta = errors(tables, drawn(SHARES[name], 1, 300, seed=1)).T
    assert price.max() <= 2e-3
    assert delta.max() <= 2e-3


@pytest.mark.parametrize("name", SHARES)
def test_puts_with_one_dividend_agree_with_the_sweep(tables: Tables, name: str) -> None:
    price, delta = errors(tables, drawn(SHARES[name], -1, 300, seed=2)).T
    assert price.max() <= 0.03
    assert np.sqrt(np.mean(price**2)) <= 4e-3
    assert delta.max() <= 0.03


@pytest.mark.proof
@pytest.mark.parametrize("name", SHARES)
def test_many_with_one_dividend_agree_with_the_sweep(tables: Tables, name: str) -> None:
    assert errors(tables, drawn(SHARES[name], 1, 5_000, seed=3))[:, 0].max() <= 2e-3
    price = errors(tables, drawn(SHARES[name], -1, 5_000, seed=4))[:, 0]
    assert price.max() <= 0.03
    assert np.quantile(price, 0.99) <= 0.012


@pytest.mark.parametrize("sign", [1, -1])
def test_a_dividend_a_week_is_priced_within_a_tenth(tables: Tables, sign: int) -> None:
    rows = []
    for one, _ in drawn(Share(100.0, 0.0, (0.1, 0.4)), sign, 200, seed=5):
        weeks = np.arange(3, round(one.years * 365) + 1, 7) / 365
        rows.append((one, Dividends(weeks, np.full(weeks.size, 0.15))))
    assert errors(tables, rows)[:, 0].max() <= 0.15


def test_without_dividends_a_put_is_the_tables(tables: Tables) -> None:
    for strike in (90.0, 100.0, 108.0):
        put = USUAL._replace(sign=-1, strike=strike)
        v = put.vol * math.sqrt(put.years)
        carry = put.rate * put.years
        expected = american(tables.boundary, tables.premium, -1, 100.0, strike, v, carry, 0.0)
        assert american_escrowed(tables, put, NONE) == pytest.approx(expected, abs=1e-12)


def test_without_dividends_a_call_is_european(tables: Tables) -> None:
    carry = USUAL.rate * USUAL.years
    v = USUAL.vol * math.sqrt(USUAL.years)
    expected = black76(1, 100.0 * math.exp(carry), 100.0, v, math.exp(-carry))
    assert american_escrowed(tables, USUAL, NONE)[0] == pytest.approx(expected, abs=1e-12)


def test_the_yield_that_moves_the_forward_as_much_is_an_order_worse(tables: Tables) -> None:
    table, ours = [], errors(tables, drawn(SHARES["KO"], 1, 300, seed=6))[:, 0]
    for one, paid in drawn(SHARES["KO"], 1, 300, seed=6):
        present = paid.amount[0] * math.exp(-one.rate * paid.ex[0])
        v, payout = one.vol * math.sqrt(one.years), -math.log1p(-present / one.spot)
        carry = one.rate * one.years
        price, _ = american(*tables, 1, one.spot, one.strike, v, carry, payout)
        table.append(abs(price - american_cash(one, paid).price) * 100.0 / one.spot)
    assert np.sqrt(np.mean(np.square(table))) > 10.0 * np.sqrt(np.mean(ours**2))


@given(
    st.sampled_from([-1, 1]),
    st.floats(40.0, 250.0),
    st.floats(0.05, 1.0),
    st.lists(st.tuples(st.floats(-0.1, 0.3), st.floats(0.0, 30.0)), min_size=1, max_size=4),
)
@example(-1, 40.0, 1.0, [(0.125, 8.0), (0.125, 30.0), (0.125, 30.0), (0.125, 30.0)])
def test_never_below_intrinsic_nor_above_its_bound(
    tables: Tables, sign: int, strike: float, vol: float, paid: list[tuple[float, float]]
) -> None:
    one = USUAL._replace(sign=sign, strike=strike, vol=vol)
    price, delta = american_escrowed(tables, one, paying(*sorted(paid)))
    assert price >= max(sign * (100.0 - strike), 0.0)
    assert price <= (100.0 if sign > 0 else strike)
    assert 0.0 <= sign * delta <= 1.0


def test_at_expiry_it_is_what_exercise_pays(tables: Tables) -> None:
    over = USUAL._replace(years=0.0, strike=95.0)
    assert american_escrowed(tables, over, NONE) == (5.0, 1.0)
    assert american_escrowed(tables, over._replace(sign=-1), NONE) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("field", "figure"),
    [("sign", 0), ("spot", 0.0), ("strike", math.nan), ("years", -1.0), ("vol", math.nan)],
)
def test_what_cannot_be_is_no_number(tables: Tables, field: str, figure: float) -> None:
    assert np.isnan(american_escrowed(tables, USUAL._replace(**{field: figure}), NONE)).all()


def test_a_schedule_that_cannot_be_gives_no_number(tables: Tables) -> None:
    assert np.isnan(american_escrowed(tables, USUAL, paying((0.1, -1.0)))).all()


def test_columns_are_the_contracts_one_by_one(tables: Tables) -> None:
    rows = [one for sign in (1, -1) for one, _ in drawn(SHARES["KO"], sign, 10, seed=7)]
    paid, out = paying((0.03, 0.51)), np.empty((20, 2))
    columns = Contracts(*(np.array(each) for each in zip(*rows, strict=True)))
    american_escrowed_columns(tables, columns, paid, out)
    assert [tuple(row) for row in out] == [american_escrowed(tables, one, paid) for one in rows]
