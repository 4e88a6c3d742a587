"""Over any history that brokers tell: cash = economic result = tax, and every posting balances."""

import copy
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.broker_histories import STEPS, History, Step
from underwriter.book.amend import amended
from underwriter.book.chart import Chart
from underwriter.book.event import CapitalReturned, Converted, DividendReceived, LegEvent
from underwriter.book.fold import EMPTY, fold
from underwriter.book.past import Paid, flow_u
from underwriter.book.postings import transactions
from underwriter.book.tax import Reading, Treatment
from underwriter.book.tax_rules import rules_of


@given(STEPS)
def test_t76_balances_are_what_flowed_and_never_drift(steps: list[Step]) -> None:
    history = History(steps)
    flows: Counter[tuple[str, str]] = Counter()
    for event in amended(history.events):
        if isinstance(event, LegEvent | DividendReceived | CapitalReturned | Paid):
            flows[event.account, event.currency] += flow_u(event)
        if isinstance(event, Converted):
            flows[event.account, event.into] += event.into_u
    for (account, currency), amount_u in flows.items():
        assert history.book.balance_u(account, currency) == amount_u


def sleeve_flows(history: History) -> int:
    """What sleeves paid and received, in kind too."""
    found = 0
    for event in amended(history.events):
        if isinstance(event, LegEvent):
            found += event.amount_u - event.fee_u
        elif isinstance(event, DividendReceived | CapitalReturned):
            found += event.amount_u
    return found


@given(STEPS)
def test_t76_results_of_campaigns_are_the_cash_of_sleeves(steps: list[Step]) -> None:
    history = History(steps)
    sleeves = history.book.state.sleeves
    assert sum(one.money_u for one in history.book.tallies.values()) == sleeve_flows(history)
    assert sum(int(each.credit_u + each.realised_u) for each in sleeves) == sleeve_flows(history)


@pytest.mark.parametrize("deferred", [False, True])
@given(STEPS)
def test_t76_t78_tax_is_the_cash_that_flowed(deferred: bool, steps: list[Step]) -> None:  # noqa: FBT001
    history = History(steps)
    treatment = Treatment(accounts={"ira": "us_deferred"} if deferred else {})
    told = sorted(amended(history.events), key=lambda event: event.session)
    reading = Reading(rules_of(2026), treatment)
    reading.take_all(told)
    dividends = sum(e.amount_u for e in told if isinstance(e, DividendReceived))
    taxed = sum(closing.taxed_u for closing in reading.closings)
    lots = sum(lot.money_u for held in reading.lots.open.values() for lot in held)
    left_u, lost_u = reading.lots.left_u, reading.washes.lost_u
    assert taxed + lots + left_u - lost_u + dividends == sleeve_flows(history)


@given(STEPS)
def test_t80_every_posting_balances_and_cash_is_the_folds(steps: list[Step]) -> None:
    history = History(steps)
    chart = Chart()
    cash: Counter[tuple[str, str]] = Counter()
    for each in transactions(history.events, chart):
        assert sum(one.weight_u for one in each.postings) == 0
        for one in each.postings:
            if one.opened is None:
                cash[one.account, one.commodity] += one.units
    for account in history.book.accounts:
        for currency in ("USD", "EUR", "BTC"):
            found = cash[chart.cash(account), currency]
            assert found == history.book.balance_u(account, currency)


@given(STEPS, st.integers(0, 30))
def test_t82_a_history_cut_in_two_folds_to_the_same_book(steps: list[Step], cut: int) -> None:
    events = History(steps).events
    assert fold(events[cut:], fold(events[:cut])) == fold(events)


@given(STEPS, st.integers(0, 30))
def test_t82_a_book_stays_as_it_is_whatever_follows_it(steps: list[Step], cut: int) -> None:
    events = History(steps).events
    earlier = fold(events[:cut])
    before = copy.deepcopy(earlier)
    fold(events[cut:], earlier)
    assert earlier == before


@given(STEPS)
def test_t82_event_by_event_a_history_folds_to_the_same_book(steps: list[Step]) -> None:
    events, book = History(steps).events, EMPTY
    for event in events:
        book = fold([event], book)
    assert book == fold(events)
    assert list(book.tallies) == list(fold(events).tallies)


@given(STEPS)
def test_t19_what_is_corrected_folds_to_what_it_truly_was(steps: list[Step]) -> None:
    history = History(steps)
    true = fold(amended(history.events))
    assert true.strays == ()
    for name in ("shares", "legs", "credit_u", "realised_u", "contract", "quantity", "amount_u"):
        held = [getattr(each.state.sleeves, name) for each in (true, history.book)]
        assert held[0].tolist() == held[1].tolist()
