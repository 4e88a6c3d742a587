"""SQLite's write-ahead log, read without SQLite and without touching it.

A log is a header of 32 bytes and frames of 24 bytes and one page.  Each frame repeats the
header's salts and carries a checksum over itself and all before it; a frame with a size of the
database in it ends a commit (SQLite, "Database File Format", section 4).

Behind its last commit a log may hold anything: room that was made beforehand, frames of a log that
was begun anew (their salts are other ones), and what a crash left of a commit that was never
acknowledged.  A frame that does not fit is damage where the head needs it, and where commits
follow it, since each commit waits for the disk before the next begins.
"""

import os
import struct
from pathlib import Path
from typing import NamedTuple

from underwriter.book.layout import PAGE

HEADER = 32
FRAME = 24 + PAGE
_MAGIC = 0x377F0682  # its last bit says that checksums read words of big-endian order
_MASK = 0xFFFFFFFF

Sums = tuple[int, int]


class Log(NamedTuple):
    """What a write-ahead log adds to a database."""

    pages: dict[int, bytes]  # as of the last commit
    total: int  # pages of the database after it; 0 where nothing was committed
    length: int  # bytes up to the end of the last commit
    size: int  # bytes of the file
    damage: str  # what is wrong with it, or nothing
    rest: bool  # whether a commit was begun after the last


EMPTY = Log({}, 0, 0, 0, "", rest=False)


def sums_of(data: bytes, before: Sums, order: str) -> Sums:
    """SQLite's running checksum over whole pairs of words; `order` is "<" or ">"."""
    a, b = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        a = (a + first + b) & _MASK
        b = (b + second + a) & _MASK
    return a, b


def read_log(path: Path) -> Log:
    """Read a log up to its last commit; a file that is not there or empty adds nothing."""
    data = path.read_bytes() if path.exists() else b""
    if len(data) < HEADER:
        return EMPTY._replace(size=len(data), rest=bool(data))
    magic, _version, page = struct.unpack_from(">III", data)
    order = ">" if magic & 1 else "<"
    sums = sums_of(data[:24], (0, 0), order)
    if magic & ~1 != _MAGIC or page != PAGE or sums != struct.unpack_from(">II", data, 24):
        return EMPTY._replace(size=len(data), damage="its header does not fit its checksum")
    return _frames(data, sums, order)


def _frames(data: bytes, sums: Sums, order: str) -> Log:
    """Follow the frames while they carry the header's salts and their checksums fit."""
    pages: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    count, length, at = 0, HEADER, HEADER
    while data[at + 8 : at + 16] == data[16:24] and at + FRAME <= len(data):
        sums = sums_of(data[at : at + 8] + data[at + 24 : at + FRAME], sums, order)
        if sums != struct.unpack_from(">II", data, at + 16):
            break
        number, size = struct.unpack_from(">II", data, at)
        pending[number] = data[at + 24 : at + FRAME]
        at += FRAME
        if size:
            pages |= pending
            pending.clear()
            count, length = size, at
    begun, follow = _after(data, at)
    damage = f"frame {(at - HEADER) // FRAME + 1} does not fit its checksum" if follow else ""
    return Log(pages, count, length, len(data), damage, rest=begun or at > length)


def _after(data: bytes, at: int) -> tuple[bool, bool]:
    """Whether a commit was begun where frames fit no more, and whether one follows its end."""
    live = [
        here for here in range(at, len(data), FRAME) if data[here + 8 : here + 16] == data[16:24]
    ]
    follow = any(data[here + 4 : here + 8] != bytes(4) for here in live[:-1])
    torn = any(data[len(data) - (len(data) - HEADER) % FRAME :])
    return bool(live) or torn, follow


def committed(log: int, after: int) -> int:
    """Where the commits of an open log end, by the headers of its frames behind `after` bytes."""
    salts = os.pread(log, 8, 16)
    end = at = after
    while (frame := os.pread(log, 16, at))[8:] == salts:
        at += FRAME
        if frame[4:8] != bytes(4):
            end = at
    return end


def log_finding(log: Log, needed: int) -> str:
    """What is wrong with a log of which the head needs so many bytes, or nothing.

    A log that is gone altogether may have been folded into its database by another program:
    whether events went with it, the events themselves say.
    """
    if log.damage:
        return f"expected the log as it was written, found that {log.damage}"
    if log.size and log.length < needed:
        return f"expected {needed} bytes of commits, found {log.length}: it was cut or altered"
    return ""
