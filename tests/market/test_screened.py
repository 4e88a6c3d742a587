"""What the gates look at: options as they trade, and every value as-of."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core import screen
from underwriter.market.fundamentals import Filing, firm_of
from underwriter.market.funds import is_fund, moves_with_shares
from underwriter.market.history import Bars
from underwriter.market.joined import Announced, Past
from underwriter.market.schema import RIGHT
from underwriter.market.screened import Subject, Trading, gate_values, trading_of

FIRST = 18_000


def past(close: np.ndarray) -> Past:
    """Bars of closes on consecutive days."""
    unknown = np.full(len(close), np.nan)
    day = np.arange(FIRST, FIRST + len(close), dtype=np.int32)
    return Past(Bars(day, unknown, unknown, unknown, close, 0))


def quotes(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Quotes: session, expiry, right, strike, bid, ask, volume, open interest."""
    schema = {
        "session": pl.Int32(), "expiry": pl.Int32(), "right": RIGHT, "strike": pl.Float64(),
        "bid": pl.Float64(), "ask": pl.Float64(), "volume": pl.Int32(), "open_interest": pl.Int32(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema, orient="row")


S, E = FIRST, FIRST + 30


def test_a_width_is_a_share_of_the_mid_or_of_a_dollar() -> None:
    """A nickel on 0.20 and 0.10 on 2.00 both pass DOMAIN 7: max($0.05, 5% of mid)."""
    near = [
        (S, E, "P", 98.0, 0.20, 0.25, 10, 100),  # a nickel: 0.05
        (S, E, "C", 102.0, 1.90, 2.10, 20, 200),  # 0.20 on 2.00: 0.10
        (S, E, "C", 104.0, 3.90, 4.10, None, None),  # 0.20 on 4.00: 0.05
    ]
    away = [
        (S, E, "P", 102.0, 1.0, 9.0, 1, 1),  # in the money
        (S, E, "P", 80.0, 1.0, 9.0, 1, 1),  # a fifth out of it
        (S, S + 3, "P", 98.0, 1.0, 9.0, 1, 1),  # of this week
        (S, E, "C", 105.0, 0.0, 9.0, 1, 1),  # without a bid
        (S, E, "C", 105.0, None, None, 1, 1),
    ]
    found = trading_of(np.array([S], np.int32), quotes(*near, *away), past(np.array([100.0])))
    assert found.width[0] == pytest.approx(0.05)
    assert found.interest[0] == 305.0
    assert found.contracts[0] == 35.0


def test_contracts_a_day_are_the_mean_of_a_month() -> None:
    rows = [(S + day, E, "P", 98.0, 1.0, 1.1, 100 * day, 5) for day in range(30)]
    found = trading_of(
        np.array([S + 29, S + 40], np.int32), quotes(*rows), past(np.full(30, 100.0))
    )
    assert found.contracts[0] == np.mean([100 * day for day in range(9, 30)])
    assert np.isnan([found.contracts[1], found.interest[1], found.width[1]]).all()


def test_what_nobody_says_is_unknown() -> None:
    rows = quotes((S, E, "P", 98.0, None, None, None, None))
    found = trading_of(np.array([S], np.int32), rows, past(np.array([100.0])))
    assert all(np.isnan(column[0]) for column in found)
    empty = trading_of(np.array([S], np.int32), rows[:0], past(np.array([100.0])))
    assert all(np.isnan(column[0]) for column in empty)


def values(subject: Subject, day: np.ndarray, index: Past, **more: object) -> np.ndarray:
    """Every gate's value, options apart."""
    unknown = np.full(len(day), np.nan)
    excluded = more.pop("excluded", ())
    return gate_values(day, subject, index, unknown, Trading(unknown, unknown, unknown), excluded)


def subject(close: np.ndarray, fund: bool = False, filings: list[Filing] = []) -> Subject:  # noqa: B006, FBT001, FBT002
    """A name that reports in the future and has filed."""
    told = Announced(
        np.array([FIRST + 50], np.int32), np.array([False]), np.array([FIRST], np.int32)
    )
    return Subject(past(close), np.full(len(close), 1e6), firm_of(filings), told, fund)


def test_a_fund_has_no_sector_no_earnings_and_no_scores() -> None:
    day = np.array([FIRST + 9], np.int32)
    found = values(subject(np.full(10, 50.0), fund=True), day, past(np.full(10, 1.0)))[0]
    none = {screen.EARNINGS, screen.PIOTROSKI, screen.ALTMAN, screen.NET_DEBT, screen.SECTOR}
    assert {at for at in range(len(found)) if np.isinf(found[at])} == none
    assert found[screen.PRICE] == 50.0
    assert (is_fund("SPY"), is_fund("KO")) == (True, False)
    assert [moves_with_shares(name) for name in ("KO", "XLF", "TLT")] == [True, True, False]


def test_earnings_and_sectors_of_a_firm() -> None:
    filings = [Filing("XOM", FIRST, FIRST, "", "Energy", {})]
    day, close = np.array([FIRST, FIRST + 9, FIRST + 51], np.int32), np.full(60, 50.0)
    found = values(subject(close, filings=filings), day, past(close), excluded=("energy",))
    assert found[:, screen.EARNINGS].tolist() == [50.0, 41.0, np.inf]
    assert np.array_equal(found[:, screen.SECTOR], [np.nan, 0.0, 0.0], equal_nan=True)
    other = values(subject(close, filings=filings), day, past(close), excluded=("Banks",))
    assert other[1, screen.SECTOR] == 1.0
    nobody = subject(close)._replace(announced=None)
    assert np.isnan(values(nobody, day, past(close))[:, screen.EARNINGS]).all()


def test_a_name_without_any_past_is_unknown_throughout() -> None:
    nothing = subject(np.empty(0))._replace(announced=None)
    found = values(nothing, np.array([FIRST], np.int32), past(np.empty(0)))
    assert np.isnan(found).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 399))
def test_t83_no_gate_knows_the_future(seed: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    close, index = (100 * np.exp(np.cumsum(random.normal(0, 0.02, 400))) for _ in range(2))
    filings = [
        Filing(
            "KO", int(filed), int(filed) - 30, "", "Food", {"piotroski_f": 5.0, "market_cap": 1e9}
        )
        for filed in random.integers(FIRST, FIRST + 400, 4)
    ]
    day = np.arange(FIRST, FIRST + 400, dtype=np.int32)
    whole = values(subject(close, filings=filings), day, past(index), excluded=("Food",))
    later = [each for each in filings if each.filed < FIRST + cut]
    spoilt = [np.where(day < FIRST + cut, each, 1e9) for each in (close, index)]
    again = values(subject(spoilt[0], filings=later), day, past(spoilt[1]), excluded=("Food",))
    assert np.array_equal(again[:cut], whole[:cut], equal_nan=True)
