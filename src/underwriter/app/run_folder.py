"""A run's folder: made beside its place, then put there whole.

    runs/wheel-index/journal.db      the book, with its head beside it
    runs/wheel-index/report.html
    runs/wheel-index/summary.json
    sweeps/wheel-index/results.parquet     of a sweep, which has a report and a summary, too

A folder that holds anything else is somebody's, and is refused; so is a file in its place.  An
interrupted run leaves what was there before.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from underwriter.core.errors import InputError

RUNS = "runs"  # below the home
DESKS = "desk"  # likewise, of those that trade
REPLAYS = "replays"  # and of those that run over a history
DEMO = "underwriter-demo"  # in the current folder
JOURNAL = "journal.db"
REPORT = "report.html"
SUMMARY = "summary.json"
SWEEPS = "sweeps"  # below the home
RESULTS = "results.parquet"


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """A fresh folder to write a run into; it takes the place of `folder` when all went well.

    Raises InputError where `folder` is not a run's, or cannot be written.
    """
    check_place(folder)
    part = _beside(folder)
    try:
        yield part
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_place(folder: Path) -> None:
    """Refuse a place that holds what no run wrote."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError(f"{folder}: found a file or a link; expected a folder of a run, or none")
    strange = [path.name for path in folder.iterdir() if not _ours(path)] if folder.exists() else []
    if strange:
        raise InputError(
            f"{folder}: found {min(strange)}, which no run writes; expected a folder of a "
            "run, or none"
        )


def _ours(path: Path) -> bool:
    """Whether a run writes a file of this name: the journal has its head and log beside it."""
    return path.name in {REPORT, SUMMARY, RESULTS} or path.name.startswith(JOURNAL)


def _beside(folder: Path) -> Path:
    """A new, empty folder on the same disk."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{folder}: {found}; expected a place that can be written") from problem


def _put(part: Path, folder: Path) -> None:
    """Rename `part` to `folder`, what was there stepping aside first."""
    part.chmod(0o755)
    if not folder.exists():
        part.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    aside = old / folder.name
    try:
        folder.rename(aside)
        part.rename(folder)
    finally:
        if aside.exists() and not folder.exists():
            aside.rename(folder)  # interrupted in between: as it was
        shutil.rmtree(old, ignore_errors=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file beside its place and rename it there; InputError where that cannot be."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as beside:
            part = Path(beside) / path.name
            part.write_text(text, encoding="utf-8")
            part.replace(path)
    except OSError as problem:
        found = (problem.strerror or str(problem)).lower()
        raise InputError(f"{path}: {found}; expected a place that can be written") from problem
