"""One importer at a time: a lock that the system itself releases when its holder dies."""

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

from underwriter.core.errors import LakeError
from underwriter.market.lake.layout import Places


@contextmanager
def held(places: Places) -> Iterator[None]:
    """Be the one who writes to the lake; LakeError names the process that already does."""
    places.root.mkdir(parents=True, exist_ok=True)
    handle = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LakeError(
                f"lake {places.root}: expected no other import, found {_holder(handle)} at it; "
                "wait until it ends"
            ) from None
        os.truncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    """Who says that it holds the lock."""
    return os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
