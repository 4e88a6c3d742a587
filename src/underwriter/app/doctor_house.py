"""What `doctor` looks at in the house itself: settings, home, disk, permissions, calendar."""

import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import underwriter
from underwriter.app.doctor import Finding, Patient, Ticks, bad, ok, warn
from underwriter.app.holdings import size
from underwriter.app.log import FOLDER as LOGS
from underwriter.app.notify import NOTES, lines_of
from underwriter.app.policy_file import WrittenPolicy, read_policy
from underwriter.app.secrets import FILE as SECRETS
from underwriter.app.secrets import Scrub
from underwriter.app.settings import FILE, HOME
from underwriter.app.shipped import find_policies
from underwriter.app.wire import EXCHANGE
from underwriter.core.errors import InputError
from underwriter.core.kernel import JIT, cache_folder, first_run
from underwriter.core.units import day_number, day_of
from underwriter.market.calendar import load_calendar

LITTLE: Final = 200_000_000  # bytes under which nothing can be relied upon to be written
NEEDED: Final = 2_000_000_000  # for kernels, slabs of ten years and the lake of a few names
_ZONE: Final = "America/New_York"
_YEAR: Final = 365  # days
_SECOND: Final = 10**9
_AHEAD: Final = 60 * _SECOND
_WRITABLE, _READABLE = 0o022, 0o077
_SYNC: Final = "let the system keep it: timedatectl set-ntp true"


def settings(patient: Patient) -> Iterator[Finding]:
    """Which settings are in force."""
    file = patient.house.file
    if patient.refused:
        yield bad("settings", patient.refused, "mend the line that is named; docs/settings.md")
        return
    if file is None:
        found = f"no {FILE} in the current folder or the home: the defaults hold"
        yield warn("settings", found, "write one with a first policy: underwriter init")
        return
    yield ok("settings", str(file))
    text = file.read_text(encoding="utf-8")
    if Scrub([])(text) != text:
        mend = f"move it to {patient.house.home / SECRETS} (chmod 600) or the environment"
        yield bad("settings", f"{file} holds what looks like a secret", mend)


def policies_of(patient: Patient) -> tuple[WrittenPolicy, ...]:
    """The policies that were named, else those beside the settings; InputError for a bad one."""
    if patient.given:
        return find_policies(patient.given)
    folder = patient.house.file.parent if patient.house.file else patient.here
    return tuple(read_policy(path) for path in sorted(folder.glob("*.toml")) if _is_policy(path))


def _is_policy(path: Path) -> bool:
    """Whether a file of a folder is meant to be a policy."""
    try:
        return path.name != FILE and "strategy" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def policies(patient: Patient) -> Iterator[Finding]:
    """Whether the policies can be read."""
    try:
        found = policies_of(patient)
    except InputError as problem:
        yield bad("policies", str(problem), "mend the line that is named; docs/policy.md")
        return
    for one in found:
        names = ", ".join(one.content.universe)
        yield ok("policies", f"{one.name}: {one.content.strategy} on {names}")
    if not found:
        mend = "name some (underwriter doctor POLICY...), or write one: underwriter init"
        yield warn("policies", "none named, and none beside the settings", mend)


def home(patient: Patient) -> Iterator[Finding]:
    """Whether the home can be written."""
    there = patient.house.home
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as problem:
        found = f"{there}: {(problem.strerror or str(problem)).lower()}"
        yield bad("home", found, f"make it writable, or name another: --home DIR or {HOME}")
        return
    yield ok("home", str(there))


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether there is room."""
    free = shutil.disk_usage(patient.house.home).free
    found = f"{size(free)} free of {size(NEEDED)} that a year of a few names may take"
    if free >= NEEDED:
        yield ok("disk", found)
        return
    mend = "make room: HOME/cache may be deleted at any time"
    yield (bad if free < LITTLE else warn)("disk", found, mend)


def permissions(patient: Patient) -> Iterator[Finding]:
    """Whether others may change the home, or read what is nobody else's."""
    there, settings_ = patient.house.home, patient.house.file
    faults = [
        bad("permissions", f"{path} may be changed by others", f"chmod go-w {path}")
        for path in (there, settings_)
        if path is not None and path.exists() and path.stat().st_mode & _WRITABLE
    ]
    secrets = there / SECRETS
    if secrets.exists() and secrets.stat().st_mode & _READABLE:
        faults.append(
            bad("permissions", f"{secrets} is not its owner's alone", f"chmod 600 {secrets}")
        )
    faults += [
        warn("permissions", f"{path} may be read by others", f"chmod go= {path}")
        for path in _private(patient)
        if path.exists() and path.stat().st_mode & _READABLE
    ]
    yield from faults or [ok("permissions", "what is private is its owner's alone")]


