"""Journals for the command line: which one, and whether it is what was written."""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from underwriter.app.run_folder import DEMO, DESKS, JOURNAL, REPLAYS, RUNS
from underwriter.book.journal import exists
from underwriter.book.place import Place, place_of
from underwriter.book.trail import Report
from underwriter.book.verify import verify
from underwriter.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Verified:
    """A journal, and what was found in it."""

    journal: Place
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


def verified(journal: Place) -> Verified:
    """Check a journal; InputError where there is none."""
    return Verified(journal, verify(journal))


def last_written(home: Path, here: Path) -> Path:
    """The journal last written to: of runs and desks in the home, of the demo in this folder."""
    kept = [home / name for name in (RUNS, DESKS, REPLAYS)]
    found = [path for each in kept for path in each.glob(f"*/{JOURNAL}")]
    found += here.glob(f"{DEMO}/{JOURNAL}")
    if not found:
        raise InputError(
            f"found no journal in {home / RUNS} and none in {here / DEMO}; expected the path of "
            "one, or a run before: underwriter demo"
        )
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def named(given: str) -> Place:
    """The journal that is named: a file, that of a run's folder, or a URL."""
    place = place_of(given)
    return place / JOURNAL if isinstance(place, Path) and place.is_dir() else place


def journal_asked(given: str | None, home: Path, here: Path) -> Place:
    """The journal that is named and there; else the one last written."""
    if given is None:
        return last_written(home, here)
    journal = named(given)
    if isinstance(journal, Path) and not journal.is_file():
        raise InputError(f"{journal}: found no such file; expected a journal, or a run's folder")
    return journal


def verify_asked(given: str | None, home: Path, here: Path) -> Place:
    """The journal to verify: the one that is named, there or not; else the one last written."""
    return last_written(home, here) if given is None else named(given)


def journal_to_write(given: str | None, home: Path, here: Path, *, create: bool) -> Place:
    """The journal to write into, which need not be there where it may be made."""
    if given is not None and create and not exists(place_of(given)):
        return place_of(given)
    return journal_asked(given, home, here)


def day_asked(words: str | None) -> date | None:
    """The day of --as-of, where one is told."""
    if words is None:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InputError(f"--as-of: found {words!r}; expected a day, such as 2026-11-02") from error
