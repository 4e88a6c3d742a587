"""Strength: against pandas and numpy, worked cases, real names, nothing of the future."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.market.history import Bars
from underwriter.market.joined import Past
from underwriter.market.realised import NO_ACTIONS, Actions
from underwriter.market.strength import Strength, resilience, strength, trailing_betas, uncut_years

FIRST = 14_610  # 2010-01-01


def past(
    close: np.ndarray,
    first: int = FIRST,
    dividends: Actions = NO_ACTIONS,
    splits: Actions = NO_ACTIONS,
) -> Past:
    """Bars of closes on consecutive days."""
    day = np.arange(first, first + len(close), dtype=np.int32)
    unknown = np.full(len(close), np.nan)
    return Past(Bars(day, unknown, unknown, unknown, close, 0), dividends, splits)


def walk(seed: int, days: int, common: np.ndarray | float = 0.0) -> np.ndarray:
    """A random path of closes."""
    moves = np.random.default_rng(seed).normal(0, 0.01, days) + common
    return 100 * np.exp(np.cumsum(moves))


def days(count: int) -> np.ndarray:
    """Consecutive day numbers."""
    return np.arange(FIRST, FIRST + count, dtype=np.int32)


def test_betas_are_those_of_pandas() -> None:
    common = np.random.default_rng(1).normal(0, 0.01, 400)
    name, index = pd.Series(walk(2, 400, 1.3 * common)), pd.Series(100 * np.exp(np.cumsum(common)))
    x, y = np.log(name).diff(), np.log(index).diff()
    found = strength(days(400), past(name.to_numpy()), np.ones(400), past(index.to_numpy()))
    beta = x.rolling(252).cov(y) / y.rolling(252).var()
    assert np.allclose(found.beta[252:], 2 / 3 * beta[252:] + 1 / 3)
    assert np.allclose(found.correlation[252:], x.rolling(252).corr(y)[252:])
    last = pd.DataFrame({"x": x, "y": y})[-252:]
    fell = last[last["y"] < 0].cov()
    assert found.downside_beta[-1] == pytest.approx(fell.loc["x", "y"] / fell.loc["y", "y"])


def test_a_tenth_of_a_window_may_be_unknown_and_no_more() -> None:
    random = np.random.default_rng(3)
    name, index = random.normal(0, 1, 300), random.normal(0, 1, 300)
    name[:25] = np.nan
    assert np.isfinite(trailing_betas(name, index, 252).beta[251])
    name[:26] = np.nan
    assert np.isnan(trailing_betas(name, index, 252).beta[251])


def test_a_fall_counts_from_the_indexs_high_to_its_recovery() -> None:
    """The index falls by a half and is back; the name falls by three quarters and takes longer."""
    index = np.array([100.0, 50, 100, 90, 110, 110, 110, 110])
    name = np.array([100.0, 60, 25, 40, 50, 90, 100, 50])
    day = np.array([0, 100, 200, 300, 400, 500, 600, 700], np.int32)
    found = resilience(day, name, index, np.arange(8))
    ratio = [np.nan, 0.4 / 0.5, *[0.75 / 0.5] * 6]
    assert np.allclose(found.drawdown, ratio, equal_nan=True)
    months = np.array([np.nan, 0, 0, 100, 200, 300, 400, 400]) / (365.25 / 12)  # since day 200
    assert np.allclose(found.recovery, months, equal_nan=True)


def test_a_name_that_came_later_has_not_come_through() -> None:
    index, name = np.array([100.0, 50, 100, 101]), np.array([np.nan, 60, 70, 80])
    found = resilience(np.arange(4, dtype=np.int32), name, index, np.arange(4))
    assert np.isnan(found.drawdown).all()
    assert np.isnan(found.recovery).all()


def test_only_the_last_twenty_years_count() -> None:
    index = np.array([100.0, 50, 100, 101, 102])
    day = np.array([0, 1, 2, 7305, 7306], np.int32)
    found = resilience(day, index, index, np.array([3, 4]))
    assert found.drawdown[3] == 1.0
    assert np.isnan(found.drawdown[4])


def test_turnover_is_in_dollars_of_the_day_and_shares_in_those_of_today() -> None:
    """A split of 2:1 halves the price and doubles the volume: dollars a day are the same."""
    close, volume = np.full(100, 50.0), np.full(100, 2000.0)
    close[:50], volume[:50] = 100.0, 1000.0
    of = past(close, splits=Actions(np.array([FIRST + 50], np.int32), np.array([2.0])))
    found = strength(days(100), of, volume, of)
    assert np.isnan(found.shares[61])
    assert np.allclose(found.shares[62:], 2000.0)
    assert np.allclose(found.turnover[62:], 100_000.0)
    volume[-6:] = np.nan
    assert strength(days(100), of, volume, of).shares[-1] == pytest.approx(2000.0)
    volume[-7:] = np.nan
    assert np.isnan(strength(days(100), of, volume, of).shares[-1])
    assert found.history[-1] == pytest.approx(99 / 365.25)


def test_a_year_without_a_cut_counts_from_the_second_whole_one() -> None:
    """Paid each July: 1 in 2010, 2, 2, 3, then 1 in 2014 and 1 in 2015."""
    dates = pd.date_range("2010-03-01", "2016-06-30")
    day = (dates.to_numpy("datetime64[D]").astype(np.int64)).astype(np.int32)
    amount = {2010: 1, 2011: 2, 2012: 2, 2013: 3, 2014: 1, 2015: 1}
    july = (dates.month == 7) & (dates.day == 1)
    paid = np.where(july, [amount.get(year, 0) for year in dates.year], 0.0)
    found = pd.Series(uncut_years(day, paid), dates)
    assert np.isnan(found["2010-06-30"])
    told = [found[f"{year}-12-31"] for year in range(2010, 2016)]
    assert told == [0, 0, 0, 1, 2, 0]
    assert found["2016-01-01"] == 1
    assert len(uncut_years(day[:0], paid[:0])) == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 599))
def test_t83_strength_knows_nothing_of_the_future(seed: int, cut: int) -> None:
    """Cut the history off after a session, or fill it with nonsense: the same up to there."""
    random = np.random.default_rng(seed)
    common = random.normal(-0.001, 0.02, 600)
    name, index = walk(seed, 600, common), 100 * np.exp(np.cumsum(common))
    volume = random.uniform(1e5, 1e6, 600)
    event = np.sort(random.choice(days(600), 6, replace=False))
    paid, split = Actions(event[:4], random.uniform(0.1, 1, 4)), Actions(event[4:], np.full(2, 2.0))
    whole = strength(days(600), past(name, dividends=paid, splits=split), volume, past(index))
    last = FIRST + cut
    until = (Actions(*(column[each.day < last] for column in each)) for each in (paid, split))
    short = past(name[:cut], FIRST, *until)
    cut_off = strength(days(cut), short, volume[:cut], past(index[:cut]))
    wrong = random.choice([np.nan, -1.0, 1e9])
    bad = [np.where(days(600) < last, each, wrong) for each in (name, index, volume)]
    spoilt = strength(days(600), past(bad[0], dividends=paid, splits=split), bad[2], past(bad[1]))
    for field in Strength._fields:
        wanted = getattr(whole, field)[:cut]
        assert np.array_equal(getattr(cut_off, field), wanted, equal_nan=True), field
        assert np.array_equal(getattr(spoilt, field)[:cut], wanted, equal_nan=True), field


def lean(shared: Path, name: str) -> tuple[Past, np.ndarray]:
    """Raw daily bars of a name, to 2021, made comparable by the factors of its file."""
    folder = shared / "data" / "lean_equity_daily"
    with zipfile.ZipFile(folder / "daily" / f"{name}.zip") as packed:
        text = packed.read(packed.namelist()[0]).decode()
    frame = pd.read_csv(io.StringIO(text), header=None, usecols=[0, 4, 5])
    day = pd.to_datetime(frame[0].str[:8]).to_numpy("datetime64[D]").astype(np.int64)
    factors = pd.read_csv(folder / "factor_files" / f"{name}.csv", header=None).sort_values(0)
    until = (
        pd.to_datetime(factors[0].astype(str), format="%Y%m%d")
        .to_numpy("datetime64[D]")
        .astype(np.int64)
    )
    row = np.minimum(np.searchsorted(until, day), len(until) - 1)
    scale = (factors[1] * factors[2]).to_numpy()[row]
    close, unknown = frame[4].to_numpy() / 1e4 * scale, np.full(len(day), np.nan)
    bars = Bars(day.astype(np.int32), unknown, unknown, unknown, close, 0)
    return Past(bars), frame[5].to_numpy(np.float64)


@pytest.mark.parametrize("name", ["aapl", "bac", "aig", "ibm"])
def test_real_names_against_pandas(shared: Path, name: str) -> None:
    """March 2021 against SPY: beta, and the fall of 2008 (SPY: from 2007-10-09 to 2012)."""
    index, _ = lean(shared, "spy")
    of, volume = lean(shared, name)
    day = of.bars.day[-1:]
    found = strength(day, of, volume, index)
    one, other = (
        pd.Series(each.bars.close, pd.to_datetime(each.bars.day, unit="D")) for each in (of, index)
    )
    both = np.log(pd.DataFrame({"x": one, "y": other}).dropna()).diff()[-252:].cov()
    beta = both.loc["x", "y"] / both.loc["y", "y"]
    assert found.beta[0] == pytest.approx(2 / 3 * beta + 1 / 3, abs=0.02)
    crash = slice("2007-10-09", "2012-08-16")
    fall = {
        key: (1 - each[crash] / each[crash].cummax()).max()
        for key, each in {"x": one, "y": other}.items()
    }
    assert found.drawdown[0] >= fall["x"] / fall["y"] - 0.02


def test_who_came_through_2008(shared: Path) -> None:
    """AIG lost 98% and has not come back; Apple came through within the index's own fall."""
    index, _ = lean(shared, "spy")
    told = {}
    for name in ("aig", "aapl", "spy"):
        of, volume = lean(shared, name)
        told[name] = strength(of.bars.day[-1:], of, volume, index)
    assert told["spy"].drawdown[0] == pytest.approx(1.0)
    assert told["aig"].drawdown[0] > 1.7
    assert told["aig"].recovery[0] > 100
    assert told["spy"].recovery[0] == 0.0
    assert told["aapl"].recovery[0] < 36
