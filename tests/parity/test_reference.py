"""The engine does what the rules say: the plain reference backtest agrees to the millionth."""

import pytest
from hypothesis import given, settings

from parity.carried import carried
from parity.columns import Outcome, expected, market_of, run_engine, setup_of
from parity.strategies import Draw, case, draws, numbered
from reference.given import CALL, COLLAR, PUT, WHEEL, Case
from reference.plain import Backtest, Event
from underwriter.core import reason

SERIES = 240  # cases that must reach everything between them

SIDES = {PUT: "put", CALL: "call"}

HAPPEN = {
    "assigned call", "assigned call early", "assigned put", "assigned put early",
    "bought call", "bought put", "bought shares", "deposit", "dividend", "expired call",
    "expired put", "interest", "moved call", "moved put", "settled call", "settled call early",
    "settled put", "settled put early", "sold call", "sold put", "sold shares", "split call",
    "split put", "split shares",
}  # fmt: skip

STRATEGIES = range(WHEEL, COLLAR + 1)


def assert_same(found: Outcome, wanted: Outcome) -> None:
    """Name the first line that differs, not two whole runs."""
    for name in Outcome._fields:
        ours, theirs = getattr(found, name), getattr(wanted, name)
        for at, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            assert one == other, f"{name}[{at}]: engine {one}, reference {other}"
        assert len(ours) == len(theirs), name


def agree(drawn: Case) -> Backtest:
    """Run both over one case; what the reference made of it."""
    run = Backtest(drawn).run()
    assert_same(run_engine(market_of(drawn), setup_of(drawn)), expected(run))
    return run


def happening(drawn: Case, event: Event) -> str:
    """What an event is an example of."""
    if event.contract is None:
        traded = "bought shares" if event.shares > 0 else "sold shares"
        return {"fill": traded, "split": "split shares"}.get(event.kind, event.kind)
    side = SIDES[event.contract.right]
    if event.kind == "fill":
        return f"{'sold' if event.quantity < 0 else 'bought'} {side}"
    day = drawn.sessions[event.session].day
    early = event.kind in {"assigned", "settled"} and event.contract.expiry > day
    return f"{event.kind} {side}{' early' if early else ''}"


def reached(count: int) -> tuple[set[str], set[str], set[int]]:
    """What the fixed series comes to: events, reasons, and strategies that were opened."""
    events: set[str] = set()
    reasons: set[str] = set()
    opened: set[int] = set()
    for number in range(count):
        drawn = case(numbered(number))
        run = Backtest(drawn).run()
        events |= {happening(drawn, event) for event in run.log}
        for one in run.verdicts:
            reasons |= {one.wish, one.verdict}
            if one.wish.startswith("entry") and one.verdict == "approved":
                opened.add(drawn.policies[drawn.sleeves[one.sleeve][2]].strategy)
    return events, reasons, opened


@given(draws)
@settings(max_examples=30)
def test_the_engine_agrees_with_the_plain_reference(draw: Draw) -> None:
    agree(case(draw))


@pytest.mark.parametrize("number", [7, 16, 24])
def test_shares_that_an_account_can_carry_leave_through_long_legs(number: int) -> None:
    """On the session after, not on the evening of their assignment."""
    found = [one for one in agree(carried(case(numbered(number)))).verdicts if one.parts]
    assert [one for one in found if (one.wish, one.verdict) == ("unwind", "approved")]


@pytest.mark.proof
@given(draws)
@settings(max_examples=60)
def test_the_engine_agrees_where_accounts_can_carry_their_shares(draw: Draw) -> None:
    agree(carried(case(draw)))


@pytest.mark.proof
@given(draws)
@settings(max_examples=200)
def test_the_engine_agrees_on_many_more_markets(draw: Draw) -> None:
    agree(case(draw))


@pytest.mark.proof
def test_random_markets_reach_everything() -> None:
    events, reasons, opened = reached(SERIES)
    assert events == HAPPEN
    desks = {"guard", "hand"}  # which no backtest has
    assert reasons == set(reason.NAMES.values()) - desks | {"approved"}
    assert opened == set(STRATEGIES)
