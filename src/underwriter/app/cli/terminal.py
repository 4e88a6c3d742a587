"""What a command says: answers on standard output, everything else on standard error."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

ATTENTION = 3  # exit code: nothing could be opened, a book that does not verify


def answer(text: str) -> None:
    """Write what was asked for."""
    sys.stdout.write(text.rstrip("\n") + "\n")


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
