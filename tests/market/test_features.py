"""No feature looks ahead; the table holds what its parts say."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from underwriter.core.pricing import black76_delta
from underwriter.market.features import FEATURES, Features, features
from underwriter.market.forecast import (
    expanding_forecast,
    har_terms,
    index_terms,
    variance_premium,
)
from underwriter.market.history import Bars, Levels
from underwriter.market.maturity import Curve, constant_maturity, index_slope, last_known
from underwriter.market.rank import iv_percentile, iv_rank
from underwriter.market.realised import (
    Actions,
    Prices,
    close_variance,
    garman_klass_variance,
    log_returns,
    night_returns,
    parkinson_variance,
    prices,
    rogers_satchell_variance,
    volatility,
    yang_zhang,
)
from underwriter.market.rolling import trailing_mean, trailing_variance
from underwriter.market.smile import Smiles, smiles

DOCS = Path(__file__).resolve().parents[2] / "docs"
SESSIONS, FIRST = 640, 15_000
NONSENSE = (np.nan, np.inf, -np.inf, 0.0, -3.0, 1e-9, 1e9)


class History(NamedTuple):
    """Everything a feature may be made of, on consecutive days from FIRST."""

    day: np.ndarray
    bars: np.ndarray  # (open, high, low, close) by session
    paid: np.ndarray  # dividends by session
    ratio: np.ndarray  # splits by session
    iv: np.ndarray
    chain: pl.DataFrame


@cache
def history() -> History:
    """A made-up past with nights, ranges, a split, dividends, and a chain on every session."""
    random = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(random.normal(0.0, 0.012, SESSIONS)))
    opens = close * np.exp(random.normal(0.0, 0.005, SESSIONS))
    top, bottom = np.maximum(opens, close), np.minimum(opens, close)
    high = top * np.exp(np.abs(random.normal(0.0, 0.004, SESSIONS)))
    low = bottom * np.exp(-np.abs(random.normal(0.0, 0.004, SESSIONS)))
    day = np.arange(FIRST, FIRST + SESSIONS, dtype=np.int32)
    iv = 0.2 * np.exp(np.cumsum(random.normal(0.0, 0.03, SESSIONS)) * 0.3)
    paid, ratio = np.zeros(SESSIONS), np.ones(SESSIONS)
    paid[60::63], ratio[100] = 0.4, 2.0
    bars = np.column_stack([opens, high, low, close])
    return History(day, bars, paid, ratio, iv, _chain(day, close, iv))


def _chain(day: np.ndarray, close: np.ndarray, iv: np.ndarray) -> pl.DataFrame:
    """Black-76 deltas on a smile that falls with the strike, at 22, 45 and 110 days."""
    money = np.linspace(-0.15, 0.15, 13)
    session, days, at, right = (
        part.ravel() for part in np.meshgrid(np.arange(len(day)), [22, 45, 110], money, [0, 1])
    )
    session, right = session.astype(int), right.astype(int)
    vol = iv[session] * (1 + days / 1000) - 0.2 * at
    spread = vol * np.sqrt(days / 365)
    delta = [
        black76_delta(2 * int(r) - 1, 1.0, float(k), float(s))
        for r, k, s in zip(right, np.exp(at), spread, strict=True)
    ]
    columns = {
        "session": day[session],
        "expiry": day[session] + days.astype(np.int32),
        "right": right.astype(np.int8),
        "strike": close[session] * np.exp(at),
        "iv": vol,
        "delta": np.array(delta),
        "forward": close[session],
    }
    return pl.DataFrame(columns)


def drawn_at(term: int, before: int, after: int) -> float:
    """What the chain's volatility at the forward is over `iv` at a term, from total variances."""
    share = (term - before) / (after - before)
    totals = [days * (1 + days / 1000) ** 2 for days in (before, after)]
    return float(np.sqrt((totals[0] + share * (totals[1] - totals[0])) / term))


def cut(past: History, rows: int) -> History:
    """The history as it was at the close of session `rows - 1`."""
    chain = past.chain.filter(pl.col("session") < FIRST + rows)
    return History(*(column[:rows] for column in past[:5]), chain)


