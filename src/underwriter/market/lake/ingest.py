"""One file into the lake: read, judged, written as segments, and entered; all of it or nothing.

with importing(home) as importer:
    brought = importer.bring(Source(path, format, Ask()), at)

Segments are on the disk before the catalogue names them, so an import that is killed leaves files
that nobody reads; the next import sweeps them.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from underwriter.core.errors import InputError
from underwriter.core.units import day_of
from underwriter.market.lake.admit import admit_chain, admit_series, name_column
from underwriter.market.lake.batch import Batch
from underwriter.market.lake.catalogue import Catalogue, Count, File, writing
from underwriter.market.lake.interrupt import interrupted_once
from underwriter.market.lake.known import Known
from underwriter.market.lake.layout import Places, places_of
from underwriter.market.lake.lock import held
from underwriter.market.lake.merge import merge_many
from underwriter.market.lake.pile import Pile, Stack
from underwriter.market.lake.sweep import sweep
from underwriter.market.quality import Ground, judge
from underwriter.market.schema import CHAIN, PUT, Kind, conform, empty
from underwriter.market.sources.history_parquet import SIDECAR
from underwriter.market.sources.source import Ask, Format, Part

Told = Callable[[int], None]  # how many more rows were read or judged
_ASIDE = 2  # what goes on beside: the gates being loaded, and the next part being read
_GLANCE = 0.1  # seconds between looks at whether the gates are loaded
_TURN = 0.0005  # seconds: reading takes the interpreter often and shortly, loading at a stretch


class Source(NamedTuple):
    """A file, and how it is to be read."""

    path: Path
    format: Format
    ask: Ask


class Brought(NamedTuple):
    """What a file brought; `fresh` is false where it had been imported before."""

    file: File
    fresh: bool
    counts: tuple[Count, ...]


class Importer:
    """The one who writes to a lake; made by `importing`."""

    def __init__(self, places: Places, catalogue: Catalogue, known: Known, aside: Executor) -> None:
        self._places = places
        self._catalogue = catalogue
        self._known = known
        self._aside = aside
        self._gates: Future[None] | None = None  # being loaded, from the first new file on

    @property
    def compiling(self) -> bool:
        """Whether the gates are still being loaded, which nothing can cut short."""
        return self._gates is not None and not self._gates.done()

    def bring(self, source: Source, at: int, told: Told = lambda _: None) -> Brought:
        """Bring in a file at a time in UTC nanoseconds, unless it was brought in before.

        Raises InputError for a file that cannot be read, and leaves the lake as it was.
        """
        stamp, file = self._known_of(source, at)
        before = self._catalogue.file_of(file.key)
        if before is not None:
            return Brought(before, fresh=False, counts=())
        if self._gates is None:
            self._gates = self._aside.submit(_load_gates, self._known)
        batch = Batch(self._places, file.number)
        try:
            with interrupted_once():
                rows = self._fill(batch, source, told)
            _require_same(source.path, stamp)
            entry = batch.entry(file._replace(rows=rows))
            self._catalogue.enter(entry)
        finally:
            batch.close()
            sweep(self._places, self._catalogue)
        return Brought(entry.file, fresh=True, counts=entry.counts)

    def tidy(self) -> None:
        """Merge what has come in many segments."""
        merge_many(self._places, self._catalogue)

    def _known_of(self, source: Source, at: int) -> tuple[tuple[int, int, int], File]:
        """What is known of a file before it is read, and its stamp; InputError for none."""
        path = source.path
        try:
            stamp, digest = _stamp(path), _hash(path)
            beside = [_hash(one) for one in _beside(source)]
        except OSError as problem:
            said = (problem.strerror or str(problem)).lower()
            raise InputError(f"{path}: {said}; expected a file of market data") from problem
        how = [digest, source.format.name, source.ask.underlying or "", *beside]
        key = hashlib.sha256("\n".join(how).encode()).hexdigest()
        number = self._catalogue.next_number()
        return stamp, File(number, key, digest, str(path), stamp[0], source.format.name, at, 0)

    def _fill(self, batch: Batch, source: Source, told: Told) -> int:
        """Read a file and write what it brings; how many rows it held."""
        pile, rows = Pile(self._places.parts), 0
        series: dict[Kind, pl.DataFrame] = {}
        for part in _ahead(self._aside, source.format.read(source.path, source.ask)):
            frame = conform(part.kind, part.frame)
            rows += frame.height
            if part.kind == "chain":
                pile.add(frame)
            elif frame.height:
                before = series.get(part.kind)
                series[part.kind] = frame if before is None else before.vstack(frame)
            told(frame.height)
        for kind, frame in series.items():
            self._fill_series(batch, kind, frame)
        self._fill_chains(batch, pile.stacks(), series)
        return rows

    def _fill_series(self, batch: Batch, kind: Kind, frame: pl.DataFrame) -> None:
        """Judge and write the rows of one kind, a name after the other."""
        for (name,), rows in sorted(frame.partition_by(name_column(kind), as_dict=True).items()):
            calendar = self._known.calendar(self._known.series("instruments", name))
            admitted = admit_series(kind, rows, calendar, self._known.series(kind, name))
            batch.add(kind, name, 0, admitted)

    def _fill_chains(
        self, batch: Batch, stacks: Iterable[Stack], series: Mapping[Kind, pl.DataFrame]
    ) -> None:
        """Judge and write quotes, a year after the other, each beside the last day before it."""
        known, ground, of = self._known, None, ""
        while self.compiling:  # else two threads would load them; awake, it hears of an interrupt
            wait([self._gates] if self._gates else [], _GLANCE)
        for underlying, year, chain in stacks:
            days = chain["date"].unique().sort().to_physical().to_list()
            if ground is None or underlying != of:
                ground = known.ground(underlying, series)
                ground, of = replace(ground, before=known.before(underlying, days[0])), underlying
            there = known.quotes(underlying, known.common(underlying, days))
            admitted = admit_chain(chain, ground, there)
            kept = admitted.kept.select(CHAIN.names())
            if kept.height:
                ground = replace(ground, before=kept.filter(date=kept["date"].max()))
            batch.add("chain", underlying, year, admitted)


@contextmanager
def importing(home: Path) -> Iterator[Importer]:
    """Become the one who writes to the lake of a home, made where there is none.

    Raises LakeError where another process is importing.
    """
    places = places_of(home)
    with held(places), writing(places) as catalogue, ThreadPoolExecutor(_ASIDE) as aside:
        sweep(places, catalogue)
        known = Known(home, places, catalogue)
        yield Importer(places, catalogue, known, aside)


def _ahead(aside: Executor, parts: Iterable[Part]) -> Iterator[Part]:
    """The parts of a file, each read while the one before it is put in order."""
    left = iter(parts)
    coming = aside.submit(next, left, None)
    while (part := coming.result()) is not None:
        coming = aside.submit(next, left, None)
        yield part


def _load_gates(known: Known) -> None:
    """Judge one row, so that the gates' kernels are loaded while the first file is being read."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        _judge_one(known)
    finally:
        sys.setswitchinterval(turn)


def _judge_one(known: Known) -> None:
    """Judge one row by a calendar that is there."""
    calendar = known.calendar(empty("instruments"))
    row = {"underlying": "X", "strike": 1.0, "bid": 1.0, "ask": 1.0, "right": PUT}
    day = day_of(int(calendar.sessions[0]))
    judge(conform("chain", pl.DataFrame([{**row, "date": day, "expiry": day}])), Ground(calendar))


def _hash(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(source: Source) -> list[Path]:
    """Other files that say how this one is read."""
    sidecar = source.path.with_name(SIDECAR)
    maps = [] if source.ask.column_map is None else [source.ask.column_map]
    return [*maps, *([sidecar] if sidecar.is_file() else [])]


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes with a file: its bytes, when it was written, and which one it is."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _require_same(path: Path, stamp: tuple[int, int, int]) -> None:
    """Refuse a file that was written to while it was read."""
    if _stamp(path) != stamp:
        raise InputError(f"{path}: found it changed while it was read; expected a finished file")
