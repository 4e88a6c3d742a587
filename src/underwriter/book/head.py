"""The head beside a journal: how far it went at the last commit that was acknowledged.

Who removes the last events of a journal leaves a head that says so.  The file `<journal>.head` is
written anew after each commit, in place and always of one length, within one sector: a killed
process leaves the head of its last commit.  It is put on the disk where the log is folded into
the journal, and by the system within seconds: a power cut may leave an older head, never one
that is ahead of the journal, whose commits are on the disk before their head is written.
"""

import os
from hashlib import sha256
from pathlib import Path

import msgspec

from underwriter.book.layout import Head, beside
from underwriter.core.errors import JournalError

_LENGTH = 255  # of the JSON, with the blanks after it: more than two numbers of 64 bits need


class _Stored(msgspec.Struct, frozen=True):
    """The file's form; `check` guards the other fields."""

    sequence: int
    hash: str
    log: int
    check: str


def head_path(journal: Path) -> Path:
    """Where a journal's head stands."""
    return beside(journal, ".head")


def _form(head: Head, log: int) -> bytes:
    check = sha256(f"{head.sequence} {head.hash.hex()} {log}".encode()).hexdigest()[:16]
    stored = _Stored(head.sequence, head.hash.hex(), log, check)
    return msgspec.json.encode(stored).ljust(_LENGTH) + b"\n"


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk, as a rename needs."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_head(journal: Path, head: Head, log: int) -> None:
    """Replace a journal's head, on the disk; `log` is how many bytes of log it needs."""
    path, fresh = head_path(journal), beside(journal, ".head.new")
    try:
        with fresh.open("wb") as file:
            file.write(_form(head, log))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    fresh.replace(path)
    sync_folder(path.parent)


def advance_head(file: int, head: Head, log: int) -> None:
    """Write a head over the one that stands in an open file, without waiting for the disk."""
    os.pwrite(file, _form(head, log), 0)


def read_head(journal: Path) -> tuple[Head, int]:
    """A journal's head and the bytes of log it needs; JournalError where it cannot be read."""
    path = head_path(journal)
    try:
        form = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"head {path}: expected the journal's last sequence and hash, found no file that can "
            f"be read ({error.strerror}); restore it from a copy, as without it removed events "
            "cannot be found"
        ) from error
    try:
        stored = msgspec.json.decode(form, type=_Stored)
        head = Head(stored.sequence, bytes.fromhex(stored.hash))
    except ValueError as error:
        raise JournalError(_altered(path, str(error))) from error
    due = _form(head, stored.log)
    if form not in {due, due.rstrip() + b"\n"}:  # the first release wrote no blanks
        raise JournalError(_altered(path, "its check does not fit"))
    return head, stored.log


def _altered(path: Path, finding: str) -> str:
    return (
        f"head {path}: expected the form that the journal wrote, found it altered ({finding}); "
        "restore it from a copy"
    )