def spoiled(past: History, rows: int, seed: int) -> History:
    """The same history with nonsense from session `rows` on, and some later sessions missing."""
    random = np.random.default_rng(seed)

    def wreck(column: np.ndarray) -> np.ndarray:
        out = column.copy()
        out[rows:] = random.choice(NONSENSE, out[rows:].shape)
        return out

    chain = past.chain.filter(
        (pl.col("session") < FIRST + rows) | pl.Series(random.random(past.chain.height) < 0.7)
    )
    later = chain["session"].to_numpy() >= FIRST + rows
    wrecked = {
        name: np.where(later, random.choice(NONSENSE, len(later)), chain[name].to_numpy())
        for name in ("strike", "iv", "delta", "forward")
    }
    paid, ratio = past.paid.copy(), past.ratio.copy()
    paid[rows:] = random.choice([0.0, -5.0, 1e6, np.nan], len(paid[rows:]))
    ratio[rows:] = random.choice([0.0, 1e-6, 50.0, np.nan], len(ratio[rows:]))
    return History(
        past.day,
        wreck(past.bars),
        paid,
        ratio,
        wreck(past.iv),
        chain.with_columns(**{name: pl.Series(one) for name, one in wrecked.items()}),
    )


def priced(past: History) -> Prices:
    """The bars with what happened to the shares."""
    opens, high, low, close = (np.ascontiguousarray(side) for side in past.bars.T)
    moved = Bars(past.day, opens, high, low, close, 0)
    return prices(moved, Actions(past.day, past.paid), Actions(past.day, past.ratio))


def trailing(past: History) -> tuple[np.ndarray, ...]:
    """Windows of squared returns, which are finite or NaN, as all that they are made for."""
    squared = close_variance(priced(past))
    return trailing_mean(squared, 5), trailing_variance(squared, 5)


def levels(past: History) -> Levels:
    """The implied volatility as a published index that skips every fifth day."""
    there = past.day % 5 > 0
    return Levels(past.day[there], past.iv[there], 0)


def constant(past: History) -> tuple[np.ndarray, ...]:
    """Every reading of the smiles at 30 days, with its reason."""
    quoted = smiles(past.chain)
    found = [
        constant_maturity(Curve(quoted.session, quoted.years, vol), past.day, 30.0)
        for vol in (quoted.atm, quoted.put, quoted.call)
    ]
    return tuple(column for one in found for column in one)


def forecasts(past: History) -> tuple[np.ndarray, ...]:
    """HAR with an index, and the premium over it."""
    squared = close_variance(priced(past))
    terms = np.column_stack([har_terms(squared), index_terms(past.iv)])
    found = expanding_forecast(terms, squared, 100)
    return *found, *variance_premium(past.iv, found)


def slopes(past: History) -> tuple[np.ndarray, ...]:
    """The slope of an index over another, and the index itself."""
    near = levels(past)
    known = np.isfinite(near.value) & (near.value > 0.0)  # as the readers of indices see to
    near = Levels(near.day[known], near.value[known], 0)
    far = Levels(near.day[::2], near.value[::2] * 1.1, 0)
    return index_slope(near, far, past.day, 7), last_known(near, past.day, 7)


PUBLIC: dict[str, Callable[[History], tuple[np.ndarray, ...]]] = {
    "trailing": trailing,
    "prices": lambda past: tuple(priced(past)),
    "returns": lambda past: (log_returns(priced(past)), night_returns(priced(past))),
    "close": lambda past: (volatility(close_variance(priced(past)), 21),),
    "parkinson": lambda past: (volatility(parkinson_variance(priced(past)), 63),),
    "garman_klass": lambda past: (volatility(garman_klass_variance(priced(past)), 21),),
    "rogers_satchell": lambda past: (volatility(rogers_satchell_variance(priced(past)), 252),),
    "yang_zhang": lambda past: (yang_zhang(priced(past), 21),),
    "rank": lambda past: (iv_rank(past.iv), iv_percentile(past.iv)),
    "constant": constant,
    "forecast": forecasts,
    "slope": slopes,
    "features": lambda past: tuple(features(past.day, priced(past), smiles(past.chain))),
}


