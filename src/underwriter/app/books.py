"""Journals for the command line: which one, and whether it is what was written."""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from underwriter.app.run_folder import DEMO, JOURNAL, RUNS
from underwriter.book.trail import Report
from underwriter.book.verify import verify
from underwriter.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Verified:
    """A journal, and what was found in it."""

    journal: Path
    report: Report

    def as_json(self) -> dict[str, object]:
        """The object of `book verify --json`."""
        return {
            "journal": str(self.journal),
            "ok": self.report.ok,
            "events": self.report.events,
            "head": {"sequence": self.report.head.sequence, "hash": self.report.head.hash.hex()},
            "findings": [asdict(finding) for finding in self.report.findings],
            "note": self.report.note,
        }

    def text(self) -> str:
        """The same for people."""
        report = self.report
        head = f"{report.events} events, head {report.head.hash.hex()[:16]}"
        verdict = "as written" if report.ok else f"{len(report.findings)} findings"
        lines = [f"{self.journal}: {verdict}; {head}"]
        lines += [f"  {finding.code}: {finding.text}" for finding in report.findings]
        return "\n".join([*lines, *([f"  note: {report.note}"] if report.note else [])])


def verified(journal: Path) -> Verified:
    """Check a journal to the byte; InputError where there is none."""
    return Verified(journal, verify(journal))


def last_written(home: Path, here: Path) -> Path:
    """The journal last written to, of the runs in the home and the demo in the current folder."""
    found = [*(home / RUNS).glob(f"*/{JOURNAL}"), *here.glob(f"{DEMO}/{JOURNAL}")]
    if not found:
        raise InputError(
            f"found no journal in {home / RUNS} and none in {here / DEMO}; expected the path of "
            "one, or a run before: underwriter demo"
        )
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def journal_asked(path: Path | None, home: Path, here: Path) -> Path:
    """The journal that is named, itself or by its run's folder; else the one last written."""
    if path is None:
        return last_written(home, here)
    journal = path / JOURNAL if path.is_dir() else path
    if not journal.is_file():
        raise InputError(f"{journal}: found no such file; expected a journal, or a run's folder")
    return journal


def day_asked(words: str | None) -> date | None:
    """The day of --as-of, where one is told."""
    if words is None:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InputError(f"--as-of: found {words!r}; expected a day, such as 2026-11-02") from error
