"""Over any history: cash flows = results that were taxed + money of the lots that are open."""

from collections import Counter

import pytest
from hypothesis import given

from book.tax_histories import SEATS, STEPS, History, Step
from underwriter.book.event import Filled, LegEvent, Split
from underwriter.book.lot_order import Order, fifo, hifo
from underwriter.book.tax import Reading, Treatment
from underwriter.book.tax_rules import rules_of


def read(history: History, treatment: Treatment) -> Reading:
    reading = Reading(rules_of(2026), treatment)
    reading.take_all(history.events)
    return reading


@pytest.mark.parametrize("order", [fifo, hifo])
@pytest.mark.parametrize("folds", [True, False])
@given(STEPS)
def test_t76_t79_taxed_results_and_open_lots_are_the_cash_that_flowed(
    order: Order, folds: bool, steps: list[Step]  # noqa: FBT001
) -> None:  # fmt: skip
    history = History(steps)
    reading = read(history, Treatment(order, folds))
    flowed = sum(e.amount_u - e.fee_u for e in history.events if isinstance(e, LegEvent))
    results = sum(closing.taxed_u for closing in reading.closings)
    lots = [lot for held in reading.lots.open.values() for lot in held]
    assert results + sum(lot.money_u for lot in lots) == flowed


@given(STEPS)
def test_the_lots_of_an_account_are_what_its_sleeves_hold(steps: list[Step]) -> None:
    history = History(steps)
    reading = read(history, Treatment())
    held: Counter[tuple[str, str, str | None]] = Counter()
    for (sleeve, option), quantity in history.held.items():
        account, underlying = SEATS[sleeve]
        held[account, underlying, option] += quantity
    lots = {
        (account, *asset): sum(lot.quantity for lot in open_)
        for (account, asset), open_ in reading.lots.open.items()
    }
    assert lots == {key: quantity for key, quantity in held.items() if quantity}


@given(STEPS)
def test_t79_no_loss_is_put_off_beyond_itself_and_no_gain_at_all(steps: list[Step]) -> None:
    reading = read(History(steps), Treatment())
    for closing in reading.closings:
        assert 0 <= closing.disallowed_u <= max(-closing.gain_u, 0)
        assert closing.asset.underlying != "SPX" or closing.disallowed_u == 0
        assert closing.since <= closing.opened


def test_the_histories_reach_what_they_are_for() -> None:
    """A sale of three quarters of two lots, one of them of an account that split."""
    steps = [Step("shares", 0, 0, 2, 60_000_000, 7, 0), Step("shares", 1, 0, 2, 50_000_001, 7, 3),
             Step("split", 0, 0, 1, 0, 0, 1), Step("shares", 0, 0, -6, 20_000_000, 3, 2),
             Step("option", 0, 0, -1, 1_000_000, 0, 1), Step("assigned", 0, 0, 1, 60_000_000, 0, 5),
             ]  # fmt: skip
    history = History(steps)
    assert [type(e) for e in history.events[4:]].count(Split) == 2
    assert [type(e) for e in history.events[4:]].count(Filled) == 4
    reading = read(history, Treatment())
    assert [one.quantity for one in reading.closings] == [132, 66]
    assert all(one.disallowed_u for one in reading.closings)