def _private(patient: Patient) -> Iterable[Path]:
    """Files and folders of the desk that tell of an account."""
    logs = patient.house.home / LOGS
    return (patient.desk / NOTES, logs, *(logs.glob("*") if logs.is_dir() else ()))


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether this machine's clock can be right, as far as it can tell by itself."""
    written = [Path(underwriter.__file__), *patient.desk.glob("*"), *_journals(patient.house.home)]
    newest = max((path.stat().st_mtime_ns for path in written if path.exists()), default=0)
    shown = f"{datetime.fromtimestamp(patient.now // _SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if patient.now + _AHEAD < newest:
        found = f"{shown} is before what was written already ({_day_at(newest)})"
        yield bad("clock", found, _SYNC)
        return
    yield ok("clock", shown)


def _journals(there: Path) -> Iterable[Path]:
    return there.glob("runs/*/journal.db")


def _day_at(at: int) -> str:
    return f"{datetime.fromtimestamp(at // _SECOND, UTC):%Y-%m-%d}"


def steadiness(before: Ticks, after: Ticks) -> Iterator[Finding]:
    """Whether the clock was set while it was looked at."""
    off = (after.wall - before.wall) - (after.steady - before.steady)
    if abs(off) > _SECOND:
        found = f"it jumped by {off / _SECOND:+.1f} seconds during these checks"
        yield warn("clock", found, _SYNC)


def zone(_: Patient) -> Iterator[Finding]:
    """Whether the exchange's time zone is known, with its daylight saving."""
    try:
        tz = ZoneInfo(_ZONE)
    except (ZoneInfoNotFoundError, OSError):
        yield bad("time zone", f"{_ZONE} is not known here", "pip install tzdata")
        return
    hours = [datetime(2026, month, 15, tzinfo=tz).utcoffset() for month in (1, 7)]
    if hours != [timedelta(hours=-5), timedelta(hours=-4)]:
        mend = "pip install --upgrade tzdata, or the system's package tzdata"
        yield bad("time zone", f"{_ZONE} is not what it is in New York", mend)
        return
    yield ok("time zone", f"{_ZONE}, daylight saving in it")


def calendar(patient: Patient) -> Iterator[Finding]:
    """Whether the exchange's calendar reaches over the next year."""
    found = load_calendar(EXCHANGE, patient.house.home)
    today = day_number(datetime.fromtimestamp(patient.now // _SECOND, UTC).date())
    said = f"{EXCHANGE} to {day_of(found.last)}"
    if found.last < today + _YEAR:
        yield bad("calendar", said, "pip install --upgrade underwriter exchange-calendars")
        return
    yield ok("calendar", f"{said}; next session {day_of(found.next_session(today))}")


def kernels(_: Patient) -> Iterator[Finding]:
    """Whether kernels are compiled, and what is left of older ones."""
    if not JIT:
        yield warn("kernels", "interpreted, a hundred times slower", "unset UNDERWRITER_JIT")
        return
    folder = cache_folder()
    if first_run():
        mend = "nothing to do: the first command compiles them, in some seconds"
        yield warn("kernels", "not compiled yet", mend)
    else:
        count = sum(1 for _ in folder.rglob("*.nbc"))
        yield ok("kernels", f"{count} compiled in {folder}")
    others = [each for each in _folders(folder.parent) if each != folder]
    if others:
        room = sum(file.stat().st_size for each in others for file in each.rglob("*.nb?"))
        found = f"{len(others)} folders of other versions, {size(room)}"
        yield warn("kernels", found, f"delete them at will: {folder.parent}, all but {folder.name}")


def _folders(parent: Path) -> list[Path]:
    return [each for each in parent.iterdir() if each.is_dir()] if parent.is_dir() else []


def notifications(patient: Patient) -> Iterator[Finding]:
    """Whether somebody can be told."""
    if not patient.house.settings.notify.channels:
        mend = "set a channel up: docs/notifications.md"
        yield warn("notifications", "no channel: nobody is told of anything", mend)
        return
    for line in lines_of(patient.house):
        if line.why:
            yield bad("notifications", f"{line.name}: {line.why}", "docs/notifications.md")
        else:
            yield ok(
                "notifications", f"{line.name}: {line.kind}; to try it: underwriter notify test"
            )
