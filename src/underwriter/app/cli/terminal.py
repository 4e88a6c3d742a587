"""What a command says: answers on standard output, everything else on standard error."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

ATTENTION = 3  # exit code: nothing could be opened, a book that does not verify
BROKEN_PIPE = 141  # what a shell shows for a program that a closed pipe ended


def answer(text: str) -> None:
    """Write what was asked for."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def tell(text: str) -> None:
    """Write part of what was asked for, now: it may be long until the next."""
    answer(text)
    sys.stdout.flush()


def answer_lines(lines: Iterable[str]) -> int:
    """Write what was asked for line by line, as it is found; the exit code.

    A reader that leaves ends it here: what parses the command line would make a failure of it.
    """
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
    except BrokenPipeError:
        close_quietly()
        return BROKEN_PIPE
    return 0


def close_quietly() -> None:
    """Let the interpreter end without complaining that nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def answer_json(found: Mapping[str, object]) -> None:
    """Write what was asked for as one JSON object; NaN would not be JSON and is a bug."""
    answer(json.dumps(found, indent=2, allow_nan=False))


def remark(text: str) -> None:
    """Write what is not the answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


ERASE = "\r\x1b[K"  # to the start of a terminal's line, and clear it


class Phases:
    """The seconds of each phase, said as they pass.

    A phase is announced when it begins on a terminal, and wherever a note says that it may take
    long; elsewhere it is told when it is over, so that a refusal stands alone.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str, note: str = "") -> Iterator[None]:
        """Time what happens inside; `note` says why it may take long."""
        label = f"{name}{f' ({note})' if note else ''} ... "
        terminal = sys.stderr.isatty()
        announced = label if terminal or note else ""
        sys.stderr.write(announced)
        sys.stderr.flush()
        begun = time.perf_counter()
        try:
            yield
        except BaseException:
            if announced:
                sys.stderr.write(ERASE if terminal else "\n")
            raise
        self.seconds[name] = time.perf_counter() - begun
        remark(f"{'' if announced else label}{self.seconds[name]:.2f} s")
