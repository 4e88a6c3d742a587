"""The promise of docs/session.md: no evening finds cash under zero; and books that balance."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings

from parity.strategies import Draw, case, draws, numbered
from reference.given import Case
from reference.marking import leg_mark_u
from reference.plain import Backtest
from reference.securing import reserved_u, secured_of
from reference.state import State


def check_evening(state: State) -> None:
    """What every evening must find."""
    for account in state.accounts:
        assert account.cash_u >= 0, (state.at, account)
    check_sums(state)


def check_sums(state: State) -> None:
    """Equity is cash and marks, and cash what came of all that happened, whatever happened."""
    for account in state.accounts:
        sleeves = state.of(account)
        worth_u = account.cash_u
        for sleeve in sleeves:
            mult = state.terms(sleeve).mult
            worth_u += sleeve.shares * state.close_u(sleeve)
            for _, leg in sleeve.in_order():
                worth_u += mult * leg.quantity * leg_mark_u(state, sleeve, leg)
        assert account.equity_u == worth_u
        assert account.reserved_u == sum(reserved_u(state, sleeve) for sleeve in sleeves)
        moved_u = sum(sleeve.money_u + sleeve.realised_u for sleeve in sleeves)
        lines = [one for one in state.log if one.account == account.number and one.sleeve < 0]
        assert account.cash_u == moved_u + sum(one.amount_u for one in lines)


def naked(state: State, number: int) -> bool:
    """Whether an account has anything naked."""
    found = [secured_of(state, sleeve) for sleeve in state.of(state.accounts[number])]
    return any(one.naked_calls or one.naked_shares for one in found)


def check(drawn: Case) -> None:
    """Run a case and look at every evening."""
    run = Backtest(drawn)
    run.run(each=lambda: check_evening(run.state))


@given(draws)
@settings(max_examples=10)
def test_no_evening_finds_cash_under_zero(draw: Draw) -> None:
    check(case(draw._replace(honest=True)))


@pytest.mark.proof
@given(draws)
@settings(max_examples=600)
def test_no_evening_of_many_finds_cash_under_zero(draw: Draw) -> None:
    check(case(draw._replace(honest=True)))


def under_reserved(drawn: Case) -> list[tuple[int, int]]:
    """The evenings and accounts whose cash is under reserved with nothing naked."""
    run, found = Backtest(drawn), []

    def look() -> None:
        found.extend(
            (run.state.at, one.number)
            for one in run.state.accounts
            if one.cash_u < one.reserved_u and not naked(run.state, one.number)
        )

    run.run(each=look)
    return found


def still(drawn: Case) -> Case:
    """The case without dividends, which could raise what is secured."""
    sessions = [
        replace(
            one,
            dividend_u=[0] * len(drawn.terms),
            known=[replace(each, next_ex=0, next_dividend_u=0) for each in one.known],
        )
        for one in drawn.sessions
    ]
    return replace(drawn, sessions=sessions)


@pytest.mark.proof
def test_without_dividends_and_splits_what_is_secured_stays_secured() -> None:
    for number in range(120):
        drawn = case(numbered(number)._replace(honest=True, splits=0))
        assert not under_reserved(still(drawn)), number


def test_what_is_known_ahead_is_what_happens() -> None:
    """In an honest market every dividend is known on the session before it goes ex."""
    drawn = case(Draw(5, 60, 1, 1, 0, 2, honest=True))
    for before, now in zip(drawn.sessions, drawn.sessions[1:], strict=False):
        if now.dividend_u[0]:
            assert before.known[0].next_ex == now.day == before.tomorrow
            assert before.known[0].next_dividend_u == now.dividend_u[0] * now.split[0]
        assert not math.isnan(now.rate)
