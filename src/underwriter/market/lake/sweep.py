"""Sweeping: what an import left behind that was killed, refused or merged away; nobody reads it."""

import shutil

from underwriter.market.lake.catalogue import Catalogue
from underwriter.market.lake.layout import Places


def sweep(places: Places, catalogue: Catalogue) -> None:
    """Remove parts, and segments that the catalogue does not name; for the holder of the lock."""
    shutil.rmtree(places.parts, ignore_errors=True)
    named = {segment.path for segment in catalogue.segments()}
    for path in places.segments.glob("*/*"):
        if path.relative_to(places.segments).as_posix() not in named:
            path.unlink()
