"""The gates of an entry, each at its boundary; docs/session.md, Selection."""

import math

import numpy as np
import pytest

from markets import call, chain, policy, put, view
from underwriter.core.chain import NO_ROW
from underwriter.core.select import ANY_U, Bounds, Choice, nothing, select

NONE = nothing(floored=False)
ANY = Bounds(0, ANY_U)


def chosen(*quotes: dict, floor_u: int = 0, basis_u: int = 0, **gates: object) -> Choice:
    """What is chosen among quotes under a policy with these gates."""
    rows = chain(quotes)
    bounds = Bounds(floor_u, ANY_U)
    return select(rows, 0, len(quotes), bounds, basis_u, view(), policy(**gates))


def sold(*quotes: dict, **gates: object) -> bool:
    """Whether anything is chosen."""
    return chosen(*quotes, **gates).row != NO_ROW


BEYOND = float(np.nextafter(np.float32(0.375), np.float32(1)))
SHORT = float(np.nextafter(np.float32(0.125), np.float32(0)))


@pytest.mark.parametrize(
    ("delta", "reached"),
    [(-0.375, True), (-BEYOND, False), (-0.125, True), (-SHORT, False), (0.25, True)],
)
def test_a_delta_is_within_reach_to_half_the_target_away(delta: float, *, reached: bool) -> None:
    assert sold(put(95, 1.0, 1.1, delta=delta), delta=[0.25]) == reached


@pytest.mark.parametrize("delta", [math.nan, 0.0])
def test_t34_an_unknown_delta_is_no_small_delta(delta: float) -> None:
    assert not sold(put(95, 1.0, 1.1, delta=delta))


@pytest.mark.parametrize("iv", [math.nan, 0.0])
def test_a_quote_without_a_volatility_is_never_sold(iv: float) -> None:
    """Its stress loss could only be its intrinsic one, and the risk cap would not bind."""
    assert not sold(put(95, 1.0, 1.1, iv=iv))


@pytest.mark.parametrize(("dte", "inside"), [(29, False), (30, True), (45, True), (46, False)])
def test_both_ends_of_the_days_to_expiry_belong(dte: int, *, inside: bool) -> None:
    assert sold(put(95, 1.0, 1.1, expiry=dte), dte_min=30, dte_max=45) == inside


@pytest.mark.parametrize(("bid", "enough"), [(0.20, True), (0.19, False)])
def test_the_least_credit_is_enough(bid: float, *, enough: bool) -> None:
    assert sold(put(95, bid, 0.21), min_credit_u=200_000) == enough


@pytest.mark.parametrize(("ask", "tight"), [(1.05, True), (1.06, False)])
def test_t31_a_spread_too_wide_for_its_mid_is_skipped(ask: float, *, tight: bool) -> None:
    """0.95 at 1.05 is a tenth of its mid, 1.00."""
    assert sold(put(95, 0.95, ask), max_spread=0.10) == tight


@pytest.mark.parametrize(("bid", "ask"), [(0.0, 1.0), (-0.1, 1.0), (1.01, 1.0), (0.0, 0.0)])
def test_t29_a_quote_that_is_not_two_sided_is_skipped(bid: float, ask: float) -> None:
    assert not sold(put(95, bid, ask))


def test_a_locked_quote_may_be_sold() -> None:
    assert sold(put(95, 1.0, 1.0), max_spread=0.0)


@pytest.mark.parametrize(
    ("interest", "open_enough"), [(-1, True), (100, True), (99, False), (0, False)]
)
def test_open_interest_is_held_to_a_minimum_if_known(interest: int, *, open_enough: bool) -> None:
    assert sold(put(95, 1.0, 1.1, open_interest=interest), min_open_interest=100) == open_enough


@pytest.mark.parametrize(("bid", "pays"), [(0.75, True), (0.74, False)])
def test_a_puts_yield_is_on_its_strike(bid: float, *, pays: bool) -> None:
    """0.75 * 365 = 0.125 * 73 * 30."""
    assert sold(put(73, bid, 1.0), min_yield=[0.125]) == pays


@pytest.mark.parametrize(("bid", "pays"), [(0.75, True), (0.74, False)])
def test_a_calls_yield_is_on_the_close(bid: float, *, pays: bool) -> None:
    quote = call(500, bid, 1.0)
    assert sold(quote, basis_u=73_000_000, min_yield=[0.125]) == pays


def test_the_nearest_delta_wins() -> None:
    quotes = [
        put(90, 1, 1.1, delta=-0.20),
        put(95, 1, 1.1, delta=-0.24),
        put(99, 1, 1.1, delta=-0.27),
    ]
    assert chosen(*quotes).row == 1


def test_the_first_in_the_chain_wins_a_tie() -> None:
    """Nearer expiry first, then the lower strike."""
    quotes = [put(strike, 1, 1.1, expiry=dte) for dte in (30, 37) for strike in (90, 95)]
    assert chosen(*quotes).row == 0


def test_a_better_delta_that_fails_a_gate_does_not_win() -> None:
    assert chosen(put(90, 1, 1.1, delta=-0.30), put(95, 0.0, 1.1, delta=-0.25)).row == 0


def test_the_column_in_force_sets_the_target() -> None:
    quotes = chain([put(90, 1, 1.1, delta=-0.16), put(95, 1, 1.1, delta=-0.25)])
    obeyed = policy(delta=[0.25, 0.16], size_factor=[1, 1])
    assert select(quotes, 0, 2, ANY, 0, view(column=1), obeyed).row == 0


def test_a_strike_at_the_floor_is_sold_and_one_under_it_is_not() -> None:
    quotes = [call(104, 1, 1.1), call(105, 1, 1.1)]
    assert chosen(*quotes, floor_u=105_000_000) == Choice(1, NO_ROW, 0.0, floored=False)
    assert chosen(*quotes, floor_u=105_000_001) == nothing(floored=True)


@pytest.mark.parametrize(
    "quote",
    [call(104, 0, 1.1), call(104, 1, 1.1, delta=0.5), call(104, 1, 1.1, expiry=61)],
    ids=["not eligible", "out of reach", "too far away"],
)
def test_what_failed_another_gate_was_not_floored(quote: dict) -> None:
    assert chosen(quote, floor_u=105_000_000) == NONE


def test_nothing_to_choose_from() -> None:
    assert chosen(floor_u=105_000_000) == NONE
