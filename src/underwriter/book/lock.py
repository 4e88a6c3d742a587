"""One writer at a time: a lock file that the system itself releases when its holder dies."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from underwriter.book.layout import beside
from underwriter.core.errors import InputError, JournalError


def _try(path: Path) -> int | None:
    """Lock the file now at `path`; None where its last holder removed it in between."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_ino == path.stat().st_ino:
            return handle
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def hold(journal: Path) -> int:
    """Become the one writer of a journal; JournalError names the process that already is."""
    path = beside(journal, ".lock")
    handle = None
    try:
        while handle is None:
            handle = _try(path)
    except BlockingIOError:
        raise JournalError(
            f"journal {journal}: expected no other writer, found {_holder(path)} writing to it; "
            "wait until it ends"
        ) from None
    except OSError as error:
        raise InputError(
            f"journal {journal}: expected a folder to write in, found it refused "
            f"({error.strerror}: {path}); give a folder that can be written to"
        ) from error
    os.truncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def _holder(path: Path) -> str:
    """Who says that it holds a lock, which it says after it has taken it and until it lets go."""
    with suppress(FileNotFoundError):
        if process := path.read_text().strip():
            return f"process {process}"
    return "a process that has just begun or ended"


def release(journal: Path, handle: int) -> None:
    """Let another write."""
    beside(journal, ".lock").unlink(missing_ok=True)
    os.close(handle)
