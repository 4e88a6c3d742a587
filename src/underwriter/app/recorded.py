"""What each session was decided on, kept beside a desk for `shadow`: one slab a session.

    slabs/2026-02-03/quotes.npy sessions.npy bars.npy terms.npy slab.json

It is written before the decision is, and never changed: a session that is there already stays as it
is, unless nothing was decided on it.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from underwriter.core.units import day_of
from underwriter.market.slab import Slab
from underwriter.market.slab_store import keep_slab

Recorder = Callable[[int, Slab], None]


def recorder(folder: Path) -> Recorder:
    """Keeps the slab of a session below a folder."""

    def record(session: int, slab: Slab) -> None:
        place = folder / str(day_of(session))
        shutil.rmtree(place, ignore_errors=True)  # of a process that died before it decided
        keep_slab(place, slab)

    return record
