"""Where the lake lies: everything below one folder of the home.

lake/catalogue.db        what counts, and where it came from
lake/segments/SPY/...    Parquet files, written once
lake/parts/              rows on their way, of an import that is running or was killed
lake/lock                held by whoever imports

What stands in the folder of segments and not in the catalogue is not in the lake.
"""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote


class Places(NamedTuple):
    """The files and folders of a lake."""

    root: Path

    @property
    def catalogue(self) -> Path:
        """The SQLite file that says what counts."""
        return self.root / "catalogue.db"

    @property
    def segments(self) -> Path:
        """The folder of what was imported."""
        return self.root / "segments"

    @property
    def parts(self) -> Path:
        """The folder of what is being imported."""
        return self.root / "parts"

    @property
    def lock(self) -> Path:
        """The file that the one writer holds."""
        return self.root / "lock"


def places_of(home: Path) -> Places:
    """The places of the lake in a home."""
    return Places(home / "lake")


def folder_name(name: str) -> str:
    """An underlying or a series as the name of a folder."""
    return quote(name, safe="")


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk, as a rename needs."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
