"""The command in a process of its own, whose wall stands at another day and goes on from there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from underwriter.app import wire_desk
from underwriter.app.cli import main as line
from underwriter.book.event import AnyEvent
from underwriter.book.journal import events, exists
from underwriter.book.place import place_of
from underwriter.desk.clocks import WallClock

PATIENCE = 240.0  # seconds in which a process has to do what is waited for


def main(at: int) -> None:
    """Run the command line by a clock that begins at a moment, whoever ignores signals here."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as `nohup` does, and background jobs SIGINT
    signal.signal(signal.SIGINT, signal.default_int_handler)
    offset = at - time.time_ns()

    class Shifted(WallClock):
        """The wall's, moved."""

        def now(self) -> int:
            """UTC nanoseconds."""
            return time.time_ns() + offset

    wire_desk.WallClock = Shifted  # type: ignore[misc]
    line.main()


def command(at: int, *words: str) -> list[str]:
    """What runs it."""
    return [sys.executable, "-c", f"from app.shifted import main; main({at})", *words]


def beside() -> dict[str, str]:
    """The environment, with the modules of the tests in reach."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def begun(at: int, *words: str, **how: Any) -> Iterator["subprocess.Popen[str]"]:  # noqa: ANN401  of Popen
    """The process while it runs."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | how
    with subprocess.Popen(command(at, *words), env=beside(), **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def awaited(process: "subprocess.Popen[str]", journal: Path, kind: type, **fields: str) -> AnyEvent:
    """The first event of a kind with such fields, as soon as a process has written it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        place = place_of(str(journal))
        told = [one for _, one in events(place)] if exists(place) else []
        for one in told:
            if isinstance(one, kind) and all(getattr(one, n) == v for n, v in fields.items()):
                return one
        time.sleep(0.1)
    out, err = process.communicate() if process.poll() is not None else ("", "")
    raise AssertionError(f"no {kind.__name__} with {fields}: {out}{err}")
