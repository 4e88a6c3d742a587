"""Readings of smiles that are known: straight ones, and Black-76 on a drawn surface."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.pricing import black76_delta
from underwriter.market.bracket import between, bracket
from underwriter.market.smile import Smiles, smiles

DAY, EXPIRY = 20_000, 20_030
PUT, CALL = 0, 1


def quotes(*rows: tuple[int, float, float, float], forward: float = 100.0) -> pl.DataFrame:
    """Quotes of one smile from (right, strike, iv, delta)."""
    right, strike, iv, delta = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pl.DataFrame(
        {
            "session": pl.Series([DAY] * len(rows), dtype=pl.Int32),
            "expiry": pl.Series([EXPIRY] * len(rows), dtype=pl.Int32),
            "right": pl.Series(right, dtype=pl.Int8),
            "strike": pl.Series(strike, dtype=pl.Float64),
            "iv": pl.Series(iv, dtype=pl.Float32),
            "delta": pl.Series(delta, dtype=pl.Float32),
            "forward": pl.Series([forward] * len(rows), dtype=pl.Float64),
        }
    )


def read(frame: pl.DataFrame) -> tuple[float, float, float]:
    """The one smile's volatility at the forward, at the put's wing, at the call's."""
    found = smiles(frame)
    return float(found.atm[0]), float(found.put[0]), float(found.call[0])


def drawn(step: float, iv_at: float = 0.2, slope: float = -0.3) -> pl.DataFrame:
    """A chain of Black-76 deltas on iv = iv_at + slope ln(strike / 100), both rights everywhere."""
    root = math.sqrt((EXPIRY - DAY) / 365)
    rows = []
    for strike in np.arange(80.0, 120.0 + step, step):
        iv = iv_at + slope * math.log(strike / 100.0)
        for right, sign in ((PUT, -1), (CALL, 1)):
            rows.append((right, strike, iv, black76_delta(sign, 100.0, strike, iv * root)))
    return quotes(*rows)


WHOLE = (
    (PUT, 94.0, 0.25, -0.20),
    (PUT, 96.0, 0.23, -0.30),
    (PUT, 99.0, 0.21, -0.45),
    (CALL, 101.0, 0.19, 0.45),
    (CALL, 104.0, 0.18, 0.30),
    (CALL, 107.0, 0.16, 0.20),
)


def test_each_reading_is_linear_between_its_neighbours() -> None:
    """Wings half-way between 0.30 and 0.20; at the forward nearly half-way between 99 and 101."""
    atm, put, call = read(quotes(*WHOLE))
    share = math.log(100 / 99) / math.log(101 / 99)
    assert atm == pytest.approx(0.21 - 0.02 * share, abs=1e-7)
    assert put == pytest.approx(0.24, abs=1e-6)
    assert call == pytest.approx(0.17, abs=1e-6)


def test_put_and_call_at_the_forward_are_averaged() -> None:
    rows = ((PUT, 100.0, 0.21, -0.5), (CALL, 100.0, 0.19, 0.5))
    assert read(quotes(*rows))[0] == pytest.approx(0.20, abs=1e-7)


def test_options_in_the_money_are_not_read() -> None:
    """Whatever delta their source gives them."""
    deep = ((CALL, 99.0, 0.9, 0.55), (PUT, 101.0, 0.9, -0.55))
    deep += ((CALL, 94.0, 0.9, 0.25), (PUT, 106.0, 0.9, -0.25))
    assert read(quotes(*WHOLE, *deep)) == read(quotes(*WHOLE))


@pytest.mark.parametrize(
    ("iv", "delta"),
    [
        (0.0, -0.24),
        (math.nan, -0.24),
        (math.inf, -0.24),
        (-0.2, -0.24),
        (0.9, 0.0),
        (0.9, math.nan),
    ],
)
def test_t34_a_missing_volatility_or_delta_is_not_read_as_zero(iv: float, delta: float) -> None:
    assert read(quotes((PUT, 95.0, iv, delta), *WHOLE)) == read(quotes(*WHOLE))


def test_a_missing_side_has_no_reading() -> None:
    puts, calls = quotes(*WHOLE[:3]), quotes(*WHOLE[3:])
    assert np.isnan(read(puts)).tolist() == [True, False, True]
    assert np.isnan(read(calls)).tolist() == [True, True, False]
    assert np.isnan(read(quotes(*WHOLE[:1], *WHOLE[-1:]))).all()  # 0.20 alone is no bracket


