"""The engine does what the rules say: the plain reference backtest agrees to the millionth."""

from collections import Counter

import pytest
from hypothesis import given, settings

from parity.columns import Outcome, expected, market_of, run_engine, setup_of
from parity.strategies import Draw, case, draws, numbered
from reference.given import CALL, PUT, Case
from reference.plain import Backtest, Event

SERIES = 240  # cases that must reach every branch between them

SIDES = {PUT: "put", CALL: "call"}

HAPPEN = {
    "assigned call", "assigned call early", "assigned put", "assigned put early",
    "bought call", "bought put", "deposit", "dividend", "expired call", "expired put",
    "interest", "settled put", "settled put early", "sold call", "sold put", "sold shares",
    "split call", "split put", "split shares",
}  # fmt: skip

DECIDED = {
    "entry_put approved", "entry_put halt", "entry_put risk", "entry_put underlying",
    "entry_put short_puts", "entry_put cash", "entry_put no_quote", "entry_put lapsed",
    "entry_call approved", "entry_call no_quote", "entry_call lapsed",
    "take_profit approved", "take_profit lapsed", "take_profit no_quote",
    "time_exit approved", "time_exit lapsed", "time_exit no_quote", "time_exit cash",
    "release approved", "release lapsed", "regime", "no_candidate", "breakeven",
}  # fmt: skip


def assert_same(found: Outcome, wanted: Outcome) -> None:
    """Name the first line that differs, not two whole runs."""
    for name in Outcome._fields:
        ours, theirs = getattr(found, name), getattr(wanted, name)
        for at, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            assert one == other, f"{name}[{at}]: engine {one}, reference {other}"
        assert len(ours) == len(theirs), name


def agree(draw: Draw) -> None:
    """Run both over one case."""
    drawn = case(draw)
    found = run_engine(market_of(drawn), setup_of(drawn))
    assert_same(found, expected(Backtest(drawn).run()))


def happening(drawn: Case, event: Event) -> str:
    """What an event is an example of."""
    if event.contract is None:
        return {"fill": "sold shares", "split": "split shares"}.get(event.kind, event.kind)
    side = SIDES[event.contract.right]
    if event.kind == "fill":
        return f"{'sold' if event.quantity < 0 else 'bought'} {side}"
    if event.kind == "split":
        return f"split {side}"
    early = event.contract.expiry > drawn.sessions[event.session].day
    return f"{event.kind} {side}{' early' if early else ''}"


def reached(count: int) -> Counter[str]:
    """How often each kind of event and each verdict came in the fixed series."""
    counts: Counter[str] = Counter()
    for number in range(count):
        drawn = case(numbered(number))
        run = Backtest(drawn).run()
        counts.update(happening(drawn, event) for event in run.log)
        counts.update(" ".join(dict.fromkeys((one.wish, one.verdict))) for one in run.verdicts)
    return counts


@given(draws)
@settings(max_examples=30)
def test_the_engine_agrees_with_the_plain_reference(draw: Draw) -> None:
    agree(draw)


@pytest.mark.proof
@given(draws)
@settings(max_examples=200)
def test_the_engine_agrees_on_many_more_markets(draw: Draw) -> None:
    agree(draw)


@pytest.mark.proof
def test_random_markets_reach_every_branch() -> None:
    counts = reached(SERIES)
    assert not (HAPPEN | DECIDED) - set(counts)
    assert not set(counts) - (HAPPEN | DECIDED)
