"""Underlyings that multiply overnight: where cash may go below zero, and that nothing hides it.

The production engine, with the reserve for fees that production keeps, over random policies of
every strategy (docs/margin.md, When cash does not cover it).  The reference runs beside it and
says what was naked when.
"""

from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.columns import expected, fees_of, market_of, run_engine, setup_of
from parity.strategies import Draw, case
from parity.test_cash import check_sums
from parity.test_reference import assert_same
from reference.given import CASH_SECURED, Case
from reference.plain import Backtest
from reference.securing import secured_of
from reference.state import State
from underwriter.app.setting_up import fee_reserve_u


class Evening(NamedTuple):
    """What one account came to one evening."""

    cash_u: int
    covered: bool
    naked: frozenset[int]  # underlyings
    calls: frozenset[int]  # sleeves with naked calls


def evening(state: State, number: int) -> Evening:
    """What an account came to, and what it has naked."""
    account = state.accounts[number]
    found = [(sleeve, secured_of(state, sleeve)) for sleeve in state.of(account)]
    bare = {one.underlying for one, has in found if has.naked_calls or has.naked_shares}
    calls = {one.number for one, has in found if has.naked_calls}
    return Evening(
        account.cash_u, account.cash_u >= account.reserved_u, frozenset(bare), frozenset(calls)
    )


def leapt(drawn: Case, evenings: list[Evening], at: int) -> bool:
    """Whether something naked has more than doubled since cash last covered what was secured."""
    since = max((k for k in range(at) if evenings[k].covered), default=0)
    naked = frozenset().union(*(one.naked for one in evenings[since:at]))
    closes = [one.close_u for one in drawn.sessions[since : at + 1]]
    return any(max(one[u] for one in closes) > 2 * closes[0][u] for u in naked)


def check(drawn: Case) -> int:
    """Run a case on both engines; how many evenings found a debit, each of the stated kind."""
    run, kept = Backtest(drawn), []
    accounts = range(len(drawn.limits))

    def look() -> None:
        check_sums(run.state)
        kept.append([evening(run.state, number) for number in accounts])

    run.run(each=look)
    made = run_engine(market_of(drawn), setup_of(drawn))
    assert_same(made, expected(run))
    debits = 0
    for number in accounts:
        evenings = [one[number] for one in kept]
        for at, cash_u in enumerate(row[number] for row in made.cash_u):
            if cash_u >= 0:
                continue
            debits += 1
            assert drawn.limits[number].collateral != CASH_SECURED, (at, number)
            assert leapt(drawn, evenings, at), (at, number)
            check_next(drawn, run, evenings, number, at)
    return debits


def check_next(drawn: Case, run: Backtest, evenings: list[Evening], number: int, at: int) -> None:
    """On the session after a debit naked calls are to be closed, and nothing is opened."""
    if at + 1 >= len(evenings):
        return
    mine = {sleeve for sleeve, seat in enumerate(drawn.sleeves) if seat[0] == number}
    told = [one for one in run.verdicts if one.session == at + 1 and one.sleeve in mine]
    ended = {one.sleeve for one in run.log if one.session == at + 1 and one.kind == "settled"}
    closed = {one.sleeve for one in told if one.wish == "margin"}
    assert evenings[at].calls <= closed | ended, (at, number)
    if evenings[at + 1].cash_u < 0:
        entries = [one for one in told if one.wish in {"entry", "entry_put"}]
        assert not [one for one in entries if one.verdict == "approved"], (at, number)


leaping = st.builds(
    Draw,
    seed=st.integers(0, 2**32 - 1),
    sessions=st.integers(15, 60),
    underlyings=st.integers(1, 2),
    accounts=st.integers(1, 2),
    delay=st.integers(0, 1),
    splits=st.just(0),
    honest=st.just(True),
    leaps=st.integers(1, 4),
)


def production(draw: Draw) -> Case:
    """A case whose accounts keep what production keeps for fees."""
    drawn = case(draw)
    kept_u = fee_reserve_u(fees_of(drawn))
    return replace(drawn, limits=[replace(one, fee_reserve_u=kept_u) for one in drawn.limits])


def numbered(number: int) -> Draw:
    """A fixed series of leaping markets."""
    return Draw(
        number, 20 + number % 40, 1 + number % 2, 1, number // 2 % 2, 0, honest=True, leaps=3
    )


@pytest.mark.proof
@given(leaping)
@settings(max_examples=300)
def test_cash_goes_below_zero_only_where_something_naked_has_more_than_doubled(draw: Draw) -> None:
    check(production(draw))


@pytest.mark.proof
def test_a_debit_is_reached_and_shown() -> None:
    assert sum(check(production(numbered(number))) for number in range(120)) > 0
