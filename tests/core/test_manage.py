"""Leaving a short option: take profit and time exit; docs/session.md, The step."""

import pytest

from markets import START, chain, holding, key, policy, put, sleeve, view
from underwriter.core import reason
from underwriter.core.chain import NO_ROW
from underwriter.core.manage import exit_reason
from underwriter.core.sleeve import SHORT_PUT

CREDIT = 272.0  # two contracts at 1.36


def why(day: int, ask: float | None, **rules: object) -> int:
    """Why two puts 95 sold at 1.36 for day 30 are bought back on `day`."""
    quotes = chain([put(95, 0.0, ask or 0.0)])
    row = NO_ROW if ask is None else 0
    held = sleeve(**holding(SHORT_PUT, key(95), -2, CREDIT, row))
    return exit_reason(held, quotes, view(day=START + day), policy(**rules))


@pytest.mark.parametrize(
    ("day", "due"), [(8, False), (9, True), (29, True), (30, True), (31, False)]
)
def test_time_is_up_from_the_exit_day_to_expiry(day: int, *, due: bool) -> None:
    """21 days before day 30 is day 9; a day past expiry there is nothing to buy."""
    assert (why(day, 5.0, exit_dte=21) == reason.TIME_EXIT) == due


def test_time_is_up_without_a_quote_too() -> None:
    assert why(9, None, exit_dte=21) == reason.TIME_EXIT


def test_a_policy_without_a_time_exit_leaves_the_last_day_to_the_market() -> None:
    assert why(30, 5.0, exit_dte=-1) == reason.NONE


@pytest.mark.parametrize(("ask", "taken"), [(0.68, True), (0.69, False)])
def test_half_the_credit_is_taken_at_half_the_price(ask: float, *, taken: bool) -> None:
    """2 * 100 * 0.68 = 136 = half of 272."""
    assert (why(5, ask, take_profit=0.5) == reason.TAKE_PROFIT) == taken


@pytest.mark.parametrize(("day", "taken"), [(29, True), (30, False)])
def test_no_profit_is_taken_on_the_last_day(day: int, *, taken: bool) -> None:
    assert (why(day, 0.01, take_profit=0.5) == reason.TAKE_PROFIT) == taken


@pytest.mark.parametrize("ask", [None, 0.0])
def test_t29_no_profit_is_taken_where_nobody_offers(ask: float | None) -> None:
    assert why(5, ask, take_profit=0.5) == reason.NONE


def test_no_profit_target_takes_none() -> None:
    assert why(5, 0.01, take_profit=0.0) == reason.NONE


def test_time_is_asked_before_profit() -> None:
    assert why(9, 0.01, exit_dte=21, take_profit=0.5) == reason.TIME_EXIT
