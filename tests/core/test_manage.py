"""Leaving a short option: take profit and time exit; docs/session.md, The step."""

import pytest

from markets import DOLLAR, START, call, chain, holding, key, made, owns, policy, put, sleeve, view
from underwriter.core import reason
from underwriter.core.chain import NO_ROW
from underwriter.core.contract import CALL
from underwriter.core.decide import decide
from underwriter.core.intent import CLOSE, Decision, clear
from underwriter.core.manage import exit_reason
from underwriter.core.policy import IRON_CONDOR
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


# --- a condor is one position: sold at 1.30 - 0.60 and 1.60 - 0.60 for 170 in all ---

CONDOR = {
    "legs": 4,
    "contract": [key(95), key(90), key(105, right=CALL), key(110, right=CALL)],
    "quantity": [-1, 1, -1, 1],
    "row": [1, 0, 2, 3],
    "amount_u": [130 * DOLLAR, -60 * DOLLAR, 160 * DOLLAR, -60 * DOLLAR],
    "credit_u": 170 * DOLLAR,
}
CALLS = call(105, 0.05, 0.10), call(110, 0.05, 0.10)
WHOLE = [1, -1, 1, -1]


def closed(ask: float, spot: int = 100, **rules: object) -> list[int]:
    """The legs of a condor that are closed: put 95 at an ask, put 90 bid for 0.50, calls for 5."""
    found = made(Decision)
    clear(found, 0, 0)
    quotes = chain([put(90, 0.50, 0.60), put(95, ask - 0.1, ask), *CALLS])
    today = view(calls=2, end=4, spot_u=spot * DOLLAR)
    obeyed = policy(strategy=IRON_CONDOR, **rules)
    decide(found, sleeve(**CONDOR), quotes, today, owns()[0, 0], obeyed)
    assert (found.action == CLOSE) == (found.legs > 0)
    return list(found.change[: found.legs].tolist())


@pytest.mark.parametrize(("ask", "legs"), [(1.30, WHOLE), (1.31, []), (3.00, [])])
def test_t22_a_condor_takes_its_profit_as_a_whole(ask: float, legs: list[int]) -> None:
    """Half of 170 is 85: at 1.30 the puts cost 80, the calls 5.

    The calls have earned 95 of their 100 in every case, and are not closed by themselves.
    """
    assert closed(ask, take_profit=0.5) == legs


@pytest.mark.parametrize(("ask", "legs"), [(5.55, WHOLE), (5.54, [])])
def test_t22_a_condor_is_stopped_as_a_whole(ask: float, legs: list[int]) -> None:
    """Twice 170 is lost where closing costs 510: puts 505, calls 5.  The puts had lost it sooner.

    Their 70 are lost twice over from 210 on, an ask of 2.60.
    """
    assert closed(ask, stop=2.0) == legs


def test_t22_one_leg_in_danger_closes_all_of_a_condor() -> None:
    """The put 95 is through its strike at 94, and the policy neither rolls nor is assigned."""
    assert closed(3.00, spot=94, roll_through=1, avoid_assignment=1) == WHOLE
