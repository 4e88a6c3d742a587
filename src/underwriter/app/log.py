"""The log: JSON lines below the home, for machines; what people read is on standard error.

    HOME/logs/underwriter.jsonl     {"at": "2026-02-20T20:45:00Z", "level": "info", "event": ...}
    HOME/logs/underwriter.jsonl.1   and so on to .5: what came before

    log = open_log(home)
    log.info("cycle", decided=True, fills=2)
    log.bind(account="main").warning("held back", why="the kill switch is set")

Only the front door logs: core, book and desk say what happened in what they return.  Every text
passes through `Scrub`.  A log that cannot be written stops nothing, and is said once.
"""

import fcntl
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger

from underwriter.app.secrets import HIDDEN, SECRET_NAME, Scrub, scrub_of

FOLDER: Final = "logs"  # below the home
FILE: Final = "underwriter.jsonl"
LARGEST: Final = 10_000_000  # bytes of a file before another is begun
KEPT: Final = 5  # files beside the one that is written
_DEEPEST: Final = 6


class Lines:
    """A file of lines that is put aside when it is large; several processes may write to it."""

    def __init__(self, path: Path, largest: int = LARGEST, kept: int = KEPT) -> None:
        self.path, self.largest, self.kept = path, largest, kept
        self._said = False

    def msg(self, line: str) -> None:
        """Write a line; where that cannot be, say so once."""
        try:
            self._write(line.encode() + b"\n")
        except OSError as problem:
            if not self._said:
                self._said = True
                sys.stderr.write(f"underwriter: {self.path}: cannot be written ({problem})\n")

    debug = info = warning = error = critical = exception = fatal = msg

    def _write(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = self._open()
        try:
            if 0 < os.fstat(handle).st_size > self.largest - len(line):
                self._put_aside()
                fresh = self._open()
                os.close(handle)
                handle = fresh
            os.write(handle, line)
        finally:
            os.close(handle)

    def _open(self) -> int:
        """The file, locked against others that would put it aside."""
        while True:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            handle = os.open(self.path, flags, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.fstat(handle).st_ino == self.path.stat().st_ino:
                    return handle
            os.close(handle)  # it was put aside while we waited

    def _put_aside(self) -> None:
        for number in range(self.kept, 0, -1):
            before = self._numbered(number - 1)
            if before.exists():
                before.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path


def open_log(home: Path, scrub: Scrub | None = None) -> FilteringBoundLogger:
    """The log of a home; `scrub` is what it is known to keep secret, else what the home says."""
    made: FilteringBoundLogger = structlog.wrap_logger(
        Lines(home / FOLDER / FILE),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            scrubbing(scrub or scrub_of(home)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        context_class=dict,
        cache_logger_on_first_use=False,
    )
    return made.bind(process=os.getpid())


Processor = Callable[[Any, str, MutableMapping[str, Any]], Mapping[str, Any]]


def scrubbing(scrub: Scrub) -> Processor:
    """What hides secrets in everything that is about to be written."""

    def scrubbed(_logger: object, _name: str, said: MutableMapping[str, Any]) -> Mapping[str, Any]:
        found: dict[str, Any] = _clean(said, scrub, 0)
        return found

    return scrubbed


def _clean(value: Any, scrub: Scrub, depth: int) -> Any:  # noqa: ANN401  whatever is logged
    """A value that JSON can hold, without secrets."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {
            scrub(str(name)): HIDDEN
            if SECRET_NAME.fullmatch(str(name)) and each
            else _clean(each, scrub, depth + 1)
            for name, each in value.items()
        }
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_clean(each, scrub, depth + 1) for each in value]
    return scrub(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