@cache
def truth(name: str) -> tuple[np.ndarray, ...]:
    """What a feature says of the whole history."""
    return PUBLIC[name](history())


@pytest.mark.parametrize("name", PUBLIC)
@given(rows=st.integers(1, SESSIONS - 1), seed=st.integers(0, 1_000))
@example(rows=143, seed=200)  # terms so wild that no float holds the forecast
def test_t83_nonsense_in_the_future_changes_no_feature(name: str, rows: int, seed: int) -> None:
    found = PUBLIC[name](spoiled(history(), rows, seed))
    for column, expected in zip(found, truth(name), strict=True):
        np.testing.assert_array_equal(column[:rows], expected[:rows])


@pytest.mark.parametrize("name", PUBLIC)
@given(rows=st.integers(1, SESSIONS))
def test_t83_the_last_row_of_a_cut_history_is_the_same(name: str, rows: int) -> None:
    found = PUBLIC[name](cut(history(), rows))
    for column, expected in zip(found, truth(name), strict=True):
        np.testing.assert_array_equal(column, expected[:rows])


def test_the_made_up_past_fills_every_column() -> None:
    """Else the two tests above would compare unknowns."""
    frame = features(history().day, priced(history()), smiles(history().chain)).frame()
    last = frame.row(-1, named=True)
    assert not [name for name, value in last.items() if np.isnan(value)]
    assert last["iv30_reason"] == 0


def test_the_table_holds_its_schema_and_its_identities() -> None:
    past = history()
    found = features(past.day, priced(past), smiles(past.chain))
    assert isinstance(found, Features)
    frame = found.frame()
    assert frame.schema == FEATURES
    assert frame.height == SESSIONS
    close = found.rv21[-1], found.yz21[-1]
    assert close == pytest.approx((0.2, 0.2), abs=0.06)  # made of 1.2% a day and quiet nights
    np.testing.assert_allclose(found.iv30, past.iv * drawn_at(30, 22, 45), rtol=1e-6)
    np.testing.assert_allclose(found.iv90, past.iv * drawn_at(90, 45, 110), rtol=1e-6)
    np.testing.assert_allclose(found.slope, found.iv30 / found.iv90)
    np.testing.assert_array_equal(found.iv_rank, iv_rank(found.iv30))
    np.testing.assert_array_equal(found.iv_percentile, iv_percentile(found.iv30))
    atm, _, put, _, call, _ = constant(past)
    assert (put > atm).all()
    assert (atm > call).all()
    np.testing.assert_allclose(found.skew, (put - call) / atm)
    np.testing.assert_allclose(found.put_skew, put - atm)
    known = ~np.isnan(found.forecast)
    assert known.sum() == SESSIONS - 22 - 21 - 504 + 1
    points = 100 * (found.iv30 - found.forecast)
    np.testing.assert_allclose(found.premium_points, points)
    over = found.iv30**2 - found.forecast**2
    np.testing.assert_allclose(found.variance_premium, over)


def test_without_quotes_what_is_implied_is_unknown_and_says_so() -> None:
    past = history()
    found = features(past.day, priced(past), smiles(past.chain.clear()))
    for name in ("iv30", "iv90", "iv_rank", "iv_percentile", "skew", "put_skew", "slope"):
        assert np.isnan(getattr(found, name)).all()
    assert (found.iv30_reason == 1).all()
    assert not np.isnan(found.rv21[21:]).any()
    assert isinstance(smiles(past.chain.clear()), Smiles)


@pytest.mark.parametrize("name", FEATURES.names())
def test_every_column_is_documented(name: str) -> None:
    rows = re.findall(r"^\| (`.+?) \|", (DOCS / "features.md").read_text("utf-8"), re.MULTILINE)
    assert name in {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_no_column_is_documented_that_is_gone() -> None:
    text = (DOCS / "features.md").read_text("utf-8")
    table = text.split("## The table")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`(\w+)`", row)} == set(FEATURES.names())
