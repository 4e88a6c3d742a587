"""`data import`: which files, by which formats, and what came of them."""

import glob
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from underwriter.core.errors import InputError
from underwriter.market.lake.gates import dropping, gates_of
from underwriter.market.lake.ingest import Brought, Importer, Source, importing
from underwriter.market.lake.interrupt import interrupted_once
from underwriter.market.schema import KINDS
from underwriter.market.sources.formats import (
    FORMATS,
    companion,
    format_named,
    head_of,
    recognise,
)
from underwriter.market.sources.history_parquet import SIDECAR
from underwriter.market.sources.source import Ask

_SUFFIXES = (".csv", ".gz", ".json", ".parquet", ".tsv", ".txt", ".zip")
_STRIKE = "strike"  # in a column of every chain that says its columns


class Asked(NamedTuple):
    """What the command line asks for."""

    paths: tuple[str, ...]
    format: str | None = None
    underlying: str | None = None
    columns: Path | None = None


class Found(NamedTuple):
    """A file to be imported; `chosen` by the person, or found in a folder."""

    path: Path
    chosen: bool


class Row(msgspec.Struct, frozen=True):
    """What one file brought."""

    path: str
    hash: str  # sha256
    format: str
    already: bool  # it had been imported before: nothing was done
    names: list[str]  # underlyings and series
    rows: int
    kept: int
    dropped: dict[str, int]  # rows by gate
    remarked: dict[str, int]  # rows that stay, by gate


class Refusal(msgspec.Struct, frozen=True):
    """A file that cannot be read, of which nothing was taken."""

    path: str
    said: str  # what was found, where, and what is allowed


class Outcome(NamedTuple):
    """What came of the files of an import, each of which stands in one of the lists."""

    rows: list[Row]
    passed: list[str]
    refused: list[Refusal]

    @property
    def tried(self) -> int:
        """How many files there are in all."""
        return len(self.rows) + len(self.passed) + len(self.refused)


class Imported(msgspec.Struct, frozen=True):
    """What `data import --json` prints."""

    lake: str
    rows: int
    kept: int
    dropped: int
    files: list[Row]
    passed_over: list[str]  # files of a folder that no format knows
    refused: list[Refusal]
    seconds: float


class Watch(Protocol):
    """Who is told how an import goes."""

    def begin(self, path: Path, at: int, of: int) -> None:
        """A file is begun, the `at`-th of so many."""

    def rows(self, count: int) -> None:
        """So many more of its rows were read."""

    def done(self, row: Row) -> None:
        """It is in the lake."""

    def passed_over(self, path: Path) -> None:
        """No format knows a file of a folder."""

    def refused(self, path: Path) -> None:
        """A file cannot be read."""

    def stopped(self, done: int, left: int, *, compiling: bool) -> None:
        """The work was interrupted; what is being compiled will be waited for."""


def bring_all(home: Path, asked: Asked, clock: Callable[[], int], watch: Watch) -> Outcome:
    """Import every file that is asked for: what each brought, what was passed over or refused.

    A file is brought in whole or not at all; one that cannot be read leaves the lake as it was,
    and the others come in.  `clock` gives UTC nanoseconds.  Raises InputError where there is no
    file, LakeError where another process is importing.
    """
    files = found_files(asked.paths)
    outcome = Outcome([], [], [])
    with importing(home) as importer:
        try:
            for at, file in enumerate(files, 1):
                watch.begin(file.path, at, len(files))
                try:
                    _bring(importer, file, asked, clock, watch, outcome)
                except InputError as problem:
                    outcome.refused.append(Refusal(str(file.path), str(problem)))
                    watch.refused(file.path)
            importer.tidy()
        except BaseException:
            left = max(len(files) - outcome.tried - 1, 0)
            watch.stopped(len(outcome.rows), left, compiling=importer.compiling)
            raise
    return outcome


def _bring(
    importer: Importer,
    file: Found,
    asked: Asked,
    clock: Callable[[], int],
    watch: Watch,
    outcome: Outcome,
) -> None:
    """Import one file, or pass it over; InputError where it cannot be read."""
    with interrupted_once():
        source = _source(file, asked)
    if source is None:
        outcome.passed.append(str(file.path))
        watch.passed_over(file.path)
        return
    row = _row(importer.bring(source, clock(), watch.rows))
    outcome.rows.append(row)
    watch.done(row)


def report_of(home: Path, outcome: Outcome, seconds: float) -> Imported:
    """What came of an import."""
    fresh = [row for row in outcome.rows if not row.already]
    return Imported(
        str(home / "lake"),
        sum(row.rows for row in fresh),
        sum(row.kept for row in fresh),
        sum(sum(row.dropped.values()) for row in fresh),
        *outcome,
        round(seconds, 3),
    )


