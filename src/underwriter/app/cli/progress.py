"""How an import goes: on a terminal one live line, elsewhere a line a file."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from underwriter.app.cli.terminal import ERASE, remark

if TYPE_CHECKING:
    from underwriter.app.lake import Row

_EVERY = 0.1  # seconds between two states of the live line


class Progress:
    """Tells of files and rows on standard error."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._what = ""
        self._rows = 0
        self._begun = self._shown = time.perf_counter()

    def begin(self, path: Path, at: int, of: int) -> None:
        """A file is begun."""
        self._what = f"{path.name} ({at} of {of})"
        self._show("")

    def rows(self, count: int) -> None:
        """So many more rows were read."""
        self._rows += count
        now = time.perf_counter()
        if now - self._shown > _EVERY:
            self._shown = now
            rate = self._rows / (now - self._begun)
            self._show(f"{self._rows:,} rows in all, {rate:,.0f}/s")

    def heard(self, url: str, have: int, whole: int) -> None:
        """So many bytes of a file have come over the network, of those to come (0: not known)."""
        self._what = url
        now = time.perf_counter()
        if now - self._shown > _EVERY:
            self._shown = now
            self._show(f"{have:,} bytes" + (f" of {whole:,}" if whole else ""))

    def done(self, row: "Row") -> None:
        """A file is in the lake."""
        out = sum(row.dropped.values())
        told = f"{row.rows:,} rows, {out:,} taken out"
        self._tell(f"{self._what}: {'imported before' if row.already else told}")

    def passed_over(self, path: Path) -> None:
        """No format knows a file."""
        self._tell(f"{path}: passed over")

    def refused(self, path: Path) -> None:
        """A file cannot be read; why is told at the end."""
        self._tell(f"{path}: refused")

    def stopped(self, done: int, left: int, *, compiling: bool) -> None:
        """The work ends before its end, which may take until something is compiled."""
        self._erase()
        if done or left:
            again = "; the same command goes on from here" if left else ""
            remark(f"{done} files are in the lake, {left} were not tried{again}")
        if compiling:
            remark("stopping as soon as the kernels that are being compiled are done: seconds")

    def end(self) -> None:
        """Nothing more is told."""
        self._erase()

    def _show(self, text: str) -> None:
        """Put a state on the live line."""
        if self._live:
            sys.stderr.write(f"{ERASE}{self._what} {text}")
            sys.stderr.flush()

    def _tell(self, text: str) -> None:
        """A line that stays, where there is no live one."""
        if not self._live:
            remark(text)

    def _erase(self) -> None:
        """Take the live line away."""
        if self._live:
            sys.stderr.write(ERASE)
            sys.stderr.flush()
