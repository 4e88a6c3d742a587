"""Rows out of their arrays: the same numbers, changed by the same source as the engine's."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from underwriter.book.loose import LooseState, is_flat
from underwriter.book.loose import record as record_loose
from underwriter.core import sleeve
from underwriter.core.contract import NONE, pack
from underwriter.core.sleeve import MOVED, ROLL_LONG, ROLL_SHORT, SLOTS, BookState, Fact, new_book

MONEY = st.integers(-(10**13), 10**13)
KEYS = st.builds(
    lambda right, strike: int(pack(1, 20_000, right, strike * 10**6)),
    st.integers(0, 1),
    st.integers(50, 60),
)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Of two accounts, two sleeves or none; a slot moves in only where one may."""
    kind = draw(st.integers(0, 9))
    slots = st.sampled_from([ROLL_SHORT, ROLL_LONG]) if kind == MOVED else st.integers(0, SLOTS - 1)
    return Fact(
        kind,
        session=draw(st.integers(0, 30_000)),
        account=draw(st.integers(0, 1)),
        sleeve=draw(st.integers(-1, 1)),
        slot=draw(slots),
        contract=draw(KEYS),
        quantity=draw(st.integers(-3, 3)),
        shares=draw(st.sampled_from([-100, 0, 0, 100])),
        amount_u=draw(MONEY),
        fee_u=draw(st.integers(0, 10**7)),
        price_u=0,
    )


def parts(state: BookState) -> list[tuple[Any, ...]]:
    """Every byte of a book."""
    arrays: Any = state
    return [(part.dtype, part.shape, part.tobytes()) for part in arrays]


@given(st.lists(facts(), max_size=30))
def test_what_a_fold_records_the_engine_records_to_the_bit(told: list[Fact]) -> None:
    """The engine's kernel, compiled unless it is told not to be, on arrays; its source on these."""
    engines, loose = new_book(2, 2, 1, 1), LooseState(new_book(2, 2, 1, 1))
    for fact in told:
        sleeve.record(engines, fact)
        record_loose(loose, fact)
        assert parts(loose.fixed()) == parts(engines)
        flat = [bool(sleeve.is_flat(engines.sleeves[at])) for at in range(2)]
        assert [is_flat(each) for each in loose.sleeves] == flat


SIZES = st.tuples(*(st.integers(0, 3) for _ in range(4)))


@given(SIZES, st.data())
def test_rows_taken_out_and_put_back_are_the_same(sizes: Any, data: st.DataObject) -> None:  # noqa: ANN401
    state: Any = new_book(*sizes)
    for part in state:
        numbers = part.view(np.ndarray).reshape(-1).view(np.int64)
        drawn = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=numbers.size)
        numbers[:] = data.draw(drawn)[: numbers.size]
    assert parts(LooseState(state).fixed()) == parts(state)


@given(SIZES)
def test_a_state_that_grew_is_as_one_that_began_so(sizes: Any) -> None:  # noqa: ANN401
    accounts, sleeves, policies, underlyings = sizes
    loose = LooseState(new_book(0, 0, 0, 0))
    for count, add in (
        (accounts, loose.add_account),
        (policies, loose.add_policy),
        (underlyings, loose.add_underlying),
    ):
        for _ in range(count):
            add()
    for _ in range(sleeves):
        loose.add_sleeve(0, 0, 0)
    assert parts(loose.fixed()) == parts(new_book(*sizes))
    assert all(key == NONE for each in loose.sleeves for key in each.contract)


def test_what_a_journal_holds_is_told_without_the_compiler() -> None:
    """Loading it takes longer than to fold a year of events."""
    program = (
        "import sys\nfrom book.told import opened, sold\nfrom underwriter.book.fold import fold\n"
        "from underwriter.book.positions import holdings\n"
        "print(len(holdings(fold([opened(), sold(1, '85')]))), 'numba' in sys.modules)"
    )
    environment = os.environ | {"UNDERWRITER_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]
