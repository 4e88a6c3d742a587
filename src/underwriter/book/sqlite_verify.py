"""Whether a journal's file is what was written, to the byte.

Two readings must agree: ours of every page, record and hash, and SQLite's own check.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from underwriter.book.head import head_path, read_head
from underwriter.book.layout import (
    PAGE,
    Head,
    beside,
    file_header,
    is_journal,
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
from underwriter.book.trail import ENOUGH, Finding, Report, Trail, against_head
from underwriter.book.wal import Log, log_finding, read_log
from underwriter.core.errors import JournalError

Stamp = tuple[bytes | tuple[int, int, int] | None, ...]


def _stamp(journal: Path) -> Stamp:
    """What tells that a file of the journal was written to in the meantime."""
    files, head = (journal, beside(journal, "-wal")), head_path(journal)
    found = [file.stat() if file.exists() else None for file in files]
    times = (f and (f.st_ino, f.st_size, f.st_mtime_ns) for f in found)
    return head.read_bytes() if head.exists() else None, *times


def verify_file(path: Path) -> Report:
    """Check a journal's file to the byte, changing nothing: neither it nor any beside it.

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
        findings += against_head(trail, head)
    findings += _sqlite_findings(path, log)
    return Report(trail.events, trail.last, tuple(findings), _note(trail, head, log, needed))


def _follow(path: Path, log: Log, mark: int) -> Trail:
    """Read every page and record of the journal."""
    trail = Trail(mark)
    with path.open("rb") as file:
        image = Image(file, log)
        try:
            check_header(image)
            check_schema(image)
            for number, record in cells(image, EVENTS):
                trail.take(number, row_of(record))
                if trail.full:
                    raise DamageError(f"stopped after {ENOUGH} findings")  # noqa: TRY301
        except DamageError as damage:
            trail.broken = True
            trail.find("page", f"journal {path}: {damage} (after event {trail.last.sequence})")
    return trail


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


def _note(trail: Trail, head: Head | None, log: Log, needed: int) -> str:
    """What a crash, or another program, has left behind."""
    notes = []
    if head and trail.last.sequence > head.sequence:
        ahead = trail.last.sequence - head.sequence
        notes.append(
            f"{ahead} events are written after the head: the writer ended between commit and "
            "head, which loses nothing"
        )
    if log.rest and not log.damage:
        notes.append(
            "the write-ahead log ends in an unfinished commit, as a crash leaves it; "
            "it was never acknowledged"
        )
    if needed and not log.size:
        notes.append("the write-ahead log was folded into the file by another program")
    return "; ".join(notes)
