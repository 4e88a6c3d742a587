"""Slabs on disk: the same after as before, mapped, made once, and let go when there are many."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from conftest import HOME
from underwriter.core.record import Rows
from underwriter.market import slab_store
from underwriter.market.calendar import load_calendar
from underwriter.market.history import Bars
from underwriter.market.instrument import SPX_TICKS, Instrument
from underwriter.market.slab import Listing, Rates, Slab, build_slab
from underwriter.market.slab_store import KEPT, kept_slab, longest_ago


@pytest.fixture
def slab() -> Slab:
    """A demo's slab would do; a small one does as well."""
    return _made(1.0)


def _made(bid: float) -> Slab:
    calendar = load_calendar("XNYS", HOME)
    day = calendar.between(19_000, 19_030)
    nothing = np.full(len(day), np.nan)
    bars = Bars(day, nothing, nothing, nothing, np.full(len(day), 100.0), 0)
    quotes = pl.DataFrame(
        {
            "session": np.repeat(day, 2).astype(np.int32),
            "expiry": np.full(2 * len(day), 19_060, np.int32),
            "right": np.tile(np.array([0, 1], np.int8), len(day)),
            "strike": np.full(2 * len(day), 95.0),
            "bid": np.full(2 * len(day), bid),
            "ask": np.full(2 * len(day), 1.10),
            "delta": np.full(2 * len(day), -0.25, np.float32),
            "iv": np.full(2 * len(day), 0.2, np.float32),
        }
    )
    index = Instrument("SPXW", "SPXW", "european", "cash-pm", SPX_TICKS)
    none = np.empty(0, np.int32), np.empty(0)
    listing = replace(Listing(index, bars, *none, quotes), origin="quoted")
    return build_slab([listing], Rates(np.zeros(len(day)), nothing), calendar)


def _same(one: Rows, other: Rows) -> bool:
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_a_kept_slab_is_the_slab_to_the_byte(tmp_path: Path, slab: Slab) -> None:
    for _ in range(2):  # when it is made, and when it is found
        found = kept_slab(tmp_path, "one", lambda: slab)
        assert all(_same(*pair) for pair in zip(found.market, slab.market, strict=True))
        assert [table.dtype for table in found.market] == [table.dtype for table in slab.market]
        assert all(np.asarray(table).dtype.isalignedstruct for table in found.market)
        assert (found.instruments, found.origins) == (slab.instruments, ("quoted",))


def test_it_is_built_once_and_mapped_afterwards(tmp_path: Path, slab: Slab) -> None:
    made = []

    def build() -> Slab:
        made.append(1)
        return slab

    for _ in range(3):
        found = kept_slab(tmp_path, "one", build)
    assert made == [1]
    assert isinstance(np.asarray(found.market.quotes).base, np.memmap | np.recarray)


def test_what_a_run_writes_into_it_is_its_own(tmp_path: Path, slab: Slab) -> None:
    first = kept_slab(tmp_path, "one", lambda: slab)
    first.market.quotes[0].bid_u = 7
    assert kept_slab(tmp_path, "one", lambda: slab).market.quotes[0].bid_u == 1_000_000


def test_another_name_is_another_slab(tmp_path: Path) -> None:
    bids = [
        kept_slab(tmp_path, name, lambda bid=bid: _made(bid)).market.quotes[0].bid_u
        for name, bid in (("one", 1.00), ("other", 0.95))
    ]
    assert bids == [1_000_000, 950_000]


def test_a_slab_that_another_process_half_removed_is_made_again(tmp_path: Path, slab: Slab) -> None:
    kept_slab(tmp_path, "one", lambda: slab)
    (tmp_path / "one" / "bars.npy").unlink()
    assert _same(kept_slab(tmp_path, "one", lambda: slab).market.bars, slab.market.bars)


def test_a_slab_that_was_cut_off_while_it_was_written_is_made_again(
    tmp_path: Path, slab: Slab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(slab_store.json, "dumps", interrupted)
        with pytest.raises(KeyboardInterrupt):
            kept_slab(tmp_path, "one", lambda: slab)
    assert list(tmp_path.iterdir()) == []
    assert _same(kept_slab(tmp_path, "one", lambda: slab).market.bars, slab.market.bars)


def test_the_ones_asked_for_longest_ago_are_let_go(tmp_path: Path, slab: Slab) -> None:
    for number in range(KEPT):
        kept_slab(tmp_path, f"{number}", lambda: slab)
        os.utime(tmp_path / f"{number}", ns=(number, number))  # files have coarse clocks
    kept_slab(tmp_path, "0", lambda: slab)
    kept_slab(tmp_path, "new", lambda: slab)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted(["0", "new", *(f"{number}" for number in range(2, KEPT))])


def test_what_a_process_left_that_was_killed_while_it_let_go_is_in_nobodys_way(
    tmp_path: Path, slab: Slab
) -> None:
    kept_slab(tmp_path, "one", lambda: slab)
    (tmp_path / "one" / "slab.json").unlink()
    assert _same(kept_slab(tmp_path, "one", lambda: slab).market.bars, slab.market.bars)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_slab_is_gone_at_once_and_never_in_part(
    tmp_path: Path, slab: Slab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks while it is removed makes it anew."""
    monkeypatch.setattr(slab_store, "KEPT", 1)
    kept_slab(tmp_path, "one", lambda: slab)
    os.utime(tmp_path / "one", ns=(1, 1))
    seen, remove = [], shutil.rmtree

    def looking(path: Path, **how: bool) -> None:
        if path.name.startswith((".one", "one")):
            seen.append((tmp_path / "one").exists())
        remove(path, **how)

    monkeypatch.setattr(shutil, "rmtree", looking)
    kept_slab(tmp_path, "other", lambda: slab)
    assert seen == [False]
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_of_folders_that_another_process_removes_meanwhile_none_is_in_the_way(
    tmp_path: Path,
) -> None:
    def found() -> Iterator[Path]:
        for name in ("old", "gone", "new"):
            (tmp_path / name).mkdir()
            os.utime(tmp_path / name, ns=(1, 2 if name == "new" else 1))
        (tmp_path / "gone").rmdir()
        yield from (tmp_path / name for name in ("new", "gone", "old"))

    assert longest_ago(found(), 1) == [tmp_path / "old"]
