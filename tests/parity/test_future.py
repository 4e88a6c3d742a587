"""No decision knows the future: nonsense in later sessions changes no earlier line.

The calendar, declared dividends and splits are known ahead, and stay.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.columns import Outcome, market_of, run_engine, setup_of
from parity.strategies import Draw, case, draws
from underwriter.core.chain import Market

KNOWN_AHEAD = {"day", "dividend_u", "split_new", "split_old"}
LAYOUT = {"session", "puts", "calls", "end", "next"}  # where rows stand


def nonsense(dice: np.random.Generator, column: np.ndarray) -> np.ndarray:
    """Values of a column's type that mean nothing."""
    if column.dtype.kind == "f":
        return np.where(dice.random(column.shape) < 0.2, np.nan, dice.normal(0, 50, column.shape))
    return dice.integers(-1_000_000, 1_000_000_000, column.shape).astype(column.dtype)


def overwrite(dice: np.random.Generator, table: np.recarray, later: np.ndarray) -> None:
    """Put nonsense into all that is not known ahead in some rows of a table."""
    for name in set(table.dtype.names) - KNOWN_AHEAD - LAYOUT:
        column = table[name]
        column[later] = nonsense(dice, column[later])


def garbled(market: Market, last: int, seed: int) -> Market:
    """The market with nonsense in every session after `last`."""
    dice = np.random.default_rng(seed)
    quotes, sessions, bars = market.quotes.copy(), market.sessions.copy(), market.bars.copy()
    overwrite(dice, quotes, quotes["session"] > last)
    overwrite(dice, sessions, np.arange(len(sessions)) > last)
    overwrite(dice, bars, np.arange(len(bars)) > last)
    return Market(quotes, sessions, bars, market.terms)


def until(outcome: Outcome, last: int) -> tuple[list, list, list]:
    """What was decided, what happened and what it was worth, up to one session."""
    return (
        [one for one in outcome.verdicts if one.session <= last],
        [one for one in outcome.log if one.session <= last],
        outcome.equity_u[: last + 1],
    )


def assert_blind(draw: Draw, cut: float, seed: int) -> None:
    """Compare a run with one whose later sessions are nonsense."""
    drawn = case(draw)
    last = int(cut * (draw.sessions - 1))
    market, setup = market_of(drawn), setup_of(drawn)
    changed = run_engine(garbled(market, last, seed), setup)
    assert until(changed, last) == until(run_engine(market, setup), last)


cuts = st.floats(0.1, 0.95)
seeds = st.integers(0, 2**32 - 1)


@given(draws, cuts, seeds)
@settings(max_examples=15)
def test_t83_the_future_changes_no_earlier_line(draw: Draw, cut: float, seed: int) -> None:
    assert_blind(draw, cut, seed)


@pytest.mark.proof
@given(draws, cuts, seeds)
@settings(max_examples=100)
def test_the_future_changes_no_earlier_line_in_many_markets(
    draw: Draw, cut: float, seed: int
) -> None:
    assert_blind(draw, cut, seed)