def test_neighbours_too_far_apart_have_no_reading() -> None:
    """94 and 104.1 stand over a tenth apart; deltas of 0.10 and 0.40 over a quarter."""
    wide = ((PUT, 94.0, 0.2, -0.10), (CALL, 104.1, 0.2, 0.10), (PUT, 93.9, 0.2, -0.40))
    assert np.isnan(read(quotes(*wide))).all()


def test_an_expiry_on_its_own_day_has_no_reading() -> None:
    late = quotes(*WHOLE).with_columns(pl.lit(EXPIRY, pl.Int32).alias("session"))
    assert np.isnan(read(late)).all()


def test_no_quotes_are_no_smiles() -> None:
    found = smiles(quotes())
    assert [len(column) for column in found] == [0] * len(Smiles._fields)


@pytest.mark.parametrize("step", [0.5, 1.0, 2.5])
def test_a_drawn_smile_is_found_again(step: float) -> None:
    """The volatility where Black-76 on the drawn smile itself has the delta, by bisection."""
    root = math.sqrt((EXPIRY - DAY) / 365)

    def wing(sign: int, low: float, high: float) -> float:
        while high - low > 1e-10:
            middle = (low + high) / 2
            iv = 0.2 - 0.3 * math.log(middle / 100)
            near = abs(black76_delta(sign, 100.0, middle, iv * root)) > 0.25
            low, high = (low, middle) if near == (sign < 0) else (middle, high)
        return 0.2 - 0.3 * math.log(low / 100)

    found = read(drawn(step))
    assert found == pytest.approx((0.2, wing(-1, 80, 100), wing(1, 100, 120)), abs=5e-4)


@given(st.randoms(use_true_random=False))
def test_the_order_of_quotes_does_not_matter(random: object) -> None:
    frame = pl.concat([drawn(1.0), drawn(1.0, 0.3).with_columns(session=pl.lit(DAY - 1, pl.Int32))])
    order = list(range(frame.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    for column, mixed in zip(smiles(frame), smiles(frame[order]), strict=True):
        np.testing.assert_array_equal(column, mixed)


def test_smiles_come_sorted_with_their_years() -> None:
    frame = pl.concat(
        [
            drawn(1.0).with_columns(expiry=pl.lit(DAY + 73, pl.Int32)),
            drawn(1.0),
            drawn(1.0, 0.4).with_columns(session=pl.lit(DAY - 1, pl.Int32)),
        ]
    )
    found = smiles(frame)
    assert found.session.tolist() == [DAY - 1, DAY, DAY]
    assert found.expiry.tolist() == [EXPIRY, EXPIRY, DAY + 73]
    np.testing.assert_allclose(found.years, [31 / 365, 30 / 365, 0.2])
    np.testing.assert_allclose(found.atm, [0.4, 0.2, 0.2], atol=1e-4)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(-9, 9), st.floats(-5, 5) | st.just(math.nan)),
        max_size=20,
    )
)
def test_a_bracket_is_the_nearest_on_each_side(points: list[tuple[int, int, float]]) -> None:
    """Held against a plain search of each group."""
    group = np.array([point[0] for point in points], np.int64)
    x = np.array([point[1] for point in points], float)
    value = np.array([point[2] for point in points], float)
    found = bracket(group, x, value, 0.0, 3)
    for on in range(3):
        known = [(at, y) for g, at, y in points if g == on and not math.isnan(y)]
        below = max((at for at, _ in known if at <= 0), default=math.nan)
        above = min((at for at, _ in known if at >= 0), default=math.nan)
        np.testing.assert_equal((found.below[on], found.above[on]), (below, above))
        first = dict(reversed(known))
        expected = first.get(below, math.nan), first.get(above, math.nan)
        np.testing.assert_equal((found.below_value[on], found.above_value[on]), expected)


def test_between_is_linear_and_unknown_where_a_side_is() -> None:
    group, x = np.array([0, 0, 1], np.int64), np.array([1.0, 5.0, 1.0])
    found = between(bracket(group, x, np.array([10.0, 20.0, 10.0]), 2.0, 2), 2.0)
    np.testing.assert_allclose(found, [12.5, math.nan])
