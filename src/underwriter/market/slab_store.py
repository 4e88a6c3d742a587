"""Slabs kept on disk: made once, then mapped into memory, so that workers share one copy.

    slabs/3f2a.../quotes.npy sessions.npy bars.npy terms.npy slab.json

A slab is kept under a name made of everything it was made from, so a stored one is never stale;
it is put in place by renaming a finished folder.  The folders that were not asked for longest give
way to new ones: whatever is lost here is made again.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from underwriter.core.chain import Bar, Market, Quote, Session, Terms
from underwriter.core.record import Row, layout
from underwriter.market.instrument import Instrument, Ticks
from underwriter.market.slab import Slab

KEPT = 8  # slabs; one of five years of a busy underlying takes 160 MB
_NAMES = "slab.json"
_ROWS: dict[str, type[Row]] = {
    "quotes": Quote,
    "sessions": Session,
    "bars": Bar,
    "terms": Terms,
}


def kept_slab(folder: Path, name: str, build: Callable[[], Slab]) -> Slab:
    """The slab of this name below `folder`, built and kept where it is not there yet.

    A stored slab is mapped copy-on-write: what a run would write into it is its own.
    """
    place = folder / name
    while True:
        if not (place / _NAMES).is_file():
            keep_slab(place, build())
            _prune(folder)
        try:
            os.utime(place)
            return _mapped(place)
        except FileNotFoundError:  # another process is letting go of it
            _let_go(place)


def stored_slab(place: Path) -> Slab | None:
    """The slab that is kept at a place, mapped into memory; None where there is none."""
    return _mapped(place) if (place / _NAMES).is_file() else None


def keep_slab(place: Path, slab: Slab) -> None:
    """Write a slab beside its place and rename it there, unless another process was faster."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name, table in slab.market._asdict().items():
            np.save(part / f"{name}.npy", np.asarray(table))
        told = {
            "instruments": [asdict(each) for each in slab.instruments],
            "origins": slab.origins,
        }
        (part / _NAMES).write_text(json.dumps(told), encoding="utf-8")
        part.chmod(0o755)
        try:
            part.rename(place)
        except OSError:
            if not (place / _NAMES).is_file():  # what is left of one: who let go of it was killed
                _let_go(place)
                part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _mapped(place: Path) -> Slab:
    """A stored slab, its rows mapped into memory."""
    told = json.loads((place / _NAMES).read_text(encoding="utf-8"))
    tables: dict[str, Any] = {
        name: np.load(place / f"{name}.npy", mmap_mode="c").view(layout(row)).view(np.recarray)
        for name, row in _ROWS.items()  # the file forgets that rows are aligned; kernels do not
    }
    instruments = tuple(
        Instrument(**{**each, "ticks": Ticks(**each["ticks"])}) for each in told["instruments"]
    )
    return Slab(Market(**tables), instruments, tuple(told["origins"]))


def _prune(folder: Path) -> None:
    """Let go of the slabs that were not asked for longest."""
    for path in longest_ago((each for each in folder.iterdir() if (each / _NAMES).is_file()), KEPT):
        _let_go(path)


def longest_ago(folders: Iterable[Path], most: int) -> list[Path]:
    """Those beyond so many that were not asked for longest; another process may remove some."""
    asked = []
    for folder in folders:
        with suppress(FileNotFoundError):
            asked.append((folder.stat().st_mtime_ns, folder))
    return [folder for _, folder in sorted(asked)[:-most]]


def _let_go(place: Path) -> None:
    """Remove a slab, first from its place, so that nobody finds a part of it there."""
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    with suppress(FileNotFoundError):
        place.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
