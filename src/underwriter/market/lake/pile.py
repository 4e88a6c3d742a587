"""Rows of a chain on their way, piled up by underlying and year; those that are many go to disk."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

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
        if not chain.height:
            return
        if self._held and self._held + chain.height > self._most:
            self._spill()
        self._frames.append(ordered(chain))  # in parts it takes half the memory of the whole
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
            yield from _stacked(_joined(frames))

    def _spill(self) -> None:
        """Write the rows in memory to disk."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for underlying, year, chain in self._taken():
            paths = self._spilled.setdefault((underlying, year), [])
            path = self._folder / f"{folder_name(underlying)}-{year}-{len(paths)}.parquet"
            with path.open("wb") as file:
                chain.write_parquet(file, compression="lz4", statistics=False)
            paths.append(path)


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames that are each in order as one that is.

    Those of one underlying that follow one another by days need but be put end to end.
    """
    pieces = frames[:1]
    for frame in frames[1:]:
        before, after = pieces[-1], frame
        names = [before["underlying"][0], before["underlying"][-1], *after["underlying"][[0, -1]]]
        one = len(set(names)) == 1
        last, first = before["date"][-1], after["date"][0]
        if not one or last > first:
            return ordered(pl.concat(frames))
        if last == first:
            start = int(before["date"].search_sorted(last, "left"))
            end = int(after["date"].search_sorted(first, "right"))
            seam = ordered(pl.concat([before[start:], after[:end]]))
            pieces[-1:] = [each for each in (before[:start], seam) if each.height]
            after = after[end:]
        if after.height:
            pieces.append(after)
    return pl.concat(pieces)


def _stacked(chain: pl.DataFrame) -> Iterator[Stack]:
    """Rows in the order of the slab, cut where the underlying or the year changes."""
    names = chain["underlying"]
    change = names.ne_missing(names.shift()).arg_true().to_list() or [0]
    for start, end in pairwise([*change, chain.height]):
        rows = chain[start:end]
        first, last = rows["date"][0].year, rows["date"][-1].year
        starts = [dt.date(year, 1, 1) for year in range(first + 1, last + 1)]
        ends = rows["date"].search_sorted(pl.Series(starts, dtype=pl.Date))
        cuts = [0, *ends.to_list(), rows.height]
        for year, (cut, to) in enumerate(pairwise(cuts), first):
            if to > cut:
                yield Stack(names[start], year, rows[cut:to])
