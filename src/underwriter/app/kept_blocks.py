"""Blocks of a sweep that are done, kept on disk, so that a sweep goes on where it was cut off.

    cache/sweeps/3f2a.../block-000012.npy

The folder is named by everything that a figure depends on, so what is found there is never of
another policy, grid, slab, account or code.  A block is put in place by renaming a finished file.
The folders that were not asked for longest give way to new ones.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np

from underwriter.core.record import Rows, layout
from underwriter.market.slab_store import longest_ago
from underwriter.sim.sweep import Outcome

SWEEPS = Path("cache") / "sweeps"  # below the home
KEPT = 16  # sweeps


class Blocks:
    """The blocks of one sweep that are done."""

    def __init__(self, home: Path, name: str, sizes: Iterable[int]) -> None:
        self.folder = home / SWEEPS / name
        self.folder.mkdir(parents=True, exist_ok=True)
        os.utime(self.folder)
        _prune(self.folder.parent)
        kept = ((number, self._read(number, size)) for number, size in enumerate(sizes))
        self.found = {number: block for number, block in kept if block is not None}

    def keep(self, number: int, block: Rows[Outcome]) -> None:
        """Keep a block that is done."""
        part, name = tempfile.mkstemp(dir=self.folder, prefix=".block-")
        with os.fdopen(part, "wb") as file:
            np.save(file, np.asarray(block))
        Path(name).replace(self._place(number))
        self.found[number] = block

    def _place(self, number: int) -> Path:
        """Where a block is kept."""
        return self.folder / f"block-{number:06d}.npy"

    def _read(self, number: int, size: int) -> Rows[Outcome] | None:
        """A block as it was kept; None where there is none, or none that can be used."""
        try:
            found: Any = np.load(self._place(number))
        except (OSError, ValueError, EOFError):
            return None
        rows = layout(Outcome)
        if found.shape != (size,) or found.dtype.names != rows.names:
            return None
        return cast("Rows[Outcome]", found.astype(rows).view(np.recarray))


def _prune(folder: Path) -> None:
    """Let go of the sweeps that were not asked for longest."""
    for path in longest_ago((each for each in folder.iterdir() if each.is_dir()), KEPT):
        shutil.rmtree(path, ignore_errors=True)