def found_files(paths: Sequence[str]) -> list[Found]:
    """The files of paths, folders (with all below them) and patterns, each once.

    Prices and splits come before the chains that are judged by them; else they come in the order of
    the paths, those of a folder or a pattern by name.  InputError where there is no file.
    """
    found: dict[Path, Found] = {}
    for text in paths:
        below = list(_below(text))
        if not below:
            raise InputError(f"{text}: found no file; expected a file, a folder or a pattern")
        for one in below:
            found.setdefault(one.path.resolve(), one)
    files = list(found.values())
    return sorted(files, key=_is_chain) if len(files) > 1 else files


def _below(text: str) -> Iterator[Found]:
    """The files that one argument means."""
    path = Path(text).expanduser()
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if _of_data(each, path):
                yield Found(each, chosen=False)
    elif path.exists() or not glob.has_magic(text):
        yield Found(path, chosen=True)
    else:
        for name in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207  takes any path
            if Path(name).is_file():
                yield Found(Path(name), chosen=True)


def _of_data(path: Path, folder: Path) -> bool:
    """Whether a file of a folder may be of market data, by its name."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and path.is_file() and path.suffix.lower() in _SUFFIXES


def _is_chain(file: Found) -> bool:
    """Whether a file is a chain, as far as its columns tell; what cannot be read comes last."""
    try:
        names = head_of(file.path).names
    except InputError:
        return True
    return any(_STRIKE in name.casefold() for name in names)


def _source(file: Found, asked: Asked) -> Source | None:
    """A file with its format; None for one of a folder that no format knows."""
    ask = Ask(asked.underlying, asked.columns)
    if asked.format is not None:
        return Source(file.path, format_named(asked.format), ask)
    if not file.chosen and not _known(file.path):
        return None
    return Source(file.path, recognise(file.path), ask)


def _known(path: Path) -> bool:
    """Whether a file of a folder is to be read; InputError where it is damaged."""
    head = head_of(path)
    if path.name == SIDECAR or companion(path) is not None:
        return False
    return any(each.recognises(head) for each in FORMATS)


def _row(brought: Brought) -> Row:
    """What a file brought, as it is told."""
    file, counts = brought.file, brought.counts
    dropped: dict[str, int] = {}
    remarked: dict[str, int] = {}
    for kind in KINDS:
        out = set(dropping(kind))
        for count in counts:
            if count.kind == kind and count.gate:
                to = dropped if count.gate in out else remarked
                to[count.gate] = to.get(count.gate, 0) + count.rows
    return Row(
        file.path,
        file.hash,
        file.format,
        not brought.fresh,
        sorted({count.name for count in counts}),
        file.rows,
        file.rows - sum(dropped.values()),
        dropped,
        remarked,
    )


def text_of(imported: Imported) -> str:
    """The same for people."""
    fresh = [row for row in imported.files if not row.already]
    lines = [_line(row) for row in imported.files]
    lines += [f"{path}: passed over, {_why(path)}" for path in imported.passed_over]
    gates = {code: gate.means for kind in KINDS for code, gate in gates_of(kind).items()}
    for title, kind in (("taken out", "dropped"), ("remarked on", "remarked")):
        sums: dict[str, int] = {}
        for row in fresh:
            for gate, rows in getattr(row, kind).items():
                sums[gate] = sums.get(gate, 0) + rows
        if sums:
            lines += ["", f"{title}:"]
            lines += [f"{rows:>12,}  {gate}: {gates[gate]}" for gate, rows in sums.items()]
    rate = f", {imported.rows / imported.seconds:,.0f} rows/s" if imported.seconds > 0 else ""
    total = f"{imported.rows:,} rows of {len(fresh)} files in {imported.seconds:.2f} s{rate}"
    return "\n".join(
        [*lines, "", f"{total}: {imported.kept:,} kept, {imported.dropped:,} taken out"]
    )


def _why(path: str) -> str:
    """Why a file of a folder was passed over."""
    return companion(Path(path)) or "no format knows it"


def _line(row: Row) -> str:
    """One file in one line."""
    if row.already:
        return f"{row.path}: imported before, nothing to do"
    names = ", ".join(row.names[:4]) + (", ..." if len(row.names) > 4 else "")  # noqa: PLR2004
    out = sum(row.dropped.values())
    return f"{row.path}: {row.format}, {names}: {row.rows:,} rows, {out:,} taken out"
