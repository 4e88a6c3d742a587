"""Clusters: against scipy and pandas, worked cases, nothing of the future."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from underwriter.market.cluster import (
    aligned,
    bets,
    clusters,
    correlation,
    distance,
    linked,
    stress_correlation,
)
from underwriter.market.history import Bars
from underwriter.market.joined import Past

FIRST = 18_000


def past(close: np.ndarray, first: int = FIRST) -> Past:
    """Bars of closes on consecutive days."""
    unknown = np.full(len(close), np.nan)
    day = np.arange(first, first + len(close), dtype=np.int32)
    return Past(Bars(day, unknown, unknown, unknown, close, 0))


def market(seed: int, days: int = 700) -> list[np.ndarray]:
    """Four closes: two that move alike, one of its own, and one against the first."""
    random = np.random.default_rng(seed)
    common, noise = random.normal(0, 0.01, days), random.normal(0, 0.01, (4, days))
    moves = [common + 0.2 * noise[0], common + 0.2 * noise[1], noise[2], -common + 0.2 * noise[3]]
    return [100 * np.exp(np.cumsum(each)) for each in moves]


def partition(labels: np.ndarray) -> set[frozenset[int]]:
    """Who is with whom, whatever the groups are called."""
    return {frozenset(np.flatnonzero(labels == each).tolist()) for each in set(labels.tolist())}


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.floats(0.05, 0.95))
def test_average_linkage_is_scipys(seed: int, names: int, most: float) -> None:
    apart = np.random.default_rng(seed).random((names, names))
    apart = (apart + apart.T) / 2
    np.fill_diagonal(apart, 0.0)
    wanted = fcluster(linkage(squareform(apart), "average"), most, "distance")
    assert partition(linked(apart, most)) == partition(wanted)


@given(st.integers(0, 2**32 - 1))
def test_correlations_are_those_of_pandas_pair_by_pair(seed: int) -> None:
    random = np.random.default_rng(seed)
    returns = random.normal(0, 0.01, (60, 4)) + random.normal(0, 0.01, (60, 1))
    returns[random.random((60, 4)) < 0.1] = np.nan
    assert np.allclose(correlation(returns), pd.DataFrame(returns).corr(), atol=1e-9)


def test_two_equities_fall_together_whatever_their_year_was() -> None:
    """DOMAIN 5.3: max(sample, 0.7) within equities, the sample for the rest."""
    sample = np.array([[1.0, 0.2, -0.3], [0.2, 1.0, 0.9], [-0.3, 0.9, 1.0]])
    found = stress_correlation(sample, np.array([True, True, False]))
    assert found.tolist() == [[1.0, 0.7, -0.3], [0.7, 1.0, 0.9], [-0.3, 0.9, 1.0]]
    assert distance(np.array([1.0, 0.5, 0.0, -1.0])).tolist() == [0.0, 0.5, np.sqrt(0.5), 1.0]


def test_a_cluster_is_called_after_its_first_name() -> None:
    day = np.arange(FIRST, FIRST + 700, dtype=np.int32)
    found = clusters(day, [past(each) for each in market(5)], [True] * 4)
    assert found[-1].tolist() == [1, 1, 3, 4]
    assert not found[:226].any()  # nine tenths of a year


def test_a_name_of_half_a_year_has_no_cluster() -> None:
    closes = market(6)
    day = np.arange(FIRST, FIRST + 700, dtype=np.int32)
    pasts = [past(closes[0]), past(closes[1][580:], FIRST + 580)]
    assert clusters(day, pasts, [True, True])[-1].tolist() == [1, 0]


def test_one_session_has_the_clusters_of_ten_years() -> None:
    day = np.arange(FIRST, FIRST + 700, dtype=np.int32)
    pasts = [past(each) for each in market(7)]
    whole = clusters(day, pasts, [True] * 4)
    for row in (300, 500, 699):
        assert np.array_equal(clusters(day[row : row + 1], pasts, [True] * 4)[0], whole[row])


@given(st.integers(0, 1000), st.integers(1, 699))
def test_t83_clusters_know_nothing_of_the_future(seed: int, cut: int) -> None:
    day = np.arange(FIRST, FIRST + 700, dtype=np.int32)
    closes = market(seed)
    whole = clusters(day, [past(each) for each in closes], [True] * 4)
    nonsense = np.random.default_rng(seed).choice([np.nan, -1.0, 1e9])
    spoilt = [np.where(day < day[cut], each, nonsense) for each in closes]
    for again in ([past(each) for each in spoilt], [past(each[:cut]) for each in closes]):
        assert np.array_equal(clusters(day[:cut], again, [True] * 4), whole[:cut])


def test_returns_stand_on_the_days_that_any_name_has() -> None:
    grid, returns = aligned(
        np.array([FIRST + 2], np.int32), [past(walk()), past(walk()[:2], FIRST + 1)]
    )
    assert grid.tolist() == [FIRST, FIRST + 1, FIRST + 2]
    assert np.isnan(returns[:2, 1]).all()
    assert returns[2, 1] == pytest.approx(np.log(1.1))


def walk() -> np.ndarray:
    """Three closes, a tenth up each day."""
    return np.array([100.0, 110.0, 121.0])


def test_bets_count_what_moves_apart() -> None:
    """Of n equal holdings: n where none correlates, and half of the risk in one makes fewer."""
    assert bets(np.full(4, 100.0), np.eye(4)) == pytest.approx(4.0)
    assert bets(np.array([300.0, 100.0]), np.eye(2)) == pytest.approx(1 / (0.9**2 + 0.1**2))
    assert np.isnan(bets(np.zeros(2), np.eye(2)))


def test_the_indices_of_the_market_are_one_cluster(shared: Path) -> None:
    """SPY and QQQ correlated by over 0.85 in every year of late."""
    folder = shared / "data" / "etf_daily"
    pasts = []
    for name in ("SPY", "QQQ"):
        frame = pd.read_csv(folder / f"{name}_price_unadjusted.csv", parse_dates=[0])
        day = frame.iloc[:, 0].to_numpy("datetime64[D]").astype(np.int32)
        close = frame["close"].to_numpy(np.float64)
        unknown = np.full(len(day), np.nan)
        pasts.append(Past(Bars(day, unknown, unknown, unknown, close, 0)))
    day = pasts[0].bars.day[-750:]
    assert (clusters(day, pasts, [True, True]) == 1).all()
