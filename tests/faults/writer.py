"""A program whose children write to a journal until they are killed, and note what they were told.

Each line it reads, of place, notes, seed and "append" or "create", is another child, which is
there at once since all is loaded.  It says "ready PID", then "wrote", and at its end its status.

Batches are of many sizes, and each event tells in its id which batch it is of: where it begins,
how many it has, which of them it is.  The journal is closed and opened again now and then, and on
every other seed its log is folded all the time, so that any moment may be met.
"""

import os
import sys
import time
from collections.abc import Iterator
from hashlib import sha256

from book.journals import COMMON, NOON
from underwriter.book import open_log
from underwriter.book.event import Deposited
from underwriter.book.journal import Journal, exists
from underwriter.book.place import Place, Url, place_of
from underwriter.core.errors import JournalError

SIZES = (1, 1, 1, 1, 2, 3, 5, 40)


def part(*of: int) -> float:
    """A number from 0 to 1 that is as good as random, the same for the same numbers."""
    return int.from_bytes(sha256(repr(of).encode()).digest()[:6]) / 2**48


def batch(after: int, size: int) -> Iterator[Deposited]:
    """Events that tell which batch they are of."""
    for i in range(size):
        yield Deposited(**COMMON, at=NOON + i, amount_u=i, id=f"{after + 1}:{size}:{i}")


def opened(place: Place) -> Journal:
    """The journal, made where there is none; a server needs a moment to see that one was killed."""
    until = time.monotonic() + 240
    while True:
        try:
            return Journal.open(place) if exists(place) else Journal.create(place)
        except JournalError as error:
            if "expected no other writer" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)


def numbered(place: Place, number: int) -> Place:
    """Another place for each number."""
    if isinstance(place, Url):
        return place_of(f"{place.text}_{number}")
    return place.with_name(f"{place.name}_{number}")


def write(place: Place, notes: str, seed: int, how: str) -> None:
    """Write for good; say when it begins, and when the first batch was acknowledged."""
    creating, journals, batches = how == "create", 0, 0
    if seed % 2:
        open_log.LIMIT = open_log.HEADER + 12 * open_log.FRAME
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(1, f"ready {os.getpid()}\n".encode())
    while True:
        journals += 1
        at = numbered(place, seed * 1_000 + journals) if creating else place
        with opened(at) as journal:
            for _ in range(1 + int((2 if creating else 40) * part(seed, journals))):
                batches += 1
                size = SIZES[int(part(seed, -batches) * len(SIZES))]
                head = journal.append(batch(journal.head.sequence, size), NOON)
                noted = f"{head.sequence} {head.hash.hex()} {seed * 1_000 + journals}\n"
                os.write(file, noted.encode())
                if batches == 1:
                    os.write(1, b"wrote\n")


def main() -> None:
    """A child for each line; the next once it has ended."""
    for line in sys.stdin:
        place, notes, seed, how = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            try:
                write(place_of(place), notes, int(seed), how)
            except JournalError as error:
                os.write(2, f"{error}\n".encode())
                os._exit(1)
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    if sys.argv[1:] == ["postgresql"]:
        import alembic.command  # noqa: F401

        import underwriter.book.postgres  # noqa: F401
    main()
