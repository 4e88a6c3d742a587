"""Rows piled up and taken: the same, by underlying and year, whatever way they came."""

import datetime as dt
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from polars.testing import assert_frame_equal

from market.lake.quotes import chain
from underwriter.market.lake.order import ordered
from underwriter.market.lake.pile import Pile, Stack

DAYS = [dt.date(2014, 12, 30), dt.date(2014, 12, 31), dt.date(2015, 1, 2), dt.date(2017, 1, 3)]
WHOLE = pl.concat([chain(DAYS, name, name) for name in ("SPY", "ABC")]).with_columns(
    line=pl.int_range(pl.len())
)


def taken(pile: Pile, parts: list[pl.DataFrame]) -> list[Stack]:
    """The stacks of some parts."""
    for part in parts:
        pile.add(part)
    return list(pile.stacks())


def require_all(stacks: list[Stack]) -> None:
    """All rows, each in the stack of its underlying and year, in order."""
    names = [(stack.underlying, stack.year) for stack in stacks]
    assert names == [(name, year) for name in ("ABC", "SPY") for year in (2014, 2015, 2017)]
    for stack in stacks:
        assert stack.chain["underlying"].unique().to_list() == [stack.underlying]
        assert stack.chain["date"].dt.year().unique().to_list() == [stack.year]
    assert_frame_equal(pl.concat([stack.chain for stack in stacks]), ordered(WHOLE))


@given(some.permutations(range(WHOLE.height)), some.lists(some.integers(1, 47), max_size=6))
def test_in_any_order_and_any_parts(rows: list[int], cuts: list[int]) -> None:
    ends = sorted({0, *cuts, WHOLE.height})
    mixed = WHOLE[rows]
    parts = [mixed[start:end] for start, end in pairwise(ends)]
    stacks = taken(Pile(Path("nowhere")), parts)
    mended = [
        stack._replace(chain=stack.chain.sort("date", "right", "expiry", "strike"))
        for stack in stacks
    ]
    require_all(mended)
    assert_frame_equal(pl.concat([stack.chain for stack in stacks]), ordered(mixed))


@given(some.lists(some.integers(1, 23), max_size=6))
def test_parts_that_follow_one_another_through_a_day(cuts: list[int]) -> None:
    one = ordered(chain(DAYS))
    ends = sorted({0, *cuts, one.height})
    parts = [one[start:end] for start, end in pairwise(ends)]
    mixed = [part.sample(fraction=1.0, shuffle=True, seed=5) for part in parts]
    found = pl.concat([stack.chain for stack in taken(Pile(Path("nowhere")), mixed)])
    assert_frame_equal(found, one)


@pytest.mark.parametrize("most", [1, 7, 20, 47])
def test_more_than_memory_holds_goes_to_disk(tmp_path: Path, most: int) -> None:
    pile = Pile(tmp_path / "parts", most)
    require_all(taken(pile, [WHOLE[at : at + 5] for at in range(0, WHOLE.height, 5)]))
    assert list((tmp_path / "parts").iterdir()) == []


def test_what_memory_holds_never_touches_the_disk(tmp_path: Path) -> None:
    require_all(taken(Pile(tmp_path / "parts"), [WHOLE]))
    assert not (tmp_path / "parts").exists()


def test_nothing_gives_nothing(tmp_path: Path) -> None:
    assert taken(Pile(tmp_path), [WHOLE.clear()]) == []
