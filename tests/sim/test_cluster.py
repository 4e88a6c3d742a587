"""What a cluster's worker does, without a cluster; `tests/app/test_sweep.py` has one."""

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parity.shipped import shipped
from underwriter.core.errors import InputError
from underwriter.market.beside import Lens
from underwriter.market.slab import Slab
from underwriter.market.slab_store import kept_slab, stored_slab
from underwriter.sim import cluster
from underwriter.sim.sweep import Room, outcomes


@pytest.fixture
def carried(tmp_path: Path) -> dict[str, bytes | Path]:
    """The demo's slab as it goes by the network, and as it is read from shared storage."""
    slab = shipped("wheel-index").slab
    kept_slab(tmp_path, "demo", lambda: slab)
    return {"sent": pickle.dumps(slab), "stored": tmp_path / "demo"}


def half_barred(slab: Slab) -> Lens:
    """A lens that keeps the name out of the first half of the sessions."""
    sessions, underlyings = slab.market.bars.shape
    admitted = np.ones((sessions, underlyings), np.int64)
    admitted[: sessions // 2] = 0
    return Lens(admitted, np.zeros_like(admitted), np.zeros(underlyings, np.int64))


@pytest.mark.parametrize("how", ["sent", "stored"])
def test_a_worker_finds_what_is_found_here(carried: dict[str, bytes | Path], how: str) -> None:
    found = shipped("wheel-index")
    setups = [replace(found.setup, seats=found.setup.seats[:count]) for count in (1, 2)]
    setups.append(replace(found.setup, lens=half_barred(found.slab)))
    here = np.asarray(outcomes(Room(found.slab), setups))
    assert 0 < here[2]["campaigns"] < here[1]["campaigns"]
    cluster._hold("demo", carried[how], None)
    number, there = cluster._work("demo", 7, pickle.dumps(setups))
    assert (number, there) == (7, here.tobytes())
    assert cluster._rows(there)[1].campaigns == here[1]["campaigns"]
    cluster._let_go("demo", None)
    assert not cluster._SLABS


def test_what_is_not_stored_is_sent(tmp_path: Path) -> None:
    assert stored_slab(tmp_path / "nowhere") is None
    assert not cluster._reads(tmp_path / "nowhere")


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as refusal:
        cluster._distributed()
    assert str(refusal.value) == (
        "--cluster: found no package distributed; install it with: "
        "pip install 'underwriter[cluster]'"
    )
