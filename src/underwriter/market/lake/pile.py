"""Rows of a chain on their way, piled up by underlying and year; those that are many go to disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from underwriter.market.lake.layout import folder_name
from underwriter.market.lake.order import ordered

MOST = 3_000_000  # rows held in memory: about 100 bytes each


class Stack(NamedTuple):
    """The rows of one underlying and year, in the order of the slab."""

    underlying: str
    year: int
    chain: pl.DataFrame


class Pile:
    """Rows that come in any order, and go out by underlying and year."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder = folder
        self._most = most
        self._frames: list[pl.DataFrame] = []
        self._held = 0
        self._spilled: dict[tuple[str, int], list[Path]] = {}

    def add(self, chain: pl.DataFrame) -> None:
        """Put rows on the pile."""
        if self._held and self._held + chain.height > self._most:
            self._spill()
        self._frames.append(chain)
        self._held += chain.height

    def stacks(self) -> Iterator[Stack]:
        """All rows, once, an underlying after the other, its years in order."""
        if not self._spilled:
            yield from self._taken()
            return
        self._spill()
        for (underlying, year), paths in sorted(self._spilled.items()):
            chain = pl.concat([pl.read_parquet(path, glob=False) for path in paths])
            for path in paths:
                path.unlink()
            yield Stack(underlying, year, ordered(chain))

    def _taken(self) -> Iterator[Stack]:
        """The rows in memory, which are let go."""
        if self._held:
            frames, self._frames, self._held = self._frames, [], 0
            yield from _stacked(ordered(pl.concat(frames)))

    def _spill(self) -> None:
        """Write the rows in memory to disk."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for underlying, year, chain in self._taken():
            paths = self._spilled.setdefault((underlying, year), [])
            path = self._folder / f"{folder_name(underlying)}-{year}-{len(paths)}.parquet"
            with path.open("wb") as file:
                chain.write_parquet(file, compression="lz4", statistics=False)
            paths.append(path)


def _stacked(chain: pl.DataFrame) -> Iterator[Stack]:
    """Rows in the order of the slab, cut where the underlying or the year changes."""
    names, years = chain["underlying"], chain["date"].dt.year()
    change = (names != names.shift()) | (years != years.shift())
    starts = np.flatnonzero(change.fill_null(value=True).to_numpy())
    for start, end in zip(starts, [*starts[1:], chain.height], strict=True):
        yield Stack(names[int(start)], years[int(start)], chain[int(start) : int(end)])
