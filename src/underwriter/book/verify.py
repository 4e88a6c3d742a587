"""Whether a journal is what was written, to the byte; it reads and never mends.

What is wrong is a finding.  What a crash leaves behind is normal, and a note:

    changed     an event is not the one that was written          names the event
    missing     events are gone, or stand out of order            names the first
    tail        the last events are gone                          names the first
    page        a page of the file is damaged
    log         the write-ahead log was cut or altered
    head        the head is gone, altered, or of another journal

Two readings must agree: ours of every page, record and hash, and SQLite's own check.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from underwriter.book.head import head_path, read_head
from underwriter.book.layout import (
    GENESIS,
    PAGE,
    Head,
    Row,
    beside,
    file_header,
    is_journal,
    link,
    require_journal,
)
from underwriter.book.pages import (
    EVENTS,
    DamageError,
    Image,
    cells,
    check_header,
    check_schema,
    row_of,
)
from underwriter.book.wal import Log, log_finding, read_log
from underwriter.core.errors import JournalError

_ENOUGH = 100  # findings after which reading stops
_MEMORY = 8  # hashes that an event after a changed one may follow, so that it is not blamed too


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its code, what was expected and found, and the event it names."""

    code: str
    text: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a journal holds and what is wrong with it; `note` is what is unusual but right."""

    events: int
    head: Head
    findings: tuple[Finding, ...]
    note: str

    @property
    def ok(self) -> bool:
        """Whether every byte is as it was written."""
        return not self.findings


@dataclass(slots=True)
class _Trail:
    """Reading along the chain: what is expected next, and the hashes it may follow."""

    mark: int  # the sequence whose hash is to be kept: the head's
    expected: int = 1
    events: int = 0
    last: Head = GENESIS
    marked: bytes = GENESIS.hash
    known: tuple[bytes, ...] = (GENESIS.hash,)  # none: what came before is not known
    broken: bool = False  # a page could not be read: what follows is not known
    findings: list[Finding] = field(default_factory=list)

    def find(self, code: str, text: str, sequence: int | None = None) -> None:
        self.findings.append(Finding(code, text, sequence))

    def take(self, number: int, record: bytes) -> None:
        """Read one row: its number must be the next, its hash must follow."""
        row = row_of(record)
        self.events += 1
        if row is None:
            self.find("changed", f"event {self.expected}: its record is damaged", self.expected)
            self.expected, self.known = self.expected + 1, ()
        elif number == self.expected:
            self._check(number, row)
        else:
            self._misplaced(number, row)

    def _check(self, number: int, row: Row) -> None:
        follows = tuple(link(known, number, row) for known in self.known)
        if follows and row.hash not in follows:
            text = f"event {number}: its hash does not fit what is stored"
            self.find("changed", text, number)
            self._pass(number, row, (row.hash, *follows, *self.known)[:_MEMORY])
        else:
            self._pass(number, row, (row.hash,))

    def _misplaced(self, number: int, row: Row) -> None:
        """Another number than expected: altered, or events are gone."""
        due = self.expected
        text = f"expected event {due}, found number {number} in its place"
        if any(link(known, due, row) == row.hash for known in self.known):
            self.find("changed", text, due)
            self._pass(due, row, (row.hash,))
        else:
            self.find("missing", text, due)
            self._pass(max(number, due), row, ())

    def _pass(self, number: int, row: Row, known: tuple[bytes, ...]) -> None:
        self.expected, self.known = number + 1, known
        self.last = Head(number, row.hash)
        if number == self.mark:
            self.marked = row.hash


Stamp = tuple[tuple[int, int, int] | None, ...]


def _stamp(journal: Path) -> Stamp:
    """What tells that a file of the journal was written to in the meantime."""
    files = journal, beside(journal, "-wal"), head_path(journal)
    found = [file.stat() if file.exists() else None for file in files]
    return tuple(f and (f.st_ino, f.st_size, f.st_mtime_ns) for f in found)


def verify(path: Path) -> Report:
    """Check a journal to the byte, changing nothing: neither it nor any file beside it.

    Raises InputError for what is not a journal, JournalError where it is being written to.
    """
    if not (is_journal(file_header(path)) or head_path(path).exists()):
        require_journal(path)
    before = _stamp(path)
    report = _verified(path)
    if _stamp(path) != before:
        raise JournalError(
            f"journal {path}: expected it to rest, found it written to while it was read; "
            "verify it when its writer has ended"
        )
    return report


def _verified(path: Path) -> Report:
    findings: list[Finding] = []
    try:
        head, needed = read_head(path)
    except JournalError as error:
        findings.append(Finding("head", str(error)))
        head, needed = None, 0
    log = read_log(beside(path, "-wal"))
    damage = log_finding(log, needed)
    if damage:
        findings.append(Finding("log", f"write-ahead log {beside(path, '-wal')}: {damage}"))
    trail = _follow(path, log, head.sequence if head else 0)
    findings += trail.findings
    if head and not trail.broken:
        findings += _against_head(trail, head)
    findings += _sqlite_findings(path, log)
    return Report(trail.events, trail.last, tuple(findings), _note(trail, head, log, needed))


def _follow(path: Path, log: Log, mark: int) -> _Trail:
    """Read every page and record of the journal."""
    trail = _Trail(mark)
    with path.open("rb") as file:
        image = Image(file, log)
        try:
            check_header(image)
            check_schema(image)
            for number, record in cells(image, EVENTS):
                trail.take(number, record)
                if len(trail.findings) >= _ENOUGH:
                    raise DamageError(f"stopped after {_ENOUGH} findings")  # noqa: TRY301
        except DamageError as damage:
            trail.broken = True
            trail.find("page", f"journal {path}: {damage} (after event {trail.last.sequence})")
    return trail


def _against_head(trail: _Trail, head: Head) -> list[Finding]:
    """What the head says of the events."""
    last = trail.last.sequence
    if last < head.sequence:
        text = (
            f"events {last + 1} to {head.sequence}: expected by the head, found none; "
            "restore the journal from a copy"
        )
        return [Finding("tail", text, last + 1)]
    if trail.marked != head.hash:
        text = (
            f"event {head.sequence}: expected hash {head.hash.hex()[:16]} by the head, "
            f"found {trail.marked.hex()[:16]}; restore the journal and its head from one copy"
        )
        return [Finding("head", text, head.sequence)]
    return []


@contextmanager
def _at_rest(path: Path, log: Log) -> Iterator[Path]:
    """A file with all that is committed: the journal's own, or a private copy with its log."""
    if not log.pages:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="underwriter-verify-") as folder:
        copy = Path(folder) / "journal"
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            for number, page in log.pages.items():
                file.seek((number - 1) * PAGE)
                file.write(page)
            file.truncate(log.total * PAGE)
        yield copy


def _sqlite_findings(path: Path, log: Log) -> list[Finding]:
    """What SQLite's own check finds; opened so that it neither locks nor writes."""
    with _at_rest(path, log) as file:
        uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            try:
                lines = [line for (line,) in connection.execute("PRAGMA integrity_check(10)")]
            except (sqlite3.Error, UnicodeDecodeError) as error:
                lines = [str(error)]
    if lines == ["ok"]:
        return []
    text = " ".join(" ".join(lines).split())
    return [Finding("page", f"journal {path}: expected a sound file, SQLite finds: {text}")]


def _note(trail: _Trail, head: Head | None, log: Log, needed: int) -> str:
    """What a crash, or another program, has left behind."""
    notes = []
    if head and trail.last.sequence > head.sequence:
        ahead = trail.last.sequence - head.sequence
        notes.append(
            f"{ahead} events are written after the head: the writer ended between commit and "
            "head, which loses nothing"
        )
    if log.rest or (log.size > log.length and not log.damage):
        notes.append(
            "the write-ahead log ends in an unfinished commit, as a crash leaves it; "
            "it was never acknowledged"
        )
    if needed and not log.size:
        notes.append("the write-ahead log was folded into the file by another program")
    return "; ".join(notes)
