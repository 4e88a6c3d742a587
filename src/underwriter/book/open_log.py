"""The write-ahead log of a journal that is written to: where its commits end, and room behind them.

A commit waits until the log is on the disk.  That takes longer where the file grows, since the
disk must then learn its new length too: so room is made beforehand, and a log that was folded
into the database is written over from its beginning.
"""

import os
from contextlib import suppress
from pathlib import Path

from underwriter.book.wal import FRAME, HEADER, committed

LIMIT = HEADER + 1_000 * FRAME  # bytes of log beyond which it is folded into the database
_ROOM = 250  # frames that a log grows by at most, beforehand
_PLENTY = 64 << 20  # bytes that the disk has left where room is made: others may need what it has


class OpenLog:
    """Follows a log behind the commits of the one connection that writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1  # SQLite makes it with the first commit
        self._salts = b""  # of the log that is followed
        self._lost = False  # whether what was rolled back may stand behind its commits
        self._end = HEADER
        self._fold_at = LIMIT

    @property
    def gone(self) -> bool:
        """Whether another program has removed the file."""
        return self._file >= 0 and os.fstat(self._file).st_nlink == 0

    @property
    def long(self) -> bool:
        """Whether it is time to fold it."""
        return self._end > self._fold_at

    def follow(self) -> int:
        """After a commit: where it ends; 0 where that is not known."""
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR)
        salts = os.pread(self._file, 8, 16)
        if salts != self._salts:  # SQLite has begun it anew
            self._salts, self._end, self._fold_at = salts, HEADER, LIMIT
            self._lost = False
        self._end = committed(self._file, self._end)
        self._make_room()
        return 0 if self._lost else self._end

    def forget(self) -> None:
        """After a rollback: what it left is told from commits only once the log is begun anew."""
        self._lost, self._fold_at = True, 0

    def folding(self) -> None:
        """It is folded: where readers put off that it begins anew, ask again later."""
        self._fold_at = self._end + LIMIT

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)

    def _make_room(self) -> None:
        """Double the file, by so much at most, where the next commits would let it grow."""
        frames = (os.fstat(self._file).st_size - HEADER) // FRAME
        end = HEADER + frames * FRAME
        if end - self._end >= 2 * FRAME:
            return
        disk = os.fstatvfs(self._file)
        if disk.f_bavail * disk.f_frsize >= _PLENTY:
            with suppress(OSError):  # what is wrong is said when something is written
                os.pwrite(self._file, bytes(FRAME * min(max(frames, 1), _ROOM)), end)
