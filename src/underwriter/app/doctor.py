"""`doctor`: what is missing, stale, unreachable or unsafe, and how to mend each.

Each check is a small function from what is looked at to findings; none changes anything but the
home's own caches, and none uses the network where no broker and no database is set.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from underwriter.app.secrets import Scrub
from underwriter.app.settings import House
from underwriter.book.place import Place
from underwriter.core.errors import UnderwriterError
from underwriter.desk.account import AccountCheck

Standing = Literal["ok", "warn", "bad"]
NAME: Final = 14  # columns of a check's name


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    name: str
    standing: Standing
    found: str
    mend: str = ""  # what to do; "" where nothing is


class Examined(msgspec.Struct, frozen=True):
    """What `doctor --json` prints."""

    home: str
    findings: list[Finding]
    bad: int
    warnings: int


class Setup(NamedTuple):
    """The broker of the settings: what it is called, needs, and how it is looked at."""

    name: str = "paper"
    variables: tuple[str, ...] = ()  # of its credential
    live: bool = False  # the settings' switch
    look: Callable[[], AccountCheck] | None = None  # opens it; None: nothing to be asked


class Patient(NamedTuple):
    """What is looked at."""

    house: House
    refused: str  # why its settings could not be read; "" where they could
    here: Path  # the current folder
    given: tuple[str, ...]  # policies, as they were named; none: those beside the settings
    journal: Place | None  # that was named; None: the desk's
    broker: Setup
    environ: Mapping[str, str]
    clock: Callable[[], int]  # UTC nanoseconds, by this machine

    @property
    def now(self) -> int:
        """The moment by this machine's clock."""
        return self.clock()

    @property
    def desk(self) -> Path:
        """The desk's folder."""
        return self.house.home / DESKS / self.house.settings.account.name


DESKS: Final = "desk"  # below the home
Check = Callable[[Patient], Iterable[Finding]]


def ok(name: str, found: str) -> Finding:
    """All is well."""
    return Finding(name, "ok", found)


def warn(name: str, found: str, mend: str) -> Finding:
    """It works, and could be better, or soon will not."""
    return Finding(name, "warn", found, mend)


def bad(name: str, found: str, mend: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(name, "bad", found, mend)


def examined(patient: Patient, checks: Iterable[tuple[str, Check]], scrub: Scrub) -> Examined:
    """Run every check; one that fails is a finding, and stops no other."""
    findings = [one for name, check in checks for one in _asked(name, check, patient)]
    clean = [Finding(one.name, one.standing, scrub(one.found), scrub(one.mend)) for one in findings]
    count = {kind: sum(one.standing == kind for one in clean) for kind in ("bad", "warn")}
    return Examined(str(patient.house.home), clean, count["bad"], count["warn"])


def _asked(name: str, check: Check, patient: Patient) -> list[Finding]:
    """What a check finds, or that it could not."""
    try:
        return list(check(patient))
    except (UnderwriterError, OSError) as problem:
        return [bad(name, str(problem), "mend what the line names, and run doctor again")]
    except Exception as problem:  # noqa: BLE001  whatever is broken, the others are looked at
        found = f"this check failed: {type(problem).__name__}: {problem}"
        return [bad(name, " ".join(found.split()), "this is a bug; UNDERWRITER_DEBUG=1 says where")]


def text_of(found: Examined) -> str:
    """The same for people: a line a finding, and its mend below."""
    lines = []
    for one in found.findings:
        lines.append(f"{one.standing:<4}  {one.name:<{NAME}}  {one.found}")
        if one.mend:
            lines.append(f"{'':<6}{'':<{NAME}}  mend: {one.mend}")
    verdict = (
        f"{found.bad} bad, {found.warnings} warnings" if found.bad or found.warnings else "all good"
    )
    return "\n".join([*lines, "", f"{found.home}: {verdict}"])


class Ticks(NamedTuple):
    """Two clocks at one moment, in nanoseconds: the wall's, and one that only ever goes on."""

    wall: int
    steady: int


def ticks() -> Ticks:
    """Both clocks now."""
    return Ticks(time.time_ns(), time.monotonic_ns())
