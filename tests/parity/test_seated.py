"""Proof 4, to the rows: trace -> events -> journal's form -> fold -> seats is the engine's book."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.columns import market_of, setup_of
from parity.strategies import case, numbered
from reference.given import (
    CALL_SPREAD,
    CASH_SECURED_PUT,
    COLLAR,
    COVERED_CALL,
    IRON_CONDOR,
    PUT_SPREAD,
    STRANGLE,
    WHEEL,
    Case,
)
from runs import slab_of
from sim.test_trace import labels, traced
from underwriter.book.event import AnyEvent
from underwriter.book.fold import Instrument, fold
from underwriter.book.seated import Names, take_seats
from underwriter.core.errors import InputError
from underwriter.core.sleeve import NEVER, BookState, is_flat
from underwriter.market.slab import Slab
from underwriter.sim.backtest import Run, Setup, run, seated

# a numbered case of each strategy that ends with a position of it, which the test sees for itself
HOLDING = {
    WHEEL: 12, CASH_SECURED_PUT: 10, COVERED_CALL: 30, PUT_SPREAD: 19, CALL_SPREAD: 50,
    IRON_CONDOR: 1, STRANGLE: 107, COLLAR: 21,
}  # fmt: skip
HINT = "row"  # where a leg was last quoted, which no decision relies on


def names_of(slab: Slab, setup: Setup) -> Names:
    """What the numbers of a run stand for."""
    known = labels(slab, setup)
    instruments = tuple(Instrument(one.symbol, one.root) for one in slab.instruments)
    return Names(known.accounts, tuple(name for _, name, _ in known.policies), instruments)


def taken(events: list[AnyEvent], slab: Slab, setup: Setup) -> BookState:
    """The seats of a setup, filled by the events of its run."""
    state = seated(setup, len(slab.instruments))
    take_seats(fold(events), state, names_of(slab, setup))
    days = [session.day for session in slab.market.sessions]
    for sleeve in state.sleeves:
        if sleeve.lost != NEVER:  # a book counts days where a run counts sessions
            sleeve.lost = days.index(sleeve.lost)
    return state


def ended(drawn: Case) -> tuple[Run, Slab, Setup]:
    """A case as the engine ran it."""
    slab, setup = slab_of(market_of(drawn)), setup_of(drawn)
    return run(slab, setup), slab, setup


def fields(rows: Any) -> dict[str, list]:  # noqa: ANN401  rows of any record
    """The columns of rows by name, but for the hint."""
    return {name: rows[name].tolist() for name in rows.dtype.names if name != HINT}


def assert_same(found: BookState, engine: BookState, setup: Setup) -> None:
    """Every field of every row that a decision of these seats may read."""
    assert fields(found.sleeves) == fields(engine.sleeves)
    assert fields(found.accounts) == fields(engine.accounts)
    for policy, underlying in {(seat.policy, seat.underlying) for seat in setup.seats}:
        at = policy, underlying
        assert found.regimes[at].tolist() == engine.regimes[at].tolist()
    seats = sorted({seat.underlying for seat in setup.seats})
    assert np.array_equal(found.exposure_u[:, seats], engine.exposure_u[:, seats])


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_folded_book_takes_the_engines_seats(number: int) -> None:
    found, slab, setup = ended(case(numbered(number)))
    assert_same(taken(traced(found, slab, setup), slab, setup), found.book, setup)


def holds(found: Run, drawn: Case, strategy: int) -> bool:
    """Whether a sleeve of a strategy holds something at the end."""
    return any(
        drawn.policies[one.policy].strategy == strategy and not is_flat(one)
        for one in found.book.sleeves
    )


@pytest.mark.parametrize(("strategy", "number"), HOLDING.items())
def test_every_strategys_position_takes_its_seat(strategy: int, number: int) -> None:
    drawn = case(numbered(number))
    found, slab, setup = ended(drawn)
    assert holds(found, drawn, strategy)
    assert_same(taken(traced(found, slab, setup), slab, setup), found.book, setup)


def test_no_strategy_is_left_out() -> None:
    assert set(HOLDING) == set(range(WHEEL, COLLAR + 1))


def test_a_position_without_a_seat_is_refused() -> None:
    """A policy that has fewer rungs than the book holds would forget a position."""
    found, slab, setup = ended(case(numbered(HOLDING[WHEEL])))
    names = names_of(slab, setup)
    other = names._replace(policies=tuple(f"{name} of today" for name in names.policies))
    with pytest.raises(InputError, match="expected every sleeve that holds something"):
        take_seats(fold(traced(found, slab, setup)), seated(setup, len(slab.instruments)), other)


def test_an_account_that_is_not_there_is_refused() -> None:
    found, slab, setup = ended(case(numbered(0)))
    names = names_of(slab, setup)
    other = names._replace(accounts=("elsewhere",) * len(names.accounts))
    flat = fold(
        event for event in traced(found, slab, setup) if "sleeve" not in event.__struct_fields__
    )
    with pytest.raises(InputError, match="expected elsewhere"):
        take_seats(flat, seated(setup, len(slab.instruments)), other)
